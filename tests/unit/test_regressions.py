"""Regressed twice in a row: a truth table over the answers of a lane, the oldest first."""

from __future__ import annotations

import random

import pytest

from matrix.ci import regressions
from matrix.model import Run
from tests.unit import values

LANE = {"service": "github-actions", "lane": "3.13-linux-x86_64"}


def history(*outcomes: str) -> list[Run]:
    return [
        values.run(values.verdict(outcome, detail=f"run {number}"), number=number, ci=LANE)
        for number, outcome in enumerate(outcomes, 1)
    ]


@pytest.mark.parametrize(
    ("outcomes", "times"),
    [
        ("yes", 0),
        ("yes no", 0),
        ("no no no", 0),
        ("yes no no", 2),
        ("yes no no no no", 4),
        ("yes no yes no", 0),
        ("yes no yes no no", 2),
        ("yes no no yes", 0),
        ("yes no hang", 2),
        ("yes hang crash", 2),
        ("yes no error no", 2),  # an error of ours is no answer
        ("yes error no", 0),
        ("yes error error error", 0),
        ("yes error no no", 2),
        ("unavailable no no", 0),  # it came to be there: new, not worse
        ("yes unavailable unavailable", 2),
        ("no yes yes", 0),
    ],
)
def test_twice_in_a_row(outcomes: str, times: int) -> None:
    found = regressions.regressions(history(*outcomes.split()), [values.probe()])
    assert [one.times for one in found] == ([times] if times else [])


def test_the_regression_says_what_and_since_when() -> None:
    (one,) = regressions.regressions(history("yes", "yes", "no", "no"), [values.probe()])
    assert (one.lane, one.probe.id, one.method) == ("3.13-linux-x86_64", "theme.name", "fork")
    assert (one.before, one.after, one.detail, one.since) == ("yes", "no", "run 4", "2026-11-22T07:00:03Z")


def test_what_programs_hope_for_decides() -> None:
    runs = history("no", "yes", "yes")
    assert regressions.regressions(runs, [values.probe(wanted="yes")]) == ()
    assert len(regressions.regressions(runs, [values.probe(wanted="no")])) == 1
    assert regressions.regressions(runs, [values.probe(wanted="either")]) == ()


def test_the_order_of_the_files_and_a_run_read_twice_do_not_matter() -> None:
    runs = history("yes", "no", "no")
    for seed in range(10):
        shuffled = [*runs, *runs]
        random.Random(seed).shuffle(shuffled)
        assert regressions.regressions(shuffled, [values.probe()]) == regressions.regressions(runs, [values.probe()])


def test_a_rewritten_probe_begins_anew() -> None:
    runs = history("yes", "no", "no")
    old = values.run(values.verdict("yes", source_sha256="b" * 64), number=1, ci=LANE)
    assert regressions.regressions([old, *runs[1:]], [values.probe()]) == ()


def test_a_lane_goes_on_over_a_new_patch_release_and_another_lane_does_not_count() -> None:
    runs = history("yes", "no", "no")
    target = "cpython-3.13.1-linux-x86_64-gnu"
    newer = [values.run(*run.verdicts, number=9 + n, ci=LANE, target=target) for n, run in enumerate(runs[1:])]
    (one,) = regressions.regressions([runs[0], *newer], [values.probe()])
    assert (one.before_target, one.after_target) == (runs[0].header.target, target)
    elsewhere = [values.run(*run.verdicts, number=9 + n, ci=None, target=target) for n, run in enumerate(runs[1:])]
    assert regressions.regressions([runs[0], *elsewhere], [values.probe()]) == ()
