"""The pure parts of trials: comparison, stable text, deadlines, commands, places."""

from __future__ import annotations

import argparse
import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matrix.errors import TargetError
from matrix.model import ProcessExit
from matrix.trial import (
    command,
    compare,
    environments,
    event_files,
    followers,
    log,
    moves,
    places,
    stable_text,
    stack_files,
    starts,
    trials,
)
from matrix.trial.command import how_launched
from matrix.trial.deadlines import Deadlines
from matrix.trial.model import Compared, Difference, Frame, Python, Start, TestRun, Trial
from tests.misbehave import corpus

PYTHON = Python(
    path="/p/python", series="3.12", version="3.12.1", platform="linux", target="t", default="fork",
    methods=("fork", "spawn", "forkserver"),
)  # fmt: skip
RUNS = (("fork", 1), ("fork", 2), ("spawn", 1))
GROUND = compare.Ground(python=PYTHON, cwd=Path("/project"), slower=5.0)


def trial(method: str, number: int = 1, code: int = 0, output: str = "", **tests: str | TestRun) -> Trial:
    """A trial with tests by name: an outcome, or all of a test."""
    found = {
        name: test if isinstance(test, TestRun) else TestRun(id=name, outcome=test) for name, test in tests.items()
    }
    ended = ProcessExit(code=code, duration=1.0)
    return Trial(python=PYTHON, method=method, number=number, exit=ended, tests=found, output=output)


def judged(*trials: Trial) -> Compared:
    return compare.compare(GROUND, "fork", trials)


def kinds(found: Compared) -> set[tuple[str, str, str]]:
    return {(one.method, one.test, str(one.difference)) for one in found.findings}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("passed", "passed"), "passed", set()),
        (("passed", "passed"), "failed", {("spawn", "a", "fails")}),
        (("passed", "passed"), "hang", {("spawn", "a", "hangs")}),
        (("passed", "passed"), "crash", {("spawn", "a", "crashes")}),
        (("skipped", "skipped"), "failed", {("spawn", "a", "fails")}),
        (("xfailed", "xfailed"), "failed", {("spawn", "a", "fails")}),
        (("passed", "passed"), "skipped", set()),
        (("failed", "failed"), "failed", set()),
        (("failed", "passed"), "failed", set()),
        (("failed", "passed"), "passed", set()),
        (("failed", "failed"), "passed", {("fork", "a", "fails")}),
    ],
)
def test_a_test_is_compared_with_both_runs_of_the_baseline(
    before: tuple[str, str], after: str, expected: set[tuple[str, str, str]]
) -> None:
    found = judged(trial("fork", a=before[0]), trial("fork", 2, a=before[1]), trial("spawn", a=after))
    assert kinds(found) == expected
    assert tuple(finding.test for finding in found.own) == (
        ("a",) if before == ("failed", "failed") and after == "failed" else ()
    )
    assert found.flaky == ({"a": (1, 2)} if "failed" in before and "passed" in before else {})


@given(st.lists(st.sampled_from(["passed", "failed", "hang", "crash", "skipped"]), min_size=1, max_size=6))
def test_two_equal_trials_never_differ(outcomes: list[str]) -> None:
    tests = {f"t{n}": outcome for n, outcome in enumerate(outcomes)}
    assert judged(trial("fork", **tests), trial("fork", 2, **tests), trial("spawn", **tests)).findings == ()


@pytest.mark.parametrize(
    ("code", "output", "expected"),
    [
        (0, "one\ntwo 7\n", set()),
        (0, "two 7\none\n", set()),  # processes interleave
        (0, "one\n", {("spawn", "", "output differs")}),
        (0, "one\ntwo 7\nthree\n", {("spawn", "", "output differs")}),
        (1, "one\n", {("spawn", "", "fails")}),
        (0, "one\ntwo 7\nx.py:1: UserWarning: careful\n  warn()\n", {("spawn", "", "warns")}),
    ],
)
def test_a_command_without_tests_is_compared_by_its_end_and_output(
    code: int, output: str, expected: set[tuple[str, str, str]]
) -> None:
    base = "one\ntwo 7\n"
    assert (
        kinds(judged(trial("fork", output=base), trial("fork", 2, output=base), trial("spawn", 1, code, output)))
        == expected
    )


def test_what_two_runs_of_the_baseline_print_differently_is_not_compared() -> None:
    base = trial("fork", output="a\nx1y\n"), trial("fork", 2, output="a\nx2y\n")
    assert kinds(judged(*base, trial("spawn", output="a\nx2y\n"))) == set()
    assert kinds(judged(*base, trial("spawn", output="a\nx3y\n"))) == set()
    assert kinds(judged(*base, trial("spawn", output="a\nz3y\n"))) == {("spawn", "", "output differs")}


def test_a_line_that_is_printed_more_often_differs() -> None:
    base = trial("fork", output="load\n"), trial("fork", 2, output="load\n")
    assert kinds(judged(*base, trial("spawn", output="load\nload\n"))) == {("spawn", "", "output differs")}
    unsteady = trial("fork", output="load\n"), trial("fork", 2, output="load\nload\n")
    assert kinds(judged(*unsteady, trial("spawn", output="load\nload\nload\n"))) == set()


def test_one_error_from_other_frames_is_the_same() -> None:
    error = 'done\nTraceback (most recent call last):\n  File "{}.py", line 3, in main\nOSError: gone\n'
    base = trial("fork", output=error.format("a")), trial("fork", 2, output=error.format("a"))
    assert kinds(judged(*base, trial("spawn", output=error.format("b")))) == set()
    assert kinds(judged(*base, trial("spawn", output=error.format("b") + "OSError: no\n"))) == {
        ("spawn", "", "output differs")
    }
    assert kinds(judged(*base, trial("spawn", output="done\n"))) == {("spawn", "", "output differs")}


def test_an_error_that_the_baseline_alone_prints_is_the_headline() -> None:
    base = "work\nRuntimeError: no child may start\n"
    (finding,) = judged(
        trial("fork", output=base), trial("fork", 2, output=base), trial("spawn", output="work\n")
    ).findings
    assert finding.detail == "missing: RuntimeError: no child may start"


def test_a_runner_that_found_no_test_has_not_failed() -> None:
    ends = [replace(trial(method, number, code=5), kind="pytest") for method, number in RUNS]
    assert judged(*ends).own == ()
    assert judged(*(replace(one, kind="command") for one in ends)).own


def test_a_baseline_that_fails_is_told_once() -> None:
    base = trial("fork", 1, 1, "hung\n"), trial("fork", 2, 1, "hung\n")
    assert kinds(judged(*base, trial("spawn", output="done\n"))) == {("fork", "", "fails")}


def test_a_fault_of_the_default_is_compared_with_a_method_that_passes() -> None:
    found = judged(trial("fork", a="failed"), trial("spawn", a="failed"), trial("forkserver", a="passed"))
    [finding] = found.findings
    assert trials.beside(finding, found) == "forkserver"
    assert trials.beside(replace(finding, method="spawn"), found) == "fork"


def test_two_failures_are_not_compared_by_how_they_are_worded() -> None:
    error = "Traceback (most recent call last):\n{}Error: no\n"
    base = [trial("fork", number, 1, error.format("EOF")) for number in (1, 2)]
    found = judged(*base, trial("spawn", 1, 1, error.format("Runtime")), trial("forkserver"))
    assert kinds(found) == {("fork", "", "fails")}
    printed = [
        trial("fork", number, 1, "3 faults\n") for number in (1, 2)
    ]  # a status that tells something is no failure
    assert kinds(judged(*printed, trial("spawn", 1, 1, "4 faults\n"))) == {("spawn", "", "output differs")}


@pytest.mark.parametrize(("seconds", "differs"), [(1.0, False), (2.5, False), (5.5, True), (4.9, False)])
def test_slower_is_a_factor_and_a_least_difference(seconds: float, differs: bool) -> None:
    base = TestRun(id="a", outcome="passed", seconds=1.0)
    found = judged(trial("fork", a=base), trial("fork", 2, a=base), trial("spawn", a=replace(base, seconds=seconds)))
    assert kinds(found) == ({("spawn", "a", "slower")} if differs else set())


def test_warnings_are_compared_without_process_numbers() -> None:
    base = TestRun(id="a", outcome="passed", warnings=("a.py:1: W: process (pid=1) is bad",))
    same = replace(base, warnings=("a.py:1: W: process (pid=2) is bad",))
    new = replace(base, warnings=("a.py:1: W: other",))
    assert kinds(judged(trial("fork", a=base), trial("fork", 2, a=base), trial("spawn", a=same))) == set()
    [finding] = judged(trial("fork", a=base), trial("fork", 2, a=base), trial("spawn", a=new)).findings
    assert (finding.difference, finding.detail, finding.place) == (
        Difference.WARNS, "W: other", Frame(file="a.py", line=1, function=""),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("took 1.25 s", "took 9.125 s"),
        ("<Lock at 0x7f00aa>", "<Lock at 0x55ffbb>"),
        ("Process ForkProcess-1:", "Process SpawnProcess-12:"),
        ("(pid=123) starts", "(pid=45) starts"),
        ("2026-01-02 03:04:05,678 INFO x", "2027-11-12 13:14:15,000 INFO x"),
        ("wrote /tmp/a1/b", "wrote /tmp/c2/d"),
        ("method fork", "method forkserver"),
        ("\x1b[32mok\x1b[0m", "ok"),
        ("process 4242 done", "process 17 done"),
    ],
)
def test_what_changes_from_run_to_run_is_not_stable(one: str, other: str) -> None:
    assert stable_text.stable(one) == stable_text.stable(other)


@pytest.mark.parametrize(
    ("one", "other"), [("value 1", "value 2"), ("3 passed", "4 passed"), ("mock: True", "mock: False")]
)
def test_what_tells_something_is_stable(one: str, other: str) -> None:
    assert stable_text.stable(one) != stable_text.stable(other)


@pytest.mark.parametrize("line", ["x" * 300_000, "1" * 300_000, "a." * 100_000, "/tmp/" * 50_000, " " * 300_000])
@pytest.mark.timeout(60)
def test_an_endless_line_is_compared_in_time_that_grows_with_its_length(line: str) -> None:
    assert stable_text.differing([line, line], line) == ([], [])


@pytest.mark.parametrize(
    ("first", "second", "other", "differs"),
    [
        ("0.14286", "0.14286", "0.1428571428", True),
        ("sum 123456", "sum 123456", "sum 654321", True),
        ("took 0.14286", "took 0.15286", "took 0.1428571", False),
        ("pi 3.14159 in 0.121 s", "pi 3.14159 in 0.244 s", "pi 3.14159 in 0.333 s", False),
        ("pi 3.14159 in 0.121", "pi 3.14159 in 0.244", "pi 2.71828 in 0.333", True),
        ("0.0001", "0.0001", "0.0002", False),
        ("3.14", "3.14", "3.15", False),
        ("[0.33, 0.67, 1.33]", "[0.33, 0.67, 1.33]", "[0.333333, 0.666667, 1.333333]", True),
        ("took 0.33, 0.67, 1.33", "took 0.33, 0.68, 1.33", "took 0.40, 0.70, 1.50", False),
        ("pid 12345", "pid 23456", "pid 34567", False),
    ],
)
def test_a_long_number_that_two_runs_print_alike_is_a_result(
    first: str, second: str, other: str, differs: bool
) -> None:
    gone, come = stable_text.differing([first, second], other)
    assert (bool(gone), bool(come)) == (differs, differs)


@given(st.lists(st.text(max_size=20), max_size=8))
def test_a_text_never_differs_from_itself(parts: list[str]) -> None:
    text = "\n".join(parts)
    assert stable_text.differing([text, text], text) == ([], [])


@pytest.mark.parametrize(
    ("timeout", "took", "seconds"),
    [
        (None, None, 600), (None, 0.1, 20), (None, 5.0, 50), (None, 100.0, 600), (None, 400.0, 1200),
        (60.0, None, 60), (60.0, 0.1, 60), (60.0, 50.0, 150),
    ],
)  # fmt: skip
def test_deadlines_scale_with_the_baseline(timeout: float | None, took: float | None, seconds: float) -> None:
    deadlines = Deadlines(timeout=timeout, tests={} if took is None else {"a": took}, gap=took)
    assert deadlines.of_test("a") == seconds
    assert deadlines.of_gap() == seconds


@pytest.mark.parametrize(
    ("words", "script", "reads"),
    [
        (["app.py", "-m"], "app.py", False),
        (["-W", "error", "-X", "dev", "app.py"], "app.py", False),
        (["-Wignore", "-Ximporttime", "-u", "-"], "", True),
        (["-u"], "", True),
        ([], "", True),
        (["-c", "pass"], "", False),
        (["-Bc", "pass"], "", False),
        (["-m", "pkg", "x.py"], "", False),
        (["--version"], "", False),
        (["-V"], "", False),
        (["--check-hash-based-pycs", "always", "app.py"], "app.py", False),
    ],
)
def test_what_a_python_runs(words: list[str], script: str, reads: bool) -> None:
    assert command.script_of(words) == script
    assert command.reads_program(["python", *words]) is reads
    assert not command.reads_program(["pytest", *words])


@pytest.mark.parametrize(
    ("deadlines", "at_most", "silence", "starts"),
    [
        (Deadlines(), 600, 60, math.inf),
        (Deadlines(gap=1.0, processes=3), 60, math.inf, 23),
        (Deadlines(gap=5.0, processes=0), 150, math.inf, 20),
        (Deadlines(gap=100.0, processes=0), 600, math.inf, 20),
        (Deadlines(timeout=7.0), 7, math.inf, math.inf),
        (Deadlines(timeout=7.0, gap=1.0, processes=3), 7, math.inf, 23),
        (Deadlines(scale=4.0), 2400, 240, math.inf),
    ],
    ids=repr,
)
def test_what_computes_is_granted_more_but_not_without_end(
    deadlines: Deadlines, at_most: float, silence: float, starts: float
) -> None:
    assert deadlines.at_most(deadlines.of_gap()) == at_most
    assert deadlines.of_silence() == silence
    assert deadlines.most_starts() == starts


def _failing(*rows: tuple[str, str, str]) -> Trial:
    tests = {name: TestRun(id=name, outcome=outcome, text=text) for name, outcome, text in rows}
    return Trial(python=PYTHON, method="spawn", number=1, exit=ProcessExit(code=1), kind="pytest", tests=tests)


def test_what_may_follow_from_the_first_failure_is_asked_again() -> None:
    trial = _failing(
        ("a", "passed", ""),
        ("b", "failed", "E  TypeError: cannot pickle 'x' object at 0x7f0000"),
        ("c", "failed", "E  TypeError: cannot pickle 'x' object at 0x7f1111"),
        ("d", "failed", "E  OSError: address in use"),
        ("e", "hang", "no end"),
        ("f", "failed", "E  KeyError: 1"),
    )
    base = _failing(("f", "failed", "E  KeyError: 1"), ("a", "passed", ""))
    found = followers.suspects(trial, [base])
    assert found == followers.Suspects(cause="b", tests=frozenset({"d"}))
    for outcome, follows in (("passed", "b"), ("failed", ""), ("skipped", "")):
        again = {"d": TestRun(id="d", outcome=outcome), "c": TestRun(id="c", outcome="passed")}
        marked = followers.marked(trial, found, again)
        assert {name: test.follows for name, test in marked.tests.items() if test.follows} == (
            {"d": follows} if follows else {}
        )
    assert followers.suspects(replace(trial, kind="unittest"), [base]) is None
    assert followers.suspects(_failing(("a", "passed", "")), [base]) is None


def test_the_last_stacks_of_what_lives_are_read(tmp_path: Path) -> None:
    stack = 'Timeout (0:00:05)!\nThread 0x1 (most recent call first):\n  File "app.py", line {} in work\n'
    for name, text, age in (("7", stack.format(1) + stack.format(2), 4), ("8", stack.format(3), 40), ("9", "", 0)):
        path = tmp_path / f"stacks-{name}.txt"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1000 - age, 1000 - age))
    assert stack_files.read(tmp_path, 5.0) == f"Process 7:\n{stack.format(2)}"
    assert stack_files.read(tmp_path / "missing", 5.0) == ""


def test_the_silence_before_a_hang_is_no_measure_of_the_work() -> None:
    assert Deadlines().without_silence(61.0) == 1.0
    assert Deadlines().without_silence(30.0) == 0.0
    assert Deadlines(gap=1.0).without_silence(22.0) == 0.0


@pytest.mark.parametrize(
    ("words", "argv", "kind"),
    [
        (["python", "-m", "pytest", "tests"], ["/p/python", "-m", "pytest", "tests"], "pytest"),
        (["python3.12", "app.py", "x"], ["/p/python", "app.py", "x"], "command"),
        (["pypy3", "-m", "unittest"], ["/p/python", "-m", "unittest"], "unittest"),
        (["py", "-X", "dev", "app.py"], ["/p/python", "-X", "dev", "app.py"], "command"),
    ],
)
def test_the_interpreter_takes_the_place_of_python(
    words: list[str], argv: list[str], kind: str, tmp_path: Path
) -> None:
    (tmp_path / "app.py").touch()
    found = command.command(words, "/p/python", tmp_path)
    assert found.script == ("app.py" if "app.py" in words else "")
    assert (list(found.argv), found.kind, list(found.words)) == (argv, kind, words)


def test_a_function_is_called_by_its_name() -> None:
    found = command.command(["package.module:main"], "/p/python", Path("/"))
    assert found.argv[:2] == ("/p/python", "-c")
    assert "'package.module:main'" in found.argv[2]


TRACE = """\
Traceback (most recent call last):
  File "/project/app.py", line 3, in main
    store.start()
  File "/project/store.py", line 10, in start
    process.start()
  File "/usr/lib/python3.12/multiprocessing/process.py", line 121, in start
    self._popen = self._Popen(self)
TypeError: cannot pickle '_thread.lock' object
"""


def test_the_innermost_own_line_of_a_traceback() -> None:
    drive = "C:" if os.name == "nt" else ""  # without it, no path is absolute on Windows
    trace = TRACE.replace("/project", f"{drive}/project")
    found = Frame(file=f"{drive}/project/store.py", line=10, function="start")
    assert places.in_project(trace, Path(f"{drive}/project")) == found
    assert places.in_project(trace, Path(f"{drive}/other")) is None
    assert compare.headline(TRACE) == "TypeError: cannot pickle '_thread.lock' object"


def test_the_innermost_own_line_of_stacks_and_of_pytest() -> None:
    stacks = """\
Current thread 0x1 (most recent call first):
  File "/project/a.py", line 2 in wait
  File "/project/b.py", line 9 in main
"""
    assert places.in_project(stacks, Path("/project")) == Frame(file="/project/a.py", line=2, function="wait")
    assert places.in_project("t.py:4: in test_it\nE   ValueError: x\ns.py:8: ValueError\n", Path("/p")) == Frame(
        file="s.py", line=8, function=""
    )


@given(st.text(max_size=300))
def test_any_text_may_be_evidence(text: str) -> None:
    places.in_project(text, Path("/project"))
    compare.headline(text)


def start(method: str, origin: str, line: int, threads: int = 1) -> Start:
    return Start(method=method, origin=origin, threads=threads, stack=(Frame(file="a.py", line=line, function="f"),))


def test_two_trials_tell_a_default_from_a_request() -> None:
    fork = replace(trial("fork"), starts=(start("fork", "either", 1), start("fork", "either", 2)))
    spawn = replace(trial("spawn"), starts=(start("spawn", "either", 1), start("fork", "explicit", 2)))
    assert compare.origins([fork, spawn]) == {
        ("a.py", 1, "fork"): "default",
        ("a.py", 1, "spawn"): "default",
        ("a.py", 2, "fork"): "explicit",
    }
    rows = starts.rows(fork.starts, compare.origins([fork, spawn]))
    assert sorted(starts.sentences(rows)) == [
        "1 of 2 starts is explicit fork",
        "1 of 2 starts is fork by the default",
    ]


def test_a_place_may_start_by_the_default_and_by_request() -> None:
    """A helper of a library starts for all: for one that asks for spawn, and for many that ask for nothing."""
    fork = replace(trial("fork"), starts=(start("fork", "either", 1), start("spawn", "explicit", 1)))
    spawn = replace(trial("spawn"), starts=(start("spawn", "either", 1), start("spawn", "either", 1)))
    found = compare.origins([fork, spawn])
    assert (found["a.py", 1, "fork"], found["a.py", 1, "spawn"]) == ("default", "explicit")


def test_risk_is_told() -> None:
    rows = starts.rows(
        [*[start("fork", "explicit", 1, 3)] * 14, *[start("fork", "explicit", 2)] * 13, start("spawn", "set", 3)], {}
    )
    assert starts.sentences(rows) == [
        "27 of 28 starts are explicit fork, 14 from a process with threads",
        "1 of 28 starts is spawn by set_start_method()",
    ]


def test_a_pytest_inside_of_a_test_is_not_counted() -> None:
    def event(pid: int, at: int, do: str, name: str, **more: object) -> dict[str, object]:
        return {"event": "test", "pid": pid, "at": at, "do": do, "id": name, **more}

    report = {"when": "call", "outcome": "passed", "seconds": 0.0, "text": "", "output": ""}
    events = [
        event(1, 1, "start", "outer"),
        event(2, 2, "start", "inner"), event(2, 3, "report", "inner", **report), event(2, 4, "finish", "inner"),
        event(1, 5, "report", "outer", **report), event(1, 6, "finish", "outer"),
        event(2, 7, "start", "later"),
        event(3, 8, "start", "open"),
    ]  # fmt: skip
    found, running = log.tests(events)
    assert set(found) == {"outer", "open"}
    assert running == {"open"}


@given(st.binary(max_size=200))
def test_a_log_may_be_anything(data: bytes) -> None:
    list(event_files.parse(data))


KEYS = (
    "id", "do", "when", "outcome", "seconds", "text", "output", "stack", "method", "origin", "error", "threads",
    "bytes", "began", "child", "ok", "why", "where", "name", "python", "unwatched", "category", "file", "line",
)  # fmt: skip
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["start", "report"]),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part, max_size=2),
    max_leaves=6,
)
EVENTS = ("hello", "forked", "began", "start", "fork", "swap", "fault", "unwatched", "resource", "warning", "test")


@example([({"event": "warning", "at": 0, "pid": 0}, {"do": "start"})])
@given(
    st.lists(
        st.tuples(
            st.fixed_dictionaries(
                {"event": st.sampled_from(EVENTS), "at": st.integers(0, 9), "pid": st.integers(0, 3)}
            ),
            st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=6),
        ),
        max_size=6,
    )
)
def test_whatever_a_program_writes_into_the_log_is_read(written: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    data = b"".join(json.dumps(more | head).encode() + b"\n" for head, more in written)
    found = event_files.Events(found=tuple(event_files.parse(data)))
    assert all(event["at"] >= 0 for event in found.found)
    log.processes(found, ["python"])
    log.tests(found.found)


def test_what_an_event_has_to_be() -> None:
    good = {"event": "test", "at": 1.5, "pid": 7, "do": "start", "id": "a", "unknown": 1}
    bad = [{"pid": -1}, {"at": "x"}, {"do": "else"}, {"id": ["a"]}, {"event": "other"}, {"id": "a" * 200_000}]
    lines = [json.dumps(good), *(json.dumps(good | change) for change in bad), "[" * 100_000, "7", '{"at":NaN}']
    assert list(event_files.parse("\n".join(lines).encode())) == [good]


@pytest.mark.parametrize("kind", ["fifo", "folder", "endless", "loop"])
def test_a_log_that_is_no_file_is_told(tmp_path: Path, kind: str) -> None:
    if os.name != "posix":
        pytest.skip("made of what only POSIX has")
    corpus.special(kind, "events-1.jsonl")(tmp_path)
    (tmp_path / "events-2.jsonl").write_text('{"event":"hello","at":1,"pid":1}\n', encoding="utf-8")
    events = event_files.read(tmp_path)
    assert ([event["pid"] for event in events.found], events.fault[:16]) == ([1], "a file of it is ")
    assert [event["pid"] for event in event_files.Follower(tmp_path).added()] == [1]


def test_a_log_is_followed_line_by_line(tmp_path: Path) -> None:
    line = '{"event":"hello","at":1,"pid":%d}\n'
    follower = event_files.Follower(tmp_path)
    with (tmp_path / "events-1.jsonl").open("w", encoding="utf-8") as file:
        for text, pids in ((line % 1, [1]), ((line % 2)[:9], []), ((line % 2)[9:] + line % 3, [2, 3]), ("", [])):
            file.write(text)
            file.flush()
            assert [event["pid"] for event in follower.added()] == pids


def test_the_bounds_of_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_files, "MAX_EVENTS", 2)
    (tmp_path / "events-1.jsonl").write_text('{"event":"hello","at":1,"pid":1}\n' * 3, encoding="utf-8")
    events = event_files.read(tmp_path)
    assert (len(events.found), events.fault) == (2, "it has more than 2 events")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.9-3.11", ("3.9", "3.10", "3.11")),
        ("3.9,3.13", ("3.9", "3.13")),
        ("3.14", ("3.14",)),
        ("3.9-3.10,3.10", ("3.9", "3.10")),
    ],
)
def test_series_of_a_range(text: str, expected: tuple[str, ...]) -> None:
    assert environments.series(text) == expected


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("linux-3.14", "forkserver"),
        ("linux-3.15", "forkserver"),
        ("linux-3.13", "fork"),
        ("macos", "spawn"),
        ("windows-3.12", "spawn"),
    ],
)
def test_the_default_of_where_one_moves(text: str, method: str) -> None:
    assert moves.destination(text).method == method


def test_a_place_without_the_method_of_the_destination_is_told() -> None:
    windows = replace(PYTHON, platform="win32", default="spawn", methods=("spawn",))
    given = argparse.Namespace(method=[], moved_to=moves.destination("linux-3.14"))
    with pytest.raises(TargetError, match="the default there is forkserver, and this Python only has spawn"):
        trials.planned(windows, given)


def test_what_gets_worse_is_told_first() -> None:
    starts = (Start(method="fork", origin="default", interface="Pool"),)
    moved = moves.changes(PYTHON, moves.destination("linux-3.14"), [replace(trial("fork"), starts=starts)])
    assert moved
    better = [one.question for one in moved].index("forkserver.authentication")
    assert [one.question for one in moved].index("defaults.lambda_target") < better
    assert "unavailable" not in {one.before for one in moved}
    windows = moves.changes(PYTHON, moves.destination("windows-3.14"), [replace(trial("fork"), starts=starts)])
    assert windows
    missing = [one.after == "unavailable" for one in windows]
    assert missing == sorted(missing)
    assert any(missing)


PROCESS = Start(method="fork", origin="default", kind="multiprocessing.context.Process")
THREADED = replace(PROCESS, origin="explicit", threads=3)
TOUCHED = [
    # starts, method there, question, its text, whether the log touches it
    ([PROCESS], "forkserver", "guard.main_again", "How many times does the main script run again?", True),
    ([PROCESS], "forkserver", "defaults.process", "Which start method does a plain multiprocessing.Process use?", True),
    ([PROCESS], "forkserver", "defaults.pool", "Which start method do the workers of a plain Pool use?", False),
    ([THREADED], "forkserver", "defaults.process", "Which method does a plain multiprocessing.Process use?", False),
    ([PROCESS], "forkserver", "preload.late_folder", "Does a child start in the folder of an os.chdir()?", True),
    ([PROCESS], "forkserver", "preload.module", "Is a module named in set_forkserver_preload() loaded?", False),
    ([PROCESS], "forkserver", "preload.output", "Is text that a preloaded module prints written once?", False),
    ([PROCESS], "forkserver", "forkserver.helpers", "Which child processes does a program have?", True),
    ([PROCESS], "spawn", "forkserver.helpers", "Which child processes does a program have?", False),
    ([THREADED], "forkserver", "forkserver.helpers", "Which child processes does a program have?", False),
    ([PROCESS], "forkserver", "choice.fixed_by_start", "Does starting a Process of get_context(name) fix it?", False),
    ([THREADED], "forkserver", "choice.fixed_by_start", "Does starting a Process of get_context(name) fix it?", True),
    ([THREADED], "forkserver", "threads.warning", "Does start() warn if another thread runs?", True),
    ([replace(PROCESS, threads=3)], "forkserver", "threads.warning", "Does start() warn?", False),
    ([PROCESS], "forkserver", "tracker.colon_in_name", "Can the name of a SharedMemory block contain a colon?", False),
    ([PROCESS], "forkserver", "helpers.helper_of_thread_pool", "Which helper does a ThreadPool start?", False),
    ([PROCESS], "forkserver", "exits.thread_pool", "Is a child started by a ThreadPoolExecutor's thread?", False),
    ([PROCESS], "forkserver", "failures.pool_task", "Does AsyncResult.get() raise a task's exception?", False),
    ([replace(PROCESS, interface="Pool")], "spawn", "failures.pool_task", "Does AsyncResult.get() raise?", True),
    ([replace(PROCESS, interface="Pool")], "spawn", "failures.own_exceptions", "Do two futures raise?", False),
    ([replace(PROCESS, kind="app.Worker")], "spawn", "subclasses.local_subclass", "Can a subclass be started?", True),
    ([PROCESS], "spawn", "subclasses.local_subclass", "Can a subclass be started?", False),
]


@pytest.mark.parametrize(("starts", "method", "question", "text", "touched"), TOUCHED)
def test_which_questions_a_log_of_starts_touches(
    starts: list[Start], method: str, question: str, text: str, touched: bool
) -> None:
    assert moves.touches(moves.traits(starts, method), question, text) is touched


@pytest.mark.parametrize(
    ("destination", "said"),
    [
        ("macos", "macOS was not measured by anybody yet."),
        ("windows-3.12", "Python 3.12 on Windows was not measured; these were: 3.8, "),
        ("linux-3.14", "Python 3.7 on Linux was not measured."),
    ],
)
def test_why_changes_are_not_known_is_told(destination: str, said: str) -> None:
    assert moves.unknown(replace(PYTHON, series="3.7"), destination).startswith(said)


@pytest.mark.parametrize(
    ("words", "launched"),
    [
        (("python", "app.py"), ""),
        (("python", "-u", "-X", "dev", "-m", "package"), "$ python -m package"),
        (("python3.12", "-m", "pytest", "tests"), ""),
        (("python", "-c", "print(1)"), "$ python -c '…'"),
        (("python", "folder"), "$ python folder"),
        (("python", "-"), ""),
        (("python",), ""),
        (("app",), ""),
    ],
)
def test_how_a_program_is_launched(words: tuple[str, ...], launched: str) -> None:
    assert how_launched(words) == launched


def test_lines_that_all_have_do_not_hide_one_that_is_printed_more_often() -> None:
    assert stable_text.differing(["a\nb 12:30:01\n", "a\nb 12:30:02\n"], "a\na\nb 12:30:03\n") == ([], ["a"])
    assert stable_text.differing(["a\na\n", "a\na\n"], "a\n") == (["a"], [])
