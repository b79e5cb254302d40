"""CPU slots, locks, folders of runs, names of exit statuses."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from matrix.run.cpu_slots import Slots
from matrix.system import locks, scratch
from matrix.system.scratch import Scratch
from matrix.system.windows import name_of
from tests.conftest import ROOT


def test_a_released_slot_is_free_for_another_and_releasing_twice_frees_one() -> None:
    slots = Slots(1)
    slot = slots.take()
    taken: list[int] = []
    waiting = threading.Thread(target=lambda: taken.append(len([slots.take()])))
    waiting.start()
    waiting.join(0.05)
    assert not taken
    slot.release()
    slot.release()
    waiting.join(10)
    assert taken == [1]
    third = threading.Thread(target=slots.take, daemon=True)
    third.start()
    third.join(0.05)
    assert third.is_alive()  # the second release has freed nothing


@pytest.mark.parametrize(("count", "workers"), [(1, 1), (2, 8), (4, 16)])
def test_a_single_slot_means_one_at_a_time(count: int, workers: int) -> None:
    assert Slots(count).workers == workers


def test_a_lock_ends_with_its_descriptor(tmp_path: Path) -> None:
    path = tmp_path / "file"
    code = "import os, sys; from matrix.system import locks; sys.exit(locks.lock(os.open(sys.argv[1], os.O_RDWR)))"
    first = os.open(path, os.O_RDWR | os.O_CREAT)

    def other() -> int:
        return subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False).returncode

    assert locks.lock(first)
    assert other() == 0
    os.close(first)
    assert other() == 1


def test_the_folder_of_a_dead_run_is_cleared_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    dead = tmp_path / f"{scratch.PREFIX}dead0000"
    (dead / "1" / "t").mkdir(parents=True)
    (dead / "owner").write_text("", encoding="utf-8")
    born = tmp_path / f"{scratch.PREFIX}born0000"
    born.mkdir()  # a run that died before it could lock
    stranger = tmp_path / "another"
    stranger.mkdir()
    with Scratch(tmp_path) as living:
        assert living.private().is_dir()
        assert scratch.clear(tmp_path) == [born.name, dead.name]
        assert sorted(tmp_path.iterdir()) == sorted([living.folder, stranger])
    assert list(tmp_path.iterdir()) == [stranger]


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.mkdir()
    (tmp_path / f"{scratch.PREFIX}link0000").symlink_to(target)
    assert scratch.clear(tmp_path) == []
    assert target.is_dir()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0xC0000005, "STATUS_ACCESS_VIOLATION"),
        (0xC0000005 - 2**32, "STATUS_ACCESS_VIOLATION"),  # as a signed number
        (0xC00000FD, "STATUS_STACK_OVERFLOW"),
        (0xC000013A, "STATUS_CONTROL_C_EXIT"),
        (0, None),
        (1, None),
        (0xFFFFFFFF, None),
        (0x12345, None),
    ],
)
def test_statuses_of_windows_have_names(code: int, name: str | None) -> None:
    assert name_of(code) == name
