"""Verdicts in doubt are retried automatically, and every attempt is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FAULTS
from tests.misbehave.runs import Room, linux, merged, room, undisturbed


@pytest.fixture
def own_room() -> Iterator[Room]:
    """Apart from other programs, whose shared memory could raise a doubt."""
    with room() as made:
        yield made


def cell(folder: Path, name: str) -> dict[str, Any]:
    return merged(folder, "--probes", str(FAULTS))[f"faults.{name}", "none"]


def attempts(folder: Path, name: str) -> list[str]:
    """The outcomes in the order of attempts, which is that of the file: runs of one second are merged in any order.

    The merged matrix stays in the folder, and counts as many.
    """
    rows = [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    asked = [row for row in rows if row["kind"] == "verdict" and row["probe"] == f"faults.{name}"]
    assert cell(folder, name)["runs"]["n"] == len(asked)
    return [row["outcome"] for row in sorted(asked, key=lambda row: row["attempt"])]


def test_what_fails_once_is_retried_until_there_is_a_rule(tmp_path: Path, python: str, own_room: Room) -> None:
    env = {"CANIFORK_FAULT_STATE": str(tmp_path / "state")}
    done = own_room.run_faults(python, tmp_path, "fails_once", env=env)
    assert done.status == 0, "an error that a retry settled does not fail the run"
    assert attempts(tmp_path, "fails_once") == ["error", "yes", "yes"]
    assert cell(tmp_path, "fails_once")["runs"] == {"n": 3, "agree": 2}
    assert cell(tmp_path, "fails_once")["outcome"] == "yes"


def test_errors_can_be_allowed(tmp_path: Path, python: str, own_room: Room) -> None:
    assert own_room.run_faults(python, tmp_path, "raises").status == 1
    assert own_room.run_faults(python, tmp_path, "raises", options=["--allow-errors"]).status == 0


def test_what_changes_its_mind_is_flaky_with_its_share(tmp_path: Path, python: str, own_room: Room) -> None:
    env = {"CANIFORK_FAULT_STATE": str(tmp_path / "state")}
    own_room.run_faults(python, tmp_path, "changes_its_mind", env=env, options=["--repeat", "2", "--jobs", "1"])
    assert attempts(tmp_path, "changes_its_mind") == ["yes", "no", "yes"]
    found = cell(tmp_path, "changes_its_mind")
    assert (found["outcome"], found["detail"]) == ("flaky", "yes 2/3, no 1/3")


def test_a_verdict_that_differs_from_the_last_matrix_is_retried(tmp_path: Path, python: str, own_room: Room) -> None:
    name = "says_what_it_is_told"
    old, new, same = tmp_path / "old", tmp_path / "new", tmp_path / "same"
    own_room.run_faults(python, old, name, env={"CANIFORK_FAULT_ANSWER": "yes"})
    assert attempts(old, name) == ["yes"]
    expect = ["--expect", str(old / "merged.json")]
    own_room.run_faults(python, new, name, env={"CANIFORK_FAULT_ANSWER": "no"}, options=expect)
    assert attempts(new, name) == ["no", "no"]
    own_room.run_faults(python, same, name, env={"CANIFORK_FAULT_ANSWER": "yes"}, options=expect)
    assert attempts(same, name) == ["yes"]


def test_a_hang_is_retried_only_if_it_is_new(tmp_path: Path, python: str, own_room: Room) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    own_room.run_faults(python, first, "sleep_forever", deadline=1.5)
    assert attempts(first, "sleep_forever") == ["hang", "hang"]
    own_room.run_faults(python, second, "sleep_forever", deadline=1.5, options=["--expect", str(first / "merged.json")])
    assert attempts(second, "sleep_forever") == ["hang"]


def test_a_resumed_run_retries_what_the_first_had_no_time_for(tmp_path: Path, python: str, own_room: Room) -> None:
    env = {"CANIFORK_FAULT_STATE": str(tmp_path / "state")}
    own_room.run_faults(python, tmp_path, "fails_once", "well_behaved", env=env, options=["--no-retry"])
    done = own_room.run_faults(python, tmp_path, "fails_once", "well_behaved", env=env, options=["--resume"])
    assert "faults.well_behaved" not in done.out
    assert attempts(tmp_path, "fails_once") == ["error", "yes", "yes"]
    done = own_room.run_faults(python, tmp_path, "fails_once", "well_behaved", env=env, options=["--resume"])
    assert "all 2 verdicts are there" in done.out


def test_a_matrix_that_cannot_be_read_is_refused_if_it_was_named(tmp_path: Path, python: str, own_room: Room) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    done = own_room.run_faults(python, tmp_path, "well_behaved", options=["--expect", str(bad)])
    assert done.status == 2
    assert "is not JSON" in done.err


@linux
@undisturbed
def test_shared_memory_left_behind_is_reported_when_seen_twice_and_removed(
    tmp_path: Path, python: str, own_room: Room
) -> None:
    """In parallel with others that create and remove some: only the one that leaves it is charged with it."""
    names = ("leaks_shared_memory", "well_behaved", "uses_shared_memory")
    done = own_room.run_faults(python, tmp_path, *names, options=["--jobs", "2", "--repeat", "2"])
    assert done.status == 0, done.err
    assert not own_room.leftovers()
    runs = [json.loads(line) for path in tmp_path.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    leaks = {line["probe"]: line["leaks"]["shared_memory"] for line in runs if "shared_memory" in line.get("leaks", ())}
    assert leaks == {"faults.leaks_shared_memory": ["psm_…"]}


@linux
def test_shared_memory_of_a_probe_that_is_killed_is_removed_by_its_tracker(
    tmp_path: Path, python: str, own_room: Room
) -> None:
    state = tmp_path / "state"
    own_room.run_faults(
        python, tmp_path, "hangs_with_shared_memory", deadline=4, env={"CANIFORK_FAULT_STATE": str(state)}
    )
    (path,) = tmp_path.glob("*.jsonl")
    verdict = json.loads(path.read_text(encoding="utf-8").splitlines()[1])
    assert (verdict["outcome"], verdict["leaks"]) == ("hang", {})
    assert state.read_text(encoding="utf-8").startswith("psm_")
    assert not own_room.leftovers()
