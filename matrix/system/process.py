"""Start a process, watch it, and end it with all that it started. No other module starts a probe."""

from __future__ import annotations

import contextlib
import enum
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

from matrix.model import LaunchSpec, Output, ProcessExit
from matrix.system import windows
from matrix.system.error_files import ErrorFiles
from matrix.system.process_tree import TRACKER, Family, role

HEAD, TAIL = 4_000, 12_000
"""Bytes of output kept as evidence, when there are more."""

TICK = 0.1
"""Seconds between two checks of output, deadline and cancellation while a probe runs."""

STACKS = 2.0
"""Seconds that processes get to print their stacks at the deadline."""

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


def run(
    launch: LaunchSpec, cancelled: Cancelled, on_idle: Callable[[], None] = ignore, overdue: Callable[[], bool] = never
) -> ProcessExit | None:
    """Run one process until it ends or its deadline passes, then end all that it started.

    on_idle is called, maybe several times, when the process needs no CPU any more: it has ended, or waits for
    something. overdue is called every TICK: whether a part of the work has passed a deadline of its own.
    Returns None if `cancelled` was set meanwhile. Raises OSError if the command cannot be started.
    Ctrl-C reaches only this process: the other has its own session (on Windows its own process group).
    """
    started = time.monotonic()
    # "a": writes of several processes never overwrite each other, whatever the system does with a shared position.
    with launch.output.open("ab") as output:
        popen, container = start(launch.argv, cwd=launch.cwd, env=launch.env, stdout=output, stderr=output)
    family = Family(popen.pid, launch.token, container)
    reason: StopReason | None = StopReason.CANCELLED  # whatever is raised below
    stacks = None
    try:
        reason = _Watch(popen, launch, family, cancelled, on_idle, overdue, started).until_stopped()
        if reason is StopReason.DEADLINE:
            stacks = _ask_for_stacks(popen, family, launch.output)
    finally:
        duration = time.monotonic() - started
        on_idle()
        survivors = family.sweep(ended_alone=reason is None and popen.poll() is not None)
        # A sweep that found nobody has looked twice: a third look at all processes would tell nothing new.
        stuck = not wait(popen, STACKS) or bool((survivors or reason) and family.members())
        if container:
            container.close()
    if reason is StopReason.CANCELLED:
        return None
    code, signal_name, status = status_of(popen.returncode)
    return ProcessExit(
        code=code,
        signal=signal_name,
        status=status,
        timed_out=reason is StopReason.DEADLINE,
        flooded=reason is StopReason.FLOODED,
        stuck=stuck,
        duration=round(duration, 3),
        output=_output(launch.output),
        stacks=stacks,
        leaks=_leaks(survivors, launch.temp),
    )


@dataclass(slots=True)
class _Watch:
    """Waits for one process, and notices when it has to be ended. started: time.monotonic()."""

    popen: subprocess.Popen[bytes]
    launch: LaunchSpec
    family: Family
    cancelled: Cancelled
    on_idle: Callable[[], None]
    overdue: Callable[[], bool]
    started: float
    measured: float = 0.0
    cpu: float = 0.0

    def until_stopped(self) -> StopReason | None:
        """Why the process must be ended; None if it ended by itself."""
        self.measured = self.started
        end = self.started + self.launch.deadline
        while not wait(self.popen, min(TICK, max(0.0, end - time.monotonic()))):
            self.family.look()
            if self.cancelled.is_set():
                return StopReason.CANCELLED
            if self.launch.output.stat().st_size > self.launch.output_limit:
                return StopReason.FLOODED
            if time.monotonic() >= end or self.overdue():
                return StopReason.DEADLINE
            self._notice_idleness()
        return StopReason.CANCELLED if self.cancelled.is_set() else None

    def _notice_idleness(self) -> None:
        """Call on_idle if the family used less than a tenth of a CPU since the last look, and nobody runs now."""
        now = time.monotonic()
        if now - self.measured < IDLE:
            return
        before, (self.cpu, running) = self.cpu, self.family.cpu()
        if not running and self.cpu - before < (now - self.measured) / 10:
            self.on_idle()
        self.measured = now


def start(
    argv: Sequence[str], *, cwd: Path | None, env: Mapping[str, str], stdout: Any, stderr: Any
) -> tuple[subprocess.Popen[bytes], windows.ProcessContainer | None]:
    """Start a process in its own session, without input; on Windows in a job object too. Raises OSError.

    Probes print to a file and never to a pipe: an orphan that holds a pipe makes a finished probe look hung.
    """
    own: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        own = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | windows.CREATE_SUSPENDED}
    popen: subprocess.Popen[bytes] = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=cwd, env=env, **own
    )
    return popen, windows.contain(popen)


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


def _ask_for_stacks(popen: subprocess.Popen[bytes], family: Family, output: Path) -> str:
    """Make every process print its Python stacks: faulthandler handles SIGABRT, and the process ends by it.

    Windows has no such signal; there the process prints its own stacks shortly before the deadline.
    """
    before = output.stat()
    if not _POSIX:
        return _stacks(output, before.st_size)
    members = [process for process in family.members() if role(process) != TRACKER]  # it still has to clean up
    # All are stopped while one prints: else their lines mix, and a parent goes on when its child is gone.
    for process in members:
        with contextlib.suppress(psutil.Error):
            process.suspend()
    end = time.monotonic() + STACKS
    with ErrorFiles((process.pid for process in members), before.st_ino) as elsewhere:
        for process in members:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGABRT)
                process.resume()
                psutil.wait_procs([process], timeout=max(0.0, end - time.monotonic()))
        wait(popen, 0)
        return _stacks(output, before.st_size) + printable(elsewhere.written(TAIL))


def _stacks(path: Path, before: int) -> str:
    """The stacks that processes printed at the deadline: all output from a position (bytes) on.

    Where processes cannot be asked (Windows), what the probe printed about itself shortly before.
    """
    text = _read(path, before)
    if text or _POSIX:
        return text
    text = _read(path, max(0, before - TAIL))
    return text[text.rfind("Timeout (") :] if "Timeout (" in text else ""


def _read(path: Path, start: int) -> str:
    """Printable text of a file from a byte position on."""
    with path.open("rb") as file:
        file.seek(start)
        return printable(file.read(TAIL))


def _output(path: Path) -> Output:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= HEAD + TAIL:
            return Output(text=printable(file.read()), bytes=size)
        head = file.read(HEAD)
        file.seek(-TAIL, os.SEEK_END)
        text = f"{printable(head)}\n[… {size - HEAD - TAIL} bytes cut …]\n{printable(file.read())}"
        return Output(text=text, bytes=size, cut=True)


def printable(data: bytes) -> str:
    """Any bytes as text that is safe to show: no control characters but newline and tab, nothing undecodable."""
    text = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return "".join(c if c in "\n\t" or c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _leaks(processes: list[str], temp: Path) -> dict[str, tuple[str, ...]]:
    """What a probe left behind, by kind; its own scratch files (probes/_probe.py names them) do not count."""
    own = ("child-", "stdout-", "stderr-", "output-", "scratch-")
    files = sorted(_generic(entry.name) for entry in temp.iterdir() if not entry.name.startswith(own))
    leaks = {"processes": tuple(processes), "files": tuple(files)}
    return {kind: names for kind, names in leaks.items() if names}


def _generic(name: str) -> str:
    """A generated name without its random end: 'pymp-…'."""
    return name.partition("-")[0] + "-…" if name.startswith(("pymp-", "tmp-", "listener-")) else name
