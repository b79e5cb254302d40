"""The run loop: jobs -> verdicts, in parallel, each reported at once; cells that are in doubt are retried."""

from __future__ import annotations

import contextlib
import errno
import math
import os
import queue
import shutil
import stat
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from matrix import answers
from matrix.errors import ResourceError, TargetError, WriteError
from matrix.files import untrusted_json
from matrix.model import Job, Target, Verdict
from matrix.run import classify, retry
from matrix.run.anonymize import anonymous, replacements
from matrix.run.cpu_slots import Slots
from matrix.system import inherited, launch, process, safe_read, trees
from matrix.system.command import CommandError, capture
from matrix.system.scratch import Scratch
from matrix.system.shm_ledger import Key, Ledger

MAX_RECORD = 2**18
"""Bytes of the longest record that is read."""

MIN_FREE = 2**20
"""Bytes that must be free where probes write: with less, the disk may be the cause of a verdict, and not Python."""

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - no files are created in it

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_NO_RESOURCES = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)

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
    files: what the files of the target's command are. doubtful: cells that may have left shared memory behind.
    full: when (time.monotonic()) there was last no space for what probes write. limits: those of this process;
    limited: when they were last found altered.
    """

    target: Target
    options: Options
    scratch: Scratch
    ledger: Ledger
    interrupted: process.Cancelled
    listener: Listener
    host: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    files: tuple[tuple[int, ...], ...] = ()
    failed: bool = False
    full: float = -math.inf
    limits: inherited.Limits = field(default_factory=inherited.limits)
    limited: float = -math.inf
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
    _check_shared_memory(state.target)
    state.files = command_files(state.target)
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
    suspects = slots.workers if state.options.given else 0
    while not state.is_set():
        todo = retry.todo(jobs, state.given, state.options.expected, no_retry=state.options.no_retry)
        if not todo:
            break
        _run_all(state, retry.put_off(todo, suspects), slots)
        suspects = 0


def _run_all(state: RunState, jobs: Sequence[Job], slots: Slots) -> None:
    events: _Events = queue.SimpleQueue()
    with ThreadPoolExecutor(slots.workers) as pool:
        futures = {_key(job): pool.submit(_work, state, job, slots, events) for job in jobs}
        try:
            while futures:
                match _next(events):
                    case _Started(job):
                        state.listener.started(job)
                    case _Ended(job, verdict):
                        futures.pop(_key(job)).result()  # raises what the worker raised
                        if verdict:
                            state.given.setdefault((job.probe.id, job.method), []).append(verdict)
                            state.listener.finished(job, verdict)
        except BaseException:
            state.failed = True
            raise


def _key(job: Job) -> Key:
    return job.probe.id, job.method, job.attempt


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


def measure(
    state: RunState,
    job: Job,
    on_idle: Callable[[], None] = process.ignore,
    overdue: Callable[[], bool] = process.never,
    on_cpu: Callable[[float], None] = process.uncounted,
) -> Verdict | None:
    """Measure one job in its own folder, which is removed; on_idle, overdue and on_cpu are those of process.run().

    None if it was cancelled. Raises TargetError, WriteError if the disk is full, and ResourceError.
    """
    if refusal := state.target.facts.get("refused", {}).get(job.method):
        return classify.refused(job, refusal)
    _check_limits(state)
    started = time.monotonic()
    folder = _private_folder(state.scratch)
    try:
        verdict = _measure_in(folder, state, job, on_idle, overdue, on_cpu=on_cpu)
        if _is_full(state.scratch.folder) or _is_full(SHARED_MEMORY):
            state.full = time.monotonic()
    finally:
        _check_limits(state)
        trees.remove(folder)  # what cannot be removed is reported with the folder of the run
    if _is_full(state.scratch.folder):
        raise _no_space(state.scratch.folder, os.strerror(errno.ENOSPC))
    if verdict is not None and state.full >= started:
        # Neither a record that is missing nor a `no` can be trusted; maybe the probe itself has filled the disk.
        verdict = classify.failed(job, "no-space: the disk or /dev/shm was full while it ran")
    if verdict is not None and state.limited >= started:
        verdict = classify.failed(job, "limits: a probe altered the runner's resource limits while it ran")
    return verdict


def _check_limits(state: RunState) -> None:
    """Undo what a probe did to the limits of this process (prlimit): each later probe would inherit them."""
    if inherited.limits() != state.limits:
        state.limited = time.monotonic()  # first, so that nobody sees them restored and does not know it
        inherited.restore(state.limits)


def _measure_in(
    folder: Path,
    state: RunState,
    job: Job,
    on_idle: Callable[[], None],
    overdue: Callable[[], bool],
    *,
    on_cpu: Callable[[float], None],
) -> Verdict | None:
    key = _key(job)
    folders = launch.Folders(probes=state.options.probes, private=folder)
    spec = launch.spec(state.target, job, folders, state.host, state.options.deadline)
    state.ledger.begin(key)
    ended = None
    try:
        spec.temp.mkdir()
        ended = process.run(spec, state, on_idle, overdue, on_cpu)
    except OSError as error:
        return _not_started(state, job, error)
    finally:
        left = state.ledger.end(key, cut_off=ended is None)
    if ended is None:
        return None
    _check_command(state)
    if left.names:
        ended = replace(ended, leaks={**ended.leaks, "shared_memory": left.names})
    state.doubtful |= left.doubtful
    library = [path for path, _ in state.target.private_paths]
    record = classify.unavailable_here(_read_record(spec.record, job, spec.token), ended.output.text, library)
    verdict = classify.valid(classify.classify(job, record, ended))
    return anonymous(verdict, replacements(state.options.probes, folder, state.target))


def _private_folder(scratch: Scratch) -> Path:
    try:
        return scratch.private()
    except OSError as error:
        raise _no_resources(error) or _no_space(scratch.folder, error.strerror) from None


def _not_started(state: RunState, job: Job, error: OSError) -> Verdict:
    """The verdict if a process cannot be started because its folder is gone. Raises if another cause ends the run."""
    if error.errno in _NO_SPACE:
        raise _no_space(state.scratch.folder, error.strerror) from None
    if no_resources := _no_resources(error):
        raise no_resources from None
    _check_command(state)
    name = state.target.command[0]
    if not shutil.which(name):
        raise TargetError(f"Cannot start {name}: {error.strerror}. Was it removed during the run?") from None
    return classify.failed(job, f"not-started: {error.strerror or error}")


def _check_command(state: RunState) -> None:
    """Raise TargetError if the interpreter was replaced: verdicts after that would be another's."""
    if command_files(state.target) != state.files:
        raise TargetError(
            f"{state.target.command[0]} was replaced or removed during the run. Verdicts written so far are kept;"
            " run it again without --resume."
        )


def command_files(target: Target) -> tuple[tuple[int, ...], ...]:
    """What identifies the contents of each file in a target's command; empty for a word that is no file."""
    files = []
    for word in (shutil.which(target.command[0]) or target.command[0], *target.command[1:]):
        try:
            info = os.stat(word)  # noqa: PTH116 - for each job
            files.append(
                (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns) if stat.S_ISREG(info.st_mode) else ()
            )
        except (OSError, ValueError):
            files.append(())
    return tuple(files)


def _check_shared_memory(target: Target) -> None:
    """Raise WriteError if a Linux target has no usable /dev/shm: locks and queues need it, and would all say `no`."""
    if not sys.platform == target.facts["sys_platform"] == "linux":
        return
    if not os.access(SHARED_MEMORY, os.W_OK | os.X_OK) or _is_full(SHARED_MEMORY):
        raise WriteError(
            f"{SHARED_MEMORY} is missing, full or read-only: multiprocessing cannot work here, whatever the Python.\n"
            "Mount a tmpfs there (`docker run --shm-size=1g`), or free some space."
        )


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < MIN_FREE
    except OSError:
        return False


def _no_space(folder: Path, reason: str | None) -> WriteError:
    return WriteError(
        f"Cannot write {folder}, where probes keep their temporary files: {reason}.\n"
        "Verdicts written so far are kept. Free some space or set TMPDIR, then use --resume."
    )


def _no_resources(error: OSError) -> ResourceError | None:
    """What to raise if there are too few descriptors, processes or memory."""
    if error.errno not in _NO_RESOURCES:
        return None
    return ResourceError(
        f"Cannot start another process: {error.strerror}. Verdicts written so far are kept.\n"
        "Use fewer --jobs or raise the limits (ulimit -a), then use --resume."
    )


def _read_record(path: Path, job: Job, token: str) -> classify.Record:
    try:
        data = safe_read.read(path, MAX_RECORD)
    except FileNotFoundError:
        return classify.Record(state="none")
    except safe_read.UnsafeFileError as error:
        return classify.Record(state="bad", reason=str(error))
    try:
        parsed = untrusted_json.parse(data)
    except ValueError as error:
        return classify.Record(state="bad", reason=f"not JSON: {error}")
    return classify.read_record(parsed, job, token)
