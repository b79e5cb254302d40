"""A module that imports another one only when its function is called."""


def use():
    """The import that comes late."""
    import colorsys

    return colorsys.__name__
