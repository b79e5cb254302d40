"""The loop: jobs -> verdicts, in parallel, each told as soon as it is known; what is in doubt is asked again."""

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

from msgspec import structs

from matrix.errors import TargetError, WriteError
from matrix.files import untrusted_json
from matrix.model import Job, Json, LaunchSpec, ProcessExit, Target, Verdict
from matrix.run import classify, retry
from matrix.run.cpu_slots import Slots
from matrix.system import launch, process
from matrix.system.command import CommandError, capture
from matrix.system.scratch import Scratch
from matrix.system.shm_ledger import Ledger, Left

MAX_RECORD = 2**18
"""Bytes of the longest record that is read."""

ROOM = 2**20
"""Bytes that must be free where probes write: with less, an answer may be the disk's and not Python's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run. probes is the absolute folder of the suite; deadline (seconds) replaces each probe's own.

    expected is what was seen before; given are verdicts that need not be asked again (of an interrupted run);
    once: nothing is asked again by itself.
    """

    probes: Path
    jobs: int
    deadline: float | None = None
    expected: retry.Expectations = field(default_factory=dict)
    given: tuple[Verdict, ...] = ()
    once: bool = False


Event = Callable[[Job, Verdict | None], None]
"""Told when a job starts (None) and when its verdict is there."""


_Happened = tuple[Job, Verdict | None, bool]
"""(job, its verdict, whether it ended)."""

_Cell = tuple[str, str]


@dataclass(slots=True, kw_only=True)
class Loop:
    """One run on one target: what there is to work with, and what was found out so far.

    host: this process's environment, copied once: os.environ decodes each variable at each look.
    """

    target: Target
    options: Options
    scratch: Scratch
    ledger: Ledger
    interrupted: process.Cancelled
    tell: Event
    host: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    failed: bool = False
    doubtful: set[_Cell] = field(default_factory=set)
    given: dict[_Cell, list[Verdict]] = field(default_factory=dict)

    def is_set(self) -> bool:
        """Whether all work is to end now."""
        return self.failed or self.interrupted.is_set()


def run(loop: Loop, jobs: Sequence[Job]) -> None:
    """Measure all jobs on a target; `tell` is called from this thread only.

    Jobs that may share the machine run side by side, then the exclusive ones alone; after both, what is in doubt is
    asked again. Returns early if it is interrupted: all processes are ended then, and what was told stays true.
    Raises TargetError, WriteError, and whatever `tell` raises.
    """
    _compile_helpers(loop.target, loop.options.probes)
    loop.given.update(retry.by_cell(jobs, loop.options.given))
    _until_certain(loop, [job for job in jobs if not job.probe.exclusive], Slots(loop.options.jobs))
    _until_certain(loop, [job for job in jobs if job.probe.exclusive], Slots(1))
    if loop.options.once:
        return
    cells = {(job.probe.id, job.method): job for job in jobs}
    alone = [retry.next_attempt(cells[cell], loop.given[cell]) for cell in sorted(loop.doubtful & loop.given.keys())]
    _until_certain(loop, alone, Slots(1))


COMPILE = 60.0
"""Seconds that compiling the helpers may take on an ordinary machine."""


def _compile_helpers(target: Target, probes: Path) -> None:
    """Let the target compile what all probes import, once instead of in each of their processes.

    The processes themselves write no .pyc, but they read one. Where it cannot be done, it only takes longer.
    """
    command = [*target.command, "-m", "py_compile", *map(str, sorted(probes.glob("_*.py")))]
    with contextlib.suppress(CommandError):
        capture(command, timeout=COMPILE * target.time_scale)


def _until_certain(loop: Loop, jobs: Sequence[Job], slots: Slots) -> None:
    """Run jobs, then those of their cells again that are in doubt."""
    while not loop.is_set():
        todo = retry.wanted(jobs, loop.given, loop.options.expected, once=loop.options.once)
        if not todo:
            break
        _run(loop, todo, slots)


def _run(loop: Loop, jobs: Sequence[Job], slots: Slots) -> None:
    events: queue.SimpleQueue[_Happened] = queue.SimpleQueue()

    def work(job: Job) -> None:
        verdict = None
        leave = slots.take()
        try:
            if not loop.is_set():
                events.put((job, None, False))
                verdict = measure(loop, job, leave)
        finally:
            leave()
            events.put((job, verdict, True))

    with ThreadPoolExecutor(slots.workers) as pool:
        futures = {job: pool.submit(work, job) for job in jobs}
        try:
            while futures:
                job, verdict, ended = _next(events)
                if ended:
                    futures.pop(job).result()  # raises what the worker raised
                if verdict:
                    loop.given.setdefault((job.probe.id, job.method), []).append(verdict)
                if verdict or not ended:
                    loop.tell(job, verdict)
        except BaseException:
            loop.failed = True
            raise


def _next(events: queue.SimpleQueue[_Happened]) -> _Happened:
    """The next event; wakes up now and then, since a signal cannot interrupt an endless wait on Windows."""
    while True:
        with contextlib.suppress(queue.Empty):
            return events.get(timeout=0.5)


def measure(loop: Loop, job: Job, waits: Callable[[], None] = process.ignore) -> Verdict | None:
    """One job in a folder of its own, which is removed; waits is called when it needs no processor any more.

    None if it was cancelled. Raises TargetError, and WriteError if the disk is full.
    """
    if refusal := loop.target.facts.get("refused", {}).get(job.method):
        return classify.refused(job, refusal)
    key = (job.probe.id, job.method, job.attempt)
    folder = _private_folder(loop.scratch)
    try:
        loop.ledger.begin(key)
        ended = None
        try:
            plan, ended = _launch(loop, job, folder, waits)
        finally:
            left = loop.ledger.end(key, cut_off=ended is None)
        if ended is None:
            return None
        verdict = classify.classify(job, _read_record(plan.record, job, plan.token), _with(ended, left))
        _check_room(folder)
        loop.doubtful |= left.doubtful
        return anonymous(verdict, _private(loop.options.probes, folder, loop.target))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _private_folder(scratch: Scratch) -> Path:
    try:
        return scratch.private()
    except OSError as error:
        raise _no_room(scratch.folder, error.strerror) from None


def _launch(loop: Loop, job: Job, folder: Path, waits: Callable[[], None]) -> tuple[LaunchSpec, ProcessExit | None]:
    folders = launch.Folders(probes=loop.options.probes, private=folder)
    plan = launch.spec(loop.target, job, folders, loop.host, loop.options.deadline)
    try:
        plan.temp.mkdir()
        return plan, process.run(plan, loop, waits)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise _no_room(folder.parent, error.strerror) from None
        name = loop.target.command[0]
        raise TargetError(f"Cannot start {name}: {error.strerror}. Was it removed while the suite ran?") from None


def _with(ended: ProcessExit, left: Left) -> ProcessExit:
    return replace(ended, leaks={**ended.leaks, "shared_memory": left.names}) if left.names else ended


def _check_room(folder: Path) -> None:
    """On a full disk nothing can be believed: neither a record that is missing nor a `no` that it caused."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return
    if free < ROOM:
        raise _no_room(folder.parent, os.strerror(errno.ENOSPC))


def _no_room(folder: Path, reason: str | None) -> WriteError:
    return WriteError(
        f"Cannot write {folder}, where probes keep their temporary files: {reason}.\n"
        "Verdicts written before are kept. Make room or set TMPDIR, then --resume."
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


def _private(probes: Path, folder: Path, target: Target) -> list[tuple[str, str]]:
    """What must not be published, and what stands for it: folders as this machine, Wine and the target spell them."""
    names = [(str(folder / "t"), "TMP"), (str(folder), "TMP"), (str(probes), "probes"), *target.private_paths]
    names.append((str(Path.home()), "~"))
    names += [(there, name) for path, name in names if (there := launch.target_path(path, target.path_map)) != path]
    wine = [("Z:" + path.replace("/", "\\"), name) for path, name in names]
    escaped = [(path.replace("\\", "\\\\"), name) for path, name in (*target.private_paths, *wine) if "\\" in path]
    return [pair for pair in (*escaped, *wine, *names) if len(pair[0]) > 3]


def anonymous(verdict: Verdict, private: Sequence[tuple[str, str]]) -> Verdict:
    """The verdict without the folders of this machine in any of its texts."""

    def clean(data: Json) -> Json:
        if isinstance(data, str):
            for path, name in private:
                data = data.replace(path, name)
            return data
        if isinstance(data, Mapping):
            return {clean(key): clean(item) for key, item in data.items()}
        if isinstance(data, (list, tuple)):
            return [clean(item) for item in data]
        return data

    return structs.replace(
        verdict,
        value=clean(verdict.value),
        detail=clean(verdict.detail),
        observed=clean(verdict.observed),
        output=structs.replace(verdict.output, text=clean(verdict.output.text)),
        stacks=clean(verdict.stacks),
    )
