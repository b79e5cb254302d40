"""python -m matrix ci: what the workflows call, so that they have no logic of their own."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from matrix.ci import archive, lanes, markdown, regressions, untrusted_runs
from matrix.errors import DataError, NothingSelectedError, Status, WriteError
from matrix.files import serialize
from matrix.model import Matrix, Outcome, Run
from matrix.results import diff
from matrix.results import merge as merging
from matrix.suite import catalog, revision

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

WATCHED = 10
"""Runs of a lane that are looked back upon for a regression."""


def add(commands: Subparsers, probes: Path) -> None:
    """Add `ci` and its commands. probes is the default suite."""
    ci = commands.add_parser("ci", help="what the workflows call", allow_abbrev=False)
    of_ci = ci.add_subparsers(metavar="COMMAND", required=True)

    summary = of_ci.add_parser("summary", help="Markdown for the job's page, and annotations", allow_abbrev=False)
    summary.add_argument("runs", nargs="+", type=Path, help="run files and folders")
    _previous(summary)
    summary.set_defaults(do=summarise)

    receive = of_ci.add_parser("receive", help="check what the jobs sent", allow_abbrev=False)
    receive.add_argument("artifacts", type=Path, help="has a folder run-LANE for each job that sent something")
    receive.add_argument("--out", type=Path, default=Path("results"), metavar="DIR", help="default: %(default)s")
    receive.add_argument("--few", action="store_true", help="expect the lanes of a pull request only")
    receive.add_argument("--planned", type=Path, metavar="FILE", help="write the targets that are missing, for merge")
    _previous(receive)
    receive.set_defaults(do=take)

    keep = of_ci.add_parser("keep", help="put runs into an archive, each once", allow_abbrev=False)
    keep.add_argument("runs", type=Path, help="folder of run files")
    keep.add_argument("archive", type=Path)
    keep.set_defaults(do=archived)

    recall = of_ci.add_parser("recall", help="earlier runs of the targets at hand", allow_abbrev=False)
    recall.add_argument("runs", type=Path, help="folder of run files")
    recall.add_argument("archive", type=Path)
    recall.add_argument("--out", type=Path, default=Path("history"), metavar="DIR", help="default: %(default)s")
    recall.add_argument("--newest", type=int, default=4, metavar="N", help="of each target (default: %(default)s)")
    recall.set_defaults(do=recalled)

    watching = of_ci.add_parser("watch", help="cells that regressed twice in a row", allow_abbrev=False)
    watching.add_argument("runs", type=Path, help="folder of run files")
    watching.add_argument("archive", type=Path)
    watching.add_argument("-o", "--out", type=Path, default=Path("issue.md"), metavar="FILE", help="%(default)s")
    watching.set_defaults(do=watched)

    comment = of_ci.add_parser("comment", help="changed cells, for a pull request", allow_abbrev=False)
    comment.add_argument("runs", type=Path, help="folder of run files")
    comment.add_argument("-o", "--out", type=Path, default=Path("comment.md"), metavar="FILE", help="%(default)s")
    _previous(comment)
    comment.set_defaults(do=commented)

    for command in (summary, receive, watching, comment):
        command.add_argument("--probes", type=Path, default=probes, metavar="DIR", help="folder of probe scripts")


def _previous(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--previous", type=Path, metavar="FILE", help="matrix.json to compare with; no file, no comparison"
    )


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
    """Copy what may be believed to be runs; say what was refused and which lanes said nothing."""
    wanted = [lane for lane in lanes.load() if lane.few or not options.few]
    known = {probe.id for probe in catalog.load(options.probes)}
    received = untrusted_runs.receive(options.artifacts, wanted, known)
    for name, why in received.refused:
        print(f"refused: {name}: {why}")
    for lane in received.lost:
        print(f"nothing from: {lane.id}")
    previous = _loaded(options.previous)
    if options.planned:
        targets = [lanes.planned(lane, previous.targets if previous else ()) for lane in received.lost]
        serialize.write_text(options.planned, serialize.dumps(targets) + "\n")
    for _, file, _ in received.accepted:
        _copy(file, options.out / file.name)
    print(f"{len(received.accepted)} runs of {len(wanted)} lanes are in {options.out}")
    if not received.accepted:
        raise NothingSelectedError(f"No run in {options.artifacts} can be used: there is nothing to merge.")
    return Status.DONE


def _copy(source: Path, place: Path) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    except OSError as error:
        raise WriteError(f"Cannot write {place}: {error.strerror}. Make room, or choose another --out.") from None


def archived(options: argparse.Namespace) -> int:
    """Put runs into an archive."""
    new = archive.keep(sorted(options.runs.glob("*.jsonl")), options.archive)
    print(f"{len(new)} new runs in {options.archive}")
    return Status.DONE


def recalled(options: argparse.Namespace) -> int:
    """Copy earlier runs of the targets at hand beside each other, for merge."""
    options.out.mkdir(parents=True, exist_ok=True)
    count = 0
    for target in sorted({run.header.target for run in serialize.load_runs([options.runs])}):
        for file in archive.recall(options.archive, target, options.newest):
            _copy(file, options.out / f"{target}-{file.name}")
            count += 1
    print(f"{count} earlier runs are in {options.out}")
    return Status.DONE


def watched(options: argparse.Namespace) -> int:
    """Write the issue; tell the workflow how many cells regressed."""
    now = serialize.load_runs([options.runs])
    before = [run for lane in sorted({regressions.lane_of(run) for run in now}) for run in _earlier(lane, now, options)]
    found = regressions.regressions([*before, *now], catalog.load(options.probes))
    serialize.write_text(options.out, markdown.issue(found))
    _append("GITHUB_OUTPUT", f"regressed={len(found)}\n")
    return Status.DONE


def _earlier(lane: str, now: list[Run], options: argparse.Namespace) -> list[Run]:
    """The newest archived runs of a lane: of its present target, and of those that it was before."""
    series = {_series(run.header.target) for run in now if regressions.lane_of(run) == lane}
    files = [
        file
        for folder in sorted(options.archive.glob("runs/*/*"))
        if _series(folder.name) in series
        for file in archive.recall(options.archive, folder.name, WATCHED)
    ]
    newest = sorted(set(files), key=lambda file: file.name)[-WATCHED:]
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
    serialize.write_text(options.out, page)
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


def _events(previous: Matrix | None, matrix: Matrix) -> tuple[diff.Event, ...]:
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
