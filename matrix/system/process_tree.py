"""The processes of a probe or of a whole run: who they are, and how all of them are ended."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator

import psutil

from matrix.system.windows import ProcessContainer

SETTLE = 2.0
"""Seconds that helpers of a finished probe get to notice it and end by themselves."""

TRACKERS = 4.0
"""Seconds that resource trackers get to remove shared memory after everyone else is dead."""

TRACKER = "resource tracker"
"""What one is called among the leaks."""

ROUNDS = 20
"""How often a sweep starts again before it gives up: each must find nobody new."""

MANY = 10_000
"""Processes whose births are kept."""

_POSIX = os.name == "posix"
_LINUX = sys.platform == "linux"


class Family:
    """The processes of one probe: its session, its descendants, and whoever has its token in the environment."""

    def __init__(self, pid: int, token: str, container: ProcessContainer | None = None) -> None:
        self._pid = pid
        self._token = token
        self._container = container
        self._born = _births.of(pid)
        self._seen: dict[int, psutil.Process] = {}
        with contextlib.suppress(psutil.Error):
            self._seen[pid] = psutil.Process(pid)

    def look(self) -> None:
        """Remember the descendants there are now: later they may be orphans that only this knows.

        Only needed where no environment tells and nothing holds them: elsewhere those find them.
        """
        if not _LINUX and self._container is None:
            for child in self._descendants():
                self._seen[child.pid] = child

    def _descendants(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self._pid).children(recursive=True)
        return []

    def members(self) -> list[psutil.Process]:
        """All that are alive now, without zombies: those are dead, and their parent's to reap."""
        self.look()
        found = {process.pid: process for process in self._seen.values() if alive(process)}
        if self._container is not None:
            found |= {process.pid: process for process in _of(self._container.pids()) if alive(process)}
        if _POSIX:
            found |= {process.pid: process for process in self._by_session_or_token()}
        return list(found.values())

    def _by_session_or_token(self) -> Iterator[psutil.Process]:
        for pid in _births.since(self._born) if _LINUX else psutil.pids():
            if pid == os.getpid():
                continue
            with contextlib.suppress(psutil.Error, OSError):
                if _session(pid) == self._pid or _token_of(psutil.Process(pid)) == self._token:
                    process = psutil.Process(pid)
                    if alive(process):
                        yield process

    def cpu(self) -> tuple[float, bool]:
        """(seconds of processor time that the head and its descendants have had, whether one runs at this moment)."""
        spent, running = 0.0, False
        with contextlib.suppress(psutil.Error):
            for process in (psutil.Process(self._pid), *self._descendants()):
                self._seen[process.pid] = process
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    spent += times.user + times.system
                    running = running or process.status() in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)
        return spent, running

    def sweep(self, *, ended_alone: bool) -> list[str]:
        """End everyone, resource trackers last; returns what those were that would have stayed."""
        members = self.members()
        until = time.monotonic() + (SETTLE if ended_alone else 0.0)
        while members and time.monotonic() < until:
            psutil.wait_procs(members, timeout=0.02)
            members = self.members()
        left = [kind(process) for process in members] if ended_alone else []
        left = [name for name in left if name != TRACKER]  # it ends when everyone else has
        return sorted(left + end(self.members))


class Orphans:
    """The processes that a run which is dead has left behind: all have a token that begins with its name."""

    def __init__(self, run: str) -> None:
        self._run = run

    def members(self) -> list[psutil.Process]:
        """All that are alive now, on systems that let us read their environment."""
        found = []
        for process in _of(psutil.pids()):
            with contextlib.suppress(psutil.Error, OSError):
                if _token_of(process).startswith(self._run + "-") and process.pid != os.getpid() and alive(process):
                    found.append(process)
        return found


def end(members: Callable[[], list[psutil.Process]]) -> list[str]:
    """Kill whoever is found until nobody is, resource trackers last: they remove shared memory when others are dead.

    Returns the trackers that had to be killed too.
    """
    stubborn: list[str] = []
    for _ in range(ROUNDS):
        found = members()
        if not found:
            break
        others = [process for process in found if kind(process) != TRACKER]
        _kill(others)
        if not others:
            _, alive_still = psutil.wait_procs(found, timeout=TRACKERS)
            stubborn += [TRACKER for _ in alive_still]
            _kill(members())
    return stubborn


def alive(process: psutil.Process) -> bool:
    """Whether a process runs, and is no zombie."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def kind(process: psutil.Process) -> str:
    """What a process is, without paths: 'resource tracker', 'fork server', 'spawned child'."""
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


def _of(pids: Iterable[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            yield psutil.Process(pid)


def _token_of(process: psutil.Process) -> str:
    return str(process.environ().get("CANIFORK_TOKEN", ""))


def _session(pid: int) -> int:
    if sys.platform == "win32":
        return -1
    else:  # noqa: RET505 - so that each system's types are checked
        return os.getsid(pid)


class _Births:
    """When processes were born, in clock ticks since boot: changes of the clock do not move it. Linux only.

    The answers are kept, since every probe asks about every process on the machine several times: a number that is
    given to another process gets another entry in /proc, which the number of its inode tells.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int]] = {}

    def of(self, pid: int) -> int:
        """Ticks from boot to the birth of a process; 0 where unknown."""
        try:
            return self._of(pid, os.stat(f"/proc/{pid}").st_ino)  # noqa: PTH116
        except OSError:
            return 0

    def since(self, born: int) -> list[int]:
        """The processes there are now that were not born before a time: who is older than another descends not from it.

        The listing itself tells the inodes: for nearly everyone no further question is put to the system.
        """
        found = []
        with contextlib.suppress(OSError), os.scandir("/proc") as entries:
            for entry in entries:
                if entry.name.isdigit():
                    pid = int(entry.name)
                    if self._of(pid, entry.inode()) >= born:
                        found.append(pid)
        return found

    def _of(self, pid: int, entry: int) -> int:
        known = self._known.get(pid)
        if known and known[0] == entry:
            return known[1]
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
                ticks = int(file.read().rpartition(b")")[2].split()[19])
        except (OSError, ValueError, IndexError):
            return 0
        if len(self._known) > MANY:
            self._known.clear()
        self._known[pid] = (entry, ticks)
        return ticks


_births = _Births()
