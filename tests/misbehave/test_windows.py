"""What only Windows can prove: job objects, Ctrl-Break, exit statuses beyond eight bits, byte locks.

The Windows job in CI runs this; by hand it also runs under Wine, with the limits that docs/reliability.md names.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from matrix.system.windows import contain, name_of
from tests.conftest import ROOT, lines
from tests.misbehave.runs import only, run_faults, wait_for, windows, words

pytestmark = windows
UNDER_WINE = sys.platform == "win32" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def start(python: str, folder: Path) -> tuple[subprocess.Popen[str], psutil.Process]:
    """A runner in its own process group, with one probe that has a verdict and one that ignores signals forever."""
    arguments = words(python, folder, "well_behaved", "ignores_signals")
    flags = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0
    runner = subprocess.Popen(
        [sys.executable, "-m", "matrix", *arguments, "--jobs", "2"], cwd=ROOT, encoding="utf-8", creationflags=flags,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert runner.stdout
    for line in runner.stdout:
        if line.startswith("faults.well_behaved"):
            break
    head = psutil.Process(runner.pid)
    found = wait_for(lambda: [child for child in head.children(recursive=True) if "ignores_signals" in child.cmdline()])
    return runner, found[0]


def test_a_runner_that_is_killed_takes_its_probes_with_it(tmp_path: Path, python: str) -> None:
    runner, stubborn = start(python, tmp_path)
    runner.kill()
    runner.communicate()
    wait_for(lambda: not stubborn.is_running(), "the job object did not end it")
    done = run_faults(python, tmp_path, "ignores_signals", deadline=2, options=["--resume"])
    assert "Removed what a killed run had left: canifork-" in done.out


@pytest.mark.skipif(UNDER_WINE, reason="Wine has no console here that could send it")
def test_ctrl_break_ends_everything_and_keeps_the_verdicts(tmp_path: Path, python: str) -> None:
    runner, stubborn = start(python, tmp_path)
    try:
        os.kill(runner.pid, getattr(signal, "CTRL_BREAK_EVENT", 0))
        rest, _ = runner.communicate(timeout=60)
    finally:
        runner.kill()
    assert runner.returncode == 130, rest
    assert "Interrupted: 1 of 2 verdicts" in rest
    assert not stubborn.is_running()
    assert [line["kind"] for line in lines(tmp_path)] == ["header", "verdict", "end"]


def test_two_runs_do_not_write_one_file(tmp_path: Path, python: str) -> None:
    runner, _ = start(python, tmp_path)
    try:
        done = run_faults(python, tmp_path, "says_no")
    finally:
        runner.kill()
        runner.communicate()
    assert done.status == 74
    assert "is being written by another run" in done.err


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("exit_beyond_eight_bits", 0x12345, None),
        ("exit_negative", 0xFFFFFFFF, None),
        ("segv", 0xC0000005, "STATUS_ACCESS_VIOLATION"),
    ],
)
def test_a_status_is_kept_whole_and_named(
    tmp_path: Path, python: str, name: str, code: int, status: str | None
) -> None:
    run_faults(python, tmp_path, name)
    verdict = only(tmp_path)
    assert verdict["outcome"] == "crash"
    assert verdict["exit"] == {"code": code, "signal": None, "status": status}
    assert verdict["detail"] == (f"ended by {status}" if status else f"exit status {code}")
    assert name_of(code) == status


def test_an_orphan_is_found_by_its_job(tmp_path: Path, python: str) -> None:
    run_faults(python, tmp_path, "orphan_holds_stdout")
    assert only(tmp_path)["leaks"] == {"processes": ["process"]}


def test_a_job_in_a_job(tmp_path: Path) -> None:
    """CI services run us inside a job object: ours must nest in it."""
    code = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', 'import sys; sys.exit(5)']))"
    flags = 0x4 if sys.platform == "win32" else 0  # CREATE_SUSPENDED
    outer = subprocess.Popen([sys.executable, "-c", code], creationflags=flags)
    job = contain(outer)
    assert job is not None
    assert outer.wait(60) == 5
    job.close()
