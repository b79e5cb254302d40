"""Ends a runner that itself hangs, so that a CI job does not wait for hours until its service ends it."""

from __future__ import annotations

import faulthandler
import os
import queue
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from matrix.errors import Status

GRACE = 30.0
"""Seconds that the clean-up may take, after which the process ends in any case."""


TICK = 1.0
"""Seconds between two ticks."""


class Watchdog:
    """If it is not fed within some seconds, it prints the stacks of all threads, cleans up, and ends the process.

    It counts its own ticks and not the time: a process that was stopped (Ctrl-Z, a suspended machine, a paused
    container) made no progress, but did not hang either.
    """

    def __init__(self, seconds: float, clean_up: Callable[[], object]) -> None:
        """clean_up is called from another thread before the process ends; it may hang too."""
        self._seconds = seconds
        self._clean_up = clean_up
        self._fed: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def feed(self) -> None:
        """The runner has made progress."""
        self._fed.put(True)

    def __enter__(self) -> Self:
        self.feed()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._fed.put(False)
        self._thread.join()

    def _watch(self) -> None:
        ticks = 0
        while ticks * TICK < self._seconds:
            try:
                if not self._fed.get(timeout=TICK):
                    return
                ticks = 0
            except queue.Empty:
                ticks += 1
        self._bite()

    def _bite(self) -> None:
        print(
            f"canifork: the runner made no progress for {self._seconds:g} s and ends. Verdicts written so far are kept;"
            " --resume asks the rest.\nThis is a bug in canifork: please report it with these lines.",
            file=sys.stderr, flush=True,
        )  # fmt: skip
        faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
        cleaning = threading.Thread(target=self._clean_up, daemon=True)
        cleaning.start()
        cleaning.join(GRACE)
        os._exit(Status.INCOMPLETE)
