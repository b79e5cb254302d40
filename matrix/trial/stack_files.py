"""Stacks that processes wrote down themselves, where nobody can ask for them (Windows). They are read as hostile."""

from __future__ import annotations

import re
from pathlib import Path

from matrix.system import safe_read
from matrix.system.printing import printable

MAX_FILES, MAX_BYTES = 100, 2**24
"""Files that are read, and bytes of each; of a longer one nothing is told."""

KEPT = 12_000
"""Bytes of one process's stacks."""

LATE = 3.0
"""How many periods old a file may be: the process of an older one has ended."""


def read(folder: Path, period: float) -> str:
    """The last stacks of each process that lives; '' if there are none. period: seconds between two of them."""
    files = []
    for path in folder.glob("stacks-*.txt"):
        try:
            files.append((path.stat().st_mtime, path))
        except OSError:
            continue
    newest = max((time for time, _ in files), default=0.0)
    living = sorted(path for time, path in files if newest - time <= LATE * period)
    return "\n".join(filter(None, map(_last, living[:MAX_FILES])))


def _last(path: Path) -> str:
    try:
        text = safe_read.read(path, MAX_BYTES)
    except (FileNotFoundError, safe_read.UnsafeFileError):
        return ""
    begin = text.rfind(b"Timeout (")
    number = re.sub(r"\D", "", path.name)
    return f"Process {number}:\n{printable(text[begin:][:KEPT])}" if begin >= 0 else ""
