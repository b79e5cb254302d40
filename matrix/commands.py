"""The commands of `python -m matrix` that have no package of their own: files and terminal output."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from matrix.errors import NothingSelectedError, Status, UsageError
from matrix.files import atomic_write, serialize
from matrix.model import Matrix, Outcome, Run
from matrix.paths import PUBLISHED
from matrix.results import counts, published
from matrix.results import diff as differences
from matrix.results import merge as merging
from matrix.results import stability as repeats
from matrix.run import progress, selection
from matrix.suite import catalog, revision
from matrix.suite import new_probe as skeleton
from matrix.system import terminal
from matrix.targets import discovery

OWN = Path("results")
"""Folder of run files that `merge` lays over the published ones, if none is named."""


def list_probes(options: argparse.Namespace) -> int:
    """Print the selected probes."""
    probes = selection.probes(options)
    if options.json:
        print(serialize.dumps([asdict(probe) for probe in probes]))
        return Status.DONE
    for probe in probes:
        print(terminal.line(f"{probe.id:<44} {probe.text}"))
    return Status.DONE


def merge(options: argparse.Namespace) -> int:
    """Merge run files into matrix.json, and print what is in it."""
    # The files first: listing the probes starts a process for each script, too long to then refuse a file.
    named = serialize.survey(options.runs) if options.runs else _runs(OWN)
    over = options.over or (None if options.runs else PUBLISHED)
    below = _runs(over) if over else []
    if not (named or below):
        folders = ", ".join(map(str, [*(options.runs or [OWN]), *([over] if over else [])]))
        raise NothingSelectedError(f"No run files in {folders}. Run `nox -s probe` first.")
    probes = catalog.load(options.probes)
    runs = published.overlay(below, named, probes)
    planned = serialize.load_targets(options.planned) if options.planned else ()
    sources, state = catalog.sources(options.probes, probes), revision.state(options.probes)
    with serialize.collection_paused():
        matrix = merging.merge(runs, probes, sources, state, planned)
    _check_used(matrix, options.probes)
    serialize.save_matrix(matrix, options.output)
    terminal.console(160).print(_table(counts.counts(matrix)))
    return Status.DONE


def _runs(folder: Path) -> Sequence[Run]:
    """The runs in a folder, none if it is not there."""
    return serialize.survey([folder]) if folder.is_dir() else []


def _check_used(matrix: Matrix, folder: Path) -> None:
    """Tell how many verdicts are in no cell. Raises NothingSelectedError if that is all of them."""
    given = sum(run["verdicts"] for target in matrix.targets for run in target["runs"])
    used = sum(cell.n for cell in matrix.cells)
    if given and not used:
        raise NothingSelectedError(
            f"None of the {given} verdicts is on a probe in {folder}. Name the suite that was run with --probes."
        )
    if given > used:
        print(
            f"{given - used} of {given} verdicts are left out: their probes are gone from {folder},"
            " or have changed and been answered again.",
            file=sys.stderr,
        )


def _table(rows: Sequence[counts.TargetCounts]) -> Table:
    """One line for each target, with a column for each outcome that occurs."""
    total: Counter[Outcome] = sum((row.outcomes for row in rows), Counter())
    outcomes = [outcome for outcome in Outcome if total[outcome]]
    table = Table(title="Answers of each target", title_justify="left", pad_edge=False)
    table.add_column("target", no_wrap=True)
    table.add_column("default")
    for outcome in outcomes:
        table.add_column(str(outcome), justify="right", style=progress.STYLES[outcome])
    table.add_column("differs from docs", justify="right")
    for row in rows:
        numbers = [str(row.outcomes[outcome] or "") for outcome in outcomes]
        table.add_row(terminal.line(row.target), terminal.line(row.default), *numbers, str(row.differs or ""))
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
    events = differences.diff(serialize.load_matrix(options.old), serialize.load_matrix(options.new))
    for event in events:
        print(
            terminal.line(
                f"{event.kind}: {event.probe} {event.method} on {event.target}: {event.before} -> {event.after}"
            )
        )
    print(f"{len(events)} changed cells")
    return Status.DONE


def stability(options: argparse.Namespace) -> int:
    """Print k/n for every cell whose attempts did not agree; status 1 if there is one."""
    runs = serialize.load_runs(options.runs)
    if not runs:
        raise NothingSelectedError(
            f"No run files in {', '.join(map(str, options.runs))}. Run `nox -s stability` first."
        )
    found = repeats.stability(runs, catalog.load(options.probes))
    print("\n".join(map(terminal.line, repeats.lines(found))))
    return Status.ERRORS if found.changed else Status.DONE


def new_probe(options: argparse.Namespace) -> int:
    """Write the skeleton of a probe into its theme's file, and say how to go on."""
    path: Path = options.probes / f"{options.id.partition('.')[0]}.py"
    if not options.probes.is_dir():
        raise UsageError(f"There is no folder {options.probes}. Create it, or name another with --probes.")
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read {path}: {error}. It must be a probe script in UTF-8.") from None
    atomic_write.write_text(path, [skeleton.add(options.id, before)])
    name = options.id.partition(".")[2]
    with contextlib.suppress(ValueError):
        path = path.relative_to(Path.cwd())
    print(f"{path}: {name} is at its end. Replace its text, then try it:")
    for python in _oldest_and_newest():
        words = [python, str(path), name, "--method", "spawn"]
        print(f"  {subprocess.list2cmdline(words) if os.name == 'nt' else shlex.join(words)}")
    print(f"  nox -s probe -- --probe {options.id} --repeat 5")
    if before is None:
        print(f"A new theme has 5 to 30 questions; add {path.stem} to ORDER in report/model/theme_order.py.")
    print("How to go on: docs/adding-a-probe.md")
    return Status.DONE


def _oldest_and_newest() -> list[str]:
    """Paths of the oldest and the newest CPython here: a name like python3.8 may be a shim that starts nothing."""
    found = {name: str(paths[0]) for name, paths in discovery.find().items() if re.fullmatch(r"3\.\d+", name)}
    return list(dict.fromkeys([*found.values()][:1] + [*found.values()][-1:])) or [sys.executable]
