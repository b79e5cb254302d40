"""Which line of the project a traceback, or a start, leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from matrix.trial.model import Frame, Start

_PYTHON = re.compile(r'^\s*File "([^"\n]+)", line (\d+)(,)?(?: in (.+))?', re.MULTILINE)
_PYTEST = re.compile(r"^(\S[^:\n]*\.py):(\d+): ", re.MULTILINE)
_FOREIGN = re.compile(
    r"site-packages|dist-packages|^<|[/\\]lib[/\\](python|pypy)3|[/\\]Lib[/\\]multiprocessing|[/\\](bin|Scripts)[/\\][^/\\]+$"
    r"|[/\\]i[/\\]_canifork"
)


def in_text(text: str) -> Iterator[tuple[Frame, bool]]:
    """(place, whether the innermost comes first there) of all that a text names, as Python or pytest writes them.

    faulthandler begins with the innermost, and sets no comma.
    """
    found = [(match.start(), match) for pattern in (_PYTHON, _PYTEST) for match in pattern.finditer(text)]
    for _, match in sorted(found, key=lambda pair: pair[0]):
        python = match.re is _PYTHON
        function = (match[4] or "").strip() if python else ""
        yield Frame(file=match[1], line=int(match[2]), function=function), python and not match[3]


def is_own(file: str) -> bool:
    """Whether a file may be the project's: neither the library's, nor an installed package's, nor ours."""
    return not _FOREIGN.search(file)


def in_project(text: str, cwd: Path) -> Frame | None:
    """The innermost place of a traceback that lies in the project's folder; of stacks, that of the first process."""
    found = None
    for frame, innermost_first in in_text(text):
        if is_own(frame.file) and is_below(frame.file, cwd):
            if innermost_first:
                return found or frame
            found = frame
    return found


def is_below(file: str, folder: Path) -> bool:
    """Whether a path is relative, or lies in a folder."""
    path = Path(file)
    return not path.is_absolute() or path.is_relative_to(folder)


def of_start(start: Start) -> Frame | None:
    """Where the project started a process: its innermost frame outside installed packages; else the innermost."""
    return next((frame for frame in start.stack if is_own(frame.file)), start.stack[0] if start.stack else None)


def relative(frame: Frame, cwd: Path) -> str:
    """'src/store.py:88', relative to the project if it lies there."""
    return f"{shown(Path(frame.file), cwd)}:{frame.line}"


def shown(path: Path, cwd: Path) -> str:
    """'src/store.py': a file relative to the project if it lies there."""
    if path.is_absolute() and path.is_relative_to(cwd):
        path = path.relative_to(cwd)
    return path.as_posix()
