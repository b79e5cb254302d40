"""A call that is begun before its result is needed: it waits for another process, and much can be done meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """Calls a function in a thread; `with` it, the call has ended at the end of the block, whatever happens there."""

    def __init__(self, work: Callable[[threading.Event], T]) -> None:
        """work: called with an event that tells it to give up."""
        self._work = work
        self._cancelled = threading.Event()
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._ended = threading.Event()  # join(), interrupted by Ctrl-C, takes the thread for ended
        self._thread = threading.Thread(target=self._run)

    def result(self) -> T:
        """What the function returned, as soon as it has. Raises what it raised."""
        self._ended.wait()
        if self._error is not None:
            raise self._error
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self._work(self._cancelled))
        except BaseException as error:  # noqa: BLE001 - raised where the result is wanted
            self._error = error
        finally:
            self._ended.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._cancelled.set()
        self._ended.wait()
