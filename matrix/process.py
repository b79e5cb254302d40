"""The only file that starts, watches and ends processes."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import psutil

from matrix.model import Ended, Launch, Output

OUTPUT_LIMIT = 8 * 2**20
"""Bytes that a probe may print before it is ended."""

HEAD, TAIL = 4_000, 12_000
"""Bytes of output kept as evidence, when there are more."""

TICK = 0.1
"""Seconds between two looks at output, deadline and interruption while a probe runs."""

STACKS = 2.0
"""Seconds that processes get to print their stacks at the deadline."""

SETTLE = 1.0
"""Seconds that helpers of a finished probe get to notice it and end by themselves."""

TRACKERS = 2.0
"""Seconds that resource trackers get to remove shared memory after everyone else is dead."""

TRACKER = "resource tracker"
"""What one is called among the leaks."""

ROUNDS = 20
"""How often a sweep starts again before it gives up: each must find nobody new."""

_POSIX = os.name == "posix"
_LINUX = sys.platform == "linux"

# Windows: the statuses that a Python process is known to die with.
_NTSTATUS = {
    0xC0000005: "STATUS_ACCESS_VIOLATION",
    0xC0000017: "STATUS_NO_MEMORY",
    0xC000001D: "STATUS_ILLEGAL_INSTRUCTION",
    0xC0000094: "STATUS_INTEGER_DIVIDE_BY_ZERO",
    0xC00000FD: "STATUS_STACK_OVERFLOW",
    0xC0000135: "STATUS_DLL_NOT_FOUND",
    0xC0000139: "STATUS_ENTRYPOINT_NOT_FOUND",
    0xC000013A: "STATUS_CONTROL_C_EXIT",
    0xC0000142: "STATUS_DLL_INIT_FAILED",
    0xC0000374: "STATUS_HEAP_CORRUPTION",
    0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",
    0x40000015: "STATUS_FATAL_APP_EXIT",
}


def run(launch: Launch, cancelled: threading.Event) -> Ended | None:
    """Run one probe process to its end or its deadline, and end all that it started.

    Returns None if `cancelled` was set meanwhile. Raises OSError if the command cannot be started.
    Nobody hears a Ctrl-C but this process: the probe has a session (on Windows a process group) of its own.
    """
    began = time.monotonic()
    # "a": writes of several processes never overwrite each other, whatever the system does with a shared position.
    with launch.output.open("ab") as output:
        popen = _start(launch, output.fileno())
    family = _Family(popen.pid, launch.token, began_at=time.time())
    reason = ""
    before = 0
    try:
        reason = _watch(popen, launch, family, cancelled, began)
        if reason == "late":
            before = launch.output.stat().st_size
            _ask_for_stacks(popen, family)
    finally:
        duration = time.monotonic() - began
        left = family.sweep(ended_alone=not reason and popen.poll() is not None)
        stuck = not _wait(popen, STACKS) or bool(family.members())
    if reason == "cancelled":
        return None
    code, signal_name, status = _status(popen.returncode)
    return Ended(
        code=code,
        signal=signal_name,
        status=status,
        timed_out=reason == "late",
        flooded=reason == "flooded",
        stuck=stuck,
        duration=round(duration, 3),
        output=_output(launch.output),
        stacks=_read(launch.output, before) if reason == "late" else None,
        leaks=_leaks(left, launch.temp),
    )


def _watch(
    popen: subprocess.Popen[bytes], launch: Launch, family: _Family, cancelled: threading.Event, began: float
) -> Literal["", "cancelled", "flooded", "late"]:
    """Wait for a process; why it must be ended, or '' if it ended by itself."""
    end = began + launch.deadline
    while not _wait(popen, min(TICK, max(0.0, end - time.monotonic()))):
        family.look()
        if cancelled.is_set():
            return "cancelled"
        if launch.output.stat().st_size > OUTPUT_LIMIT:
            return "flooded"
        if time.monotonic() >= end:
            return "late"
    return "cancelled" if cancelled.is_set() else ""


def _start(launch: Launch, output: int) -> subprocess.Popen[bytes]:
    # A file and never a pipe: an orphan that holds a pipe makes a finished probe look hung.
    own: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        own = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    popen: subprocess.Popen[bytes] = subprocess.Popen(
        launch.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=launch.cwd, env=launch.env, **own
    )
    return popen


def _wait(popen: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether the process ended within some seconds; wakes up at once where the system can tell."""
    if popen.poll() is not None:
        return True
    if hasattr(os, "pidfd_open"):
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
    return returncode, None, _NTSTATUS.get(returncode & 0xFFFFFFFF)


class _Family:
    """The processes of one probe: its session, its descendants, and whoever has its token in the environment."""

    def __init__(self, pid: int, token: str, began_at: float) -> None:
        self._pid = pid
        self._token = token
        self._began = began_at - 1.0  # create_time() is rounded
        self._seen: dict[int, psutil.Process] = {}
        with contextlib.suppress(psutil.Error):
            self._seen[pid] = psutil.Process(pid)
        self._strangers: set[tuple[int, float]] = set()

    def look(self) -> None:
        """Remember the descendants there are now: later they may be orphans that only this knows.

        Only needed where no environment tells: elsewhere the token finds them.
        """
        if not _LINUX:
            self._remember()

    def _remember(self) -> None:
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self._pid).children(recursive=True):
                self._seen[child.pid] = child

    def members(self) -> list[psutil.Process]:
        """All that are alive now, without zombies: those are dead, and their parent's to reap."""
        self.look()
        found = {process.pid: process for process in self._seen.values() if _alive(process)}
        if _POSIX:
            found |= {process.pid: process for process in self._by_session_or_token()}
        return list(found.values())

    def _by_session_or_token(self) -> Iterator[psutil.Process]:
        for pid in psutil.pids():
            with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
                if pid == os.getpid():
                    continue
                process = psutil.Process(pid)
                key = (pid, process.create_time())
                if key in self._strangers:
                    continue
                if self._is_ours(process):
                    if _alive(process):
                        yield process
                elif process.create_time() < self._began:
                    self._strangers.add(key)  # a later exec or setsid cannot make it ours

    def _is_ours(self, process: psutil.Process) -> bool:
        if os.getsid(process.pid) == self._pid:
            return True
        if process.create_time() < self._began:
            return False
        return bool(process.environ().get("CANIFORK_TOKEN") == self._token)

    def sweep(self, ended_alone: bool) -> list[str]:
        """End everyone, resource trackers last; returns what those were that would have stayed."""
        members = self.members()
        until = time.monotonic() + (SETTLE if ended_alone else 0.0)
        while members and time.monotonic() < until:
            psutil.wait_procs(members, timeout=0.02)
            members = self.members()
        left = [_kind(process) for process in members] if ended_alone else []
        left = [kind for kind in left if kind != TRACKER]  # it ends when everyone else has
        for _ in range(ROUNDS):
            members = self.members()
            if not members:
                break
            others = [process for process in members if _kind(process) != TRACKER]
            _kill(others)
            trackers = [process for process in members if process not in others]
            if trackers and not others:
                _, stubborn = psutil.wait_procs(trackers, timeout=TRACKERS)
                left += [TRACKER for _ in stubborn]
                _kill(self.members())
        return sorted(left)


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _kind(process: psutil.Process) -> str:
    """What a process is, without paths: 'resource tracker', 'fork server', 'python'."""
    try:
        command = " ".join(process.cmdline())
    except (psutil.Error, OSError):
        return "process"
    for mark, name in (
        ("resource_tracker import main", TRACKER),
        ("forkserver import main", "fork server"),
        ("spawn_main", "spawned child"),
    ):
        if mark in command:
            return name
    return "process"


def _kill(processes: Iterable[psutil.Process]) -> None:
    processes = list(processes)
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=1.0)


def _ask_for_stacks(popen: subprocess.Popen[bytes], family: _Family) -> None:
    """Make every process print its Python stacks: faulthandler answers SIGABRT, and the process ends by it.

    Windows has no such signal; there the probe prints its own shortly before the deadline.
    """
    if not _POSIX:
        return
    members = family.members()
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
