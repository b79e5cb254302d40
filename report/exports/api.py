"""The data endpoints: the same answers as the pages, for programs. Pure; one (path, bytes) after the other.

A cell is in api/v1/probe/<probe>.json, in the row of its method; docs/decisions/0010 says why it is not a file.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from msgspec import Raw, Struct, structs

import matrix.paths
from matrix.canonical_json import encoded
from matrix.files import matrix_rows
from matrix.files.serialize import probe_json
from matrix.model import Cell, Json, Outcome, Probe
from matrix.results.grouping import grouped
from matrix.results.labels import Label, LabelKind
from matrix.results.versions import series_text
from matrix.suite.sightings import Sighting
from report.model.matrix_index import DEFAULT_PROBE, MatrixIndex, default_method, probe_methods, tally
from report.model.outcome_styles import STYLES
from report.model.platforms import Interpreter
from report.model.values import IN_LINE
from report.model.version_pairs import CellChange, VersionPair, cell_changes, default_changes, default_methods
from report.views.changes import ChangesPage
from report.views.latest import Latest
from report.views.probe import cell_text

API = "api/v1"
SCHEMA = 1

SCHEMAS = (
    matrix.paths.SCHEMAS / "matrix-2.schema.json",
    matrix.paths.SCHEMAS / "run-1.schema.json",
    matrix.paths.SCHEMAS / "package-1.schema.json",
    matrix.paths.SCHEMAS / "seen-1.schema.json",
    Path(__file__).parent / "schema" / "api-1.schema.json",
)

COLUMNS = (
    "probe", "method", "target", "outcome", "value", "detail", "n", "agree", "documented", "agrees", "last_verified",
)  # fmt: skip
"""Of cells.csv.gz, in order."""

QUESTION_COLUMNS = ("probe", "question", "label", "kind", "wanted", "methods", "projects")
"""Of questions.csv, in order."""

_GREY = STYLES[Outcome.UNTESTED].light


def probe_files(
    index: MatrixIndex, labels: Mapping[str, Label], seen: Mapping[str, Iterable[Sighting]]
) -> Iterator[tuple[str, bytes]]:
    """Every question with its label, its sightings, its answers and their evidence, and its badge.

    labels and seen: by probe id.
    """
    names = [target["id"] for target in index.matrix.targets]
    rows = grouped(matrix_rows.rows(index.matrix), lambda row: row.probe)
    for probe in index.matrix.probes:
        label = labels[probe.id]
        data = {
            "schema": SCHEMA,
            "probe": probe_json(probe),
            "label": {**asdict(label), "text": str(label)},
            "seen": [sighting_json(one) for one in seen.get(probe.id, ())],
            "rows": [_named(row, names) for row in rows.get(probe.id, ())],
        }
        yield f"{API}/probe/{probe.id}.json", _json(data)
        yield f"{API}/badge/probe/{probe.id}.json", _json(probe_badge(probe, label, index))


def sighting_json(one: Sighting) -> Mapping[str, Json]:
    """A sighting as in data/seen.toml: what was not read is left out."""
    return {key: value for key, value in asdict(one).items() if value}


def seen_file(seen: Iterable[Sighting], index: MatrixIndex) -> tuple[str, bytes]:
    """All sightings of the matrix's questions, the newest first."""
    known = [sighting_json(one) for one in seen if not index.probes.keys().isdisjoint(one.questions)]
    return f"{API}/seen.json", _json({"schema": SCHEMA, "seen": known})


def _named(row: matrix_rows.Row, names: Sequence[str]) -> Mapping[str, Json]:
    """A row with each place under the name of its target: a file on its own has no list of them."""
    cells = {name: place for name, place in zip(names, row.cells, strict=True) if place is not None}
    return {**structs.asdict(row), "cells": cells}


class CellSummary(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A cell without its evidence; what is as usual is left out."""

    outcome: Outcome
    value: Json = None
    detail: str = ""
    documented: Json = None
    agrees: bool | None = None
    n: int = 1
    agree: int = 1
    stale: bool = False


def summary(cell: Cell) -> CellSummary:
    """A cell without its evidence."""
    return CellSummary(**{name: getattr(cell, name) for name in CellSummary.__struct_fields__})


def target_files(index: MatrixIndex) -> Iterator[tuple[str, bytes]]:
    """Every target with its cells, without the evidence, and its badge."""
    for row in index.matrix.targets:
        numbers: dict[bytes, int] = {}
        cells: dict[str, dict[str, int]] = {}
        for cell in index.by_target[row["id"]]:
            number = numbers.setdefault(encoded(summary(cell)), len(numbers))
            cells.setdefault(cell.probe, {})[cell.method] = number
        answers = [Raw(answer) for answer in numbers]
        data = {"schema": SCHEMA, "target": dict(row), "answers": answers, "cells": cells}
        yield f"{API}/target/{row['id']}.json", _json(data)
    for target in index.targets:
        yield f"{API}/badge/target/{target.id}.json", _json(target_badge(target, index))


def change_files(pages: Iterable[ChangesPage], index: MatrixIndex) -> Iterator[tuple[str, bytes]]:
    """Every pair of versions with its pairs, and what changed in each."""
    for page in pages:
        taken = [_pair(pair, index) for part in page.platforms for pair in part.pairs]
        data = {"schema": SCHEMA, "from": page.names[0], "to": page.names[1], "steps": taken}
        yield f"{API}/changes/{page.slug}.json", _json(data)


def latest_file(latest: Latest) -> tuple[str, bytes]:
    """What changed between the last two runs."""
    events = [
        {name: getattr(event, name) for name in ("kind", "probe", "method", "target", "before", "after", "rewritten")}
        for event in latest.events
    ]
    data = {"schema": SCHEMA, "before": latest.before or None, "after": latest.after, "events": events}
    return f"{API}/changes/latest.json", _json(data)


def schema_files() -> Iterator[tuple[str, bytes]]:
    """The JSON Schemas, at addresses that stay."""
    for path in SCHEMAS:
        yield f"{API}/schema/{path.name}", path.read_bytes()


def table(index: MatrixIndex) -> bytes:
    """cells.csv.gz: one line for each cell. What is not text is JSON; nothing is escaped for spreadsheets."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(cell) for cell in index.matrix.cells)
    return gzip.compress(out.getvalue().encode(), mtime=0)


def question_table(index: MatrixIndex, labels: Mapping[str, Label], projects: Mapping[str, int]) -> bytes:
    """questions.csv: one line for each question, in reading order. labels, and how many projects reported it: by id."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(QUESTION_COLUMNS)
    for probe in index.probes.values():
        label = labels[probe.id]
        methods, reported = " ".join(probe.methods), projects.get(probe.id, 0)
        writer.writerow([probe.id, probe.text, label, label.kind, probe.wanted, methods, reported])
    return out.getvalue().encode()


def _row(cell: Cell) -> list[str]:
    plain = (cell.probe, cell.method, cell.target, cell.outcome, cell.value, cell.detail, cell.n, cell.agree,
             cell.documented, cell.agrees, cell.last_verified)  # fmt: skip
    return [_text(value) for value in plain]


def _text(value: Json) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else IN_LINE.encode(value)


def target_badge(target: Interpreter, index: MatrixIndex) -> Mapping[str, Json]:
    """For shields.io: 'CPython 3.14.10 | default forkserver, 541 yes, 312 no'."""
    counted = tally(index.by_target[target.id])
    cell = index.by_probe.get((DEFAULT_PROBE, "none"), {}).get(target.id)
    parts = [f"default {method}"] if (method := default_method(target, cell)) else []
    parts += [f"{counted[style.outcome]} {style.word}" for style in (STYLES[Outcome.YES], STYLES[Outcome.NO])]
    return _badge(target.name, ", ".join(parts), _GREY)


def probe_badge(probe: Probe, label: Label, index: MatrixIndex) -> Mapping[str, Json]:
    """For shields.io: the question's label, and what the newest release of the first platform's main line answers."""
    if not index.platforms:
        return _badge(probe.id, "untested", _GREY)
    platform = index.platforms[0]
    newest = platform.builds[0].members[-1]
    cells = [cell for method in probe_methods(probe) if (cell := index.cells(probe, method).get(newest.id))]
    answers = ", ".join(_answer(cell, probe) for cell in cells) or "untested"
    outcomes = {cell.outcome for cell in cells}
    plain = outcomes in ({Outcome.YES}, {Outcome.NO})
    colour = STYLES[next(iter(outcomes))].light if plain else _GREY
    word = f"{label}: " if str(label) and label.kind is not LabelKind.INFORMATION else ""
    return _badge(probe.id, f"{word}{answers} ({platform.title} {series_text(newest.version.series)})", colour)


def _answer(cell: Cell, probe: Probe) -> str:
    word = cell_text(cell, probe) if cell.outcome is Outcome.VALUE else STYLES[cell.outcome].word
    return word if cell.method == "none" else f"{cell.method} {word}"


def _badge(label: str, message: str, colour: str) -> Mapping[str, Json]:
    return {"schemaVersion": 1, "label": label, "message": message, "color": colour}


def _pair(pair: VersionPair, index: MatrixIndex) -> Mapping[str, Json]:
    methods = default_methods(pair, index)
    relied = (
        default_changes(pair, index, methods.old, methods.new)
        if methods.old and methods.new and methods.switched
        else ()
    )
    return {
        "platform": pair.platform.slug,
        "build": pair.label,
        "from": pair.old.id,
        "to": pair.new.id,
        "default": {"from": methods.old, "to": methods.new},
        "events": [_cell_change(change) for change in cell_changes(pair, index)],
        "default_events": [_cell_change(change) for change in relied],
    }


def _cell_change(change: CellChange) -> Mapping[str, Json]:
    before, after = _side(change.was, change.old), _side(change.method, change.new)
    return {
        "kind": change.kind,
        "probe": change.probe.id,
        "rewritten": change.rewritten,
        "before": before,
        "after": after,
    }


def _side(method: str, cell: Cell) -> Mapping[str, Json]:
    return {"method": method, "outcome": str(cell.outcome), "value": cell.value, "detail": cell.detail}


def _json(data: Json) -> bytes:
    return encoded(data) + b"\n"
