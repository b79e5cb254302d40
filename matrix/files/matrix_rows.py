"""The cells of a matrix, question by question, as they stand in matrix.json: each different answer only once.

Most targets give the same answer with the same evidence. So a row has the different answers to a question under one
method with their evidence, and for each target the number of its answer: a hundred targets take little more than ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from matrix.canonical_json import REFUSALS, encoded
from matrix.errors import DataError
from matrix.files import untrusted_json
from matrix.files.schema_checks import EDITED, MATRIX_SCHEMA, check
from matrix.model import Attempt, Cell, Evidence, Json, Matrix, Outcome

_Count = Annotated[int, Meta(ge=0, le=10**9)]


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An answer that one or more targets gave; the fields are those of a Cell. evidence: its number in the row."""

    agree: _Count
    agrees: bool | None
    detail: str
    documented: Json
    evidence: _Count | None
    n: _Count
    outcome: Outcome
    stale: bool
    value: Json


class Place(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """A target's answer: its number in the row, the number of its run among the target's, and the seconds it took."""

    answer: _Count
    run: _Count | None
    seconds: Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)] | None


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What one or more attempts gave, at cells whose attempts differ."""

    detail: str
    outcome: Outcome
    value: Json


class AttemptPlace(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """One attempt: the number of what it gave in the row, and the number of its run among the target's."""

    given: _Count
    run: _Count | None


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The answers to one probe under one method.

    cells: the place of each target, in the order of the matrix; attempts: by target ID.
    """

    answers: tuple[Answer, ...]
    attempts: Mapping[str, tuple[AttemptPlace, ...]]
    cells: tuple[Place | None, ...]
    evidence: tuple[Evidence, ...]
    given: tuple[Given, ...]
    method: Annotated[str, Meta(pattern=r"^(fork|spawn|forkserver|none)\Z")]
    probe: Annotated[str, Meta(max_length=100, pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")]


_Item = TypeVar("_Item", bound=Struct)

_decode = msgspec.json.Decoder(Row).decode


def rows(matrix: Matrix) -> Iterator[Row]:
    """The rows of a matrix, in the order of its probes."""
    runs = {target["id"]: {run["run"]: n for n, run in enumerate(target["runs"])} for target in matrix.targets}
    by_question: dict[tuple[str, str], dict[str, Cell]] = {}
    for cell in matrix.cells:
        by_question.setdefault((cell.probe, cell.method), {})[cell.target] = cell
    order = {probe.id: n for n, probe in enumerate(matrix.probes)}
    for probe, method in sorted(by_question, key=lambda question: order[question[0]]):
        yield row(probe, method, by_question[probe, method], runs)


class _Once(Generic[_Item]):
    """Items in the order in which they came, each different one once."""

    def __init__(self) -> None:
        self.items: list[_Item] = []
        self._numbers: dict[bytes, int] = {}

    def number(self, item: _Item) -> int:
        """The number of an item, which is added if it is new."""
        number = self._numbers.setdefault(encoded(item), len(self.items))
        if number == len(self.items):
            self.items.append(item)
        return number


def row(probe: str, method: str, cells: Mapping[str, Cell], runs: Mapping[str, Mapping[str, int]]) -> Row:
    """The row of some cells, by target. runs: for each target of the matrix the numbers of its runs, by their IDs."""
    answers, evidence, given = _Once[Answer](), _Once[Evidence](), _Once[Given]()
    attempts: dict[str, tuple[AttemptPlace, ...]] = {}
    places: list[Place | None] = []
    numbers: dict[int, int | None] = {id(None): None}  # cells that were read from a file share their evidence
    for target, of_target in runs.items():
        cell = cells.get(target)
        if cell is None:
            places.append(None)
            continue
        if cell.evidence is not None and id(cell.evidence) not in numbers:
            numbers[id(cell.evidence)] = evidence.number(cell.evidence)
        number = answers.number(_answer(cell, numbers[id(cell.evidence)]))
        places.append(Place(number, of_target.get(cell.run or ""), cell.duration))
        if cell.attempts:
            attempts[target] = tuple(
                AttemptPlace(given.number(_given(attempt)), of_target.get(attempt.run or ""))
                for attempt in cell.attempts
            )
    return Row(
        answers=tuple(answers.items), attempts=attempts, cells=tuple(places), evidence=tuple(evidence.items),
        given=tuple(given.items), method=method, probe=probe,
    )  # fmt: skip


def _answer(cell: Cell, evidence: int | None) -> Answer:
    """A cell without what is the target's own: its run, its duration, its attempts."""
    return Answer(
        agree=cell.agree, agrees=cell.agrees, detail=cell.detail, documented=cell.documented,
        evidence=evidence, n=cell.n, outcome=cell.outcome, stale=cell.stale, value=cell.value,
    )  # fmt: skip


def _given(attempt: Attempt) -> Given:
    return Given(detail=attempt.detail, outcome=attempt.outcome, value=attempt.value)


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
        name = f"{where}: {row.probe} {row.method}"
        if len(row.cells) != len(starts) or not row.attempts.keys() <= starts.keys():
            raise DataError(f"{name} is not about the targets of the matrix. {EDITED}")
        for (target, runs), place in zip(starts.items(), row.cells, strict=True):
            try:
                if place is not None:
                    by_target[target].append(_cell(row, target, place, runs))
            except LookupError:
                raise DataError(f"{name} on {target!r} refers to what is not there. {EDITED}") from None
    return tuple(cell for found in by_target.values() for cell in found)


def _cell(row: Row, target: str, place: Place, runs: Sequence[tuple[str, str]]) -> Cell:
    """runs: the ID and the start of each. Raises LookupError."""
    answer = row.answers[place.answer]
    run, started = runs[place.run] if place.run is not None else (None, None)
    return Cell(
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
        attempts=tuple(_attempt(row.given[tried.given], tried.run, runs) for tried in row.attempts.get(target, ())),
        evidence=None if answer.evidence is None else row.evidence[answer.evidence],
        stale=answer.stale,
    )


def _attempt(given: Given, run: int | None, runs: Sequence[tuple[str, str]]) -> Attempt:
    name = None if run is None else runs[run][0]
    return Attempt(detail=given.detail, outcome=given.outcome, run=name, value=given.value)
