"""Two cells, or two matrices -> what changed from one to the other, and for better or worse. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matrix.model import FACTS, Cell, Json, Matrix, Outcome, Probe
from matrix.results.optional_modules import lacks_module


class ChangeKind(enum.StrEnum):
    """What happened to a cell; the worst first."""

    REGRESSED = "regressed"
    FLAKY = "flaky"
    CHANGED = "changed"
    FIXED = "fixed"
    NEW = "new"
    SETTLED = "settled"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDiff:
    """One cell whose answer changed.

    rewritten: the probe's source changed too, so that the cause may be the probe and not Python.
    """

    kind: ChangeKind
    probe: str
    method: str
    target: str
    before: str
    after: str
    rewritten: bool = False


def diff(old: Matrix, new: Matrix) -> tuple[CellDiff, ...]:
    """What changed from one matrix to the next, in the order of the new cells.

    A target or a probe that only one matrix has is not a change.
    """
    before = {(cell.probe, cell.method, cell.target): cell for cell in old.cells}
    shared = {target["id"] for target in old.targets} & {target["id"] for target in new.targets}
    probes = {probe.id: probe for probe in new.probes}
    pairs = ((before.get((cell.probe, cell.method, cell.target)), cell) for cell in new.cells if cell.target in shared)
    return tuple(_events(pairs, probes))


def _events(pairs: Iterable[tuple[Cell | None, Cell]], probes: Mapping[str, Probe]) -> Iterable[CellDiff]:
    for old, new in pairs:
        if old is None or (kind := change(old, new, probes[new.probe])) is None:
            continue
        yield CellDiff(
            kind=kind,
            probe=new.probe,
            method=new.method,
            target=new.target,
            before=shown(old),
            after=shown(new),
            rewritten=rewritten(old, new),
        )


def change(old: Cell, new: Cell, probe: Probe) -> ChangeKind | None:
    """What happened between two answers to one question; None if nothing did, or nothing is known.

    Measured values always differ, so only their outcome is compared.
    """
    if _answer(old, probe) == _answer(new, probe) or any(
        lacks_module(cell.outcome, cell.detail) for cell in (old, new)
    ):
        return None
    if new.outcome is Outcome.FLAKY:
        return ChangeKind.FLAKY
    if new.outcome not in FACTS:
        return ChangeKind.STALE if old.outcome in FACTS or old.outcome is Outcome.FLAKY else None
    if old.outcome is Outcome.FLAKY:
        return ChangeKind.SETTLED
    if old.outcome not in FACTS or old.outcome is Outcome.UNAVAILABLE:
        return ChangeKind.NEW
    before, after = (_merit(cell.outcome, probe) for cell in (old, new))
    return ChangeKind.REGRESSED if after < before else ChangeKind.FIXED if after > before else ChangeKind.CHANGED


def _answer(cell: Cell, probe: Probe) -> tuple[Outcome, Json]:
    return cell.outcome, None if probe.measured else cell.value


def _merit(outcome: Outcome, probe: Probe) -> int:
    """1 for the answer that programs hope for, 0 where either is fine, -1 for any other."""
    if outcome in (Outcome.HANG, Outcome.CRASH, Outcome.UNAVAILABLE):
        return -1
    if outcome is Outcome.VALUE or probe.wanted == "either":
        return 0
    return 1 if outcome == probe.wanted else -1


def rewritten(old: Cell, new: Cell) -> bool:
    """Whether the two answers are from different sources of the probe."""
    if old.evidence is None or new.evidence is None:
        return False
    return old.evidence.source_sha256 != new.evidence.source_sha256


def shown(cell: Cell) -> str:
    """'yes', or the value itself."""
    return str(cell.value) if cell.outcome == Outcome.VALUE else str(cell.outcome)
