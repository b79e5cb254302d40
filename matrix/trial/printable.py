"""A report without what moves a terminal's cursor, breaks a line or is no valid text: programs print anything."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

from matrix.trial.model import Report


def printable(report: Report) -> Report:
    """The report with every such character shown escaped."""
    cleaned: Report = _cleaned(report)
    return cleaned


def _cleaned(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, enum.Enum):
        return value if value.isprintable() else "".join(map(_shown, value))
    if isinstance(value, tuple | list):
        return tuple(_cleaned(one) for one in value)
    if isinstance(value, Mapping):
        return {_cleaned(key): _cleaned(one) for key, one in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: _cleaned(getattr(value, one.name)) for one in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


def _shown(char: str) -> str:
    return char if char in "\n\t" or char.isprintable() else char.encode("unicode_escape").decode()
