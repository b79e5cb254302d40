"""The first page: questions by theme, platforms by method. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matrix.model import METHODS, Outcome, Probe
from matrix.results.ranges import Point, ranges
from matrix.results.versions import series_text
from report.model.cells import CellView, Line, cell_view
from report.model.matrix_index import MatrixIndex, differing, probe_methods, tally
from report.model.outcome_styles import Count, counts
from report.model.platforms import CPYTHON, Build, Platform
from report.model.support_calendar import Support, support
from report.model.theme_groups import ThemeGroup, theme_groups

START = "availability.starts"
"""The question whether a process can be started at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One method of a platform; or, with `absent`, all the methods that it does not have."""

    platform: Platform
    method: str
    absent: tuple[str, ...] = ()
    default: str = ""
    first: bool = False

    @property
    def label(self) -> str:
        """What a card on a phone repeats before the cell."""
        return f"{self.platform.title} {self.method}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One platform over its columns; covers: the releases that the text of its cells is about."""

    platform: Platform
    columns: tuple[Column, ...]
    covers: str
    support: tuple[Support, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in a row. what: 'cell', 'any' (one over all methods), 'void' (not asked), 'absent' (no such method)."""

    column: Column
    view: CellView | None
    what: str
    span: int = 1

    @property
    def label(self) -> str:
        """What a card on a phone repeats before the cell; a cell over all methods is the platform's."""
        return self.column.platform.title if self.what == "any" else self.column.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question, with its cells. differs counts its answers that are not the documented ones, on all targets."""

    probe: Probe
    slots: tuple[Slot, ...]
    differs: int

    @property
    def same(self) -> bool:
        """One answer everywhere: the row can be folded away."""
        return same([slot.view for slot in self.slots if slot.view])

    @property
    def css(self) -> str:
        """Classes for the filters: any (not about a method), same, changed (between versions), differs (from docs)."""
        lines = [line for slot in self.slots if slot.view for line in slot.view.lines]
        classes = {
            "any": not self.probe.methods,
            "same": self.same,
            "changed": any(map(changed, lines)),
            "differs": any(part.differs for line in lines for part in line.segments),
        }
        return " ".join(name for name, holds in classes.items() if holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """All that the first page shows.

    heads are the platforms with columns. processless: no process can be started there; emulated: the real system
    has columns; neither of these has columns itself. series are those of CPython, for the version filter.
    """

    heads: tuple[Head, ...]
    processless: tuple[Head, ...]
    emulated: tuple[Head, ...]
    themes: tuple[ThemeGroup[Row], ...]
    summary: Summary
    series: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that some platform has, in order."""
        present = {column.method for column in self.columns}
        return tuple(method for method in METHODS if method in present)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column of the table, from left to right."""
        return tuple(column for head in self.heads for column in head.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The sentence on top, and the legend: the outcomes that the page shows."""

    probes: int
    targets: int
    counts: tuple[Count, ...]
    differs: int
    newest: str

    @property
    def cells(self) -> int:
        """All of them, tested or not."""
        return sum(count.n for count in self.counts)


def index_page(index: MatrixIndex) -> IndexPage:
    """The first page of a matrix."""
    processless = _processless(index)
    emulated = _emulated(index) - processless

    def heads(selected: Callable[[str], bool]) -> tuple[Head, ...]:
        return tuple(_head(platform, index) for platform in index.platforms if selected(platform.slug))

    shown = heads(lambda slug: slug not in processless | emulated)
    rows = [_row(probe, shown, index) for probe in index.probes.values()]
    return IndexPage(
        heads=shown,
        processless=heads(processless.__contains__),
        emulated=heads(emulated.__contains__),
        themes=theme_groups(rows, index.titles),
        summary=summary(index),
        series=tuple(series_text(series) for series in sorted(index.known.get(CPYTHON, ()))),
    )


def _processless(index: MatrixIndex) -> frozenset[str]:
    """The platforms on which no method starts a process; none of them if there is no other platform to show."""
    processless = frozenset(
        platform.slug for platform in index.platforms if _start_outcomes(platform, index) == {Outcome.UNAVAILABLE}
    )
    return processless if len(processless) < len(index.platforms) else frozenset()


def _start_outcomes(platform: Platform, index: MatrixIndex) -> set[Outcome]:
    """What the targets of a platform answered when asked to start a process, under all methods."""
    by_method = [index.by_probe.get((START, method), {}) for method in METHODS[:3]]
    cells = (cells.get(target.id) for cells in by_method for target in platform.members)
    return {cell.outcome for cell in cells if cell} - {Outcome.UNTESTED}


def _emulated(index: MatrixIndex) -> frozenset[str]:
    """The emulated platforms whose real system has targets."""
    firsts = {platform.slug: platform.members[0] for platform in index.platforms}
    real = {target.system for target in firsts.values() if not target.emulator}
    return frozenset(slug for slug, target in firsts.items() if target.emulator and target.system in real)


def same(views: Sequence[CellView]) -> bool:
    """Whether all cells of a row give one answer, in all builds and versions; never where something is untested."""
    parts = (part for view in views for line in view.lines for part in line.segments)
    answers = {(part.state.outcome, part.text, part.differs) for part in parts}
    return len(views) > 1 and len(answers) == 1 and Outcome.UNTESTED not in {outcome for outcome, *_ in answers}


def changed(line: Line) -> bool:
    """Whether a build gives one answer in some versions and another one in others."""
    return sum(part.state.outcome is not Outcome.UNTESTED for part in line.segments) > 1


def summary(index: MatrixIndex) -> Summary:
    """The whole matrix in numbers."""
    matrix = index.matrix
    return Summary(
        probes=len(matrix.probes),
        targets=len(matrix.targets),
        counts=counts(tally(matrix.cells)),
        differs=differing(matrix.cells),
        newest=matrix.generated[:10],
    )


def _head(platform: Platform, index: MatrixIndex) -> Head:
    absent = index.absent[platform.slug]
    defaults = index.defaults[platform.slug]
    columns = [
        Column(platform=platform, method=method, default=defaults.get(method, ""))
        for method in METHODS[:3]
        if method not in absent
    ]
    if absent:
        columns.append(Column(platform=platform, method="", absent=absent))
    supported = support([one.version for one in platform.builds[0].members], index.matrix.generated)
    first = columns[0]
    columns[0] = Column(platform=platform, method=first.method, absent=first.absent, default=first.default, first=True)
    return Head(platform=platform, columns=tuple(columns), covers=coverage(platform), support=supported)


def coverage(platform: Platform) -> str:
    """'3.8-3.14': the releases that the text of a platform's cells is about; of all builds if none is the main line."""
    builds = [build for build in platform.builds if build.main] or platform.builds
    return ", ".join(map(_covered, builds))


def _covered(build: Build) -> str:
    points = [Point(version=target.version, key=True) for target in build.members]
    spans = (span for part in ranges(points, closed=True) if part.key for span in part.spans)
    return f"{build.label} {', '.join(spans)}".strip()


def _row(probe: Probe, heads: Sequence[Head], index: MatrixIndex) -> Row:
    slots: list[Slot] = []
    for head in heads:
        if probe.methods:
            slots += [_slot(probe, column, index) for column in head.columns]
        else:
            view = cell_view(probe, head.platform, index.cells(probe, "none"), index.known)
            slots.append(Slot(column=head.columns[0], view=view, what="any", span=len(head.columns)))
    differs = sum(differing(index.cells(probe, method).values()) for method in probe_methods(probe))
    return Row(probe=probe, slots=tuple(slots), differs=differs)


def _slot(probe: Probe, column: Column, index: MatrixIndex) -> Slot:
    if column.absent:
        return Slot(column=column, view=None, what="absent")
    if column.method not in probe.methods:
        return Slot(column=column, view=None, what="void")
    view = cell_view(probe, column.platform, index.cells(probe, column.method), index.known)
    return Slot(column=column, view=view, what="cell")
