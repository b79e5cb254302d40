"""The command that measures: where the plan meets files, signals and the screen."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from matrix.errors import DataError, NothingSelectedError, Status, WriteError
from matrix.files import run_writer, serialize
from matrix.model import Header, Job, Json, Matrix, Outcome, Probe, Target, Verdict
from matrix.results import merge
from matrix.run import progress, provenance, retry, runner, selection
from matrix.suite import plan, revision
from matrix.system import busy_load, interrupts, launch, scratch, shm_ledger, watchdog
from matrix.targets import identify, launchers

PATIENCE = 120.0
"""Seconds beyond the longest deadline after which a runner that told nothing is held to hang itself."""

PUBLISHED = Path("data")
"""Folder of run files whose answers are expected, unless --expect names a matrix."""


def run(options: argparse.Namespace) -> int:
    """Probe each target; the worst status of all."""
    probes = selection.probes(options)
    jobs = plan.plan(probes, options.method, options.repeat)
    if not jobs:
        raise NothingSelectedError(f"No probe is asked under {', '.join(options.method)}. See `python -m matrix list`.")
    found = selection.found(options)
    for name in scratch.clear(launch.temporary_root()):
        print(f"Cleared up after a run that was killed: {name}")
    named = serialize.load_matrix(options.expect) if options.expect else None
    state = revision.state(options.probes)
    with busy_load.busy(options.busy), launchers.via(options.via, found) as started:
        statuses = [
            _run_target(target, jobs, named, state, options) if target else Status.INCOMPLETE for target in started
        ]
    return max(statuses, default=Status.DONE)


def _run_target(
    target: Target, jobs: Sequence[Job], named: Matrix | None, state: Mapping[str, Json], options: argparse.Namespace
) -> int:
    whole = not (options.probe or options.words or options.method)
    probes = {job.probe.id: job.probe for job in jobs}.values()
    expected = retry.expectations(named or _published(target, tuple(probes)), target.id, probes)
    given = _given(target, options) if options.resume else ()
    todo = retry.wanted(jobs, retry.by_cell(jobs, given), expected, once=options.no_retry)
    if not todo:
        print(f"{target.id}: all {len(jobs)} verdicts are there")
        return Status.DONE
    how = runner.Options(
        probes=options.probes.resolve(), jobs=options.jobs, deadline=options.deadline,
        expected=expected, given=given, once=options.no_retry,
    )  # fmt: skip
    header = _header(target, state, len(todo))
    writer = run_writer.RunWriter(_file(target, options), append=options.resume or not whole)
    return _run_one(target, jobs, header, how, writer)


def _published(target: Target, probes: Sequence[Probe]) -> Matrix:
    """What was published of a target; nothing if that cannot be read, which is for `data` to complain of."""
    files = [path for path in (PUBLISHED / f"{target.id}.jsonl.gz", PUBLISHED / f"{target.id}.jsonl") if path.exists()]
    try:
        runs = serialize.load_runs(files)
    except DataError as error:
        print(f"canifork: {error} Nothing is compared with it.", file=sys.stderr)
        runs = []
    return merge.merge(runs, probes, {}, {})


def _given(target: Target, options: argparse.Namespace) -> tuple[Verdict, ...]:
    """What the target's run file says already."""
    path = _file(target, options)
    runs = serialize.load_run_file(path) if path.exists() else []
    return tuple(verdict for run in runs for verdict in run.verdicts)


def _file(target: Target, options: argparse.Namespace) -> Path:
    folder: Path = options.out
    return run_writer.reachable(folder / f"{target.id}.jsonl")


def _header(target: Target, state: Mapping[str, Json], planned: int) -> Header:
    return Header(
        run=secrets.token_hex(8),
        target=target.id,
        command=identify.command_name(target),
        launcher=target.launcher,
        started=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        suite=state,
        facts=target.facts,
        planned=planned,
        ci=provenance.provenance(),
    )


def _run_one(
    target: Target, jobs: Sequence[Job], header: Header, how: runner.Options, writer: run_writer.RunWriter
) -> int:
    console = Console(highlight=False)
    longest = max(how.deadline or job.probe.deadline for job in jobs) * target.time_scale
    with (
        interrupts.Interrupts() as interrupted,
        writer,
        _scratch() as folder,
        watchdog.Watchdog(longest + PATIENCE * max(1.0, target.time_scale), folder.abandon) as dog,
        progress.Display(target, header.planned, console) as display,
    ):
        writer.header(header)

        def tell(job: Job, verdict: Verdict | None) -> None:
            dog.feed()
            if verdict is None:
                display.started(job)
            else:
                writer.verdict(verdict)
                display.verdict(job, verdict)

        ledger = shm_ledger.Ledger()
        loop = runner.Loop(
            target=target, options=how, scratch=folder, ledger=ledger, interrupted=interrupted, tell=tell
        )
        runner.run(loop, jobs)
        writer.end(complete=not interrupted.is_set())
        told = sum(display.counts.values())
    if interrupted.is_set():
        console.print(f"Interrupted: {told} of {header.planned} verdicts are in {writer.path}", soft_wrap=True)
        raise KeyboardInterrupt
    return Status.ERRORS if display.counts[Outcome.ERROR] else Status.DONE


def _scratch() -> scratch.Scratch:
    root = launch.temporary_root()
    try:
        return scratch.Scratch(root)
    except OSError as error:
        raise WriteError(
            f"Cannot make a temporary folder in {root}: {error.strerror}. Make room, or set TMPDIR."
        ) from None
