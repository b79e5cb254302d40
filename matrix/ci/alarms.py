"""What a night's runs lack, by lane: no run, a refused run, hardly anything but errors. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from matrix.ci.untrusted_runs import PREFIX, Received
from matrix.model import Cell, Json, Matrix, Outcome, Run

TOO_MANY = 0.5
"""The share of `error` among a run's verdicts above which its machinery is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What is wrong with a lane."""

    lane: str
    why: str


def alarms(received: Received) -> tuple[Alarm, ...]:
    """What somebody has to look at, in the order of the lanes; lanes that may fail raise none."""
    found = [Alarm(lane=_lane(name), why=f"refused: {why}") for name, why in received.refused]
    refused = {alarm.lane for alarm in found}
    for lane, _, runs in received.accepted:
        if not lane.may_fail and (why := mostly_errors(runs)):
            found.append(Alarm(lane=lane.id, why=why))
    found += [
        Alarm(lane=lane.id, why="no run: its job failed, or was lost")
        for lane in received.lost
        if not lane.may_fail and lane.id not in refused
    ]
    return tuple(found)


def _lane(name: str) -> str:
    """The lane that a refused folder or file `run-LANE/FILE` is of."""
    return name.partition("/")[0].removeprefix(PREFIX)


def mostly_errors(runs: Iterable[Run]) -> str:
    """'480 of 500 verdicts are errors', or '' if they are fewer."""
    outcomes = [verdict.outcome for run in runs for verdict in run.verdicts]
    errors = sum(outcome is Outcome.ERROR for outcome in outcomes)
    return f"{errors} of {len(outcomes)} verdicts are errors" if errors > TOO_MANY * len(outcomes) else ""


def new_errors(cells: Iterable[Cell], previous: Matrix | None) -> Sequence[Cell]:
    """The cells that are `error` on a target that was published before, and were not then.

    A target that was never published has no such cell: nobody knows yet what it lacks.
    """
    before: Mapping[tuple[str, str, str], Outcome] = {}
    known: Collection[Json] = ()
    if previous:
        known = {target["id"] for target in previous.targets}
        before = {(cell.probe, cell.method, cell.target): cell.outcome for cell in previous.cells}
    return [
        cell
        for cell in cells
        if cell.outcome is Outcome.ERROR
        and cell.target in known
        and before.get((cell.probe, cell.method, cell.target)) is not Outcome.ERROR
    ]
