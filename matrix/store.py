"""JSON Lines in and out, checked against the schemas that ship in matrix/schema."""

from __future__ import annotations

import contextlib
import functools
import gc
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from pathlib import Path

from matrix import canonical, document, source
from matrix.errors import DataError, WriteError
from matrix.model import Cell, Ended, Header, Json, Matrix, Outcome, Output, Probe, Run, Verdict

SCHEMA = 1
"""Version of both formats that this code reads and writes."""

_FOLDER = Path(__file__).parent / "schema"
MAX_NAMES, MAX_NAME = 1000, 300
"""How many left-behind things of a kind are named, in how many characters: a line must fit the schema."""

RUN_SCHEMA, MATRIX_SCHEMA = "run-1.schema.json", "matrix-1.schema.json"
_PROBE = tuple(field.name for field in fields(Probe))
_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_SILENT, _NOTHING = {"text": "", "bytes": 0, "cut": False}, Output()
_EDITED = "It was not written by this version, or was edited."


LINES = ("header", "verdict", "end")
"""The kinds of line in a run file; each has a definition of its name in the schema."""


@functools.cache
def _validator(name: str, definition: str | None) -> Callable[[Json], Json]:
    """A compiled schema, or one definition of it: that says what is wrong more exactly than a `oneOf`."""
    import fastjsonschema

    schema = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    if definition:
        schema = {"definitions": schema["definitions"], "$ref": f"#/definitions/{definition}"}
    compiled: Callable[[Json], Json] = fastjsonschema.compile(schema)
    return compiled


def _check(data: Json, schema: str, definition: str | None, where: str) -> None:
    found = fault(data, schema, definition)
    if found:
        raise DataError(f"{where}: {found}. {_EDITED}")


def fault(data: Json, schema: str, definition: str | None = None) -> str:
    """What keeps data from being valid against a schema, or one definition of it; empty if nothing does."""
    import fastjsonschema

    try:
        _validator(schema, definition)(data)
    except fastjsonschema.JsonSchemaException as error:
        return str(error)[:300]
    return ""


# --- writing

dumps = document.dumps


def header_json(header: Header) -> Json:
    """The first line of a run as JSON data."""
    return {"kind": "header", "schema": SCHEMA, **asdict(header)}


def verdict_json(verdict: Verdict) -> Json:
    """A verdict's line as JSON data."""
    ended = verdict.ended
    return {
        "kind": "verdict",
        "probe": verdict.probe,
        "source_sha256": verdict.source_sha256,
        "method": verdict.method,
        "outcome": str(verdict.outcome),
        "value": verdict.value,
        "detail": verdict.detail,
        "observed": dict(verdict.observed),
        "attempt": verdict.attempt,
        "duration": ended.duration,
        "exit": {"code": ended.code, "signal": ended.signal, "status": ended.status},
        "leaks": {kind: [name[:MAX_NAME] for name in names[:MAX_NAMES]] for kind, names in ended.leaks.items()},
        "output": {"text": ended.output.text, "bytes": ended.output.bytes, "cut": ended.output.cut},
        "stacks": ended.stacks,
    }


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write a whole file, piece by piece, or leave the old one. Raises WriteError."""
    part = path.parent / (path.name + ".part")  # with_name() refuses what ends in no name, such as "."
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise WriteError(f"Cannot write {path}: {error.strerror}. Make room, or choose another path.") from None


# --- reading


def load_runs(paths: Iterable[Path]) -> list[Run]:
    """All runs in some files and folders. Raises DataError."""
    files = run_files(paths)
    with _collection_paused():
        return [run for file in files for run in load_run_file(file)]


@contextlib.contextmanager
def _collection_paused() -> Iterator[None]:
    """All that is read is kept and nothing of it refers back: there is no garbage to look for."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def run_files(paths: Iterable[Path]) -> list[Path]:
    """The files that are named, and each *.jsonl and *.jsonl.gz in the folders that are. Raises DataError."""
    files: list[Path] = []
    for path in paths:
        try:
            path.stat()
            if path.is_dir():
                files += sorted([*path.glob("*.jsonl"), *path.glob("*.jsonl.gz")])
            else:
                files.append(path)
        except FileNotFoundError:
            raise DataError(
                f"{path} does not exist. Run `nox -s probe` first, or name a folder of run files."
            ) from None
        except OSError as error:
            raise DataError(f"Cannot read {path}: {error.strerror}. Name a file or a folder of run files.") from None
    return files


def load_run_file(path: Path) -> list[Run]:
    """The runs in one file, in order; a torn last line of a killed job is dropped. Raises DataError."""
    runs: list[tuple[Header, list[Verdict], Json | None]] = []
    for kind, data in _entries(path):
        if kind == "header":
            runs.append((_header(data), [], None))
        elif kind == "verdict":
            runs[-1][1].append(data)
        else:
            header, verdicts, _ = runs[-1]
            runs[-1] = (header, verdicts, data)
    return [_run(header, verdicts, end or {}) for header, verdicts, end in runs]


def _entries(path: Path) -> Iterator[tuple[str, Json]]:
    """(kind, verdict or data) of each line of a run file, valid and in its place. Raises DataError."""
    begun = False
    for number, data in source.lines(path, canonical.line):
        if begun and isinstance(data, Verdict):
            yield "verdict", data
            continue
        where = f"{path}, line {number}"
        kind = _kind(data, where)
        if kind == "header":
            begun = True
        elif not begun:
            raise DataError(
                f"{where}: a {kind} line without a header before it. The file was edited or joined wrongly."
            )
        elif kind == "end":
            begun = not data["complete"]
        yield kind, _verdict(data) if kind == "verdict" else data


def _kind(data: Json, where: str) -> str:
    """What a line is. Raises DataError unless it is valid."""
    if isinstance(data, Verdict):
        return "verdict"
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind not in LINES:
        raise DataError(f"{where}: neither header, verdict nor end. It is no run file of canifork.")
    if kind == "header":
        _check_version(data, where)
    if not isinstance(data, canonical.Valid):
        _check(data, RUN_SCHEMA, kind, where)
    if kind == "header":
        _check_date(data["started"], where)
    return str(kind)


def _run(header: Header, verdicts: Sequence[Verdict], end: Mapping[str, Json]) -> Run:
    return Run(header=header, verdicts=tuple(verdicts), complete=bool(end.get("complete")), seconds=end.get("seconds"))


def _check_version(data: Json, where: str) -> None:
    version = data.get("schema")
    if isinstance(version, int) and version > SCHEMA:
        raise DataError(
            f"{where}: schema {version} is newer than this canifork, which reads {SCHEMA}. Update: git pull."
        )


def _check_date(text: str, where: str) -> None:
    """Raise DataError for a day that no calendar has: the pattern cannot tell."""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{where}: {text[:40]!r} is no date ({error}). {_EDITED}") from None


def _header(data: Json) -> Header:
    return Header(**{key: part for key, part in data.items() if key not in ("kind", "schema")})


def _verdict(data: Json) -> Verdict:
    """The verdict of a valid line. Its fields are named one by one: there are many lines."""
    end, said = data["exit"], data["output"]
    return Verdict(
        probe=data["probe"],
        source_sha256=data["source_sha256"],
        method=data["method"],
        outcome=_OUTCOMES[data["outcome"]],
        value=data["value"],
        detail=data["detail"],
        observed=data["observed"],
        attempt=data["attempt"],
        ended=Ended(
            code=end["code"],
            signal=end["signal"],
            status=end["status"],
            duration=data["duration"],
            output=Output(text=said["text"], bytes=said["bytes"], cut=said["cut"]) if said != _SILENT else _NOTHING,
            stacks=data["stacks"],
            leaks={kind: tuple(names) for kind, names in data["leaks"].items()},
        ),
    )


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
    _check_ids(matrix, "What was merged")
    frame = matrix_json(replace(matrix, cells=()))
    write_text(path, document.pieces({**frame, "cells": map(cell_json, matrix.cells)}))  # one by one: they are many


def load_matrix(path: Path) -> Matrix:
    """Read matrix.json. Raises DataError if it is not there, not JSON, newer, or not valid."""
    where = str(path)

    def check(part: str, item: Json) -> None:
        if part:
            _check(item, MATRIX_SCHEMA, part.removesuffix("s"), where)
        else:
            _check_version(item, where)

    data = document.read(path, check)
    frame = data
    if isinstance(data, dict):  # its items were checked one by one
        frame = {**data, **{part: [] for part in document.LISTS if isinstance(data.get(part), list)}}
    _check(frame, MATRIX_SCHEMA, None, where)
    matrix = matrix_of(data)
    for text in (matrix.generated, *(run["started"] for target in matrix.targets for run in target["runs"])):
        if text:
            _check_date(text, where)
    _check_ids(matrix, where)
    return matrix


def _check_ids(matrix: Matrix, where: str) -> None:
    """Raise DataError unless each id stands once, whatever its case (it names a file), and each cell has its place."""
    ids = {"target": [target["id"] for target in matrix.targets], "probe": [probe.id for probe in matrix.probes]}
    for kind, names in ids.items():
        seen: dict[str, str] = {}
        for name in names:
            if name.lower() in seen:
                other = seen[name.lower()]
                raise DataError(f"{where}: the {kind}s {other!r} and {name!r} would be one file. {_EDITED}")
            seen[name.lower()] = name
    places = {(cell.probe, cell.method, cell.target) for cell in matrix.cells}
    if len(places) != len(matrix.cells):
        raise DataError(f"{where}: a cell stands twice. {_EDITED}")
    lost = {probe for probe, _, _ in places} - {*ids["probe"]} | {target for _, _, target in places} - {*ids["target"]}
    if lost:
        raise DataError(f"{where}: a cell is of {min(lost)!r}, which is not listed. {_EDITED}")


def load_targets(path: Path) -> list[Mapping[str, Json]]:
    """Targets of a matrix without their answers. Raises DataError."""
    try:
        data = source.parse(path.read_bytes())
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. `python -m matrix ci receive` writes it.") from None
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}. `python -m matrix ci receive` writes it.") from None
    if not isinstance(data, list):
        raise DataError(f"{path} has no list of targets. `python -m matrix ci receive` writes it.")
    for target in data:
        _check(target, "matrix-1.schema.json", "target", str(path))
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
