"""The data endpoints: the same answers as the pages, for programs. Pure; one (path, bytes) after the other.

A cell is in api/v1/cells/<probe>/<target>.json under its method; docs/decisions say why it is no file of its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import matrix.paths
from matrix.files.matrix_file import encoded_cell
from matrix.files.serialize import cell_json, dumps, probe_json
from matrix.model import Cell, Json, Outcome, Probe
from report.model.matrix_index import Board, default_method, probe_methods, tally
from report.model.outcome_styles import STATES
from report.model.platforms import Interpreter
from report.model.values import IN_LINE
from report.model.version_pairs import Shift, Step, default_shifts, defaults, shifts
from report.views.changes import ChangesPage
from report.views.latest import Latest
from report.views.probe import cell_text

API = "api/v1"
SCHEMA = 1

SCHEMAS = (
    matrix.paths.SCHEMAS / "matrix-1.schema.json",
    matrix.paths.SCHEMAS / "run-1.schema.json",
    Path(__file__).parent / "schema" / "api-1.schema.json",
)

COLUMNS = (
    "probe", "method", "target", "outcome", "value", "detail", "n", "agree", "documented", "agrees", "last_verified",
)  # fmt: skip
"""Of cells.csv, in order."""

_COLOURS = {Outcome.YES: "0b655d", Outcome.NO: "9c3a06"}
_GREY = "5b6068"


def probe_files(board: Board) -> Iterator[tuple[str, bytes]]:
    """Every question with its cells, in one file and in one for each target, and its badge."""
    for probe in board.matrix.probes:
        answers = [board.cells(probe, method) for method in probe_methods(probe)]
        found = (said.get(target["id"]) for target in board.matrix.targets for said in answers)
        by_target: dict[str, dict[str, bytes]] = {}
        for cell in found:
            if cell:
                by_target.setdefault(cell.target, {})[cell.method] = encoded_cell(cell_json(cell))
        rows = b",".join(row for methods in by_target.values() for row in methods.values())
        yield (
            f"{API}/probe/{probe.id}.json",
            _with_cells(b"[%b]" % rows, {"schema": SCHEMA, "probe": probe_json(probe)}),
        )
        yield f"{API}/badge/probe/{probe.id}.json", _json(probe_badge(probe, board))
        for target, methods in by_target.items():
            pairs = b",".join(b'"%b":%b' % (method.encode(), methods[method]) for method in sorted(methods))
            data = {"schema": SCHEMA, "probe": probe.id, "target": target}
            yield f"{API}/cells/{probe.id}/{target}.json", _with_cells(b"{%b}" % pairs, data)


def target_files(board: Board) -> Iterator[tuple[str, bytes]]:
    """Every target with its cells, less the evidence, and its badge."""
    for row in board.matrix.targets:
        cells = b",".join(encoded_cell({**cell_json(cell), "evidence": {}}) for cell in board.by_target[row["id"]])
        data = {"schema": SCHEMA, "target": dict(row)}
        yield f"{API}/target/{row['id']}.json", _with_cells(b"[%b]" % cells, data)
    for one in (one for place in board.platforms for one in place.members):
        yield f"{API}/badge/target/{one.id}.json", _json(target_badge(one, board))


def change_files(pages: Iterable[ChangesPage], board: Board) -> Iterator[tuple[str, bytes]]:
    """Every pair of versions with its steps, and what changed in each."""
    for page in pages:
        taken = [_step(step, board) for part in page.platforms for step in part.steps]
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


def table(board: Board) -> bytes:
    """cells.csv: one line for each cell. What is no text is JSON; nothing is escaped for spreadsheets."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(cell) for cell in board.matrix.cells)
    return out.getvalue().encode()


def _row(cell: Cell) -> list[str]:
    plain = (cell.probe, cell.method, cell.target, cell.outcome, cell.value, cell.detail, cell.n, cell.agree,
             cell.documented, cell.agrees, cell.last_verified)  # fmt: skip
    return [_text(value) for value in plain]


def _text(value: Json) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else IN_LINE.encode(value)


def target_badge(one: Interpreter, board: Board) -> Mapping[str, Json]:
    """For shields.io: 'CPython 3.14.10 | default forkserver, 541 yes, 312 no'."""
    counted = tally(board.by_target[one.id])
    cell = board.answers.get(("defaults.start_method", "none"), {}).get(one.id)
    parts = [f"default {method}"] if (method := default_method(one, cell)) else []
    parts += [f"{counted[state.outcome]} {state.word}" for state in (STATES[Outcome.YES], STATES[Outcome.NO])]
    return _badge(one.name, ", ".join(parts), _GREY)


def probe_badge(probe: Probe, board: Board) -> Mapping[str, Json]:
    """For shields.io: what the newest release of the first platform's main line answers under each method."""
    if not board.platforms:
        return _badge(probe.id, "untested", _GREY)
    place = board.platforms[0]
    newest = place.builds[0].members[-1]
    cells = [cell for m in probe_methods(probe) if (cell := board.cells(probe, m).get(newest.id))]
    said = [" ".join(_said(cell, probe)) for cell in cells]
    outcomes = {cell.outcome for cell in cells}
    colour = _COLOURS.get(next(iter(outcomes)), _GREY) if len(outcomes) == 1 else _GREY
    where = f" ({place.title} {newest.version.major}.{newest.version.minor})"
    return _badge(probe.id, (", ".join(said) or "untested") + where, colour)


def _said(cell: Cell, probe: Probe) -> tuple[str, ...]:
    word = cell_text(cell, probe) if cell.outcome is Outcome.VALUE else STATES[cell.outcome].word
    return (word,) if cell.method == "none" else (cell.method, word)


def _badge(label: str, message: str, colour: str) -> Mapping[str, Json]:
    return {"schemaVersion": 1, "label": label, "message": message, "color": colour}


def _step(step: Step, board: Board) -> Mapping[str, Json]:
    was, now = defaults(step, board)
    relied = default_shifts(step, board, was, now) if was and now and was != now else ()
    return {
        "platform": step.platform.slug,
        "build": step.label,
        "from": step.old.id,
        "to": step.new.id,
        "default": {"from": was, "to": now},
        "events": [_shift(shift) for shift in shifts(step, board)],
        "default_events": [_shift(shift) for shift in relied],
    }


def _shift(shift: Shift) -> Mapping[str, Json]:
    before, after = _side(shift.was, shift.old), _side(shift.method, shift.new)
    return {"kind": shift.kind, "probe": shift.probe.id, "rewritten": shift.rewritten, "before": before, "after": after}


def _side(method: str, cell: Cell) -> Mapping[str, Json]:
    return {"method": method, "outcome": str(cell.outcome), "value": cell.value, "detail": cell.detail}


def _with_cells(cells: bytes, data: Mapping[str, Json]) -> bytes:
    """A document with cells that are encoded already, since each is in two; "cells" is the first of its keys."""
    return b'{"cells":%b,%b\n' % (cells, dumps(data).encode().removeprefix(b"{"))


def _json(data: Json) -> bytes:
    return f"{dumps(data)}\n".encode()
