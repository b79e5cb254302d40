"""Ctrl-C and its relatives while a run goes on: noted, never thrown into the middle of a line that is being written."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Ctrl-C, a job that is cancelled, a terminal that closes, Ctrl-Break on Windows."""


class Interrupts:
    """As long as it is entered, these signals set a flag, however many come; the work itself ends soon after.

    A plain attribute and no threading.Event: a handler must not wait for a lock that the code below it holds.
    """

    def __init__(self) -> None:
        self._heard = False
        self._before: dict[signal.Signals, Any] = {}

    def is_set(self) -> bool:
        """Whether one has come."""
        return self._heard

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._heard = True

    def __enter__(self) -> Self:
        for name in NAMES:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup wants SIGHUP ignored
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def throw(names: tuple[str, ...] = NAMES[1:]) -> None:
    """Outside of a run, let the relatives of Ctrl-C do what Ctrl-C does: raise KeyboardInterrupt."""
    for name in names:
        number = getattr(signal, name, None)
        handler: Callable[..., Any] = signal.default_int_handler
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(ValueError):  # not the main thread
                signal.signal(number, handler)
