"""Everywhere the observed answer is not the documented one, each once with all targets where it was seen. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matrix.model import METHODS, Cell, Probe
from matrix.results.grouping import grouped
from report.model.i18n import Wording
from report.model.matrix_index import MatrixIndex, differing, probe_methods
from report.model.platforms import Interpreter
from report.model.theme_groups import ThemeGroup, theme_groups
from report.model.values import answer_text
from report.views.changes import Side, side


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildTargets:
    """The targets of one build that gave the answer; title is the platform's, build what distinguishes it there."""

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
    where: tuple[BuildTargets, ...]
    goal: str
    why: Wording | None

    @property
    def n(self) -> int:
        """On how many targets it was seen."""
        return sum(len(part.targets) for part in self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffersPage:
    """All that the page shows. compared: cells with a documented answer; differing: how many have another one."""

    compared: int
    differing: int
    questions: int
    themes: tuple[ThemeGroup[Difference], ...]


def differs_page(index: MatrixIndex, reasons: Mapping[str, Wording]) -> DiffersPage:
    """The page; reasons are the explanations of docs/findings.md, by probe id."""
    rows = [row for probe in index.probes.values() for row in _differences(probe, index, reasons.get(probe.id))]
    cells = index.matrix.cells
    return DiffersPage(
        compared=sum(cell.agrees is not None for cell in cells),
        differing=differing(cells),
        questions=len({row.probe.id for row in rows}),
        themes=theme_groups(rows, index.titles),
    )


def _differences(probe: Probe, index: MatrixIndex, why: Wording | None) -> list[Difference]:
    """What differs alike on the same targets under several methods is one row."""

    def alike(cell: Cell) -> tuple[object, ...]:
        observed = side(cell.method, cell, probe)
        return observed.state.outcome, observed.text, str(cell.documented)

    cells = [
        cell for method in probe_methods(probe) for cell in index.cells(probe, method).values() if cell.agrees is False
    ]
    by_method = grouped(cells, lambda cell: (cell.method, alike(cell)))
    rows = grouped(by_method.values(), lambda same: (alike(same[0]), tuple(cell.target for cell in same)))
    return [_difference(probe, groups, index, why) for groups in rows.values()]


def _difference(probe: Probe, groups: Sequence[Sequence[Cell]], index: MatrixIndex, why: Wording | None) -> Difference:
    cells = {cell.target: cell for cell in groups[0]}
    where = tuple(
        BuildTargets(title=platform.title, build=build.label, targets=targets)
        for platform in index.platforms
        for build in platform.builds
        if (targets := tuple(target for target in build.members if target.id in cells))
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
