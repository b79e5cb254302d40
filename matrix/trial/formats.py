"""The forms in which a report is given: who asks for one by name gets its text."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import Protocol, cast

from matrix.trial.model import Report

_MODULES = {
    "text": "text",
    "json": "json_report",
    "junit": "junit",
    "sarif": "sarif",
    "github": "github",
    "html": "html",
}
"""Imported when they are asked for: some need much, and all together would take longer than a small program."""

NAMES = tuple(_MODULES)


class _Form(Protocol):
    def render(self, report: Report) -> str:
        """The report as text."""


def wanted(argument: str) -> tuple[str, Path | None]:
    """A reader of 'json' and 'json=report.json'."""
    name, _, path = argument.partition("=")
    if name not in _MODULES:
        raise argparse.ArgumentTypeError(f"{name[:40]!r} is none of {', '.join(NAMES)}")
    return name, Path(path) if path else None


def rendered(name: str, report: Report) -> str:
    """The report in one of the forms."""
    form = cast(_Form, importlib.import_module(f"matrix.trial.output.{_MODULES[name]}"))
    return form.render(report)
