"""A recipe for tests: it fails in every process but the first, whatever the start method."""

import os

NAME = "fails"
IMPORTS = ("colorsys",)
REQUIRES = ("fails>=1",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"


def make():
    return os.environ.setdefault("CANIFORK_FIRST", str(os.getpid()))


def use(thing):
    if thing != str(os.getpid()):
        raise OSError("only one process may use it")
    return True


def close(thing):
    pass
