"""Values as people read them: '4.3 ms' instead of 0.0043, '4-6 ms' over several targets."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence

from matrix.model import Json, Outcome, Probe
from matrix.results.versions import TO

IN_LINE = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
"""JSON as people read it, in one line. Made once: json.dumps() with options makes one for each value."""

MAX_TEXT = 48
"""Characters of a value that a cell of the index prints; the question's page has all of it."""

_SCALES: dict[str, tuple[tuple[float, str], ...]] = {
    "seconds": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "bytes": ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "bytes")),
}
_OUTCOMES = frozenset(map(str, Outcome))
_ALIASES = {"s": "seconds", "second": "seconds", "byte": "bytes", "B": "bytes"}


def is_number(value: Json) -> bool:
    """A number that a float can have; True is not one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def value_text(value: Json, unit: str | None = None) -> str:
    """One value, in full."""
    if is_number(value):
        return number_range([value], unit)
    if isinstance(value, str):
        return value if value.strip() else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list) and value and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(value_text(item) for item in value)
    return IN_LINE.encode(value)


def answer_text(answer: Json, probe: Probe) -> str:
    """A documented answer: an outcome's word, or a value."""
    return answer if isinstance(answer, str) and answer in _OUTCOMES else value_text(answer, probe.unit)


def shorten(text: str, limit: int = MAX_TEXT) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def number_range(values: Sequence[float], unit: str | None = None) -> str:
    """'4-6 ms': the least and the greatest in the unit that suits the greatest; one number if they print alike."""
    factor, name = _scale(max(abs(value) for value in values), unit)
    low, high = (_number(value, factor) for value in (min(values), max(values)))
    text = low if low == high else f"{low} to {high}" if min(values) < 0 else f"{low}{TO}{high}"
    return f"{text} {name}" if name else text


def _scale(size: float, unit: str | None) -> tuple[float, str]:
    if unit is None:
        return 1.0, ""
    scales = _SCALES.get(_ALIASES.get(unit, unit))
    if not scales:
        return 1.0, unit
    return next((scale for scale in scales if size >= scale[0]), scales[-1] if size else scales[0])


def _number(value: float, factor: float) -> str:
    """Integers as they are, else two significant digits, but never less than the whole number."""
    if isinstance(value, int) and factor == 1.0:
        return str(value)
    scaled = value / factor
    if abs(scaled) >= 10 or scaled == 0:
        return f"{scaled:.0f}"
    return f"{scaled:.{max(0, 1 - math.floor(math.log10(abs(scaled))))}f}".rstrip("0").rstrip(".")
