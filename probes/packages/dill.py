"""dill: pickles more than pickle does; here a function of a closure."""

import uuid

NAME = "dill"
IMPORTS = ("dill",)
REQUIRES = ("dill>=0.3.4",)
STANCE = "silent"
SAYS = "Read: the README and the documentation of 0.4.1."
ADDRESS = "https://dill.readthedocs.io/en/latest/"


def make():
    import dill

    return dill.dumps(lambda word: word[::-1])


def use(pickled):
    import dill

    word = str(uuid.uuid4())
    return dill.loads(pickled)(word) == word[::-1] and dill.loads(dill.dumps(lambda: word))() == word


def close(pickled):
    pass
