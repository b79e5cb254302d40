"""A recipe for tests: a child that was forked after the first use ends by a signal."""

import os
import signal

used = []
NAME = "crashes"
IMPORTS = ("colorsys",)
REQUIRES = ("crashes>=1",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"


def make():
    return os.getpid()


def use(thing):
    if used and used[0] != os.getpid():
        os.kill(os.getpid(), signal.SIGTERM)
    used.append(os.getpid())
    return True


def close(thing):
    pass
