"""The only file that starts, watches and ends processes."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import psutil

from matrix.model import LaunchSpec, Output, ProcessExit
from matrix.system import windows
from matrix.system.process_tree import TRACKER, Family, kind

OUTPUT_LIMIT = 8 * 2**20
"""Bytes that a probe may print before it is ended."""

HEAD, TAIL = 4_000, 12_000
"""Bytes of output kept as evidence, when there are more."""

TICK = 0.1
"""Seconds between two looks at output, deadline and interruption while a probe runs."""

STACKS = 2.0
"""Seconds that processes get to print their stacks at the deadline."""

IDLE = 0.3
"""Seconds between two looks at whether a probe computes or waits."""

_POSIX = os.name == "posix"


class Cancelled(Protocol):
    """Something that can be set from elsewhere, such as a threading.Event."""

    def is_set(self) -> bool:
        """Whether all work is to end now."""


def rest() -> None:
    """What a caller that does not care passes for `waits`."""


def run(launch: LaunchSpec, cancelled: Cancelled, waits: Callable[[], None] = rest) -> ProcessExit | None:
    """Run one probe process to its end or its deadline, and end all that it started.

    waits is called, maybe several times, when it needs no processor any more: it has ended, or waits for something.
    Returns None if `cancelled` was set meanwhile. Raises OSError if the command cannot be started.
    Nobody hears a Ctrl-C but this process: the probe has a session (on Windows a process group) of its own.
    """
    began = time.monotonic()
    # "a": writes of several processes never overwrite each other, whatever the system does with a shared position.
    with launch.output.open("ab") as output:
        popen, container = _start(launch, output.fileno())
    family = Family(popen.pid, launch.token, container)
    reason = ""
    before = 0
    try:
        reason = _watch(popen, launch, family, cancelled, began, waits)
        if reason == "late":
            before = launch.output.stat().st_size
            _ask_for_stacks(popen, family)
    finally:
        duration = time.monotonic() - began
        waits()
        left = family.sweep(ended_alone=not reason and popen.poll() is not None)
        # A sweep that found nobody looked twice: a third look at all processes would tell nothing.
        stuck = not _wait(popen, STACKS) or bool((left or reason) and family.members())
        if container:
            container.close()
    if reason == "cancelled":
        return None
    code, signal_name, status = _status(popen.returncode)
    return ProcessExit(
        code=code,
        signal=signal_name,
        status=status,
        timed_out=reason == "late",
        flooded=reason == "flooded",
        stuck=stuck,
        duration=round(duration, 3),
        output=_output(launch.output),
        stacks=_stacks(launch.output, before) if reason == "late" else None,
        leaks=_leaks(left, launch.temp),
    )


def _watch(  # noqa: PLR0917
    popen: subprocess.Popen[bytes],
    launch: LaunchSpec,
    family: Family,
    cancelled: Cancelled,
    began: float,
    waits: Callable[[], None],
) -> Literal["", "cancelled", "flooded", "late"]:
    """Wait for a process; why it must be ended, or '' if it ended by itself."""
    end = began + launch.deadline
    looked, spent = began, 0.0
    while not _wait(popen, min(TICK, max(0.0, end - time.monotonic()))):
        family.look()
        if cancelled.is_set():
            return "cancelled"
        if launch.output.stat().st_size > OUTPUT_LIMIT:
            return "flooded"
        now = time.monotonic()
        if now >= end:
            return "late"
        if now - looked >= IDLE:
            before, (spent, running) = spent, family.cpu()
            if not running and spent - before < (now - looked) / 10:
                waits()
            looked = now
    return "cancelled" if cancelled.is_set() else ""


def _start(launch: LaunchSpec, output: int) -> tuple[subprocess.Popen[bytes], windows.ProcessContainer | None]:
    # A file and never a pipe: an orphan that holds a pipe makes a finished probe look hung.
    own: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        own = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | windows.CREATE_SUSPENDED}
    popen: subprocess.Popen[bytes] = subprocess.Popen(
        launch.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=launch.cwd, env=launch.env, **own
    )
    return popen, windows.contain(popen)


def _wait(popen: subprocess.Popen[bytes], seconds: float) -> bool:
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


def _status(returncode: int | None) -> tuple[int | None, str | None, str | None]:
    """(exit status, name of a signal, name of an NTSTATUS) of a Popen.returncode."""
    if returncode is None:
        return None, None, None
    if returncode < 0 and _POSIX:
        try:
            return None, signal.Signals(-returncode).name, None
        except ValueError:
            return None, f"signal {-returncode}", None
    return returncode, None, windows.name_of(returncode)


def _ask_for_stacks(popen: subprocess.Popen[bytes], family: Family) -> None:
    """Make every process print its Python stacks: faulthandler answers SIGABRT, and the process ends by it.

    Windows has no such signal; there the probe prints its own shortly before the deadline.
    """
    if not _POSIX:
        return
    members = [process for process in family.members() if kind(process) != TRACKER]  # it still has to clear up
    # Everyone stands still while one speaks: else their lines mix, and a parent goes on when its child is gone.
    for process in members:
        with contextlib.suppress(psutil.Error):
            process.suspend()
    end = time.monotonic() + STACKS
    for process in members:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGABRT)
            process.resume()
            psutil.wait_procs([process], timeout=max(0.0, end - time.monotonic()))
    _wait(popen, 0)


def _stacks(path: Path, before: int) -> str:
    """The stacks that processes printed at the deadline: all from a position (bytes) on.

    Where nobody can be asked (Windows), what the probe printed of itself shortly before.
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
    """What a probe left behind; its own scratch files (probes/_probe.py names them) do not count."""
    own = ("child-", "stdout-", "stderr-", "output-", "scratch-")
    files = sorted(_generic(entry.name) for entry in temp.iterdir() if not entry.name.startswith(own))
    found = {"processes": tuple(processes), "files": tuple(files)}
    return {kind: names for kind, names in found.items() if names}


def _generic(name: str) -> str:
    """A generated name without its random end: 'pymp-…'."""
    return name.partition("-")[0] + "-…" if name.startswith(("pymp-", "tmp-", "listener-")) else name
