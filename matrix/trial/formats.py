"""The forms in which a report is given: who asks for one by name gets its text."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from matrix.trial.model import Report
from matrix.trial.output import github, html, json_report, junit, sarif, text

_RENDER: dict[str, Callable[[Report], str]] = {
    "text": text.render,
    "json": json_report.render,
    "junit": junit.render,
    "sarif": sarif.render,
    "github": github.render,
    "html": html.render,
}
NAMES = tuple(_RENDER)


def wanted(argument: str) -> tuple[str, Path | None]:
    """A reader of 'json' and 'json=report.json'."""
    name, _, path = argument.partition("=")
    if name not in _RENDER:
        raise argparse.ArgumentTypeError(f"{name[:40]!r} is none of {', '.join(NAMES)}")
    return name, Path(path) if path else None


def rendered(name: str, report: Report) -> str:
    """The report in one of the forms."""
    return _RENDER[name](report)
