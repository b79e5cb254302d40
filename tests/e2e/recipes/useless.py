"""A recipe for tests: use() returns nothing."""

NAME = "useless"
IMPORTS = ("colorsys",)
REQUIRES = ("useless>=1",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"


def make():
    return []


def use(thing):
    thing.append(1)


def close(thing):
    pass
