"""Run files from elsewhere -> those that pass every check. They are hostile until proven otherwise.

A CI job leaves its run in a folder `run-<lane>`; download-artifact makes one such folder for each job, or none if there
is only one artifact. Anybody who can open a pull request can have written what is in them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from matrix.ci.lanes import Lane
from matrix.errors import DataError
from matrix.files import serialize
from matrix.model import Header, Run
from matrix.targets import identify

PREFIX = "run-"
"""Before the lane's id: the name of the artifact."""

MAX_FILES = 4
"""Run files in the folder of one lane. One is usual."""

MAX_BYTES = 16 * 2**20
"""Of one run file. A run of the suite has 400 kB."""

MAX_VERDICTS = 20
"""For each question and method, on average: as many as --repeat 20 makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The result. accepted: (lane, file, its runs); refused: (folder or file, why); lost: lanes without a run."""

    accepted: tuple[tuple[Lane, Path, tuple[Run, ...]], ...]
    refused: tuple[tuple[str, str], ...]
    lost: tuple[Lane, ...]


def receive(folder: Path, lanes: Sequence[Lane], probes: Collection[str]) -> Received:
    """Read what the lanes left in a folder; probes are the known IDs. A bad file does not affect the others.

    Raises DataError if the folder cannot be read.
    """
    known = {PREFIX + lane.id: lane for lane in lanes}
    accepted: list[tuple[Lane, Path, tuple[Run, ...]]] = []
    refused: list[tuple[str, str]] = []
    for entry in _entries(folder):
        alone = _is(entry, stat.S_ISREG)
        lane = _lane_of(entry, lanes) if alone else known.get(entry.name)
        if lane is None or not (alone or _is(entry, stat.S_ISDIR)):
            refused.append((_printable(entry.name), "not a folder of a lane"))
            continue
        files = [entry] if alone else _entries(entry)
        if len(files) > MAX_FILES:
            refused.append((entry.name, f"{len(files)} files"))
            continue
        for file in files:
            try:
                accepted.append((lane, file, _read(file, lane, probes)))
            except DataError as error:
                refused.append((f"{entry.name}/{_printable(file.name)}", _printable(str(error))))
    heard = {lane.id for lane, _, _ in accepted}
    return Received(
        accepted=tuple(accepted), refused=tuple(refused), lost=tuple(lane for lane in lanes if lane.id not in heard)
    )


def _lane_of(file: Path, lanes: Sequence[Lane]) -> Lane | None:
    """The lane that a file without a folder must come from: the only one that its name admits."""
    found = [lane for lane in lanes if lane.admits(file.name.removesuffix(".jsonl"))]
    return found[0] if len(found) == 1 else None


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder))
    except OSError as error:
        raise DataError(f"Cannot read {folder}: {error.strerror}. Name the folder with the downloaded runs.") from None


def _is(path: Path, kind: object) -> bool:
    """Whether a path itself, not what a link leads to, is of a kind."""
    return bool(kind(path.lstat().st_mode))  # type: ignore[operator]


def _read(file: Path, lane: Lane, probes: Collection[str]) -> tuple[Run, ...]:
    if not _is(file, stat.S_ISREG):
        raise DataError("not a regular file")
    if file.stat().st_size > MAX_BYTES:
        raise DataError(f"more than {MAX_BYTES >> 20} MiB")
    if file.suffix != ".jsonl":
        raise DataError("not named *.jsonl")
    runs = tuple(serialize.load_run_file(file, keep=0))  # their verdicts may take twenty times as much memory
    if not runs:
        raise DataError("contains no run")
    for run in runs:
        _check_header(run.header, file, lane)
    count = sum(len(run.verdicts) for run in runs)
    if count > MAX_VERDICTS * 4 * max(1, len(probes)):
        raise DataError(f"{count} verdicts")
    named = {verdict.probe for run in runs for verdict in run.verdicts}
    if named and named.isdisjoint(probes):
        raise DataError("contains no known probe")
    return runs


def _check_header(header: Header, file: Path, lane: Lane) -> None:
    """The ID must follow from the facts, be one that the lane can have, and name the file."""
    try:
        derived = identify.target_id(header.facts, header.launcher)
    except (KeyError, TypeError, AttributeError):
        raise DataError("its facts do not make a target ID") from None
    if header.target != derived:
        raise DataError(f"its facts are those of {derived[:120]}, not of {header.target}")
    if not lane.admits(header.target):
        raise DataError(f"{header.target} is not a target of lane {lane.id}")
    if file.name != f"{header.target}.jsonl":
        raise DataError("not named after its target")


def _printable(text: str) -> str:
    """One short line of visible ASCII without commands: GitHub looks for `##[…]` anywhere in a line."""
    return "".join(char if " " <= char <= "~" and char != "#" else "?" for char in text)[:300]
