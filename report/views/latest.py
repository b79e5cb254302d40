"""What changed between the previous matrix and this one, and which results have grown old. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from matrix.model import Matrix, Probe
from matrix.results.diff import Event, Kind, diff
from report.model.matrix_index import Board
from report.model.platforms import Interpreter

STALE_DAYS = 30
"""Age from which results are called stale: Python's patch releases come every other month."""

MAX_CELLS = 12
"""Cells that a row names; the data have all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One cell of a change."""

    target: Interpreter
    method: str

    @property
    def anchor(self) -> str:
        """Where the question's page has it."""
        return f"{self.target.id}-{self.method}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One question with the cells that changed alike; n counts them all."""

    kind: Kind
    probe: Probe
    before: str
    after: str
    n: int
    places: tuple[Place, ...]
    rewritten: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The page of the last two runs; before and after are their dates, before is '' if there is no previous matrix."""

    before: str
    after: str
    kinds: tuple[tuple[Kind, tuple[Moved, ...]], ...]
    events: tuple[Event, ...]
    arrived: tuple[str, ...]
    left: tuple[str, ...]
    old: tuple[Interpreter, ...]


def latest(previous: Matrix | None, board: Board) -> Latest:
    """What is new since the previous matrix."""
    events = diff(previous, board.matrix) if previous else ()
    before = {target["id"] for target in previous.targets} if previous else set()
    now = {target["id"] for target in board.matrix.targets}
    moved = _moved(events, board)
    return Latest(
        before=previous.generated if previous else "",
        after=board.matrix.generated,
        kinds=tuple((kind, rows) for kind in Kind if (rows := tuple(row for row in moved if row.kind is kind))),
        events=events,
        arrived=tuple(sorted(now - before)) if previous else (),
        left=tuple(sorted(before - now)),
        old=_old(board),
    )


def _moved(events: Sequence[Event], board: Board) -> list[Moved]:
    alike: dict[tuple[str, ...], list[Event]] = {}
    for event in events:
        alike.setdefault((event.kind, event.probe, event.before, event.after), []).append(event)
    home: Mapping[str, Interpreter] = {one.id: one for place in board.platforms for one in place.members}
    return [
        Moved(
            kind=some[0].kind,
            probe=board.probes[some[0].probe],
            before=some[0].before,
            after=some[0].after,
            n=len(some),
            places=tuple(Place(target=home[event.target], method=event.method) for event in some[:MAX_CELLS]),
            rewritten=any(event.rewritten for event in some),
        )
        for some in alike.values()
    ]


def _old(board: Board) -> tuple[Interpreter, ...]:
    """Targets that were not run for so long that they may answer otherwise by now, next to the newest run."""
    everyone = [one for place in board.platforms for one in place.members]
    newest = board.matrix.generated[:10]
    return tuple(one for one in everyone if one.last_run and age(one.last_run, newest) > STALE_DAYS)


def age(day: str, now: str) -> int:
    """Days from one date to another, both 'YYYY-MM-DD…'."""
    return (date.fromisoformat(now[:10]) - date.fromisoformat(day[:10])).days
