"""python -m matrix collect: what is measured here goes into data/."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.table import Table

from matrix.errors import NothingSelectedError, Status
from matrix.files import serialize
from matrix.model import Outcome
from matrix.options import Subparsers, command, output, suite
from matrix.results import published
from matrix.suite import catalog
from matrix.system import terminal


def add(commands: Subparsers) -> None:
    """Add `collect`."""
    taking = command(commands, "collect", "publish runs: put them into data/", collect)
    taking.add_argument(
        "runs", nargs="*", type=Path, default=[Path("results")], help="files and folders (default: results)"
    )
    output(taking, Path("data"), "DIR")
    taking.add_argument("--force", action="store_true", help="take incomplete, outdated or faulty files too")
    suite(taking)


def collect(options: argparse.Namespace) -> int:
    """Put run files into data/, and print the answers of each target."""
    files = serialize.run_files(options.runs)
    if not files:
        raise NothingSelectedError(f"No run files in {', '.join(map(str, options.runs))}. Run `nox -s probe` first.")
    collected = published.collect(files, options.output, catalog.load(options.probes), force=options.force)
    outcomes = [outcome for outcome in Outcome if any(file.counts[outcome] for file in collected)]
    table = Table(pad_edge=False)
    for name in ("target", *map(str, outcomes), "wall time"):
        table.add_column(name, no_wrap=True)
    for file in collected:
        seconds = "?" if file.seconds is None else f"{file.seconds / 60:.1f} min"
        table.add_row(terminal.line(file.target), *(str(file.counts[outcome] or "") for outcome in outcomes), seconds)
    terminal.console(160).print(table)
    refused = [file for file in collected if file.faults]
    for file in refused:
        print(f"{file.target}: {'taken nevertheless' if options.force else 'not taken'}: {'; '.join(file.faults)}")
    return Status.INCOMPLETE if refused and not options.force else Status.DONE
