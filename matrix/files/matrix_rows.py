"""The cells of a matrix, question by question, as they stand in matrix.json: each different answer only once.

Most targets give the same answer with the same evidence. So a row has the different answers to a question under one
method, and for each target the number of its answer: a hundred targets take little more than ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from matrix.canonical_json import REFUSALS, encoded
from matrix.errors import DataError
from matrix.files import untrusted_json
from matrix.files.schema_checks import EDITED, MATRIX_SCHEMA, check
from matrix.model import Attempt, Cell, Evidence, Json, Matrix, Outcome

_Count = Annotated[int, Meta(ge=0, le=10**9)]


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An answer that one or more targets gave; the fields are those of a Cell."""

    agree: _Count
    agrees: bool | None
    detail: str
    documented: Json
    evidence: Evidence | None
    n: _Count
    outcome: Outcome
    stale: bool
    value: Json


class Place(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """A target's answer: its number in the row, the number of its run among the target's, and the seconds it took."""

    answer: _Count
    run: _Count | None
    seconds: Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)] | None


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The answers to one probe under one method; cells and attempts are by target."""

    answers: tuple[Answer, ...]
    attempts: Mapping[str, tuple[Attempt, ...]]
    cells: Mapping[str, Place]
    method: Annotated[str, Meta(pattern=r"^(fork|spawn|forkserver|none)\Z")]
    probe: Annotated[str, Meta(max_length=100, pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")]


_decode = msgspec.json.Decoder(Row).decode


def rows(matrix: Matrix) -> Iterator[Row]:
    """The rows of a matrix, in the order of its probes."""
    runs = {target["id"]: {run["run"]: n for n, run in enumerate(target["runs"])} for target in matrix.targets}
    by_question: dict[tuple[str, str], list[Cell]] = {}
    for cell in matrix.cells:
        by_question.setdefault((cell.probe, cell.method), []).append(cell)
    order = {probe.id: n for n, probe in enumerate(matrix.probes)}
    for probe, method in sorted(by_question, key=lambda question: order[question[0]]):
        yield row(probe, method, by_question[probe, method], runs)


def row(probe: str, method: str, cells: Iterable[Cell], runs: Mapping[str, Mapping[str, int]]) -> Row:
    """The row of some cells. runs: for each target the numbers of its runs, by their IDs."""
    numbers: dict[bytes, int] = {}
    answers: list[Answer] = []
    attempts: dict[str, tuple[Attempt, ...]] = {}
    places: dict[str, Place] = {}
    for cell in cells:
        answer = answer_of(cell)
        number = numbers.setdefault(encoded(answer), len(answers))
        if number == len(answers):
            answers.append(answer)
        places[cell.target] = Place(number, runs[cell.target].get(cell.run or ""), cell.duration)
        if cell.attempts:
            attempts[cell.target] = cell.attempts
    return Row(answers=tuple(answers), attempts=attempts, cells=places, method=method, probe=probe)


def answer_of(cell: Cell) -> Answer:
    """A cell without what is the target's own: its run, its duration, its attempts."""
    return Answer(
        agree=cell.agree, agrees=cell.agrees, detail=cell.detail, documented=cell.documented,
        evidence=cell.evidence, n=cell.n, outcome=cell.outcome, stale=cell.stale, value=cell.value,
    )  # fmt: skip


def parse(line: bytes, where: str) -> Row:
    """The row of a line. Raises ValueError if it is not JSON, DataError if it is not valid.

    Encoded again, a line that canifork wrote has the same bytes: so no key is duplicate, and no number is unusual. Any
    other goes through the strict reader, ten times as slow, which says what is wrong.
    """
    try:
        found = _decode(line)
        if encoded(found) == line:
            return found
    except REFUSALS:
        pass
    return checked(untrusted_json.parse(line), where)


def checked(data: Json, where: str) -> Row:
    """The row of JSON data. Raises DataError if they are not valid."""
    check(data, MATRIX_SCHEMA, "row", where)
    return msgspec.convert(data, Row)


def cells(rows: Iterable[Row], targets: Iterable[Mapping[str, Json]], where: str) -> tuple[Cell, ...]:
    """All cells, target by target. Raises DataError if a row refers to what is not there."""
    starts = {target["id"]: [(run["run"], run["started"]) for run in target["runs"]] for target in targets}
    by_target: dict[str, list[Cell]] = {target: [] for target in starts}
    for row in rows:
        for target, place in row.cells.items():
            try:
                answer = row.answers[place.answer]
                run, started = starts[target][place.run] if place.run is not None else (None, None)
            except LookupError:
                cell = f"{row.probe} {row.method} on {target!r}"
                raise DataError(f"{where}: {cell} refers to an unknown answer, run or target. {EDITED}") from None
            by_target[target].append(
                Cell(
                    probe=row.probe,
                    method=row.method,
                    target=target,
                    outcome=answer.outcome,
                    value=answer.value,
                    detail=answer.detail,
                    n=answer.n,
                    agree=answer.agree,
                    documented=answer.documented,
                    agrees=answer.agrees,
                    run=run,
                    last_verified=started,
                    duration=place.seconds,
                    attempts=row.attempts.get(target, ()),
                    evidence=answer.evidence,
                    stale=answer.stale,
                )
            )
    return tuple(cell for found in by_target.values() for cell in found)
