"""Which of a project's own files a module imports: what starts a process is often not what is at fault."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def own(path: Path, text: str, root: Path) -> list[Path]:
    """The files of a project that a module's text imports by name, in order; none if it is no Python.

    They are looked for beside the module and below the project's root, as Python does where the module is a script.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = (_file(parts, level, path.parent, root) for parts, level in _names(tree))
    return list(dict.fromkeys(file for file in found if file and file != path))


def _names(tree: ast.AST) -> Iterator[tuple[list[str], int]]:
    """(parts of a dotted name, leading dots) of all that is imported; what comes `from` a package may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split("."), 0
        elif isinstance(node, ast.ImportFrom):
            parts = node.module.split(".") if node.module else []
            for alias in node.names:
                yield [*parts, alias.name], node.level
            if parts:
                yield parts, node.level


def _file(parts: list[str], level: int, folder: Path, root: Path) -> Path | None:
    for _ in range(level - 1):
        folder = folder.parent
    for base in [folder] if level else [folder, root, root / "src"]:
        for name in (base.joinpath(*parts).with_suffix(".py"), base.joinpath(*parts, "__init__.py")):
            if name.is_relative_to(root) and name.is_file():
                return name
    return None
