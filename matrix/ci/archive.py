"""The archive of runs: `runs/<month>/<target>/<start>-<hash>.jsonl.gz`, each content once, never edited.

It is a branch of the repository, which every clone gets: so it has one commit, and older runs are thinned out.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from pathlib import Path

from matrix.errors import DataError, WriteError
from matrix.files import atomic_write, serialize, untrusted_json
from matrix.model import Run

RECENT = 10
"""Of each target, so many newest runs are kept; of the others, the first of each month."""


def store(files: Iterable[Path], archive: Path) -> tuple[Path, ...]:
    """Add run files to an archive; returns those that were not there yet. Raises DataError, WriteError."""
    new = []
    for file in files:
        runs = serialize.load_run_file(file)
        if not runs:
            continue
        data = untrusted_json.whole(file)
        place = _place(archive, runs[-1], data)
        # The name begins with the run's start; the same content may stand there only once, whatever its name.
        if any(place.parent.glob(f"*-{place.name.rpartition('-')[2]}")):
            continue
        atomic_write.write_bytes(place, [gzip.compress(data, 9, mtime=0)])
        new.append(place)
    return tuple(new)


def _place(archive: Path, run: Run, data: bytes) -> Path:
    start = run.header.started
    digest = hashlib.sha256(data).hexdigest()[:32]
    return archive / "runs" / start[:7] / run.header.target / f"{start.replace(':', '')}-{digest}.jsonl.gz"


def thin(archive: Path) -> tuple[Path, ...]:
    """Remove runs that are neither among a target's newest nor a month's first; returns them. Raises WriteError."""
    removed = []
    for target in targets(archive):
        files = newest(archive, target, None)
        months: dict[str, Path] = {}
        for file in files:
            months.setdefault(file.parent.parent.name, file)
        removed += [file for file in files[:-RECENT] if file not in months.values()]
    for file in removed:
        try:
            file.unlink()
        except OSError as error:
            raise WriteError(f"Cannot remove {file}: {error.strerror}.") from None
    return tuple(removed)


def targets(archive: Path) -> tuple[str, ...]:
    """The IDs of the targets that an archive has runs of."""
    return tuple(sorted({folder.name for folder in archive.glob("runs/*/*")}))


def load(files: Iterable[Path]) -> tuple[list[Run], list[str]]:
    """The runs in archived files, and why some files were skipped: one that is damaged must not stop the others."""
    runs: list[Run] = []
    skipped = []
    for file in files:
        try:
            runs += serialize.load_run_file(file)
        except DataError as error:
            skipped.append(str(error))
    return runs, skipped


def newest(archive: Path, target: str, count: int | None) -> tuple[Path, ...]:
    """The newest run files of a target in an archive, the oldest first; all of them without a count."""
    files = sorted(archive.glob(f"runs/*/{target}/*.jsonl.gz"), key=lambda file: file.name)
    return tuple(files[-count:] if count else files)
