"""cloudpickle: pickles functions by their code; here a closure."""

import uuid

NAME = "cloudpickle"
IMPORTS = ("cloudpickle",)
REQUIRES = ("cloudpickle>=1.6",)
STANCE = "silent"
SAYS = "Read: the README of 3.1.2."
ADDRESS = "https://github.com/cloudpipe/cloudpickle#readme"


def make():
    import cloudpickle

    return cloudpickle.dumps(lambda word: word[::-1])


def use(pickled):
    import cloudpickle

    word = str(uuid.uuid4())
    return (
        cloudpickle.loads(pickled)(word) == word[::-1] and cloudpickle.loads(cloudpickle.dumps(lambda: word))() == word
    )


def close(pickled):
    pass
