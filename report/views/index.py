"""The first page: questions by theme, platforms by method. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matrix.model import METHODS, Cell, Outcome, Probe
from matrix.results.ranges import Point, ranges
from matrix.results.versions import TO, series_text
from report.model.cells import CellView, Line, cell_view
from report.model.matrix_index import Board, probe_methods, tally
from report.model.outcome_styles import Count, counts
from report.model.platforms import Build, Platform
from report.model.support_calendar import Support, support

START = "availability.starts"
"""The question that tells whether a platform has processes."""


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
        """What a card repeats in front of the cell."""
        return f"{self.platform.title} {self.method}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One platform over its columns; covers says which releases the text is about."""

    platform: Platform
    columns: tuple[Column, ...]
    covers: str
    support: tuple[Support, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in a row: a cell, or none where nothing is asked ('void') or nothing can be ('absent')."""

    column: Column
    view: CellView | None
    what: str
    span: int = 1

    @property
    def label(self) -> str:
        """What a card repeats in front of the cell; a cell over all methods is the platform's."""
        return self.column.platform.title if self.what == "any" else self.column.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question, with its cells. css says what the filters ask: 'any' is not about one method."""

    probe: Probe
    slots: tuple[Slot, ...]

    @property
    def css(self) -> str:
        """'same': one answer everywhere; 'changed': not in every version; 'differs': a document says otherwise."""
        views = [slot.view for slot in self.slots if slot.view]
        found = {
            "any": not self.probe.methods,
            "same": same(views),
            "changed": any(changed(line) for view in views for line in view.lines),
            "differs": any(part.differs for view in views for line in view.lines for part in line.segments),
        }
        return " ".join(name for name, holds in found.items() if holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The questions of one script. differs counts the cells that are not as documented."""

    name: str
    title: str
    rows: tuple[Row, ...]
    differs: int

    @property
    def same(self) -> int:
        """How many rows say one thing everywhere, and can be folded away."""
        return sum(" same" in f" {row.css}" for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """All that the first page shows.

    heads are the platforms with columns. processless: no process can be started there; emulated: the real system
    has columns; neither has any itself.
    """

    heads: tuple[Head, ...]
    processless: tuple[Head, ...]
    emulated: tuple[Head, ...]
    themes: tuple[Theme, ...]
    summary: Summary
    series: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that some platform has, in order."""
        found = {column.method for column in self.columns}
        return tuple(method for method in METHODS if method in found)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column of the table, from left to right."""
        return tuple(column for head in self.heads for column in head.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The sentence on top, and the legend: the states that the page shows."""

    probes: int
    targets: int
    counts: tuple[Count, ...]
    differs: int
    newest: str

    @property
    def cells(self) -> int:
        """All of them, tested or not."""
        return sum(count.n for count in self.counts)


def index(board: Board) -> Index:
    """The first page of a matrix."""
    processless = _processless(board)
    emulated = _emulated(board) - processless

    def heads(wanted: Callable[[str], bool]) -> tuple[Head, ...]:
        return tuple(_head(place, board) for place in board.platforms if wanted(place.slug))

    shown = heads(lambda slug: slug not in processless | emulated)
    by_theme: dict[str, list[Probe]] = {}
    for probe in board.probes.values():
        by_theme.setdefault(probe.theme, []).append(probe)
    return Index(
        heads=shown,
        processless=heads(processless.__contains__),
        emulated=heads(emulated.__contains__),
        themes=tuple(_theme(name, probes, shown, board) for name, probes in by_theme.items()),
        summary=summary(board),
        series=tuple(series_text(one) for one in sorted(board.known.get(("cpython", False), ()))),
    )


def _processless(board: Board) -> frozenset[str]:
    """The platforms on which no method starts a process; none of them if there is no other platform to show."""
    started: dict[str, set[Outcome]] = {}
    for place in board.platforms:
        asked = (board.answers.get((START, method), {}) for method in METHODS[:3])
        said = {cell.outcome for answers in asked for one in place.members if (cell := answers.get(one.id))}
        started[place.slug] = said - {Outcome.UNTESTED}
    found = frozenset(slug for slug, said in started.items() if said == {Outcome.UNAVAILABLE})
    return found if len(found) < len(started) else frozenset()


def _emulated(board: Board) -> frozenset[str]:
    """The emulations of systems that are there for real."""
    real = {place.members[0].system for place in board.platforms if not place.members[0].emulator}
    return frozenset(
        place.slug for place in board.platforms if place.members[0].emulator and place.members[0].system in real
    )


def same(views: Sequence[CellView]) -> bool:
    """Whether all cells of a row say one thing, in all builds and versions; never where something is untested."""
    parts = [line.segments for view in views for line in view.lines]
    said = {(part.state.outcome, part.text, part.differs) for segments in parts for part in segments}
    return len(views) > 1 and len(said) == 1 and not any(outcome is Outcome.UNTESTED for outcome, *_ in said)


def changed(line: Line) -> bool:
    """Whether a build answers one thing in some versions and another in others."""
    return sum(part.state.outcome is not Outcome.UNTESTED for part in line.segments) > 1


def summary(board: Board) -> Summary:
    """What the whole matrix comes to."""
    matrix = board.matrix
    return Summary(
        probes=len(matrix.probes),
        targets=len(matrix.targets),
        counts=counts(tally(matrix.cells)),
        differs=differing(matrix.cells),
        newest=matrix.generated[:10],
    )


def differing(cells: Sequence[Cell]) -> int:
    """How many answers are not the documented ones."""
    return sum(cell.agrees is False for cell in cells)


def _head(platform: Platform, board: Board) -> Head:
    absent = board.absent[platform.slug]
    defaults = board.defaults[platform.slug]
    columns = [
        Column(platform=platform, method=method, default=defaults.get(method, ""))
        for method in METHODS[:3]
        if method not in absent
    ]
    if absent:
        columns.append(Column(platform=platform, method="", absent=absent))
    supported = support([one.version for one in platform.builds[0].members], board.matrix.generated)
    first = columns[0]
    columns[0] = Column(platform=platform, method=first.method, absent=first.absent, default=first.default, first=True)
    return Head(platform=platform, columns=tuple(columns), covers=coverage(platform), support=supported)


def coverage(platform: Platform) -> str:
    """'3.8-3.14': the releases that the text of a platform's cells is about; of all builds if none is the main line."""
    builds = [build for build in platform.builds if build.main] or platform.builds
    return ", ".join(map(_covered, builds))


def _covered(build: Build) -> str:
    covered = ranges(Point(version=one.version, key=True) for one in build.members)
    spans = [span for part in covered if part.key for span in part.spans]
    newest = series_text(max(one.version for one in build.members).series)
    closed = [span if span != f"{newest}+" else newest for span in spans]
    return f"{build.label} {', '.join(closed)}".strip().replace("+", f"{TO}{newest}")


def _theme(name: str, probes: Sequence[Probe], heads: Sequence[Head], board: Board) -> Theme:
    differs = sum(differing(tuple(board.cells(probe, m).values())) for probe in probes for m in probe_methods(probe))
    rows = tuple(_row(probe, heads, board) for probe in probes)
    return Theme(name=name, title=board.titles[name], rows=rows, differs=differs)


def _row(probe: Probe, heads: Sequence[Head], board: Board) -> Row:
    slots: list[Slot] = []
    for head in heads:
        if probe.methods:
            slots += [_slot(probe, column, board) for column in head.columns]
        else:
            view = cell_view(probe, head.platform, board.cells(probe, "none"), board.known)
            slots.append(Slot(column=head.columns[0], view=view, what="any", span=len(head.columns)))
    return Row(probe=probe, slots=tuple(slots))


def _slot(probe: Probe, column: Column, board: Board) -> Slot:
    if column.absent:
        return Slot(column=column, view=None, what="absent")
    if column.method not in probe.methods:
        return Slot(column=column, view=None, what="void")
    view = cell_view(probe, column.platform, board.cells(probe, column.method), board.known)
    return Slot(column=column, view=view, what="cell")
