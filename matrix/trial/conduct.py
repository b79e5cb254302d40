"""Runs one trial: the command in processes of its own, resumed after a test that hangs or takes pytest down with it."""

from __future__ import annotations

import itertools
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from matrix.model import LaunchSpec, ProcessExit
from matrix.system import process, safe_read, scratch, shm_ledger
from matrix.system.printing import printable
from matrix.trial import event_files, injection, log, stack_files
from matrix.trial.deadlines import Deadlines
from matrix.trial.model import Command, Python, Start, TestRun, Trial
from matrix.trial.watch import Watch

OUTPUT_LIMIT = 64 * 2**20
"""Bytes that a command may print before it is ended."""

KEPT = 4 * 2**20
"""Bytes of output that are compared."""

RESUMED = 20
"""How often a trial goes on after a hang or a crash, until the rest is given up."""

STACKS_EVERY = 5.0
"""Seconds between two looks of a process at its own stacks, where nobody can ask for them."""

DAY = 86400.0
SHM = Path("/dev/shm")  # noqa: S108 - read only


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One trial to run. number is counted from 1 among those of its method."""

    command: Command
    python: Python
    method: str
    number: int
    override: bool
    deadlines: Deadlines


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all trials of a call share: folders, the user's environment, the interruption, and who is told of progress.

    given: what there is to read from standard input, in each trial. said: called with the number of tests that have
    ended and the one that runs.
    """

    folders: scratch.Scratch
    host: Mapping[str, str]
    cancelled: process.Cancelled
    given: bytes
    said: Callable[[int, str], None]


@dataclass(slots=True)
class _Part:
    """What one process tree of a trial showed."""

    exit: ProcessExit
    output: str
    late: dict[str, float]
    tests: dict[str, TestRun]
    begun: int
    open: frozenset[str]
    processes: log.Processes
    untested: tuple[str, ...]
    gap: float


@dataclass(slots=True)
class _Parts:
    all: list[_Part] = field(default_factory=list)
    tests: dict[str, TestRun] = field(default_factory=dict)


def conduct(plan: Plan, ground: Ground) -> Trial | None:
    """Run the command to its end; None if it was cancelled. Raises OSError if it cannot be started."""
    parts = _Parts()
    while True:
        part = _part(plan, ground, frozenset(parts.tests))
        if part is None:
            return None
        parts.all.append(part)
        parts.tests |= _judged(part)
        if not part.open or plan.command.kind != "pytest" or len(parts.all) > RESUMED:
            break
    return _trial(plan, parts)


def alone(plan: Plan, ground: Ground, everything: Collection[str], wanted: Collection[str]) -> dict[str, TestRun]:
    """Some of the tests of a trial by pytest, run once more without all others; none if they were cancelled."""
    part = _part(plan, ground, frozenset(everything) - frozenset(wanted))
    return dict(part.tests) if part else {}


def _judged(part: _Part) -> dict[str, TestRun]:
    """The tests of a part; those that have not ended hung, crashed, or were cut off with another one."""
    found = dict(part.tests)
    for name in part.open:
        if name in part.late:
            found[name] = log.ended(
                found[name], "hang", f"no end after {part.late[name]:.0f} s\n{part.exit.stacks or ''}"
            )
        elif part.late:
            found.pop(name)  # it ran beside one that hung: it is asked again
        else:
            outcome = "hang" if part.exit.timed_out else "crash"
            found[name] = log.ended(found[name], outcome, f"{how(part.exit)}\n{part.output[-4000:]}")
    return found


def _part(plan: Plan, ground: Ground, done: frozenset[str]) -> _Part | None:
    folder = ground.folders.private()
    stacks_every = STACKS_EVERY if plan.python.platform == "win32" else 0.0
    made = injection.write(folder, plan.python, plan.method, override=plan.override, stacks_every=stacks_every)
    made.leave_out(done)
    (folder / "t").mkdir()
    (folder / "input").write_bytes(ground.given)
    spec = _spec(plan, made, ground)
    watch = Watch(made.tests, made.processes, plan.deadlines, lambda count, name: ground.said(len(done) + count, name))
    began = time.monotonic()
    spec.output.touch()
    with spec.output.open("rb") as printed:  # it stays the same, whatever the program does with its name
        ended = process.run(spec, ground.cancelled, watch.idle, watch.overdue)
        output = printable(printed.read(KEPT))
    if ended is None:
        return None
    if ended.timed_out and stacks_every:
        ended = replace(ended, stacks=stack_files.read(made.stacks, stacks_every) or ended.stacks)
    events = event_files.read(made.tests)
    gap = longest_gap([event["at"] for event in events.found], ended.duration, began)
    tests, still_open = log.tests(events.found)
    return _Part(
        exit=_of_command(ended, spec.record),
        output=output,
        late=watch.late,
        tests={name: test for name, test in tests.items() if name not in done},
        begun=log.begun(events.found),
        open=still_open - done,
        processes=log.processes(event_files.read(made.processes), plan.command.argv),
        untested=(f"the log of its tests could not be read whole: {events.fault}",) if events.fault else (),
        gap=plan.deadlines.without_silence(gap) if ended.timed_out else gap,
    )


def _spec(plan: Plan, made: injection.Injection, ground: Ground) -> LaunchSpec:
    token = f"{ground.folders.folder.name}-{secrets.token_hex(8)}"
    status = made.folder / "status"
    shell = [sys.executable, "-I", "-S", str(injection.SHELL), str(made.folder / "input"), str(status)]
    return LaunchSpec(
        argv=(*shell, *plan.command.argv),
        env=injection.environment(ground.host, made, plan.python, token),
        cwd=plan.command.cwd,
        temp=made.folder / "t",
        record=status,
        output=made.folder / "output",
        token=token,
        deadline=DAY,
        output_limit=OUTPUT_LIMIT,
    )


def _of_command(ended: ProcessExit, status: Path) -> ProcessExit:
    """How the command ended, not what stood between it and us: that dies with it only if it was killed."""
    try:
        said = safe_read.read(status, 1000).decode("utf-8", "replace")
    except (FileNotFoundError, safe_read.UnsafeFileError):
        return ended
    if ended.timed_out or ended.flooded:
        return ended
    number = int(said) if re.fullmatch(r"-?[0-9]{1,10}", said) else 127
    code, signal_name, name = process.status_of(number)
    return replace(ended, code=code, signal=signal_name, status=name)


def longest_gap(times: Sequence[float], duration: float, began: float) -> float:
    """Seconds without any event of a test, from the begin to the end; of all, if there is none."""
    inside = [at for at in times if began <= at <= began + duration]
    marks = [began, *sorted(inside), began + duration]
    return max(after - before for before, after in itertools.pairwise(marks))


def how(ended: ProcessExit) -> str:
    """How a command ended, in words: 'exit status 1', 'SIGSEGV', 'no end within the deadline'."""
    if ended.timed_out:
        return f"no end after {ended.duration:.0f} s"
    if ended.flooded:
        return f"ended after {OUTPUT_LIMIT >> 20} MiB of output"
    if ended.signal or ended.status:
        return f"ended by {ended.signal or ended.status}"
    return f"exit status {ended.code}"


def _trial(plan: Plan, parts: _Parts) -> Trial:
    last, everyone = parts.all[-1], [part.processes for part in parts.all]
    hung = [part for part in parts.all if part.open]
    faults = dict.fromkeys(fault for part in parts.all for fault in (*part.untested, *part.processes.faults))
    complete = not (last.open and plan.command.kind == "pytest")
    leaked = _left(frozenset(name for one in everyone for name in one.resources))
    leaks = dict(last.exit.leaks) | ({"shared memory": tuple(leaked)} if leaked else {})
    return Trial(
        python=plan.python,
        method=plan.method,
        number=plan.number,
        exit=replace(last.exit, leaks=leaks, duration=round(sum(part.exit.duration for part in parts.all), 3)),
        kind=plan.command.kind,
        pythons=frozenset().union(*(one.pythons for one in everyone)),
        begun=sum(part.begun for part in parts.all),
        tests=parts.tests,
        starts=_starts(everyone),
        untested=tuple(faults),
        swapped=any(one.swapped for one in everyone),
        complete=complete,
        longest_gap=max(part.gap for part in parts.all),
        processes=sum(one.count for one in everyone),
        output="" if hung and parts.tests else last.output,
        output_cut=last.exit.output.bytes > KEPT,
    )


def _starts(everyone: Sequence[log.Processes]) -> tuple[Start, ...]:
    return tuple(start for one in everyone for start in one.starts)


def _left(names: frozenset[str]) -> list[str]:
    """Which of the shared memory and semaphores that the processes made are there still, and held by nobody."""
    if sys.platform != "linux" or not names:
        return []
    try:
        there = {name for name in os.listdir(SHM) if name.removeprefix("sem.") in names}  # noqa: PTH208
    except OSError:
        return []
    return sorted(shm_ledger.generic(name) for name in there - shm_ledger.held(SHM)) if there else []
