"""The run loop: jobs -> verdicts, in parallel, each reported at once; cells that are in doubt are retried."""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from matrix import answers
from matrix.errors import TargetError, WriteError
from matrix.files import untrusted_json
from matrix.model import Job, LaunchSpec, ProcessExit, Target, Verdict
from matrix.run import classify, retry
from matrix.run.anonymize import anonymous, replacements
from matrix.run.cpu_slots import Slots
from matrix.system import launch, process
from matrix.system.command import CommandError, capture
from matrix.system.scratch import Scratch
from matrix.system.shm_ledger import Ledger

MAX_RECORD = 2**18
"""Bytes of the longest record that is read."""

MIN_FREE = 2**20
"""Bytes that must be free where probes write: with less, the disk may be the cause of a verdict, and not Python."""

COMPILE = 60.0
"""Seconds that compiling the helpers may take at ordinary speed."""

POLL = 0.5
"""Seconds between wake-ups of the loop: signals do not interrupt an endless wait on Windows, python/cpython#80116."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run. probes is the absolute folder of the suite; deadline (seconds) replaces each probe's own.

    given: verdicts of an interrupted run, which need not be measured again; no_retry: verdicts in doubt are kept as
    they are.
    """

    probes: Path
    jobs: int
    deadline: float | None = None
    expected: retry.Expectations = field(default_factory=dict)
    given: tuple[Verdict, ...] = ()
    no_retry: bool = False


class Listener(Protocol):
    """Is told what happens, in the thread that called run()."""

    def started(self, job: Job) -> None:
        """A job starts."""

    def finished(self, job: Job, verdict: Verdict) -> None:
        """A job has its verdict."""


@dataclass(frozen=True, slots=True)
class _Started:
    """Sent by a worker before it measures."""

    job: Job


@dataclass(frozen=True, slots=True)
class _Ended:
    """The last that a worker sends about a job; without a verdict if it was cancelled, or raised."""

    job: Job
    verdict: Verdict | None


_Events = queue.SimpleQueue[_Started | _Ended]


@dataclass(slots=True, kw_only=True)
class RunState:
    """One run on one target: what it works with, and what it found so far.

    host: this process's environment, copied once, since os.environ decodes each variable at each access.
    doubtful: cells that may have left shared memory behind.
    """

    target: Target
    options: Options
    scratch: Scratch
    ledger: Ledger
    interrupted: process.Cancelled
    listener: Listener
    host: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    failed: bool = False
    doubtful: set[answers.CellKey] = field(default_factory=set)
    given: dict[answers.CellKey, list[Verdict]] = field(default_factory=dict)

    def is_set(self) -> bool:
        """Whether all work is to end now: makes a run its own process.Cancelled."""
        return self.failed or self.interrupted.is_set()


def run(state: RunState, jobs: Sequence[Job]) -> None:
    """Measure all jobs on a target.

    Jobs that may share the machine run in parallel, then the exclusive ones one at a time; after each of the two,
    cells that are in doubt are retried. Returns early if it is interrupted: all processes are ended then, and what
    was reported stays true. Raises TargetError, WriteError, and whatever the listener raises.
    """
    _compile_helpers(state.target, state.options.probes)
    state.given.update(answers.current(state.options.given, (job.probe for job in jobs)))
    _until_certain(state, [job for job in jobs if not job.probe.exclusive], Slots(state.options.jobs))
    _until_certain(state, [job for job in jobs if job.probe.exclusive], Slots(1))
    if not state.options.no_retry:
        cells = {(job.probe.id, job.method): job for job in jobs}
        suspects = sorted(state.doubtful & state.given.keys())
        _until_certain(state, [retry.next_attempt(cells[cell], state.given[cell]) for cell in suspects], Slots(1))


def _compile_helpers(target: Target, probes: Path) -> None:
    """Let the target compile what all probes import, once instead of in each of their processes.

    Probes write no .pyc files, but read them. If it fails, the probes only start slower.
    """
    command = [*target.command, "-m", "py_compile", *map(str, sorted(probes.glob("_*.py")))]
    with contextlib.suppress(CommandError):
        capture(command, timeout=COMPILE * target.time_scale)


def _until_certain(state: RunState, jobs: Sequence[Job], slots: Slots) -> None:
    """Run jobs, then retry those of their cells that are in doubt."""
    while not state.is_set():
        todo = retry.todo(jobs, state.given, state.options.expected, no_retry=state.options.no_retry)
        if not todo:
            break
        _run_all(state, todo, slots)


def _run_all(state: RunState, jobs: Sequence[Job], slots: Slots) -> None:
    events: _Events = queue.SimpleQueue()
    with ThreadPoolExecutor(slots.workers) as pool:
        futures = {job: pool.submit(_work, state, job, slots, events) for job in jobs}
        try:
            while futures:
                match _next(events):
                    case _Started(job):
                        state.listener.started(job)
                    case _Ended(job, verdict):
                        futures.pop(job).result()  # raises what the worker raised
                        if verdict:
                            state.given.setdefault((job.probe.id, job.method), []).append(verdict)
                            state.listener.finished(job, verdict)
        except BaseException:
            state.failed = True
            raise


def _work(state: RunState, job: Job, slots: Slots, events: _Events) -> None:
    """Measure one job, in a thread of the pool."""
    verdict = None
    slot = slots.take()
    try:
        if not state.is_set():
            events.put(_Started(job))
            verdict = measure(state, job, slot.release)
    finally:
        slot.release()
        events.put(_Ended(job, verdict))


def _next(events: _Events) -> _Started | _Ended:
    while True:
        with contextlib.suppress(queue.Empty):
            return events.get(timeout=POLL)


def measure(state: RunState, job: Job, on_idle: Callable[[], None] = process.ignore) -> Verdict | None:
    """Measure one job in its own folder, which is removed; on_idle is called when it needs no CPU any more.

    None if it was cancelled. Raises TargetError, and WriteError if the disk is full.
    """
    if refusal := state.target.facts.get("refused", {}).get(job.method):
        return classify.refused(job, refusal)
    key = (job.probe.id, job.method, job.attempt)
    folder = _private_folder(state.scratch)
    try:
        state.ledger.begin(key)
        ended = None
        try:
            spec, ended = _launch(state, job, folder, on_idle)
        finally:
            left = state.ledger.end(key, cut_off=ended is None)
        if ended is None:
            return None
        if left.names:
            ended = replace(ended, leaks={**ended.leaks, "shared_memory": left.names})
        verdict = classify.classify(job, _read_record(spec.record, job, spec.token), ended)
        _check_free_space(folder)
        state.doubtful |= left.doubtful
        return anonymous(verdict, replacements(state.options.probes, folder, state.target))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _private_folder(scratch: Scratch) -> Path:
    try:
        return scratch.private()
    except OSError as error:
        raise _no_space(scratch.folder, error.strerror) from None


def _launch(
    state: RunState, job: Job, folder: Path, on_idle: Callable[[], None]
) -> tuple[LaunchSpec, ProcessExit | None]:
    folders = launch.Folders(probes=state.options.probes, private=folder)
    spec = launch.spec(state.target, job, folders, state.host, state.options.deadline)
    try:
        spec.temp.mkdir()
        return spec, process.run(spec, state, on_idle)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise _no_space(folder.parent, error.strerror) from None
        name = state.target.command[0]
        raise TargetError(f"Cannot start {name}: {error.strerror}. Was it removed during the run?") from None


def _check_free_space(folder: Path) -> None:
    """On a full disk no verdict can be trusted: a record may be missing because of it, or a `no` caused by it."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return
    if free < MIN_FREE:
        raise _no_space(folder.parent, os.strerror(errno.ENOSPC))


def _no_space(folder: Path, reason: str | None) -> WriteError:
    return WriteError(
        f"Cannot write {folder}, where probes keep their temporary files: {reason}.\n"
        "Verdicts written so far are kept. Free some space or set TMPDIR, then use --resume."
    )


def _read_record(path: Path, job: Job, token: str) -> classify.Record:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_RECORD + 1)
    except FileNotFoundError:
        return classify.Record(state="none")
    if len(data) > MAX_RECORD:
        return classify.Record(state="bad", reason=f"longer than {MAX_RECORD} bytes")
    try:
        parsed = untrusted_json.parse(data)
    except ValueError as error:
        return classify.Record(state="bad", reason=f"not JSON: {error}")
    return classify.read_record(parsed, job, token)
