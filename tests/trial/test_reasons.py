"""What explains a finding: the error that came, what is gone, or what the program's own source does."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix.model import ProcessExit
from matrix.trial import near, reasons
from matrix.trial.model import Difference, Finding, Frame, Python, Start, Trial

PYTHON = Python(
    path="python3.12", series="3.12", version="3.12.1", platform="linux", target="cpython-3.12.1-linux-x86_64-gnu",
    default="fork", methods=("fork", "spawn", "forkserver"),
)  # fmt: skip
LOGGING = "import logging\nif __name__ == '__main__':\n    logging.basicConfig(level=logging.INFO)\n"
LEAKED = (
    "/usr/lib/python3.12/multiprocessing/resource_tracker.py:254: UserWarning: resource_tracker: There appear to be "
    "1 leaked semaphore objects to clean up at shutdown"
)
LOCK_AT_TOP = "import multiprocessing\nlock = multiprocessing.Lock()\nmultiprocessing.Process(target=print)\n"
TEE = """
import multiprocessing, sys
level = 0
class Tee:
    def write(self, text): sys.__stdout__.write(f"# {text}" if level else text)
def main():
    global level
    level = 1
    sys.stdout = Tee()
    multiprocessing.Process(target=print, args=("from the child",)).start()
main()
"""
MOCK = "from unittest import mock\nwith mock.patch('urllib.request.urlopen'):\n    start()\n"


def question(difference: Difference, evidence: str, source: str, folder: Path) -> str:
    (folder / "app.py").write_text(source, encoding="utf-8")
    frame = Frame(file=str(folder / "app.py"), line=3, function="main")
    trial = Trial(
        python=PYTHON, method="spawn", number=1, exit=ProcessExit(code=0),
        starts=(Start(method="spawn", origin="default", stack=(frame,)),),
    )  # fmt: skip
    finding = Finding(python="3.12", method="spawn", test="", difference=difference, detail="", evidence=evidence)
    found = reasons.explained(finding, trial, "fork", folder).reasons
    return found[0].question if found else ""


@pytest.mark.parametrize(
    ("difference", "evidence", "source", "expected"),
    [
        (Difference.OUTPUT, "+ TypeError: cannot pickle '_thread.lock' object", LOGGING, "objects.instance_with_lock"),
        (Difference.OUTPUT, "- message of worker 1", LOGGING, "state.logging_configuration"),
        (Difference.OUTPUT, "- True\n+ False", MOCK, "semantics.monkeypatch_seen"),
        (Difference.OUTPUT, "- True\n+ False", "", ""),
        (Difference.SLOWER, "4 starts pickle up to 2.2 MiB and take 2.1 s, fork 0.12 s", "", "cost.argument_time"),
        (
            Difference.OUTPUT,
            "- DeprecationWarning: This process (pid=7) is multi-threaded, use of fork() may lead to deadlocks",
            LOGGING,
            "threads.warning",
        ),
        (Difference.UNTESTED, "", LOGGING, ""),
        (Difference.WARNS, LEAKED, "", "tracker.semaphore_warning"),
        (Difference.WARNS, LEAKED, LOCK_AT_TOP, "sharing.lock_at_module_level"),
        (Difference.OUTPUT, "- # from the child\n+ from the child", TEE, "inheritance.replaced_stdout"),
    ],
)
def test_what_explains_a_finding(
    difference: Difference, evidence: str, source: str, expected: str, tmp_path: Path
) -> None:
    assert question(difference, evidence, source, tmp_path) == expected


@pytest.mark.parametrize("named", ["test_app.py", "./test_app.py", "sub/../test_app.py"])
def test_a_start_is_found_in_a_traceback_that_names_files_as_pytest_does(named: str, tmp_path: Path) -> None:
    frame = Frame(file=str(tmp_path / "test_app.py"), line=3, function="test_it")
    start = Start(method="spawn", origin="default", stack=(frame,), unpicklable="self.lock", interface="Process")
    trial = Trial(python=PYTHON, method="spawn", number=1, exit=ProcessExit(code=1), starts=(start,))
    evidence = f"{named}:3: in test_it\nE   TypeError: cannot pickle '_thread.lock' object"
    finding = Finding(
        python="3.12", method="spawn", test="t", difference=Difference.FAILS, detail="", evidence=evidence
    )
    assert [one.culprit for one in reasons.explained(finding, trial, "fork", tmp_path).reasons][:1] == ["self.lock"]


MODULE = """\
import mock
def helper(): pass
@mock.patch("a")
def test_first(): pass
class TestStore:
    level = 1
    def test_lock(self): pass
    @mock.patch("b")
    def test_other(self): pass
"""


@pytest.mark.parametrize("test", ["test_a.py::TestDerived::test_lock[x::y]", "tests.test_a.TestStore.test_lock"])
def test_only_its_own_lines_explain_a_test(test: str) -> None:
    kept = near.of_test(MODULE, test).splitlines()
    assert len(kept) == len(MODULE.splitlines())
    assert [line for line in kept if line.strip()] == [
        "import mock", "def helper(): pass", "class TestStore:", "    level = 1", "    def test_lock(self): pass",
    ]  # fmt: skip


@pytest.mark.parametrize("test", ["", "test_a.py", "test_a.py::TestStore::test_inherited"])
def test_a_module_without_the_test_is_read_whole(test: str) -> None:
    assert near.of_test(MODULE, test) == MODULE
