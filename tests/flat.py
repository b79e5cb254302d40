"""A matrix as flat JSON data, one object for each cell with all its evidence: what schema 1 was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from matrix.files import serialize
from matrix.model import Attempt, Cell, Matrix


def cell(one: Cell) -> dict[str, Any]:
    """A cell as schema 1 had it."""
    alike = Attempt(detail=one.detail, outcome=one.outcome, run=one.run, value=one.value)
    evidence: dict[str, Any] = {}
    if one.evidence:
        evidence = msgspec.to_builtins(one.evidence) | {"duration": one.duration}
        evidence["leaks"] = {kind: list(names) for kind, names in one.evidence.leaks.items()}
        told = one.attempts or [alike] * one.n
        evidence["attempts"] = [
            msgspec.to_builtins(given) | {"attempt": number, "run": given.run or ""}
            for number, given in enumerate(told)
        ]
    return {
        "agrees": one.agrees, "detail": one.detail, "documented": one.documented, "evidence": evidence,
        "last_verified": one.last_verified, "method": one.method, "outcome": str(one.outcome), "probe": one.probe,
        "runs": {"n": one.n, "agree": one.agree}, "stale": one.stale, "target": one.target, "value": one.value,
    }  # fmt: skip


def cells(path: Path) -> list[dict[str, Any]]:
    """All cells of a matrix.json."""
    return [cell(one) for one in serialize.load_matrix(path).cells]


def document(matrix: Matrix) -> dict[str, Any]:
    """A matrix as schema 1 had it."""
    data = {key: part for key, part in serialize.matrix_json(matrix).items() if key != "rows"}
    return data | {"schema": 1, "cells": [cell(one) for one in matrix.cells]}
