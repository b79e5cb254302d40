"""The page of one question: every target's answer with its evidence and the commands that reproduce it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from matrix import model
from matrix.model import METHODS, Cell, Json, Outcome, Probe
from report.model.cells import CellView, cell_view
from report.model.i18n import N_, Phrase
from report.model.matrix_index import MatrixIndex, differing, probe_methods, tally
from report.model.outcome_styles import STYLES, Count, OutcomeStyle, counts
from report.model.platforms import Interpreter, Platform
from report.model.reproduce import hand_command, nox_command
from report.model.values import IN_LINE, answer_text, shorten, value_text

MAX_DETAIL = 160
"""Characters of a detail in the table; the evidence has all of it."""

MAX_OUTPUT = 4000
"""Characters of output and of stacks that are shown: their ends, where the reason is."""

_INDENTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, indent=2)


class Named(NamedTuple):
    """A text with its name."""

    name: str | Phrase
    text: str | Phrase


class Commands(NamedTuple):
    """The commands that reproduce a cell: through the runner, and by hand."""

    nox: str
    by_hand: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a cell rests on; facts are of one line each, blocks of many lines."""

    facts: tuple[Named, ...]
    blocks: tuple[Named, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAnswer:
    """One target's answer under one method. evidence is None where nothing was run."""

    anchor: str
    method: str
    state: OutcomeStyle
    text: str
    detail: str
    documented: str
    differs: bool
    evidence: Evidence | None
    commands: Commands | None
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """One target's answers to the question, by method."""

    target: Interpreter
    build: str
    answers: tuple[TargetAnswer, ...]


class Glance(NamedTuple):
    """What one platform answers under one method, in short."""

    method: str
    cell: CellView


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRows:
    """What one platform answers: in short, and target by target."""

    platform: Platform
    glance: tuple[Glance, ...]
    rows: tuple[TargetRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePage:
    """All that the page of one question shows."""

    probe: Probe
    methods: tuple[str, ...]
    documented: tuple[Named, ...]
    counts: tuple[Count, ...]
    differs: int
    platforms: tuple[PlatformRows, ...]
    source: str


def probe_page(probe: Probe, index: MatrixIndex) -> ProbePage:
    """The page of a question."""
    methods = probe_methods(probe)
    cells = tuple(cell for method in methods for cell in index.cells(probe, method).values())
    return ProbePage(
        probe=probe,
        methods=methods,
        documented=tuple(Named(documented_key(key), answer_text(answer, probe)) for key, answer in probe.documented),
        counts=counts(tally(cells)),
        differs=differing(cells),
        platforms=tuple(_platform_rows(probe, platform, methods, index) for platform in index.platforms),
        source=source_of(probe, index.matrix.sources),
    )


def documented_key(key: str) -> str | Phrase:
    """Where a documented answer holds, in words: '*' -> 'everywhere else', 'fork; marker' -> 'fork, if marker'."""
    if key == "*":
        return N_("everywhere else")
    method, _, marker = (part.strip() for part in key.partition(";"))
    if method not in METHODS:
        return Phrase(N_("if %(marker)s"), (("marker", key),))
    if not marker:
        return Phrase(N_("under %(method)s"), (("method", method),))
    return Phrase(N_("%(method)s, if %(marker)s"), (("method", method), ("marker", marker)))


def source_of(probe: Probe, sources: Mapping[str, str]) -> str:
    """The lines of the question's function."""
    lines = sources.get(probe.file, "").splitlines()
    return "\n".join(lines[max(probe.line, 1) - 1 : probe.end])


def _platform_rows(probe: Probe, platform: Platform, methods: tuple[str, ...], index: MatrixIndex) -> PlatformRows:
    views = tuple(Glance(m, cell_view(probe, platform, index.cells(probe, m), index.known)) for m in methods)
    rows = [
        TargetRow(
            target=target,
            build=build.extra,
            answers=tuple(target_answer(probe, target, m, index.cells(probe, m).get(target.id)) for m in methods),
        )
        for build in platform.builds
        for target in build.members
    ]
    return PlatformRows(platform=platform, glance=views, rows=tuple(rows))


def target_answer(
    probe: Probe, target: Interpreter, method: str, cell: Cell | None, *, full: bool = True
) -> TargetAnswer:
    """One cell; full: with its evidence and commands."""
    outcome = cell.outcome if cell else Outcome.UNTESTED
    return TargetAnswer(
        anchor=f"{target.id}-{method}",
        method=method,
        state=STYLES[outcome],
        text=cell_text(cell, probe) if cell else "",
        detail=shorten(cell.detail, MAX_DETAIL) if cell else "",
        documented="" if cell is None or cell.documented is None else answer_text(cell.documented, probe),
        differs=cell is not None and cell.agrees is False,
        evidence=evidence(cell, cell.evidence) if full and cell and cell.evidence else None,
        commands=Commands(nox_command(target, probe, method), hand_command(target, probe, method)) if full else None,
        stale=cell is not None and cell.stale,
    )


def cell_text(cell: Cell, probe: Probe) -> str:
    """What stands beside the outcome's word: the value, or how many of how many runs."""
    if cell.outcome is Outcome.VALUE:
        return value_text(cell.value, probe.unit)
    return f"{cell.agree}/{cell.n}" if cell.outcome is Outcome.FLAKY else ""


def evidence(cell: Cell, kept: model.Evidence) -> Evidence:
    """What was kept of the run behind a cell; what is empty is left out."""
    facts = [
        Named(N_("runs with this answer"), f"{cell.agree}/{cell.n}"),
        Named(N_("last verified"), cell.last_verified or ""),
        Named(N_("duration"), value_text(cell.duration, "seconds") if cell.duration else ""),
        Named(N_("ended with"), _exit_text(kept.exit)),
    ]
    blocks = [
        Named(N_("detail"), cell.detail if len(cell.detail) > MAX_DETAIL else ""),
        Named(N_("observed"), _json(kept.observed)),
        Named(N_("leaks"), _json(kept.leaks)),
        _output(kept.output),
        Named(N_("stacks"), _tail(kept.stacks or "")),
        Named(N_("attempts"), "\n".join(map(_attempt, cell.attempts))),
    ]
    return Evidence(
        facts=tuple(fact for fact in facts if fact.text), blocks=tuple(block for block in blocks if block.text)
    )


def _exit_text(how: model.Exit) -> str | Phrase:
    """The name of a signal or of an NTSTATUS, or the exit status; empty where no process ended."""
    name = how.signal or how.status
    if how.code is None:
        return name or ""
    if name:
        return Phrase(N_("%(name)s, exit status %(code)s"), (("name", name), ("code", str(how.code))))
    return Phrase(N_("exit status %(code)s"), (("code", str(how.code)),))


def _output(output: model.Output) -> Named:
    name = N_("output (%(n)s bytes, truncated in the middle)") if output.cut else N_("output (%(n)s bytes)")
    return Named(Phrase(name, (("n", str(output.bytes)),)), _tail(output.text))


def _tail(text: str) -> str:
    return text if len(text) <= MAX_OUTPUT else "…" + text[-MAX_OUTPUT:]


def _json(data: Json) -> str:
    """Short data in one line, long data indented, none as ''."""
    if not data:
        return ""
    line = IN_LINE.encode(data)
    return line if len(line) <= 100 else _INDENTED.encode(data)


def _attempt(given: model.Attempt) -> str:
    value = "" if given.value is None else " " + json.dumps(given.value, ensure_ascii=False)
    detail = f" ({given.detail})" if given.detail else ""
    return f"{given.run} #{given.attempt}: {given.outcome}{value}{detail}"
