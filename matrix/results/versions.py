"""Python versions: read from text, ordered, printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

TO = "\N{EN DASH}"
"""Between the ends of a range."""

_PATTERN = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:(a|b|c|rc)(\d{1,4}))?", re.ASCII)
_STAGES = {"a": 0, "b": 1, "c": 2, "rc": 2, None: 3}
_LETTERS = ("a", "b", "rc", "")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Version:
    """A release; the order of the fields is the order of versions (stage 3 is final)."""

    major: int
    minor: int
    patch: int = 0
    stage: int = 3
    serial: int = 0

    @property
    def series(self) -> tuple[int, int]:
        """(3, 13): what people call a version."""
        return self.major, self.minor

    @property
    def stable(self) -> bool:
        """Not an alpha, beta or release candidate."""
        return self.stage == 3

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        return text if self.stable else f"{text}{_LETTERS[self.stage]}{self.serial}"


def parse(text: str) -> Version:
    """'3.13.0', '3.15.0b1', '3.15.0c1' -> Version. Raises ValueError."""
    match = _PATTERN.fullmatch(text)
    if not match:
        raise ValueError(f"not a Python version: {text[:80]!r}")
    major, minor, patch, stage, serial = match.groups()
    return Version(
        major=int(major), minor=int(minor), patch=int(patch or 0), stage=_STAGES[stage], serial=int(serial or 0)
    )


def series_text(series: tuple[int, int]) -> str:
    """(3, 13) -> '3.13'."""
    return f"{series[0]}.{series[1]}"
