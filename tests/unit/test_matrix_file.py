"""matrix.json: any matrix comes back as it was, row by row, and an item is read as the strict reader reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matrix import canonical_json
from matrix.errors import DataError
from matrix.files import matrix_file, matrix_rows, serialize, untrusted_json
from matrix.model import Matrix, Outcome, Run
from matrix.paths import SCHEMAS
from matrix.results.merge import merge
from tests import flat
from tests.unit.test_verdict_lines import beyond
from tests.unit.values import probe, run, verdict

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.integers(10**300, 10**301)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=5)
JSON = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part, max_size=3)
)
SUITE = {"commit": None, "dirty": False}
PROBES = [probe(), probe("theme.other", methods=()), probe("theme.measured", measured=True)]
TARGETS = [f"cpython-3.{minor}.0-linux-x86_64-gnu" for minor in (12, 13)]
VERDICTS = st.builds(
    lambda name, outcome, value, **parts: verdict(
        outcome, probe=name, method="none" if name == "theme.other" else "spawn",
        value=value if outcome == "value" else None, **parts,
    ),
    st.sampled_from([probe.id for probe in PROBES]),
    st.sampled_from(["yes", "no", "value", "hang", "error"]),
    SCALARS | st.lists(SCALARS, max_size=3),
    observed=st.dictionaries(st.text(max_size=3), JSON, max_size=2),
    duration=st.floats(0, 1e6) | st.integers(0, 10),
    leaks=st.dictionaries(st.sampled_from(["files", "processes"]), st.lists(st.text(max_size=3)).map(tuple)),
    stacks=st.none() | st.text(max_size=5),
    attempt=st.integers(1, 3),
    source_sha256=st.sampled_from(["a" * 64, "b" * 64]),
)  # fmt: skip
RUNS = st.lists(
    st.builds(
        lambda number, target, verdicts: run(*verdicts, number=number, target=target),
        st.integers(0, 50), st.sampled_from(TARGETS), st.lists(VERDICTS, max_size=6),
    ),
    max_size=4,
)  # fmt: skip


def merged(runs: list[Run]) -> Matrix:
    return merge(runs, PROBES, {"theme.py": "x = 1\n"}, SUITE)


@settings(deadline=None, max_examples=100)
@given(RUNS)
@example([run(verdict("value", value=10**399, probe="theme.measured", method="spawn"))])
@example([run(verdict("value", value=[1e-5, 1e16, -0.0, 5e-324], probe="theme.measured", method="spawn"))])
def test_any_matrix_comes_back_in_both_layouts_and_from_schema_1(
    tmp_path_factory: pytest.TempPathFactory, runs: list[Run]
) -> None:
    matrix, folder = merged(runs), tmp_path_factory.mktemp("matrix")
    path = folder / "matrix.json"
    serialize.save_matrix(matrix, path)
    again = serialize.load_matrix(path)
    assert again == matrix
    assert [repr(cell.value) for cell in again.cells] == [repr(cell.value) for cell in matrix.cells]
    text = path.read_bytes()
    jsonschema.validate(json.loads(text), json.loads((SCHEMAS / serialize.MATRIX_SCHEMA).read_text(encoding="utf-8")))
    path.write_text(json.dumps(json.loads(text), indent=1), encoding="utf-8")
    assert serialize.load_matrix(path) == matrix
    path.write_bytes(old_layout(matrix))
    assert flat.cells(path) == [flat.cell(cell) for cell in matrix.cells]
    path.write_text(json.dumps(flat.document(matrix)), encoding="utf-8")
    assert flat.cells(path) == [flat.cell(cell) for cell in matrix.cells]


def old_layout(matrix: Matrix) -> bytes:
    data = flat.document(matrix)
    return b"".join(matrix_file.pieces(1, {key: part for key, part in data.items() if key != "schema"}))


def test_equal_answers_are_written_once() -> None:
    runs = [run(verdict("no", detail="x"), number=n, target=target) for n, target in enumerate(TARGETS)]
    runs.append(run(verdict("yes"), number=5, target="cpython-3.14.0-linux-x86_64-gnu"))
    row = next(matrix_rows.rows(merge(runs, [probe(methods=("fork",))], {}, SUITE)))
    assert [answer.outcome for answer in row.answers] == [Outcome.NO, Outcome.YES]
    assert [(place.answer, place.run) for place in row.cells if place] == [(0, 0), (0, 0), (1, 0)]


def test_attempts_are_told_where_they_differ_and_counted_where_they_do_not() -> None:
    told = [verdict("yes"), verdict("no", detail="OSError"), verdict("yes")]
    runs = [run(*told, number=n) for n in range(2)] + [run(verdict("yes"), verdict("yes"), number=3, target=TARGETS[0])]
    matrix = merge(runs, [probe(methods=("fork",))], {}, SUITE)
    same, differs = matrix.cells
    assert (same.n, same.agree, same.attempts) == (2, 2, ())
    assert [(attempt.outcome, attempt.run) for attempt in differs.attempts] == [
        (given.outcome, one.header.run) for one in runs[:2] for given in told
    ]
    row = next(matrix_rows.rows(matrix))
    assert [given.detail for given in row.given] == ["", "OSError"]
    assert [(place.given, place.run) for place in row.attempts[differs.target]] == [
        (0, 0), (1, 0), (0, 0), (0, 1), (1, 1), (0, 1)
    ]  # fmt: skip
    assert row.attempts.keys() == {differs.target}


def read_by(parse: Any, line: bytes) -> str:
    """What a parser makes of a row, 1 and 1.0 and -0.0 told apart, or why it refuses it."""
    try:
        return repr(parse(line))
    except (ValueError, DataError) as error:
        return f"{type(error).__name__}: {error}"


GOOD = {
    "answers": [
        {
            "agree": 1, "agrees": True, "detail": "é\u2028", "documented": ["x", 1.5], "n": 2, "outcome": "value",
            "stale": False, "value": {"a": [None, -0.0, 1]},
            "evidence": 0,
        },
        {
            "agree": 0, "agrees": None, "detail": "", "documented": None, "evidence": None, "n": 0,
            "outcome": "untested", "stale": True, "value": None,
        },
    ],
    "attempts": {"t": [[0, 0], [0, None]]},
    "cells": [[0, 3, 0.25], [1, None, None], None],
    "evidence": [
        {
            "exit": {"code": -11, "signal": "SIGSEGV", "status": "x"}, "leaks": {"files": ["a"]},
            "observed": {"a": {"b": 1e22}}, "output": {"bytes": 1, "cut": True, "text": "x"},
            "source_sha256": "", "stacks": "x",
        }
    ],
    "given": [{"detail": "", "outcome": "no", "value": [1]}],
    "method": "fork",
    "probe": "a.b",
}  # fmt: skip


PIECES = (
    b'"', b",", b"}", b"0", b"-", b"e1", b".0", b" ", b"\\ud800", b"NaN", b'"a":1,', b"\xed\xa0\x80", b"[" * 9999
)  # fmt: skip


def encoded(data: Any) -> bytes:
    return canonical_json.encoded(data)


def strict(line: bytes) -> matrix_rows.Row:
    return matrix_rows.checked(untrusted_json.parse(line), "x")


def agree(line: bytes) -> None:
    """A line is read as the strict reader reads it, or refused for the same reason."""
    assert read_by(lambda line: matrix_rows.parse(line, "x"), line) == read_by(strict, line)


def changed(data: Any, part: Any) -> Iterator[Any]:
    """JSON data with something else in each place."""
    yield part
    if isinstance(data, dict):
        yield data | {"more": part}
        for key, inner in data.items():
            yield {name: other for name, other in data.items() if name != key}
            yield from (data | {key: other} for other in changed(inner, part))
    if isinstance(data, list):
        yield [*data, part]
        for number, inner in enumerate(data):
            yield from ([*data[:number], other, *data[number + 1 :]] for other in changed(inner, part))


@pytest.mark.parametrize("part", [None, True, -1, 0, 1.5, 10**30, "", "x", "x" * 70_000, [], ["x"], {}, {"x": 1}])
def test_a_row_with_something_else_anywhere_is_read_as_the_strict_reader_reads_it(part: Any) -> None:
    assert matrix_rows.parse(encoded(GOOD), "x") == strict(encoded(GOOD))
    for data in changed(GOOD, part):
        agree(encoded(data))


@given(st.data())
def test_a_row_with_other_bytes_is_read_as_the_strict_reader_reads_it(data: st.DataObject) -> None:
    line = encoded(GOOD)
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, min(start + 2, len(line))))
    agree(line[:start] + data.draw(st.sampled_from(PIECES) | st.binary(max_size=2)) + line[end:])


def test_what_the_schema_refuses_is_refused() -> None:
    schema = json.loads((SCHEMAS / serialize.MATRIX_SCHEMA).read_text(encoding="utf-8"))
    for name, part in (("answer", "answers"), ("evidence", "evidence"), ("given", "given")):
        wrong = list(beyond(schema["definitions"][name], GOOD[part][0], schema["definitions"]))  # type: ignore[index]
        assert len(wrong) > 5
        for data in wrong:
            agree(encoded(GOOD | {part: [data]}))


def test_a_matrix_that_could_not_be_read_again_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "matrix.json"
    for limits in ({"file": 300, "line": 2**20}, {"file": 2**20, "line": 100}):
        monkeypatch.setattr(matrix_file, "LIMITS", untrusted_json.Limits(**limits, what="matrix"))
        with pytest.raises(DataError, match="matrix has more than"):
            serialize.save_matrix(merged([run(verdict("yes"))]), path)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"cells": [[2, 0, 1]]}, {"cells": [[0, 1, 1]]},
        {"evidence": []}, {"given": []}, {"attempts": {"t": [[0, 1]]}},
    ],
)  # fmt: skip
def test_a_row_that_refers_to_nothing_is_refused(changed: Any) -> None:
    targets = [{"id": "t", "runs": [{"run": "r", "started": "2026-11-22T07:20:24Z"}]}]
    good = GOOD | {"cells": [[0, 0, 1]]}
    assert len(matrix_rows.cells([matrix_rows.parse(encoded(good), "x")], targets, "x")) == 1
    with pytest.raises(DataError, match="refers to what is not there"):
        matrix_rows.cells([matrix_rows.parse(encoded(good | changed), "x")], targets, "x")
    assert (
        matrix_rows.cells([matrix_rows.parse(encoded(good | {"cells": [None], "attempts": {}}), "x")], targets, "x")
        == ()
    )
    for other in ({"cells": []}, {"cells": [None, None]}, {"attempts": {"u": [[0, 0]]}}):
        with pytest.raises(DataError, match="is not about the targets of the matrix"):
            matrix_rows.cells([matrix_rows.parse(encoded(good | other), "x")], targets, "x")
