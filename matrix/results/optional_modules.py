"""Modules that some builds of a Python lack: their absence is not a fact about its version. Pure."""

from __future__ import annotations

import re

from matrix.model import Outcome

OPTIONAL = frozenset(["bz2", "ctypes", "curses", "dbm", "lzma", "readline", "sqlite3", "ssl", "tkinter", "zlib"])
"""What a build leaves out if a library is missing: "Requirements for optional modules" in CPython's documentation."""

_MISSING = re.compile(r"(?:ModuleNotFound|Import)Error: .*'_?(\w+)'")


def lacks_module(outcome: str, detail: str) -> bool:
    """Whether the build that was asked lacks an optional module, so that the question stays open for its version."""
    if outcome != Outcome.UNAVAILABLE:
        return False
    found = _MISSING.match(detail)
    return found is not None and found[1] in OPTIONAL
