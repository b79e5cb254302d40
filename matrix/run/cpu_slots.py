"""Places at the processors: a cell that only waits for something needs none, and leaves its own to another."""

from __future__ import annotations

import threading
from collections.abc import Callable

WAITING = 4
"""Cells that may wait for each that computes: a bound on processes and memory."""


class Slots:
    """A number of places that jobs take and leave. Leaving too early slows a machine down, but changes no answer."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = threading.BoundedSemaphore(count)

    @property
    def workers(self) -> int:
        """How many jobs may be under way at once, computing or waiting; a single place means one at a time."""
        return self.count * WAITING if self.count > 1 else 1

    def take(self) -> Callable[[], None]:
        """Wait for a place; returns how to leave it. Leaving again does nothing."""
        self._free.acquire()
        lock, left = threading.Lock(), [False]

        def leave() -> None:
            with lock:
                if not left[0]:
                    left[0] = True
                    self._free.release()

        return leave
