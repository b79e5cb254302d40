"""What one cell of the index says: answers with their version ranges, and a tick for every target. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from matrix.model import Cell, Outcome, Probe
from matrix.results.optional_modules import lacks_module
from matrix.results.ranges import Point, Range, Series, ranges
from matrix.results.versions import Version
from report.model.outcome_styles import STATES, State
from report.model.platforms import Build, Interpreter, Platform
from report.model.values import is_number, number_range, shorten, value_text

MAX_TICKS = 20
"""Of one element: the style sheet has a class for each number up to it."""

Kind = tuple[str, bool]
Answers = Mapping[str, Cell]
"""The cells of one probe under one method, by target."""

Known = Mapping[Kind, Collection[Series]]
"""The stable series that exist of each kind of interpreter, anywhere in the matrix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What makes two cells say the same. text is the value; differs: a document says otherwise."""

    outcome: Outcome
    text: str = ""
    differs: bool = False


Said = Mapping[str, Answer | None]
"""What every target of a platform answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One answer of a build, as printed: '✗ no 3.8-3.13 ≠ docs'."""

    state: State
    text: str
    spans: tuple[str, ...]
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """All answers of one build; the main line has no label."""

    label: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """n neighbouring targets in one state; first: a new build starts here, so a gap goes before it."""

    css: str
    n: int
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CellView:
    """css is the state of the newest release of the main line: the colour of the whole cell."""

    css: str
    lines: tuple[Line, ...]
    ticks: tuple[Ticks, ...]


def answer(cell: Cell | None, probe: Probe) -> Answer | None:
    """What a cell answers, or None where nothing is known: not asked, or of a build without a module that others have.

    Measured numbers are one answer, whatever their size.
    """
    if cell is None or cell.outcome is Outcome.UNTESTED or lacks_module(cell):
        return None
    text = ""
    if cell.outcome is Outcome.VALUE and not (probe.measured and is_number(cell.value)):
        text = value_text(cell.value, probe.unit)
    return Answer(outcome=cell.outcome, text=text, differs=cell.agrees is False)


def cell_view(probe: Probe, platform: Platform, answers: Answers, known: Known) -> CellView:
    """One probe under one method on one platform: the main line, and the builds that differ from it."""
    said = {one.id: answer(answers.get(one.id), probe) for one in platform.members}
    main = next((build for build in platform.builds if build.main), None)
    lines = [
        _line(build, probe, answers, said, known)
        for build in platform.builds
        if build.main or build_differs(build, main, said)
    ]
    return CellView(css=_css(main or platform.builds[0], said), lines=tuple(lines), ticks=_ticks(platform, said))


def build_differs(build: Build, main: Build | None, said: Said) -> bool:
    """Whether a build has an answer that its counterpart on the main line has not.

    The counterpart is the same release; else the releases of its series, or of the nearest tested series
    below, or above if there is none below.
    """
    mine = [one for one in build.members if said[one.id] is not None]
    theirs = [one for one in main.members if said[one.id] is not None] if main else []
    return any(said[one.id] not in {said[other.id] for other in counterparts(one.version, theirs)} for one in mine)


def counterparts(version: Version, others: Sequence[Interpreter]) -> Sequence[Interpreter]:
    """The same release among others; else those of its series, or of the nearest series below, or above."""
    same = [other for other in others if other.version == version]
    if same or not others:
        return same
    every = {other.version.series for other in others}
    nearest = max((series for series in every if series <= version.series), default=min(every))
    return [other for other in others if other.version.series == nearest]


def _line(build: Build, probe: Probe, answers: Answers, said: Said, known: Known) -> Line:
    first = build.members[0]
    series = set(known.get(first.kind, ())) if first.version.stable else set()
    points = [Point(version=one.version, key=said[one.id]) for one in build.members]
    found = ranges(points, series)
    if all(point.key is None for point in points):
        return Line(label=build.label, segments=(Segment(state=STATES[Outcome.UNTESTED], text="", spans=()),))
    segments = (_segment(part, build, probe, answers, said) for part in found)
    return Line(label=build.label, segments=tuple(segments))


def _segment(part: Range, build: Build, probe: Probe, answers: Answers, said: Said) -> Segment:
    key = part.key
    if not isinstance(key, Answer):
        return Segment(state=STATES[Outcome.UNTESTED], text="", spans=part.spans)
    text = shorten(key.text)
    cells = [answers[one.id] for one in build.members if said[one.id] == key]
    if key.outcome is Outcome.VALUE and not key.text:
        text = number_range([cell.value for cell in cells], probe.unit)
    elif key.outcome is Outcome.FLAKY:
        worst = min(cells, key=lambda cell: (cell.agree / cell.n if cell.n else 0.0, cell.n))
        text = f"{worst.agree}/{worst.n}"
    return Segment(state=STATES[key.outcome], text=text, spans=part.spans, differs=key.differs)


def _css(build: Build, said: Said) -> str:
    newest = next((one for one in reversed(build.members) if (found := said[one.id])), None)
    found = said[newest.id] if newest else None
    return STATES[found.outcome if found else Outcome.UNTESTED].css


def _ticks(platform: Platform, said: Said) -> tuple[Ticks, ...]:
    states = {one.id: found.outcome if (found := said[one.id]) else Outcome.UNTESTED for one in platform.members}
    if len(set(states.values())) == 1:  # builds that say the same need no gaps between them
        return tuple(_chunks(STATES[next(iter(states.values()))].css, len(states), first=False))
    ticks: list[Ticks] = []
    for number, build in enumerate(platform.builds):
        for position, (outcome, run) in enumerate(groupby(states[one.id] for one in build.members)):
            first = bool(number) and not position
            ticks += _chunks(STATES[outcome].css, len(list(run)), first=first)
    return tuple(ticks)


def _chunks(css: str, n: int, *, first: bool) -> list[Ticks]:
    """n equal ticks, in elements of a size that the style sheet knows."""
    return [Ticks(css=css, n=min(n - at, MAX_TICKS), first=first and not at) for at in range(0, n, MAX_TICKS)]
