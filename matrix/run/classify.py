"""(record, process exit) -> Verdict: one truth table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec
from msgspec import structs

from matrix.model import MAX_NAME, MAX_NAMES, MAX_TEXT, PROBE_OUTCOMES, Exit, Job, Json, Outcome, ProcessExit, Verdict

_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(Verdict).decode

MAX_LINE = 2**19
"""Bytes of a verdict as JSON: half of what is read (untrusted_json.RUN), since paths in it may become longer."""

RECORD = 1
"""Version of the record protocol that probes/_probe.py speaks."""

SHOWN = 200
"""Characters of a record's contents that a message quotes at most."""

MAX_OBSERVED = 90
"""Observations in one record: with those that the runner adds, no more than the run schema allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a probe process recorded: nothing, something invalid, that it started, or its answer."""

    state: Literal["none", "bad", "started", "finished"]
    outcome: str = ""
    value: Json = None
    detail: str = ""
    observed: Mapping[str, Json] = field(default_factory=dict)
    reason: str = ""


def read_record(data: Json, job: Job, token: str) -> Record:
    """A record from parsed JSON. Its probe, method and token must be those of the job that was launched."""
    if not isinstance(data, dict):
        return Record(state="bad", reason="not an object")
    expected = {"record": RECORD, "probe": job.probe.id, "method": job.method, "token": token}
    for key, required in expected.items():
        if data.get(key) != required:
            return Record(state="bad", reason=f"{key} is {_short(data.get(key))}, not {required!r}")
    if data.get("state") == "started" and data.keys() == {*expected, "state"}:
        return Record(state="started")
    if data.get("state") != "finished" or data.keys() != {*expected, "state", "outcome", "value", "detail", "observed"}:
        return Record(state="bad", reason=f"unexpected keys or state {_short(data.get('state'))}")
    outcome, detail, observed = data["outcome"], data["detail"], data["observed"]
    known = isinstance(outcome, str) and outcome in {*PROBE_OUTCOMES, Outcome.ERROR}
    if not known or not isinstance(detail, str) or not isinstance(observed, dict) or not _is_value(data["value"]):
        return Record(
            state="bad", reason=f"outcome {_short(outcome)} with a value, detail or observation of the wrong type"
        )
    if len(observed) > MAX_OBSERVED:
        return Record(state="bad", reason=f"{len(observed)} observations, more than {MAX_OBSERVED}")
    if (outcome == Outcome.VALUE) == (data["value"] is None):
        return Record(state="bad", reason=f"outcome {outcome!r} with the value {_short(data['value'])}")
    return Record(state="finished", outcome=outcome, value=data["value"], detail=detail[:MAX_TEXT], observed=observed)


def _short(data: Json) -> str:
    """Some JSON as it is shown in a message, whatever its size and depth."""
    text = repr(data) if isinstance(data, (str, bool, int, float, type(None))) else type(data).__name__
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _is_value(value: Json) -> bool:
    """Whether a value is what the run schema allows: a scalar, or a list of at most 100 of them."""
    if isinstance(value, list):
        return len(value) <= 100 and all(not isinstance(item, list) and _is_value(item) for item in value)
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    return value is None or isinstance(value, (bool, int, float))


def classify(job: Job, record: Record, ended: ProcessExit) -> Verdict:
    """The verdict on one job. Only the probe itself can give a fact about Python, and only if it then exits with 0."""
    outcome, value, detail, observed = _decide(record, ended)
    return Verdict(
        probe=job.probe.id,
        source_sha256=job.probe.source_sha256,
        method=job.method,
        outcome=outcome,
        value=value,
        detail=detail,
        observed=observed,
        attempt=job.attempt,
        duration=ended.duration,
        exit=Exit(code=ended.code, signal=ended.signal, status=ended.status),
        leaks={kind: tuple(name[:MAX_NAME] for name in names[:MAX_NAMES]) for kind, names in ended.leaks.items()},
        output=ended.output,
        stacks=ended.stacks,
    )


_PLATFORM_MODULES = r"_\w+|fcntl|mmap|msvcrt|nt|os|posix|resource|select|signal|socket"
_MISSING = re.compile(
    rf"AttributeError: module '({_PLATFORM_MODULES})' has no attribute '\w+'"
    rf"|(ImportError|ModuleNotFoundError): (No module named|cannot import name '\w+' from) '({_PLATFORM_MODULES})'"
    r"|NotImplementedError\b"
    r"|OSError: \[(Errno|WinError) \d+\] "
    r"(Function not implemented|Operation not supported|The request is not supported)"
)
_FRAME = re.compile(r'^  File "([^"\n]+)", line \d+', re.MULTILINE)


def unavailable_here(record: Record, printed: str, library: Sequence[str]) -> Record:
    """The record as `unavailable` if the interpreter's own library missed a module or a function of the platform.

    PyPy on Windows has no `_winapi.UnmapViewOfFile`, which its multiprocessing.shared_memory calls; macOS has no
    sem_getvalue(): that says nothing about a question, and is no fault of the probe. An exception that the probe's own
    code raised may be one, and stays an `error`. printed: what the probe printed, with the traceback; library: folders
    of the interpreter.
    """
    if record.outcome != Outcome.ERROR or not _MISSING.match(record.detail):
        return record
    frames = _FRAME.findall(printed[: printed.rfind(record.detail)])
    if not frames or not any(_is_below(frames[-1], folder) for folder in library):
        return record
    return replace(record, outcome=str(Outcome.UNAVAILABLE))


def _is_below(path: str, folder: str) -> bool:
    windows = "\\" in folder
    path, folder = (part.replace("\\", "/").rstrip("/").lower() if windows else part for part in (path, folder))
    return path.startswith(folder + "/")


_Decision = tuple[Outcome, Json, str, Mapping[str, Json]]


def refused(job: Job, error: str) -> Verdict:
    """The verdict on a cell whose start method the target refuses, according to its facts.

    Each probe would first get the context of the method, and fail with the same error.
    """
    return Verdict(
        probe=job.probe.id,
        source_sha256=job.probe.source_sha256,
        method=job.method,
        outcome=Outcome.UNAVAILABLE,
        detail=error,
        attempt=job.attempt,
    )


def failed(job: Job, reason: str) -> Verdict:
    """The verdict on a job that could not be measured."""
    return Verdict(
        probe=job.probe.id,
        source_sha256=job.probe.source_sha256,
        method=job.method,
        outcome=Outcome.ERROR,
        detail=reason,
        attempt=job.attempt,
    )


def valid(verdict: Verdict) -> Verdict:
    """The verdict if a run file may hold it; else an error that says why not.

    A record is what unknown code has written: any JSON. What is written here must be read again.
    """
    try:
        line = _encode(verdict)
        if len(line) > MAX_LINE:
            raise ValueError(f"its line would have {len(line)} bytes")
        _decode(line)
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return structs.replace(
            verdict, outcome=Outcome.ERROR, value=None, detail=f"bad-record: {_short(reason)}", observed={}
        )
    return verdict


def _decide(record: Record, ended: ProcessExit) -> _Decision:
    observed: dict[str, Json] = {}
    if record.state == "finished":
        observed = {"said": record.outcome, "said_value": record.value, "said_detail": record.detail, **record.observed}
    if ended.stuck:
        return Outcome.ERROR, None, "would-not-die: processes survived SIGKILL", observed
    if ended.flooded:
        return Outcome.ERROR, None, f"output-limit: printed {ended.output.bytes} bytes", observed
    if ended.timed_out:
        phase = {"finished": "exit", "started": "run"}.get(record.state, "start")
        return Outcome.HANG, None, f"phase {phase}", {"phase": phase, **observed}
    if record.state == "finished":
        if ended.code == 0:
            return Outcome(record.outcome), record.value, record.detail, record.observed
        return Outcome.CRASH, None, how(ended), observed
    if record.state == "started" and ended.code != 0:
        return Outcome.CRASH, None, how(ended), observed
    if record.state == "bad":
        return Outcome.ERROR, None, f"bad-record: {record.reason}", observed
    if record.state == "none" and (ended.signal or ended.status):
        return Outcome.CRASH, None, how(ended), observed
    return Outcome.ERROR, None, f"no-record: {how(ended)} without an answer", observed


def how(ended: ProcessExit) -> str:
    """'ended by SIGSEGV', 'ended by STATUS_ACCESS_VIOLATION', 'exit status 3'."""
    name = ended.signal or ended.status
    return f"ended by {name}" if name else f"exit status {ended.code}"
