"""What the scripts of the first page need beside its table: a search index, and every answer by target. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter

from matrix.model import Cell, Json, Outcome, Probe
from report.model.matrix_index import Board, probe_methods
from report.model.outcome_styles import STATES
from report.model.values import shorten

MAX_MESSAGES = 4
"""Messages of one question that can be searched for, the most frequent."""

MAX_MESSAGE = 160
MAX_VALUE = 400

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+|\d+")


def search_index(board: Board) -> list[Json]:
    """[id, question, theme's question, what people ask, messages that were seen] of every question."""
    return [
        [probe.id, probe.text, board.titles[probe.theme], list(probe.asked), messages(probe, board)]
        for probe in board.matrix.probes
    ]


def messages(probe: Probe, board: Board) -> list[str]:
    """What interpreters said when the answer was no, or worse; those that differ in numbers only are one."""
    seen: dict[str, str] = {}
    tally: Counter[str] = Counter()
    for method in probe_methods(probe):
        for cell in board.cells(probe, method).values():
            if cell.detail and cell.outcome in (Outcome.NO, Outcome.CRASH, Outcome.HANG, Outcome.UNAVAILABLE):
                key = _ADDRESS.sub("0", cell.detail)
                seen.setdefault(key, shorten(cell.detail, MAX_MESSAGE))
                tally[key] += 1
    return [seen[key] for key, _ in sorted(tally.items(), key=lambda item: (-item[1], item[0]))[:MAX_MESSAGES]]


def answers(board: Board) -> dict[str, Json]:
    """{targets: [id], cells: {'probe method': [a letter for each target, its value]}}: the states' classes.

    A measured number has no value here: it is another one on every machine.
    """
    targets = [target["id"] for target in board.matrix.targets]
    cells: dict[str, Json] = {}
    for probe in board.matrix.probes:
        for method in probe_methods(probe):
            found = [board.cells(probe, method).get(target) for target in targets]
            letters = "".join(STATES[cell.outcome if cell else Outcome.UNTESTED].css for cell in found)
            values = [_value(cell, probe) for cell in found]
            cells[f"{probe.id} {method}"] = [letters, values] if any(one is not None for one in values) else [letters]
    return {"targets": targets, "cells": cells}


def _value(cell: Cell | None, probe: Probe) -> str | None:
    """A value as JavaScript writes it: a text as it is, all else as JSON without spaces."""
    if cell is None or cell.outcome is not Outcome.VALUE or probe.measured:
        return None
    text = (
        cell.value if isinstance(cell.value, str) else json.dumps(cell.value, ensure_ascii=False, separators=(",", ":"))
    )
    return shorten(text, MAX_VALUE)
