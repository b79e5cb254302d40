"""CPU slots: a cell that only waits for something needs no CPU, and gives its slot to another."""

from __future__ import annotations

import threading

WAITING = 4
"""Cells under way for each CPU slot: a bound on processes and memory."""


class Slot:
    """The right of one job to compute."""

    def __init__(self, free: threading.BoundedSemaphore) -> None:
        self._free = free
        self._held = True
        self._lock = threading.Lock()

    def release(self) -> None:
        """Give the slot to another job; does nothing if that was done before."""
        with self._lock:
            if self._held:
                self._held = False
                self._free.release()


class Slots:
    """A number of slots that jobs take and release. An early release slows the machine down, but changes no verdict."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = threading.BoundedSemaphore(count)

    @property
    def workers(self) -> int:
        """How many jobs may be under way, computing or waiting; with a single slot, one at a time."""
        return self.count * WAITING if self.count > 1 else 1

    def take(self) -> Slot:
        """Wait for a free slot."""
        self._free.acquire()
        return Slot(self._free)
