"""From one Python to the next: neighbours that differ by version only, and what changed between them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from matrix.model import FACTS, Cell, Outcome, Probe
from matrix.results.diff import ChangeKind, change, rewritten
from matrix.results.grouping import grouped
from matrix.results.support import supported
from matrix.results.versions import series_text
from report.model.matrix_index import DEFAULT_PROBE, MatrixIndex, default_method, probe_methods
from report.model.platforms import Interpreter, Platform

PRE_RELEASE = "pre-release"
"""How the label of a build of pre-releases begins; their neighbours are the releases of the same build."""


class Names(NamedTuple):
    """What a page calls the two versions: '3.13' and '3.14', or '3.11.2' and '3.11.7'."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPair:
    """Two versions on one platform; label is what distinguishes their build from the main line, or ''.

    long: they are no neighbours, there are series between them.
    """

    platform: Platform
    label: str
    old: Interpreter
    new: Interpreter
    long: bool = False

    @property
    def within(self) -> bool:
        """Two patch releases of one series."""
        return self.old.version.series == self.new.version.series

    @property
    def names(self) -> Names:
        """What the page calls the two."""
        if self.within:
            return Names(str(self.old.version), str(self.new.version))
        return Names(series_text(self.old.version.series), series_text(self.new.version.series))

    @property
    def slug(self) -> str:
        """'3.13-3.14', or '3.11.2-3.11.7': the name of the page."""
        return "-".join(self.names)

    @property
    def title(self) -> str:
        """'3.13 → 3.14'."""
        return " → ".join(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """One cell whose answer is another one on the new target. was: the old target's method, method: the new one's."""

    kind: ChangeKind
    probe: Probe
    was: str
    method: str
    old: Cell
    new: Cell

    @property
    def rewritten(self) -> bool:
        """The two answers were given to different texts of the question's script."""
        return rewritten(self.old, self.new)


class DefaultMethods(NamedTuple):
    """The default start methods of the two targets of a pair; None where it is not known."""

    old: str | None
    new: str | None

    @property
    def switched(self) -> bool:
        """Both are known, and they differ."""
        return bool(self.old and self.new) and self.old != self.new


class Compared(NamedTuple):
    """How many cells both targets of a pair answered, and how many only one of them or none did."""

    both: int
    holes: int


def version_pairs(platforms: Iterable[Platform]) -> tuple[VersionPair, ...]:
    """All pairs: the newest releases of neighbouring series, and within a series each release and the next."""
    return tuple(pair for platform in platforms for pair in _platform_pairs(platform))


def _platform_pairs(platform: Platform) -> Iterator[VersionPair]:
    lines: dict[str, list[Interpreter]] = {}
    for build in platform.builds:
        lines.setdefault(build.label.removeprefix(PRE_RELEASE).strip(), []).extend(build.members)
    for label, members in lines.items():
        in_order = sorted(members, key=lambda target: target.version)
        series = [*grouped(in_order, lambda target: target.version.series).values()]
        newest = [_newest(targets) for targets in series]
        patches = [pair for targets in series for pair in pairwise(_releases(targets))]
        for old, new in [*pairwise(newest), *patches]:
            yield VersionPair(platform=platform, label=label, old=old, new=new)


def long_pairs(platforms: Iterable[Platform], day: str) -> tuple[VersionPair, ...]:
    """Upgrades over more than one series: on main lines, from a series that is supported on a day to the newest two."""
    return tuple(pair for platform in platforms for pair in _long_pairs(platform, day))


def _long_pairs(platform: Platform, day: str) -> Iterator[VersionPair]:
    main = next((build.members for build in platform.builds if build.main), ())
    newest = [_newest(targets) for targets in grouped(main, lambda target: target.version.series).values()]
    for position, new in enumerate(newest):
        if position < len(newest) - 2:
            continue
        for old in newest[: max(position - 1, 0)]:
            if supported(old.version, day):
                yield VersionPair(platform=platform, label="", old=old, new=new, long=True)


def _newest(targets: Sequence[Interpreter]) -> Interpreter:
    """The newest release; the newest pre-release where there is no release yet."""
    return ([target for target in targets if target.version.stable] or list(targets))[-1]


def _releases(targets: Sequence[Interpreter]) -> list[Interpreter]:
    """One target for each stable release."""
    return list({target.version: target for target in targets if target.version.stable}.values())


def page_order(slug: str) -> tuple[tuple[int, ...], ...]:
    """Sort key that puts 3.9-3.10 before 3.13-3.14."""
    return tuple(tuple(int(number) for number in name.split(".")) for name in slug.split("-"))


def cell_changes(pair: VersionPair, index: MatrixIndex) -> tuple[CellChange, ...]:
    """What changed for a program that names its method."""
    asked = ((probe, m, m) for probe in index.matrix.probes for m in probe_methods(probe))
    return tuple(_cell_changes(pair, index, asked))


def default_changes(pair: VersionPair, index: MatrixIndex, was: str, now: str) -> tuple[CellChange, ...]:
    """What changed for a program that names no method: the old default on the old target, the new one on the new."""
    asked = (
        (probe, was if probe.methods else "none", now if probe.methods else "none")
        for probe in index.matrix.probes
        if not probe.methods or {was, now} <= {*probe.methods}
    )
    return tuple(_cell_changes(pair, index, asked))


def _cell_changes(
    pair: VersionPair, index: MatrixIndex, asked: Iterable[tuple[Probe, str, str]]
) -> Iterator[CellChange]:
    for probe, was, method in asked:
        old = index.cells(probe, was).get(pair.old.id)
        new = index.cells(probe, method).get(pair.new.id)
        if old is None or new is None or not (known(old) and known(new)):
            continue  # untested on one side: no change
        if kind := change(old, new, probe):
            yield CellChange(kind=kind, probe=probe, was=was, method=method, old=old, new=new)


def known(cell: Cell) -> bool:
    """Whether an answer was observed there."""
    return cell.outcome in FACTS or cell.outcome is Outcome.FLAKY


def compared(pair: VersionPair, index: MatrixIndex) -> Compared:
    """How much of two targets could be compared."""
    old, new = (
        {(cell.probe, cell.method): known(cell) for cell in index.by_target[target.id]}
        for target in (pair.old, pair.new)
    )
    both = sum(answered and new.get(key, False) for key, answered in old.items())
    return Compared(both=both, holes=len(old.keys() | new.keys()) - both)


def default_methods(pair: VersionPair, index: MatrixIndex) -> DefaultMethods:
    """The default methods of the two."""
    measured = index.by_probe.get((DEFAULT_PROBE, "none"), {})
    return DefaultMethods(*(default_method(target, measured.get(target.id)) for target in (pair.old, pair.new)))
