"""Questions and answers, arranged to be found by an error's message or by words. Pure but for `load`."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matrix.explain import answers as published
from matrix.explain import messages
from matrix.explain.answers import Answer, Place, usual
from matrix.explain.messages import Shape
from matrix.explain.symptoms import Table
from matrix.explain.symptoms import load as load_symptoms
from matrix.model import METHODS
from matrix.suite import words
from matrix.suite.words import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A message that leads to a question. seen: the answers that have it; asked: people look with it."""

    question: str
    shape: Shape
    telling: frozenset[str]
    seen: tuple[Answer, ...]
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """known: by the error's class, '' where a message stands without one. spread: how many questions have a word.

    absent: the methods that a platform does not have.
    """

    questions: Mapping[str, Question]
    places: Mapping[str, Place]
    answers: Mapping[tuple[str, str], Mapping[str, Answer]]
    absent: Mapping[str, frozenset[str]]
    known: Mapping[str, tuple[Known, ...]]
    names: frozenset[str]
    vocabulary: Mapping[str, Mapping[str, float]]
    spread: Mapping[str, int]
    table: Table


@functools.cache
def load(probes: Path, data: Path) -> Index:
    """Read everything. Raises CatalogError, DataError."""
    places, answers = published.load(data)
    return build(words.load(probes), places, answers, load_symptoms())


def build(questions: Sequence[Question], places: Iterable[Place], answers: Iterable[Answer], table: Table) -> Index:
    """Arrange questions, answers and the reviewed table. Answers to questions that are no longer there are left out."""
    by_id = {question.id: question for question in questions}
    targets = {place.id: place for place in places}
    by_place: defaultdict[tuple[str, str], dict[str, Answer]] = defaultdict(dict)
    shapes: defaultdict[tuple[str, Shape], list[Answer]] = defaultdict(list)
    there: set[tuple[str, str]] = set()
    for answer in answers:
        if answer.question in by_id:
            by_place[answer.question, answer.method][answer.target] = answer
            if answer.outcome != "unavailable":
                there.add((answer.target, answer.method))
            if answer.outcome != "unavailable" or answer.question.startswith("availability."):
                for said in _errors(answer):
                    shapes[answer.question, said].append(answer)
    asked = [(question.id, said) for question in questions for text in question.asked for said in _shapes_of(text)]
    for one in asked:
        shapes.setdefault(one, [])
    quoted = {*asked}
    names = frozenset(name for _, said in asked for name in said.names if len(name) > 2)
    known: defaultdict[str, list[Known]] = defaultdict(list)
    for (question_id, said), seen in shapes.items():
        telling = messages.telling(said, names)
        entry = Known(
            question=question_id, shape=said, telling=telling, seen=tuple(seen), asked=(question_id, said) in quoted
        )
        known[said.error].append(entry)
    vocabulary = {question.id: _vocabulary(question) for question in questions}
    return Index(
        questions=by_id,
        places=targets,
        answers=by_place,
        absent=_absent(targets.values(), there),
        known={error: tuple(found) for error, found in known.items()},
        names=names,
        vocabulary=vocabulary,
        spread=Counter(word for weights in vocabulary.values() for word in weights),
        table=table,
    )


def _absent(places: Collection[Place], there: Collection[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    """Platform -> the methods under which all that was tried was unavailable; there: (target, method) of the others."""
    by_platform = {platform: usual(places, platform) for platform in {place.platform for place in places}}
    return {
        platform: frozenset(name for name in METHODS[:3] if not any((target, name) in there for target in found))
        for platform, found in by_platform.items()
    }


_SAID = re.compile(
    r"(?:^|; )(?:[\w.]+\.)?(\w+(?:Error|Exception|Warning|Interrupt|BrokenProcessPool)): (.+?)(?=; \w+Error: |$)"
)
_MESSAGE = re.compile(r"(?:Can't|can't|cannot) (?:pickle|get) .+")


@functools.lru_cache(maxsize=4096)
def _shapes_of(text: str) -> tuple[Shape, ...]:
    """The errors that a text quotes."""
    found = [messages.shape(error, message) for error, message in _SAID.findall(text)]
    if not found and _MESSAGE.match(text):
        found = [messages.shape("", text)]
    return tuple(found)


def _errors(answer: Answer) -> Iterator[Shape]:
    for text in (answer.detail, *answer.errors):
        yield from _shapes_of(text)


def _vocabulary(question: Question) -> Mapping[str, float]:
    """The words of a question with their weights: of its sentence, of what people ask, of its name."""
    weights: dict[str, float] = {}
    for text, weight in (
        (question.id.replace(".", " ").replace("_", " "), 0.7),
        (" ".join(question.asked), 0.9),
        (question.text, 1.0),
    ):
        for word in messages.words(text):
            weights[word] = max(weight, weights.get(word, 0.0))
    return weights


def worth(index: Index, word: str) -> float:
    """How much a word tells: the more, the fewer questions have it."""
    return math.log(1 + len(index.questions) / (1 + index.spread.get(word, 0)))
