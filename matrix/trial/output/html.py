"""The report as one HTML page that needs nothing else: for an artifact of CI, or to be mailed."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from matrix.paths import STYLES
from matrix.trial import compare, places, reasons, starts
from matrix.trial.model import Compared, Finding, Report
from matrix.trial.output import text

_FOLDER = __file__.rpartition("html.py")[0]


def render(report: Report) -> str:
    """HTML text."""
    env = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return env.get_template("report.html").render(
        report=report,
        answer=text.answer,
        command=" ".join(report.words),
        styles="\n".join(path.read_text(encoding="utf-8") for path in STYLES),
        closing=text.closing(report),
        columns=text.columns(report),
        rows=_rows(report),
        groups=[_group(*row, report) for row in text.grouped(report)],
        notes=list(text.notes(report)),
        starts=[_starts(one) for one in report.compared],
        site=report.site,
        next=text.next_command(report),
    )


def _rows(report: Report) -> list[tuple[str, list[str]]]:
    """(test, what each column says of it)."""
    return [
        (
            test or text.WHOLE,
            [
                ", ".join(
                    text.said(one) for one in report.findings if (one.test, one.python, one.method) == (test, *column)
                )
                or text.unchanged(report, test, column)
                for column in text.columns(report)
            ],
        )
        for test in dict.fromkeys(finding.test for finding in report.findings)
    ]


def _group(reason: object, detail: str, findings: list[Finding], report: Report) -> dict[str, object]:
    return {
        "reason": reason,
        "detail": detail,
        "findings": findings,
        "probe": reasons.probe_command(findings[0], report.program),
        "places": sorted({places.relative(one.place, report.cwd) for one in findings if one.place}),
    }


def _starts(one: Compared) -> dict[str, object]:
    base = next((trial for trial in one.trials if trial.method == one.baseline), None)
    rows = starts.rows(base.starts, compare.origins(one.trials)) if base else ()
    return {
        "one": one,
        "sentences": starts.sentences(rows),
        "lines": [text.place_line(row) for row in rows],
        "threaded": any(row.threaded for row in rows),
    }
