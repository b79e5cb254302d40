"""Start a process, watch it, and end it with all that it started. No other module starts a probe."""

from __future__ import annotations

import contextlib
import enum
import itertools
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import psutil

from matrix.model import MAX_NAMES, LaunchSpec, Output, ProcessExit
from matrix.system import trees, windows
from matrix.system.error_files import ErrorFiles
from matrix.system.printing import printable
from matrix.system.process_tree import TRACKER, Family, role, tagged

HEAD, TAIL = 4_000, 12_000
"""Bytes of output kept as evidence, when there are more."""

MAX_SIZE = 10**15
"""Most bytes that a run file says were printed: a sparse file may be longer."""

TICK = 0.1
"""Seconds between two checks of output, deadline and cancellation while a probe runs."""

STACKS = 2.0
"""Seconds that processes get to print their stacks at the deadline."""

STOPPED = 1.0
"""A tick that takes so many seconds more was no tick: the runner itself was stopped, or the machine suspended."""

IDLE = 0.3
"""Seconds between two checks whether a probe computes or waits."""

_POSIX = os.name == "posix"


class Cancelled(Protocol):
    """Something that can be set from elsewhere, such as a threading.Event."""

    def is_set(self) -> bool:
        """Whether all work is to end now."""


class StopReason(enum.Enum):
    """Why the runner ended a process that had not ended by itself."""

    CANCELLED = enum.auto()
    FLOODED = enum.auto()
    DEADLINE = enum.auto()


def ignore() -> None:
    """For callers of run() to whom it does not matter when a process is idle."""


def never() -> bool:
    """For callers of run() that know no deadline but the launch's."""
    return False


def uncounted(_: float) -> None:
    """For callers of run() to whom it does not matter how much a process computes."""


def run(
    launch: LaunchSpec,
    cancelled: Cancelled,
    on_idle: Callable[[], None] = ignore,
    overdue: Callable[[], bool] = never,
    on_cpu: Callable[[float], None] = uncounted,
) -> ProcessExit | None:
    """Run one process until it ends or its deadline passes, then end all that it started.

    on_idle is called, maybe several times, when the process needs no CPU any more: it has ended, or waits for
    something. overdue is called every TICK: whether a part of the work has passed a deadline of its own. on_cpu is
    told every IDLE how many seconds of CPU time the process and its living descendants have used.
    Returns None if `cancelled` was set meanwhile. Raises OSError if the command cannot be started.
    Ctrl-C reaches only this process: the other has its own session (on Windows its own process group).
    """
    started = time.monotonic()
    with _Printed(launch.output) as printed, _Folder(launch.temp) as temp:
        family = start(
            launch.argv, launch.token, cwd=launch.cwd, env=launch.env, stdout=printed.file, stderr=printed.file
        )
        watch = _Watch(launch, family, printed, cancelled, on_idle, overdue, on_cpu, started)
        reason: StopReason | None = StopReason.CANCELLED  # whatever is raised below
        stacks = None
        try:
            reason = watch.until_stopped()
            if reason is StopReason.DEADLINE:
                stacks = _ask_for_stacks(family, printed)
        finally:
            duration = time.monotonic() - watch.started
            on_idle()
            survivors = family.sweep(ended_alone=reason is None and family.popen.poll() is not None)
            # A sweep that found nobody has looked twice: a third look at all processes would tell nothing new.
            stuck = not wait(family.popen, STACKS) or bool((survivors or reason) and family.members())
            family.close()
        if reason is StopReason.CANCELLED:
            return None
        code, signal_name, status = status_of(family.popen.returncode)
        leaks = {"processes": tuple(survivors), "files": temp.foreign_files()}
        return ProcessExit(
            code=code,
            signal=signal_name,
            status=status,
            timed_out=reason is StopReason.DEADLINE,
            flooded=reason is StopReason.FLOODED,
            stuck=stuck,
            duration=round(duration, 3),
            output=printed.evidence(),
            stacks=stacks,
            leaks={kind: names for kind, names in leaks.items() if names},
        )


@dataclass(slots=True)
class _Watch:
    """Waits for one process, and notices when it has to be ended.

    started: time.monotonic(); it is put off by the seconds in which nothing ran.
    """

    launch: LaunchSpec
    family: Family
    printed: _Printed
    cancelled: Cancelled
    on_idle: Callable[[], None]
    overdue: Callable[[], bool]
    on_cpu: Callable[[float], None]
    started: float
    measured: float = 0.0
    cpu: float = 0.0

    def until_stopped(self) -> StopReason | None:
        """Why the process must be ended; None if it ended by itself."""
        self.measured = self.started
        while not self._tick():
            self.family.look()
            if self.cancelled.is_set():
                return StopReason.CANCELLED
            if self.printed.size() > self.launch.output_limit:
                return StopReason.FLOODED
            if time.monotonic() >= self.started + self.launch.deadline or self.overdue():
                return StopReason.DEADLINE
            self._notice_idleness()
        return StopReason.CANCELLED if self.cancelled.is_set() else None

    def _tick(self) -> bool:
        """Wait a moment; whether the process has ended."""
        before = time.monotonic()
        seconds = min(TICK, max(0.0, self.started + self.launch.deadline - before))
        ended = wait(self.family.popen, seconds)
        excess = time.monotonic() - before - seconds
        if excess > STOPPED:
            self.started += excess
            self.measured += excess
        return ended

    def _notice_idleness(self) -> None:
        """Call on_idle if the family used less than a tenth of a CPU since the last look, and nobody runs now."""
        now = time.monotonic()
        if now - self.measured < IDLE:
            return
        before, (self.cpu, running) = self.cpu, self.family.cpu()
        self.on_cpu(self.cpu)
        if not running and self.cpu - before < (now - self.measured) / 10:
            self.on_idle()
        self.measured = now


def start(
    argv: Sequence[str], token: str, *, cwd: Path | None, env: Mapping[str, str], stdout: Any, stderr: Any
) -> Family:
    """Start a process in its own session, without input; on Windows in a job object too. Raises OSError.

    token is in its environment too. Probes print to a file and never to a pipe: an orphan that holds a pipe makes a
    finished probe look hung.
    """
    own: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        own = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | windows.CREATE_SUSPENDED}
    with tagged() as tag:
        popen: subprocess.Popen[bytes] = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=cwd, env=env, **own
        )
    return Family(popen, token, tag, windows.contain(popen))


def wait(popen: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether the process ended within some seconds; wakes up at once where the system can tell."""
    if popen.poll() is not None:
        return True
    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):
            fd = os.pidfd_open(popen.pid)
            try:
                poll = select.poll()
                poll.register(fd, select.POLLIN)
                poll.poll(seconds * 1000)
            finally:
                os.close(fd)
            return popen.poll() is not None
    try:
        popen.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def status_of(returncode: int | None) -> tuple[int | None, str | None, str | None]:
    """(exit status, name of a signal, name of an NTSTATUS) of a Popen.returncode."""
    if returncode is None:
        return None, None, None
    if returncode < 0 and _POSIX:
        try:
            return None, signal.Signals(-returncode).name, None
        except ValueError:
            return None, f"signal {-returncode}", None
    return returncode, None, windows.name_of(returncode)


def _ask_for_stacks(family: Family, printed: _Printed) -> str:
    """Make every process print its Python stacks: faulthandler handles SIGABRT, and the process ends by it.

    Windows has no such signal; there the process prints its own stacks shortly before the deadline.
    """
    before = printed.size()
    if not _POSIX:
        return _stacks(printed, before)
    members = [process for process in family.members() if role(process) != TRACKER]  # it still has to clean up
    # All are stopped while one prints: else their lines mix, and a parent goes on when its child is gone.
    for process in members:
        with contextlib.suppress(psutil.Error):
            process.suspend()
    end = time.monotonic() + STACKS
    with ErrorFiles((process.pid for process in members), printed.inode()) as elsewhere:
        for process in members:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGABRT)
                process.resume()
                psutil.wait_procs([process], timeout=max(0.0, end - time.monotonic()))
        wait(family.popen, 0)
        return _stacks(printed, before) + printable(elsewhere.written(TAIL))


def _stacks(printed: _Printed, before: int) -> str:
    """The stacks that processes printed at the deadline: all output from a position (bytes) on.

    Where processes cannot be asked (Windows), what the probe printed about itself shortly before.
    """
    text = printed.text(before, TAIL)
    if text or _POSIX:
        return text
    text = printed.text(max(0, before - TAIL), TAIL)
    return text[text.rfind("Timeout (") :] if "Timeout (" in text else ""


class _Printed:
    """The file that processes print to. It stays the same whatever they do with its name."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        # "a": writes of several processes never overwrite each other, whatever the system does with a shared position.
        self.file = path.open("ab", buffering=0)
        self._reader = path.open("rb", buffering=0)

    def size(self) -> int:
        """Bytes so far."""
        return os.fstat(self._reader.fileno()).st_size

    def inode(self) -> int:
        """Identifies the file on its file system."""
        return os.fstat(self._reader.fileno()).st_ino

    def text(self, start: int, count: int) -> str:
        """Printable text from a byte position on."""
        self._reader.seek(start)
        return printable(self._reader.read(count))

    def evidence(self) -> Output:
        """What was printed; only its head and tail if there is much."""
        size = self.size()
        if size <= HEAD + TAIL:
            return Output(text=self.text(0, HEAD + TAIL), bytes=size)
        text = f"{self.text(0, HEAD)}\n[… {size - HEAD - TAIL} bytes cut …]\n{self.text(size - TAIL, TAIL)}"
        return Output(text=text, bytes=min(size, MAX_SIZE), cut=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()
        self._reader.close()


class _Folder:
    """The temporary folder of a probe. It stays the same whatever the probe does with its name."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._path = path
        self._fd = trees.open_folder(path) if _POSIX else -1

    def foreign_files(self) -> tuple[str, ...]:
        """What a probe left in it, except its own scratch files (probes/_probe.py names them)."""
        own = ("child-", "stdout-", "stderr-", "output-", "scratch-")
        try:
            if sys.platform != "win32":
                os.fchmod(self._fd, stat.S_IRWXU)
            with os.scandir(self._fd if _POSIX else self._path) as entries:
                names = (entry.name for entry in entries if not entry.name.startswith(own))
                return tuple(sorted(map(_generic, itertools.islice(names, MAX_NAMES))))
        except OSError:
            return ()  # it was removed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if _POSIX:
            os.close(self._fd)


def _generic(name: str) -> str:
    """A printable name; a generated one without its random end: 'pymp-…'."""
    generated = name.startswith(("pymp-", "tmp-", "listener-"))
    return name.partition("-")[0] + "-…" if generated else printable(os.fsencode(name))
