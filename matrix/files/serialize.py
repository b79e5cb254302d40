"""JSON out, and matrix.json in, checked against the schemas that ship in matrix/files/schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import msgspec

from matrix.canonical_json import dumps
from matrix.errors import DataError
from matrix.files import atomic_write, matrix_file, untrusted_json
from matrix.files.run_reader import collection_paused, load_run_file, load_runs, run_files, survey
from matrix.files.schema_checks import (
    EDITED,
    MATRIX_SCHEMA,
    RUN_SCHEMA,
    SCHEMA,
    check,
    check_date,
    check_version,
    fault,
)
from matrix.model import Cell, End, Header, Json, Matrix, Outcome, Probe, Verdict

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
    """A matrix as JSON data, valid against matrix-1.schema.json."""
    return {
        "schema": SCHEMA,
        "generated": matrix.generated,
        "suite": dict(matrix.suite),
        "targets": [dict(target) for target in matrix.targets],
        "probes": [probe_json(probe) for probe in matrix.probes],
        "sources": dict(matrix.sources),
        "cells": [cell_json(cell) for cell in matrix.cells],
    }


def probe_json(probe: Probe) -> Json:
    """A probe as in matrix.json."""
    return {name: getattr(probe, name) for name in _PROBE} | {
        "documented": [list(pair) for pair in probe.documented],
        "methods": list(probe.methods),
        "asked": list(probe.asked),
    }


def cell_json(cell: Cell) -> Json:
    """A cell as in matrix.json. Not by asdict(), which would copy all evidence: there are many cells."""
    return {
        "agrees": cell.agrees,
        "detail": cell.detail,
        "documented": cell.documented,
        "evidence": cell.evidence,
        "last_verified": cell.last_verified,
        "method": cell.method,
        "outcome": str(cell.outcome),
        "probe": cell.probe,
        "runs": {"agree": cell.agree, "n": cell.n},
        "stale": cell.stale,
        "target": cell.target,
        "value": cell.value,
    }


def save_matrix(matrix: Matrix, path: Path) -> None:
    """Write matrix.json. Raises WriteError."""
    _check_ids(matrix, "The merged matrix")
    frame = matrix_json(replace(matrix, cells=()))
    cells = map(cell_json, matrix.cells)  # one by one: they are many
    atomic_write.write_text(path, matrix_file.pieces({**frame, "cells": cells}))


def load_matrix(path: Path) -> Matrix:
    """Read matrix.json. Raises DataError if it does not exist, is not JSON, newer, or not valid."""
    where = str(path)

    def check_part(part: str, item: Json) -> None:
        if part:
            check(item, MATRIX_SCHEMA, part.removesuffix("s"), where)
        else:
            check_version(item, where)

    data = matrix_file.read(path, check_part)
    frame = data
    if isinstance(data, dict):  # its items were checked one by one
        frame = {**data, **{part: [] for part in matrix_file.LISTS if isinstance(data.get(part), list)}}
    check(frame, MATRIX_SCHEMA, None, where)
    matrix = matrix_of(data)
    for text in (matrix.generated, *(run["started"] for target in matrix.targets for run in target["runs"])):
        if text:
            check_date(text, where)
    _check_ids(matrix, where)
    return matrix


def _check_ids(matrix: Matrix, where: str) -> None:
    """Raise DataError unless IDs are unique in any case (they name files), and cells are unique and of known IDs."""
    ids = {"target": [target["id"] for target in matrix.targets], "probe": [probe.id for probe in matrix.probes]}
    for kind, names in ids.items():
        seen: dict[str, str] = {}
        for name in names:
            if name.lower() in seen:
                other = seen[name.lower()]
                what = "duplicate" if other == name else f"{other!r} differs only in case from the"
                raise DataError(f"{where}: {what} {kind} {name!r}. {EDITED}")
            seen[name.lower()] = name
    places = {(cell.probe, cell.method, cell.target) for cell in matrix.cells}
    if len(places) != len(matrix.cells):
        raise DataError(f"{where}: duplicate cell. {EDITED}")
    lost = {probe for probe, _, _ in places} - {*ids["probe"]} | {target for _, _, target in places} - {*ids["target"]}
    if lost:
        raise DataError(f"{where}: a cell refers to {min(lost)!r}, which is not listed. {EDITED}")


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
        check(target, "matrix-1.schema.json", "target", str(path))
    return data


def matrix_of(data: Mapping[str, Json]) -> Matrix:
    """The matrix that valid JSON data describe."""
    return Matrix(
        targets=tuple(data["targets"]),
        probes=tuple(_probe_of(row) for row in data["probes"]),
        cells=tuple(_cell_of(row) for row in data["cells"]),
        sources=data["sources"],
        suite=data["suite"],
        generated=data["generated"],
    )


def _probe_of(row: Mapping[str, Json]) -> Probe:
    lists = {
        "documented": tuple((key, answer) for key, answer in row["documented"]),
        "methods": tuple(row["methods"]),
        "asked": tuple(row["asked"]),
    }
    return Probe(**{**row, **lists})


def _cell_of(row: Mapping[str, Json]) -> Cell:
    fields = {key: part for key, part in row.items() if key not in ("runs", "outcome")}
    return Cell(**fields, outcome=Outcome(row["outcome"]), **row["runs"])
