"""What changed from one Python to the next, platform by platform: the page to read before an upgrade. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matrix.model import METHODS, Cell, Outcome, Probe
from matrix.results.diff import Kind
from report.model import theme_order
from report.model.matrix_index import Board
from report.model.outcome_styles import STATES, State
from report.model.platforms import Platform
from report.model.values import shorten
from report.model.version_pairs import Shift, Step, compared, default_shifts, defaults, page_order, shifts, steps
from report.views.probe import MAX_DETAIL, cell_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What was seen on one side of a change."""

    method: str
    state: State
    text: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One question whose answer changed alike under some methods and in some builds. goal: its cell's address."""

    kind: Kind
    probe: Probe
    methods: tuple[str, ...]
    before: Side
    after: Side
    builds: tuple[str, ...]
    everywhere: bool
    rewritten: bool
    goal: str

    @property
    def apart(self) -> str:
        """What tells its row from one on the same question in other builds: '' if all builds changed alike."""
        names = (build.replace(" ", "_") or "main" for build in self.builds)
        return "" if self.everywhere else "-" + "-".join(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeChanges:
    """The changes of one theme."""

    name: str
    title: str
    rows: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindChanges:
    """All changes of one kind, by theme, the most important first."""

    kind: Kind
    n: int
    themes: tuple[ThemeChanges, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A measured value before and after: no event, but good to know."""

    probe: Probe
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultSwitch:
    """What a program meets that names no method. kept: how many answers are worse for one that names the old method."""

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
        return sum(group.n for group in self.of(Kind.REGRESSED))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformChanges:
    """One platform's part of the page. both: cells that could be compared, holes: cells that could not."""

    platform: Platform
    steps: tuple[Step, ...]
    switches: tuple[DefaultSwitch, ...]
    kinds: tuple[KindChanges, ...]
    both: int
    holes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """All that the page of one pair of versions shows."""

    slug: str
    names: tuple[str, str]
    title: str
    within: bool
    platforms: tuple[PlatformChanges, ...]

    @property
    def switches(self) -> tuple[tuple[Platform, DefaultSwitch], ...]:
        """Where the default changes."""
        return tuple((part.platform, switch) for part in self.platforms for switch in part.switches)

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many questions changed in each way, over all platforms."""
        return Counter({g.kind: sum(p.n for part in self.platforms for p in part.kinds if p.kind is g.kind)
                        for part in self.platforms for g in part.kinds})  # fmt: skip


def changes_pages(board: Board) -> tuple[ChangesPage, ...]:
    """A page for each pair of neighbouring versions, the newest first."""
    by_slug: dict[str, list[Step]] = {}
    for step in steps(board.platforms):
        by_slug.setdefault(step.slug, []).append(step)
    order = sorted(by_slug, key=page_order, reverse=True)
    return tuple(_page(by_slug[slug], board) for slug in order)


def _page(found: Sequence[Step], board: Board) -> ChangesPage:
    places: dict[str, list[Step]] = {}
    for step in found:
        places.setdefault(step.platform.slug, []).append(step)
    first = found[0]
    return ChangesPage(
        slug=first.slug,
        names=first.names,
        title=first.title,
        within=first.within,
        platforms=tuple(_platform(ones, board) for ones in places.values()),
    )


def _platform(found: Sequence[Step], board: Board) -> PlatformChanges:
    totals = [compared(step, board) for step in found]
    return PlatformChanges(
        platform=found[0].platform,
        steps=tuple(found),
        switches=_switches(found, board),
        kinds=by_kind([(step, shifts(step, board)) for step in found], board),
        both=sum(both for both, _ in totals),
        holes=sum(holes for _, holes in totals),
    )


def _switches(found: Sequence[Step], board: Board) -> tuple[DefaultSwitch, ...]:
    """Mostly none, seldom one: builds of a platform may switch between other methods."""
    by_methods: dict[tuple[str, str], list[Step]] = {}
    for step in found:
        was, now = defaults(step, board)
        if was and now and was != now:
            by_methods.setdefault((was, now), []).append(step)
    return tuple(_switch(was, now, ones, board) for (was, now), ones in by_methods.items())


def _switch(was: str, now: str, found: Sequence[Step], board: Board) -> DefaultSwitch:
    seen = [(step, default_shifts(step, board, was, now)) for step in found]
    same = {shift.probe.id for shift in shifts(found[0], board) if shift.method == was and shift.kind is Kind.REGRESSED}
    costs = (_cost(probe, found[0], was, now, board) for probe in board.probes.values() if probe.measured)
    return DefaultSwitch(
        was=was, now=now, kinds=by_kind(seen, board), costs=tuple(cost for cost in costs if cost), kept=len(same)
    )


def _cost(probe: Probe, step: Step, was: str, now: str, board: Board) -> Cost | None:
    if not {was, now} <= {*probe.methods}:
        return None
    old, new = board.cells(probe, was).get(step.old.id), board.cells(probe, now).get(step.new.id)
    if old is None or new is None or {old.outcome, new.outcome} != {Outcome.VALUE}:
        return None
    return Cost(probe=probe, before=cell_text(old, probe), after=cell_text(new, probe))


Key = tuple[str, Kind, str, tuple[Outcome, str], tuple[Outcome, str]]


def by_kind(seen: Sequence[tuple[Step, Iterable[Shift]]], board: Board) -> tuple[KindChanges, ...]:
    """The changes of all builds, each said once: by kind, then theme."""
    found: dict[Key, list[tuple[Step, Shift]]] = {}
    for step, some in seen:
        for shift in some:
            answers = [(cell.outcome, cell_text(cell, shift.probe)) for cell in (shift.old, shift.new)]
            key = (shift.probe.id, shift.kind, shift.method, answers[0], answers[1])
            found.setdefault(key, []).append((step, shift))
    alike: dict[tuple[object, ...], list[list[tuple[Step, Shift]]]] = {}
    for (probe, kind, _, old, new), where in found.items():
        builds = tuple(step.label for step, _ in where)
        alike.setdefault((probe, kind, old, new, builds), []).append(where)
    changes = [_change(groups, len(seen)) for groups in alike.values()]
    return tuple(group for kind in Kind if (group := _kind(kind, changes, board)))


def _change(groups: Sequence[Sequence[tuple[Step, Shift]]], builds: int) -> Change:
    where = groups[0]
    step, shift = where[0]
    return Change(
        kind=shift.kind,
        probe=shift.probe,
        methods=tuple(sorted((group[0][1].method for group in groups), key=METHODS.index)),
        before=side(shift.was, shift.old, shift.probe),
        after=side(shift.method, shift.new, shift.probe),
        builds=tuple(step.label for step, _ in where),
        everywhere=len(where) == builds,
        rewritten=any(shift.rewritten for group in groups for _, shift in group),
        goal=f"probe/{shift.probe.id}.html#{step.new.id}-{shift.method}",
    )


def side(method: str, cell: Cell, probe: Probe) -> Side:
    """A cell in short."""
    detail = shorten(cell.detail, MAX_DETAIL)
    return Side(method=method, state=STATES[cell.outcome], text=cell_text(cell, probe), detail=detail)


def _kind(kind: Kind, changes: Iterable[Change], board: Board) -> KindChanges | None:
    by_theme: dict[str, list[Change]] = {}
    for change in changes:
        if change.kind is kind:
            by_theme.setdefault(change.probe.theme, []).append(change)
    if not by_theme:
        return None
    names = sorted(by_theme, key=theme_order.place)
    return KindChanges(
        kind=kind,
        n=len({row.probe.id for rows in by_theme.values() for row in rows}),
        themes=tuple(ThemeChanges(name=n, title=board.titles[n] or n, rows=tuple(by_theme[n])) for n in names),
    )
