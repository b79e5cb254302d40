"""Follows the tests of a trial while it runs: what runs now, since when, and whether it has hung."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from matrix.trial import log
from matrix.trial.deadlines import Deadlines

EVERY = 0.5
"""Seconds between two looks at the files."""


class Watch:
    """Told nothing: it reads what the processes write. Times are this process's own: clocks may differ (Wine)."""

    def __init__(self, folder: Path, deadlines: Deadlines, said: Callable[[int, str], None]) -> None:
        """said is called with the number of tests that have ended and the one that runs, at each look."""
        self._folder = folder
        self._deadlines = deadlines
        self._said = said
        self._offsets: dict[str, int] = {}
        self._running: dict[str, float] = {}
        self._done = 0
        self._progress = self._looked = time.monotonic()
        self.late: frozenset[str] = frozenset()
        """The tests that have passed their deadlines."""

    def overdue(self) -> bool:
        """Whether a test, or the time between tests, has passed its deadline."""
        now = time.monotonic()
        if now - self._looked < EVERY:
            return False
        self._looked = now
        self._read(now)
        self._said(self._done, next(reversed(self._running), ""))
        if self._running:
            self.late = frozenset(
                name for name, since in self._running.items() if now - since > self._deadlines.of_test(name)
            )
            return bool(self.late)
        return now - self._progress > self._deadlines.of_gap()

    def _read(self, now: float) -> None:
        for path in self._folder.glob("events-*.jsonl"):
            before = self._offsets.get(path.name, 0)
            if path.stat().st_size > before:
                with path.open("rb") as file:
                    file.seek(before)
                    data = file.read()
                data = data[: data.rfind(b"\n") + 1]
                self._offsets[path.name] = before + len(data)
                self._take(data, now)

    def _take(self, data: bytes, now: float) -> None:
        for event in log.parse(data):
            self._progress = now
            if event.get("do") == "start":
                self._running[str(event["id"])] = now
            elif event.get("do") == "finish" and self._running.pop(str(event["id"]), None) is not None:
                self._done += 1
