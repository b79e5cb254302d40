"""Matrix -> the counts of each target. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from matrix.model import Matrix, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCounts:
    """How often a target gave each outcome, and how many of its cells differ from what is documented."""

    target: str
    default: str
    outcomes: Counter[Outcome]
    differs: int


def counts(matrix: Matrix) -> tuple[TargetCounts, ...]:
    """Of each target, in the order of the matrix."""
    outcomes: dict[str, Counter[Outcome]] = {target["id"]: Counter() for target in matrix.targets}
    differs: Counter[str] = Counter()
    for cell in matrix.cells:
        outcomes[cell.target][cell.outcome] += 1
        differs[cell.target] += cell.agrees is False
    return tuple(
        TargetCounts(
            target=target["id"],
            default=target["facts"]["default_method"] or "none",
            outcomes=outcomes[target["id"]],
            differs=differs[target["id"]],
        )
        for target in matrix.targets
    )
