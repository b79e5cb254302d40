"""The page of one target: its facts, its answers, and where documents say otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from matrix.model import METHODS, Cell, Json, Probe
from report.model.i18n import N_
from report.model.matrix_index import MatrixIndex, probe_methods, tally
from report.model.outcome_styles import Count, counts
from report.model.platforms import Interpreter, Platform
from report.model.theme_groups import ThemeGroup, theme_groups
from report.model.values import shorten, value_text
from report.views.probe import MAX_DETAIL, TargetAnswer, target_answer

_FACTS = {
    "implementation": N_("implementation"),
    "version": N_("Python version"),
    "implementation_version": N_("implementation version"),
    "os": N_("operating system"),
    "sys_platform": N_("sys.platform"),
    "machine": N_("machine"),
    "bits": N_("bits"),
    "byteorder": N_("byte order"),
    "libc": N_("C library"),
    "libc_version": N_("C library version"),
    "shared_memory": N_("bytes of /dev/shm"),
    "compiler": N_("compiler"),
    "gil": N_("GIL enabled"),
    "freethreaded": N_("free-threaded build"),
    "debug": N_("debug build"),
    "venv": N_("virtual environment"),
    "wine": N_("Wine"),
    "default_method": N_("default start method"),
    "methods": N_("available start methods"),
    "methods_error": N_("multiprocessing"),
}
"""The facts that are shown, in order. Others are not: they could hold a path of somebody's machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeAnswers:
    """One question with this target's answers, by method."""

    probe: Probe
    answers: tuple[TargetAnswer, ...]

    @property
    def columns(self) -> tuple[TargetAnswer | None, ...]:
        """In the order of the columns, None where it is not asked; empty for a question that is not about a method."""
        by_method = {answer.method: answer for answer in self.answers}
        return tuple(by_method.get(method) for method in METHODS[:3]) if self.probe.methods else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """One answer that is not the documented one."""

    probe: Probe
    answer: TargetAnswer


class Fact(NamedTuple):
    """What an interpreter says about itself."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPage:
    """All that the page of one target shows; stale: how many answers are to an earlier version of their question."""

    target: Interpreter
    platform: Platform
    build: str
    facts: tuple[Fact, ...]
    counts: tuple[Count, ...]
    differs: tuple[Differing, ...]
    themes: tuple[ThemeGroup[ProbeAnswers], ...]
    stale: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetLine:
    """A target in the list on the first page; build: what distinguishes it beside its name, or ''."""

    target: Interpreter
    build: str


def target_lines(platform: Platform) -> tuple[TargetLine, ...]:
    """The targets of a platform in the order of the ticks."""
    builds = {target.id: build.extra for build in platform.builds for target in build.members}
    return tuple(TargetLine(target=target, build=builds[target.id]) for target in platform.by_version)


def target_page(target: Interpreter, build: str, platform: Platform, index: MatrixIndex) -> TargetPage:
    """The page of a target; build is what distinguishes it on its platform."""
    cells = {(cell.probe, cell.method): cell for cell in index.by_target[target.id]}
    rows = [_answers(probe, target, cells) for probe in index.probes.values()]
    answers = [Differing(probe=row.probe, answer=answer) for row in rows for answer in row.answers]
    return TargetPage(
        target=target,
        platform=platform,
        build=build,
        facts=fact_rows(target.facts),
        counts=counts(tally(cells.values())),
        differs=tuple(each for each in answers if each.answer.differs),
        themes=theme_groups(rows, index.titles),
        stale=sum(each.answer.stale for each in answers),
    )


def _answers(probe: Probe, target: Interpreter, cells: Mapping[tuple[str, str], Cell]) -> ProbeAnswers:
    answers = (target_answer(probe, target, method, cells.get((probe.id, method))) for method in probe_methods(probe))
    return ProbeAnswers(probe=probe, answers=tuple(answers))


def fact_rows(facts: Mapping[str, Json]) -> tuple[Fact, ...]:
    """The facts that are known and say something, in order."""
    return tuple(
        Fact(name, _fact_text(facts[key])) for key, name in _FACTS.items() if facts.get(key) not in (None, "", [])
    )


def _fact_text(fact: Json) -> str:
    if isinstance(fact, bool):
        return N_("yes") if fact else N_("no")
    return shorten(value_text(fact), MAX_DETAIL)
