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


class Form(Protocol):
    """A module of matrix/trial/output."""

    def render(self, report: Report) -> str:
        """The report as text."""


def wanted(argument: str) -> tuple[str, Path | None]:
    """A reader of 'json' and 'json=report.json'."""
    name, _, path = argument.partition("=")
    if name not in _MODULES:
        raise argparse.ArgumentTypeError(f"{name[:40]!r} is none of {', '.join(NAMES)}")
    return name, Path(path) if path else None


def form(name: str) -> Form:
    """One of the forms, by its name."""
    return cast(Form, importlib.import_module(f"matrix.trial.output.{_MODULES[name]}"))
