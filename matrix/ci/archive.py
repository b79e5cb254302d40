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
"""Of each series on a platform, so many newest runs are kept; of others, each target's first of a month."""


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
    """Remove runs that are neither among the newest of a series, nor a target's first of a month; returns them.

    Raises WriteError.
    """
    by_series: dict[str, list[Path]] = {}
    kept: set[Path] = set()
    for target in targets(archive):
        files = newest(archive, target, None)
        by_series.setdefault(series(target), []).extend(files)
        kept |= set({file.parent: file for file in reversed(files)}.values())
    for all_files in by_series.values():
        kept |= set(sorted(all_files, key=lambda file: file.name)[-RECENT:])
    removed = [file for all_files in by_series.values() for file in all_files if file not in kept]
    for file in removed:
        try:
            file.unlink()
        except OSError as error:
            raise WriteError(f"Cannot remove {file}: {error.strerror}.") from None
    return tuple(removed)


def series(target: str) -> str:
    """A target's ID without its patch release: a lane has another target with each of them."""
    name, _, rest = target.partition("-")
    version, _, platform = rest.partition("-")
    release, plus, build = version.partition("+")
    return f"{name}-{'.'.join(release.split('.')[:2])}{plus}{build}-{platform}"


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
