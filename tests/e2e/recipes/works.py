"""A recipe for tests: everything works."""

NAME = "works"
IMPORTS = ("colorsys",)
REQUIRES = ("works>=1",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"


def make():
    import colorsys

    return [colorsys.rgb_to_hsv(0, 0, 0)[0]]


def use(thing):
    return thing == [0.0]


def close(thing):
    thing.clear()
    thing.append(0.0)
