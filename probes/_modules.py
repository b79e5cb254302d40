"""Modules of the standard library that a build of Python may lack."""

from _probe import Unavailable, describe


def needed(name):
    """The module of this name, or Unavailable where the build has none."""
    try:
        return __import__(name)
    except ImportError as error:
        raise Unavailable(describe(error)) from error
