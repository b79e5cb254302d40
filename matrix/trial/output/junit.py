"""The report as JUnit XML: one suite for each Python and method, one case for each test of the baseline."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from matrix.trial.model import Compared, Finding, Report
from matrix.trial.output import text

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def render(report: Report) -> str:
    """XML text."""
    root = ET.Element("testsuites", name="canifork try")
    for one in report.compared:
        at_fault = {finding.method for finding in one.findings}
        for method in dict.fromkeys(trial.method for trial in one.trials):
            if method != one.baseline or method in at_fault:
                root.append(_suite(one, method, report))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(one: Compared, method: str, report: Report) -> ET.Element:
    trial = next(trial for trial in one.trials if trial.method == method)
    found: dict[str, list[Finding]] = {}
    for finding in one.findings:
        if finding.method == method:
            found.setdefault(finding.test, []).append(finding)
    base = next(trial for trial in one.trials if trial.method == one.baseline)
    names = dict.fromkeys([*base.tests, *trial.tests, *found] or [""])
    own = {finding.test for finding in one.own}
    skipped = [name for name in names if (name in own or name in one.flaky) and name not in found]
    suite = ET.Element(
        "testsuite", name=f"Python {one.python.series}, {method} beside {one.baseline}", tests=str(len(names)),
        failures=str(len(found)), errors="0", skipped=str(len(skipped)), time=f"{trial.exit.duration:.3f}",
    )  # fmt: skip
    for name in names:
        where, _, short = (name or text.WHOLE).rpartition("::")
        seconds = trial.tests[name].seconds if name in trial.tests else 0.0
        case = ET.SubElement(
            suite, "testcase", classname=_clean(where or method), name=_clean(short), time=f"{seconds:.3f}"
        )
        for finding in found.get(name, ()):
            failure = ET.SubElement(
                case, "failure", type=str(finding.difference), message=_clean(f"{text.said(finding)}: {finding.detail}")
            )
            failure.text = _clean("\n".join(filter(None, (finding.evidence, *text.why(finding, report)))))
        if name in skipped:
            ET.SubElement(
                case, "skipped", message="fails under every method" if name in own else "flaky in the baseline"
            )
    return suite


def _clean(value: str) -> str:
    """Text without what XML cannot hold."""
    return _CONTROL.sub("\ufffd", value)
