"""From one Python to the next: neighbours that differ by version only, and what changed between them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from matrix.model import FACTS, Cell, Outcome, Probe
from matrix.results.diff import Kind, change, rewritten
from matrix.results.ranges import Series
from matrix.results.versions import series_text
from report.model.matrix_index import DEFAULT_PROBE, Board, default_method, probe_methods
from report.model.platforms import Interpreter, Platform

PRE_RELEASE = "pre-release"
"""How the label of a build of pre-releases begins; their neighbours are the releases of the same build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Two neighbours on one platform; label is what sets their build apart from the main line, '' if nothing does."""

    platform: Platform
    label: str
    old: Interpreter
    new: Interpreter

    @property
    def within(self) -> bool:
        """Two patch releases of one series."""
        return self.old.version.series == self.new.version.series

    @property
    def slug(self) -> str:
        """'3.13-3.14', or '3.11.2-3.11.7': the name of the page."""
        return "-".join(self.names)

    @property
    def names(self) -> tuple[str, str]:
        """What the page calls the two."""
        if self.within:
            return str(self.old.version), str(self.new.version)
        return series_text(self.old.version.series), series_text(self.new.version.series)

    @property
    def title(self) -> str:
        """'3.13 → 3.14'."""
        return " → ".join(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One cell that answers otherwise on the new target. method is what was asked about there, was on the old one."""

    kind: Kind
    probe: Probe
    was: str
    method: str
    old: Cell
    new: Cell

    @property
    def rewritten(self) -> bool:
        """The two answered different texts of the script."""
        return rewritten(self.old, self.new)


def steps(platforms: Iterable[Platform]) -> tuple[Step, ...]:
    """All pairs: the newest releases of neighbouring series, and within a series each release and the next."""
    return tuple(step for platform in platforms for step in _platform_steps(platform))


def _platform_steps(platform: Platform) -> Iterator[Step]:
    lines: dict[str, list[Interpreter]] = {}
    for build in platform.builds:
        lines.setdefault(build.label.removeprefix(PRE_RELEASE).strip(), []).extend(build.members)
    for label, members in lines.items():
        series: dict[Series, list[Interpreter]] = {}
        for one in sorted(members, key=lambda one: one.version):
            series.setdefault(one.version.series, []).append(one)
        newest = [_newest(ones) for ones in series.values()]
        patches = [pair for ones in series.values() for pair in pairwise(_releases(ones))]
        for old, new in [*pairwise(newest), *patches]:
            yield Step(platform=platform, label=label, old=old, new=new)


def _newest(ones: Sequence[Interpreter]) -> Interpreter:
    """The newest release; the newest pre-release where there is no release yet."""
    return ([one for one in ones if one.version.stable] or list(ones))[-1]


def _releases(ones: Sequence[Interpreter]) -> list[Interpreter]:
    """One target for each stable release."""
    return list({one.version: one for one in ones if one.version.stable}.values())


def page_order(slug: str) -> tuple[tuple[int, ...], ...]:
    """Sort key that puts 3.9-3.10 before 3.13-3.14."""
    return tuple(tuple(int(number) for number in name.split(".")) for name in slug.split("-"))


def shifts(step: Step, board: Board) -> tuple[Shift, ...]:
    """What changed under each method by itself."""
    asked = ((probe, m, m) for probe in board.matrix.probes for m in probe_methods(probe))
    return tuple(_shifts(step, board, asked))


def default_shifts(step: Step, board: Board, was: str, now: str) -> tuple[Shift, ...]:
    """What changed for a program that names no method: the old default on the old target, the new one on the new."""
    asked = (
        (probe, was if probe.methods else "none", now if probe.methods else "none")
        for probe in board.matrix.probes
        if not probe.methods or {was, now} <= {*probe.methods}
    )
    return tuple(_shifts(step, board, asked))


def _shifts(step: Step, board: Board, asked: Iterable[tuple[Probe, str, str]]) -> Iterator[Shift]:
    for probe, was, method in asked:
        old = board.cells(probe, was).get(step.old.id)
        new = board.cells(probe, method).get(step.new.id)
        if old is None or new is None or not (known(old) and known(new)):
            continue  # what is untested here or there is no change
        if kind := change(old, new, probe):
            yield Shift(kind=kind, probe=probe, was=was, method=method, old=old, new=new)


def known(cell: Cell) -> bool:
    """Whether something was seen there."""
    return cell.outcome in FACTS or cell.outcome is Outcome.FLAKY


def compared(step: Step, board: Board) -> tuple[int, int]:
    """(how many cells both targets answered, how many only one or none did)."""
    ours = ({(c.probe, c.method): known(c) for c in board.by_target[one.id]} for one in (step.old, step.new))
    old, new = ours
    both = sum(good and new.get(key, False) for key, good in old.items())
    return both, len(old.keys() | new.keys()) - both


def defaults(step: Step, board: Board) -> tuple[str | None, str | None]:
    """The default methods of the two."""
    said = board.answers.get((DEFAULT_PROBE, "none"), {})
    return default_method(step.old, said.get(step.old.id)), default_method(step.new, said.get(step.new.id))
