"""The report as data; `try-1.schema.json` beside matrix/files' schemas says what is in it."""

from __future__ import annotations

import json
from dataclasses import asdict

from matrix.model import Json
from matrix.trial import compare, places, starts
from matrix.trial.model import Compared, Finding, Report

SCHEMA = 1


def render(report: Report) -> str:
    """JSON text."""
    return json.dumps(data(report), indent=1, ensure_ascii=False) + "\n"


def data(report: Report) -> Json:
    """The report as JSON data."""
    return {
        "schema": SCHEMA,
        "command": list(report.words),
        "moved_to": report.moved_to or None,
        "seconds": round(report.seconds, 3),
        "findings": [_finding(finding, report) for finding in report.findings],
        "known": [_finding(finding, report) for finding in report.known],
        "untested": list(report.untested),
        "pythons": [_python(one, report) for one in report.compared],
    }


def _finding(finding: Finding, report: Report) -> Json:
    place = finding.place
    return {
        "key": finding.key,
        "python": finding.python,
        "method": finding.method,
        "test": finding.test,
        "difference": str(finding.difference),
        "detail": finding.detail,
        "place": places.relative(place, report.cwd) if place else None,
        "k": finding.k,
        "n": finding.n,
        "follows": finding.follows or None,
        "evidence": finding.evidence,
        "explanations": [asdict(reason) for reason in finding.reasons],
    }


def _python(one: Compared, report: Report) -> Json:
    origins = compare.origins(one.trials)
    return {
        "python": one.python.version,
        "target": one.python.target,
        "baseline": one.baseline,
        "own": [finding.test for finding in one.own],
        "flaky": {name: list(pair) for name, pair in one.flaky.items()},
        "changes": None if one.changes is None else [asdict(change) for change in one.changes],
        "trials": [
            {
                "method": trial.method,
                "number": trial.number,
                "seconds": trial.exit.duration,
                "exit": {"code": trial.exit.code, "signal": trial.exit.signal, "timed_out": trial.exit.timed_out},
                "processes": trial.processes,
                "tests": {test.id: {"outcome": test.outcome, "seconds": test.seconds} for test in trial.tests.values()},
                "leaks": {kind: list(names) for kind, names in trial.exit.leaks.items() if kind != "files"},
                "starts": [_start(row, report) for row in starts.rows(trial.starts, origins)],
            }
            for trial in one.trials
        ],
    }


def _start(row: starts.Row, report: Report) -> Json:
    return {
        "place": places.relative(row.place, report.cwd) if row.place else None,
        "method": row.method,
        "origin": row.origin,
        "interface": row.interface,
        "class": row.kind,
        "count": row.count,
        "threaded": row.threaded,
        "threads": row.threads,
        "seconds": round(row.seconds, 4),
        "bytes": row.size,
        "errors": list(row.errors),
    }
