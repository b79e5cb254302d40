"""Follows the tests of a trial while it runs: what runs now, since when, and whether it has hung."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matrix.system import process
from matrix.trial import event_files, log
from matrix.trial.deadlines import MORE_STARTS, Deadlines

EVERY = 0.5
"""Seconds between two looks at the files."""

WAITING = 0.7
"""Share of a time for which processes must have been seen idle to call it waiting: the looks at them take time too."""

STILL_STARTED = 5
"""Processes that a program which starts them for ever has started between two looks, at least."""

FRUITLESS = 0.4
"""Share of all started processes that must have come to nothing, to say that none ever will: the newest may yet."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A moment: seconds of the clock, seconds that the processes had been idle until then, and how many there were."""

    at: float
    idle: float
    processes: int


class Watch:
    """Told when the processes are idle; reads the rest from what they write.

    folder: of the tests; processes: of the processes, a file for each. said is called with the number of tests that
    have ended and the one that runs, at each look.

    A test has hung if it takes longer than its deadline and its processes wait rather than compute: on a busy machine
    anything may take long. Times are this process's own, since clocks may differ (Wine).
    """

    def __init__(self, folder: Path, processes: Path, deadlines: Deadlines, said: Callable[[int, str], None]) -> None:
        self._events = event_files.Follower(folder)
        self._processes = processes
        self._deadlines = deadlines
        self._said = said
        self._running: dict[str, _Mark] = {}
        self._done = 0
        self._idle = 0.0
        self._looked = time.monotonic()
        self._progress = _Mark(self._looked, 0.0, 0)
        self._counted = self._looked
        self._starts: int | None = None
        self.late: dict[str, float] = {}
        """The tests that have passed their deadlines, with the seconds that they took until then."""

    def idle(self) -> None:
        """No process of the trial computes now, nor has since the last look at them."""
        self._idle += process.IDLE

    def overdue(self) -> bool:
        """Whether a test, or the time between tests, has passed its deadline."""
        if time.monotonic() - self._looked < EVERY:
            return False
        now = _Mark(time.monotonic(), self._idle, event_files.count(self._processes))
        self._looked = now.at
        self._read(now)
        self._said(self._done, next(reversed(self._running), ""))
        endless = self._endless(now)
        if self._running:
            self.late = {
                name: now.at - since.at
                for name, since in self._running.items()
                if endless or self._hung(since, now, self._deadlines.of_test(name))
            }
            return bool(self.late)
        return endless or self._hung(self._progress, now, self._deadlines.of_gap())

    def _endless(self, now: _Mark) -> bool:
        """Whether processes are started for ever and none comes to work; not looked for while there are few.

        A pool replaces its workers: those that cannot import the main script, or whose initializer fails, end at once.
        Many that were started at once, on a busy machine, begin late, but no more are started meanwhile.
        """
        patience = self._deadlines.of_begin()
        if now.processes <= MORE_STARTS or now.at - max(self._progress.at, self._counted) < patience:
            return False
        before, self._counted = self._starts, now.at
        self._starts, lost = log.fruitless(event_files.read(self._processes).found, patience)
        goes_on = before is not None and self._starts - before >= STILL_STARTED
        return goes_on and lost > MORE_STARTS and lost > FRUITLESS * self._starts

    def _hung(self, since: _Mark, now: _Mark, seconds: float) -> bool:
        took, idle = now.at - since.at, now.idle - since.idle
        if took > self._deadlines.of_silence() and idle > WAITING * took:
            return True
        endless = now.processes - since.processes > self._deadlines.most_starts()
        return took > seconds and (endless or idle > seconds / 2 or took > self._deadlines.at_most(seconds))

    def _read(self, now: _Mark) -> None:
        for event in self._events.added():
            self._progress = now
            if event.get("do") == "start":
                self._running[event["id"]] = now
            elif event.get("do") == "finish" and self._running.pop(event["id"], None) is not None:
                self._done += 1
