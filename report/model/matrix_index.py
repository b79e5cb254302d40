"""The matrix with its indexes: every view looks cells up here, none scans them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from matrix.model import METHODS, Cell, Matrix, Outcome, Probe
from matrix.results.grouping import grouped
from matrix.results.ranges import Point, Series, ranges
from report.model import theme_order
from report.model.cells import CellsByTarget, SeriesByKind
from report.model.platforms import Interpreter, InterpreterKind, Platform, group_platforms, read_interpreter

DEFAULT_PROBE = "defaults.start_method"
"""The probe that says which method a target uses when a program names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixIndex:
    """by_probe: (probe id, method) -> target id -> cell; known: the stable series of each kind of interpreter.

    absent: platform slug -> the methods that it does not have; defaults: platform slug -> method -> its versions;
    probes: by id, in reading order; titles: theme -> the question behind its questions, or ''.
    """

    matrix: Matrix
    platforms: tuple[Platform, ...]
    by_probe: Mapping[tuple[str, str], CellsByTarget]
    by_target: Mapping[str, tuple[Cell, ...]]
    probes: Mapping[str, Probe]
    known: Mapping[InterpreterKind, frozenset[Series]]
    absent: Mapping[str, tuple[str, ...]]
    defaults: Mapping[str, Mapping[str, str]]
    titles: Mapping[str, str]

    def cells(self, probe: Probe, method: str) -> CellsByTarget:
        """What all targets answered to a probe under a method, by target id."""
        return self.by_probe.get((probe.id, method), {})

    @property
    def targets(self) -> tuple[Interpreter, ...]:
        """All targets, platform by platform."""
        return tuple(target for platform in self.platforms for target in platform.members)


def index_matrix(matrix: Matrix) -> MatrixIndex:
    """Index a matrix. Raises DataError if a target's version cannot be read."""
    targets = [read_interpreter(target) for target in matrix.targets]
    platforms = group_platforms(targets)
    by_probe: dict[tuple[str, str], dict[str, Cell]] = {}
    by_target: dict[str, list[Cell]] = {target.id: [] for target in targets}
    for cell in matrix.cells:
        by_probe.setdefault((cell.probe, cell.method), {})[cell.target] = cell
        by_target.setdefault(cell.target, []).append(cell)
    stable = grouped((target for target in targets if target.version.stable), lambda target: target.kind)
    known = {kind: frozenset(target.version.series for target in members) for kind, members in stable.items()}
    return MatrixIndex(
        matrix=matrix,
        platforms=platforms,
        by_probe=by_probe,
        by_target={target: tuple(cells) for target, cells in by_target.items()},
        probes={probe.id: probe for probe in sorted(matrix.probes, key=lambda probe: theme_order.rank(probe.theme))},
        known=known,
        absent=_absent(matrix, platforms),
        defaults=_defaults(platforms, by_probe.get((DEFAULT_PROBE, "none"), {}), known),
        titles={probe.theme: title(matrix.sources.get(probe.file, "")) for probe in _first_of_themes(matrix)},
    )


def probe_methods(probe: Probe) -> tuple[str, ...]:
    """The methods of a probe's cells: ('none',) where it is not about one."""
    return probe.methods or ("none",)


def _absent(matrix: Matrix, platforms: Sequence[Platform]) -> dict[str, tuple[str, ...]]:
    """The methods that each platform does not have: all that was tried under them was unavailable."""
    slugs = {target.id: platform.slug for platform in platforms for target in platform.members}
    seen: dict[tuple[str, str], set[Outcome]] = {}
    for cell in matrix.cells:
        if cell.outcome is not Outcome.UNTESTED and cell.target in slugs:
            seen.setdefault((slugs[cell.target], cell.method), set()).add(cell.outcome)
    return {
        platform.slug: tuple(m for m in METHODS[:3] if seen.get((platform.slug, m)) == {Outcome.UNAVAILABLE})
        for platform in platforms
    }


def default_method(target: Interpreter, cell: Cell | None) -> str | None:
    """The method that a target uses when a program names none: as measured, else from its facts."""
    if cell is not None and cell.outcome is Outcome.VALUE:
        return str(cell.value)
    fact = target.facts.get("default_method")
    return str(fact) if fact else None


def _defaults(platforms: Sequence[Platform], measured: CellsByTarget, known: SeriesByKind) -> dict[str, dict[str, str]]:
    """Platform -> method -> the versions of the main line whose default it is: 'default 3.8-3.13'."""
    defaults: dict[str, dict[str, str]] = {}
    for platform in platforms:
        members = platform.builds[0].members
        points = [
            Point(version=target.version, key=default_method(target, measured.get(target.id))) for target in members
        ]
        parts = ranges(points, known.get(members[0].kind, ()))
        defaults[platform.slug] = {str(part.key): ", ".join(part.spans) for part in parts if part.key}
    return defaults


def tally(cells: Iterable[Cell]) -> Counter[Outcome]:
    """How many cells have each outcome."""
    return Counter(cell.outcome for cell in cells)


def differing(cells: Iterable[Cell]) -> int:
    """How many answers are not the documented ones."""
    return sum(cell.agrees is False for cell in cells)


def _first_of_themes(matrix: Matrix) -> Collection[Probe]:
    """One probe of each theme: a script is read once."""
    return {probe.theme: probe for probe in reversed(matrix.probes)}.values()


def title(source: str) -> str:
    """The first line of a probe script's docstring, or ''."""
    try:
        text = ast.get_docstring(ast.parse(source)) or ""
    except (SyntaxError, ValueError, RecursionError):
        return ""  # written for a newer Python than ours, or not Python at all
    return text.partition("\n")[0]
