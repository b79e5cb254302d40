"""The full view of one column of the first page: every target side by side. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matrix.model import METHODS, Cell, Outcome, Probe
from report.model.matrix_index import MatrixIndex
from report.model.outcome_styles import STYLES, Count, OutcomeStyle, counts
from report.model.platforms import Interpreter, Platform
from report.model.support_calendar import ENDED, ends, state
from report.model.theme_groups import ThemeGroup, theme_groups
from report.model.values import shorten
from report.views.probe import cell_text

MAX_VALUE = 18
"""Characters of a value in a narrow column; the question's page has all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetColumn:
    """One target over its column; support is the state of its series, ends the month of its end of life, or ''."""

    target: Interpreter
    build: str
    support: str
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FullCell:
    """What one target answered."""

    state: OutcomeStyle
    text: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRow:
    """One question, with a cell for each target. method is 'none' where the question is not about one."""

    probe: Probe
    method: str
    cells: tuple[FullCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FullPage:
    """All that a full view shows; others are the methods of this platform that have one too."""

    platform: Platform
    method: str
    others: tuple[str, ...]
    columns: tuple[TargetColumn, ...]
    themes: tuple[ThemeGroup[FullRow], ...]
    counts: tuple[Count, ...]
    differs: bool

    @property
    def name(self) -> str:
        """'linux-spawn': its address."""
        return f"{self.platform.slug}-{self.method}"


def full_pages(index: MatrixIndex) -> Iterator[FullPage]:
    """The full views of a matrix, one for each column of the first page."""
    for platform in index.platforms:
        for method in _present(platform, index):
            yield full_page(platform, method, index)


def _present(platform: Platform, index: MatrixIndex) -> tuple[str, ...]:
    """The methods that a platform has; ('none',) where it has none, since some questions are not about one."""
    return tuple(method for method in METHODS[:3] if method not in index.absent[platform.slug]) or ("none",)


def full_page(platform: Platform, method: str, index: MatrixIndex) -> FullPage:
    """Every answer under one method, and those that are not about a method, target by target."""
    columns = tuple(
        _column(target, build.extra, index.matrix.generated) for build in platform.builds for target in build.members
    )
    rows = [row for probe in index.probes.values() if (row := _row(probe, method, columns, index))]
    cells = [cell for row in rows for cell in row.cells]
    return FullPage(
        platform=platform,
        method=method,
        others=_present(platform, index),
        columns=columns,
        themes=theme_groups(rows, index.titles),
        counts=counts(Counter(cell.state.outcome for cell in cells)),
        differs=any(cell.differs for cell in cells),
    )


def _column(target: Interpreter, build: str, day: str) -> TargetColumn:
    support = state(target.version, day)
    return TargetColumn(
        target=target,
        build=build,
        support=support if target.implementation == "cpython" else "",
        ends="" if support == ENDED else ends(target.version),
    )


def _row(probe: Probe, method: str, columns: Sequence[TargetColumn], index: MatrixIndex) -> FullRow | None:
    asked = method if probe.methods else "none"
    if probe.methods and asked not in probe.methods:
        return None
    cells = index.cells(probe, asked)
    return FullRow(
        probe=probe, method=asked, cells=tuple(_cell(cells.get(column.target.id), probe) for column in columns)
    )


def _cell(cell: Cell | None, probe: Probe) -> FullCell:
    outcome = cell.outcome if cell else Outcome.UNTESTED
    text = shorten(cell_text(cell, probe), MAX_VALUE) if cell else ""
    return FullCell(state=STYLES[outcome], text=text, differs=cell is not None and cell.agrees is False)
