"""Which answers are asked again, by themselves: those that nobody has seen before and those that say a probe failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matrix.model import FACTS, Cell, Job, Json, Matrix, Outcome, Probe, Verdict
from matrix.results.merge import answer

MOST = 3
"""Attempts at a cell: two may differ, and then a third says which is the rule."""

_SURPRISING = (Outcome.ERROR, Outcome.HANG, Outcome.CRASH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a matrix says of one cell: the answer (as merge.answer has it) to one source of the probe."""

    answer: str
    source_sha256: str


Expectations = Mapping[tuple[str, str], Expected]
"""{(probe's id, method): what was seen before on the same target}."""


def expectations(matrix: Matrix, target: str, probes: Iterable[Probe]) -> Expectations:
    """What a matrix says of a target. Nothing where runs disagreed, or where nobody measured."""
    known = {probe.id: probe for probe in probes}
    return {
        (cell.probe, cell.method): Expected(
            answer=answer(known[cell.probe], _verdict(cell)), source_sha256=_source(cell)
        )
        for cell in matrix.cells
        if cell.target == target and cell.probe in known and cell.outcome in FACTS
    }


def _verdict(cell: Cell) -> Verdict:
    return Verdict(
        probe=cell.probe, source_sha256=_source(cell), method=cell.method, outcome=cell.outcome, value=cell.value
    )


def _source(cell: Cell) -> str:
    source: Json = cell.evidence.get("source_sha256", "")
    return str(source)


def again(job: Job, given: Sequence[Verdict], expected: Expected | None) -> bool:
    """Whether a cell is asked once more, after the verdicts given to this source of its probe.

    One answer is in doubt if it differs from what was seen before, or if it is an error, or a hang or a crash that
    was not seen before. Two that differ need a third; more there are never by themselves.
    """
    answers = [answer(job.probe, verdict) for verdict in given]
    if len(given) != 1:
        return 1 < len(given) < MOST and len(set(answers)) > 1
    if expected and expected.source_sha256 == job.probe.source_sha256:
        return answers[0] != expected.answer
    return given[0].outcome in _SURPRISING


Given = Mapping[tuple[str, str], Sequence[Verdict]]
"""{(probe's id, method): verdicts on the present source of the probe}."""


def by_cell(jobs: Iterable[Job], verdicts: Iterable[Verdict]) -> dict[tuple[str, str], list[Verdict]]:
    """The verdicts on the cells of some jobs, without those on another source of a probe."""
    sources = {(job.probe.id, job.method): job.probe.source_sha256 for job in jobs}
    found: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        cell = (verdict.probe, verdict.method)
        if sources.get(cell) == verdict.source_sha256:
            found.setdefault(cell, []).append(verdict)
    return found


def wanted(jobs: Sequence[Job], given: Given, expected: Expectations, *, once: bool = False) -> list[Job]:
    """What is to be run next: the jobs that have no verdict yet; if all have one, the cells that are in doubt again.

    once: nothing is asked again.
    """
    answered = {(*cell, verdict.attempt) for cell, verdicts in given.items() for verdict in verdicts}
    todo = [job for job in jobs if (job.probe.id, job.method, job.attempt) not in answered]
    if todo or once:
        return todo
    cells = {(job.probe.id, job.method): job for job in jobs}
    return [
        next_attempt(job, given[cell]) for cell, job in cells.items() if again(job, given[cell], expected.get(cell))
    ]


def next_attempt(job: Job, given: Sequence[Verdict]) -> Job:
    """The job that asks a cell once more."""
    return Job(probe=job.probe, method=job.method, attempt=max(verdict.attempt for verdict in given) + 1)
