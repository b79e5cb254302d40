"""python -m matrix ci: what the workflows call, so that they have no logic of their own."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from matrix.ci import archive, lanes, markdown, regressions, untrusted_runs
from matrix.errors import DataError, NothingSelectedError, Status, WriteError
from matrix.files import atomic_write, serialize
from matrix.model import Matrix, Outcome, Run
from matrix.options import Subparsers, command, output, suite
from matrix.results import diff
from matrix.results import merge as merging
from matrix.suite import catalog, revision

LOOKED_BACK = 10
"""Earlier runs of a lane that are searched for a regression."""


def add(commands: Subparsers) -> None:
    """Add `ci` and its commands."""
    ci = commands.add_parser("ci", help="what the workflows call", allow_abbrev=False)
    of_ci = ci.add_subparsers(metavar="COMMAND", required=True)

    jobs = command(of_ci, "jobs", "print the lanes as JSON, for `strategy.matrix`", list_jobs)
    jobs.add_argument("which", nargs="?", default="all", choices=("all", "few"), help="few: those of a pull request")

    summary = command(of_ci, "summary", "write the job's summary in Markdown, and annotations", summarise)
    summary.add_argument("runs", nargs="+", type=Path, help="run files and folders")
    _previous(summary)

    receive = command(of_ci, "receive", "check the run files of all jobs, and copy the valid ones", take)
    receive.add_argument("artifacts", type=Path, help="has a folder run-LANE for each job that sent something")
    receive.add_argument("--out", type=Path, default=Path("results"), metavar="DIR", help="default: %(default)s")
    receive.add_argument("--few", action="store_true", help="expect the lanes of a pull request only")
    receive.add_argument("--planned", type=Path, metavar="FILE", help="write the targets that are missing, for merge")
    _previous(receive)

    store = command(of_ci, "archive", "add runs to an archive, each once", store_runs)
    store.add_argument("runs", type=Path, help="folder of run files")
    store.add_argument("archive", type=Path)

    restore = command(of_ci, "restore", "copy earlier runs of the same targets out of an archive", restore_runs)
    restore.add_argument("runs", type=Path, help="folder of run files")
    restore.add_argument("archive", type=Path)
    restore.add_argument("--out", type=Path, default=Path("history"), metavar="DIR", help="default: %(default)s")
    restore.add_argument("--newest", type=int, default=4, metavar="N", help="of each target (default: %(default)s)")

    regressed = command(of_ci, "regressions", "write an issue on cells that regressed twice in a row", find_regressions)
    regressed.add_argument("runs", type=Path, help="folder of run files")
    regressed.add_argument("archive", type=Path)
    output(regressed, Path("issue.md"))

    comment = command(of_ci, "comment", "write a pull request's comment on changed cells", commented)
    comment.add_argument("runs", type=Path, help="folder of run files")
    output(comment, Path("comment.md"))
    _previous(comment)

    for parser in (summary, receive, regressed, comment):
        suite(parser)


def _previous(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--previous", type=Path, metavar="FILE", help="matrix.json to compare with; no comparison if it does not exist"
    )


def list_jobs(options: argparse.Namespace) -> int:
    """Print the value of `strategy.matrix` for each kind of lane."""
    print(serialize.dumps(lanes.jobs(lane for lane in lanes.load() if lane.few or options.which == "all")))
    return Status.DONE


def summarise(options: argparse.Namespace) -> int:
    """Write the summary where GitHub looks for it, or print it; print annotations."""
    matrix = _matrix(serialize.load_runs(options.runs), options.probes)
    previous = _loaded(options.previous)
    events = _events(previous, matrix)
    page = markdown.job_summary(matrix, events, compared=previous is not None)
    _append("GITHUB_STEP_SUMMARY", page)
    print("\n".join(markdown.notes(matrix, events)))
    return Status.DONE


def take(options: argparse.Namespace) -> int:
    """Copy the run files that pass every check; list what was refused, and the lanes that sent nothing."""
    expected = [lane for lane in lanes.load() if lane.few or not options.few]
    known = {probe.id for probe in catalog.load(options.probes)}
    received = untrusted_runs.receive(options.artifacts, expected, known)
    for name, why in received.refused:
        print(f"refused: {name}: {why}")
    for lane in received.lost:
        print(f"no run from: {lane.id}")
    previous = _loaded(options.previous)
    if options.planned:
        targets = [lanes.planned(lane, previous.targets if previous else ()) for lane in received.lost]
        atomic_write.write_text(options.planned, serialize.dumps(targets) + "\n")
    for _, file, _ in received.accepted:
        _copy(file, options.out / file.name)
    print(f"{len(received.accepted)} runs of {len(expected)} lanes are in {options.out}")
    if not received.accepted:
        raise NothingSelectedError(f"No run in {options.artifacts} can be used: there is nothing to merge.")
    return Status.DONE


def _copy(source: Path, place: Path) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    except OSError as error:
        raise WriteError(f"Cannot write {place}: {error.strerror}. Make room, or choose another --out.") from None


def store_runs(options: argparse.Namespace) -> int:
    """Add runs to an archive."""
    new = archive.store(sorted(options.runs.glob("*.jsonl")), options.archive)
    print(f"{len(new)} new runs in {options.archive}")
    return Status.DONE


def restore_runs(options: argparse.Namespace) -> int:
    """Copy earlier runs of the targets that were measured now into one folder, for merge."""
    options.out.mkdir(parents=True, exist_ok=True)
    count = 0
    for target in sorted({run.header.target for run in serialize.load_runs([options.runs])}):
        for file in archive.newest(options.archive, target, options.newest):
            _copy(file, options.out / f"{target}-{file.name}")
            count += 1
    print(f"{count} earlier runs are in {options.out}")
    return Status.DONE


def find_regressions(options: argparse.Namespace) -> int:
    """Write the issue; tell the workflow how many cells regressed."""
    now = serialize.load_runs([options.runs])
    before = [run for lane in sorted({regressions.lane_of(run) for run in now}) for run in _earlier(lane, now, options)]
    found = regressions.regressions([*before, *now], catalog.load(options.probes))
    atomic_write.write_text(options.output, markdown.issue(found))
    _append("GITHUB_OUTPUT", f"regressed={len(found)}\n")
    return Status.DONE


def _earlier(lane: str, now: list[Run], options: argparse.Namespace) -> list[Run]:
    """The newest archived runs of a lane: of its present target, and of those that it was before."""
    series = {_series(run.header.target) for run in now if regressions.lane_of(run) == lane}
    files = [
        file
        for folder in sorted(options.archive.glob("runs/*/*"))
        if _series(folder.name) in series
        for file in archive.newest(options.archive, folder.name, LOOKED_BACK)
    ]
    newest = sorted(set(files), key=lambda file: file.name)[-LOOKED_BACK:]
    return [run for run in serialize.load_runs(newest) if regressions.lane_of(run) == lane]


def _series(target: str) -> str:
    """A target's id without its patch release: all that a lane can be."""
    name, _, rest = target.partition("-")
    version, _, place = rest.partition("-")
    release, plus, variant = version.partition("+")
    return f"{name}-{'.'.join(release.split('.')[:2])}{plus}{variant}-{place}"


def commented(options: argparse.Namespace) -> int:
    """Write the comment; tell the workflow how many cells changed."""
    matrix = _matrix(serialize.load_runs([options.runs]), options.probes)
    previous = _loaded(options.previous)
    published = {target["id"] for target in previous.targets} if previous else set()
    here = [str(target["id"]) for target in matrix.targets]
    events = _events(previous, matrix)
    page = markdown.comment(
        events, [name for name in here if name in published], [name for name in here if name not in published]
    )
    atomic_write.write_text(options.output, page)
    _append("GITHUB_OUTPUT", f"changed={len(events)}\n")
    return Status.DONE


def _matrix(runs: list[Run], probes: Path) -> Matrix:
    """What some runs say of the probes that they asked; the rest of the suite was not asked, and is left out."""
    asked = {verdict.probe for run in runs for verdict in run.verdicts}
    known = [probe for probe in catalog.load(probes) if probe.id in asked]
    return merging.merge(runs, known, {}, revision.state(probes))


def _loaded(path: Path | None) -> Matrix | None:
    """The matrix to compare with. One that cannot be read is no reason to lose what was measured."""
    if path is None or not path.exists():
        return None
    try:
        return serialize.load_matrix(path)
    except DataError as error:
        print(f"not compared: {error}", file=sys.stderr)
        return None


def _events(previous: Matrix | None, matrix: Matrix) -> tuple[diff.CellDiff, ...]:
    """What changed; a cell that nobody had measured before is no change."""
    events = diff.diff(previous, matrix) if previous else ()
    return tuple(event for event in events if event.before != Outcome.UNTESTED)


def _append(variable: str, page: str, env: Mapping[str, str] = os.environ) -> None:
    """Add to the file that GitHub names in a variable; elsewhere print it."""
    name = env.get(variable)
    if not name:
        print(page, end="")
        return
    with Path(name).open("a", encoding="utf-8", newline="\n") as file:
        file.write(page)
