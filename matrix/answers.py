"""Verdicts on one cell: which belong together, and when two of them agree. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matrix.canonical_json import dumps
from matrix.model import Attempt, Cell, Header, Outcome, Probe, Run, Verdict

CellKey = tuple[str, str]
"""(a probe's id, start method): a cell of one target."""

RunVerdict = tuple[Header, Verdict]
"""A verdict, and the header of its run."""

_NAMES = {outcome: str(outcome) for outcome in Outcome}


def answer(probe: Probe, given: Verdict | Cell) -> str:
    """What two verdicts on a probe must have in common to agree: a measured value may differ, and so may a message."""
    if given.outcome is Outcome.VALUE and not probe.measured:
        return dumps(given.value)
    return _NAMES[given.outcome]


def alike(given: Sequence[Verdict | Attempt]) -> bool:
    """Whether all gave the same: outcome, detail and value to the letter."""
    first = given[0]
    value = None if first.value is None else dumps(first.value)
    return all(
        other.outcome is first.outcome
        and other.detail == first.detail
        and (other.value is first.value or (other.value is not None and dumps(other.value) == value))
        for other in given[1:]
    )


def attempts(runs: Iterable[Run]) -> dict[CellKey, list[RunVerdict]]:
    """All attempts at each cell, in the order of the runs, which are of one target."""
    found: dict[CellKey, list[RunVerdict]] = {}
    for run in runs:
        header = run.header
        for verdict in run.verdicts:
            found.setdefault((verdict.probe, verdict.method), []).append((header, verdict))
    return found


def current(verdicts: Iterable[Verdict], probes: Iterable[Probe]) -> dict[CellKey, list[Verdict]]:
    """The verdicts on each cell, without those on a probe that is gone or on another source of it."""
    sources = {probe.id: probe.source_sha256 for probe in probes}
    found: dict[CellKey, list[Verdict]] = {}
    for verdict in verdicts:
        if sources.get(verdict.probe) == verdict.source_sha256:
            found.setdefault((verdict.probe, verdict.method), []).append(verdict)
    return found
