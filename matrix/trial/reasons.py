"""The one door to matrix/explain: a finding's evidence -> the questions of the matrix that explain it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from matrix.paths import DATA, PROBES
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
    try:
        from matrix.explain import explain
    except ImportError:
        return ()
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
    python: Python, system: str, series: str | None, themes: frozenset[str], methods: tuple[str, ...]
) -> tuple[Change, ...]:
    """The answers of some themes that differ between a Python and the newest one measured of a system and series."""
    try:
        from matrix.explain import measured
        from matrix.explain.index import load
    except ImportError:
        return ()
    index = load(PROBES, DATA)
    here = measured.nearest(index, series=python.series, platform=_PLATFORMS.get(python.platform, python.platform))
    there = measured.nearest(index, series=series or python.series, platform=system)
    found = []
    for question in index.questions.values():
        if question.id.partition(".")[0] not in themes or question.measured:
            continue
        for method in methods if question.methods else ("none",):
            answers = index.answers.get((question.id, method), {})
            before, after = (_answer(answers.get(target)) for target in (here, there))
            if before and after and before != after:
                found.append(
                    Change(
                        question=question.id,
                        text=question.text,
                        method=method,
                        before=before,
                        after=after,
                        do=question.do,
                        url=f"probe/{question.id}.html",
                    )
                )
    return tuple(found)


def _answer(answer: Any) -> str:
    """'no', or the value; '' if nobody asked."""
    if answer is None:
        return ""
    return str(answer.value) if answer.outcome == "value" else str(answer.outcome)
