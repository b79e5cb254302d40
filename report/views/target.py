"""The page of one target: what it is, what it answered, and where documents say otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matrix.model import METHODS, Cell, Json, Probe
from report.model.i18n import N_
from report.model.matrix_index import Board, probe_methods, tally
from report.model.outcome_styles import Count, counts
from report.model.platforms import Interpreter, Platform
from report.model.values import shorten, value_text
from report.views.probe import MAX_DETAIL, Verdict, verdict

_FACTS = {
    "implementation": N_("implementation"),
    "version": N_("Python version"),
    "implementation_version": N_("implementation's version"),
    "os": N_("operating system"),
    "sys_platform": N_("sys.platform"),
    "machine": N_("machine"),
    "bits": N_("bits"),
    "byteorder": N_("byte order"),
    "libc": N_("C library"),
    "libc_version": N_("C library's version"),
    "compiler": N_("compiler"),
    "gil": N_("GIL enabled"),
    "freethreaded": N_("free-threaded build"),
    "debug": N_("debug build"),
    "venv": N_("in a virtual environment"),
    "wine": N_("Wine"),
    "default_method": N_("default start method"),
    "methods": N_("listed start methods"),
    "methods_error": N_("multiprocessing"),
}
"""The facts that are shown, in order. Others are not: a path of somebody's machine could be among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One question with this target's answers; by_method has a place for each method, None where it is not asked."""

    probe: Probe
    verdicts: tuple[Verdict, ...]

    @property
    def by_method(self) -> tuple[Verdict | None, ...]:
        """In the order of the columns; empty for a question that is not about one method."""
        said = {one.method: one for one in self.verdicts}
        return tuple(said.get(method) for method in METHODS[:3]) if self.probe.methods else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeAnswers:
    """The answers to one theme's questions."""

    name: str
    title: str
    rows: tuple[Answered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """One answer that is not the documented one."""

    probe: Probe
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPage:
    """All that the page of one target shows; stale: how many answers are to a question as it was before."""

    target: Interpreter
    platform: Platform
    build: str
    facts: tuple[tuple[str, str], ...]
    counts: tuple[Count, ...]
    differs: tuple[Differing, ...]
    themes: tuple[ThemeAnswers, ...]
    stale: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetLine:
    """A target in the list on the first page."""

    target: Interpreter
    build: str


def target_lines(platform: Platform) -> tuple[TargetLine, ...]:
    """The targets of a platform in the order of the ticks."""
    return tuple(
        TargetLine(target=one, build=build.label or N_("main line"))
        for build in platform.builds
        for one in build.members
    )


def target_page(one: Interpreter, build: str, platform: Platform, board: Board) -> TargetPage:
    """The page of a target."""
    cells = {(cell.probe, cell.method): cell for cell in board.by_target[one.id]}
    by_theme: dict[str, list[Answered]] = {}
    for probe in board.probes.values():
        by_theme.setdefault(probe.theme, []).append(_answered(probe, one, cells))
    themes = tuple(
        ThemeAnswers(name=name, title=board.titles[name], rows=tuple(answers)) for name, answers in by_theme.items()
    )
    rows = [row for answers in by_theme.values() for row in answers]
    differs = (Differing(probe=row.probe, verdict=said) for row in rows for said in row.verdicts if said.differs)
    return TargetPage(
        target=one,
        platform=platform,
        build=build,
        facts=fact_rows(one.facts),
        counts=counts(tally(board.by_target[one.id])),
        differs=tuple(differs),
        themes=themes,
        stale=sum(said.stale for row in rows for said in row.verdicts),
    )


def _answered(probe: Probe, one: Interpreter, cells: Mapping[tuple[str, str], Cell]) -> Answered:
    said = (verdict(probe, one, m, cells.get((probe.id, m)), full=False) for m in probe_methods(probe))
    return Answered(probe=probe, verdicts=tuple(said))


def fact_rows(facts: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
    """(name, text) of the facts that are known and say something."""
    return tuple((name, _fact(facts[key])) for key, name in _FACTS.items() if facts.get(key) not in (None, "", []))


def _fact(fact: Json) -> str:
    if isinstance(fact, bool):
        return N_("yes") if fact else N_("no")
    return shorten(value_text(fact), MAX_DETAIL)
