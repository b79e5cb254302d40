"""From points (version, answer) to the ranges a cell prints. Pure; unknown is never guessed.

What a range promises:
- '3.8+' only if the newest tested stable version gives that answer, and no newer series is known elsewhere;
- two series join into one range only if they are neighbours and both were tested: what lies between, and
  what is planned here but was not tested, is named as a gap, never swallowed;
- '≤3.12+' if older series are known elsewhere but were not tested here: it may have begun earlier;
- a series whose patch releases disagree is printed by patch release, and the untested patches between the
  two that disagree are named;
- a pre-release stands alone, and never carries the '+'.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from matrix.results.versions import TO, Version, series_text

Series = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one tested version answered; key is None where it was not tested."""

    version: Version
    key: Hashable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """All the spans of versions that gave one answer: ('3.8-3.10', '3.12+'). key None: not tested."""

    key: Hashable | None
    spans: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Atom:
    """The smallest piece with one answer: a series, or a patch release of a series that disagrees with itself."""

    key: Hashable
    low: Version
    high: Version
    whole: bool

    @property
    def series(self) -> Series:
        return self.low.series

    def label(self, version: Version) -> str:
        return series_text(version.series) if self.whole else str(version)


def ranges(points: Iterable[Point], known: Collection[Series] = ()) -> tuple[Range, ...]:
    """The answers in order of their first version, then what was not tested.

    known: series that are known to exist for this kind of interpreter, here or elsewhere. Those elsewhere are
    not named in every cell (the column's head says what it covers), but they forbid '+' and demand '≤'.
    """
    points = sorted(points, key=lambda point: point.version)
    tested = [point for point in points if point.key is not None]
    stable = [point for point in tested if point.version.stable]
    atoms = _atoms(stable)
    here = {point.version.series for point in points if point.version.stable}
    open_end = _carries_plus(stable, {*known, *here})
    open_start = any(series < min(here, default=series) for series in known)
    spans: dict[Hashable, list[str]] = {}
    for run in _runs(atoms):
        text = _text(run, open_end=open_end and run[-1] is atoms[-1])
        spans.setdefault(run[0].key, []).append(f"≤{text}" if open_start and run[0] is atoms[0] else text)
    for point in tested:
        if not point.version.stable:
            spans.setdefault(point.key, []).append(str(point.version))
    found = [Range(key=key, spans=tuple(texts)) for key, texts in spans.items()]
    missing = (*_series_gaps(atoms, here), *_patch_gaps(atoms))
    missing += tuple(str(p.version) for p in points if p.key is None and not p.version.stable)
    return (*found, Range(key=None, spans=missing)) if missing else tuple(found)


def _atoms(stable: Sequence[Point]) -> list[_Atom]:
    by_series: dict[Series, list[Point]] = {}
    for point in stable:
        by_series.setdefault(point.version.series, []).append(point)
    atoms: list[_Atom] = []
    for points in by_series.values():
        whole = len({point.key for point in points}) == 1
        for point in points:
            last = atoms[-1] if atoms else None
            if last and last.series == point.version.series and last.key == point.key:
                atoms[-1] = _Atom(key=last.key, low=last.low, high=point.version, whole=whole)
            else:
                atoms.append(_Atom(key=point.key, low=point.version, high=point.version, whole=whole))
    return atoms


def _carries_plus(stable: Sequence[Point], named: Collection[Series]) -> bool:
    """Whether the last atom may end in '+': the newest series is tested, and its newest release is of one mind."""
    if not stable:
        return False
    newest = stable[-1].version
    of_one_mind = len({point.key for point in stable if point.version == newest}) == 1
    return of_one_mind and newest.series >= max(named, default=newest.series)


def _runs(atoms: Sequence[_Atom]) -> list[list[_Atom]]:
    """Neighbours with the same answer together."""
    runs: list[list[_Atom]] = []
    for atom in atoms:
        if runs and runs[-1][-1].key == atom.key and _adjacent(runs[-1][-1].series, atom.series):
            runs[-1].append(atom)
        else:
            runs.append([atom])
    return runs


def _adjacent(one: Series, other: Series) -> bool:
    return one[0] == other[0] and other[1] - one[1] <= 1


def _text(run: Sequence[_Atom], *, open_end: bool) -> str:
    low, high = run[0].label(run[0].low), run[-1].label(run[-1].high)
    if open_end:
        return f"{low}+"
    return low if low == high else f"{low}{TO}{high}"


def _series_gaps(atoms: Sequence[_Atom], named: Collection[Series]) -> tuple[str, ...]:
    """Series without a tested release: of those that are named, and of those between two of one major version."""
    have = {atom.series for atom in atoms}
    every = set(named)
    for low, high in pairwise(sorted(every)):
        if low[0] == high[0]:
            every |= {(low[0], minor) for minor in range(low[1], high[1])}
    spans: list[list[Series]] = []
    for series in sorted(every - have):
        if spans and _adjacent(spans[-1][-1], series):
            spans[-1].append(series)
        else:
            spans.append([series])
    return tuple(_closed(series_text(span[0]), series_text(span[-1])) for span in spans)


def _patch_gaps(atoms: Sequence[_Atom]) -> tuple[str, ...]:
    """Patch releases that nobody tested between two that disagree: the change lies somewhere among them."""
    gaps = []
    for before, after in pairwise(atoms):
        if before.series == after.series and after.low.patch - before.high.patch > 1:
            first, last = before.high.patch + 1, after.low.patch - 1
            gaps.append(_closed(*(f"{series_text(before.series)}.{patch}" for patch in (first, last))))
    return tuple(gaps)


def _closed(low: str, high: str) -> str:
    return low if low == high else f"{low}{TO}{high}"
