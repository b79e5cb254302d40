"""Folders are removed whatever is in them, and nothing outside of them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from matrix.system import trees

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX file systems")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, since a socket's path is."""
    made = Path(tempfile.mkdtemp(prefix="cf"))
    yield made / "tree"
    shutil.rmtree(made, ignore_errors=True)


def test_nothing_is_there_to_remove(folder: Path) -> None:
    assert trees.remove(folder) is None


@posix
def test_files_of_all_kinds_and_names_without_permissions(folder: Path) -> None:
    outside = folder.parent / "precious"
    outside.mkdir()
    (outside / "file").touch()
    (folder / "closed" / "inner" / "innermost").mkdir(parents=True)
    (folder / "closed" / "inner" / "file").touch()
    os.mkfifo(folder / "fifo")
    (folder / "link").symlink_to(outside)
    (folder / "loop").symlink_to("loop")
    os.link(outside / "file", folder / "hard link")
    if sys.platform != "darwin":  # its file systems refuse names that are not UTF-8
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe\n")).touch()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket"))
    for path in (folder / "closed" / "inner", folder / "closed", folder):
        path.chmod(0)
    assert trees.remove(folder) is None
    assert [path.name for path in folder.parent.iterdir()] == ["precious"]
    assert (outside / "file").exists()


@posix
def test_a_tree_that_is_deeper_than_paths_and_recursion_may_be(folder: Path) -> None:
    folder.mkdir()
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("a-folder-in-a-folder", dir_fd=fd)
        inner = os.open("a-folder-in-a-folder", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = inner
    os.close(fd)
    assert trees.remove(folder) is None
    assert not folder.exists()


@posix
def test_more_entries_than_are_held_in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "BATCH", 10)
    for number in range(35):
        (folder / f"folder{number}" / "inner").mkdir(parents=True)
        (folder / f"file{number}").touch()
        (folder / f"folder{number}" / "file").touch()
    assert trees.remove(folder) is None
    assert not folder.exists()


def test_another_folder_in_its_place_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    identity = folder.lstat()
    folder.rename(folder.parent / "moved")
    folder.mkdir()
    assert trees.remove(folder, identity) == "it was replaced by something else"
    assert folder.is_dir()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs to mount")
@pytest.mark.parametrize("options", [["--bind"], ["-t", "tmpfs"]])
def test_what_is_mounted_in_it_is_not_removed(folder: Path, options: list[str]) -> None:
    outside = folder.parent / "precious"
    outside.mkdir()
    (outside / "file").touch()
    point = folder / "a b" / "point"
    point.mkdir(parents=True)
    if subprocess.run(["mount", *options, str(outside), str(point)], stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("nothing can be mounted")
    try:
        (point / "file").touch()
        assert trees.remove(folder) is None
    finally:
        subprocess.run(["umount", "-l", str(point)], stderr=subprocess.DEVNULL, check=False)
    assert not folder.exists()
    assert (outside / "file").exists()
