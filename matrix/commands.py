"""What each command of `python -m matrix` does: the edge, where values meet files and the screen."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from matrix import catalog, ci, dataset, lanes, load, plan, progress, runner, skeleton, store, suite, summary, targets
from matrix import diff as differences
from matrix import merge as merging
from matrix import stability as repeats
from matrix.errors import NothingSelectedError, Status, UsageError
from matrix.model import Header, Job, Json, Outcome, Probe, Run, Target, Verdict

PUBLISHED, OWN = Path("data"), Path("results")
"""Folders of run files that `merge` takes if none is named."""


def list_probes(options: argparse.Namespace) -> int:
    """Print the selected probes, or the jobs that ask them in CI."""
    if options.ci:
        print(store.dumps(lanes.jobs(lane for lane in lanes.load() if lane.few or options.ci == "all")))
        return Status.DONE
    probes = _selected(options)
    if options.json:
        print(store.dumps([asdict(probe) for probe in probes]))
        return Status.DONE
    for probe in probes:
        print(f"{probe.id:<44} {probe.text}")
    return Status.DONE


def run(options: argparse.Namespace) -> int:
    """Probe each target; the worst status of all."""
    probes = _selected(options)
    jobs = plan.plan(probes, options.method, options.repeat)
    if not jobs:
        raise NothingSelectedError(f"No probe is asked under {', '.join(options.method)}. See `python -m matrix list`.")
    whole = not (options.probe or options.words or options.method)
    found = _targets(options)
    state = suite.state(options.probes)
    statuses = []
    with load.busy(options.busy):
        for target in found:
            todo = _remaining(target, jobs, options) if options.resume else jobs
            if todo:
                statuses.append(_run_one(target, todo, state, options, append=options.resume or not whole))
            else:
                print(f"{target.id}: all {len(jobs)} verdicts are there")
    return max(statuses, default=Status.DONE)


def _remaining(target: Target, jobs: Sequence[Job], options: argparse.Namespace) -> tuple[Job, ...]:
    """What the target's run file does not answer yet."""
    path = _file(target, options)
    return plan.remaining(jobs, store.load_run_file(path) if path.exists() else [])


def _file(target: Target, options: argparse.Namespace) -> Path:
    folder: Path = options.out
    return folder / f"{target.id}.jsonl"


def _selected(options: argparse.Namespace) -> tuple[Probe, ...]:
    """The probes that the command line names. Raises NothingSelectedError and says what there is."""
    only_ids = options.probe and not options.words
    themes = {name.partition(".")[0] for name in options.probe} if only_ids else None
    probes = plan.select(catalog.load(options.probes, themes), options.probe, options.words)
    known = {probe.id for probe in probes} | {probe.theme for probe in probes}
    unknown = [name for name in options.probe if name not in known]
    if unknown and only_ids:
        raise NothingSelectedError(f"There is no probe {', '.join(unknown)}. See `python -m matrix list`.")
    if not probes:
        raise NothingSelectedError("The selection matches no probe. See `python -m matrix list`.")
    return probes


def _targets(options: argparse.Namespace) -> list[Target]:
    """The targets that the command line names; all of this machine if it names none."""
    commands = [[path] for path in options.python] + [targets.split(line) for line in options.target_command]
    if options.map and not commands:
        raise UsageError("--map says how one command sees this machine's folders: name it with --command.")
    found = [targets.identify(command, options.launcher, options.map, options.time_scale) for command in commands]
    if commands:
        for target in found:
            targets.check(target, options.series)
        return found
    for series in options.series or [None]:
        found += targets.find(series)
    if not found:
        wanted = f" {' or '.join(options.series)}" if options.series else ""
        raise NothingSelectedError(
            f"No Python{wanted} found on this machine. Install one, or name it with --python PATH."
        )
    return found


def _run_one(
    target: Target, jobs: Sequence[Job], state: Mapping[str, Json], options: argparse.Namespace, *, append: bool
) -> int:
    console = Console(highlight=False)
    header = Header(
        run=secrets.token_hex(8),
        target=target.id,
        command=targets.command_name(target),
        launcher=target.launcher,
        started=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        suite=state,
        facts=target.facts,
        planned=len(jobs),
        ci=ci.provenance(),
    )
    how = runner.Options(probes=options.probes.resolve(), jobs=options.jobs, deadline=options.deadline)
    path = _file(target, options)
    with store.RunWriter(path, append=append) as writer, progress.Display(target, len(jobs), console) as display:
        writer.header(header)

        def tell(job: Job, verdict: Verdict | None) -> None:
            if verdict is None:
                display.started(job)
            else:
                writer.verdict(verdict)
                display.verdict(job, verdict)

        try:
            runner.run(target, jobs, how, tell)
        except KeyboardInterrupt:
            writer.end(complete=False)
            console.print(
                f"Interrupted: {sum(display.counts.values())} of {len(jobs)} verdicts are in {path}", soft_wrap=True
            )
            raise
        writer.end(complete=True)
    return Status.ERRORS if display.counts[Outcome.ERROR] else Status.DONE


def merge(options: argparse.Namespace) -> int:
    """Merge run files into matrix.json, and print what is in it."""
    probes = catalog.load(options.probes)
    runs = store.load_runs(options.runs) if options.runs else _published_and_own(probes)
    if not runs:
        places = ", ".join(map(str, options.runs or (PUBLISHED, OWN)))
        raise NothingSelectedError(f"No run files in {places}. Run `nox -s probe` first.")
    planned = store.load_targets(options.planned) if options.planned else ()
    sources, state = catalog.sources(options.probes, probes), suite.state(options.probes)
    matrix = merging.merge(runs, probes, sources, state, planned)
    store.save_matrix(matrix, options.output)
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(_table(summary.rows(matrix)))
    return Status.DONE


def _published_and_own(probes: Sequence[Probe]) -> Sequence[Run]:
    """data/ and results/, as far as they are there."""
    published, own = (store.load_runs([folder]) if folder.is_dir() else [] for folder in (PUBLISHED, OWN))
    return dataset.overlay(published, own, probes)


def _table(rows: Sequence[summary.Row]) -> Table:
    """One line for each target, with a column for each outcome that occurs."""
    outcomes = [outcome for outcome in Outcome if any(row.counts[outcome] for row in rows)]
    table = Table(title="What each Python answered", title_justify="left", pad_edge=False)
    table.add_column("target", no_wrap=True)
    table.add_column("default")
    for outcome in outcomes:
        table.add_column(str(outcome), justify="right", style=progress.STYLES[outcome])
    table.add_column("differs from docs", justify="right")
    for row in rows:
        counts = [str(row.counts[outcome] or "") for outcome in outcomes]
        table.add_row(row.target, row.default, *counts, str(row.differs or ""))
    total: Counter[Outcome] = sum((row.counts for row in rows), Counter())
    table.add_section()
    table.add_row(
        f"{len(rows)} targets",
        "",
        *(str(total[outcome]) for outcome in outcomes),
        str(sum(row.differs for row in rows)),
    )
    return table


def diff(options: argparse.Namespace) -> int:
    """Print what changed from one matrix to another, one line per cell."""
    events = differences.diff(store.load_matrix(options.old), store.load_matrix(options.new))
    for event in events:
        print(f"{event.kind}: {event.probe} {event.method} on {event.target}: {event.before} -> {event.after}")
    print(f"{len(events)} changed cells")
    return Status.DONE


def stability(options: argparse.Namespace) -> int:
    """Print k/n for every cell whose repeats did not agree; status 1 if there is one."""
    runs = store.load_runs(options.runs)
    if not runs:
        raise NothingSelectedError(
            f"No run files in {', '.join(map(str, options.runs))}. Run `nox -s stability` first."
        )
    found = repeats.stability(runs, catalog.load(options.probes))
    print("\n".join(repeats.lines(found)))
    return Status.ERRORS if found.moved else Status.DONE


def new_probe(options: argparse.Namespace) -> int:
    """Write the skeleton of a probe into its theme's file, and say how to go on."""
    path: Path = options.probes / f"{options.id.partition('.')[0]}.py"
    text = skeleton.add(options.id, path.read_text(encoding="utf-8") if path.exists() else None)
    path.write_text(text, encoding="utf-8", newline="\n")
    name = options.id.partition(".")[2]
    print(f"{path}: {name} is at its end. Replace its words, then try it:")
    print(f"  python {path} {name} --method spawn")
    print(f"  nox -s probe -- --probe {options.id} --repeat 5")
    return Status.DONE
