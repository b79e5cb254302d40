"""Which cells are retried, as a truth table; and what a run still has to measure."""

from __future__ import annotations

import pytest

from matrix.answers import current
from matrix.model import Verdict
from matrix.results.merge import merge
from matrix.run.retry import Expected, expectations, needs_retry, next_attempt, todo
from tests.unit.values import job, probe, run, verdict

SOURCE = probe().source_sha256
OTHER = "f" * 64


@pytest.mark.parametrize(
    ("given", "expected", "retried"),
    [
        ([], None, False),
        (["yes"], None, False),
        (["no"], None, False),
        (["unavailable"], None, False),
        (["error"], None, True),
        (["hang"], None, True),
        (["crash"], None, True),
        (["yes"], Expected(answer="yes", source_sha256=SOURCE), False),
        (["no"], Expected(answer="yes", source_sha256=SOURCE), True),
        (["no"], Expected(answer="yes", source_sha256=OTHER), False),
        (["hang"], Expected(answer="hang", source_sha256=SOURCE), False),
        (["hang"], Expected(answer="hang", source_sha256=OTHER), True),
        (["crash"], Expected(answer="hang", source_sha256=SOURCE), True),
        (["error"], Expected(answer="yes", source_sha256=SOURCE), True),
        (["no", "no"], Expected(answer="yes", source_sha256=SOURCE), False),
        (["error", "error"], None, False),
        (["error", "yes"], None, True),
        (["yes", "no"], None, True),
        (["yes", "no", "yes"], None, False),
        (["yes", "no", "crash"], None, False),
        (["yes", "yes", "no", "no"], None, False),
    ],
)
def test_needs_retry(given: list[str], expected: Expected | None, retried: bool) -> None:
    assert needs_retry(job(), verdicts(*given), expected) is retried


def verdicts(*outcomes: str) -> list[Verdict]:
    return [verdict(outcome, attempt=number) for number, outcome in enumerate(outcomes, 1)]


def test_what_a_matrix_expects() -> None:
    known = probe(methods=("fork", "spawn", "forkserver"))
    given = [verdict("yes", method="fork"), verdict("no", method="spawn"), verdict("yes", method="spawn", attempt=2)]
    matrix = merge([run(*given)], [known], {}, {})
    target = matrix.cells[0].target
    # Nothing is expected where runs disagreed, or where nothing was measured.
    assert expectations(matrix, target, [known]) == {
        (known.id, "fork"): Expected(answer="yes", source_sha256=known.source_sha256)
    }
    assert expectations(matrix, "another", [known]) == {}
    assert expectations(matrix, target, []) == {}


def test_first_the_missing_then_the_retries_then_nothing() -> None:
    jobs = [job(method="fork"), job(method="spawn")]
    probes = [jobs[0].probe]
    given = current([verdict("error", method="fork")], probes)
    assert todo(jobs, given, {}) == [jobs[1]]
    given = current([verdict("error", method="fork"), verdict("yes", method="spawn")], probes)
    assert todo(jobs, given, {}) == [next_attempt(jobs[0], given[jobs[0].probe.id, "fork"])]
    assert todo(jobs, given, {})[0].attempt == 2
    assert todo(jobs, given, {}, no_retry=True) == []
    given = current(
        [verdict("error", method="fork"), verdict("error", method="fork", attempt=2), verdict("yes", method="spawn")],
        probes,
    )
    assert todo(jobs, given, {}) == []


def test_verdicts_on_another_source_or_another_probe_do_not_count() -> None:
    given = [verdict("yes", source_sha256=OTHER), verdict("yes", probe="theme.other"), verdict("no", method="spawn")]
    assert current(given, [probe()]) == {("theme.name", "spawn"): [given[2]]}
