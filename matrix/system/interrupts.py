"""Ctrl-C and similar signals during a run: a flag is set; no exception interrupts a line that is being written."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

from matrix.system.inherited import is_ignored

SIMILAR = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""What ends a command as Ctrl-C does: a cancelled job, a closed terminal, Ctrl-Break on Windows."""

NAMES = ("SIGINT", *SIMILAR, "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGXCPU")
"""What ends a run: also Ctrl-\\, and what batch systems send some time before they kill."""


class Interrupts:
    """Inside the block these signals set a flag, however many arrive; the work checks it and ends soon after.

    The flag is a plain attribute, not a threading.Event: a handler must not wait for a lock that the code below it
    holds.
    """

    def __init__(self) -> None:
        self._received = False
        self._before: dict[signal.Signals, Any] = {}

    def is_set(self) -> bool:
        """Whether a signal has arrived."""
        return self._received

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._received = True

    def __enter__(self) -> Self:
        for name in NAMES:
            number = getattr(signal, name, None)
            if number is not None and not is_ignored(number):  # nohup wants SIGHUP ignored
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def throw(names: tuple[str, ...] = SIMILAR) -> None:
    """Outside of a run: let signals that are similar to Ctrl-C raise KeyboardInterrupt too."""
    for name in names:
        number = getattr(signal, name, None)
        handler: Callable[..., Any] = signal.default_int_handler
        if number is not None and not is_ignored(number):
            with contextlib.suppress(ValueError):  # not the main thread
                signal.signal(number, handler)
