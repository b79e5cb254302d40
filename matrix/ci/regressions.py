"""Runs of a lane in order of time -> the cells that got worse and stayed so. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matrix import answers
from matrix.answers import CellKey, RunVerdict
from matrix.model import FACTS, Probe, Run
from matrix.results import diff
from matrix.results.merge import cell

IN_A_ROW = 2
"""Runs in a row that must be worse before it is reported: one may be the machine's fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """One cell of a lane whose last answers are all worse than the one before. since: start of the first of them."""

    lane: str
    probe: Probe
    method: str
    before: str
    before_target: str
    after: str
    after_target: str
    detail: str
    since: str
    times: int


def lane_of(run: Run) -> str:
    """The lane that a run was made in; elsewhere the target: then a new patch release begins anew."""
    return str((run.header.ci or {}).get("lane") or run.header.target)


def regressions(runs: Iterable[Run], probes: Iterable[Probe]) -> tuple[Regression, ...]:
    """What regressed at least twice in a row, by lane and probe. The order of the runs does not matter."""
    lanes: dict[str, dict[str, Run]] = {}
    for run in runs:
        lanes.setdefault(lane_of(run), {})[run.header.run] = run
    probes = list(probes)
    found = []
    for lane in sorted(lanes):
        ordered = sorted(lanes[lane].values(), key=lambda run: (run.header.started, run.header.run))
        history = _history(ordered)
        for probe in probes:
            for method in probe.methods or ("none",):
                regression = _regression(lane, probe, method, history.get((probe.id, method), []))
                if regression:
                    found.append(regression)
    return tuple(found)


def _history(runs: Sequence[Run]) -> dict[CellKey, list[list[RunVerdict]]]:
    """For each cell its attempts in each run that has some, the oldest run first."""
    history: dict[CellKey, list[list[RunVerdict]]] = {}
    for run in runs:
        for key, attempts in answers.attempts([run]).items():
            history.setdefault(key, []).append(attempts)
    return history


def _regression(lane: str, probe: Probe, method: str, history: Sequence[Sequence[RunVerdict]]) -> Regression | None:
    """Go back from the newest answer to the last one that was better; all between must be worse than that."""
    cells = []
    for attempts in history:
        header = attempts[0][0]
        merged = cell(probe, method, header.target, attempts, None)
        if merged.outcome in FACTS:  # not an error
            cells.append((header.started, merged))
    for index in range(len(cells) - 2, -1, -1):
        before, worse = cells[index][1], [after for _, after in cells[index + 1 :]]
        if diff.rewritten(before, worse[-1]):
            return None  # another question was asked then
        if all(diff.change(before, after, probe) is diff.ChangeKind.REGRESSED for after in worse):
            if len(worse) < IN_A_ROW:
                return None
            return Regression(
                lane=lane,
                probe=probe,
                method=method,
                before=diff.shown(before),
                before_target=before.target,
                after=diff.shown(worse[-1]),
                after_target=worse[-1].target,
                detail=worse[-1].detail,
                since=cells[index + 1][0],
                times=len(worse),
            )
    return None
