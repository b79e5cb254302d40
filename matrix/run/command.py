"""python -m matrix run: connects the run loop with files, signals and the screen."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from matrix import answers
from matrix.errors import DataError, NothingSelectedError, Status, WriteError
from matrix.files import run_writer, serialize
from matrix.model import Header, Job, Json, Matrix, Outcome, Probe, Target, Verdict
from matrix.paths import PUBLISHED
from matrix.results import merge
from matrix.run import progress, provenance, retry, runner, selection
from matrix.suite import plan, revision
from matrix.system import busy_load, inherited, interrupts, launch, scratch, shm_ledger, terminal, watchdog
from matrix.targets import identify, launchers

PATIENCE = 120.0
"""Seconds beyond the longest deadline without progress, after which the runner itself is considered hung."""


def run(options: argparse.Namespace) -> int:
    """Probe each target; returns the worst status."""
    probes = selection.probes(options)
    jobs = plan.plan(probes, options.method, options.repeat)
    if not jobs:
        raise NothingSelectedError(
            f"No selected probe has the method {' or '.join(options.method)}. See `python -m matrix list`."
        )
    inherited.check_limits()
    selected = selection.targets(options)
    for name, reason in scratch.clear(launch.temporary_root()):
        print(f"Cannot remove {name}: {reason}." if reason else f"Removed what a killed run had left: {name}")
    expected = serialize.load_matrix(options.expect) if options.expect else None
    suite = revision.state(options.probes)
    with busy_load.busy(options.busy), launchers.via(options.via, selected) as targets:
        works = (_work(target, jobs, expected, options) if target else None for target in targets)
        ahead = () if options.via else tuple(works)  # a launcher is made when its turn comes
        return _run_all(ahead, works, suite, options)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is to be measured on one target. planned: how many verdicts that are not there yet."""

    target: Target
    jobs: Sequence[Job]
    how: runner.Options
    planned: int

    @property
    def seconds(self) -> float | None:
        """How long it will take, judged by the verdicts that are there; None if there are none."""
        known = [verdict.duration for verdict in self.how.given]
        return self.planned * sum(known) / len(known) / self.how.jobs if known else None


def _run_all(
    ahead: Iterable[_Work | None], works: Iterable[_Work | None], suite: Mapping[str, Json], options: argparse.Namespace
) -> int:
    """Measure one target after the other, with one bar for those known ahead; returns the worst status."""
    known = [work for work in ahead if work]
    bar = progress.Bar(terminal.console(), [work.planned for work in known])
    if options.resume:
        _announce(known)
    statuses = [_run_target(work, bar, suite, options) if work else Status.INCOMPLETE for work in chain(ahead, works)]
    return max(statuses, default=Status.DONE)


def _announce(works: Sequence[_Work]) -> None:
    """Say what is left to do, and how long that will take."""
    left = [work for work in works if work.planned]
    seconds = [work.seconds for work in left]
    if left and None not in seconds:
        pythons = "1 Python" if len(left) == 1 else f"{len(left)} Pythons"
        total, time = sum(work.planned for work in left), progress.about(sum(filter(None, seconds)))
        print(f"Still to ask: {total:,} verdicts on {pythons}, {time}. Ctrl-C keeps what is there.", flush=True)


def _work(target: Target, jobs: Sequence[Job], matrix: Matrix | None, options: argparse.Namespace) -> _Work:
    """What is to be measured on one target. matrix: the expected verdicts, if not the published ones."""
    probes = {job.probe.id: job.probe for job in jobs}.values()
    expected = retry.expectations(matrix or _published(target, tuple(probes)), target.id, probes)
    given = _given(target, options) if options.resume else ()
    todo = retry.todo(jobs, answers.current(given, probes), expected, no_retry=options.no_retry)
    how = runner.Options(
        probes=options.probes.resolve(), jobs=options.jobs, deadline=options.deadline,
        expected=expected, given=given, no_retry=options.no_retry,
    )  # fmt: skip
    return _Work(target=target, jobs=jobs, how=how, planned=len(todo))


def _run_target(work: _Work, bar: progress.Bar, suite: Mapping[str, Json], options: argparse.Namespace) -> int:
    """Measure what is to be measured on one target."""
    target = work.target
    if not work.planned:
        print(f"{target.id}: nothing to do, all {len(work.jobs)} verdicts are there")
        return Status.DONE
    whole = not (options.probe or options.words or options.method)
    header = _header(target, suite, work.planned)
    writer = run_writer.RunWriter(_file(target, options), append=not whole, resume=options.resume)
    return _run_one(work, header, writer, bar, allow_errors=options.allow_errors)


def _published(target: Target, probes: Sequence[Probe]) -> Matrix:
    """What is published about a target; nothing if that cannot be read: `python -m matrix data` reports that."""
    files = [path for path in (PUBLISHED / f"{target.id}.jsonl.gz", PUBLISHED / f"{target.id}.jsonl") if path.exists()]
    try:
        runs = serialize.load_runs(files)
    except DataError as error:
        print(f"canifork: {error} Continuing without expected verdicts.", file=sys.stderr)
        runs = []
    return merge.merge(runs, probes, {}, {})


def _given(target: Target, options: argparse.Namespace) -> tuple[Verdict, ...]:
    """The verdicts that an unfinished run of the target has already. Raises DataError."""
    path = _file(target, options)
    unfinished = run_writer.new_path(path)
    path = unfinished if unfinished.exists() else path
    runs = serialize.load_run_file(path) if path.exists() else []
    for run in runs:
        if run.header.target != target.id:
            raise DataError(f"{path} has a run of {run.header.target}. Move it away, or choose another --out.")
    own = [run for run in runs if run.header.facts == target.facts]
    if len(own) < len(runs):
        print(f"{target.id}: another build or system made a part of {path}; that is measured again.", file=sys.stderr)
    return tuple(verdict for run in own for verdict in run.verdicts)


def _file(target: Target, options: argparse.Namespace) -> Path:
    folder: Path = options.out
    return run_writer.reachable(folder / f"{target.id}.jsonl")


def _header(target: Target, suite: Mapping[str, Json], planned: int) -> Header:
    return Header(
        run=secrets.token_hex(8),
        target=target.id,
        command=identify.command_name(target),
        launcher=target.launcher,
        started=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        suite=suite,
        facts=target.facts,
        planned=planned,
        ci=provenance.provenance(),
    )


def _run_one(
    work: _Work, header: Header, writer: run_writer.RunWriter, bar: progress.Bar, *, allow_errors: bool
) -> int:
    target, jobs, how = work.target, work.jobs, work.how
    longest = max(how.deadline or job.probe.deadline for job in jobs) * target.time_scale
    with (
        interrupts.Interrupts() as interrupted,
        writer,
        _scratch() as folder,
        watchdog.Watchdog(longest + PATIENCE * max(1.0, target.time_scale), folder.abandon) as dog,
        shm_ledger.Ledger() as ledger,
        progress.Display(target, header.planned, bar) as display,
    ):
        writer.header(header)
        state = runner.RunState(
            target=target, options=how, scratch=folder, ledger=ledger, interrupted=interrupted,
            listener=_Listener(dog, display, writer),
        )  # fmt: skip
        runner.run(state, jobs)
        writer.end(complete=not interrupted.is_set())
        written = sum(display.counts.values())
    if interrupted.is_set():
        print(f"Interrupted: {written} of {header.planned} verdicts are in {writer.path}")
        raise KeyboardInterrupt
    return Status.ERRORS if _errors(state) and not allow_errors else Status.DONE


def _errors(state: runner.RunState) -> int:
    """How many cells have no verdict but `error`: one that a retry settled is none."""
    return sum(all(verdict.outcome is Outcome.ERROR for verdict in verdicts) for verdicts in state.given.values())


@dataclass(frozen=True, slots=True)
class _Listener:
    """Passes on what the run loop reports: to the watchdog, the run file and the screen."""

    dog: watchdog.Watchdog
    display: progress.Display
    writer: run_writer.RunWriter

    def started(self, job: Job) -> None:
        self.dog.feed()
        self.display.started(job)

    def finished(self, job: Job, verdict: Verdict) -> None:
        self.dog.feed()
        self.writer.verdict(verdict)
        self.display.finished(job, verdict)


def _scratch() -> scratch.Scratch:
    root = launch.temporary_root()
    try:
        return scratch.Scratch(root)
    except OSError as error:
        raise WriteError(
            f"Cannot create a temporary folder in {root}: {error.strerror}. Free some space, or set TMPDIR."
        ) from None
