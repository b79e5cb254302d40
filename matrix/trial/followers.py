"""Tests that fail only because others failed before them: a server that was not closed, a port that is taken. Pure.

Which do is not guessed: those that fail otherwise than the first are asked again without it and its like. What passes
then follows from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from matrix.trial import compare, stable_text
from matrix.trial.model import TestRun, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """cause: the first test that fails; tests: those that fail in another way, and are asked again without it."""

    cause: str
    tests: frozenset[str]


def suspects(trial: Trial, baseline: Sequence[Trial]) -> Suspects | None:
    """Whose failures may follow from the first one; None if there are none, or it cannot be asked."""
    known = {name for one in baseline for name, test in one.tests.items() if test.outcome in compare.FAILED}
    failed = [test for test in trial.tests.values() if test.outcome in compare.FAILED and test.id not in known]
    if trial.kind != "pytest" or not failed or not trial.complete:
        return None
    first, *others = failed
    found = frozenset(test.id for test in others if test.outcome == "failed" and _way(test) != _way(first))
    return Suspects(cause=first.id, tests=found) if found else None


def _way(test: TestRun) -> str:
    return stable_text.stable(compare.headline(test.text))


def marked(trial: Trial, found: Suspects, again: Mapping[str, TestRun]) -> Trial:
    """The trial, with what follows from the cause. again: the suspects' runs without it."""
    passed: Collection[str] = {name for name, test in again.items() if test.outcome == "passed"} & found.tests
    tests = {name: replace(test, follows=found.cause) if name in passed else test for name, test in trial.tests.items()}
    return replace(trial, tests=tests)
