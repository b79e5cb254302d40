"""Ask one version of a package all questions on one target, with the runner that asks everything else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from matrix.model import Job, Target, Verdict
from matrix.packages import cells
from matrix.packages.environments import Environment
from matrix.packages.measurement import Measurement
from matrix.packages.recipes import ENGINE, RECIPES, Recipe
from matrix.paths import PROBES
from matrix.run import runner
from matrix.suite import catalog, plan
from matrix.system import launch, process, scratch, shm_ledger

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


@dataclass(slots=True)
class _Listener:
    """Collects the verdicts of a run, and passes each on."""

    tell: Callable[[Verdict], None]
    verdicts: list[Verdict] = field(default_factory=list)

    def started(self, job: Job) -> None:
        """Nothing is shown before there is an answer."""

    def finished(self, job: Job, verdict: Verdict) -> None:
        """Keep the verdict."""
        self.verdicts.append(verdict)
        self.tell(verdict)


def questions() -> tuple[str, ...]:
    """The names of the questions, in their order."""
    return tuple(probe.name for probe in catalog.load(ENGINE))


def measure(recipe: Recipe, environment: Environment, base: Target, how: How) -> Measurement | None:
    """All questions to one version. base: the interpreter that the environment was made from. None if interrupted."""
    chosen = [probe for probe in catalog.load(ENGINE) if not how.questions or probe.name in how.questions]
    jobs = plan.plan(chosen, repeat=how.repeat)
    target = replace(
        base,
        command=(*how.prefix, str(environment.python)),
        time_scale=how.time_scale,
        private_paths=(
            (str(environment.python.parent.parent), "env"), (str(RECIPES), "packages"), (str(PROBES), "probes"),
            *base.private_paths,
        ),
    )  # fmt: skip
    started = time.monotonic()
    listener = _Listener(how.tell)
    with scratch.Scratch(launch.temporary_root()) as folder:
        state = runner.RunState(
            target=target,
            options=runner.Options(probes=ENGINE, jobs=how.jobs, no_retry=True),
            scratch=folder,
            ledger=shm_ledger.Ledger(),
            interrupted=how.interrupted,
            listener=listener,
            host={**os.environ, "CANIFORK_RECIPE": str(recipe.file)},
        )
        runner.run(state, jobs)
    if how.interrupted.is_set():
        return None
    return Measurement(
        version=environment.version,
        target=base.id,
        measured=datetime.now(UTC).strftime("%Y-%m-%d"),
        source_sha256=recipe.sha256,
        cores=os.cpu_count() or 0,
        offline=bool(how.prefix),
        seconds=round(time.monotonic() - started, 1),
        installed=environment.installed,
        cells=cells.merged(listener.verdicts),
    )
