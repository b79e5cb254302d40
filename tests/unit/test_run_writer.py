"""A run file keeps what was measured: whatever interrupts the run, and whatever others do with the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from matrix.errors import DataError, WriteError
from matrix.files import run_writer
from matrix.files.run_reader import load_run_file
from matrix.files.run_writer import RunWriter
from tests.unit.values import run, verdict

posix = pytest.mark.skipif(os.name != "posix", reason="an open file cannot be removed or replaced on Windows")


def write(path: Path, outcomes: str, *, complete: bool, append: bool = False, resume: bool = False) -> None:
    """One run, with a verdict for each letter: y or n."""
    with RunWriter(path, append=append, resume=resume) as writer:
        writer.header(run().header)
        for number, letter in enumerate(outcomes, 1):
            writer.verdict(verdict("yes" if letter == "y" else "no", attempt=number))
        writer.end(complete=complete)


def outcomes(path: Path) -> list[str]:
    """For each run in a file: its outcomes."""
    return ["".join(line.outcome[0] for line in part.verdicts) for part in load_run_file(path)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def test_a_whole_run_replaces_the_earlier_one_when_it_is_complete(path: Path) -> None:
    write(path, "yyy", complete=True)
    write(path, "n", complete=True)
    assert outcomes(path) == ["n"]
    assert list(path.parent.iterdir()) == [path]


def test_an_interrupted_run_does_not_replace_one_that_has_more(path: Path) -> None:
    write(path, "yyy", complete=True)
    write(path, "nn", complete=False)
    assert outcomes(path) == ["yyy"]
    assert outcomes(run_writer.new_path(path)) == ["nn"]
    write(path, "nn", complete=False, resume=True)
    assert outcomes(path) == ["nn", "nn"]
    assert list(path.parent.iterdir()) == [path]


def test_a_killed_run_does_not_replace_one_that_has_as_many(path: Path) -> None:
    write(path, "yy", complete=True)
    with RunWriter(path, append=False) as writer:
        writer.header(run().header)
        writer.verdict(verdict("no"))
        writer.verdict(verdict("no", attempt=2))
        assert outcomes(path) == ["yy"]
        writer.verdict(verdict("no", attempt=3))
        assert outcomes(path) == ["nnn"]
        assert writer.path == path


def test_a_selection_is_appended(path: Path) -> None:
    write(path, "yy", complete=True)
    write(path, "n", complete=True, append=True)
    assert outcomes(path) == ["yy", "n"]


@pytest.mark.parametrize("append", [True, False])
@pytest.mark.parametrize("content", ["somebody's work\n", '{"kind": "verdict"}\n', "\x00" * 100])
def test_nothing_is_written_to_what_is_no_run_file(path: Path, content: str, append: bool) -> None:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="move it away"):
        RunWriter(path, append=append)
    assert path.read_text(encoding="utf-8") == content


@posix
def test_a_link_and_a_fifo_are_not_written(path: Path) -> None:
    target = path.parent / "precious"
    target.write_text("mine", encoding="utf-8")
    path.symlink_to(target)
    with pytest.raises(WriteError, match="is a link"):
        RunWriter(path, append=False)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(WriteError, match="is not a regular file"):
        RunWriter(path, append=False)
    assert target.read_text(encoding="utf-8") == "mine"


@posix
@pytest.mark.parametrize("harm", ["remove", "remove folder", "truncate", "append"])
def test_a_file_that_somebody_changes_is_written_again(path: Path, harm: str) -> None:
    path = path.parent / "results" / path.name
    write(path, "y", complete=True)
    with RunWriter(path, append=True) as writer:
        writer.header(run().header)
        writer.verdict(verdict("no"))
        if harm == "append":
            with path.open("a", encoding="utf-8") as file:
                file.write("garbage\n")
        elif harm == "truncate":
            os.truncate(path, 3)
        else:
            path.unlink()
        if harm == "remove folder":
            path.parent.rmdir()
        writer.end(complete=True)
    assert outcomes(path) == ["y", "n"]


@posix
def test_a_file_that_somebody_replaces_is_left_alone(path: Path) -> None:
    with RunWriter(path, append=False) as writer:
        writer.header(run().header)
        path.unlink()
        path.write_text("mine", encoding="utf-8")
        with pytest.raises(WriteError, match="was replaced by another file") as caught:
            writer.verdict(verdict("no"))
    assert path.read_text(encoding="utf-8") == "mine"
    rescued = path.with_name("run.rescued.jsonl")
    assert str(rescued) in str(caught.value)
    assert outcomes(rescued) == ["n"]


def test_a_file_that_is_overwritten_in_place_is_written_again(path: Path) -> None:
    """Neither its size nor its inode tells."""
    with RunWriter(path, append=False) as writer:
        writer.header(run().header)
        with path.open("r+b") as file:
            file.write(b"\0\xff")
        writer.verdict(verdict("no"))
        writer.end(complete=True)
    assert outcomes(path) == ["n"]
