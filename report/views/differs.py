"""Everywhere observed is not what is documented, each once with all targets where it was seen. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from matrix.model import METHODS, Cell, Probe
from report.model.matrix_index import Board, probe_methods
from report.model.platforms import Interpreter
from report.views.changes import Side, side
from report.views.probe import answer_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The targets of one build that gave the answer; title is the platform's, build what sets it apart there."""

    title: str
    build: str
    targets: tuple[Interpreter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One answer that is not the documented one. goal: the anchor of the newest cell that gave it."""

    probe: Probe
    methods: tuple[str, ...]
    observed: Side
    documented: str
    where: tuple[Where, ...]
    goal: str
    why: Markup | None

    @property
    def n(self) -> int:
        """On how many targets it was seen."""
        return sum(len(part.targets) for part in self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeDifferences:
    """Those of one theme."""

    name: str
    title: str
    rows: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffersPage:
    """All that the page shows. compared: cells that a document speaks of; differing: how many are otherwise."""

    compared: int
    differing: int
    questions: int
    themes: tuple[ThemeDifferences, ...]


def differs_page(board: Board, reasons: Mapping[str, Markup]) -> DiffersPage:
    """The page; reasons are the explanations of docs/findings.md, by probe id."""
    by_theme: dict[str, list[Difference]] = {}
    for probe in board.probes.values():
        if rows := _differences(probe, board, reasons.get(probe.id)):
            by_theme.setdefault(probe.theme, []).extend(rows)
    return DiffersPage(
        compared=sum(cell.agrees is not None for cell in board.matrix.cells),
        differing=sum(cell.agrees is False for cell in board.matrix.cells),
        questions=len({row.probe.id for rows in by_theme.values() for row in rows}),
        themes=tuple(
            ThemeDifferences(name=name, title=board.titles[name] or name, rows=tuple(rows))
            for name, rows in by_theme.items()
        ),
    )


def _differences(probe: Probe, board: Board, why: Markup | None) -> list[Difference]:
    found: dict[tuple[object, ...], list[Cell]] = {}
    for method in probe_methods(probe):
        for cell in board.cells(probe, method).values():
            if cell.agrees is False:
                seen = side(method, cell, probe)
                found.setdefault((method, seen.state.outcome, seen.text, str(cell.documented)), []).append(cell)
    alike: dict[tuple[object, ...], list[list[Cell]]] = {}
    for (_, *said), cells in found.items():
        alike.setdefault((*said, *(cell.target for cell in cells)), []).append(cells)
    return [_difference(probe, groups, board, why) for groups in alike.values()]


def _difference(probe: Probe, groups: Sequence[Sequence[Cell]], board: Board, why: Markup | None) -> Difference:
    cells = {cell.target: cell for cell in groups[0]}
    where = tuple(
        Where(title=place.title, build=build.label, targets=targets)
        for place in board.platforms
        for build in place.builds
        if (targets := tuple(one for one in build.members if one.id in cells))
    )
    newest = where[0].targets[-1].id
    first = cells[newest]
    return Difference(
        probe=probe,
        methods=tuple(sorted((group[0].method for group in groups), key=METHODS.index)),
        observed=side(first.method, first, probe),
        documented=answer_text(first.documented, probe),
        where=where,
        goal=f"{newest}-{first.method}",
        why=why,
    )
