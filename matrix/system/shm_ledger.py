"""Who left what in /dev/shm: shared memory and semaphores bear no name of the process that made them.

A new entry may be of any job that ran when it appeared, or of a stranger. If all those jobs have ended, it stays, and
nobody holds it, each of them is asked again alone. What is found then once more was no coincidence: it is told, and all
that was found is removed. The rest is not known to be ours, and is left alone.

A job that the runner itself cuts off may die between making a semaphore and giving away its name; nobody asks it again.
A semaphore of multiprocessing that nobody holds is of no use to anybody: what appeared while such jobs ran is removed.
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

from matrix.system.process_tree import TRACKERS

OURS = re.compile(r"(psm_|(sem\.)?mp-|canifork)")
"""How names begin that multiprocessing gives, and probes. Nothing else is ever removed."""

SEMAPHORES = ("sem.mp-", "mp-")
"""How those of semaphores begin: with glibc, and with musl."""

Entry = tuple[str, int]
"""(name, inode): a name may come again."""

Cell = tuple[str, str]
"""(probe's id, method)."""

Key = tuple[str, str, int]
"""(probe's id, method, attempt)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a job has left for certain, by name, and which cells are to be asked again alone for want of certainty."""

    names: tuple[str, ...] = ()
    doubtful: frozenset[Cell] = frozenset()


@dataclass(slots=True)
class Ledger:
    """Follows the entries of a folder while jobs come and go; all methods may be called from any thread."""

    folder: Path = Path("/dev/shm")  # noqa: S108 - not for files of ours
    _owners: dict[Entry, set[Key]] = field(default_factory=dict)
    _mine: dict[Entry, bool] = field(default_factory=dict)
    _running: set[Key] = field(default_factory=set)
    _doubtful: set[Cell] = field(default_factory=set)
    _found: set[Entry] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, key: Key) -> None:
        """A job starts."""
        with self._lock:
            self._notice()
            self._running.add(key)

    def end(self, key: Key, *, cut_off: bool = False) -> Left:
        """A job has ended, or was cut off, and all its processes with it.

        Waits a little if it seems to have left something.
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
                return Left()
            return self._judge(key, left)

    def _notice(self) -> None:
        """Who may own what is new: all that run now. What was there before anybody ran is a stranger's."""
        here = self._here()
        self._owners = {entry: self._owners.get(entry, set(self._running)) for entry in here}

    def _here(self) -> set[Entry]:
        """The entries of this user. Whose one is, is asked once: two looks are taken for every job."""
        mine: dict[Entry, bool] = {}
        if sys.platform == "linux":
            with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
                for entry in entries:
                    if OURS.match(entry.name):
                        one = (entry.name, entry.inode())
                        with contextlib.suppress(OSError):
                            known = self._mine.get(one)
                            mine[one] = _is_mine(entry) if known is None else known
        self._mine = mine
        return {entry for entry, is_mine in mine.items() if is_mine}

    def _suspects(self, key: Key) -> set[Entry]:
        """Of those that were there a moment ago, when `_notice` looked."""
        return {entry for entry, owners in self._owners.items() if key in owners and not owners & self._running}

    def _staying(self, suspects: set[Entry]) -> set[Entry]:
        """Those that are still there after the time that a stranger's resource tracker needs."""
        end = time.monotonic() + TRACKERS
        while suspects and time.monotonic() < end:
            time.sleep(0.05)  # between two looks
            suspects = suspects & self._here()
        return suspects

    def _judge(self, key: Key, left: set[Entry]) -> Left:
        """What a job is told of, after some entries were found left by it or by another that ran beside it."""
        cell = key[:2]
        cells = {entry: {owner[:2] for owner in self._owners.get(entry, ())} for entry in left}
        doubtful = {one for found in cells.values() for one in found} - self._doubtful
        self._found |= left
        self._doubtful |= doubtful
        if not left or cell in doubtful:
            return Left(doubtful=frozenset(doubtful))
        for entry in self._found:
            if cell in {owner[:2] for owner in self._owners.get(entry, ())}:
                self._remove(entry)
        names = sorted(generic(entry[0]) for entry, found in cells.items() if found == {cell})
        return Left(names=tuple(names), doubtful=frozenset(doubtful))

    def _remove(self, entry: Entry) -> None:
        path = self.folder / entry[0]
        with contextlib.suppress(OSError):
            if path.lstat().st_ino == entry[1]:
                path.unlink()


def _is_mine(entry: os.DirEntry[str]) -> bool:
    return entry.stat(follow_symlinks=False).st_uid == os.getuid()


def held(folder: Path) -> frozenset[str]:
    """The names in a folder that any process has mapped or open, as far as we may look."""
    found: set[str] = set()
    start = f"{folder}/"
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            maps = (process / "maps").read_text(encoding="utf-8", errors="replace")
            found |= {line.partition(start)[2] for line in maps.splitlines() if start in line}
        with contextlib.suppress(OSError):
            for link in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    target = str(link.readlink())
                    if target.startswith(start):
                        found.add(target[len(start) :])
    return frozenset(found)


def generic(name: str) -> str:
    """A generated name without its random end: 'psm_…', 'sem.mp-…'."""
    match = OURS.match(name)
    return match[0] + "…" if match and match[0] != "canifork" else name
