"""What is published, as a matrix to compare with: a matrix.json, or the site's files of some targets."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from matrix.errors import DataError
from matrix.files import serialize, untrusted_json
from matrix.model import Cell, Json, Matrix, Probe

LIMITS = untrusted_json.Limits(file=2**26, line=2**26, what="file of a target")


def load(path: Path | None, probes: Iterable[Probe]) -> Matrix | None:
    """The published matrix, None if there is none: a file that cannot be read is no reason to lose what was measured.

    path is a matrix.json, or a folder of `api/v1/target/TARGET.json`: a job needs that of its own target only.
    """
    if path is None or not path.exists():
        return None
    try:
        return _folder(path, tuple(probes)) if path.is_dir() else serialize.load_matrix(path)
    except DataError as error:
        print(f"Not compared with the published matrix: {error}", file=sys.stderr)
        return None


def _folder(folder: Path, probes: tuple[Probe, ...]) -> Matrix | None:
    """Raises DataError."""
    files = [_data(file) for file in sorted(folder.glob("*.json"))]
    if not files:
        return None
    return Matrix(
        targets=tuple(target for target, _ in files),
        probes=probes,
        cells=tuple(cell for _, cells in files for cell in cells),
        sources={},
        suite={},
        generated="",
    )


def _data(file: Path) -> tuple[Mapping[str, Json], list[Cell]]:
    """The target and its cells. The site leaves out what is as usual, and all evidence."""
    try:
        data = untrusted_json.parse(untrusted_json.head(file, LIMITS.file, LIMITS))
        place = {"target": data["target"]["id"]}
        cells = [
            msgspec.convert({**data["answers"][number], **place, "probe": probe, "method": method}, Cell)
            for probe, methods in data["cells"].items()
            for method, number in methods.items()
        ]
    except (msgspec.ValidationError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DataError(f"{file} is not the site's file of a target: {error!r}.") from None
    return data["target"], cells
