"""What changed from one Python to the next, platform by platform: the page to read before an upgrade. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matrix.model import METHODS, Cell, Outcome, Probe
from matrix.results.diff import ChangeKind
from matrix.results.grouping import grouped
from report.model.matrix_index import MatrixIndex
from report.model.outcome_styles import STYLES, OutcomeStyle
from report.model.platforms import Platform
from report.model.theme_groups import ThemeGroup, theme_groups
from report.model.values import shorten
from report.model.version_pairs import (
    CellChange,
    Names,
    VersionPair,
    cell_changes,
    compared,
    default_changes,
    default_methods,
    long_pairs,
    page_order,
    version_pairs,
)
from report.views.probe import MAX_DETAIL, cell_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What was observed on one side of a change."""

    method: str
    state: OutcomeStyle
    text: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One question whose answer changed alike under some methods and in some builds. goal: its cell's address.

    everywhere: in all builds that were compared.
    """

    kind: ChangeKind
    probe: Probe
    methods: tuple[str, ...]
    before: Side
    after: Side
    builds: tuple[str, ...]
    everywhere: bool
    rewritten: bool
    goal: str

    @property
    def suffix(self) -> str:
        """What distinguishes its row's ID from one on the same question in other builds: '' if all changed alike."""
        names = (build.replace(" ", "_") or "main" for build in self.builds)
        return "" if self.everywhere else "-" + "-".join(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindChanges:
    """All changes of one kind, by theme, the most important first; n counts the questions."""

    kind: ChangeKind
    n: int
    themes: tuple[ThemeGroup[Change], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A measured value under the old and under the new default: never called a change, but good to know."""

    probe: Probe
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultSwitch:
    """What happens to a program that names no method. kept: answers that are worse if it names the old method."""

    was: str
    now: str
    kinds: tuple[KindChanges, ...]
    costs: tuple[Cost, ...]
    kept: int

    def of(self, *kinds: str) -> tuple[KindChanges, ...]:
        """The changes of some kinds."""
        return tuple(group for group in self.kinds if group.kind in kinds)

    @property
    def stops(self) -> int:
        """How many questions are answered worse."""
        return sum(group.n for group in self.of(ChangeKind.REGRESSED))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformChanges:
    """One platform's part of the page. both: cells that could be compared, holes: cells that could not."""

    platform: Platform
    pairs: tuple[VersionPair, ...]
    switches: tuple[DefaultSwitch, ...]
    kinds: tuple[KindChanges, ...]
    both: int
    holes: int

    @property
    def long(self) -> bool:
        """There are series between the two versions."""
        return self.pairs[0].long


class PlatformSwitch(NamedTuple):
    """Where a default changes."""

    platform: Platform
    switch: DefaultSwitch


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """All that the page of one pair of versions shows."""

    slug: str
    names: Names
    title: str
    within: bool
    platforms: tuple[PlatformChanges, ...]

    @property
    def long(self) -> bool:
        """There are series between the two, on every platform."""
        return all(part.long for part in self.platforms)

    @property
    def switches(self) -> tuple[PlatformSwitch, ...]:
        """Where the default changes."""
        return tuple(PlatformSwitch(part.platform, switch) for part in self.platforms for switch in part.switches)

    @property
    def counts(self) -> Mapping[ChangeKind, int]:
        """How many questions changed in each way, over all platforms."""
        counts: Counter[ChangeKind] = Counter()
        for part in self.platforms:
            counts.update({group.kind: group.n for group in part.kinds})
        return counts


def changes_pages(index: MatrixIndex) -> tuple[ChangesPage, ...]:
    """A page for each pair of neighbouring versions and for each longer upgrade, the newest first."""
    neighbours = version_pairs(index.platforms)
    longer = long_pairs(index.platforms, index.matrix.generated)
    order = {platform.slug: position for position, platform in enumerate(index.platforms)}
    pairs = sorted((*neighbours, *longer), key=lambda pair: order[pair.platform.slug])
    by_slug = grouped(pairs, lambda pair: pair.slug)
    return tuple(_page(by_slug[slug], index) for slug in sorted(by_slug, key=page_order, reverse=True))


def _page(pairs: Sequence[VersionPair], index: MatrixIndex) -> ChangesPage:
    by_platform = grouped(pairs, lambda pair: pair.platform.slug)
    first = pairs[0]
    return ChangesPage(
        slug=first.slug,
        names=first.names,
        title=first.title,
        within=first.within,
        platforms=tuple(_platform(members, index) for members in by_platform.values()),
    )


def _platform(pairs: Sequence[VersionPair], index: MatrixIndex) -> PlatformChanges:
    totals = [compared(pair, index) for pair in pairs]
    return PlatformChanges(
        platform=pairs[0].platform,
        pairs=tuple(pairs),
        switches=_switches(pairs, index),
        kinds=by_kind([PairChanges(pair, cell_changes(pair, index)) for pair in pairs], index),
        both=sum(total.both for total in totals),
        holes=sum(total.holes for total in totals),
    )


def _switches(pairs: Sequence[VersionPair], index: MatrixIndex) -> tuple[DefaultSwitch, ...]:
    """Mostly none, seldom one; several where the builds of a platform switch between different methods."""
    by_methods = grouped(pairs, lambda pair: default_methods(pair, index))
    return tuple(
        _switch(methods.old, methods.new, members, index)
        for methods, members in by_methods.items()
        if methods.old and methods.new and methods.switched
    )


def _switch(was: str, now: str, pairs: Sequence[VersionPair], index: MatrixIndex) -> DefaultSwitch:
    changes = [PairChanges(pair, default_changes(pair, index, was, now)) for pair in pairs]
    return DefaultSwitch(
        was=was,
        now=now,
        kinds=by_kind(changes, index),
        costs=tuple(_costs(pairs[0], was, now, index)),
        kept=_worse_under(was, pairs[0], index),
    )


def _worse_under(method: str, pair: VersionPair, index: MatrixIndex) -> int:
    """How many questions are answered worse by the new Python under one and the same method."""
    changes = cell_changes(pair, index)
    return len({
        change.probe.id for change in changes if change.method == method and change.kind is ChangeKind.REGRESSED
    })  # fmt: skip


def _costs(pair: VersionPair, was: str, now: str, index: MatrixIndex) -> Iterator[Cost]:
    for probe in index.probes.values():
        if not probe.measured or not {was, now} <= {*probe.methods}:
            continue
        old, new = index.cells(probe, was).get(pair.old.id), index.cells(probe, now).get(pair.new.id)
        if old and new and old.outcome is new.outcome is Outcome.VALUE:
            yield Cost(probe=probe, before=cell_text(old, probe), after=cell_text(new, probe))


class PairChanges(NamedTuple):
    """What changed between the two targets of a pair."""

    pair: VersionPair
    changes: Iterable[CellChange]


class _PairChange(NamedTuple):
    pair: VersionPair
    change: CellChange

    @property
    def alike(self) -> tuple[object, ...]:
        """What two changes of one question share if they are shown as one, whatever their method and build."""
        change = self.change
        answers = ((cell.outcome, cell_text(cell, change.probe)) for cell in (change.old, change.new))
        return change.probe.id, change.kind, *answers


def by_kind(parts: Sequence[PairChanges], index: MatrixIndex) -> tuple[KindChanges, ...]:
    """The changes of all builds of a platform, by kind, then theme.

    What changed alike in the same builds under several methods is one row.
    """
    every = [_PairChange(pair, change) for pair, changes in parts for change in changes]
    by_method = grouped(every, lambda each: (each.alike, each.change.method))
    rows = grouped(by_method.values(), _row_key)
    changes = grouped((_change(methods, len(parts)) for methods in rows.values()), lambda change: change.kind)
    return tuple(_kind(kind, changes[kind], index) for kind in ChangeKind if kind in changes)


def _row_key(same: Sequence[_PairChange]) -> tuple[object, ...]:
    return same[0].alike, tuple(each.pair.label for each in same)


def _change(methods: Sequence[Sequence[_PairChange]], builds: int) -> Change:
    """One row; methods: for each method, the change in every build that has it."""
    same = methods[0]
    pair, change = same[0]
    return Change(
        kind=change.kind,
        probe=change.probe,
        methods=tuple(sorted((each[0].change.method for each in methods), key=METHODS.index)),
        before=side(change.was, change.old, change.probe),
        after=side(change.method, change.new, change.probe),
        builds=tuple(each.pair.label for each in same),
        everywhere=len(same) == builds,
        rewritten=any(each.change.rewritten for group in methods for each in group),
        goal=f"probe/{change.probe.id}.html#{pair.new.id}-{change.method}",
    )


def side(method: str, cell: Cell, probe: Probe) -> Side:
    """A cell in short."""
    detail = shorten(cell.detail, MAX_DETAIL)
    return Side(method=method, state=STYLES[cell.outcome], text=cell_text(cell, probe), detail=detail)


def _kind(kind: ChangeKind, changes: Sequence[Change], index: MatrixIndex) -> KindChanges:
    questions = {change.probe.id for change in changes}
    return KindChanges(kind=kind, n=len(questions), themes=theme_groups(changes, index.titles))
