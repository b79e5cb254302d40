"""The loop: jobs -> verdicts, in parallel, each written as soon as it is known."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from matrix import classify, launch, process
from matrix.errors import TargetError
from matrix.model import Job, Json, Target, Verdict

MAX_RECORD = 2**18
"""Bytes of the longest record that is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run. probes is the absolute folder of the suite; deadline (seconds) replaces each probe's own."""

    probes: Path
    jobs: int
    deadline: float | None = None


Event = Callable[[Job, Verdict | None], None]
"""Told when a job starts (None) and when its verdict is there."""


_Happened = tuple[Job, Verdict | None, bool]
"""(job, its verdict, whether it ended)."""


def run(target: Target, jobs: Sequence[Job], options: Options, tell: Event) -> None:
    """Measure all jobs on a target; `tell` is called from this thread only.

    Jobs that may share the machine run side by side, then the exclusive ones alone. A KeyboardInterrupt ends
    all processes, then goes on to the caller; what was told before stays true.
    """
    _compile_helpers(target, options.probes)
    shared = [job for job in jobs if not job.probe.exclusive]
    exclusive = [job for job in jobs if job.probe.exclusive]
    _run(target, shared, options, options.jobs, tell)
    _run(target, exclusive, options, 1, tell)


COMPILE = 60.0
"""Seconds that compiling the helpers may take on an ordinary machine."""


def _compile_helpers(target: Target, probes: Path) -> None:
    """Let the target compile what all probes import, once instead of in each of their processes.

    The processes themselves write no .pyc, but they read one. Where it cannot be done, it only takes longer.
    """
    command = [*target.command, "-m", "py_compile", *map(str, sorted(probes.glob("_*.py")))]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=launch.host_environment(),
            timeout=COMPILE * target.time_scale,
            check=False,
        )


def _run(target: Target, jobs: Sequence[Job], options: Options, workers: int, tell: Event) -> None:
    cancelled = threading.Event()
    events: queue.SimpleQueue[_Happened] = queue.SimpleQueue()

    def work(job: Job) -> None:
        verdict = None
        try:
            if not cancelled.is_set():
                events.put((job, None, False))
                verdict = measure(target, job, options, cancelled)
        finally:
            events.put((job, verdict, True))

    with ThreadPoolExecutor(max(1, workers)) as pool:
        futures = {job: pool.submit(work, job) for job in jobs}
        try:
            while futures:
                job, verdict, ended = _next(events)
                if ended:
                    futures.pop(job).result()  # raises what the worker raised
                if verdict or not ended:
                    tell(job, verdict)
        except BaseException:
            cancelled.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _next(events: queue.SimpleQueue[_Happened]) -> _Happened:
    """The next event; wakes up now and then, since a Ctrl-C cannot interrupt an endless wait on Windows."""
    while True:
        with contextlib.suppress(queue.Empty):
            return events.get(timeout=0.5)


def measure(target: Target, job: Job, options: Options, cancelled: threading.Event) -> Verdict | None:
    """One job in a folder of its own, which is removed. None if it was cancelled. Raises TargetError."""
    folder = Path(tempfile.mkdtemp(prefix="cf", dir=launch.temporary_root()))
    folders = launch.Folders(probes=options.probes, private=folder)
    try:
        plan = launch.launch(target, job, folders, os.environ, options.deadline)
        plan.temp.mkdir()
        try:
            ended = process.run(plan, cancelled)
        except OSError as error:
            name = target.command[0]
            raise TargetError(f"Cannot start {name}: {error.strerror}. Was it removed while the suite ran?") from None
        if ended is None:
            return None
        verdict = classify.classify(job, _read_record(plan.record, job, plan.token), ended)
        return anonymous(verdict, _private(options.probes, folder, target.paths))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_record(path: Path, job: Job, token: str) -> classify.Record:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_RECORD + 1)
    except FileNotFoundError:
        return classify.Record(state="none")
    if len(data) > MAX_RECORD:
        return classify.Record(state="bad", reason=f"longer than {MAX_RECORD} bytes")
    try:
        parsed: Json = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return classify.Record(state="bad", reason=f"not JSON: {error}")
    return classify.read_record(parsed, job, token)


def _refuse(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _private(probes: Path, folder: Path, paths: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """What must not be published, and what stands for it: folders as this machine, Wine and the target spell them."""
    names = [(str(folder / "t"), "TMP"), (str(folder), "TMP"), (str(probes), "probes"), (str(Path.home()), "~")]
    names += [(there, name) for path, name in names if (there := launch.seen(path, paths)) != path]
    wine = [("Z:" + path.replace("/", "\\"), name) for path, name in names]
    escaped = [(path.replace("\\", "\\\\"), name) for path, name in wine]
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

    ended = verdict.ended
    return replace(
        verdict,
        value=clean(verdict.value),
        detail=clean(verdict.detail),
        observed=clean(verdict.observed),
        ended=replace(ended, output=replace(ended.output, text=clean(ended.output.text)), stacks=clean(ended.stacks)),
    )
