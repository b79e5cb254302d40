"""The page of one question: every target's answer with its evidence and the commands that reproduce it. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matrix import model
from matrix.canonical_json import encoded
from matrix.model import METHODS, Cell, Json, Outcome, Probe
from matrix.results.versions import TO
from matrix.suite.sightings import Sighting
from report.model.cells import CellView, cell_view
from report.model.i18n import N_, Phrase
from report.model.matrix_index import MatrixIndex, differing, probe_methods, tally
from report.model.outcome_styles import STYLES, Count, OutcomeStyle, counts
from report.model.pending import Promise, pending_platforms, promises
from report.model.platforms import Interpreter, Platform
from report.model.reproduce import hand_command, nox_command
from report.model.values import IN_LINE, answer_text, number_range, shorten, value_text

MAX_DETAIL = 160
"""Characters of a detail in the table; the evidence has all of it."""

MAX_ANSWERS = 100
"""Different answers whose evidence a page shows: measured times are all different, and then no page could hold them."""

MAX_ATTEMPTS = 30
"""Lines about the attempts that are shown of an answer."""

MAX_SEEN = 5
"""Sightings that are shown at once; the others unfold."""

MAX_OUTPUT = 4000
"""Characters of output and of stacks that are shown: their ends, where the reason is."""

TASKS = frozenset({"tasks.fork_only_in_pool", "tasks.fork_only_in_executor"})
"""The questions to which the page of an argument leads: they tell what a task can have."""

_THREAD = re.compile(r"/(?:issues|pull|discussions|-/issues|-/merge_requests)/(\d+)")
_CHANGE = re.compile(r"/(?:pull|-/merge_requests)/\d+")

_INDENTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, indent=2)


class Named(NamedTuple):
    """A text with its name."""

    name: str | Phrase
    text: str | Phrase


class SeenRow(NamedTuple):
    """One sighting, under the name of its thread: 'owner/name#12'; change: of a pull request, merged or not."""

    name: str
    sighting: Sighting
    change: bool


class Commands(NamedTuple):
    """The commands that reproduce a cell: through the runner, and by hand."""

    nox: str
    by_hand: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAnswer:
    """One target's answer under one method. evidence: the anchor of its evidence, or ''."""

    anchor: str
    method: str
    state: OutcomeStyle
    text: str
    detail: str
    documented: str
    differs: bool
    stale: bool = False
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEvidence:
    """What a different answer is based on, and where it was given. facts are of one line each, blocks of many lines.

    cells: how many there are; example: one of their targets, commands: those that reproduce it there.
    """

    answer: TargetAnswer
    methods: tuple[str, ...]
    cells: int
    facts: tuple[Named, ...]
    blocks: tuple[Named, ...]
    example: Interpreter
    commands: Commands


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


class Promised(NamedTuple):
    """A platform that nobody has measured yet, with what documents say of a question there."""

    title: str
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePage:
    """All that the page of one question shows. more: different answers whose evidence is in the JSON only.

    promised: what documents say of the platforms that nobody has measured yet, where they say anything.

    seen are its sightings, the newest first; the other ones unfold.

    task_too: who asks this of a Process may well mean a task, to which its answers do not apply.
    """

    probe: Probe
    methods: tuple[str, ...]
    documented: tuple[Named, ...]
    counts: tuple[Count, ...]
    differs: int
    platforms: tuple[PlatformRows, ...]
    promised: tuple[Promised, ...]
    evidence: tuple[AnswerEvidence, ...]
    more: int
    source: str
    seen: tuple[SeenRow, ...] = ()
    seen_more: tuple[SeenRow, ...] = ()
    task_too: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """The cells that gave one answer with one evidence, each with its target."""

    anchor: str
    cells: list[tuple[Interpreter, Cell]]


def probe_page(probe: Probe, index: MatrixIndex, sightings: Sequence[Sighting] = ()) -> ProbePage:
    """The page of a question; sightings are those of it, the newest first."""
    seen = tuple(SeenRow(one.project + thread_number(one.url), one, is_change(one.url)) for one in sightings)
    methods = probe_methods(probe)
    cells = tuple(cell for method in methods for cell in index.cells(probe, method).values())
    given = _different(probe, methods, index)
    shown = given[:MAX_ANSWERS]
    anchors = {(cell.target, cell.method): each.anchor for each in shown for _, cell in each.cells}
    return ProbePage(
        probe=probe,
        methods=methods,
        documented=tuple(Named(documented_key(key), answer_text(answer, probe)) for key, answer in probe.documented),
        counts=counts(tally(cells)),
        differs=differing(cells),
        platforms=tuple(_platform_rows(probe, platform, methods, index, anchors) for platform in index.platforms),
        promised=tuple(Promised(one.title, said) for one in pending_platforms(index) if (said := promises(probe, one))),
        evidence=tuple(_answer_evidence(probe, each) for each in shown),
        more=len(given) - len(shown),
        source=source_of(probe, index.matrix.sources),
        seen=seen[:MAX_SEEN],
        seen_more=seen[MAX_SEEN:],
        task_too="a Process argument" in probe.text and index.probes.keys() >= TASKS,
    )


def thread_number(url: str) -> str:
    """'#12' of an issue or a pull request; '' of a thread that is named otherwise."""
    found = _THREAD.search(url)
    return f"#{found[1]}" if found else ""


def is_change(url: str) -> bool:
    """Whether the thread is of a pull request: what it says of the mending is what it changes."""
    return _CHANGE.search(url) is not None


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


def _different(probe: Probe, methods: tuple[str, ...], index: MatrixIndex) -> list[_Given]:
    """The different answers to a question that something was measured for, in the order of the page."""
    found: dict[bytes, _Given] = {}
    for target in index.targets:
        for method in methods:
            cell = index.cells(probe, method).get(target.id)
            if cell and cell.evidence:
                key = encoded(_key(cell))
                found.setdefault(key, _Given(anchor=f"a{len(found) + 1}", cells=[])).cells.append((target, cell))
    return list(found.values())


def _key(cell: Cell) -> tuple[Json, ...]:
    """What two cells must share to have their evidence shown once; how often all attempts agreed is a range there."""
    shares = None if cell.agree == cell.n else (cell.agree, cell.n)
    return (
        cell.outcome, cell.value, cell.detail, shares, cell.documented, cell.agrees, cell.stale, cell.evidence
    )  # fmt: skip


def _platform_rows(
    probe: Probe,
    platform: Platform,
    methods: tuple[str, ...],
    index: MatrixIndex,
    anchors: Mapping[tuple[str, str], str],
) -> PlatformRows:
    views = tuple(Glance(m, cell_view(probe, platform, index.cells(probe, m), index.known)) for m in methods)
    rows = []
    for build in platform.builds:
        for target in build.members:
            answers = tuple(
                target_answer(
                    probe,
                    target,
                    method,
                    index.cells(probe, method).get(target.id),
                    anchors.get((target.id, method), ""),
                )
                for method in methods
            )
            rows.append(TargetRow(target=target, build=build.extra, answers=answers))
    return PlatformRows(platform=platform, glance=views, rows=tuple(rows))


def target_answer(
    probe: Probe, target: Interpreter, method: str, cell: Cell | None, evidence: str = ""
) -> TargetAnswer:
    """One cell. evidence: the anchor of its evidence."""
    return TargetAnswer(
        anchor=f"{target.id}-{method}",
        method=method,
        state=STYLES[cell.outcome if cell else Outcome.UNTESTED],
        text=cell_text(cell, probe) if cell else "",
        detail=shorten(cell.detail, MAX_DETAIL) if cell else "",
        documented="" if cell is None or cell.documented is None else answer_text(cell.documented, probe),
        differs=cell is not None and cell.agrees is False,
        stale=cell is not None and cell.stale,
        evidence=evidence,
    )


def cell_text(cell: Cell, probe: Probe) -> str:
    """What stands beside the outcome's word: the value, or how many of how many runs."""
    if cell.outcome is Outcome.VALUE:
        return value_text(cell.value, probe.unit)
    return f"{cell.agree}/{cell.n}" if cell.outcome is Outcome.FLAKY else ""


def _answer_evidence(probe: Probe, given: _Given) -> AnswerEvidence:
    """What was kept of the runs behind an answer; what is empty is left out."""
    target, cell = given.cells[0]
    cells = [cell for _, cell in given.cells]
    kept = cell.evidence or model.Evidence()
    answer = target_answer(probe, target, cell.method, cell, given.anchor)
    facts = [
        Named(N_("runs with this answer"), _shares(cells)),
        Named(N_("documented"), answer.documented),
        Named(N_("ended with"), _exit_text(kept.exit)),
        Named(N_("duration"), _durations(cells)),
        Named(N_("last verified"), _span(sorted(cell.last_verified[:10] for cell in cells if cell.last_verified))),
    ]
    blocks = [
        Named(N_("detail"), cell.detail if len(cell.detail) > MAX_DETAIL else ""),
        Named(N_("observed"), _json(kept.observed)),
        Named(N_("leaks"), _json(kept.leaks)),
        _output(kept.output),
        Named(N_("stacks"), _tail(kept.stacks or "")),
        Named(N_("attempts"), _attempts(cells)),
    ]
    return AnswerEvidence(
        answer=answer,
        methods=tuple(dict.fromkeys(cell.method for cell in cells)),
        cells=len(cells),
        facts=tuple(fact for fact in facts if fact.text),
        blocks=tuple(block for block in blocks if block.text),
        example=target,
        commands=Commands(nox_command(target, probe, cell.method), hand_command(target, probe, cell.method)),
    )


def _shares(cells: Iterable[Cell]) -> str:
    """'1/1, 5/5': of how many attempts how many gave the answer; empty where each cell had one."""
    shares = sorted({(cell.n, cell.agree) for cell in cells})
    return ", ".join(f"{agree}/{n}" for n, agree in shares) if shares != [(1, 1)] else ""


def _durations(cells: Iterable[Cell]) -> str:
    seconds = [cell.duration for cell in cells if cell.duration]
    return number_range(seconds, "seconds") if seconds else ""


def _span(days: Sequence[str]) -> str:
    """The first and the last of some days in order."""
    return TO.join(dict.fromkeys((days[0], days[-1]))) if days else ""


def _attempts(cells: Iterable[Cell]) -> str:
    """For each cell whose attempts differ what they gave and how often, MAX_ATTEMPTS lines at most."""
    lines = [f"{cell.target} {line}" for cell in cells for line in _given(cell.attempts)]
    return "\n".join([*lines[:MAX_ATTEMPTS], *(["…"] if lines[MAX_ATTEMPTS:] else [])])


def _given(attempts: Iterable[model.Attempt]) -> Iterator[str]:
    """'yes 4/5', 'no 1/5 (OSError)': the commonest first."""
    counted = Counter(map(_attempt, attempts))
    return (f"{text} {n}/{counted.total()}{why}" for (text, why), n in counted.most_common())


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


def _attempt(given: model.Attempt) -> tuple[str, str]:
    """The answer of an attempt, and its detail in brackets."""
    value = "" if given.value is None else " " + json.dumps(given.value, ensure_ascii=False)
    return f"{given.outcome}{value}", f" ({given.detail})" if given.detail else ""
