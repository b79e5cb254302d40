"""The report as SARIF 2.1.0, as GitHub's code scanning reads it: each finding with a line in the project."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePath
from urllib.parse import quote

from matrix.explain.explanation import answer
from matrix.model import Json
from matrix.trial.model import Difference, Finding, Report
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
    shown = [finding for finding in report.findings if finding.place and _uri(finding, report)]
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
                "invocations": [{"executionSuccessful": not report.untested}],
                "results": [_result(finding, report, order) for finding in shown],
            }
        ],
    }


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
        "help": {"text": f"{answer(reason)}\n{reason.why}\n{reason.do}"},
    } | ({"helpUri": site + quote(reason.url)} if site else {})


def _uri(finding: Finding, report: Report) -> str:
    """The file below the project's folder, as a relative URI; '' if it lies elsewhere."""
    assert finding.place
    path = PurePath(finding.place.file.replace("\\", "/"))
    if path.is_absolute():
        if not path.is_relative_to(report.cwd):
            return ""
        path = path.relative_to(report.cwd)
    return "" if ".." in path.parts else quote(path.as_posix())


def _result(finding: Finding, report: Report, order: list[str]) -> Json:
    assert finding.place
    rule, uri = _rule_id(finding), _uri(finding, report)
    subject = finding.test or text.WHOLE
    said = f"{subject} {text.said(finding)} under {finding.method} (Python {finding.python}): {finding.detail}"
    reason = text.reason_of(finding)
    if reason:
        said += f"\n{reason.text} {answer(reason)}\n{reason.do}"
    # Without the line: a finding stays the same when code above it grows.
    mark = "|".join((rule, uri, finding.place.function, finding.key))
    return {
        "ruleId": rule,
        "ruleIndex": order.index(rule),
        "level": _LEVELS.get(finding.difference, "warning"),
        "message": {"text": said},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {"startLine": max(1, finding.place.line)},
                }
            }
        ],
        "partialFingerprints": {"canifork/v1": hashlib.sha256(mark.encode()).hexdigest()},
    }
