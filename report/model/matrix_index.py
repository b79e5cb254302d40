"""The matrix with its indexes: every view looks cells up here, none scans them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from matrix.model import METHODS, Cell, Matrix, Outcome, Probe
from matrix.results.ranges import Point, Series, ranges
from report.model import theme_order
from report.model.cells import Kind, Known
from report.model.platforms import Interpreter, Platform, interpreter, platforms

DEFAULT_PROBE = "defaults.start_method"
"""The probe that says which method a target uses when nobody names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """answers: (probe, method) -> target -> cell; known: the stable series of each kind of interpreter.

    absent: the methods that a platform, by slug, does not have; defaults: its method -> versions;
    probes: by id, in the order to be read; titles: theme -> the question behind its questions.
    """

    matrix: Matrix
    platforms: tuple[Platform, ...]
    answers: Mapping[tuple[str, str], Mapping[str, Cell]]
    by_target: Mapping[str, tuple[Cell, ...]]
    probes: Mapping[str, Probe]
    known: Mapping[Kind, frozenset[Series]]
    absent: Mapping[str, tuple[str, ...]]
    defaults: Mapping[str, Mapping[str, str]]
    titles: Mapping[str, str]

    def cells(self, probe: Probe, method: str) -> Mapping[str, Cell]:
        """What all targets answered to a probe under a method."""
        return self.answers.get((probe.id, method), {})


def board(matrix: Matrix) -> Board:
    """Index a matrix. Raises DataError if a target's version cannot be read."""
    everyone = [interpreter(target) for target in matrix.targets]
    places = platforms(everyone)
    answers: dict[tuple[str, str], dict[str, Cell]] = {}
    by_target: dict[str, list[Cell]] = {one.id: [] for one in everyone}
    for cell in matrix.cells:
        answers.setdefault((cell.probe, cell.method), {})[cell.target] = cell
        by_target.setdefault(cell.target, []).append(cell)
    known: dict[Kind, set[Series]] = {}
    for one in everyone:
        if one.version.stable:
            known.setdefault(one.kind, set()).add(one.version.series)
    return Board(
        matrix=matrix,
        platforms=places,
        answers=answers,
        by_target={target: tuple(cells) for target, cells in by_target.items()},
        probes={probe.id: probe for probe in sorted(matrix.probes, key=lambda probe: theme_order.place(probe.theme))},
        known={kind: frozenset(series) for kind, series in known.items()},
        absent=_absent(matrix, places),
        defaults=_defaults(places, answers.get((DEFAULT_PROBE, "none"), {}), known),
        titles={probe.theme: title(matrix.sources.get(probe.file, "")) for probe in _firsts(matrix)},
    )


def probe_methods(probe: Probe) -> tuple[str, ...]:
    """The methods of a probe's cells: ('none',) where it is not about one."""
    return probe.methods or ("none",)


def _absent(matrix: Matrix, places: tuple[Platform, ...]) -> dict[str, tuple[str, ...]]:
    """The methods that each platform does not have: all that was tried under them was unavailable."""
    home = {one.id: place.slug for place in places for one in place.members}
    seen: dict[tuple[str, str], set[Outcome]] = {}
    for cell in matrix.cells:
        if cell.outcome is not Outcome.UNTESTED and cell.target in home:
            seen.setdefault((home[cell.target], cell.method), set()).add(cell.outcome)
    return {
        place.slug: tuple(m for m in METHODS[:3] if seen.get((place.slug, m)) == {Outcome.UNAVAILABLE})
        for place in places
    }


def default_method(one: Interpreter, cell: Cell | None) -> str | None:
    """What a target uses when nobody names a method: as measured, else as it says of itself."""
    if cell is not None and cell.outcome is Outcome.VALUE:
        return str(cell.value)
    said = one.facts.get("default_method")
    return str(said) if said else None


def _defaults(places: tuple[Platform, ...], measured: Mapping[str, Cell], known: Known) -> dict[str, dict[str, str]]:
    """platform -> method -> the versions of the main line whose default it is: 'default 3.8-3.13'."""
    found: dict[str, dict[str, str]] = {}
    for place in places:
        line = place.builds[0].members
        series = known.get(line[0].kind, ())
        points = [Point(version=one.version, key=default_method(one, measured.get(one.id))) for one in line]
        found[place.slug] = {str(part.key): ", ".join(part.spans) for part in ranges(points, series) if part.key}
    return found


def tally(cells: tuple[Cell, ...]) -> Counter[Outcome]:
    """How many cells have each outcome."""
    return Counter(cell.outcome for cell in cells)


def _firsts(matrix: Matrix) -> Collection[Probe]:
    """One probe of each theme: a script is read once."""
    return {probe.theme: probe for probe in reversed(matrix.probes)}.values()


def title(source: str) -> str:
    """The first line of a probe script's docstring."""
    try:
        text = ast.get_docstring(ast.parse(source)) or ""
    except (SyntaxError, ValueError, RecursionError):
        return ""  # a script for a newer Python than ours, or none at all: the theme's name must do
    return text.partition("\n")[0]
