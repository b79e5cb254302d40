"""The page of one question: every target's answer, the evidence, and how to see it for oneself. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from matrix.model import METHODS, Cell, Json, Outcome, Probe
from report.model.cells import CellView, cell_view
from report.model.i18n import N_, Phrase
from report.model.matrix_index import Board, probe_methods, tally
from report.model.outcome_styles import STATES, Count, State, counts
from report.model.platforms import Interpreter, Platform
from report.model.reproduce import hand_command, nox_command
from report.model.values import IN_LINE, shorten, value_text
from report.views.index import differing

MAX_DETAIL = 160
"""Characters of a detail in the table; the evidence has all of it."""

MAX_OUTPUT = 4000
"""Characters of output and of stacks: their ends, where the reason stands."""

_OUTCOMES = frozenset(map(str, Outcome))
_INDENTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, indent=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a cell rests on; facts are (name, text) in one line each, blocks are (name, text) of many lines."""

    facts: tuple[tuple[str, str | Phrase], ...]
    blocks: tuple[tuple[str | Phrase, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One target's answer under one method. evidence is None where nothing was run; commands reproduce it."""

    anchor: str
    method: str
    state: State
    text: str
    detail: str
    documented: str
    differs: bool
    evidence: Evidence | None
    commands: tuple[str, ...]
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """All answers of one target to the question."""

    target: Interpreter
    build: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRows:
    """What one platform answers: in short, and target by target."""

    platform: Platform
    glance: tuple[tuple[str, CellView], ...]
    rows: tuple[TargetRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePage:
    """All that the page of one question shows."""

    probe: Probe
    methods: tuple[str, ...]
    documented: tuple[tuple[str | Phrase, str], ...]
    counts: tuple[Count, ...]
    differs: int
    platforms: tuple[PlatformRows, ...]
    source: str


def probe_page(probe: Probe, board: Board) -> ProbePage:
    """The page of a question."""
    methods = probe_methods(probe)
    cells = tuple(cell for method in methods for cell in board.cells(probe, method).values())
    return ProbePage(
        probe=probe,
        methods=methods,
        documented=tuple((documented_key(key), answer_text(answer, probe)) for key, answer in probe.documented),
        counts=counts(tally(cells)),
        differs=differing(cells),
        platforms=tuple(_platform_rows(probe, platform, methods, board) for platform in board.platforms),
        source=source_of(probe, board.matrix.sources),
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


def answer_text(answer: Json, probe: Probe) -> str:
    """An outcome's word, or a value."""
    return answer if isinstance(answer, str) and answer in _OUTCOMES else value_text(answer, probe.unit)


def source_of(probe: Probe, sources: Mapping[str, str]) -> str:
    """The lines of the question's function."""
    lines = sources.get(probe.file, "").splitlines()
    return "\n".join(lines[max(probe.line, 1) - 1 : probe.end])


def _platform_rows(probe: Probe, platform: Platform, methods: tuple[str, ...], board: Board) -> PlatformRows:
    views = tuple((m, cell_view(probe, platform, board.cells(probe, m), board.known)) for m in methods)
    rows = [
        TargetRow(
            target=one,
            build=build.extra,
            verdicts=tuple(verdict(probe, one, m, board.cells(probe, m).get(one.id)) for m in methods),
        )
        for build in platform.builds
        for one in build.members
    ]
    return PlatformRows(platform=platform, glance=views, rows=tuple(rows))


def verdict(probe: Probe, one: Interpreter, method: str, cell: Cell | None, *, full: bool = True) -> Verdict:
    """One cell; full: with what it rests on, and the commands."""
    outcome = cell.outcome if cell else Outcome.UNTESTED
    documented = "" if cell is None or cell.documented is None else answer_text(cell.documented, probe)
    return Verdict(
        anchor=f"{one.id}-{method}",
        method=method,
        state=STATES[outcome],
        text=cell_text(cell, probe) if cell else "",
        detail=shorten(cell.detail, MAX_DETAIL) if cell else "",
        documented=documented,
        differs=cell is not None and cell.agrees is False,
        evidence=evidence(cell) if full and cell and outcome is not Outcome.UNTESTED else None,
        commands=(nox_command(one, probe, method), hand_command(one, probe, method)) if full else (),
        stale=cell is not None and cell.stale,
    )


def cell_text(cell: Cell, probe: Probe) -> str:
    """What stands beside the state's word: the value, or how many of how many runs."""
    if cell.outcome is Outcome.VALUE:
        return value_text(cell.value, probe.unit)
    return f"{cell.agree}/{cell.n}" if cell.outcome is Outcome.FLAKY else ""


def evidence(cell: Cell) -> Evidence:
    """What was kept of the run behind a cell."""
    kept = cell.evidence
    facts: list[tuple[str, str | Phrase]] = [(N_("runs with this answer"), f"{cell.agree}/{cell.n}")]
    facts += [(N_("last verified"), cell.last_verified)] if cell.last_verified else []
    facts += [(N_("took"), value_text(kept["duration"], "seconds"))] if kept.get("duration") else []
    facts += [(N_("ended with"), text)] if (text := _exit_text(kept.get("exit"))) else []
    blocks: list[tuple[str | Phrase, str]] = [(N_("detail"), cell.detail)] if len(cell.detail) > MAX_DETAIL else []
    blocks += [(name, _json(kept[name])) for name in (N_("observed"), N_("leaks")) if kept.get(name)]
    output = kept.get("output") or {}
    blocks += [(_output_name(output), _tail(output["text"]))] if output.get("text") else []
    blocks += [(N_("stacks"), _tail(kept["stacks"]))] if kept.get("stacks") else []
    attempts = kept.get("attempts") or []
    blocks += [(N_("attempts"), "\n".join(_attempt(row) for row in attempts))] if len(attempts) > 1 else []
    return Evidence(facts=tuple(facts), blocks=tuple(blocks))


def _exit_text(how: Json) -> str | Phrase:
    """The name of a signal or of an NTSTATUS, or the exit status; empty where no process ended."""
    if not how:
        return ""
    name = how.get("signal") or how.get("status")
    if how.get("code") is None:
        return str(name or "")
    code = str(how["code"])
    if name:
        return Phrase(N_("%(name)s, exit status %(code)s"), (("name", str(name)), ("code", code)))
    return Phrase(N_("exit status %(code)s"), (("code", code),))


def _output_name(output: Mapping[str, Json]) -> Phrase:
    size = (("n", str(output.get("bytes", 0))),)
    return Phrase(
        N_("output (%(n)s bytes, its middle cut out)") if output.get("cut") else N_("output (%(n)s bytes)"), size
    )


def _tail(text: str) -> str:
    return text if len(text) <= MAX_OUTPUT else "…" + text[-MAX_OUTPUT:]


def _json(data: Json) -> str:
    """Short data in one line, long data indented."""
    line = IN_LINE.encode(data)
    return line if len(line) <= 100 else _INDENTED.encode(data)


def _attempt(row: Mapping[str, Json]) -> str:
    value = "" if row["value"] is None else " " + json.dumps(row["value"], ensure_ascii=False)
    detail = f" ({row['detail']})" if row["detail"] else ""
    return f"{row['run']} #{row['attempt']}: {row['outcome']}{value}{detail}"
