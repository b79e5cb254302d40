"""The doctor finds what is wrong with a command: real wrappers, each breaking some clauses of docs/targets.md."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Done, lines, module

pytestmark = pytest.mark.skipif("os.name != 'posix'", reason="the wrappers use sessions and shells of POSIX")

FAULTY = Path(__file__).parent / "wrappers" / "faulty.py"

RECORD = "the record that it writes is seen here"
ARGUMENTS = "arguments arrive unchanged"
ENVIRONMENT = "environment variables arrive"
FOLDER = "it runs in the folder that it was started in"
STREAMS = "what it prints is captured, both streams"
PRINTED = "it can read what it has printed"
STATUS = "its exit status is kept"
KILLED = "it ends when it is killed"
STACKS = "it prints its stacks when it hangs"
TWO = "two can run at once"
ALL = {RECORD, ARGUMENTS, ENVIRONMENT, FOLDER, STREAMS, PRINTED, STATUS, KILLED, STACKS, TWO}


def command(*faults: str) -> str:
    return shlex.join([sys.executable, str(FAULTY), ",".join(faults)] if faults else [sys.executable])


def doctor(line: str, *options: str, env: dict[str, str] | None = None) -> tuple[Done, dict[str, Any]]:
    done = module("matrix", "doctor", "--command", line, "--json", *options, env=env)
    return done, json.loads(done.out)


def broken(report: dict[str, Any]) -> set[str]:
    return {check["clause"] for check in report["checks"] if not check["held"]}


def test_an_interpreter_qualifies() -> None:
    done, report = doctor(command())
    assert (done.status, report["qualifies"], broken(report)) == (0, True, set())
    assert {check["clause"] for check in report["checks"]} == ALL | {"it prints its facts"}
    assert report["seconds"] > 0
    assert report["time_scale"] >= 1


def test_a_shell_in_between_a_lost_status_and_a_lost_stream_are_seen() -> None:
    done, report = doctor(command("shell", "status", "stderr"))
    assert (done.status, report["qualifies"]) == (1, False)
    assert broken(report) - {STACKS} == {ARGUMENTS, STATUS, STREAMS, PRINTED}
    details = {check["clause"]: check["detail"] for check in report["checks"]}
    assert details[STATUS] == "3 arrived as 1; 255 arrived as 1"


def test_a_client_that_leaves_its_process_behind_is_seen(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    try:
        done, report = doctor(command("environment", "folder", "survivor"), env={"FAULTY_PIDS": str(pids)})
    finally:
        for pid in pids.read_text(encoding="utf-8").split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
    assert done.status == 1
    assert broken(report) == {ENVIRONMENT, FOLDER, KILLED, STACKS}


def test_output_that_comes_late_is_seen_and_one_at_a_time_is_no_obstacle(tmp_path: Path) -> None:
    done, report = doctor(command("late", "alone"), "--time-scale", "0.2", env={"FAULTY_LOCK": str(tmp_path / "lock")})
    assert broken(report) - {STACKS, KILLED} == {PRINTED, TWO}
    assert [check["required"] for check in report["checks"] if check["clause"] == TWO] == [False]
    assert done.status == 1


def test_a_file_system_of_its_own_is_seen_and_said_in_words() -> None:
    done = module("matrix", "doctor", "--command", command("record"))
    assert done.status == 1
    assert f"FAIL  {RECORD}: no record" in done.out
    assert "--map" in done.out
    assert done.out.rstrip().endswith("see docs/targets.md.")


def test_what_is_no_interpreter_does_not_qualify() -> None:
    done = module("matrix", "doctor", "--command", shlex.join([sys.executable, "-c", "print('hello')"]))
    assert done.status == 1
    assert done.out.startswith("FAIL  it prints its facts: ")


@pytest.mark.parametrize("words", [["doctor"], ["doctor", "--command", ""], ["doctor", "--command", "x", "--map", "a"]])
def test_wrong_usage(words: list[str]) -> None:
    assert module("matrix", *words).status == 2


def test_a_command_that_sees_our_folders_elsewhere_is_measured_with_a_map(tmp_path: Path) -> None:
    maps = ["--map", "/=/inside/"]
    done, report = doctor(command("map"), *maps)
    assert (done.status, broken(report)) == (0, set()), done.err
    selection = ["--probe", "arguments.threading_lock", "--launcher", "inside", "--out", str(tmp_path)]
    done = module("matrix", "run", "--command", command("map"), *maps, *selection)
    assert done.status == 0, done.out + done.err
    found = [line for line in lines(tmp_path) if line["kind"] == "verdict"]
    assert {line["method"]: line["outcome"] for line in found} == {"fork": "yes", "spawn": "no", "forkserver": "no"}
    assert "/inside" not in json.dumps(found)
    assert str(ROOT) not in json.dumps(found)
