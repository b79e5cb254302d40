"""Which answers are asked again, as a truth table; and what a run still has to ask."""

from __future__ import annotations

import pytest

from matrix.model import Verdict
from matrix.results.merge import merge
from matrix.run.retry import Expected, again, by_cell, expectations, next_attempt, wanted
from tests.unit.values import job, probe, run, verdict

SOURCE = probe().source_sha256
OTHER = "f" * 64


@pytest.mark.parametrize(
    ("given", "expected", "asked"),
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
def test_again(given: list[str], expected: Expected | None, asked: bool) -> None:
    assert again(job(), verdicts(*given), expected) is asked


def verdicts(*outcomes: str) -> list[Verdict]:
    return [verdict(outcome, attempt=number) for number, outcome in enumerate(outcomes, 1)]


def test_what_a_matrix_expects() -> None:
    asked = probe(methods=("fork", "spawn", "forkserver"))
    said = [verdict("yes", method="fork"), verdict("no", method="spawn"), verdict("yes", method="spawn", attempt=2)]
    matrix = merge([run(*said)], [asked], {}, {})
    target = matrix.cells[0].target
    # Neither where runs disagreed nor where nobody measured is anything expected.
    assert expectations(matrix, target, [asked]) == {
        (asked.id, "fork"): Expected(answer="yes", source_sha256=asked.source_sha256)
    }
    assert expectations(matrix, "another", [asked]) == {}
    assert expectations(matrix, target, []) == {}


def test_first_what_has_no_answer_then_what_is_in_doubt_then_nothing() -> None:
    jobs = [job(method="fork"), job(method="spawn")]
    given = by_cell(jobs, [verdict("error", method="fork")])
    assert wanted(jobs, given, {}) == [jobs[1]]
    given = by_cell(jobs, [verdict("error", method="fork"), verdict("yes", method="spawn")])
    assert wanted(jobs, given, {}) == [next_attempt(jobs[0], given[jobs[0].probe.id, "fork"])]
    assert wanted(jobs, given, {})[0].attempt == 2
    assert wanted(jobs, given, {}, once=True) == []
    given = by_cell(
        jobs,
        [verdict("error", method="fork"), verdict("error", method="fork", attempt=2), verdict("yes", method="spawn")],
    )
    assert wanted(jobs, given, {}) == []


def test_answers_to_another_source_or_of_other_cells_do_not_count() -> None:
    jobs = [job(method="fork")]
    assert by_cell(jobs, [verdict("yes", method="fork", source_sha256=OTHER), verdict("yes", method="spawn")]) == {}
