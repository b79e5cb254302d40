"""The archive of runs: `runs/<month>/<target>/<start>-<hash>.jsonl.gz`, each content once, never edited."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from pathlib import Path

from matrix.errors import WriteError
from matrix.files import serialize
from matrix.model import Run


def store(files: Iterable[Path], archive: Path) -> tuple[Path, ...]:
    """Add run files to an archive; returns those that were not there yet. Raises DataError, WriteError."""
    new = []
    for file in files:
        runs = serialize.load_run_file(file)
        if not runs:
            continue
        try:
            data = file.read_bytes()
            place = _place(archive, runs[-1], data)
            # The name begins with the run's start; the same content may stand there only once, whatever its name.
            if any(place.parent.glob(f"*-{place.name.rpartition('-')[2]}")):
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            part = place.with_name(place.name + ".part")
            part.write_bytes(gzip.compress(data, 9, mtime=0))
            part.replace(place)
        except OSError as error:
            raise WriteError(f"Cannot write below {archive}: {error.strerror}. Make room, or choose another.") from None
        new.append(place)
    return tuple(new)


def _place(archive: Path, run: Run, data: bytes) -> Path:
    start = run.header.started
    digest = hashlib.sha256(data).hexdigest()[:32]
    return archive / "runs" / start[:7] / run.header.target / f"{start.replace(':', '')}-{digest}.jsonl.gz"


def newest(archive: Path, target: str, count: int) -> tuple[Path, ...]:
    """The newest run files of a target in an archive, the oldest first."""
    files = sorted(archive.glob(f"runs/*/{target}/*.jsonl.gz"), key=lambda file: file.name)
    return tuple(files[-count:])
