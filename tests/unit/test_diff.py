"""What changed from one matrix to another, and the counts of the summary."""

from __future__ import annotations

import pytest

from matrix.diff import diff
from matrix.merge import merge
from matrix.model import Matrix, Outcome, Verdict
from matrix.summary import rows
from tests.unit.values import probe, run, verdict

PROBE = probe(methods=("fork",))


def of(*verdicts: Verdict, target: str = "cpython-3.13.0-linux-x86_64-gnu", measured: bool = False) -> Matrix:
    runs = [run(item, number=number, target=target) for number, item in enumerate(verdicts)]
    return merge(
        runs or [run(target=target)],
        [probe(methods=("fork",), measured=measured)],
        {},
        {"commit": None, "dirty": False},
    )


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (["yes"], ["yes"], None),
        (["yes"], ["no"], "changed"),
        (["yes"], ["hang"], "changed"),
        (["yes"], ["error"], "lost"),
        (["yes"], [], "lost"),
        ([], ["yes"], "new"),
        (["yes"], ["yes", "no"], "flaky"),
        (["yes", "no"], ["yes"], "settled"),
    ],
)
def test_events(old: list[str], new: list[str], kind: str | None) -> None:
    events = diff(of(*map(verdict, old)), of(*map(verdict, new)))
    assert [event.kind for event in events] == ([kind] if kind else [])


def test_values_are_compared_unless_measured() -> None:
    old, new = verdict("value", value=1), verdict("value", value=2)
    (event,) = diff(of(old), of(new))
    assert (event.before, event.after) == ("1", "2")
    assert not diff(of(old, measured=True), of(new, measured=True))


def test_a_new_target_is_no_change() -> None:
    assert not diff(of(verdict("yes")), of(verdict("no"), target="cpython-3.14.0-linux-x86_64-gnu"))


def test_summary_counts_each_target() -> None:
    documented = probe(methods=("fork", "spawn"), documented=(("*", "yes"),))
    matrix = merge([run(verdict("no"))], [documented], {}, {"commit": None, "dirty": False})
    (row,) = rows(matrix)
    assert (row.default, row.differs) == ("fork", 1)
    assert row.counts == {Outcome.NO: 1, Outcome.UNTESTED: 1}
