"""Matrix, events, regressions -> Markdown and annotations for GitHub. Pure; every text of a run is inert.

Inside `<code>` GitHub makes no mention, no link and no reference of what stands there; all that could end the element
or the cell of the table is an entity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from matrix.ci.alarms import Alarm
from matrix.ci.regressions import Regression
from matrix.model import METHODS, Cell, Json, Matrix, Outcome
from matrix.results.counts import counts
from matrix.results.diff import CellDiff, ChangeKind

SUMMARY_LIMIT = 1_000_000
"""Bytes of a job summary: GitHub takes 1 MiB for a step."""

COMMENT_LIMIT = 60_000
"""Characters of a comment or an issue: GitHub takes 65536."""

ANNOTATIONS = 10
"""Of each level that GitHub shows for a step."""

GLYPHS = {
    Outcome.YES: "✓",
    Outcome.NO: "✗",
    Outcome.VALUE: "",
    Outcome.UNAVAILABLE: "\N{EN DASH}",
    Outcome.HANG: "∞",
    Outcome.CRASH: "⚡",
    Outcome.ERROR: "!",
    Outcome.FLAKY: "~",
    Outcome.UNTESTED: "?",
}
_LEVELS = {ChangeKind.REGRESSED: "warning", ChangeKind.FLAKY: "warning"}


def text(data: Json, limit: int = 200) -> str:
    """Any data as one short line of inert text, whoever wrote it."""
    line = " ".join(str(data).split())
    line = "".join(char if char.isprintable() else "?" for char in line)
    if len(line) > limit:
        line = line[:limit] + "…"
    safe = "".join(char if char.isalnum() or char in " …" else f"&#{ord(char)};" for char in line)
    return f"<code>{safe}</code>" if safe.strip() else ""


def fit(lines: Sequence[str], limit: int) -> str:
    """As many of the lines as fit into a number of UTF-8 bytes; the last one says how many do not."""
    room = limit - 100
    for count, line in enumerate(lines):
        room -= len(line.encode()) + 1
        if room < 0:
            return "\n".join([*lines[:count], "", f"… {len(lines) - count} more lines do not fit here.", ""])
    return "\n".join([*lines, ""])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table; empty if it would have no row."""
    body = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *body, ""] if body else []


def job_summary(matrix: Matrix, events: Sequence[CellDiff], compared: bool) -> str:
    """A job's results: counts, changed cells and errors first, then all answers. At most SUMMARY_LIMIT bytes."""
    lines = ["## Can I fork?", ""]
    outcomes = [outcome for outcome in Outcome if any(cell.outcome == outcome for cell in matrix.cells)]
    lines += table(
        ["target", "default", *map(str, outcomes), "differs from docs"],
        [
            [
                text(row.target),
                text(row.default),
                *(str(row.outcomes[name]) for name in outcomes),
                str(row.differs),
            ]
            for row in counts(matrix)
        ],
    )
    if compared:
        lines += [f"### Changed since the published matrix: {len(events)}", "", *changes(events)]
    errors = [cell for cell in matrix.cells if cell.outcome == Outcome.ERROR]
    if errors:
        lines += [f"### Errors: {len(errors)}", ""]
        rows = [[text(cell.probe), cell.method, text(cell.target), text(cell.detail)] for cell in errors]
        lines += table(["probe", "method", "target", "why"], rows)
    for target in matrix.targets:
        lines += ["<details>", f"<summary>All answers of {text(target['id'])}</summary>", ""]
        lines += [*_answers(matrix, target["id"]), "</details>", ""]
    return fit(lines, SUMMARY_LIMIT)


def _answers(matrix: Matrix, target: str) -> list[str]:
    cells = {(cell.probe, cell.method): cell for cell in matrix.cells if cell.target == target}
    asked = [method for method in METHODS if any(key[1] == method for key in cells)]
    rows = []
    for probe in matrix.probes:
        found = [cells.get((probe.id, method)) for method in asked]
        if any(cell and cell.n for cell in found):
            rows.append([text(probe.id), *(_answer(cell) for cell in found)])
    return table(["probe", *asked], rows)


def _answer(cell: Cell | None) -> str:
    if cell is None:
        return ""
    shown = text(cell.value, 40) if cell.outcome == Outcome.VALUE else f"{GLYPHS[cell.outcome]} {cell.outcome}"
    return f"{shown} ≠ docs" if cell.agrees is False else shown


def changes(events: Iterable[CellDiff]) -> list[str]:
    """A table of events, the worst kind first."""
    ranks = {kind: rank for rank, kind in enumerate(ChangeKind)}
    rows = [
        [
            f"{event.kind}{' (question rewritten)' if event.rewritten else ''}",
            text(event.probe),
            text(event.method),
            text(event.target),
            text(event.before),
            text(event.after),
        ]
        for event in sorted(events, key=lambda event: ranks[event.kind])
    ]
    return table(["what", "probe", "method", "target", "before", "now"], rows)


def comment(events: Sequence[CellDiff], compared: Sequence[str], alone: Sequence[str]) -> str:
    """For a pull request: the changed cells only. compared: targets with published answers; alone: those without."""
    numbers = Counter(event.kind for event in events)
    shares = ", ".join(f"{numbers[kind]} {kind}" for kind in ChangeKind if numbers[kind])
    lines = [
        "### Cells that this change alters",
        "",
        f"{len(events)} changed against the published matrix{f' ({shares})' if shares else ''},"
        f" on {len(compared)} targets.",
        "",
        *changes(events),
    ]
    if alone:
        lines += [f"Not compared, since nothing is published on them: {', '.join(map(text, alone[:20]))}.", ""]
    return fit(lines, COMMENT_LIMIT)


def issue(found: Sequence[Regression], alarms: Sequence[Alarm] = ()) -> str:
    """The body of the one issue: lanes that need attention, and cells that regressed at least twice in a row."""
    if not found and not alarms:
        return (
            "Every lane has a run, and no cell is worse than before. "
            "What was listed here has recovered, or its question was rewritten.\n"
        )
    lines = table(["lane", "what is wrong"], [[text(alarm.lane), text(alarm.why)] for alarm in alarms])
    if alarms:
        lines = [f"### {len(alarms)} lanes need attention", "", *lines]
    return fit(lines + (_regressed(found) if found else []), COMMENT_LIMIT)


def _regressed(found: Sequence[Regression]) -> list[str]:
    return [
        f"### {len(found)} cells were worse than before in at least two runs in a row",
        "",
        "A cell leaves this list when its answer is as before, or when its question is rewritten.",
        "",
        *table(
            ["lane", "probe", "method", "before", "now", "how", "since", "runs"],
            [
                [
                    text(regression.lane),
                    text(regression.probe.id),
                    regression.method,
                    f"{text(regression.before)} on {text(regression.before_target)}",
                    f"{text(regression.after)} on {text(regression.after_target)}",
                    text(regression.detail),
                    text(regression.since),
                    str(regression.times),
                ]
                for regression in found
            ],
        ),
    ]


def notes(matrix: Matrix, events: Iterable[CellDiff]) -> list[str]:
    """Workflow commands for annotations: errors and changed cells, a few of each level."""
    annotations: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for cell in matrix.cells:
        if cell.outcome == Outcome.ERROR:
            where = f"{cell.probe} {cell.method}"
            annotations["error"].append(_command("error", where, f"{cell.target}: {cell.detail}"))
    for event in events:
        level = _LEVELS.get(event.kind, "notice")
        what = f"{event.target}: {event.before} -> {event.after}"
        annotations[level].append(_command(level, f"{event.kind}: {event.probe} {event.method}", what))
    lines = []
    for level, commands in annotations.items():
        rest = len(commands) - ANNOTATIONS
        if rest > 0:
            more = _command(level, "more", f"{rest + 1} more; see the summary of the job")
            lines += [*commands[: ANNOTATIONS - 1], more]
        else:
            lines += commands
    return lines


def warning(title: str, message: str) -> str:
    """One annotation."""
    return _command("warning", title, message)


def _command(level: str, title: str, message: str) -> str:
    """One workflow command. What could end it, or begin another, is escaped as GitHub unescapes it."""

    def escaped(part: str) -> str:
        line = "".join(char if char.isprintable() or char in "\r\n" else "?" for char in part[:500])
        return line.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    name = escaped(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={name}::{escaped(message)}"
