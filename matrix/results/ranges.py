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

from matrix.results.grouping import grouped
from matrix.results.versions import TO, Version, series_text

Series = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one tested version answered; key is None where it was not tested."""

    version: Version
    key: Hashable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """All the spans of versions with one answer: ('3.8-3.10', '3.12+'). key None: not tested."""

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


def ranges(
    points: Iterable[Point], known: Collection[Series] = (), *, closed: bool = False, between: bool = True
) -> tuple[Range, ...]:
    """The answers in order of their first version, then what was not tested.

    known: series that are known to exist for this kind of interpreter, here or elsewhere. Those elsewhere are
    not named in every cell (the column's head says what it covers), but they forbid '+' and demand '≤'.
    closed: name the newest release ('3.8-3.14') instead of '+' ('3.8+').
    between: name as untested also the series between two tested ones of which there is no point at all.
    """
    points = sorted(points, key=lambda point: point.version)
    answered = _answered(points, known, closed=closed)
    untested = _untested(points, between=between)
    return (*answered, Range(key=None, spans=untested)) if untested else answered


def _answered(points: Sequence[Point], known: Collection[Series], *, closed: bool) -> tuple[Range, ...]:
    """The spans of each answer: of stable releases first, then each pre-release by itself."""
    tested = [point for point in points if point.key is not None]
    stable = [point for point in tested if point.version.stable]
    here = _stable_series(points)
    atoms = _atoms(stable)
    open_end = not closed and _carries_plus(stable, {*known, *here})
    open_start = any(series < min(here, default=series) for series in known)
    spans: dict[Hashable, list[str]] = {}
    for run in _runs(atoms):
        text = _text(run, open_end=open_end and run[-1] is atoms[-1])
        spans.setdefault(run[0].key, []).append(f"≤{text}" if open_start and run[0] is atoms[0] else text)
    for point in tested:
        if not point.version.stable:
            spans.setdefault(point.key, []).append(str(point.version))
    return tuple(Range(key=key, spans=tuple(texts)) for key, texts in spans.items())


def _untested(points: Sequence[Point], *, between: bool) -> tuple[str, ...]:
    """What is planned here but was not tested: series, patch releases, pre-releases."""
    atoms = _atoms([point for point in points if point.key is not None and point.version.stable])
    pre_releases = (str(point.version) for point in points if point.key is None and not point.version.stable)
    return (*_series_gaps(atoms, _stable_series(points), between=between), *_patch_gaps(atoms), *pre_releases)


def _stable_series(points: Sequence[Point]) -> set[Series]:
    return {point.version.series for point in points if point.version.stable}


def _atoms(stable: Sequence[Point]) -> list[_Atom]:
    atoms: list[_Atom] = []
    for points in grouped(stable, lambda point: point.version.series).values():
        whole = len({point.key for point in points}) == 1
        for point in points:
            last = atoms[-1] if atoms else None
            if last and last.series == point.version.series and last.key == point.key:
                atoms[-1] = _Atom(key=last.key, low=last.low, high=point.version, whole=whole)
            else:
                atoms.append(_Atom(key=point.key, low=point.version, high=point.version, whole=whole))
    return atoms


def _carries_plus(stable: Sequence[Point], named: Collection[Series]) -> bool:
    """Whether the last atom may end in '+': the newest series was tested, and targets of its newest release agree."""
    if not stable:
        return False
    newest = stable[-1].version
    agree = len({point.key for point in stable if point.version == newest}) == 1
    return agree and newest.series >= max(named, default=newest.series)


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


def _series_gaps(atoms: Sequence[_Atom], named: Collection[Series], *, between: bool) -> tuple[str, ...]:
    """Series without a tested release: of those named, and with `between` of those between two of one major version."""
    have = {atom.series for atom in atoms}
    every = set(named)
    for low, high in pairwise(sorted(every)):
        if between and low[0] == high[0]:
            every |= {(low[0], minor) for minor in range(low[1], high[1])}
    spans: list[list[Series]] = []
    for series in sorted(every - have):
        if spans and _adjacent(spans[-1][-1], series):
            spans[-1].append(series)
        else:
            spans.append([series])
    return tuple(_closed(series_text(span[0]), series_text(span[-1])) for span in spans)


def _patch_gaps(atoms: Sequence[_Atom]) -> tuple[str, ...]:
    """Untested patch releases between two that disagree: the change lies somewhere among them."""
    gaps = []
    for before, after in pairwise(atoms):
        if before.series == after.series and after.low.patch - before.high.patch > 1:
            first, last = before.high.patch + 1, after.low.patch - 1
            gaps.append(_closed(*(f"{series_text(before.series)}.{patch}" for patch in (first, last))))
    return tuple(gaps)


def _closed(low: str, high: str) -> str:
    return low if low == high else f"{low}{TO}{high}"
