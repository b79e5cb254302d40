"""The label of a question, from the published answers: the same as on its page. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from matrix.explain import measured
from matrix.explain.answers import Place, usual
from matrix.explain.index import Index
from matrix.model import METHODS, Outcome
from matrix.results.labels import Label, LabelKind, Measured, good, label
from matrix.results.optional_modules import lacks_module
from matrix.results.support import supported
from matrix.suite.words import Question


def word(question: Question, index: Index) -> str:
    """'Portable', 'Fork only', 'Not under spawn on Windows'; '' where a word would be misread, or nothing is known."""
    found = question_label(question, index)
    return "" if found.kind is LabelKind.INFORMATION else str(found)


def question_label(question: Question, index: Index) -> Label:
    """The label of one question."""
    day = max((place.started for place in index.places.values()), default="")
    answers = [*_answers(question, index)]
    cells = [
        Measured(
            platform=measured.title(place.platform, place.emulator),
            method=method,
            series=place.version.series,
            supported=supported(place.version, day),
            good=is_good,
        )
        for place, method, outcome in answers
        if (is_good := good(outcome)) is not None
    ]
    values = any(outcome is Outcome.VALUE for _, _, outcome in answers)
    return label(cells, wanted="either" if values else question.wanted)


def _answers(question: Question, index: Index) -> Iterator[tuple[Place, str, Outcome]]:
    """(place, method, outcome) of the stable releases that most people have, platform by platform."""
    for platform in measured.platforms(index):
        places = _main_line(usual(index.places.values(), platform))
        methods = [name for name in question.methods or ("none",) if name not in index.absent.get(platform, ())]
        if not places or {*METHODS[:3]} <= index.absent.get(platform, frozenset()):
            continue  # no process can be started there
        for method in methods:
            found = index.answers.get((question.id, method), {})
            for place in places:
                said = found.get(place.id)
                if said and not lacks_module(said.outcome, said.detail):
                    yield place, method, Outcome(said.outcome)


def _main_line(places: Mapping[str, Place]) -> list[Place]:
    """The stable releases for the processor that most of them are for, oldest first."""
    tally = Counter(place.machine for place in places.values())
    most = max(tally, key=lambda machine: (tally[machine], machine == "x86_64", machine), default="")
    found = (place for place in places.values() if place.machine == most and place.version.stable)
    return sorted(found, key=lambda place: (place.version, place.id))
