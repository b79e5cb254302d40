"""A report with everything in it, whose texts are hostile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from matrix.model import ProcessExit
from matrix.trial import printable
from matrix.trial.model import (
    Change,
    Compared,
    Difference,
    Finding,
    Frame,
    Python,
    Reason,
    Report,
    Start,
    TestRun,
    Trial,
)

EVIL = "<script>alert(1)</script> %0A::error::x \x1b[31m\x00 | `*_[] \ud800 \u202e ä"
PYTHON = Python(
    path="/p", series="3.12", version="3.12.1", platform="linux", target="cpython-3.12.1-linux-x86_64-gnu",
    default="fork", methods=("fork", "spawn", "forkserver"),
)  # fmt: skip
CWD = Path("/project")
REASON = Reason(
    question="arguments.threading_lock",
    text="Can a lock be passed?",
    because="the message",
    label="Fork only",
    range="no under spawn, 3.8+",
    why="It is not picklable.",
    do="Make it in the child.",
    url="probe/arguments.threading_lock.html",
    culprit="self.lock",
)


def trial(method: str, number: int = 1) -> Trial:
    outcome = "passed" if method == "fork" else "failed"
    tests = {name: TestRun(id=name, outcome=outcome, seconds=0.5) for name in ("t.py::test_a", f"t.py::test_[{EVIL}]")}
    start = Start(
        method="fork", origin="explicit", threads=3, size=2000, seconds=0.01, kind="multiprocessing.ForkProcess",
        stack=(Frame(file="/project/store.py", line=88, function="start"),),
    )  # fmt: skip
    ended = ProcessExit(code=0, duration=2.0)
    return Trial(python=PYTHON, method=method, number=number, exit=ended, tests=tests, starts=(start,), processes=2)


def finding(test: str, difference: Difference = Difference.FAILS, **more: object) -> Finding:
    made = Finding(
        python="3.12", method="spawn", test=test, difference=difference, detail=f"TypeError: {EVIL}",
        evidence=f"Traceback\n{EVIL}", place=Frame(file="/project/store.py", line=88, function="start"),
        reasons=(REASON,),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def everything() -> Report:
    """Findings of several kinds, starts, changes and notes."""
    findings = (
        finding("t.py::test_a"),
        finding(f"t.py::test_[{EVIL}]", Difference.HANGS, k=1, n=3),
        finding("", Difference.SLOWER, reasons=(), place=Frame(file="/elsewhere/x.py", line=1, function="")),
    )
    change = Change(question="a.b", text=EVIL, method="spawn", before="yes", after="no", do="x", url="probe/a.b.html")
    one = Compared(
        python=PYTHON, baseline="fork", trials=(trial("fork"), trial("fork", 2), trial("spawn")), findings=findings,
        own=(finding(EVIL),), flaky={"t.py::f": (1, 2)}, untested=(EVIL,), changes=(change,),
    )  # fmt: skip
    words = ("pytest", EVIL)
    made = Report(
        words=words, cwd=CWD, compared=(one,), moved_to="linux-3.14", site="https://example.org/x/", seconds=3.0
    )
    return printable.printable(made)
