"""JSON out, and matrix.json in, checked against the schemas that ship in matrix/files/schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec

from matrix.canonical_json import dumps
from matrix.errors import DataError
from matrix.files import atomic_write, matrix_1, matrix_file, matrix_rows, untrusted_json
from matrix.files.run_reader import collection_paused, load_run_file, load_runs, run_files, survey
from matrix.files.schema_checks import (
    EDITED,
    MATRIX_1_SCHEMA,
    MATRIX_SCHEMA,
    MATRIX_VERSION,
    RUN_SCHEMA,
    check,
    check_date,
    check_version,
    fault,
)
from matrix.model import Cell, End, Header, Json, Matrix, Probe, Verdict

__all__ = [
    "MATRIX_SCHEMA",
    "RUN_SCHEMA",
    "collection_paused",
    "dumps",
    "fault",
    "load_run_file",
    "load_runs",
    "run_files",
    "survey",
]  # read elsewhere

_PROBE = tuple(field.name for field in fields(Probe))


def line_json(line: Header | Verdict | End) -> Json:
    """A line of a run file as JSON data, valid against run-1.schema.json."""
    return msgspec.to_builtins(line)


# --- the matrix


def matrix_json(matrix: Matrix) -> Json:
    """A matrix as JSON data, valid against matrix-2.schema.json."""
    parts = _parts(matrix) | {"rows": [msgspec.to_builtins(row) for row in matrix_rows.rows(matrix)]}
    return {"schema": MATRIX_VERSION, **parts}


def _parts(matrix: Matrix) -> dict[str, Json]:
    """All that is in matrix.json besides the rows."""
    return {
        "generated": matrix.generated,
        "suite": dict(matrix.suite),
        "targets": [dict(target) for target in matrix.targets],
        "probes": [probe_json(probe) for probe in matrix.probes],
        "sources": dict(matrix.sources),
    }


def probe_json(probe: Probe) -> Json:
    """A probe as in matrix.json."""
    return {name: getattr(probe, name) for name in _PROBE} | {
        "documented": [list(pair) for pair in probe.documented],
        "methods": list(probe.methods),
        "asked": list(probe.asked),
    }


def save_matrix(matrix: Matrix, path: Path) -> None:
    """Write matrix.json. Raises WriteError, or DataError if load_matrix() would refuse it."""
    _check_ids(matrix, "The merged matrix")
    parts = _parts(matrix) | {"rows": matrix_rows.rows(matrix)}
    atomic_write.write_bytes(path, matrix_file.pieces(MATRIX_VERSION, parts))


def load_matrix(path: Path) -> Matrix:
    """Read matrix.json, of schema 1 or 2. Raises DataError if it does not exist, is not JSON, newer, or not valid."""
    where = str(path)

    def read_item(version: int, part: str, item: bytes | Json) -> Any:
        if part == "rows":
            return matrix_rows.parse(item, where) if isinstance(item, bytes) else matrix_rows.checked(item, where)
        data = untrusted_json.parse(item) if isinstance(item, bytes) else item
        check(data, _schema(version), part.removesuffix("s"), where)
        return data

    def check_matrix_version(data: Json) -> None:
        check_version(data, where, MATRIX_VERSION)

    parts = matrix_file.read(path, check_matrix_version, read_item)
    frame = {**parts, **{name: [] for name in matrix_file.LISTS if isinstance(parts.get(name), list)}}
    check(frame, _schema(parts.get("schema")), None, where)
    for text in (parts["generated"], *(run["started"] for target in parts["targets"] for run in target["runs"])):
        if text:
            check_date(text, where)
    _check_unique("target", [target["id"] for target in parts["targets"]], where)
    matrix = Matrix(
        targets=tuple(parts["targets"]),
        probes=tuple(map(_probe_of, parts["probes"])),
        cells=_cells(parts, where),
        sources=parts["sources"],
        suite=parts["suite"],
        generated=parts["generated"],
    )
    _check_ids(matrix, where)
    return matrix


def _schema(version: Json) -> str:
    return MATRIX_1_SCHEMA if version == 1 else MATRIX_SCHEMA


def _cells(parts: Mapping[str, Any], where: str) -> tuple[Cell, ...]:
    if "cells" in parts:
        return matrix_1.cells(parts["cells"], parts["targets"], where)
    return matrix_rows.cells(parts["rows"], parts["targets"], where)


def _check_ids(matrix: Matrix, where: str) -> None:
    """Raise DataError unless IDs are unique in any case (they name files), and cells are unique and of known IDs."""
    ids = {"target": [target["id"] for target in matrix.targets], "probe": [probe.id for probe in matrix.probes]}
    for kind, names in ids.items():
        _check_unique(kind, names, where)
    places = {(cell.probe, cell.method, cell.target) for cell in matrix.cells}
    if len(places) != len(matrix.cells):
        raise DataError(f"{where}: duplicate cell. {EDITED}")
    lost = {probe for probe, _, _ in places} - {*ids["probe"]} | {target for _, _, target in places} - {*ids["target"]}
    if lost:
        raise DataError(f"{where}: a cell refers to {min(lost)!r}, which is not listed. {EDITED}")


def _check_unique(kind: str, names: Iterable[str], where: str) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            other = seen[name.lower()]
            what = "duplicate" if other == name else f"{other!r} differs only in case from the"
            raise DataError(f"{where}: {what} {kind} {name!r}. {EDITED}")
        seen[name.lower()] = name


def load_targets(path: Path) -> list[Mapping[str, Json]]:
    """A list of targets as in matrix.json, without answers. Raises DataError."""
    try:
        data = untrusted_json.parse(path.read_bytes())
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. `python -m matrix ci receive` writes it.") from None
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}. `python -m matrix ci receive` writes it.") from None
    if not isinstance(data, list):
        raise DataError(f"{path} has no list of targets. `python -m matrix ci receive` writes it.")
    for target in data:
        check(target, MATRIX_SCHEMA, "target", str(path))
    return data


def _probe_of(row: Mapping[str, Json]) -> Probe:
    lists = {
        "documented": tuple((key, answer) for key, answer in row["documented"]),
        "methods": tuple(row["methods"]),
        "asked": tuple(row["asked"]),
    }
    return Probe(**{**row, **lists})
