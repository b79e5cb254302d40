"""What one cell of the first page shows: answers with their version ranges, and a tick for every target. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from matrix.model import Cell, Outcome, Probe
from matrix.results.optional_modules import lacks_module
from matrix.results.ranges import Point, Range, Series, ranges
from matrix.results.versions import Version
from report.model.outcome_styles import STYLES, OutcomeStyle
from report.model.platforms import Build, Interpreter, InterpreterKind, Platform
from report.model.values import is_number, number_range, shorten, value_text

MAX_TICKS = 99
"""Of one element: the style sheet has a class for each digit of a number up to it."""

CellsByTarget = Mapping[str, Cell]
"""The cells of one probe under one method, by target id."""

SeriesByKind = Mapping[InterpreterKind, Collection[Series]]
"""The stable series that exist of each kind of interpreter, anywhere in the matrix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What two cells must share to count as one answer. text is the value; differs: a document says otherwise."""

    outcome: Outcome
    text: str = ""
    differs: bool = False


AnswersByTarget = Mapping[str, Answer | None]
"""What every target of a platform answers; None where nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One answer of a build with its version ranges, as printed: '✗ no 3.8-3.13 ≠ docs'."""

    state: OutcomeStyle
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
    """n targets with one outcome, neighbours by version."""

    css: str
    n: int

    @property
    def size(self) -> str:
        """The classes of its width: '' for one, 'n7', 't4 n9'."""
        tens, ones = divmod(self.n, 10)
        return f"t{tens} n{ones}" if tens else f"n{ones}" if ones > 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellView:
    """css is the outcome of the newest release of the main line: the colour of the whole cell."""

    css: str
    lines: tuple[Line, ...]
    ticks: tuple[Ticks, ...]

    @property
    def only(self) -> Segment | None:
        """The answer, if the main line gives one alone and no other build another."""
        if len(self.lines) != 1 or self.lines[0].label:  # no line where nothing was asked
            return None
        segments = self.lines[0].segments
        return segments[0] if len(segments) == 1 else None


def answer(cell: Cell | None, probe: Probe) -> Answer | None:
    """What a cell answers, or None where nothing is known: not asked, or of a build without a module that others have.

    Measured numbers are one answer, whatever their size.
    """
    if cell is None or cell.outcome is Outcome.UNTESTED or lacks_module(cell.outcome, cell.detail):
        return None
    text = ""
    if cell.outcome is Outcome.VALUE and not (probe.measured and is_number(cell.value)):
        text = value_text(cell.value, probe.unit)
    return Answer(outcome=cell.outcome, text=text, differs=cell.agrees is False)


def cell_view(probe: Probe, platform: Platform, cells: CellsByTarget, known: SeriesByKind) -> CellView:
    """One probe under one method on one platform: the main line, and the builds that differ from it."""
    answers = {member.id: answer(cells.get(member.id), probe) for member in platform.members}
    main = next((build for build in platform.builds if build.main), None)
    lines = [
        _line(build, probe, cells, answers, known)
        for build in platform.builds
        if build.main or build_differs(build, main, answers)
    ]
    newest = newest_answer(main or platform.builds[0], answers)
    outcome = newest.outcome if newest else Outcome.UNTESTED
    return CellView(css=STYLES[outcome].css, lines=tuple(lines), ticks=_ticks(platform, answers))


def newest_answer(build: Build, answers: AnswersByTarget) -> Answer | None:
    """The answer of the newest release of a build that has one."""
    known = (answers[member.id] for member in reversed(build.members))
    return next((each for each in known if each), None)


def build_differs(build: Build, main: Build | None, answers: AnswersByTarget) -> bool:
    """Whether a build has an answer that its counterpart on the main line does not have.

    The counterpart is the same release; else the releases of its series, or of the nearest tested series
    below, or above if there is none below.
    """

    def tested(members: Sequence[Interpreter]) -> list[Interpreter]:
        return [member for member in members if answers[member.id] is not None]

    main_tested = tested(main.members) if main else []
    return any(
        answers[member.id] not in {answers[other.id] for other in counterparts(member.version, main_tested)}
        for member in tested(build.members)
    )


def counterparts(version: Version, others: Sequence[Interpreter]) -> Sequence[Interpreter]:
    """The same release among others; else those of its series, or of the nearest series below, or above."""
    same = [other for other in others if other.version == version]
    if same or not others:
        return same
    every = {other.version.series for other in others}
    nearest = max((series for series in every if series <= version.series), default=min(every))
    return [other for other in others if other.version.series == nearest]


def _line(build: Build, probe: Probe, cells: CellsByTarget, answers: AnswersByTarget, known: SeriesByKind) -> Line:
    first = build.members[0]
    series = set(known.get(first.kind, ())) if first.version.stable else set()
    points = [Point(version=member.version, key=answers[member.id]) for member in build.members]
    if all(point.key is None for point in points):
        return Line(label=build.label, segments=(Segment(state=STYLES[Outcome.UNTESTED], text="", spans=()),))
    # Series of which no target of the column is are in its head, not in each of its cells.
    parts = ranges(points, series, between=False)
    return Line(label=build.label, segments=tuple(_segment(part, build, probe, cells, answers) for part in parts))


def _segment(part: Range, build: Build, probe: Probe, cells: CellsByTarget, answers: AnswersByTarget) -> Segment:
    key = part.key
    if not isinstance(key, Answer):
        return Segment(state=STYLES[Outcome.UNTESTED], text="", spans=part.spans)
    text = shorten(key.text)
    same = [cells[member.id] for member in build.members if answers[member.id] == key]
    if key.outcome is Outcome.VALUE and not key.text:
        text = number_range([cell.value for cell in same], probe.unit)
    elif key.outcome is Outcome.FLAKY:
        worst = min(same, key=lambda cell: (cell.agree / cell.n if cell.n else 0.0, cell.n))
        text = f"{worst.agree}/{worst.n}"
    return Segment(state=STYLES[key.outcome], text=text, spans=part.spans, differs=key.differs)


def _ticks(platform: Platform, answers: AnswersByTarget) -> tuple[Ticks, ...]:
    """By version: what changed with one is a single step, however many builds there are."""
    outcomes = (found.outcome if (found := answers[member.id]) else Outcome.UNTESTED for member in platform.by_version)
    runs = ((STYLES[outcome].css, len(list(run))) for outcome, run in groupby(outcomes))
    return tuple(Ticks(css=css, n=min(n - at, MAX_TICKS)) for css, n in runs for at in range(0, n, MAX_TICKS))
