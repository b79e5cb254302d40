"""Measurements and locks that another machine left -> data/packages: read as hostile, for packages ran code there."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from matrix import options
from matrix.errors import DataError, Status
from matrix.files import atomic_write
from matrix.packages import measurement, recipes
from matrix.packages.environments import lock_path
from matrix.packages.measurement import Measurement
from matrix.packages.recipes import Recipe
from matrix.system import safe_read

MAX_SIZE = 4 * 2**20
"""Bytes of one file."""

LOCK = re.compile(
    r"# [\w.<>=,\[\] -]+\n(?:[a-z0-9][a-z0-9._-]*(?:\[[\w,-]+\])?==[\w.+!-]+(?: ; [\w.'\" <>=()-]+)? \\\n"
    r"(?:    --hash=sha256:[0-9a-f]{64} \\\n)*    --hash=sha256:[0-9a-f]{64}\n)+"
)
"""A lock: what was asked for, then names, versions and hashes, and nothing that an installer would obey otherwise."""

SERIES = re.compile(r"3\.\d{1,2}t?")


def add(commands: options.Subparsers) -> None:
    """Add `receive-packages`."""
    parser = options.command(commands, "receive-packages", "take measurements of packages that a CI job left", run)
    parser.add_argument("folder", type=Path, help="a folder for each job, with NAME.json and locks/SERIES/NAME.txt")
    parser.add_argument("--out", type=Path, default=measurement.FOLDER, metavar="DIR", help="default: data/packages")


def run(given: argparse.Namespace) -> int:
    """Put what is valid into the folder; status 1 if anything was refused, which is told."""
    known = {recipe.name: recipe for recipe in recipes.load()}
    refused = [*_measurements(given.folder, given.out, known), *_locks(given.folder, given.out, known)]
    for line in refused:
        print(f"refused: {line}")
    return Status.ERRORS if refused else Status.DONE


def _measurements(folder: Path, out: Path, known: Mapping[str, Recipe]) -> Iterator[str]:
    """Save the measurements of the present recipes; yields why a file is refused."""
    for path in sorted(folder.glob("*/*.json")):
        try:
            measurement.save(path.stem, valid(_checked(path, known), known[path.stem]), out)
        except DataError as error:
            yield str(error)


def _checked(path: Path, known: Mapping[str, Recipe]) -> tuple[Measurement, ...]:
    if path.stem not in known:
        raise DataError(f"{path}: there is no such recipe.")
    return measurement.parse(_bytes(path), path).measurements


def _bytes(path: Path) -> bytes:
    """What is in a file of another machine. Raises DataError if it is no plain file, or too long."""
    try:
        return safe_read.read(path, MAX_SIZE)
    except (OSError, safe_read.UnsafeFileError) as error:
        raise DataError(f"{path}: {getattr(error, 'strerror', '') or f'it is {error}'}.") from None


def valid(rows: Iterable[Measurement], recipe: Recipe) -> tuple[Measurement, ...]:
    """The measurements that may be published: by the present recipe and questions, each cell seen three times."""
    return tuple(row for row in rows if row.source_sha256 == recipe.sha256 and all(cell.n >= 3 for cell in row.cells))


def _locks(folder: Path, out: Path, known: Mapping[str, Recipe]) -> Iterator[str]:
    """Save locks; yields why one is refused. Only those of Linux are kept: other systems resolve to other wheels."""
    for path in sorted(folder.glob("*-Linux-*/locks/*/*.txt")):
        series, name = path.parent.name, path.stem
        try:
            text = _bytes(path).decode("utf-8", "replace").replace("\r\n", "\n")
        except DataError as error:
            yield str(error)
            continue
        if name not in known or not SERIES.fullmatch(series) or not LOCK.fullmatch(text):
            yield f"{path}: not a lock of a known package."
            continue
        target = lock_path(name, series, out)
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic_write.write_text(target, [text])
