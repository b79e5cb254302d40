"""probes x methods -> Jobs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from matrix.model import Job, Probe, Run


def select(probes: Iterable[Probe], ids: Sequence[str] = (), words: Sequence[str] = ()) -> tuple[Probe, ...]:
    """The probes named by id or theme, or whose id or question has every word of one of the expressions.

    Words work as in `pytest -k`'s simplest form: 'lock', 'lock and not queue', 'fork or spawn'.
    Without ids and words, all.
    """
    return tuple(
        probe
        for probe in probes
        if (not ids or probe.id in ids or probe.theme in ids) and all(matches(word, probe) for word in words)
    )


def matches(expression: str, probe: Probe) -> bool:
    """Whether 'a and not b or c' holds for the id and the question of a probe; words match anywhere, in any case."""
    haystack = f"{probe.id} {probe.text}".lower()
    return any(
        all(_term(term, haystack) for term in re.split(r"\s+and\s+", alternative.strip()))
        for alternative in re.split(r"\s+or\s+", expression.lower().strip())
    )


def _term(term: str, haystack: str) -> bool:
    negated, word = re.fullmatch(r"(not\s+)?(.*)", term.strip(), re.DOTALL).groups()  # type: ignore[union-attr]
    return (word in haystack) != bool(negated)


def plan(probes: Iterable[Probe], methods: Sequence[str] = (), repeat: int = 1) -> tuple[Job, ...]:
    """All jobs, in the order to run them: those that may share the machine first, exclusive ones last.

    methods limits the start methods asked about; a probe that is not about one method always runs, unless
    methods are named without `none`.
    """
    jobs = [
        Job(probe=probe, method=method, attempt=attempt)
        for attempt in range(1, repeat + 1)
        for probe in probes
        for method in (probe.methods or ("none",))
        if not methods or method in methods
    ]
    return tuple(sorted(jobs, key=lambda job: job.probe.exclusive))


def remaining(jobs: Sequence[Job], runs: Iterable[Run]) -> tuple[Job, ...]:
    """The jobs for which some runs have no verdict yet on the present source of the probe."""
    answered = {
        (verdict.probe, verdict.method, verdict.attempt, verdict.source_sha256)
        for run in runs
        for verdict in run.verdicts
    }
    return tuple(
        job for job in jobs if (job.probe.id, job.method, job.attempt, job.probe.source_sha256) not in answered
    )
