"""The processes of a probe or of a whole run: which they are, and how all of them are ended."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator

import psutil

from matrix.system.windows import ProcessContainer

SETTLE = 2.0
"""Seconds in which helpers of a finished probe may notice its end and end by themselves."""

TRACKERS = 4.0
"""Seconds that resource trackers get to remove shared memory after all others are dead."""

TRACKER = "resource tracker"
"""What role() calls one."""

_TRACKER_MARK = "resource_tracker import main"

SNAPSHOT = 0.25
"""Seconds for which the parents of all processes are remembered where they are slow to look up."""

ROUNDS = 20
"""How often a sweep is repeated at most until it finds no new process."""

PASSES = 20
"""How often the listing of processes is read at most until it shows no new one."""

HUNT = 1.0
"""Seconds for which processes are killed at first sight, before the next round."""

MANY = 10_000
"""Processes whose birth times are cached."""

_POSIX = os.name == "posix"
_LINUX = sys.platform == "linux"


class Family:
    """The processes of one probe: its session, its descendants, and all with its tag or its token."""

    def __init__(
        self, popen: subprocess.Popen[bytes], token: str, tag: int | None, container: ProcessContainer | None = None
    ) -> None:
        """tag: what tagged() gave while the process was started."""
        self.popen = popen
        self._pid = popen.pid
        self._token = token
        self._tag = tag
        self._container = container
        self._born = _births.of(popen.pid)
        self._seen: dict[int, psutil.Process] = {}
        with contextlib.suppress(psutil.Error):
            self._seen[popen.pid] = psutil.Process(popen.pid)

    def close(self) -> None:
        """The processes are ended: forget their tag, and end all that a container still holds."""
        if self._tag is not None:
            _tags.discard(self._tag)
        if self._container is not None:
            self._container.close()

    def look(self) -> None:
        """Remember the descendants there are now: once orphans, they could not be recognised any more.

        Only needed where environments cannot be read and no container holds the processes.
        """
        if not _LINUX and self._container is None:
            for child in self._descendants():
                self._seen[child.pid] = child

    def _descendants(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            if not _LINUX:
                return _parents.descendants(psutil.Process(self._pid))
            try:
                return [*_of(_listed_descendants(self._pid))]
            except OSError:  # a kernel without these lists
                return psutil.Process(self._pid).children(recursive=True)
        return []

    def members(self) -> list[psutil.Process]:
        """All that are alive now; zombies are not: they are dead, and reaping them is their parent's duty."""
        self.look()
        living = {process.pid: process for process in self._seen.values() if alive(process)}
        if self._container is not None:
            living |= {process.pid: process for process in _of(self._container.pids()) if alive(process)}
        if _POSIX:
            living |= {process.pid: process for process in self._by_session_or_token()}
        return list(living.values())

    def _by_session_or_token(self) -> Iterator[psutil.Process]:
        """By the listing of all processes, until one shows no new process: else a chain of short ones slips through."""
        seen = {os.getpid()}
        for _ in range(PASSES if _LINUX else 1):
            fresh = [pid for pid in (_births.since(self._born) if _LINUX else psutil.pids()) if pid not in seen]
            seen.update(fresh)
            for pid in fresh:
                with contextlib.suppress(psutil.Error, OSError):
                    if self._is_member(pid):
                        process = psutil.Process(pid)
                        if alive(process):
                            yield process
            if not fresh:
                break

    def _is_member(self, pid: int) -> bool:
        tag = _tag_of(pid)
        if tag is not None and tag == self._tag:
            return True
        if tag in _tags:  # of another probe, whose session may have got the ID of ours
            return False
        return _session(pid) == self._pid or _token_of(psutil.Process(pid)) == self._token

    def _hunt(self) -> None:
        """Kill each process with the tag at first sight: a process that ends and leaves a child every millisecond."""
        seen: set[int] = set()
        until = time.monotonic() + HUNT
        quiet = 0
        if sys.platform == "win32":
            return
        while self._tag is not None and quiet < PASSES and time.monotonic() < until:
            fresh = {int(name) for name in os.listdir("/proc") if name.isdigit()} - seen  # noqa: PTH208 - names only
            seen |= fresh
            quiet = 0 if fresh else quiet + 1
            for pid in sorted(fresh, reverse=True):
                if _tag_of(pid) == self._tag and not _is_tracker(pid):
                    with contextlib.suppress(OSError):
                        os.kill(pid, signal.SIGKILL)

    def cpu(self) -> tuple[float, bool]:
        """(CPU seconds used so far by the first process and its descendants, whether one of them runs right now)."""
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
        """End all, resource trackers last; returns the roles of those that would have stayed.

        ended_alone: whether the first process ended by itself; its helpers get some time then to do so too.
        """
        _parents.expire()
        members = self.members()
        until = time.monotonic() + (SETTLE if ended_alone else 0.0)
        while members and time.monotonic() < until:
            psutil.wait_procs(members, timeout=0.02)
            members = self.members()
        roles = [role(process) for process in members] if ended_alone else []
        roles = [name for name in roles if name != TRACKER]  # it ends when all others have
        return sorted(roles + end(self.members, self._hunt))


class Parents:
    """Who started whom, looked up for all families together: where psutil has to ask for each process on its own
    (macOS), twelve families that look ten times a second would do nothing else.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._taken = float("-inf")
        self._children: dict[int, list[psutil.Process]] = {}

    def expire(self) -> None:
        """Look again when next asked."""
        with self._lock:
            self._taken = float("-inf")

    def descendants(self, ancestor: psutil.Process) -> list[psutil.Process]:
        """The descendants of a process, as of at most SNAPSHOT seconds ago."""
        with self._lock:
            if self._clock() - self._taken > SNAPSHOT:
                self._children = _children()
                self._taken = self._clock()
            children = self._children
        found: dict[int, psutil.Process] = {}
        unread = [ancestor]
        while unread:
            parent = unread.pop()
            for child in children.get(parent.pid, ()):
                with contextlib.suppress(psutil.Error):  # a number that came again is no child: it is older
                    if child.pid not in found and child.create_time() >= parent.create_time():
                        found[child.pid] = child
                        unread.append(child)
        return list(found.values())


def _listed_descendants(pid: int) -> list[int]:
    """The descendants of a process by the kernel's own lists: psutil reads a file of every process of the machine.

    Raises OSError if the kernel keeps no lists (CONFIG_PROC_CHILDREN), or the process has ended.
    """
    os.stat(f"/proc/{pid}/task/{pid}/children")  # noqa: PTH116 - once more with every look
    found, unread = list[int](), [pid]
    while unread:
        children = [*_listed_children(unread.pop())]
        found += children
        unread += children
    return found


def _listed_children(pid: int) -> Iterator[int]:
    """The children of all threads of a process; of one that has ended, none."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - names only
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", "rb") as file:  # noqa: PTH123
                yield from map(int, file.read().split())


def _children() -> dict[int, list[psutil.Process]]:
    children: dict[int, list[psutil.Process]] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            children.setdefault(process.ppid(), []).append(process)
    return children


_parents = Parents()


class Orphans:
    """The processes that a dead run has left behind: their tokens begin with its name."""

    def __init__(self, run: str) -> None:
        self._run = run

    def members(self) -> list[psutil.Process]:
        """All that are alive now and whose environment can be read."""
        living = []
        for process in _of(psutil.pids()):
            with contextlib.suppress(psutil.Error, OSError):
                if _token_of(process).startswith(self._run + "-") and process.pid != os.getpid() and alive(process):
                    living.append(process)
        return living


def end(members: Callable[[], list[psutil.Process]], hunt: Callable[[], None] | None = None) -> list[str]:
    """Kill all members until there are none; resource trackers last, since they then remove shared memory.

    hunt: a quicker way, for those that come again. Returns the trackers that had to be killed too.
    """
    stubborn: list[str] = []
    for number in range(ROUNDS):
        living = members()
        if not living:
            break
        if number and hunt:
            hunt()
        others = [process for process in living if role(process) != TRACKER]
        _kill(others)
        if not others:
            _, still_alive = psutil.wait_procs(living, timeout=TRACKERS)
            stubborn += [TRACKER for _ in still_alive]
            _kill(members())
    return stubborn


def alive(process: psutil.Process) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def role(process: psutil.Process) -> str:
    """What a process does, by its command line: 'resource tracker', 'fork server', 'spawned child', else 'process'."""
    try:
        command = " ".join(process.cmdline())
    except (psutil.Error, OSError):
        return "process"
    for mark, name in (
        (_TRACKER_MARK, TRACKER),
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


_RLIMIT_LOCKS = 10
"""A limit that Linux keeps and inherits, but has not enforced since 2.6."""

_starting = threading.Lock()
_tags: set[int] = set()
"""Those of all families that are not closed."""


@contextlib.contextmanager
def tagged() -> Iterator[int | None]:
    """A tag of the processes that are started inside the block, and of all their descendants; None where there is none.

    Unlike a session or a variable, a daemon does not get rid of it. Nothing else may be started meanwhile.
    """
    if sys.platform != "linux":
        yield None
        return
    import resource

    with _starting:
        try:
            before = resource.getrlimit(_RLIMIT_LOCKS)
            tag = secrets.randbits(62)
            resource.setrlimit(_RLIMIT_LOCKS, (tag, before[1]))
        except (OSError, ValueError):
            yield None
            return
        _tags.add(tag)
        try:
            yield tag
        finally:
            resource.setrlimit(_RLIMIT_LOCKS, before)


def _tag_of(pid: int) -> int | None:
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError, ValueError):
            return resource.prlimit(pid, _RLIMIT_LOCKS)[0]
    return None


def _is_tracker(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - in a hurry
            return _TRACKER_MARK.encode() in file.read(4096)
    except OSError:
        return False


def _token_of(process: psutil.Process) -> str:
    return str(process.environ().get("CANIFORK_TOKEN", ""))


def _session(pid: int) -> int:
    if sys.platform == "win32":
        return -1
    else:  # noqa: RET505 - so that each system's types are checked
        return os.getsid(pid)


class _Births:
    """When processes started, in clock ticks since boot: a changed clock does not matter. Linux only.

    Birth times are cached, since each probe needs those of all processes of the machine several times. A process ID
    that is used again has another inode in /proc.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int]] = {}

    def of(self, pid: int) -> int:
        """Ticks from boot to the start of a process; 0 if unknown."""
        try:
            return self._of(pid, os.stat(f"/proc/{pid}").st_ino)  # noqa: PTH116
        except OSError:
            return 0

    def since(self, born: int) -> list[int]:
        """The processes there are now that did not start before a time: no older process can be a descendant.

        The listing itself has the inodes: nearly no process needs another system call.
        """
        young = []
        with contextlib.suppress(OSError), os.scandir("/proc") as entries:
            for entry in entries:
                if entry.name.isdigit():
                    pid = int(entry.name)
                    if self._of(pid, entry.inode()) >= born:
                        young.append(pid)
        return young

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
