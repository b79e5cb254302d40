"""CPU slots, locks, folders of runs, names of exit statuses."""

from __future__ import annotations

import os
import shutil
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


def dead_run(root: Path) -> Path:
    """The folder of a run that was killed: its lock is gone with it."""
    code = "import os, sys; from pathlib import Path; from matrix.system.scratch import Scratch;"
    code += "made = Scratch(Path(sys.argv[1])); made.private(); print(made.folder, flush=True); os._exit(9)"
    done = subprocess.run([sys.executable, "-c", code, str(root)], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    return Path(done.stdout.decode().strip())


def test_the_folder_of_a_dead_run_is_removed_that_of_a_live_one_is_not(tmp_path: Path) -> None:
    dead = dead_run(tmp_path)
    stranger = tmp_path / "another"
    stranger.mkdir()
    with Scratch(tmp_path) as living:
        assert living.private().is_dir()
        assert scratch.clear(tmp_path) == [(dead.name, None)]
        assert sorted(tmp_path.iterdir()) == sorted([living.folder, stranger])
    assert list(tmp_path.iterdir()) == [stranger]


def test_only_a_folder_with_its_own_mark_is_removed(tmp_path: Path) -> None:
    """A checkout from GitHub's archive is called canifork-main; a copy of a run's folder may hold somebody's work."""
    dead = dead_run(tmp_path)
    names = [
        "canifork-main",
        "canifork-run-main",
        "canifork-run-abcdefgh",
        "canifork-run-copied00",
        "canifork-run-moved000",
    ]
    folders = [tmp_path / name for name in names]
    for folder in folders[:3]:
        folder.mkdir()
        (folder / "work").write_text("mine", encoding="utf-8")
    (folders[1] / "owner").touch()
    (folders[2] / "owner").write_bytes((dead / "owner").read_bytes())
    shutil.copytree(dead, folders[3])
    dead.rename(folders[4])
    assert scratch.clear(tmp_path) == []
    assert sorted(tmp_path.iterdir()) == sorted(folders)


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    dead = dead_run(tmp_path)
    target = dead.rename(tmp_path / "precious")
    dead.symlink_to(target)
    assert scratch.clear(tmp_path) == []
    assert target.is_dir()


@pytest.mark.skipif(os.name != "posix", reason="FIFOs and permissions")
def test_an_owner_s_file_that_is_none_does_not_hang(tmp_path: Path) -> None:
    folder = tmp_path / "canifork-run-abcdefgh"
    folder.mkdir()
    os.mkfifo(folder / "owner")
    assert scratch.clear(tmp_path) == []
    assert folder.is_dir()


@pytest.mark.skipif(os.name != "posix", reason="POSIX processes can remove a folder that is in use")
def test_a_folder_that_a_probe_removed_replaced_or_closed_is_made_anew(tmp_path: Path) -> None:
    with Scratch(tmp_path) as made:
        made.private()
        made.folder.chmod(0)
        assert made.private().is_dir()
        first = made.folder
        shutil.rmtree(first)
        assert made.private().is_dir()
        second = made.folder
        assert second != first
        second.rename(tmp_path / "moved")
        second.mkdir()
        (second / "work").touch()
        assert made.private().is_dir()
        assert made.folder not in (first, second)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["moved", second.name])
    assert (second / "work").exists()


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
