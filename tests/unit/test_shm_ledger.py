"""Which job is charged with what in /dev/shm, for which a folder stands in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from matrix.system import shm_ledger
from matrix.system.presence import Presence
from matrix.system.shm_ledger import Ledger, Left, generic

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/dev/shm")

A, B = ("theme.a", "fork", 1), ("theme.b", "spawn", 1)
AGAIN = ("theme.a", "fork", 2)


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setattr(shm_ledger, "TRACKERS", 0.0)  # there is none to wait for
    with Ledger(folder=tmp_path) as made:
        yield made


@pytest.fixture
def other(ledger: Ledger) -> Iterator[Presence]:
    """Another run that lives."""
    presence = Presence(ledger.folder)
    yield presence
    presence.close()


def leave(ledger: Ledger, name: str) -> Path:
    path = ledger.folder / name
    path.write_text("x", encoding="utf-8")
    return path


def test_what_was_there_before_or_goes_by_itself_has_no_owner(ledger: Ledger) -> None:
    leave(ledger, "psm_00000001")
    ledger.begin(A)
    leave(ledger, "psm_00000002").unlink()
    assert ledger.end(A) == Left()
    assert (ledger.folder / "psm_00000001").exists()


def test_the_first_time_it_is_in_doubt_the_second_time_it_is_reported_and_removed(ledger: Ledger) -> None:
    ledger.begin(A)
    first = leave(ledger, "psm_00000001")
    assert ledger.end(A) == Left(doubtful=frozenset({A[:2]}))
    assert first.exists()
    ledger.begin(AGAIN)
    second = leave(ledger, "sem.mp-00000002")
    assert ledger.end(AGAIN) == Left(names=("sem.mp-…",))
    assert not first.exists()
    assert not second.exists()


def test_what_appeared_once_and_never_again_is_left_alone(ledger: Ledger) -> None:
    ledger.begin(A)
    stranger = leave(ledger, "psm_00000001")
    ledger.end(A)
    ledger.begin(AGAIN)
    assert ledger.end(AGAIN) == Left()
    assert stranger.exists()


@pytest.mark.parametrize("start", ["sem.mp-", "mp-"])  # glibc, musl
def test_a_semaphore_of_a_job_that_was_cut_off_is_removed_once_nobody_can_hold_it(ledger: Ledger, start: str) -> None:
    ledger.begin(A)
    ledger.begin(B)
    lost, block = leave(ledger, f"{start}00000001"), leave(ledger, "psm_00000001")
    assert ledger.end(A, cut_off=True) == Left()
    assert lost.exists(), "the other may own it"
    with leave(ledger, f"{start}00000002").open() as used:
        assert ledger.end(B, cut_off=True) == Left()
        assert Path(used.name).exists()
    assert not lost.exists()
    assert block.exists(), "others may open a block later, by its name"


def test_while_a_possible_owner_runs_no_job_is_charged(ledger: Ledger) -> None:
    ledger.begin(A)
    ledger.begin(B)
    path = leave(ledger, "psm_00000001")
    assert ledger.end(A) == Left()
    path.unlink()
    assert ledger.end(B) == Left()


def test_of_several_possible_owners_each_is_retried(ledger: Ledger) -> None:
    ledger.begin(A)
    ledger.begin(B)
    path = leave(ledger, "psm_00000001")
    assert ledger.end(A) == Left()
    assert ledger.end(B).doubtful == {A[:2], B[:2]}
    ledger.begin((*B[:2], 2))
    assert ledger.end((*B[:2], 2)) == Left()
    ledger.begin(AGAIN)
    leave(ledger, "psm_00000002")
    assert ledger.end(AGAIN).names == ("psm_…",)
    assert not path.exists()


def test_a_job_that_started_later_is_not_charged(ledger: Ledger) -> None:
    ledger.begin(A)
    leave(ledger, "psm_00000001")
    ledger.begin(B)
    assert ledger.end(B) == Left()
    assert ledger.end(A).doubtful == {A[:2]}


def test_what_another_process_has_open_is_not_ours(ledger: Ledger) -> None:
    ledger.begin(A)
    with leave(ledger, "psm_00000001").open("rb"):
        assert ledger.end(A) == Left()


def test_another_name_is_the_job_s_only_if_the_same_one_is_left_again(ledger: Ledger) -> None:
    ledger.begin(A)
    path = leave(ledger, "somebody-s-data")
    assert ledger.end(A).doubtful == {A[:2]}
    ledger.begin(AGAIN)
    assert not path.exists(), "it would be in the way"
    leave(ledger, "another")
    assert ledger.end(AGAIN) == Left(names=("another",))
    assert path.read_text(encoding="utf-8") == "x", "put back"
    ledger.begin(B)
    assert ledger.end(B) == Left(), "nobody is charged with what was put back"


def test_a_fixed_name_that_is_left_twice_is_reported_and_removed(ledger: Ledger) -> None:
    ledger.begin(A)
    leave(ledger, "fixed")
    ledger.end(A)
    ledger.begin(AGAIN)
    leave(ledger, "fixed")
    assert ledger.end(AGAIN) == Left(names=("fixed",))
    assert list(ledger.folder.iterdir()) == []


def test_what_was_set_aside_comes_back_if_the_job_is_cut_off(ledger: Ledger) -> None:
    ledger.begin(A)
    path = leave(ledger, "fixed")
    ledger.end(A)
    ledger.begin(AGAIN)
    ledger.end(AGAIN, cut_off=True)
    assert [entry.name for entry in ledger.folder.iterdir()] == [path.name]


def test_while_another_run_lives_nothing_is_removed_or_set_aside(ledger: Ledger, other: Presence) -> None:
    ledger.begin(A)
    first, fixed = leave(ledger, "psm_00000001"), leave(ledger, "fixed")
    ledger.end(A)
    ledger.begin(AGAIN)
    assert fixed.exists()
    second = leave(ledger, "psm_00000002")
    assert ledger.end(AGAIN) == Left(names=("psm_…",))
    ledger.begin(B)
    semaphore = leave(ledger, "sem.mp-00000001")
    ledger.end(B, cut_off=True)
    with ledger:
        pass
    assert all(path.exists() for path in (first, fixed, second, semaphore))


def test_what_could_not_be_removed_is_removed_at_the_end_if_the_other_run_has_ended(
    ledger: Ledger, other: Presence
) -> None:
    ledger.begin(A)
    lost, reopened = leave(ledger, "sem.mp-00000001"), leave(ledger, "sem.mp-00000002")
    ledger.end(A, cut_off=True)
    other.close()
    with reopened.open(), ledger:
        pass
    assert (lost.exists(), reopened.exists()) == (False, True)


def test_what_is_open_by_now_is_not_removed(ledger: Ledger) -> None:
    ledger.begin(A)
    first = leave(ledger, "psm_00000001")
    ledger.end(A)
    with first.open():
        ledger.begin(AGAIN)
        leave(ledger, "psm_00000002")
        assert ledger.end(AGAIN) == Left(names=("psm_…",))
    assert first.exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("psm_1a2b3c4d", "psm_…"),
        ("sem.mp-ab12cd34", "sem.mp-…"),
        ("mp-ab12cd34", "mp-…"),
        ("canifork-block", "canifork-block"),
        ("x", "x"),
    ],
)
def test_a_random_name_is_shown_without_its_end(name: str, shown: str) -> None:
    assert generic(name) == shown
