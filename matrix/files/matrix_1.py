"""Cells as in a matrix.json of schema 1, which had each with all its evidence: still read, no longer written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from matrix import answers
from matrix.errors import DataError
from matrix.files.schema_checks import EDITED
from matrix.model import Attempt, Cell, Evidence, Exit, Json, Outcome, Output

_EVIDENCE = frozenset(Evidence.__struct_fields__)


def cells(rows: Iterable[Mapping[str, Json]], targets: Iterable[Mapping[str, Json]], where: str) -> tuple[Cell, ...]:
    """All cells of a document. Raises DataError if one is of an unknown target, or has impossible evidence."""
    runs = {target["id"]: {run["started"]: run["run"] for run in target["runs"]} for target in targets}
    try:
        return tuple(_cell(row, runs[row["target"]]) for row in rows)
    except KeyError as error:
        raise DataError(f"{where}: a cell refers to {error.args[0]!r}, which is not listed. {EDITED}") from None
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise DataError(f"{where}: evidence of a cell: {error}. {EDITED}") from None


def _cell(row: Mapping[str, Json], runs: Mapping[str, str]) -> Cell:
    evidence, attempts = row["evidence"], row["evidence"].get("attempts", ())
    told = [
        Attempt(detail=given["detail"], outcome=Outcome(given["outcome"]), run=given["run"], value=given["value"])
        for given in attempts
    ]
    return Cell(
        probe=row["probe"],
        method=row["method"],
        target=row["target"],
        outcome=Outcome(row["outcome"]),
        value=row["value"],
        detail=row["detail"],
        n=row["runs"]["n"],
        agree=row["runs"]["agree"],
        documented=row["documented"],
        agrees=row["agrees"],
        run=runs.get(row["last_verified"]),
        last_verified=row["last_verified"],
        duration=evidence.get("duration"),
        attempts=() if not told or answers.alike(told) else tuple(told),
        evidence=_evidence(evidence) if evidence else None,
        stale=row.get("stale", False),
    )


def _evidence(data: Mapping[str, Json]) -> Evidence:
    kinds = {"exit": Exit, "output": Output}
    parts = {name: part for name, part in data.items() if name in _EVIDENCE}
    parts |= {name: kind(**parts[name]) for name, kind in kinds.items() if name in parts}
    if "leaks" in parts:
        parts["leaks"] = {kind: tuple(names) for kind, names in parts["leaks"].items()}
    return Evidence(**parts)
