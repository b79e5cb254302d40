"""The skeleton of a package's recipe. Pure."""

from __future__ import annotations

import keyword
from pathlib import Path

from matrix.errors import UsageError
from matrix.packages import recipes

_RECIPE = '''"""{name}: what it is, in one line."""  # replace

NAME = "{name}"
IMPORTS = ("{module}",)  # replace if it is imported by another name
REQUIRES = ("{name}>=0.1",)  # replace: the oldest release that the recipe fits
STANCE = "unread"  # replace once you have looked what its maintainers say of use after a fork: safe, unsafe, silent
SAYS = "Nobody has read yet what the documentation says of fork."  # replace: in one sentence, and of which version
ADDRESS = "https://pypi.org/project/{name}/"  # replace: where that stands
THREADS = ()  # replace: (title, address) of each public report that you have read


def make():
    import {module}

    return {module}  # replace: what a program makes once and keeps, such as a client, a session, a frame


def use(thing):
    return thing.__name__ == "{module}"  # replace: do something with it; True if no chance can give that result


def close(thing):
    pass  # replace: give it back, as a program would
'''


def text(name: str, path: Path) -> str:
    """The text of a new recipe. name: as PyPI compares it. Raises UsageError if there is a recipe already."""
    module = name.replace("-", "_")
    if not recipes.is_name(name) or not module.isidentifier() or keyword.iskeyword(module):
        raise UsageError(f"{name[:60]!r} is no package's name. Write it as on PyPI.")
    if path.exists():
        raise UsageError(f"There is a recipe for {name} already: {path}.")
    return _RECIPE.format(name=name, module=module)
