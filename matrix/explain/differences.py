"""A difference without an error -> the questions that explain it. Pure.

A log line that is missing, a double that is not there, a program that is slower: no text says why. But what the program
does is in its source, and which answers differ between the two start methods was measured. Only where both meet is
something said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matrix.explain import messages, source
from matrix.explain.answers import Answer
from matrix.explain.index import Index, worth
from matrix.explain.ranking import MOST, STEP, THRESHOLD, Ranked
from matrix.explain.symptoms import Sign

MORE = 1.3
"""How many times as much a measured value must be to count as different."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """kind: 'fails', 'hangs', 'crashes', 'warns', 'output differs', 'slower' or 'leaks'; text: what was seen.

    baseline, method: the start methods that differ; target: the place whose answers count; sources: name -> text of the
    program's modules.
    """

    kind: str
    text: str
    baseline: str
    method: str
    target: str
    sources: Mapping[str, str]


def rank(difference: Difference, index: Index) -> tuple[Ranked, ...]:
    """The questions that explain a difference, the best first."""
    found: dict[str, Ranked] = {}
    for candidate in _candidates(difference, index):
        before = found.get(candidate.question)
        if before is None or candidate.score > before.score:
            found[candidate.question] = candidate
    return tuple(sorted(found.values(), key=lambda one: -one.score)[:MOST])


def _candidates(difference: Difference, index: Index) -> Iterator[Ranked]:
    said = set(messages.words(difference.text))
    for sign in index.table.signs:
        seen = _seen(sign, difference.sources)
        if seen is None or (sign.kinds and difference.kind not in sign.kinds):
            continue
        if sign.text and not sign.text.search(difference.text):
            continue
        if sign.fork and "fork" not in (difference.baseline, difference.method):
            continue
        for place, question in enumerate(sign.questions):
            if question in index.questions and (sign.fork or _differs(question, difference, index)):
                score = (sign.score - STEP * place + _nearness(question, said, index)) * _blame(
                    question, difference, index, fork=sign.fork
                )
                matched = f"{sign.name}{f': {seen}' if seen else ''}"
                if score >= THRESHOLD:
                    yield Ranked(question=question, score=min(1.0, round(score, 3)), matched=matched, one=None)


def _seen(sign: Sign, sources: Mapping[str, str]) -> str | None:
    """What of the sources shows a sign: 'mock.patch( (app.py:7)', '' if none need; None if it is not seen."""
    if sign.code:
        places = (
            (name, text, found)
            for name, text in sources.items()
            if (found := sign.code.search(text)) and (not sign.beside or sign.beside.search(text))
        )
        return next((f"{found[0].strip()} ({name}:{_line(text, found)})" for name, text, found in places), None)
    if sign.shape:
        return next((name for name, text in sources.items() if sign.shape in source.shapes(text)), None)
    return ""


def _line(text: str, found: re.Match[str]) -> int:
    """The line, from 1, in which the code stands, blank lines before it apart."""
    start = found.start() + len(found[0]) - len(found[0].lstrip())
    return text.count("\n", 0, start) + 1


def _blame(question: str, difference: Difference, index: Index, *, fork: bool) -> float:
    """Less than 1 where the method at fault has the answer that one hopes for, and the baseline has not.

    Output may differ all the same; but what works does not fail.
    """
    asked = index.questions[question]
    answer = index.answers.get((question, difference.method), {}).get(difference.target)
    if fork and difference.kind == "output differs":
        return 1.0  # the baseline is what prints otherwise than one hopes
    if not asked.methods or answer is None or answer.outcome != asked.wanted:
        return 1.0
    return 0.8 if difference.kind in ("output differs", "leaks") else 0.0


def _nearness(question: str, said: set[str], index: Index) -> float:
    """Up to 0.1 for words that the difference and the question have in common: 'log' tells of logging."""
    weights = index.vocabulary[question]
    common = sum(worth(index, word) for word in said if word in weights)
    return min(0.1, 0.01 * common)


def _differs(question: str, difference: Difference, index: Index) -> bool:
    """Whether the target answers otherwise under the two methods; a question about none of them counts beside fork."""
    asked = index.questions[question]
    if not asked.methods:
        return "fork" in (difference.baseline, difference.method) or question.startswith("executables.")
    one, other = (
        index.answers.get((question, method), {}).get(difference.target)
        for method in (difference.baseline, difference.method)
    )
    return one is not None and other is not None and _different(one, other, measured=asked.measured)


def _different(one: Answer, other: Answer, *, measured: bool) -> bool:
    if measured and isinstance(one.value, int | float) and isinstance(other.value, int | float):
        small, big = sorted((one.value, other.value))
        return big > MORE * max(small, 0)
    return (one.outcome, one.value, one.detail) != (other.outcome, other.value, other.detail)
