"""The skeleton of a package's recipe. Pure."""

from __future__ import annotations

import keyword
from pathlib import Path

from matrix.errors import UsageError
from matrix.packages import recipes

_RECIPE = '''"""{name}: what it is, in one line."""

NAME = "{name}"
IMPORTS = ("{module}",)
REQUIRES = ("{name}>=0.1",)
STANCE = "unread"  # what its maintainers say of use after a fork: safe, unsafe; silent if you looked and found nothing
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://pypi.org/project/{name}/"
THREADS = ()  # (title, address) of public reports


def make():
    """An object that a program would make once and keep: a client, a session, a frame."""
    import {module}

    return {module}


def use(thing):
    """Do something with it; True if the result is one that cannot come by chance."""
    return thing.__name__ == "{module}"


def close(thing):
    """Give it back, as a program would."""
'''


def text(name: str, path: Path) -> str:
    """The text of a new recipe. name: as PyPI compares it. Raises UsageError if there is a recipe already."""
    module = name.replace("-", "_")
    if not recipes.is_name(name) or not module.isidentifier() or keyword.iskeyword(module):
        raise UsageError(f"{name[:60]!r} is no package's name. Write it as on PyPI.")
    if path.exists():
        raise UsageError(f"There is a recipe for {name} already: {path}.")
    return _RECIPE.format(name=name, module=module)
