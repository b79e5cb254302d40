"""A file is written whole or not at all, whoever else writes it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from matrix.errors import WriteError
from matrix.files import atomic_write
from matrix.paths import ROOT

OTHER = """
import sys
from pathlib import Path
from matrix.files import atomic_write
atomic_write.write_text(Path(sys.argv[1]), ["b"])
"""


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    atomic_write.write_text(path, ["old"])

    def pieces() -> Iterator[str]:
        yield "n\u00e9"
        assert path.read_text(encoding="utf-8") == "old"
        yield "w\n"

    atomic_write.write_text(path, pieces())
    assert path.read_bytes() == "n\u00e9w\n".encode()


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ValueError])
def test_what_fails_midway_leaves_the_old_file_and_nothing_else(tmp_path: Path, fault: type[BaseException]) -> None:
    path = tmp_path / "file.txt"
    atomic_write.write_text(path, ["old"])

    def pieces() -> Iterator[str]:
        yield "new"
        raise fault

    with pytest.raises(fault):
        atomic_write.write_text(path, pieces())
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_processes_that_write_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"

    def pieces() -> Iterator[str]:
        yield "a"
        subprocess.run([sys.executable, "-c", OTHER, str(path)], cwd=ROOT, check=True, timeout=60)
        assert path.read_text(encoding="utf-8") == "b"
        yield "a"

    atomic_write.write_text(path, pieces())
    assert path.read_text(encoding="utf-8") == "aa"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_the_way_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "folder" / "file").mkdir(parents=True)
    with pytest.raises(WriteError, match=r"Cannot write .*folder"):
        atomic_write.write_bytes(tmp_path / "folder", [b"x"])
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
