"""For a job on GitHub: annotations for standard output, and a summary as Markdown for $GITHUB_STEP_SUMMARY."""

from __future__ import annotations

from collections.abc import Iterator

from matrix.system import terminal
from matrix.trial import places
from matrix.trial.model import Difference, Finding, Report
from matrix.trial.output import text

MOST = 10
"""GitHub shows ten annotations of a kind for each step."""

_KINDS = {Difference.FAILS: "error", Difference.HANGS: "error", Difference.CRASHES: "error"}


def render(report: Report) -> str:
    """Workflow commands, one a line, to be printed as they are: what programs said is escaped in them."""
    lines = [*(_annotation(finding, report) for finding in report.findings[:MOST])]
    lines += [f"::warning title=canifork::{_escaped(f'Untested: {why}')}" for why in report.untested[:MOST]]
    return "\n".join([*lines, terminal.line(text.closing(report)), ""])


def _annotation(finding: Finding, report: Report) -> str:
    kind = _KINDS.get(finding.difference, "warning")
    title = f"{finding.test or text.WHOLE} {text.said(finding)} under {finding.method}"
    message = "\n".join((finding.detail, *text.why(finding, report)))
    where = ""
    if shown := finding.place or finding.anchor:
        file, _, line = places.relative(shown, report.cwd).rpartition(":")
        where = f"file={_property(file)},line={line},"
    return f"::{kind} {where}title={_property(title)}::{_escaped(message)}"


def _escaped(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")


def summary(report: Report) -> str:
    """Markdown: the table, what explains it, the closing sentence."""
    return "\n".join(_summary(report)) + "\n"


def _summary(report: Report) -> Iterator[str]:
    yield f"### canifork try: {_cell(' '.join(report.words))}"
    yield ""
    yield _cell(text.closing(report))
    if report.findings:
        heads = [f"{series} {method}" for series, method in text.columns(report)]
        yield from ("", f"| test | {' | '.join(heads)} |", "| --- |" + " --- |" * len(heads))
        for test in dict.fromkeys(finding.test for finding in report.findings):
            cells = [
                ", ".join(
                    text.said(one) for one in report.findings if (one.test, one.python, one.method) == (test, *column)
                )
                or text.unchanged(report, test, column)
                for column in text.columns(report)
            ]
            yield f"| {_cell(test or text.WHOLE)} | {' | '.join(cells)} |"
        for _, detail, findings in text.grouped(report):
            yield from ("", f"**{_cell(detail)}** ({len(findings)})")
            yield from (f"- {_cell(line)}" for line in text.why(findings[0], report))
    yield ""
    yield from (f"- {_cell(line)}" for line in text.notes(report))


def _cell(value: str) -> str:
    """Text that Markdown shows as it is."""
    shown = value.replace("\n", " ").replace("&", "&amp;").replace("<", "&lt;")
    return "".join("\\" + char if char in "\\`*_[]|~#" else char for char in shown)
