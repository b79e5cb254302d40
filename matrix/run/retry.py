"""Which cells a run has to measure still: those without a verdict, and those whose verdict is surprising."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matrix.answers import CellKey, answer
from matrix.model import FACTS, Cell, Job, Matrix, Outcome, Probe, Verdict

MAX_ATTEMPTS = 3
"""Attempts at a cell: if two differ, a third tells which of them is the rule."""

_SURPRISING = (Outcome.ERROR, Outcome.HANG, Outcome.CRASH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The verdict that a matrix has on a cell (as in matrix/answers.py), and the source of the probe that gave it."""

    answer: str
    source_sha256: str


Expectations = Mapping[CellKey, Expected]
"""The verdicts that an earlier matrix has on the same target."""

Given = Mapping[CellKey, Sequence[Verdict]]
"""The verdicts so far on the present source of each probe."""


def expectations(matrix: Matrix, target: str, probes: Iterable[Probe]) -> Expectations:
    """The verdicts of a matrix on a target: none where runs disagreed, or where nothing was measured."""
    known = {probe.id: probe for probe in probes}
    return {
        (cell.probe, cell.method): Expected(answer=answer(known[cell.probe], cell), source_sha256=_source(cell))
        for cell in matrix.cells
        if cell.target == target and cell.probe in known and cell.outcome in FACTS
    }


def _source(cell: Cell) -> str:
    return cell.evidence.source_sha256 if cell.evidence else ""


def todo(jobs: Sequence[Job], given: Given, expected: Expectations, *, no_retry: bool = False) -> list[Job]:
    """The jobs to run next: those without a verdict; if there are none, the retries."""
    return missing(jobs, given) or ([] if no_retry else retries(jobs, given, expected))


def missing(jobs: Iterable[Job], given: Given) -> list[Job]:
    """The jobs that have no verdict yet."""
    done = {(*cell, verdict.attempt) for cell, verdicts in given.items() for verdict in verdicts}
    return [job for job in jobs if (job.probe.id, job.method, job.attempt) not in done]


def put_off(jobs: Sequence[Job], count: int) -> list[Job]:
    """The first jobs last: they may have been under way when a run was killed, and one of them may do it again."""
    return [*jobs[count:], *jobs[:count]]


def retries(jobs: Iterable[Job], given: Given, expected: Expectations) -> list[Job]:
    """The next attempts at the cells whose verdicts so far are in doubt. Each job's cell must have a verdict."""
    cells = {(job.probe.id, job.method): job for job in jobs}
    return [
        next_attempt(job, given[cell])
        for cell, job in cells.items()
        if needs_retry(job, given[cell], expected.get(cell))
    ]


def needs_retry(job: Job, given: Sequence[Verdict], expected: Expected | None) -> bool:
    """Whether a cell needs another attempt, after some verdicts on the present source of its probe.

    A single verdict is in doubt if it differs from the expected one, or, where none is expected, if it is an error, a
    hang or a crash. Two verdicts that differ need a third. There are never more than three by retries alone.
    """
    answers = [answer(job.probe, verdict) for verdict in given]
    if len(given) != 1:
        return 1 < len(given) < MAX_ATTEMPTS and len(set(answers)) > 1
    if expected and expected.source_sha256 == job.probe.source_sha256:
        return answers[0] != expected.answer
    return given[0].outcome in _SURPRISING


def next_attempt(job: Job, given: Sequence[Verdict]) -> Job:
    """The job that measures a cell once more."""
    return Job(probe=job.probe, method=job.method, attempt=max(verdict.attempt for verdict in given) + 1)
