"""Says on standard error what runs: one live line on a terminal, one line a trial elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from matrix.trial import conduct
from matrix.trial.model import Trial

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status


class Display:
    """Told of every trial; `with` it ends the live line."""

    def __init__(self, console: Console, planned: int) -> None:
        self._console = console
        self._planned = planned
        self._begun = 0
        self._name = ""
        self._status = _live_line(console) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._status:
            self._status.stop()

    def begin(self, series: str, method: str, number: int) -> None:
        """A trial begins."""
        self._begun += 1
        again = f" #{number}" if number > 1 else ""
        self._name = f"[{self._begun}/{self._planned}] Python {series} {method}{again}"
        self.said(0, "")

    def said(self, done: int, running: str) -> None:
        """Some tests have ended, and one runs; shown only where a line can be replaced."""
        if self._status:
            count = f": {done} tests" if done else ""
            now = f", now {running}" if running else ""
            self._status.update(f"{self._name}{count}{now}".replace("[", "\\["))

    def end(self, trial: Trial) -> None:
        """A trial has ended."""
        self._console.print(f"{self._name}: {told(trial)}", markup=False, highlight=False, soft_wrap=True, emoji=False)


def _live_line(console: Console) -> Status:
    from rich.status import Status  # only a terminal needs it

    return Status("", console=console)


def told(trial: Trial) -> str:
    """'71 tests, 1 failed, 12 starts, 41.0 s' or 'exit status 0, 2 starts, 0.3 s'."""
    counts: dict[str, int] = {}
    for test in trial.tests.values():
        counts[test.outcome] = counts.get(test.outcome, 0) + 1
    parts = [f"{len(trial.tests)} tests" if len(trial.tests) != 1 else "1 test"] if trial.tests else []
    parts += [f"{count} {outcome}" for outcome, count in counts.items() if outcome not in ("passed", "")]
    parts += [] if trial.tests else [conduct.how(trial.exit)]
    parts += [f"{len(trial.starts)} starts" if len(trial.starts) != 1 else "1 start"]
    return ", ".join([*parts, f"{trial.exit.duration:.1f} s"])
