"""The archive of runs: `runs/<month>/<target>/<start>-<hash>.jsonl.gz`, each content once, never edited."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from pathlib import Path

from matrix.files import atomic_write, serialize, untrusted_json
from matrix.model import Run


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


def newest(archive: Path, target: str, count: int) -> tuple[Path, ...]:
    """The newest run files of a target in an archive, the oldest first."""
    files = sorted(archive.glob(f"runs/*/{target}/*.jsonl.gz"), key=lambda file: file.name)
    return tuple(files[-count:])
