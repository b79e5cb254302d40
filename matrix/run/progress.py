"""Shows the progress of a run: a live bar on a terminal, one plain line per verdict elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from matrix.model import Job, Outcome, Target, Verdict
from matrix.system import terminal

STYLES = {
    Outcome.YES: "green",
    Outcome.NO: "magenta",
    Outcome.VALUE: "cyan",
    Outcome.UNAVAILABLE: "dim",
    Outcome.HANG: "yellow",
    Outcome.CRASH: "yellow",
    Outcome.ERROR: "bold red",
    Outcome.FLAKY: "yellow",
    Outcome.UNTESTED: "dim",
}
SHOWN = 4
"""How many of the running probes are named."""


def name(job: Job) -> str:
    """'arguments.threading_lock spawn', with the attempt if it is not the first."""
    method = "" if job.method == "none" else f" {job.method}"
    return f"{job.probe.id}{method}" + (f" #{job.attempt}" if job.attempt > 1 else "")


def result(verdict: Verdict) -> str:
    """'no: TypeError: …', 'value 0.0052 seconds' on one line."""
    text = str(verdict.outcome)
    if verdict.outcome == Outcome.VALUE:
        text = f"value {verdict.value}"
    return terminal.line(f"{text}: {verdict.detail}" if verdict.detail else text)


def tally(counts: Counter[Outcome]) -> str:
    """'31 yes, 12 no, 3 value', in the order of the outcomes."""
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]) or "nothing"


def about(seconds: float) -> str:
    """'about 40 seconds', 'about 17 minutes', 'about 3 hours'."""
    for unit, size in (("hour", 3600.0), ("minute", 60.0)):
        if seconds >= 1.5 * size:
            return f"about {seconds / size:.0f} {unit}s"
    return f"about {max(10.0, round(seconds, -1)):.0f} seconds"


class Bar:
    """One bar over all runs of a command. planned: the verdicts of each run, as far as the runs are known."""

    def __init__(self, console: Console, planned: Sequence[int]) -> None:
        self.console = console
        self._runs = sum(map(bool, planned))
        self._begun = 0
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(16), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("left"), TimeRemainingColumn(), console=console,
        )  # fmt: skip
        self._task = self.progress.add_task("", total=sum(planned))

    def begin(self, target: Target, planned: int) -> None:
        """A run begins."""
        self._begun += 1
        if self._begun > self._runs:  # nobody knew of it before
            self.grow(planned)
        python = "-".join(target.id.split("-")[:2])  # 80 columns have no room for all of it
        several = self._runs > 1
        self.progress.update(
            self._task, description=f"{python} ({self._begun} of {self._runs})" if several else target.id
        )

    def grow(self, verdicts: int = 1) -> None:
        """There are more to come than were planned: retries."""
        task = self.progress.tasks[0]
        self.progress.update(self._task, total=(task.total or 0) + verdicts)

    def advance(self) -> None:
        """A verdict is there."""
        self.progress.advance(self._task)


class Display:
    """Shows the starts and verdicts of one run."""

    def __init__(self, target: Target, planned: int, bar: Bar) -> None:
        self.counts: Counter[Outcome] = Counter()
        self._bar = bar
        self._console = bar.console
        self._target = target
        self._planned = planned
        self._started = 0
        self._running: dict[str, None] = {}
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._bar.begin(self._target, self._planned)
        if self._console.is_terminal:
            self._live = Live(self._view(), console=self._console, refresh_per_second=8, transient=True)
            self._live.__enter__()
        else:
            self._print(f"{self._target.id}: {self._planned} verdicts planned")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live:
            self._live.update(self._view())
            self._live.__exit__(kind, error, at)
        self._print(f"{self._target.id}: {tally(self.counts)}")

    def started(self, job: Job) -> None:
        """A probe starts; retries may make them more than were planned."""
        self._running[name(job)] = None
        self._started += 1
        if self._started > self._planned:
            self._bar.grow()
        self._refresh()

    def finished(self, job: Job, verdict: Verdict) -> None:
        """A probe has its verdict."""
        self._running.pop(name(job), None)
        self.counts[verdict.outcome] += 1
        self._bar.advance()
        if self._live is None:
            self._print(f"{name(job)}: {result(verdict)}")
        elif verdict.outcome in (Outcome.ERROR, Outcome.HANG, Outcome.CRASH):
            self._console.print(Text(f"{name(job)}: {result(verdict)}", style=STYLES[verdict.outcome]))
        self._refresh()

    def _print(self, line: str) -> None:
        # Without rich's wrapping: a line of a log stays one line.
        self._console.print(line, markup=False, highlight=False, soft_wrap=True, emoji=False)

    def _refresh(self) -> None:
        if self._live:
            self._live.update(self._view())

    def _view(self) -> RenderableType:
        running = list(self._running)
        more = f" and {len(running) - SHOWN} more" if len(running) > SHOWN else ""
        text = f"{tally(self.counts)}   now: {', '.join(running[:SHOWN])}{more}"
        return Group(self._bar.progress, Text(text, style="dim", overflow="ellipsis", no_wrap=True))
