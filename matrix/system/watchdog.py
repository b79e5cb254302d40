"""Ends a runner that itself hangs, so that a job of hours does not wait for its service to lose patience."""

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
"""Seconds that the clearing up may take, after which the process ends in any case."""


class Watchdog:
    """Must be fed within some seconds. If not: says where every thread is, clears up, and ends the process.

    A last line of defence stands behind it that needs no interpreter lock: faulthandler's own thread.
    """

    def __init__(self, seconds: float, clear: Callable[[], object]) -> None:
        """clear is called from another thread before the end; it may hang too."""
        self._seconds = seconds
        self._clear = clear
        self._fed: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def feed(self) -> None:
        """The runner has come one step further."""
        faulthandler.dump_traceback_later(self._seconds + GRACE + 10, exit=True)
        self._fed.put(True)

    def __enter__(self) -> Self:
        self.feed()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        faulthandler.cancel_dump_traceback_later()
        self._fed.put(False)
        self._thread.join()

    def _watch(self) -> None:
        try:
            while self._fed.get(timeout=self._seconds):
                pass
        except queue.Empty:
            self._bite()

    def _bite(self) -> None:
        print(
            f"canifork: the runner itself has hung for {self._seconds:g} s; it ends. Verdicts written before are kept:"
            " --resume asks the rest.\nThis is a fault of canifork: please report it with these lines.",
            file=sys.stderr, flush=True,
        )  # fmt: skip
        faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
        clearing = threading.Thread(target=self._clear, daemon=True)
        clearing.start()
        clearing.join(GRACE)
        os._exit(Status.INCOMPLETE)
