"""Ask one version of a package all questions on one target, with the runner that asks everything else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from msgspec import structs

from matrix.model import Job, Outcome, Target, Verdict
from matrix.packages import cells, environments
from matrix.packages.environments import Environment
from matrix.packages.measurement import Measurement
from matrix.packages.recipes import ENGINE, Recipe
from matrix.paths import PROBES
from matrix.run import runner
from matrix.suite import catalog, plan
from matrix.system import launch, process, scratch, shm_ledger

LOOK = 12.0
"""Seconds before the end of a hung process that are looked at: some of them go to printing stacks."""

STILL = 75.0
"""Seconds without work after which a question hangs: more than any may wait for, seven children that hang included,
and more than the 60 s after which a question itself gives a child up that tries again and again."""

ENDLESS = 60.0
"""Seconds of CPU time, several times what a question needs, after which it hangs in an endless loop: some libraries
wait for a thread in one."""

REPEAT = 3
"""Attempts at each cell: nothing is published that was not seen three times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How to measure. jobs: cells at a time; prefix: put before each command; tell: told each verdict."""

    jobs: int
    prefix: tuple[str, ...]
    interrupted: process.Cancelled
    tell: Callable[[Verdict], None]
    repeat: int = REPEAT
    questions: tuple[str, ...] = ()
    time_scale: float = 1.0


def questions(engine: Path = ENGINE) -> tuple[str, ...]:
    """The names of the questions of a suite, in their order."""
    return tuple(probe.name for probe in catalog.load(engine))


def measure(recipe: Recipe, environment: Environment, base: Target, how: How) -> Measurement | None:
    """All questions to one version. base: the interpreter that the environment was made from. None if interrupted.

    If the recipe fails where nothing was forked, or the process hangs or crashes there, that is all that is asked: the
    cell says `error`.
    """
    chosen = [probe for probe in catalog.load(recipe.engine) if not how.questions or probe.name in how.questions]
    jobs = sorted(plan.plan(chosen, repeat=how.repeat), key=_is_not_control)
    target = replace(
        base,
        command=(*how.prefix, str(environment.python)),
        time_scale=how.time_scale,
        private_paths=(
            (str(environment.python.parent.parent), "env"), (str(recipe.file.parent), recipe.file.parent.name),
            (str(PROBES), "probes"), *base.private_paths,
        ),
    )  # fmt: skip
    started = time.monotonic()
    with (
        scratch.Scratch(launch.temporary_root()) as folder,
        shm_ledger.Ledger() as ledger,
        ThreadPoolExecutor(how.jobs) as pool,
    ):
        state = runner.RunState(
            target=target,
            options=runner.Options(probes=recipe.engine, jobs=how.jobs, no_retry=True),
            scratch=folder,
            ledger=ledger,
            interrupted=how.interrupted,
            listener=_NoListener(),
            files=runner.command_files(target),
            host=_variables(recipe, folder.private()),
        )
        verdicts = [_control(verdict) for verdict in [_ask(state, jobs[0], how.tell)] if verdict]
        if verdicts and verdicts[0].outcome is not Outcome.ERROR:
            verdicts += [verdict for verdict in pool.map(lambda job: _ask(state, job, how.tell), jobs[1:]) if verdict]
    if how.interrupted.is_set():
        return None
    return Measurement(
        version=environment.version,
        target=base.id,
        measured=datetime.now(UTC).strftime("%Y-%m-%d"),
        source_sha256=recipe.sha256,
        cores=os.cpu_count() or 0,
        libc=str(base.facts.get("libc_version") or ""),
        offline=environments.is_offline(how.prefix),
        seconds=round(time.monotonic() - started, 1),
        installed=environment.installed,
        cells=cells.merged(verdicts),
    )


def _control(verdict: Verdict) -> Verdict:
    """The first attempt, under spawn: a parent that hangs or crashes there would do so in all that follow."""
    if verdict.outcome not in (Outcome.HANG, Outcome.CRASH):
        return verdict
    return structs.replace(verdict, outcome=Outcome.ERROR, detail=f"{cells.word(verdict)}: {cells.told(verdict)}")


def _is_not_control(job: Job) -> bool:
    return (job.probe.name, job.method) != cells.SPAWNED


def _variables(recipe: Recipe, home: Path) -> dict[str, str]:
    """The environment of a measurement: a home of its own, so that no package reads or writes that of the user."""
    homes = {name: str(home) for name in ("HOME", "USERPROFILE") if name in os.environ}
    return {**os.environ, **homes, "CANIFORK_RECIPE": str(recipe.file)}


class _NoListener:
    """For jobs that are measured one by one, whose verdicts are at hand."""

    def started(self, job: Job) -> None:
        """Nothing is told."""

    def finished(self, job: Job, verdict: Verdict) -> None:
        """Nothing is told."""


def _ask(state: runner.RunState, job: Job, tell: Callable[[Verdict], None]) -> Verdict | None:
    """One attempt. What still computes at its deadline, and not without end, does not hang: the machine is too busy."""
    idle: list[float] = []
    spent: list[float] = [0.0]
    still, endless = STILL * state.target.time_scale, ENDLESS * state.target.time_scale

    def overdue() -> bool:
        return spent[-1] > endless or rests(idle, time.monotonic(), still)

    if state.is_set():
        return None
    verdict = runner.measure(state, job, lambda: idle.append(time.monotonic()), overdue, spent.append)
    told = spent[-1] > endless or waited(idle, time.monotonic())
    if verdict and verdict.outcome is Outcome.HANG and not told:
        verdict = structs.replace(verdict, outcome=Outcome.ERROR, detail="it still computed at its deadline")
    if verdict:
        tell(verdict)
    return verdict


def rests(idle: Sequence[float], now: float, still: float) -> bool:
    """Whether a process has done nothing for so many seconds: by when it was seen idle."""
    return sum(now - still < moment for moment in idle) > still / process.IDLE * 0.75


def waited(idle: Sequence[float], end: float) -> bool:
    """Whether a process did nothing at its deadline: by when it was seen idle (every 0.3 s), and when it was ended."""
    return sum(end - LOOK < moment for moment in idle) > LOOK / process.IDLE / 4
