"""Every fault of a probe gets the right outcome from the real runner, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, Done, lines, verdicts
from tests.misbehave.runs import Verdicts, linux, only, posix, run_faults, with_token

ENDING = {
    "well_behaved": ("yes", "it is"),
    "says_no": ("no", "TypeError: cannot"),
    "segv": ("crash", "ended by "),
    "os_abort": ("crash", "ended by SIGABRT" if os.name == "posix" else "exit status 3"),
    "exit_3": ("crash", "exit status 3"),
    "answers_then_fails": ("crash", "exit status 7"),
    "os_exit_0": ("error", "no-record: exit status 0 without an answer"),
    "raises": ("error", "LookupError: a bug in the probe"),
    "half_json": ("error", "bad-record: not JSON"),
    "empty_record": ("error", "bad-record: not JSON"),
    "two_records": ("error", "bad-record: not JSON"),
    "wrong_probe": ("error", "bad-record: probe is 'faults.right_probe'"),
    "wrong_token": ("error", "bad-record: token is '000"),
    "huge_record": ("error", "bad-record: longer than"),
    "flood": ("error", "output-limit: printed"),
    "binary_output": ("yes", ""),
    "leaves_tmp": ("yes", ""),
}
"""{fault that ends by itself or is ended: (outcome, how the detail begins)}."""

ORPHANS = {"orphan_holds_stdout": 1, "orphan_setsid": 1, "double_fork": 1, "breeder": 64}
HANGING = ("sleep_forever", "deadlock_in_child", "record_then_hang", "full_queue_at_exit")


@dataclass(frozen=True)
class Ran:
    """A whole run: what came of the runner, and what it says."""

    done: Done
    folder: Path
    verdicts: Verdicts


@pytest.fixture(scope="session")
def ending(python: str, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All faults that end, in one run: none may touch another's verdict."""
    folder = tmp_path_factory.mktemp("ending")
    names = [*ENDING, *(ORPHANS if os.name == "posix" else ())]
    done = run_faults(python, folder, *names, deadline=60)
    return Ran(done, folder, verdicts(folder))


@pytest.fixture(scope="session")
def hanging(python: str, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All faults that do not end, in one run: they wait, and so side by side."""
    folder = tmp_path_factory.mktemp("hanging")
    done = run_faults(python, folder, *HANGING, deadline=8)
    return Ran(done, folder, verdicts(folder))


@pytest.mark.parametrize("name", ENDING)
def test_outcome(ending: Ran, name: str) -> None:
    verdict = ending.verdicts[name, "none"]
    outcome, detail = ENDING[name]
    assert verdict["outcome"] == outcome, verdict
    assert verdict["detail"].startswith(detail)


@posix
def test_a_crash_is_named_by_its_signal(ending: Ran) -> None:
    assert ending.verdicts["segv", "none"]["exit"] == {"code": None, "signal": "SIGSEGV", "status": None}


def test_faults_of_ours_make_the_status_1_and_the_run_complete(ending: Ran) -> None:
    assert ending.done.status == 1
    end = lines(ending.folder)[-1]
    assert (end["kind"], end["verdicts"], end["complete"]) == ("end", len(ending.verdicts), True)


def test_facts_about_python_make_the_status_0(hanging: Ran) -> None:
    assert hanging.done.status == 0, hanging.done.err


@pytest.mark.parametrize(
    ("name", "method", "phase", "function"),
    [
        ("sleep_forever", "none", "run", "sleep_forever"),
        ("deadlock_in_child", "fork", "run", "take_twice"),
        ("deadlock_in_child", "spawn", "run", "take_twice"),
        ("record_then_hang", "none", "exit", "_shutdown"),
        ("full_queue_at_exit", "spawn", "exit", "_feed"),
    ],
)
def test_a_hang_names_its_phase_and_shows_the_stack(
    hanging: Ran, name: str, method: str, phase: str, function: str
) -> None:
    if (name, method) not in hanging.verdicts:
        pytest.skip("no such method here")
    verdict = hanging.verdicts[name, method]
    if verdict["outcome"] == "unavailable":
        pytest.skip("no such method here")
    assert (verdict["outcome"], verdict["detail"]) == ("hang", f"phase {phase}")
    if phase == "exit" and lines(hanging.folder)[0]["target"].startswith("pypy"):
        function = "Stack (most recent call first"  # PyPy's faulthandler shows one thread, whichever gets the signal
    if os.name == "posix" or function == name:  # Windows: only the probe's own process can be asked
        assert function in verdict["stacks"]
    if phase == "exit":
        assert verdict["observed"]["said"] == "yes"


@posix
@pytest.mark.parametrize("name", ORPHANS)
def test_orphans_are_found_ended_and_reported(ending: Ran, name: str) -> None:
    verdict = ending.verdicts[name, "none"]
    assert verdict["outcome"] == "yes"
    assert len(verdict["leaks"]["processes"]) == ORPHANS[name]
    assert not with_token(verdict["observed"]["token"])


@posix
def test_an_orphan_does_not_make_its_probe_wait(ending: Ran) -> None:
    # The bound is the deadline, not a speed: a runner that waits for the pipe to close would need all of it.
    assert ending.verdicts["orphan_holds_stdout", "none"]["duration"] < 30


def test_a_flood_is_cut(ending: Ran) -> None:
    output = ending.verdicts["flood", "none"]["output"]
    assert output["cut"]
    assert output["bytes"] > 8 * 2**20
    assert len(output["text"]) < 2**16


def test_any_output_is_kept_as_printable_text(ending: Ran) -> None:
    text = ending.verdicts["binary_output", "none"]["output"]["text"]
    assert "\\x1b[31mred\\xff\\xfe" in text
    assert all(c.isprintable() or c in "\n\t" for c in text)


def test_files_left_in_the_temporary_folder_are_reported_and_removed(ending: Ran) -> None:
    if lines(ending.folder)[0]["launcher"] == "wine":
        pytest.skip("Wine keeps a temporary folder of its own")
    assert ending.verdicts["leaves_tmp", "none"]["leaks"] == {"files": ["left-behind"]}


@linux
def test_a_descendant_that_hides_is_remembered(tmp_path: Path, python: str) -> None:
    run_faults(python, tmp_path, "leaves_session_and_environment")
    assert only(tmp_path)["leaks"] == {"processes": ["process"]}


@posix
def test_a_flood_does_not_fill_the_runner(tmp_path: Path, python: str) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from matrix.__main__ import main;"
        "from tests.misbehave.runs import words; from pathlib import Path;"
        f"main([*words({python!r}, Path({str(tmp_path)!r}), 'flood'), '--no-retry'])"
    )
    # started by a process that is small: what a process took before exec() counts as its own
    start = (
        "import os, sys; pid = os.spawnv(os.P_NOWAIT, sys.executable, sys.argv[1:]);"
        "print(os.wait4(pid, 0)[2].ru_maxrss)"
    )
    command = [sys.executable, "-c", start, sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    most = int(done.stdout.splitlines()[-1])
    unit = 1 if sys.platform == "darwin" else 1024
    assert only(tmp_path)["outcome"] == "error"
    assert most * unit < 300 * 2**20


def test_hostile_environment_does_not_reach_the_probe(tmp_path: Path, python: str) -> None:
    hostile = {
        "PYTHONSAFEPATH": "1",
        "PYTHONSTARTUP": "canifork-hostile",
        "PYTHONWARNINGS": "error",
        "PYTHONOPTIMIZE": "2",
    }
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", ""), "canifork-hostile"])
    done = run_faults(python, tmp_path, "sees_environment", env={**hostile, "PYTHONPATH": path})
    assert done.status == 0, done.err
    observed = only(tmp_path)["observed"]
    assert observed["python"] == ["PYTHONDONTWRITEBYTECODE", "PYTHONFAULTHANDLER"]
    assert observed["path"] == []
    assert observed["temp"] < 60 or os.name == "nt", "sockets are made there, and Windows has named pipes instead"
