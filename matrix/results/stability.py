"""Runs that asked the same cells again and again -> what moved, what hung, what was slow. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matrix import answers
from matrix.model import Outcome, Probe, Run, Verdict

SLOW = 3.0
"""Seconds that the median cell of a probe may take before it is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedCell:
    """A cell that was measured n times; shares counts its answers: 'yes', 'no', a value's JSON."""

    target: str
    probe: str
    method: str
    n: int
    shares: Mapping[str, int]
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How many cells of a target were measured, with the fewest and the most attempts at one of them."""

    target: str
    cells: int
    fewest: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowProbe:
    """A probe whose median cell on a target takes more than SLOW seconds."""

    target: str
    probe: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What repeats of a suite on some targets showed.

    changed: cells that gave more than one answer; reworded: cells whose answer stayed, but not its detail;
    hung: cells that ever passed their deadline.
    """

    repeats: tuple[Repeats, ...]
    changed: tuple[RepeatedCell, ...]
    reworded: tuple[RepeatedCell, ...]
    hung: tuple[RepeatedCell, ...]
    slow: tuple[SlowProbe, ...]


_Verdicts = Mapping[answers.CellKey, Sequence[Verdict]]


def stability(runs: Iterable[Run], probes: Sequence[Probe]) -> Stability:
    """Compare all attempts on each cell; verdicts on another source of a probe than the present one do not count."""
    known = {probe.id: probe for probe in probes}
    given: dict[str, list[Verdict]] = {}
    for run in runs:
        given.setdefault(run.header.target, []).extend(run.verdicts)
    targets = {target: cells for target in sorted(given) if (cells := answers.current(given[target], probes))}
    rows = [
        (_repeated(target, cells[key], known[key[0]]), cells[key])
        for target, cells in targets.items()
        for key in sorted(cells)
    ]
    return Stability(
        repeats=tuple(_repeats(target, cells) for target, cells in targets.items()),
        changed=tuple(row for row, _ in rows if len(row.shares) > 1),
        reworded=tuple(row for row, _ in rows if _is_reworded(row, known[row.probe])),
        hung=tuple(row for row, verdicts in rows if any(verdict.outcome is Outcome.HANG for verdict in verdicts)),
        slow=tuple(slow for target, cells in targets.items() for slow in _slow(target, cells)),
    )


def _repeated(target: str, verdicts: Sequence[Verdict], probe: Probe) -> RepeatedCell:
    return RepeatedCell(
        target=target,
        probe=probe.id,
        method=verdicts[0].method,
        n=len(verdicts),
        shares=dict(Counter(answers.answer(probe, verdict) for verdict in verdicts).most_common()),
        details=tuple(sorted({verdict.detail for verdict in verdicts})),
    )


def _is_reworded(cell: RepeatedCell, probe: Probe) -> bool:
    return len(cell.shares) == 1 and len(cell.details) > 1 and not probe.measured


def _repeats(target: str, cells: _Verdicts) -> Repeats:
    counts = [len(verdicts) for verdicts in cells.values()]
    return Repeats(target=target, cells=len(counts), fewest=min(counts), most=max(counts))


def _slow(target: str, cells: _Verdicts) -> Iterable[SlowProbe]:
    durations: dict[str, list[float]] = {}
    for (probe, _), verdicts in cells.items():
        durations.setdefault(probe, []).extend(verdict.duration for verdict in verdicts)
    for probe, seconds in sorted(durations.items()):
        median = statistics.median(seconds)
        if median > SLOW:
            yield SlowProbe(target=target, probe=probe, seconds=round(median, 2))


def lines(found: Stability) -> Iterable[str]:
    """The report as text: k/n for all cells that changed, then what else is worth a look."""
    for row in found.repeats:
        times = str(row.fewest) if row.fewest == row.most else f"{row.fewest} to {row.most}"
        yield f"{row.target}: {row.cells} cells, each measured {times} times"
    yield from _section("changed", found.changed)
    yield from _section("hung", found.hung)
    yield from _section("detail varies", found.reworded)
    yield f"median above {SLOW:g} s: {len(found.slow) or 'none'}"
    yield from (f"  {slow.target} {slow.probe}: {slow.seconds} s" for slow in found.slow)


def _section(title: str, cells: Sequence[RepeatedCell]) -> Iterable[str]:
    yield f"{title}: {len(cells) or 'none'}"
    for cell in cells:
        shares = ", ".join(f"{answer} {count}/{cell.n}" for answer, count in cell.shares.items())
        yield f"  {cell.target} {cell.probe} {cell.method}: {shares}"
        yield from (f"    {detail}" for detail in cell.details if detail and len(cell.details) > 1)
