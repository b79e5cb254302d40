"""What processes cost: measured numbers as lines over versions, with the numbers in a table beside them. Pure.

Every coordinate is in units of the picture, whose size is WIDTH x HEIGHT; y grows downwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matrix.model import Cell, Outcome, Probe
from matrix.results.versions import series_text
from report.model.matrix_index import Board, probe_methods
from report.model.platforms import Build, Interpreter, Platform
from report.model.values import is_number, number_range

WIDTH, HEIGHT = 640, 210
LEFT, RIGHT, TOP, BOTTOM = 56, 92, 12, 26
GAP = 0.6
"""Between two builds, in steps of the x axis."""

LINE_HEIGHT = 13
MIN_LABEL = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One measured number: where it stands, and the spread of its samples from y_low (below) to y_high (above)."""

    x: float
    y: float
    y_low: float
    y_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One method's numbers: marks joined within a build (paths), and its name at the end of the last one."""

    method: str
    marks: tuple[Mark, ...]
    paths: tuple[str, ...]
    label_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """One target's numbers, as printed; None where there is none."""

    target: Interpreter
    build: str
    texts: tuple[tuple[str, str] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One question on one platform: x_labels and y_labels are (coordinate, text), builds are (from, to, label)."""

    platform: Platform
    methods: tuple[str, ...]
    curves: tuple[Curve, ...]
    x_labels: tuple[tuple[float, str], ...]
    y_labels: tuple[tuple[float, str], ...]
    builds: tuple[tuple[float, str], ...]
    rows: tuple[NumberRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotSection:
    """One measured question on every platform that has numbers."""

    probe: Probe
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plots:
    """The page of pictures; size is (width, height), frame the left and right end of the grid's lines."""

    sections: tuple[PlotSection, ...]
    size: tuple[int, int] = (WIDTH, HEIGHT)
    frame: tuple[int, int] = (LEFT - 8, WIDTH - RIGHT + 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    value: float
    low: float
    high: float


def plots(board: Board) -> Plots:
    """The measured questions that have numbers somewhere."""
    sections = []
    for probe in board.probes.values():
        if probe.measured and probe.unit:
            panels = [panel for place in board.platforms if (panel := _panel(probe, place, board))]
            if panels:
                sections.append(PlotSection(probe=probe, panels=tuple(panels)))
    return Plots(sections=tuple(sections))


def _number(cell: Cell | None) -> _Number | None:
    if cell is None or cell.outcome is not Outcome.VALUE or not is_number(cell.value):
        return None
    observed = cell.evidence.get("observed") or {}
    samples = observed.get("samples")
    found = [one for one in samples if is_number(one)] if isinstance(samples, list) else []
    return _Number(value=cell.value, low=min([*found, cell.value]), high=max([*found, cell.value]))


def _panel(probe: Probe, platform: Platform, board: Board) -> Panel | None:
    methods = probe_methods(probe)
    numbers = {
        (method, one.id): number
        for method in methods
        for one in platform.members
        if (number := _number(board.cells(probe, method).get(one.id)))
    }
    if not numbers:
        return None
    builds = [
        build for build in platform.builds if any((m, one.id) in numbers for m in methods for one in build.members)
    ]
    places = _places(builds)
    top, ticks = scale(max(number.high for number in numbers.values()))
    present = tuple(method for method in methods if any(key[0] == method for key in numbers))
    curves = [_curve(method, builds, places, numbers, top) for method in present]
    rows = [_row(one, build.extra, present, numbers, probe) for build in builds for one in build.members]
    return Panel(
        platform=platform,
        methods=present,
        curves=_apart(curves),
        x_labels=_x_labels(builds, places),
        y_labels=tuple((_y(tick, top), number_range([tick], probe.unit)) for tick in ticks),
        builds=tuple((places[build.members[0].id], build.label) for build in builds if build.label),
        rows=tuple(rows),
    )


def scale(highest: float) -> tuple[float, tuple[float, ...]]:
    """(top of the axis, its ticks) for numbers up to `highest`: round steps, from 0."""
    if highest <= 0:
        return 1.0, (0.0,)
    power = 10 ** math.floor(math.log10(highest / 3))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if highest / (power * factor) <= 4)
    count = math.ceil(highest / step)
    return step * count, tuple(step * number for number in range(count + 1))


def _places(builds: Sequence[Build]) -> Mapping[str, float]:
    """target -> x: one step each, a wider gap between builds."""
    steps: dict[str, float] = {}
    at = 0.0
    for number, build in enumerate(builds):
        at += GAP if number else 0.0
        for one in build.members:
            steps[one.id] = at
            at += 1
    width = WIDTH - LEFT - RIGHT
    step = min(width / max(at - 1, 1), 90.0)
    return {target: round(LEFT + value * step, 1) for target, value in steps.items()}


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM), 1)


def _curve(
    method: str,
    builds: Sequence[Build],
    places: Mapping[str, float],
    numbers: Mapping[tuple[str, str], _Number],
    top: float,
) -> Curve:
    marks: list[Mark] = []
    paths = []
    for build in builds:
        line = [_mark(places[one.id], found, top) for one in build.members if (found := numbers.get((method, one.id)))]
        marks += line
        if len(line) > 1:
            paths.append("M" + "L".join(f"{mark.x:g} {mark.y:g}" for mark in line))
    return Curve(method=method, marks=tuple(marks), paths=tuple(paths), label_y=marks[-1].y)


def _mark(x: float, number: _Number, top: float) -> Mark:
    return Mark(x=x, y=_y(number.value, top), y_low=_y(number.low, top), y_high=_y(number.high, top))


def _apart(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """The curves with their names moved apart, so that none covers another, from the lowest up."""
    placed: dict[str, float] = {}
    floor = float(HEIGHT - BOTTOM)
    for curve in sorted(curves, key=lambda curve: (-curve.label_y, curve.method)):
        placed[curve.method] = floor = min(curve.label_y, floor)
        floor -= LINE_HEIGHT
    return tuple(
        Curve(method=one.method, marks=one.marks, paths=one.paths, label_y=round(placed[one.method], 1))
        for one in curves
    )


def _x_labels(builds: Sequence[Build], places: Mapping[str, float]) -> tuple[tuple[float, str], ...]:
    """The series, each where it begins, as far as there is room."""
    labels: list[tuple[float, str]] = []
    for build in builds:
        seen = ""
        for one in build.members:
            text = series_text(one.version.series)
            if text != seen and (not labels or places[one.id] - labels[-1][0] >= MIN_LABEL):
                labels.append((places[one.id], text))
            seen = text
    return tuple(labels)


def _row(
    one: Interpreter, build: str, methods: Sequence[str], numbers: Mapping[tuple[str, str], _Number], probe: Probe
) -> NumberRow:
    texts = []
    for method in methods:
        found = numbers.get((method, one.id))
        spread = number_range([found.low, found.high], probe.unit) if found and found.low < found.high else ""
        texts.append((number_range([found.value], probe.unit), spread) if found else None)
    return NumberRow(target=one, build=build, texts=tuple(texts))
