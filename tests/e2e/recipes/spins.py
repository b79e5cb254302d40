"""A package that waits in a loop for a thread which a fork has ended, in the parent."""

import os

NAME = "spins"
IMPORTS = ("json",)
REQUIRES = ("spins>=1.0",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"

forks = []


def make():
    os.register_at_fork(after_in_parent=lambda: forks.append(1))
    return 1


def use(thing):
    while forks:
        pass
    return True


def close(thing):
    pass
