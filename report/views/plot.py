"""What processes cost: measured numbers as lines over versions, and a table of the numbers beside them. Pure.

Every coordinate is in units of the picture, whose size is WIDTH x HEIGHT; y grows downwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from matrix.model import Cell, Outcome, Probe
from matrix.results.versions import series_text
from report.model.matrix_index import MatrixIndex, probe_methods
from report.model.platforms import Build, Interpreter, Platform
from report.model.values import is_number, number_range

WIDTH, HEIGHT = 640, 222
LEFT, RIGHT, TOP, BOTTOM = 56, 92, 24, 26
GAP = 0.6
"""Between two builds, in steps of the x axis."""

LINE_HEIGHT = 13
MIN_LABEL = 34
LETTER = 6.2
"""Width of a letter of a label."""

BUILD_LINES = (9, 20)
"""Where the names of builds stand above the picture: the second line is for those that the first has no room for."""

SIGNS = "†‡§¶"
"""Of remarks; what says something else still has no sign."""

COSTS = ("seconds", "MiB")
"""Units of what a process costs: a size in bytes is a limit or a capacity."""


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


class Label(NamedTuple):
    """A text of the picture and its coordinate on the axis that it belongs to."""

    at: float
    text: str


class BuildLabel(NamedTuple):
    """The name of a build, where its numbers begin."""

    x: float
    y: float
    text: str


class NumberText(NamedTuple):
    """A number as printed: '4.3 ms'; the spread of its samples, '4-6 ms'; its ratio to fork's, '2.1'. Or ''."""

    value: str
    spread: str
    ratio: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """One target's numbers, as printed, by method; None where there is none. sign: that of a remark on them, or ''."""

    target: Interpreter
    build: str
    texts: tuple[NumberText | None, ...]
    sign: str = ""


class Remark(NamedTuple):
    """What the probe says of a target's numbers: what was left out of them."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One question on one platform; constant: all numbers are the same, and a picture would show nothing."""

    platform: Platform
    methods: tuple[str, ...]
    curves: tuple[Curve, ...]
    x_labels: tuple[Label, ...]
    y_labels: tuple[Label, ...]
    builds: tuple[BuildLabel, ...]
    rows: tuple[NumberRow, ...]
    remarks: tuple[Remark, ...]
    constant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSection:
    """One measured question on every platform that has numbers."""

    probe: Probe
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPage:
    """The page of pictures; size is (width, height), frame the left and right end of the grid's lines."""

    sections: tuple[CostSection, ...]
    size: tuple[int, int] = (WIDTH, HEIGHT)
    frame: tuple[int, int] = (LEFT - 8, WIDTH - RIGHT + 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    value: float
    low: float
    high: float


_Numbers = Mapping[tuple[str, str], _Number]
"""(method, target id) -> what was measured."""


def cost_page(index: MatrixIndex) -> CostPage:
    """The measured questions that have numbers somewhere."""
    sections = []
    for probe in index.probes.values():
        if probe.measured and probe.unit in COSTS:
            panels = [panel for platform in index.platforms if (panel := _panel(probe, platform, index))]
            if panels:
                sections.append(CostSection(probe=probe, panels=tuple(panels)))
    return CostPage(sections=tuple(sections))


def _panel(probe: Probe, platform: Platform, index: MatrixIndex) -> Panel | None:
    numbers = _numbers(probe, platform, index)
    if not numbers:
        return None
    measured = {target for _, target in numbers}
    builds = [build for build in platform.builds if any(target.id in measured for target in build.members)]
    methods = tuple(method for method in probe_methods(probe) if any(method == key[0] for key in numbers))
    xs = _x_positions(builds)
    top, ticks = scale(max(number.high for number in numbers.values()))
    said = {target.id: _remark(probe, target, methods, index) for build in builds for target in build.members}
    signs = dict(zip(dict.fromkeys(filter(None, said.values())), SIGNS, strict=False))
    rows = [
        replace(_row(target, build.extra, methods, numbers, probe), sign=signs.get(said[target.id], ""))
        for build in builds
        for target in build.members
    ]
    return Panel(
        platform=platform,
        methods=methods,
        curves=_spread_labels([_curve(method, builds, xs, numbers, top) for method in methods]),
        x_labels=_x_labels(builds, xs),
        y_labels=tuple(Label(_y(tick, top), number_range([tick], probe.unit)) for tick in ticks),
        builds=_build_labels(builds, xs),
        rows=tuple(rows),
        remarks=tuple(Remark(sign, text) for text, sign in signs.items()),
        constant=len({number.value for number in numbers.values()}) == 1,
    )


def _remark(probe: Probe, target: Interpreter, methods: Sequence[str], index: MatrixIndex) -> str:
    cells = [index.cells(probe, method).get(target.id) for method in methods]
    return next((cell.detail for cell in cells if cell and cell.outcome is Outcome.VALUE and cell.detail), "")


def _numbers(probe: Probe, platform: Platform, index: MatrixIndex) -> _Numbers:
    return {
        (method, target.id): number
        for method in probe_methods(probe)
        for target in platform.members
        if (number := _number(index.cells(probe, method).get(target.id)))
    }


def _number(cell: Cell | None) -> _Number | None:
    if cell is None or cell.outcome is not Outcome.VALUE or not is_number(cell.value):
        return None
    samples = cell.evidence.observed.get("samples") if cell.evidence else None
    numbers = [sample for sample in samples if is_number(sample)] if isinstance(samples, list) else []
    return _Number(value=cell.value, low=min([*numbers, cell.value]), high=max([*numbers, cell.value]))


def scale(highest: float) -> tuple[float, tuple[float, ...]]:
    """(top of the axis, its ticks) for numbers up to `highest`: round steps, from 0."""
    if highest <= 0:
        return 1.0, (0.0,)
    if not 1e-300 < highest < 1e300:  # nothing that was measured: a step would be 0 or infinite
        return highest, (0.0, highest)
    power = 10 ** math.floor(math.log10(highest / 3))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if highest / (power * factor) <= 4)
    count = math.ceil(highest / step)
    return step * count, tuple(step * number for number in range(count + 1))


def _x_positions(builds: Sequence[Build]) -> Mapping[str, float]:
    """Target id -> x: one step each, a wider gap between builds."""
    steps: dict[str, float] = {}
    at = 0.0
    for number, build in enumerate(builds):
        at += GAP if number else 0.0
        for target in build.members:
            steps[target.id] = at
            at += 1
    width = WIDTH - LEFT - RIGHT
    step = min(width / max(at - 1, 1), 90.0)
    return {target: round(LEFT + value * step, 1) for target, value in steps.items()}


def _y(value: float, top: float) -> float:
    share = min(max(value / top, 0.0), 1.0)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _curve(method: str, builds: Sequence[Build], xs: Mapping[str, float], numbers: _Numbers, top: float) -> Curve:
    marks: list[Mark] = []
    paths = []
    for build in builds:
        line = [
            _mark(xs[target.id], number, top)
            for target in build.members
            if (number := numbers.get((method, target.id)))
        ]
        marks += line
        if len(line) > 1:
            paths.append("M" + "L".join(f"{mark.x:g} {mark.y:g}" for mark in line))
    return Curve(method=method, marks=tuple(marks), paths=tuple(paths), label_y=marks[-1].y)


def _mark(x: float, number: _Number, top: float) -> Mark:
    return Mark(x=x, y=_y(number.value, top), y_low=_y(number.low, top), y_high=_y(number.high, top))


def _spread_labels(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """The curves with their names moved apart, so that none covers another, from the lowest up."""
    placed: dict[str, float] = {}
    floor = float(HEIGHT - BOTTOM)
    for curve in sorted(curves, key=lambda curve: (-curve.label_y, curve.method)):
        placed[curve.method] = floor = min(curve.label_y, floor)
        floor -= LINE_HEIGHT
    return tuple(replace(curve, label_y=round(placed[curve.method], 1)) for curve in curves)


def _x_labels(builds: Sequence[Build], xs: Mapping[str, float]) -> tuple[Label, ...]:
    """The series, each where it begins, as far as there is room."""
    labels: list[Label] = []
    for build in builds:
        previous = ""
        for target in build.members:
            text = series_text(target.version.series)
            if text != previous and (not labels or xs[target.id] - labels[-1].at >= MIN_LABEL):
                labels.append(Label(xs[target.id], text))
            previous = text
    return tuple(labels)


def _build_labels(builds: Sequence[Build], xs: Mapping[str, float]) -> tuple[BuildLabel, ...]:
    """The builds, each where it begins, as far as there is room; the table names them all."""
    labels: list[BuildLabel] = []
    ends = dict.fromkeys(BUILD_LINES, 0.0)
    for build in builds:
        at = xs[build.members[0].id]
        free = next((line for line in BUILD_LINES if at >= ends[line]), None)
        if build.label and free is not None:
            labels.append(BuildLabel(at, free, build.label))
            ends[free] = at + (len(build.label) + 1) * LETTER
    return tuple(labels)


def _row(target: Interpreter, build: str, methods: Sequence[str], numbers: _Numbers, probe: Probe) -> NumberRow:
    fork = numbers.get(("fork", target.id))
    texts = (
        _text(number, probe.unit, fork if method != "fork" else None)
        if (number := numbers.get((method, target.id)))
        else None
        for method in methods
    )
    return NumberRow(target=target, build=build, texts=tuple(texts))


def _text(number: _Number, unit: str | None, fork: _Number | None) -> NumberText:
    spread = number_range([number.low, number.high], unit) if number.low < number.high else ""
    ratio = f"{number.value / fork.value:.2g}" if fork and fork.value else ""
    return NumberText(value=number_range([number.value], unit), spread=spread, ratio=ratio)
