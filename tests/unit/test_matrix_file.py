"""matrix.json as text: each cell in the one spelling that everything else has."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matrix.files import matrix_file, serialize, untrusted_json
from matrix.results.merge import cell
from tests.unit.values import probe, run, verdict

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.integers(10**300, 10**301)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=5)
JSON = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part, max_size=3)
)


def one(observed: Any, value: Any, duration: float) -> Any:
    said = [
        (
            run(number=n).header,
            verdict("value", value=each, observed={"a": observed}, duration=duration),
        )
        for n, each in enumerate((value, [value]))
    ]
    return serialize.cell_json(cell(probe(), "fork", "t", said, value))


def text(data: Any) -> str:
    (line,) = [
        piece
        for piece in matrix_file.pieces({"schema": 1, "cells": [data]})
        if piece.removeprefix("[\n").startswith("{")
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
    assert text(data) == plain == matrix_file.dumps(data)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", ["observed", "value", "duration"])
def test_what_is_no_number_is_never_written_as_null(place: str, wrong: float) -> None:
    given = {"observed": 1, "value": 1, "duration": 1.0} | {place: [wrong] if place != "duration" else wrong}
    data = one(given["observed"], 1, given["duration"])  # the merge itself compares values, and refuses them
    data["value"] = given["value"]
    with pytest.raises(ValueError, match="not JSON compliant"):
        text(data)


def read_by(parse: Any, line: bytes) -> str:
    """What a parser makes of a line, 1 and 1.0 and -0.0 told apart, or why it refuses it."""
    try:
        return repr(parse(line))
    except ValueError as error:
        return f"ValueError: {error}"


@given(
    st.binary(max_size=40)
    | JSON.map(lambda data: json.dumps(data).encode())
    | JSON.map(matrix_file.dumps).map(str.encode)
)
@example(b'{"a":1,"a":1}')
@example(b'{"a":NaN}')
@example(b'{"a":' + b"9" * 400 + b"}")
@example(b'{"a":' + b"9" * 401 + b"}")
@example(b'{"a":1e400}')
@example(b'{"a":-0.0}')
@example(b'{"a":-0}')
@example(b'{"a":"\\ud800"}')
@example(b'{"a":"\xff"}')
@example(b"[" * 100_000)
@example(b"null")
def test_a_line_is_read_as_the_careful_parser_reads_it(line: bytes) -> None:
    assert read_by(matrix_file.own_line, line) == read_by(untrusted_json.parse, line)
