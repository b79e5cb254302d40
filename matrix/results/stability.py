"""Runs that asked the same cells again and again -> what moved, what hung, what was slow. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matrix.model import Outcome, Probe, Run, Verdict
from matrix.results.merge import answer

SLOW = 3.0
"""Seconds that the median cell of a probe may take before it is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A cell whose n attempts did not all give the same answer; shares counts them: 'yes', 'no', a value's JSON."""

    target: str
    probe: str
    method: str
    n: int
    shares: Mapping[str, int]
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What repeats of a suite on some targets showed.

    asked: for each target the number of cells, and the fewest and the most attempts on one of them;
    moved: cells that gave more than one answer; worded: cells whose answer stayed, but not its detail;
    hung: cells that ever passed their deadline; slow: (probe, target, median seconds) above SLOW.
    """

    asked: Mapping[str, tuple[int, int, int]]
    moved: tuple[Moved, ...]
    worded: tuple[Moved, ...]
    hung: tuple[Moved, ...]
    slow: tuple[tuple[str, str, float], ...]


def stability(runs: Iterable[Run], probes: Sequence[Probe]) -> Stability:
    """Compare all attempts on each cell; verdicts on another source of a probe than the present one do not count."""
    known = {probe.id: probe for probe in probes}
    said: dict[tuple[str, str, str], list[Verdict]] = {}
    for run in runs:
        for verdict in run.verdicts:
            if verdict.probe in known and verdict.source_sha256 == known[verdict.probe].source_sha256:
                said.setdefault((run.header.target, verdict.probe, verdict.method), []).append(verdict)
    cells = sorted(said)
    moved, worded, hung = [], [], []
    for key in cells:
        row = _row(key, said[key], known[key[1]])
        if len(row.shares) > 1:
            moved.append(row)
        elif len(row.details) > 1 and not known[key[1]].measured:
            worded.append(row)
        if any(verdict.outcome == Outcome.HANG for verdict in said[key]):
            hung.append(row)
    return Stability(
        asked={target: _asked(said, target) for target in sorted({target for target, _, _ in cells})},
        moved=tuple(moved),
        worded=tuple(worded),
        hung=tuple(hung),
        slow=tuple(_slow(said)),
    )


def _row(key: tuple[str, str, str], verdicts: Sequence[Verdict], probe: Probe) -> Moved:
    target, name, method = key
    return Moved(
        target=target,
        probe=name,
        method=method,
        n=len(verdicts),
        shares=dict(Counter(answer(probe, verdict) for verdict in verdicts).most_common()),
        details=tuple(sorted({verdict.detail for verdict in verdicts})),
    )


def _asked(said: Mapping[tuple[str, str, str], Sequence[Verdict]], target: str) -> tuple[int, int, int]:
    counts = [len(verdicts) for key, verdicts in said.items() if key[0] == target]
    return len(counts), min(counts), max(counts)


def _slow(said: Mapping[tuple[str, str, str], Sequence[Verdict]]) -> Iterable[tuple[str, str, float]]:
    durations: dict[tuple[str, str], list[float]] = {}
    for (target, probe, _), verdicts in said.items():
        durations.setdefault((probe, target), []).extend(verdict.duration for verdict in verdicts)
    for (probe, target), seconds in sorted(durations.items()):
        median = statistics.median(seconds)
        if median > SLOW:
            yield probe, target, round(median, 2)


def lines(found: Stability) -> Iterable[str]:
    """The report as text: k/n for all that moved, then what else is worth a look."""
    for target, (cells, fewest, most) in found.asked.items():
        yield f"{target}: {cells} cells, each asked {fewest if fewest == most else f'{fewest} to {most}'} times"
    for title, rows in (("moved", found.moved), ("ended as a hang", found.hung), ("detail varies", found.worded)):
        yield f"{title}: {len(rows) or 'none'}"
        for row in rows:
            shares = ", ".join(f"{said} {count}/{row.n}" for said, count in row.shares.items())
            yield f"  {row.target} {row.probe} {row.method}: {shares}"
            yield from (f"    {detail}" for detail in row.details if detail and row.details[1:])
    yield f"median above {SLOW:g} s: {len(found.slow) or 'none'}"
    yield from (f"  {target} {probe}: {seconds} s" for probe, target, seconds in found.slow)
