"""Every fault of a probe gets the right outcome from the real runner, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import FAULTS, ROOT, Done, lines, module, verdicts

Run = Callable[..., Done]
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX processes")


def only(folder: Path) -> dict[str, Any]:
    (verdict,) = verdicts(folder).values()
    return verdict


def with_token(token: str) -> list[psutil.Process]:
    """The living processes of one probe: all inherit its token in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CANIFORK_TOKEN") == token and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize(
    ("name", "outcome", "detail", "status"),
    [
        ("well_behaved", "yes", "it is", 0),
        ("says_no", "no", "TypeError: cannot", 0),
        pytest.param("segv", "crash", "ended by SIGSEGV", 0, marks=posix),
        pytest.param("os_abort", "crash", "ended by SIGABRT", 0, marks=posix),
        ("exit_3", "crash", "exit status 3", 0),
        ("answers_then_fails", "crash", "exit status 7", 0),
        ("os_exit_0", "error", "no-record: exit status 0 without an answer", 1),
        ("raises", "error", "LookupError: a bug in the probe", 1),
        ("half_json", "error", "bad-record: not JSON", 1),
        ("empty_record", "error", "bad-record: not JSON", 1),
        ("two_records", "error", "bad-record: not JSON", 1),
        ("wrong_probe", "error", "bad-record: probe is 'faults.right_probe'", 1),
        ("huge_record", "error", "bad-record: longer than", 1),
        ("flood", "error", "output-limit: printed", 1),
    ],
)
def test_outcome(tmp_path: Path, probe_faults: Run, name: str, outcome: str, detail: str, status: int) -> None:
    done = probe_faults(name)
    verdict = only(tmp_path)
    assert (verdict["outcome"], done.status) == (outcome, status), verdict
    assert verdict["detail"].startswith(detail)
    assert lines(tmp_path)[-1] == {"kind": "end", "verdicts": 1, "complete": True}


def test_hang_names_its_phase_and_shows_the_stack(tmp_path: Path, probe_faults: Run) -> None:
    assert probe_faults("sleep_forever", deadline=1.5).status == 0
    verdict = only(tmp_path)
    assert (verdict["outcome"], verdict["detail"]) == ("hang", "phase run")
    assert "sleep_forever" in verdict["stacks"]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_hang_shows_the_stack_of_the_child_too(tmp_path: Path, probe_faults: Run, method: str) -> None:
    probe_faults("deadlock_in_child", deadline=3, options=["--method", method])
    verdict = only(tmp_path)
    assert (verdict["outcome"], verdict["detail"]) == ("hang", "phase run")
    assert "take_twice" in verdict["stacks"]
    assert "deadlock_in_child" in verdict["stacks"]


def test_hang_at_exit_keeps_what_was_said(tmp_path: Path, probe_faults: Run) -> None:
    probe_faults("record_then_hang", deadline=2)
    verdict = only(tmp_path)
    assert (verdict["outcome"], verdict["detail"]) == ("hang", "phase exit")
    assert verdict["observed"]["said"] == "yes"


@posix
@pytest.mark.parametrize(
    ("name", "count"), [("orphan_holds_stdout", 1), ("orphan_setsid", 1), ("double_fork", 1), ("breeder", 64)]
)
def test_orphans_are_found_ended_and_told(tmp_path: Path, probe_faults: Run, name: str, count: int) -> None:
    probe_faults(name)
    verdict = only(tmp_path)
    assert verdict["outcome"] == "yes"
    assert len(verdict["leaks"]["processes"]) == count
    assert not with_token(verdict["observed"]["token"])


@posix
def test_an_orphan_does_not_make_its_probe_wait(tmp_path: Path, probe_faults: Run) -> None:
    probe_faults("orphan_holds_stdout", deadline=60)
    # The bound is the deadline, not a speed: a runner that waits for the pipe to close would need all of it.
    assert only(tmp_path)["duration"] < 30


def test_a_flood_is_cut(tmp_path: Path, probe_faults: Run) -> None:
    probe_faults("flood", deadline=60)
    verdict = only(tmp_path)
    assert verdict["output"]["cut"]
    assert verdict["output"]["bytes"] > 8 * 2**20
    assert len(verdict["output"]["text"]) < 2**16


def test_any_output_is_kept_as_printable_text(tmp_path: Path, probe_faults: Run) -> None:
    probe_faults("binary_output")
    text = only(tmp_path)["output"]["text"]
    assert "\\x1b[31mred\\xff\\xfe" in text
    assert all(c.isprintable() or c in "\n\t" for c in text)


def test_files_left_in_the_temporary_folder_are_told_and_removed(tmp_path: Path, probe_faults: Run) -> None:
    probe_faults("leaves_tmp")
    assert only(tmp_path)["leaks"] == {"files": ["left-behind"]}


def test_hostile_environment_does_not_reach_the_probe(tmp_path: Path, probe_faults: Run) -> None:
    hostile = {
        "PYTHONSAFEPATH": "1",
        "PYTHONSTARTUP": "canifork-hostile",
        "PYTHONWARNINGS": "ignore",
        "PYTHONOPTIMIZE": "2",
    }
    probe_faults("sees_environment", env={**hostile, "PYTHONPATH": os.pathsep.join([str(ROOT), "canifork-hostile"])})
    observed = only(tmp_path)["observed"]
    assert observed["python"] == ["PYTHONDONTWRITEBYTECODE", "PYTHONFAULTHANDLER"]
    assert observed["path"] == []
    assert observed["temp"] < 60


def start_runner(folder: Path, python: str) -> subprocess.Popen[str]:
    """A runner with one probe that has answered and one that ignores signals for ever; returns after the answer."""
    selection = ["--probe", "faults.well_behaved", "--probe", "faults.ignores_signals"]
    options = ["--python", python, "--out", str(folder), "--probes", str(FAULTS), "--jobs", "2", *selection]
    runner = subprocess.Popen(
        [sys.executable, "-m", "matrix", "run", *options],
        cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True,
    )  # fmt: skip
    assert runner.stdout
    for line in runner.stdout:
        if line.startswith("faults.well_behaved"):
            break
    return runner


def stubborn_of(runner: subprocess.Popen[str]) -> psutil.Process:
    """The running probe that ignores signals."""
    head = psutil.Process(runner.pid)
    return wait_for(lambda: [one for one in head.children(recursive=True) if "ignores_signals" in one.cmdline()])[0]


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_everything_and_keeps_the_verdicts(tmp_path: Path, python: str, number: int) -> None:
    runner = start_runner(tmp_path, python)
    try:
        token = stubborn_of(runner).environ()["CANIFORK_TOKEN"]
        runner.send_signal(number)
        rest, _ = runner.communicate(timeout=60)
    finally:
        runner.kill()
    assert runner.returncode == 130
    assert "Interrupted: 1 of 2 verdicts" in rest
    assert not with_token(token)
    assert [line["kind"] for line in lines(tmp_path)] == ["header", "verdict", "end"]
    assert lines(tmp_path)[-1]["complete"] is False


def wait_for(condition: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    """Poll, since nothing outside a process tells when it is up."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            found = condition()
        except psutil.Error:
            found = []
        if found:
            return found
        time.sleep(0.01)  # between two looks
    raise AssertionError("it never came up")


@posix
def test_a_killed_runner_leaves_a_usable_file(tmp_path: Path, python: str) -> None:
    runner = start_runner(tmp_path, python)
    stubborn = stubborn_of(runner)
    runner.kill()
    runner.communicate()
    stubborn.kill()  # its runner can no longer do it
    merged = tmp_path / "matrix.json"
    done = module("matrix", "merge", str(tmp_path), "-o", str(merged), "--probes", str(FAULTS))
    assert done.status == 0, done.err
    outcomes = {cell["probe"]: cell["outcome"] for cell in json.loads(merged.read_text(encoding="utf-8"))["cells"]}
    assert outcomes["faults.well_behaved"] == "yes"
    assert outcomes["faults.ignores_signals"] == "untested"

    # What was answered is not asked again; what was not is.
    options = ["--python", python, "--out", str(tmp_path), "--probes", str(FAULTS), "--resume", "--deadline", "2"]
    done = module("matrix", "run", *options, "--probe", "faults.well_behaved", "--probe", "faults.ignores_signals")
    assert "faults.ignores_signals: hang" in done.out
    assert "faults.well_behaved" not in done.out
