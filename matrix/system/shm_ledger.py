"""Which job left what in /dev/shm: shared memory and semaphores have no owner that the system knows.

A new entry may belong to any job that ran when it appeared, or to another program. If all these jobs have ended, the
entry stays and no process has it open, each of the jobs is measured again, alone. What is left then once more is no
coincidence: it is reported, and all entries of that job are removed. Others are not known to be ours and stay.

A name that multiprocessing or a probe generated is another one each time. Any other name is the job's only if the same
one is left again: until the second measurement has ended the first entry is set aside, since it would be in its way.

A job that the runner itself ends may die between creating a semaphore and unlinking it; it is not measured again. A
semaphore of multiprocessing that no process has open is useless: those that appeared during such jobs are removed.

While another run lives on this machine, any entry may be its own: then nothing is set aside, and what would be removed
is removed at the end, if this run is alone by then.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from matrix.system.presence import Presence
from matrix.system.printing import printable
from matrix.system.process_tree import TRACKERS

OURS = re.compile(r"(psm_|(sem\.)?mp-|canifork)")
"""How the names begin that multiprocessing and probes generate."""

ASIDE = "canifork-aside-"
"""How the name of an entry begins that is set aside; its own name follows."""

SEMAPHORES = ("sem.mp-", "mp-")
"""How names of semaphores begin, with glibc and with musl."""

Entry = tuple[str, int]
"""(name, inode): names can be used again."""

Cell = tuple[str, str]
"""(probe's id, method)."""

Key = tuple[str, str, int]
"""(probe's id, method, attempt)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a job has certainly left behind, by name; doubtful: cells to be measured again alone to become certain."""

    names: tuple[str, ...] = ()
    doubtful: frozenset[Cell] = frozenset()


@dataclass(slots=True)
class Ledger:
    """Tracks the entries of a folder while jobs start and end; all methods may be called from any thread."""

    folder: Path = Path("/dev/shm")  # noqa: S108 - no files are created in it
    _owners: dict[Entry, set[Key]] = field(default_factory=dict)
    _mine: dict[Entry, bool] = field(default_factory=dict)
    _running: set[Key] = field(default_factory=set)
    _doubtful: set[Cell] = field(default_factory=set)
    _found: set[Entry] = field(default_factory=set)
    _aside: dict[Cell, dict[Entry, set[Key]]] = field(default_factory=dict)
    _pending: set[Entry] = field(default_factory=set)
    _presence: Presence = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._presence = Presence(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pending and self._presence.alone():
            for entry in self._pending:
                if entry[0] not in held(self.folder):
                    self._unlink(entry)
        self._presence.close()

    def begin(self, key: Key) -> None:
        """A job starts."""
        with self._lock:
            self._notice()
            if key[:2] in self._doubtful:
                self._set_aside(key[:2])
            self._running.add(key)

    def end(self, key: Key, *, cut_off: bool = False) -> Left:
        """A job has ended, and all its processes with it; cut_off: the runner ended it.

        Waits a little if the job seems to have left something.
        """
        with self._lock:
            self._notice()
            self._running.discard(key)
            suspects = self._suspects(key)
        staying = self._staying(suspects) if suspects else set()
        strangers = held(self.folder) if staying else frozenset[str]()
        with self._lock:
            for entry in staying:
                if entry[0] in strangers:
                    self._owners[entry] = set()
            left = {entry for entry in staying if entry[0] not in strangers}
            if cut_off:
                for entry in left:
                    if entry[0].startswith(SEMAPHORES):
                        self._remove(entry)
                self._put_back(key[:2], frozenset())
                return Left()
            verdict = self._judge(key, left)
            self._put_back(key[:2], frozenset(entry[0] for entry in left))
            return verdict

    def _set_aside(self, cell: Cell) -> None:
        """Rename what a job in doubt has left, before it is measured again."""
        if not self._presence.alone():
            return
        in_use = held(self.folder)
        for entry in self._found:
            name, inode = entry
            if cell in self._cells(entry) and name not in in_use:
                with contextlib.suppress(OSError):
                    if (self.folder / name).lstat().st_ino == inode:
                        (self.folder / name).rename(self.folder / f"{ASIDE}{name}")
                        self._aside.setdefault(cell, {})[entry] = self._owners[entry]

    def _put_back(self, cell: Cell, again: frozenset[str]) -> None:
        """Remove what was set aside if it is the job's; else give it its name back. again: the names left again."""
        for (name, inode), owners in self._aside.pop(cell, {}).items():
            if name in again or (again and OURS.match(name)):
                self._unlink((f"{ASIDE}{name}", inode))  # it is older than any other run that lives now
            else:
                with contextlib.suppress(OSError):
                    if not (self.folder / name).exists():
                        (self.folder / f"{ASIDE}{name}").rename(self.folder / name)
                        self._owners[name, inode] = {owner for owner in owners if owner[:2] != cell}

    def _cells(self, entry: Entry) -> set[Cell]:
        """The cells that may own an entry."""
        return {owner[:2] for owner in self._owners.get(entry, ())}

    def _notice(self) -> None:
        """All running jobs may own a new entry. What was there before any job ran is not ours."""
        here = self._here()
        self._owners = {entry: self._owners.get(entry, set(self._running)) for entry in here}

    def _here(self) -> set[Entry]:
        """The entries of this user. Their owner is looked up once: the folder is listed twice for each job."""
        mine: dict[Entry, bool] = {}
        if sys.platform == "linux":
            with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
                for entry in entries:
                    if not entry.name.startswith(ASIDE):
                        key = (entry.name, entry.inode())
                        with contextlib.suppress(OSError):
                            known = self._mine.get(key)
                            mine[key] = _is_mine(entry) if known is None else known
        self._mine = mine
        return {entry for entry, is_mine in mine.items() if is_mine}

    def _suspects(self, key: Key) -> set[Entry]:
        """The entries that a job may own and no running job can, as of the last `_notice`."""
        return {entry for entry, owners in self._owners.items() if key in owners and not owners & self._running}

    def _staying(self, suspects: set[Entry]) -> set[Entry]:
        """Those that are still there after the time that a resource tracker of another program needs."""
        end = time.monotonic() + TRACKERS
        while suspects and time.monotonic() < end:
            time.sleep(0.05)  # nothing tells when one goes: poll
            suspects = suspects & self._here()
        return suspects

    def _judge(self, key: Key, left: set[Entry]) -> Left:
        """What is held against a job, after entries were left by it or by another that ran beside it."""
        cell = key[:2]
        cells = {entry: self._cells(entry) for entry in left}
        doubtful = set[Cell]().union(*cells.values()) - self._doubtful
        self._found |= left
        self._doubtful |= doubtful
        if not left or cell in doubtful:
            return Left(doubtful=frozenset(doubtful))
        names = {entry[0] for entry in left}
        in_use = held(self.folder)
        for entry in self._found:
            its = cell in self._cells(entry) and entry[0] not in in_use
            if its and (entry[0] in names or OURS.match(entry[0])):
                self._remove(entry)
        shown = sorted(generic(entry[0]) for entry, owners in cells.items() if owners == {cell})
        return Left(names=tuple(shown), doubtful=frozenset(doubtful))

    def _remove(self, entry: Entry) -> None:
        """Remove an entry that no process has open, now or, while another run lives, at the end."""
        if self._presence.alone():
            self._unlink(entry)
        else:
            self._pending.add(entry)

    def _unlink(self, entry: Entry) -> None:
        path = self.folder / entry[0]
        with contextlib.suppress(OSError):
            if path.lstat().st_ino == entry[1]:
                path.unlink()


def _is_mine(entry: os.DirEntry[str]) -> bool:
    return sys.platform != "win32" and entry.stat(follow_symlinks=False).st_uid == os.getuid()


def held(folder: Path) -> frozenset[str]:
    """The names in a folder that any process has mapped or open, as far as we are permitted to see."""
    names: set[str] = set()
    start = f"{folder}/"
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            maps = (process / "maps").read_text(encoding="utf-8", errors="replace")
            names |= {line.partition(start)[2] for line in maps.splitlines() if start in line}
        with contextlib.suppress(OSError):
            for link in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    target = str(link.readlink())
                    if target.startswith(start):
                        names.add(target[len(start) :])
    return frozenset(names)


def generic(name: str) -> str:
    """A printable name; a generated one without its random end: 'psm_…', 'sem.mp-…'."""
    match = OURS.match(name)
    return match[0] + "…" if match and match[0] != "canifork" else printable(os.fsencode(name))
