"""Tables of questions by theme, platforms by method: on the first page, on the pages of themes, of all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matrix.model import METHODS, Outcome, Probe
from matrix.results.labels import Label
from matrix.results.ranges import Point, ranges
from report.model.cells import CellView, Line, cell_view
from report.model.i18n import Phrase
from report.model.labels import label_text
from report.model.matrix_index import MatrixIndex, differing, probe_methods
from report.model.outcome_styles import STYLES, OutcomeStyle
from report.model.pending import Pending, Promise, pending_platforms, promises
from report.model.platforms import Build, Platform
from report.model.shown import shown_platforms
from report.model.support_calendar import Support, support
from report.model.theme_groups import ThemeGroup, theme_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One method of a platform; or, with `absent`, all the methods that it does not have."""

    platform: Platform
    method: str
    absent: tuple[str, ...] = ()
    default: str = ""
    first: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question. slots are its measured cells, promises what documents say of each pending platform.

    differs counts its answers that are not the documented ones, on all targets.
    """

    probe: Probe
    slots: tuple[Slot, ...]
    promises: tuple[tuple[Promise, ...], ...]
    differs: int
    label: Label

    @property
    def word(self) -> str | Phrase:
        """Its label, in words."""
        return label_text(self.label)

    @property
    def same(self) -> bool:
        """One answer everywhere: the row can be folded away."""
        return same([slot.view for slot in self.slots if slot.view])

    @property
    def css(self) -> str:
        """Classes for the filters: any (not about a method), same, changed (between versions), differs (from docs)."""
        lines = [line for slot in self.slots if slot.view for line in slot.view.lines]
        classes = {
            f"l-{self.label.kind}": True,
            "any": not self.probe.methods,
            "same": self.same,
            "changed": any(map(changed, lines)),
            "differs": any(part.differs for line in lines for part in line.segments),
        }
        return " ".join(name for name, holds in classes.items() if holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Some questions, platforms by method. pending are the platforms that nobody has measured yet."""

    heads: tuple[Head, ...]
    pending: tuple[Pending, ...]
    themes: tuple[ThemeGroup[Row], ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every measured column, from left to right."""
        return tuple(column for head in self.heads for column in head.columns)

    @property
    def width(self) -> int:
        """How many columns there are, the questions' own among them."""
        return 1 + len(self.columns) + len(self.pending)

    @property
    def outcomes(self) -> tuple[OutcomeStyle, ...]:
        """The outcomes that it shows, in the order of the legend."""
        rows = (row for theme in self.themes for row in theme.rows)
        views = (slot.view for row in rows for slot in row.slots if slot.view)
        shown = {part.state.outcome for view in views for line in view.lines for part in line.segments}
        return tuple(style for outcome, style in STYLES.items() if outcome in shown)

    @property
    def differs(self) -> bool:
        """Whether an answer of it is not the documented one."""
        return any(row.differs for theme in self.themes for row in theme.rows)


def table(probes: Iterable[Probe], index: MatrixIndex, labels: Mapping[str, Label]) -> Table:
    """The table of some questions; labels by probe id."""
    heads = tuple(head(platform, index) for platform in shown_platforms(index))
    pending = pending_platforms(index)
    rows = [_row(probe, heads, pending, index, labels[probe.id]) for probe in probes]
    return Table(heads=heads, pending=pending, themes=theme_groups(rows, index.titles))


def same(views: Sequence[CellView]) -> bool:
    """Whether all cells of a row give one answer, in all builds and versions; never where something is untested."""
    parts = (part for view in views for line in view.lines for part in line.segments)
    answers = {(part.state.outcome, part.text, part.differs) for part in parts}
    return len(views) > 1 and len(answers) == 1 and Outcome.UNTESTED not in {outcome for outcome, *_ in answers}


def changed(line: Line) -> bool:
    """Whether a build gives one answer in some versions and another one in others."""
    return sum(part.state.outcome is not Outcome.UNTESTED for part in line.segments) > 1


def head(platform: Platform, index: MatrixIndex) -> Head:
    """The head over a platform's columns."""
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


def _row(probe: Probe, heads: Sequence[Head], pending: Sequence[Pending], index: MatrixIndex, label: Label) -> Row:
    slots: list[Slot] = []
    for head in heads:
        if probe.methods:
            slots += [_slot(probe, column, index) for column in head.columns]
        else:
            view = cell_view(probe, head.platform, index.cells(probe, "none"), index.known)
            slots.append(Slot(column=head.columns[0], view=view, what="any", span=len(head.columns)))
    differs = sum(differing(index.cells(probe, method).values()) for method in probe_methods(probe))
    documented = tuple(promises(probe, platform) for platform in pending)
    return Row(probe=probe, slots=tuple(slots), promises=documented, differs=differs, label=label)


def _slot(probe: Probe, column: Column, index: MatrixIndex) -> Slot:
    if column.absent:
        return Slot(column=column, view=None, what="absent")
    if column.method not in probe.methods:
        return Slot(column=column, view=None, what="void")
    view = cell_view(probe, column.platform, index.cells(probe, column.method), index.known)
    return Slot(column=column, view=view, what="cell")
