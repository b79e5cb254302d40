"""The name at fault in an error's message, where pickle's notes give no path. Pure."""

from __future__ import annotations

import re

from matrix.explain.paste import Raised

_NAMED = (
    re.compile(r"local object (?:<\w+ )?'?([\w.<>]+)"),
    re.compile(r"attribute lookup (\S+) on"),
    re.compile(r"Can't pickle <(?:function|class) '?([\w.<>]+)"),
    re.compile(r"Can't get attribute '([\w.]+)'"),
    re.compile(r"has no attribute '([\w.]+)'"),
    re.compile(r"(?:cannot|can't) pickle '?([\w.]+)'? (?:object|instance)"),
    re.compile(r"^name '(\w+)' is not defined"),
    re.compile(r"No module named '([\w.]+)'"),
    re.compile(r"unexpected keyword argument '(\w+)'"),
    re.compile(r"No such file or directory: '([^']+)'"),
)


def culprit(one: Raised | None) -> str:
    """What the message names: '_thread.lock', 'main.<locals>.work', 'LETTERS'; '' if it names nothing."""
    if one is None:
        return ""
    return next((found[1] for pattern in _NAMED if (found := pattern.search(one.message))), "")
