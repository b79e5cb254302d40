"""Matrix -> one row of counts for each target. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from matrix.model import Matrix, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one target answered: how often each outcome, and how many cells differ from what is documented."""

    target: str
    default: str
    counts: Counter[Outcome]
    differs: int


def rows(matrix: Matrix) -> tuple[Row, ...]:
    """A row for each target, in the order of the matrix."""
    counts: dict[str, Counter[Outcome]] = {target["id"]: Counter() for target in matrix.targets}
    differs: Counter[str] = Counter()
    for cell in matrix.cells:
        counts[cell.target][cell.outcome] += 1
        differs[cell.target] += cell.agrees is False
    return tuple(
        Row(
            target=target["id"],
            default=target["facts"]["default_method"] or "none",
            counts=counts[target["id"]],
            differs=differs[target["id"]],
        )
        for target in matrix.targets
    )
