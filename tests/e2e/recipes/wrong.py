"""A recipe for tests: an inherited object gives a wrong result, and cannot be pickled."""

import os
import threading

NAME = "wrong"
IMPORTS = ("colorsys",)
REQUIRES = ("wrong>=1",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"


def make():
    return os.getpid(), threading.Lock()


def use(thing):
    return thing[0] == os.getpid()


def close(thing):
    pass
