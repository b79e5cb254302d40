"""The one door to matrix/explain: a finding's evidence -> the questions of the matrix that explain it."""

from __future__ import annotations

from dataclasses import replace

from matrix.explain import explain, measured
from matrix.explain.answers import Answer
from matrix.explain.index import Index, load
from matrix.paths import DATA, PROBES
from matrix.suite.words import Question
from matrix.trial.model import Change, Difference, Finding, Python, Reason, Trial

_PLATFORMS = {"darwin": "macos", "win32": "windows"}

MOST = 2
"""Questions that are told for one finding."""


def explained(finding: Finding, trial: Trial, baseline: str) -> Finding:
    """The finding with what the matrix says of it: first of what came, then of what the baseline alone showed."""
    found = _ask(symptom(finding, trial), trial.python, finding.method)
    if not found and finding.difference == Difference.OUTPUT:
        gone = "\n".join(line[2:] for line in finding.evidence.splitlines() if line.startswith("- "))
        found = _ask(gone, trial.python, baseline)
    return replace(finding, reasons=found)


def symptom(finding: Finding, trial: Trial) -> str:
    """What there is to explain, in words."""
    return "\n".join(filter(None, (finding.evidence, finding.detail)))


def _ask(text: str, python: Python, method: str) -> tuple[Reason, ...]:
    found = explain(
        text, series=python.series, method=method, platform=_PLATFORMS.get(python.platform, python.platform)
    )
    return tuple(
        Reason(
            question=one.question,
            text=one.text,
            because=one.matched,
            range=one.range,
            why=one.why,
            do=one.do,
            url=one.url,
            culprit=one.culprit,
        )
        for one in found[:MOST]
    )


def changed(
    python: Python, system: str, series: str, themes: frozenset[str], methods: tuple[str, ...]
) -> tuple[Change, ...] | None:
    """The answers of some themes that differ between a Python and another; None if either was not measured.

    Each is the newest release of its series that was measured on its system.
    """
    index = load(PROBES, DATA)
    here = _place(index, python.series, _PLATFORMS.get(python.platform, python.platform))
    there = _place(index, series, system)
    if here is None or there is None:
        return None
    found = []
    for question in index.questions.values():
        if question.id.partition(".")[0] in themes and not question.measured:
            for method in methods if question.methods else ("none",):
                found += _change(index, question, method, here, there)
    return tuple(found)


def _place(index: Index, series: str, system: str) -> str | None:
    place = index.places.get(measured.nearest(index, series=series, platform=system))
    return place.id if place and (place.series, place.platform) == (series, system) else None


def _change(index: Index, question: Question, method: str, here: str, there: str) -> list[Change]:
    answers = index.answers.get((question.id, method), {})
    before, after = (_answer(answers.get(target)) for target in (here, there))
    if not (before and after) or before == after:
        return []
    url = f"probe/{question.id}.html"
    return [
        Change(
            question=question.id, text=question.text, method=method, before=before, after=after, do=question.do, url=url
        )
    ]


def _answer(answer: Answer | None) -> str:
    """'no', or the value; '' if nobody asked."""
    if answer is None:
        return ""
    return str(answer.value) if answer.outcome == "value" else str(answer.outcome)
