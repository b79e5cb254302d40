"""Faults around the runner: itself, the disk, the clock, the command line."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PYTHONS, ROOT, Done, lines, module
from tests.misbehave.runs import only, posix, run_faults, words

FIRST = next(iter(PYTHONS.values()))


def patched(patch: str, *arguments: str, env: dict[str, str] | None = None) -> Done:
    """Run the command line after some statements: for faults that cannot be had from outside."""
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
    code = f"{start}\n{patch}\nfrom matrix.__main__ import main\nsys.exit(main({list(arguments)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **(env or {})}, capture_output=True,
        encoding="utf-8", timeout=120, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


HANGS = """
import threading
from matrix.run import command
from matrix.system import process
command.PATIENCE = -1.0
real = process.run
def run(launch, *others):
    if "says_no" in launch.argv:
        threading.Event().wait()
    return real(launch, *others)
process.run = run
"""


def test_a_runner_that_hangs_ends_itself_and_says_where(tmp_path: Path) -> None:
    arguments = words(FIRST, tmp_path, "well_behaved", "says_no", deadline=5)
    done = patched(HANGS, *arguments, "--jobs", "1")
    assert done.status == 4, done
    assert "the runner made no progress for 4 s" in done.err
    assert "in measure" in done.err
    assert [line["kind"] for line in lines(tmp_path)] == ["header", "verdict"]


def test_a_full_disk_under_the_results_ends_the_run_and_keeps_whole_lines(tmp_path: Path) -> None:
    """A limit on the size of files: the system takes half a line, and then no more, as a full disk does."""
    resource = pytest.importorskip("resource")
    run_faults(FIRST, tmp_path, "well_behaved")
    (path,) = tmp_path.glob("*.jsonl")
    size = path.stat().st_size
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size + 100}, {resource.RLIM_INFINITY}))"
    done = patched(limit, *words(FIRST, tmp_path, "well_behaved", "says_no"), "--no-retry", "--jobs", "1")
    assert done.status == 74, done
    assert f"Cannot write {path}: File too large" in done.err
    assert len(done.err.splitlines()) == 1
    kept = lines(tmp_path)
    assert [line["kind"] for line in kept] == ["header", "verdict", "end"]
    assert path.stat().st_size == size


def test_where_probes_have_no_room_nothing_is_believed(tmp_path: Path) -> None:
    patch = "from matrix.run import runner; runner.MIN_FREE = 2**62; runner._check_shared_memory = lambda target: None"
    done = patched(patch, *words(FIRST, tmp_path, "well_behaved"))
    assert done.status == 74
    assert "where probes keep their temporary files: No space left on device" in done.err
    assert [line["kind"] for line in lines(tmp_path)] == ["header"]


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 64 KiB; its path is short enough for TMPDIR."""
    folder = Path(tempfile.mkdtemp(prefix="cf", dir="/tmp" if os.name == "posix" else None))
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode
    ):
        folder.rmdir()
        pytest.skip("no small file system can be mounted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def test_a_full_disk_under_the_results_for_real(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * (small_disk.stat().st_blksize * 13))
    done = run_faults(
        FIRST, small_disk, "well_behaved", "says_no", "binary_output", options=["--repeat", "20", "--jobs", "1"]
    )
    assert done.status == 74
    assert "No space left on device" in done.err
    assert str(small_disk) in done.err
    assert {line["kind"] for line in lines(small_disk)} == {"header", "verdict"}


def test_a_full_disk_under_the_probes_for_real(small_disk: Path, tmp_path: Path) -> None:
    done = run_faults(FIRST, tmp_path / "out", "well_behaved", env={"TMPDIR": str(small_disk)})
    assert done.status == 74
    assert str(small_disk) in done.err
    assert "No space left on device" in done.err
    assert list(small_disk.iterdir()) == []


def test_results_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = run_faults(FIRST, tmp_path / "file" / "results", "well_behaved")
    assert done.status == 74
    assert str(tmp_path / "file") in done.err


JUMPS = """
import itertools, time
moments = itertools.cycle([0.0, 4e9, 1e9, 2e9])
time.time = lambda: next(moments)
"""


@posix
def test_changes_of_the_clock_change_nothing(tmp_path: Path, python: str) -> None:
    done = patched(JUMPS, *words(python, tmp_path, "orphan_setsid", deadline=30))
    assert done.status == 0, done.err
    verdict = only(tmp_path)
    assert (verdict["outcome"], len(verdict["leaks"]["processes"])) == ("yes", 1)
    assert 0 <= verdict["duration"] < 30


def test_another_interpreter_than_the_one_asked_for_is_refused(tmp_path: Path, python: str) -> None:
    wrong = "3.9" if python != PYTHONS.get("3.9") else "3.10"
    arguments = ["--series", wrong, "--python", python, "--out", str(tmp_path), "--probe", "arguments.threading_lock"]
    done = module("matrix", "run", *arguments)
    assert done.status == 2
    assert f"not {wrong}" in done.err
    assert not list(tmp_path.iterdir())


def test_a_console_of_one_byte_per_letter(tmp_path: Path) -> None:
    done = run_faults(
        FIRST, tmp_path, "binary_output", env={"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0", "LC_ALL": "C"}
    )
    assert done.status == 0, done.err
    assert only(tmp_path)["outcome"] == "yes"


def test_a_long_path_of_results(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 12)
    assert len(str(folder)) > 300
    done = run_faults(FIRST, folder, "well_behaved")
    if os.name == "nt" and done.status != 0:  # Windows takes them only if its registry says so
        assert (done.status, done.err.count("\n")) == (74, 1), done.err
        return
    assert done.status == 0, done.err
    assert (tmp_path / "a-folder-with-a-long-name").is_dir()


def test_a_resumed_run_does_not_trust_the_name_of_a_file(tmp_path: Path) -> None:
    run_faults(FIRST, tmp_path, "well_behaved")
    (path,) = tmp_path.glob("*.jsonl")
    other = "cpython-3.99.0-linux-x86_64-gnu"
    text = path.read_text(encoding="utf-8").replace(f'"target":"{path.stem}"', f'"target":"{other}"')
    path.write_text(text, encoding="utf-8")
    done = run_faults(FIRST, tmp_path, "well_behaved", options=["--resume"])
    assert done.status == 2, done
    assert f"has a run of {other}" in done.err
    assert path.read_text(encoding="utf-8") == text
