"""The full view of one column of the index: every target side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from matrix.model import METHODS, Cell, Outcome, Probe
from report.model.matrix_index import Board
from report.model.outcome_styles import STATES, Count, State, counts
from report.model.platforms import Interpreter, Platform
from report.model.support_calendar import ENDED, ends, state
from report.model.values import shorten
from report.views.probe import cell_text

MAX_VALUE = 18
"""Characters of a value in a narrow column; the question's page has all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetColumn:
    """One target over its column; support and ends say how long its series is looked after."""

    target: Interpreter
    build: str
    support: str
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One cell: what a target answered. method is 'none' where the question is not about one."""

    state: State
    text: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRow:
    """One question, with a place for each target."""

    probe: Probe
    method: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FullTheme:
    """The questions of one theme."""

    name: str
    title: str
    rows: tuple[FullRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FullPage:
    """All that a full view shows; others are the methods of this platform that have one too."""

    platform: Platform
    method: str
    others: tuple[str, ...]
    columns: tuple[TargetColumn, ...]
    themes: tuple[FullTheme, ...]
    counts: tuple[Count, ...]
    differs: bool

    @property
    def name(self) -> str:
        """'linux-spawn': its address."""
        return f"{self.platform.slug}-{self.method}"


def present(platform: Platform, board: Board) -> tuple[str, ...]:
    """The methods that a platform has; ('none',) where it has none, since some questions are not about one."""
    return tuple(method for method in METHODS[:3] if method not in board.absent[platform.slug]) or ("none",)


def full_pages(board: Board) -> Iterator[FullPage]:
    """The full views of a matrix, one for each column of the index."""
    for platform in board.platforms:
        for method in present(platform, board):
            yield full_page(platform, method, board)


def full_page(platform: Platform, method: str, board: Board) -> FullPage:
    """Every answer under one method, and those that are about no method, target by target."""
    columns = tuple(
        TargetColumn(
            target=one,
            build=build.extra,
            support=state(one.version, board.matrix.generated) if one.implementation == "cpython" else "",
            ends="" if state(one.version, board.matrix.generated) == ENDED else ends(one.version),
        )
        for build in platform.builds
        for one in build.members
    )
    rows = [found for probe in board.probes.values() if (found := _row(probe, method, columns, board))]
    tally: dict[Outcome, int] = {}
    for row in rows:
        for place in row.places:
            tally[place.state.outcome] = tally.get(place.state.outcome, 0) + 1
    return FullPage(
        platform=platform,
        method=method,
        others=present(platform, board),
        columns=columns,
        themes=tuple(
            FullTheme(name=name, title=board.titles[name], rows=tuple(part))
            for name, part in groupby(rows, key=lambda row: row.probe.theme)
        ),
        counts=counts(tally),
        differs=any(place.differs for row in rows for place in row.places),
    )


def _row(probe: Probe, method: str, columns: tuple[TargetColumn, ...], board: Board) -> FullRow | None:
    asked = method if probe.methods else "none"
    if probe.methods and asked not in probe.methods:
        return None
    cells = board.cells(probe, asked)
    return FullRow(
        probe=probe, method=asked, places=tuple(_place(cells.get(column.target.id), probe) for column in columns)
    )


def _place(cell: Cell | None, probe: Probe) -> Place:
    outcome = cell.outcome if cell else Outcome.UNTESTED
    text = shorten(cell_text(cell, probe), MAX_VALUE) if cell else ""
    return Place(state=STATES[outcome], text=text, differs=cell is not None and cell.agrees is False)
