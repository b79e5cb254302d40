"""The report as SARIF 2.1.0, as GitHub's code scanning reads it: each finding with a line in the project.

GitHub refuses a log with a result that has no file. A finding without any becomes a notification of the tool.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote

from matrix.model import Json
from matrix.trial.model import Difference, Finding, Frame, Report
from matrix.trial.output import text

_LEVELS = {Difference.FAILS: "error", Difference.HANGS: "error", Difference.CRASHES: "error"}
UNEXPLAINED = "unexplained"

MOST = 5000
"""Results of one run that GitHub shows; of more, the failures come first."""


def render(report: Report) -> str:
    """JSON text."""
    return json.dumps(data(report), indent=1, ensure_ascii=False) + "\n"


def data(report: Report) -> Json:
    """A SARIF log of one run."""
    shown = [finding for finding in report.findings if _uri(finding, report)]
    homeless = [finding for finding in report.findings if not _uri(finding, report)]
    shown = sorted(shown, key=lambda finding: finding.difference not in _LEVELS)[:MOST]
    rules: dict[str, Json] = {}
    for finding in shown:
        rules.setdefault(_rule_id(finding), _rule(finding, report.site))
    order = list(rules)
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "canifork", "rules": list(rules.values())}},
                "automationDetails": {"id": _category(report)},
                "invocations": [_invocation(report, homeless)],
                "results": [_result(finding, report, order) for finding in shown],
            }
        ],
    }


def _invocation(report: Report, homeless: Sequence[Finding]) -> Json:
    """How it ran, with what is not among the results: what was not tested, and findings that no file can show."""
    said = [f"Untested: {why}" for why in report.untested] + [_said(finding) for finding in homeless[:MOST]]
    notes = [{"level": "warning", "message": {"text": one}} for one in said]
    return {"executionSuccessful": not report.untested} | ({"toolExecutionNotifications": notes} if notes else {})


def _category(report: Report) -> str:
    """One for each system: of two uploads with the same category, GitHub keeps the later alone."""
    systems = dict.fromkeys(one.python.platform for one in report.compared)
    return f"canifork/try/{'-'.join(systems)}/"


def _rule_id(finding: Finding) -> str:
    reason = text.reason_of(finding)
    return reason.question if reason else f"{UNEXPLAINED}.{finding.difference.replace(' ', '_')}"


def _rule(finding: Finding, site: str) -> Json:
    reason = text.reason_of(finding)
    if reason is None:
        said = f"A difference between start methods that no question explains: {finding.difference}"
        return {
            "id": _rule_id(finding),
            "shortDescription": {"text": said},
            "fullDescription": {"text": said},
        }
    return {
        "id": reason.question,
        "shortDescription": {"text": reason.text[:1000]},
        "fullDescription": {"text": reason.why[:1000] or reason.text[:1000]},
        "help": {"text": f"{text.answer(reason)}\n{reason.why}\n{reason.do}"},
    } | ({"helpUri": site + quote(reason.url)} if site else {})


def _uri(finding: Finding, report: Report) -> str:
    """The file below the project's folder, as a relative URI; '' if there is none."""
    where = _where(finding, report)
    return quote(_relative(where, report)) if where else ""


def _where(finding: Finding, report: Report) -> Frame | None:
    """What a finding is shown at: its place, or else its anchor, if that lies in the project."""
    return next((one for one in (finding.place, finding.anchor) if one and _relative(one, report)), None)


def _relative(where: Frame, report: Report) -> str:
    path = PurePath(where.file.replace("\\", "/"))
    if path.is_absolute():
        if not path.is_relative_to(report.cwd):
            return ""
        path = path.relative_to(report.cwd)
    return "" if ".." in path.parts else path.as_posix()


def _said(finding: Finding) -> str:
    subject = finding.test or text.WHOLE
    said = f"{subject} {text.said(finding)} under {finding.method} (Python {finding.python}): {finding.detail}"
    reason = text.reason_of(finding)
    return f"{said}\n{reason.text} {text.answer(reason)}\n{reason.do}" if reason else said


def _result(finding: Finding, report: Report, order: list[str]) -> Json:
    where = _where(finding, report)
    assert where
    rule, uri = _rule_id(finding), _uri(finding, report)
    # Without the line: a finding stays the same when code above it grows.
    mark = "|".join((rule, uri, where.function, finding.key))
    return {
        "ruleId": rule,
        "ruleIndex": order.index(rule),
        "level": _LEVELS.get(finding.difference, "warning"),
        "message": {"text": _said(finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {"startLine": max(1, where.line)},
                }
            }
        ],
        "partialFingerprints": {"canifork/v1": hashlib.sha256(mark.encode()).hexdigest()},
    }
