"""python -m matrix ci: what the workflows call, so that they have no logic of their own."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from matrix.ci import alarms, archive, branch, lanes, markdown, previous, regressions, untrusted_runs
from matrix.ci.alarms import Alarm
from matrix.errors import DataError, NothingSelectedError, Status, WriteError
from matrix.files import atomic_write, serialize, untrusted_json
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
    _lanes(jobs)

    command(of_ci, "site", "print the address of the published site", print_site)

    summary = command(of_ci, "summary", "write the job's summary in Markdown, and annotations", summarise)
    summary.add_argument("runs", nargs="+", type=Path, help="run files and folders")
    _previous(summary)
    summary.add_argument(
        "--fail-on-new-errors", action="store_true", help="exit with 1 on errors that --previous does not have"
    )

    receive = command(of_ci, "receive", "check the run files of all jobs, and copy the valid ones", take)
    receive.add_argument("artifacts", type=Path, help="has a folder run-LANE for each job that sent something")
    receive.add_argument("--out", type=Path, default=Path("results"), metavar="DIR", help="default: %(default)s")
    receive.add_argument("--few", action="store_true", help="expect the lanes of a pull request only")
    _lanes(receive)
    receive.add_argument("--planned", type=Path, metavar="FILE", help="write the targets that are missing, for merge")
    receive.add_argument("--alarms", type=Path, metavar="FILE", help="write the lanes that need attention")
    _previous(receive)

    cloned = command(of_ci, "clone", "clone the branch that has the archive", clone)
    cloned.add_argument("remote", metavar="URL")
    cloned.add_argument("archive", type=Path)
    cloned.add_argument("--months", type=int, metavar="N", help="only the runs of the N newest months, to be read")

    pushed = command(of_ci, "push", "replace that branch by one commit", push)
    pushed.add_argument("archive", type=Path)
    pushed.add_argument("remote", metavar="URL")
    pushed.add_argument("--message", default="Runs", metavar="TEXT", help="of the commit (default: %(default)s)")

    store = command(of_ci, "archive", "add runs to an archive, each once, and thin out old ones", store_runs)
    store.add_argument("runs", type=Path, help="folder of run files")
    store.add_argument("archive", type=Path)

    restore = command(of_ci, "restore", "copy earlier runs of the same targets out of an archive", restore_runs)
    restore.add_argument("archive", type=Path)
    which = restore.add_mutually_exclusive_group(required=True)
    which.add_argument("--runs", type=Path, metavar="DIR", help="of the targets that have a run file there")
    which.add_argument("--all", action="store_true", help="of every target that a lane can have")
    restore.add_argument("--out", type=Path, default=Path("history"), metavar="DIR", help="default: %(default)s")
    restore.add_argument("--newest", type=int, default=4, metavar="N", help="of each target (default: %(default)s)")

    regressed = command(of_ci, "regressions", "write an issue on lanes and cells that need attention", find_regressions)
    regressed.add_argument("runs", type=Path, help="folder of run files")
    regressed.add_argument("archive", type=Path)
    output(regressed, Path("issue.md"))
    regressed.add_argument("--alarms", type=Path, metavar="FILE", help="list these lanes too: `ci receive` writes them")

    comment = command(of_ci, "comment", "write a pull request's comment on changed cells", commented)
    comment.add_argument("runs", type=Path, help="folder of run files")
    output(comment, Path("comment.md"))
    _previous(comment)

    for parser in (summary, receive, regressed, comment):
        suite(parser)


def _previous(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--previous", type=Path, metavar="PATH",
        help="matrix.json to compare with, or a folder of the site's files of targets; it may be missing",
    )  # fmt: skip


def _lanes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lanes",
        action="append",
        default=[],
        metavar="GLOB",
        help="only these lanes: '3.13*-macos-*'; may be repeated",
    )


def list_jobs(options: argparse.Namespace) -> int:
    """Print the value of `strategy.matrix` for each kind of lane."""
    chosen = lanes.selected((lane for lane in lanes.load() if lane.few or options.which == "all"), options.lanes)
    print(serialize.dumps(lanes.jobs(chosen)))
    return Status.DONE


def print_site(_: argparse.Namespace) -> int:
    """Print the address of the published site."""
    print(lanes.site(os.environ))
    return Status.DONE


def summarise(options: argparse.Namespace) -> int:
    """Write the summary where GitHub looks for it, or print it; print annotations."""
    matrix = _matrix(serialize.load_runs(options.runs), options.probes)
    published = previous.load(options.previous, matrix.probes)
    changes = _changes(published, matrix)
    page = markdown.job_summary(matrix, changes, compared=published is not None)
    _append("GITHUB_STEP_SUMMARY", page)
    print("\n".join(markdown.notes(matrix, changes)))
    return _status(matrix, published) if options.fail_on_new_errors else Status.DONE


def _status(matrix: Matrix, published: Matrix | None) -> int:
    """ERRORS if cells are `error` that were none in the published matrix, or if hardly anything else was measured."""
    new = alarms.new_errors(matrix.cells, published)
    if new:
        print(f"{len(new)} cells are `error`, and were none in the published matrix: {new[0].probe} {new[0].method} …")
    measured = [cell.outcome for cell in matrix.cells if cell.n]
    broken = measured.count(Outcome.ERROR) > alarms.TOO_MANY * len(measured)
    if broken:
        print(f"{measured.count(Outcome.ERROR)} of {len(measured)} cells are `error`: the machinery is broken.")
    return Status.ERRORS if new or broken else Status.DONE


def take(options: argparse.Namespace) -> int:
    """Copy the run files that pass every check; list what was refused, and the lanes that sent nothing."""
    expected = lanes.selected((lane for lane in lanes.load() if lane.few or not options.few), options.lanes)
    known = {probe.id for probe in catalog.load(options.probes)}
    received = untrusted_runs.receive(options.artifacts, expected, known)
    for name, why in received.refused:
        print(f"refused: {name}: {why}")
    for lane in received.lost:
        print(f"no run from: {lane.id}")
    if options.alarms:
        rows = [asdict(alarm) for alarm in alarms.alarms(received)]
        atomic_write.write_text(options.alarms, [serialize.dumps(rows) + "\n"])
    if options.planned:
        published = previous.load(options.previous, ())
        targets = [lanes.planned(lane, published.targets if published else ()) for lane in received.lost]
        atomic_write.write_text(options.planned, [serialize.dumps(targets) + "\n"])
    for _, file, _ in received.accepted:
        _copy(file, options.out / file.name)
    print(f"{len(received.accepted)} runs of {len(expected)} lanes are in {options.out}")
    if not received.accepted:
        raise NothingSelectedError(f"No run in {options.artifacts} can be used: there is nothing to merge.")
    return Status.DONE


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"Cannot create {folder}: {error.strerror}. Choose another --out.") from None


def _copy(source: Path, place: Path) -> None:
    _make(place.parent)
    try:
        shutil.copyfile(source, place)
    except OSError as error:
        raise WriteError(f"Cannot write {place}: {error.strerror}. Make room, or choose another --out.") from None


def clone(options: argparse.Namespace) -> int:
    """Clone the branch with the archive. If the repository has none, make an empty one."""
    fetched = branch.clone(options.remote, options.archive, options.months)
    print(f"{'The archive' if fetched else 'No archive yet: an empty one'} is in {options.archive}")
    return Status.DONE


def push(options: argparse.Namespace) -> int:
    """Replace the branch by one commit with the present state of the archive."""
    pushed = branch.push(options.archive, options.remote, options.message)
    print("Pushed." if pushed else "Nothing new to push.")
    return Status.DONE


def store_runs(options: argparse.Namespace) -> int:
    """Add runs to an archive, and thin out old ones."""
    new = archive.store(_run_files(options.runs), options.archive)
    removed = archive.thin(options.archive)
    print(f"{len(new)} new runs in {options.archive}, {len(removed)} old ones removed")
    return Status.DONE


def _run_files(folder: Path) -> list[Path]:
    """The run files in a folder. Raises NothingSelectedError if there is none: a wrong name is no success."""
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise NothingSelectedError(f"No run files in {folder}. Name the folder that `ci receive` wrote.")
    return files


def restore_runs(options: argparse.Namespace) -> int:
    """Copy archived runs into one folder for merge: of the measured targets, or of all that a lane can have."""
    if options.all:
        known = lanes.load()
        targets = [name for name in archive.targets(options.archive) if any(lane.admits(name) for lane in known)]
    else:
        targets = sorted({run.header.target for run in serialize.load_runs(_run_files(options.runs))})
    files = [(name, file) for name in targets for file in archive.newest(options.archive, name, options.newest)]
    _make(options.out)
    count = 0
    for name, file in files:
        runs, skipped = archive.load([file])
        _warn(skipped)
        if runs:
            _copy(file, options.out / f"{name}-{file.name}")
            count += 1
    print(f"{count} earlier runs are in {options.out}")
    return Status.DONE


def _warn(skipped: Iterable[str]) -> None:
    for why in skipped:
        print(markdown.warning("an archived run was skipped", why))


def find_regressions(options: argparse.Namespace) -> int:
    """Write the issue; tell the workflow how many lanes and cells it lists."""
    now = serialize.load_runs(_run_files(options.runs))
    before = [run for lane in sorted({regressions.lane_of(run) for run in now}) for run in _earlier(lane, now, options)]
    found = regressions.regressions([*before, *now], catalog.load(options.probes))
    raised = _alarms(options.alarms)
    atomic_write.write_text(options.output, [markdown.issue(found, raised)])
    _append("GITHUB_OUTPUT", f"alarms={len(found) + len(raised)}\n")
    return Status.DONE


def _alarms(path: Path | None) -> list[Alarm]:
    """The alarms that `ci receive` wrote. Raises DataError."""
    if path is None:
        return []
    try:
        return [Alarm(**row) for row in untrusted_json.parse(path.read_bytes())]
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{path} has no alarms: {error}. `python -m matrix ci receive --alarms` writes it.") from None


def _earlier(lane: str, now: list[Run], options: argparse.Namespace) -> list[Run]:
    """The newest archived runs of a lane: of its present target, and of those that it was before."""
    series = {archive.series(run.header.target) for run in now if regressions.lane_of(run) == lane}
    files = [
        file
        for name in archive.targets(options.archive)
        if archive.series(name) in series
        for file in archive.newest(options.archive, name, LOOKED_BACK)
    ]
    runs, skipped = archive.load(sorted(files, key=lambda file: file.name)[-LOOKED_BACK:])
    _warn(skipped)
    return [run for run in runs if regressions.lane_of(run) == lane]


def commented(options: argparse.Namespace) -> int:
    """Write the comment; tell the workflow how many cells changed."""
    matrix = _matrix(serialize.load_runs([options.runs]), options.probes)
    published = previous.load(options.previous, matrix.probes)
    known = {target["id"] for target in published.targets} if published else set()
    here = [str(target["id"]) for target in matrix.targets]
    changes = _changes(published, matrix)
    page = markdown.comment(
        changes, [name for name in here if name in known], [name for name in here if name not in known]
    )
    atomic_write.write_text(options.output, [page])
    _append("GITHUB_OUTPUT", f"changed={len(changes)}\n")
    return Status.DONE


def _matrix(runs: list[Run], probes: Path) -> Matrix:
    """The matrix of the probes that some runs measured, without the rest of the suite."""
    measured = {verdict.probe for run in runs for verdict in run.verdicts}
    known = [probe for probe in catalog.load(probes) if probe.id in measured]
    return merging.merge(runs, known, {}, revision.state(probes))


def _changes(published: Matrix | None, matrix: Matrix) -> tuple[diff.CellDiff, ...]:
    """What changed; a cell that was never measured before has not."""
    changes = diff.diff(published, matrix) if published else ()
    return tuple(change for change in changes if change.before != Outcome.UNTESTED)


def _append(variable: str, page: str, env: Mapping[str, str] = os.environ) -> None:
    """Add to the file that GitHub names in a variable; elsewhere print it. Raises WriteError."""
    name = env.get(variable)
    if not name:
        print(page, end="")
        return
    try:
        with Path(name).open("a", encoding="utf-8", newline="\n") as file:
            file.write(page)
    except OSError as error:
        raise WriteError(f"Cannot write {name}, which {variable} names: {error.strerror}.") from None
