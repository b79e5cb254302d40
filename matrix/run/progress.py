"""Shows the progress of a run: a live bar on a terminal, one plain line per verdict elsewhere."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
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


class Display:
    """Shows the starts and verdicts of one run."""

    def __init__(self, target: Target, planned: int, console: Console, *, quiet: bool = False) -> None:
        self.counts: Counter[Outcome] = Counter()
        self._console = console
        self._quiet = quiet
        self._target = target
        self._planned = planned
        self._started = 0
        self._running: dict[str, None] = {}
        self._progress: Progress | None = None
        self._live: Live | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        head = f"{self._target.id}: {self._planned} verdicts planned"
        if self._console.is_terminal and not self._quiet:
            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                console=self._console,
            )  # fmt: skip
            self._task = self._progress.add_task(self._target.id, total=self._planned)
            self._live = Live(self._view(), console=self._console, refresh_per_second=8, transient=True)
            self._live.__enter__()
        else:
            self._print(head)
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
        if self._progress and self._task is not None and self._started > self._planned:
            self._progress.update(self._task, total=self._started)
        self._refresh()

    def finished(self, job: Job, verdict: Verdict) -> None:
        """A probe has its verdict."""
        self._running.pop(name(job), None)
        self.counts[verdict.outcome] += 1
        if self._progress is None or self._task is None:
            if not self._quiet:
                self._print(f"{name(job)}: {result(verdict)}")
            return
        self._progress.advance(self._task)
        if verdict.outcome in (Outcome.ERROR, Outcome.HANG, Outcome.CRASH):
            line = Text(f"{name(job)}: {result(verdict)}", style=STYLES[verdict.outcome])
            self._progress.console.print(line)
        self._refresh()

    def _print(self, line: str) -> None:
        # Without rich's wrapping: a line of a log stays one line.
        self._console.print(line, markup=False, highlight=False, soft_wrap=True, emoji=False)

    def _refresh(self) -> None:
        if self._live:
            self._live.update(self._view())

    def _view(self) -> RenderableType:
        assert self._progress
        running = list(self._running)
        more = f" and {len(running) - SHOWN} more" if len(running) > SHOWN else ""
        text = f"{tally(self.counts)}   now: {', '.join(running[:SHOWN])}{more}"
        return Group(self._progress, Text(text, style="dim", overflow="ellipsis", no_wrap=True))
