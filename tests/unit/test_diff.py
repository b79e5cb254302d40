"""What changed from one matrix to another, and the counts of the summary."""

from __future__ import annotations

from typing import Any

import pytest

from matrix.model import FACTS, WANTED, Matrix, Outcome, Verdict
from matrix.results.counts import counts
from matrix.results.diff import diff
from matrix.results.merge import merge
from tests.unit.values import probe, run, verdict

PROBE = probe(methods=("fork",))


def of(*verdicts: Verdict, target: str = "cpython-3.13.0-linux-x86_64-gnu", **changes: Any) -> Matrix:
    runs = [run(item, number=number, target=target) for number, item in enumerate(verdicts)]
    return merge(
        runs or [run(target=target)],
        [probe(methods=("fork",), **changes)],
        {},
        {"commit": None, "dirty": False},
    )


@pytest.mark.parametrize(
    ("old", "new", "wanted", "kind"),
    [
        (["yes"], ["yes"], "yes", None),
        (["yes"], ["no"], "yes", "regressed"),
        (["yes"], ["no"], "no", "fixed"),
        (["yes"], ["no"], "either", "changed"),
        (["no"], ["yes"], "yes", "fixed"),
        (["no"], ["yes"], "no", "regressed"),
        (["no"], ["yes"], "either", "changed"),
        (["yes"], ["hang"], "yes", "regressed"),
        (["yes"], ["hang"], "either", "regressed"),
        (["yes"], ["unavailable"], "yes", "regressed"),
        (["no"], ["crash"], "yes", "changed"),
        (["no"], ["crash"], "no", "regressed"),
        (["hang"], ["yes"], "yes", "fixed"),
        (["hang"], ["no"], "yes", "changed"),
        (["hang"], ["no"], "no", "fixed"),
        (["crash"], ["hang"], "yes", "changed"),
        (["unavailable"], ["yes"], "yes", "new"),
        (["unavailable"], ["no"], "yes", "new"),
        ([], ["yes"], "yes", "new"),
        (["error"], ["no"], "yes", "new"),
        (["yes"], ["error"], "yes", "stale"),
        (["yes"], [], "yes", "stale"),
        (["yes", "no"], [], "yes", "stale"),
        (["error"], [], "yes", None),
        ([], ["error"], "yes", None),
        (["yes"], ["yes", "no"], "yes", "flaky"),
        ([], ["yes", "no"], "yes", "flaky"),
        (["yes", "no"], ["no", "yes"], "yes", None),
        (["yes", "no"], ["yes"], "yes", "settled"),
        (["yes", "no"], ["hang"], "yes", "settled"),
    ],
)
def test_events(old: list[str], new: list[str], wanted: str, kind: str | None) -> None:
    events = diff(of(*map(verdict, old), wanted=wanted), of(*map(verdict, new), wanted=wanted))
    assert [event.kind for event in events] == ([kind] if kind else [])


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("old", sorted(FACTS))
@pytest.mark.parametrize("new", sorted(FACTS))
def test_what_regressed_one_way_is_fixed_or_new_the_other_way(old: str, new: str, wanted: str) -> None:
    there, back = (
        [event.kind for event in diff(of(verdict(a), wanted=wanted), of(verdict(b), wanted=wanted))]
        for a, b in ((old, new), (new, old))
    )
    assert bool(there) == bool(back) == (old != new)
    if there == ["regressed"]:
        assert back == (["new"] if new == "unavailable" else ["fixed"])
    if there == ["changed"]:
        assert back == (["new"] if new == "unavailable" else ["changed"])


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        ("ModuleNotFoundError: No module named 'tkinter'", None),
        ("ModuleNotFoundError: No module named '_sqlite3'", None),
        ("ImportError: No module named '_tkinter', please install the python3-tk package", None),
        ("ModuleNotFoundError: No module named '_multiprocessing'", "regressed"),
        ("TypeError: 'tkinter' is no module", "regressed"),
    ],
)
def test_a_build_without_an_optional_module_is_no_change(detail: str, kind: str | None) -> None:
    lacking = verdict("unavailable", detail=detail)
    assert [event.kind for event in diff(of(verdict("yes")), of(lacking))] == ([kind] if kind else [])
    assert [event.kind for event in diff(of(lacking), of(verdict("yes")))] == (["new"] if kind else [])


def test_an_event_says_whether_the_script_was_rewritten() -> None:
    (same,) = diff(of(verdict("yes")), of(verdict("no")))
    (other,) = diff(of(verdict("yes")), of(verdict("no", source_sha256="f" * 64)))
    assert (same.rewritten, other.rewritten) == (False, True)


def test_a_value_is_worse_than_nothing_only_if_it_ends_badly() -> None:
    (event,) = diff(of(verdict("value", value=1)), of(verdict("crash")))
    assert event.kind == "regressed"


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
    (row,) = counts(matrix)
    assert (row.default, row.differs) == ("fork", 1)
    assert row.outcomes == {Outcome.NO: 1, Outcome.UNTESTED: 1}
