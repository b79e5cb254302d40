"""What changed between the previous matrix and this one, and which results are stale. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from matrix.model import Matrix, Probe
from matrix.results.diff import CellDiff, ChangeKind, diff
from matrix.results.grouping import grouped
from report.model.matrix_index import MatrixIndex
from report.model.platforms import Interpreter

STALE_DAYS = 30
"""Age from which results are called stale: Python's patch releases come every other month."""

MAX_CELLS = 12
"""Cells that a row names; the data have all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCell:
    """One cell of a change."""

    target: Interpreter
    method: str

    @property
    def anchor(self) -> str:
        """Its anchor on the question's page."""
        return f"{self.target.id}-{self.method}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGroup:
    """One question with the cells that changed alike; n counts them all, cells are the first of them."""

    kind: ChangeKind
    probe: Probe
    before: str
    after: str
    n: int
    cells: tuple[ChangedCell, ...]
    rewritten: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRows:
    """The rows of one kind of change."""

    kind: ChangeKind
    rows: tuple[ChangeGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The page of the last two runs; before and after are their dates, before is '' if there is no previous matrix.

    arrived and left are ids of targets; old are targets whose last run is stale.
    """

    before: str
    after: str
    kinds: tuple[KindRows, ...]
    events: tuple[CellDiff, ...]
    arrived: tuple[str, ...]
    left: tuple[str, ...]
    old: tuple[Interpreter, ...]


def latest_page(previous: Matrix | None, index: MatrixIndex) -> Latest:
    """What is new since the previous matrix."""
    events = diff(previous, index.matrix) if previous else ()
    before = {target["id"] for target in previous.targets} if previous else set()
    now = {target["id"] for target in index.matrix.targets}
    rows = grouped(_rows(events, index), lambda row: row.kind)
    return Latest(
        before=previous.generated if previous else "",
        after=index.matrix.generated,
        kinds=tuple(KindRows(kind=kind, rows=tuple(rows[kind])) for kind in ChangeKind if kind in rows),
        events=events,
        arrived=tuple(sorted(now - before)) if previous else (),
        left=tuple(sorted(before - now)),
        old=_old(index),
    )


def _rows(events: Sequence[CellDiff], index: MatrixIndex) -> list[ChangeGroup]:
    alike = grouped(events, lambda event: (event.kind, event.probe, event.before, event.after))
    targets: Mapping[str, Interpreter] = {target.id: target for target in index.targets}
    return [
        ChangeGroup(
            kind=same[0].kind,
            probe=index.probes[same[0].probe],
            before=same[0].before,
            after=same[0].after,
            n=len(same),
            cells=tuple(ChangedCell(target=targets[event.target], method=event.method) for event in same[:MAX_CELLS]),
            rewritten=any(event.rewritten for event in same),
        )
        for same in alike.values()
    ]


def _old(index: MatrixIndex) -> tuple[Interpreter, ...]:
    """Targets whose last run is so much older than the newest run that they may answer otherwise by now."""
    newest = index.matrix.generated[:10]
    return tuple(target for target in index.targets if target.last_run and age(target.last_run, newest) > STALE_DAYS)


def age(day: str, now: str) -> int:
    """Days from one date to another, both 'YYYY-MM-DD…'."""
    return (date.fromisoformat(now[:10]) - date.fromisoformat(day[:10])).days
