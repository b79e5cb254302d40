"""Programs after public bug reports: each is explained by the right question, whatever Python's default is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from matrix.paths import PROBES
from matrix.suite import words

from .conftest import HERE, Project
from .reported import REPORTS

SENTENCES = {question.id: question.text for question in words.load(PROBES)}

pytestmark = pytest.mark.skipif(HERE.default != "fork", reason="these compare with fork")


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_explained(project: Callable[..., Project], name: str) -> None:
    report = REPORTS[name]
    made = project(**{name: report.program})
    command = ("pytest", f"{name}.py") if name.startswith("test_") else ("python", f"{name}.py")
    tried = made.attempt(*command, options=("--method", "spawn", "--timeout", "12"))
    findings = tried.report["findings"]
    first = {row["explanations"][0]["question"] if row["explanations"] else "" for row in findings}
    said = first | {question for question in report.questions if SENTENCES[question] in tried.text}
    assert said & {*report.questions}, (first, tried.text)
