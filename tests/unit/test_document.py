"""matrix.json as text: each cell in the one spelling that everything else has."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matrix import document, store
from matrix.merge import cell
from matrix.model import Ended
from tests.unit.values import probe, run, verdict

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.integers(10**300, 10**301)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=5)
JSON = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part, max_size=3)
)


def one(observed: Any, value: Any, duration: float) -> Any:
    said = [
        (run(number=n).header, verdict("value", value=each, observed={"a": observed}, ended=Ended(duration=duration)))
        for n, each in enumerate((value, [value]))
    ]
    return store.cell_json(cell(probe(), "fork", "t", said, value))


def text(data: Any) -> str:
    (line,) = [
        piece for piece in document.pieces({"schema": 1, "cells": [data]}) if piece.removeprefix("[\n").startswith("{")
    ][1:]
    return line.removeprefix("[\n")


@settings(max_examples=300)
@given(JSON, JSON, st.floats(0, 1e6))
@example(1e-5, 1e16, 0.00002)
@example({"b": [1, {"c": 1e22}]}, None, 1.0)
@example(None, 10**40, 1.0)
@example("\x7f\x1f\u2028é😀\\/", 0.0001, 1e-4)
def test_a_cell_is_spelled_as_the_standard_library_does_it(observed: Any, value: Any, duration: float) -> None:
    data = one(observed, value, duration)
    plain = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    assert text(data) == plain == document.dumps(data)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", ["observed", "value", "duration"])
def test_what_is_no_number_is_never_written_as_null(place: str, wrong: float) -> None:
    given = {"observed": 1, "value": 1, "duration": 1.0} | {place: [wrong] if place != "duration" else wrong}
    data = one(given["observed"], 1, given["duration"])  # the merge itself compares values, and refuses them
    data["value"] = given["value"]
    with pytest.raises(ValueError, match="not JSON compliant"):
        text(data)
