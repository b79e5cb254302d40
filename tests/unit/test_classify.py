"""The truth table from (record, process exit) to the outcome."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.files import serialize, untrusted_json
from matrix.files.run_reader import load_run_file
from matrix.files.run_writer import RunWriter
from matrix.model import Outcome, ProcessExit
from matrix.run.anonymize import anonymous
from matrix.run.classify import Record, classify, read_record, unavailable_here, valid
from tests.unit.values import job, run

FINISHED = Record(state="finished", outcome="no", detail="TypeError: x", observed={"a": 1})
STARTED = Record(state="started")
NONE = Record(state="none")
BAD = Record(state="bad", reason="not JSON")
FINE, STATUS_1 = ProcessExit(code=0), ProcessExit(code=1)
SIGNAL, NTSTATUS = ProcessExit(signal="SIGSEGV"), ProcessExit(code=0xC0000005, status="STATUS_ACCESS_VIOLATION")
LATE = ProcessExit(signal="SIGABRT", timed_out=True)


@pytest.mark.parametrize(
    ("record", "ended", "outcome", "detail"),
    [
        (FINISHED, FINE, "no", "TypeError: x"),
        (FINISHED, LATE, "hang", "phase exit"),
        (FINISHED, SIGNAL, "crash", "ended by SIGSEGV"),
        (FINISHED, STATUS_1, "crash", "exit status 1"),
        (STARTED, LATE, "hang", "phase run"),
        (STARTED, SIGNAL, "crash", "ended by SIGSEGV"),
        (STARTED, NTSTATUS, "crash", "ended by STATUS_ACCESS_VIOLATION"),
        (STARTED, STATUS_1, "crash", "exit status 1"),
        (STARTED, FINE, "error", "no-record: exit status 0 without an answer"),
        (NONE, LATE, "hang", "phase start"),
        (BAD, LATE, "hang", "phase start"),
        (NONE, SIGNAL, "crash", "ended by SIGSEGV"),
        (NONE, NTSTATUS, "crash", "ended by STATUS_ACCESS_VIOLATION"),
        (NONE, STATUS_1, "error", "no-record: exit status 1 without an answer"),
        (NONE, FINE, "error", "no-record: exit status 0 without an answer"),
        (BAD, FINE, "error", "bad-record: not JSON"),
        (BAD, SIGNAL, "error", "bad-record: not JSON"),
        (FINISHED, ProcessExit(code=0, flooded=True), "error", "output-limit: printed 0 bytes"),
        (FINISHED, ProcessExit(code=0, stuck=True), "error", "would-not-die: processes survived SIGKILL"),
    ],
)
def test_outcome(record: Record, ended: ProcessExit, outcome: str, detail: str) -> None:
    verdict = classify(job(), record, ended)
    assert (verdict.outcome, verdict.detail) == (outcome, detail)


def test_an_answer_that_does_not_count_is_kept_as_observation() -> None:
    assert classify(job(), FINISHED, SIGNAL).observed == {
        "said": "no",
        "said_value": None,
        "said_detail": "TypeError: x",
        "a": 1,
    }


RECORDS = st.builds(
    Record,
    state=st.sampled_from(["none", "bad", "started", "finished"]),
    outcome=st.sampled_from(["yes", "no", "unavailable"]),
)
ENDINGS = st.builds(
    ProcessExit,
    code=st.none() | st.integers(-5, 300),
    signal=st.none() | st.just("SIGKILL"),
    timed_out=st.booleans(),
    flooded=st.booleans(),
    stuck=st.booleans(),
)


@given(RECORDS, ENDINGS)
def test_only_a_finished_probe_that_ended_well_states_a_fact(record: Record, ended: ProcessExit) -> None:
    outcome = classify(job(), record, ended).outcome
    well = record.state == "finished" and ended.code == 0 and not (ended.timed_out or ended.flooded or ended.stuck)
    assert (outcome in {Outcome.YES, Outcome.NO, Outcome.UNAVAILABLE}) == well


def test_thousands_of_leaks_still_give_a_valid_line() -> None:
    leaks = {"files": ("x" * 4000,) * 4000, "processes": ()}
    verdict = classify(job(), FINISHED, ProcessExit(code=0, leaks=leaks))
    assert serialize.fault(serialize.line_json(verdict), serialize.RUN_SCHEMA) == ""
    assert verdict.leaks == {"files": ("x" * 300,) * 1000, "processes": ()}


GOOD: dict[str, Any] = {
    "record": 1,
    "probe": "theme.name",
    "method": "fork",
    "token": "t",
    "state": "finished",
    "outcome": "yes",
    "value": None,
    "detail": "",
    "observed": {},
}


def test_a_good_record_is_read() -> None:
    assert read_record(GOOD, job(), "t") == Record(state="finished", outcome="yes")
    begun = {key: GOOD[key] for key in ("record", "probe", "method", "token")} | {"state": "started"}
    assert read_record(begun, job(), "t") == STARTED


@pytest.mark.parametrize(
    "change",
    [
        {"token": "other"},
        {"probe": "theme.other"},
        {"method": "spawn"},
        {"record": 2},
        {"state": "running"},
        {"outcome": "flaky"},
        {"outcome": "hang"},
        {"outcome": ["yes"]},
        {"outcome": "value"},
        {"value": 1},
        {"outcome": "value", "value": {"a": 1}},
        {"outcome": "value", "value": [[1]]},
        {"outcome": "value", "value": "x" * 5000},
        {"detail": None},
        {"observed": []},
        {"observed": dict.fromkeys("".join(pair) for pair in itertools.product("abcdefghij", repeat=2))},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_foreign_or_odd_record_is_bad(change: dict[str, Any]) -> None:
    assert read_record(GOOD | change, job(), "t").state == "bad"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_is_read_without_an_exception(data: Any) -> None:
    assert read_record(data, job(), "t").state == "bad"


WINAPI = "AttributeError: module '_winapi' has no attribute 'UnmapViewOfFile'"


@pytest.mark.parametrize(
    ("detail", "frame", "outcome"),
    [
        (WINAPI, "C:\\PyPy\\Lib\\multiprocessing\\shared_memory.py", "unavailable"),
        (WINAPI, "c:\\pypy\\lib\\multiprocessing\\shared_memory.py", "unavailable"),
        (WINAPI, "D:\\a\\canifork\\probes\\memory.py", "error"),  # the probe's own mistake
        (WINAPI, "C:\\PyPy\\Library\\x.py", "error"),
        ("AttributeError: module 'queue' has no attribute 'Quue'", "C:\\PyPy\\Lib\\queue.py", "error"),
        ("AttributeError: 'NoneType' object has no attribute 'x'", "C:\\PyPy\\Lib\\x.py", "error"),
        ("TypeError: module '_winapi' has no attribute 'x'", "C:\\PyPy\\Lib\\x.py", "error"),
        ("ModuleNotFoundError: No module named '_posixshmem'", "C:\\PyPy\\Lib\\x.py", "unavailable"),
        ("ModuleNotFoundError: No module named '_posixshmem'", "D:\\a\\probes\\memory.py", "error"),
        ("ModuleNotFoundError: No module named 'theme'", "C:\\PyPy\\Lib\\pickle.py", "error"),
        ("ImportError: cannot import name 'SemLock' from '_multiprocessing'", "C:\\PyPy\\Lib\\x.py", "unavailable"),
        ("NotImplementedError", "C:\\PyPy\\Lib\\multiprocessing\\queues.py", "unavailable"),
        ("NotImplementedError: not yet", "D:\\a\\probes\\memory.py", "error"),
        ("OSError: [Errno 78] Function not implemented", "C:\\PyPy\\Lib\\x.py", "unavailable"),
        ("OSError: [WinError 50] The request is not supported", "C:\\PyPy\\Lib\\x.py", "unavailable"),
        ("OSError: [Errno 2] No such file or directory", "C:\\PyPy\\Lib\\x.py", "error"),
    ],
)
def test_what_a_platform_lacks_is_no_error(detail: str, frame: str, outcome: str) -> None:
    """Only where the interpreter's own library missed it: PyPy on Windows."""
    record = Record(state="finished", outcome="error", detail=detail)
    printed = f'''Traceback (most recent call last):
  File "D:\\a\\canifork\\probes\\memory.py", line 3, in made
  File "{frame}", line 9, in close
{detail}. Did you mean: 'MapViewOfFile'?
'''
    seen = unavailable_here(record, printed, ["C:\\PyPy\\Lib", "C:\\PyPy\\pypy3.11.exe"])
    assert (seen.outcome, seen.detail) == (outcome, detail)


def test_without_a_traceback_an_error_stays_one() -> None:
    record = Record(state="finished", outcome="error", detail=WINAPI)
    assert unavailable_here(record, "", ["C:\\PyPy\\Lib"]) == record


HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(max_size=50)
    | st.just("x" * 9000),
    lambda inner: st.lists(inner, max_size=120) | st.dictionaries(st.text(max_size=20), inner, max_size=5),
    max_leaves=40,
)


FIELDS = ("record", "method", "state", "outcome", "value", "detail", "observed", "extra")


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, HOSTILE)))
def test_whatever_a_record_says_what_is_written_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, change: Any
) -> None:
    """Through all that is between a record and a reader, with a path whose replacement is longer."""
    try:
        data = json.dumps({**GOOD, "state": "finished", **change}).encode()
        record = read_record(untrusted_json.parse(data), job(), "t")
    except ValueError as error:
        record = Record(state="bad", reason=f"not JSON: {error}")
    verdict = anonymous(valid(classify(job(), record, FINE)), [("xxxx", "a longer name")])
    path = tmp_path_factory.mktemp("hostile") / "run.jsonl"
    with RunWriter(path, append=False) as writer:
        writer.header(run().header)
        writer.verdict(verdict)
        writer.end(complete=True)
    (read,) = load_run_file(path)
    assert [line.outcome for line in read.verdicts] == [verdict.outcome]
