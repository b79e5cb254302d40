"""Two matrices -> events: what changed from one to the other. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matrix.model import FACTS, Cell, Json, Matrix, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One cell that answers otherwise than before. kind: changed, new, gone, flaky, settled, lost."""

    kind: str
    probe: str
    method: str
    target: str
    before: str
    after: str


def diff(old: Matrix, new: Matrix) -> tuple[Event, ...]:
    """What changed, in the order of the new cells, then what is gone.

    A target or a probe that only one matrix has makes no event: adding a column is no change.
    Measured values differ by nature, so only their outcome is compared.
    """
    measured = {probe.id for probe in new.probes if probe.measured}
    before = {(cell.probe, cell.method, cell.target): cell for cell in old.cells}
    shared = {target["id"] for target in old.targets} & {target["id"] for target in new.targets}
    pairs = ((before.get((cell.probe, cell.method, cell.target)), cell) for cell in new.cells if cell.target in shared)
    return tuple(_events(pairs, measured))


def _events(pairs: Iterable[tuple[Cell | None, Cell]], measured: set[str]) -> Iterable[Event]:
    for old, new in pairs:
        if old is None or _answer(old, measured) == _answer(new, measured):
            continue
        yield Event(
            kind=_kind(old.outcome, new.outcome),
            probe=new.probe,
            method=new.method,
            target=new.target,
            before=shown(old),
            after=shown(new),
        )


def _answer(cell: Cell, measured: set[str]) -> tuple[Outcome, Json]:
    return cell.outcome, None if cell.probe in measured else cell.value


def _kind(old: Outcome, new: Outcome) -> str:
    if new == Outcome.FLAKY:
        return "flaky"
    if old == Outcome.FLAKY:
        return "settled"
    if old == Outcome.UNTESTED:
        return "new"
    return "changed" if new in FACTS else "lost"


def shown(cell: Cell) -> str:
    """'yes', or the value itself."""
    return str(cell.value) if cell.outcome == Outcome.VALUE else str(cell.outcome)
