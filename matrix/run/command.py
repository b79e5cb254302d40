"""python -m matrix run: connects the run loop with files, signals and the screen."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
        statuses = [
            _run_target(target, jobs, expected, suite, options) if target else Status.INCOMPLETE for target in targets
        ]
    return max(statuses, default=Status.DONE)


def _run_target(
    target: Target, jobs: Sequence[Job], matrix: Matrix | None, suite: Mapping[str, Json], options: argparse.Namespace
) -> int:
    """Measure what is to be measured on one target. matrix: the expected verdicts, if not the published ones."""
    whole = not (options.probe or options.words or options.method)
    probes = {job.probe.id: job.probe for job in jobs}.values()
    expected = retry.expectations(matrix or _published(target, tuple(probes)), target.id, probes)
    given = _given(target, options) if options.resume else ()
    todo = retry.todo(jobs, answers.current(given, probes), expected, no_retry=options.no_retry)
    if not todo:
        print(f"{target.id}: nothing to do, all {len(jobs)} verdicts are there")
        return Status.DONE
    how = runner.Options(
        probes=options.probes.resolve(), jobs=options.jobs, deadline=options.deadline,
        expected=expected, given=given, no_retry=options.no_retry,
    )  # fmt: skip
    header = _header(target, suite, len(todo))
    writer = run_writer.RunWriter(_file(target, options), append=not whole, resume=options.resume)
    return _run_one(target, jobs, header, how, writer, allow_errors=options.allow_errors)


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
    target: Target,
    jobs: Sequence[Job],
    header: Header,
    how: runner.Options,
    writer: run_writer.RunWriter,
    *,
    allow_errors: bool,
) -> int:
    console = terminal.console()
    longest = max(how.deadline or job.probe.deadline for job in jobs) * target.time_scale
    with (
        interrupts.Interrupts() as interrupted,
        writer,
        _scratch() as folder,
        watchdog.Watchdog(longest + PATIENCE * max(1.0, target.time_scale), folder.abandon) as dog,
        progress.Display(target, header.planned, console) as display,
    ):
        writer.header(header)
        state = runner.RunState(
            target=target, options=how, scratch=folder, ledger=shm_ledger.Ledger(), interrupted=interrupted,
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
