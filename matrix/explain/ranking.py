"""Clues and index -> questions with scores, the best first. Pure; what does not reach the threshold is not said."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matrix.explain import messages, symptoms
from matrix.explain.clues import Clues, Scene, scene
from matrix.explain.index import Index, Known, worth
from matrix.explain.messages import Shape
from matrix.explain.paste import Paste, Raised
from matrix.explain.pickling import Carrier

THRESHOLD = 0.5
"""Below it a question is no explanation: unknown is never guessed."""

MOST = 8
"""Questions that are named at most."""

STEP = 0.02
"""What each place further down in a symptom's list costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One question, and what led to it. one is None where words or stacks did."""

    question: str
    score: float
    matched: str
    one: Raised | None
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody knows for sure, not from the text; '' where nobody does. target: the place whose answers count."""

    method: str
    target: str


def rank(paste: Paste, clues: Clues, told: Told, index: Index) -> tuple[Ranked, ...]:
    """The questions that explain a text."""
    method = told.method or clues.method
    found: dict[str, Ranked] = {}
    for candidate in _candidates(paste, method, bool(told.method), index):
        score = min(1.0, candidate.score * _plausible(candidate.question, method, told.target, index))
        before = found.get(candidate.question)
        if score >= THRESHOLD and (before is None or score > before.score):
            found[candidate.question] = Ranked(
                question=candidate.question,
                score=round(score, 3),
                matched=candidate.matched,
                one=candidate.one,
                path=candidate.path,
            )
    order = sorted(found.values(), key=lambda one: (-one.score, [*index.questions].index(one.question)))
    return tuple(order[:MOST])


def _candidates(paste: Paste, method: str, told: bool, index: Index) -> Iterator[Ranked]:
    distinct = {(one.name, one.message): one for one in paste.raised}
    for key in distinct:  # of one error that is shown twice, the one with the most to tell
        distinct[key] = max((one for one in paste.raised if (one.name, one.message) == key), key=_telling)
    for one in distinct.values():
        where = scene(one, paste)
        yield from _of_symptoms(one, paste, where, method, index)
        yield from _of_message(one, where, told=told, index=index)
    where = scene(None, paste)
    yield from _of_symptoms(None, paste, where, method, index)
    if not paste.raised and not paste.stacks:
        yield from _of_words(paste.text, index)


def _telling(one: Raised) -> tuple[int, int, int]:
    library = sum(frame.module.startswith(("multiprocessing", "concurrent")) for frame in one.frames)
    return len(one.notes), library, len(one.frames)


def _of_symptoms(one: Raised | None, paste: Paste, where: Scene, method: str, index: Index) -> Iterator[Ranked]:
    for symptom in index.symptoms:
        if symptom.of_error == (one is not None) and symptoms.fits(symptom, one, paste, where, method):
            for place, question in enumerate(symptom.questions):
                if question in index.questions:
                    matched = f"{_short(one)}: {symptom.name}" if one else symptom.name
                    score = symptom.score - STEP * place
                    yield Ranked(question=question, score=score, matched=matched, one=one, path=where.path)


def _short(one: Raised) -> str:
    text = str(one)
    return text if len(text) <= 160 else f"{text[:159]}…"


# --- messages

_FAMILY = frozenset({"AttributeError", "PicklingError", "TypeError"})
"""What pickling raises, one or the other by version."""

_SYSTEM = frozenset(
    {
        "OSError",
        "FileNotFoundError",
        "FileExistsError",
        "BrokenPipeError",
        "ConnectionError",
        "ConnectionResetError",
        "PermissionError",
    }
)
_OF_ITSELF = re.compile(
    r"pickl|fork|spawn|start method|process|daemon|semlock|semaphore|bootstrapping|shared memory|inheritance|serializ"
    r"|finding context|find context|context has already|start_method|child|record mac|authenticationstring|sem_open"
)
_SPECIFIC = frozenset(
    {
        "BrokenProcessPool",
        "MaybeEncodingError",
        "RemoteError",
        "AuthenticationError",
        "ProcessError",
        "PicklingError",
        "BufferTooShort",
    }
)
WITHOUT_SCENE = 0.8
"""Factor where a message that any program can have is only known to come from another start method."""


def _of_message(one: Raised, where: Scene, *, told: bool, index: Index) -> Iterator[Ranked]:
    said = messages.shape(one.name, one.message)
    telling = messages.telling(said.names, index.names)
    weight = _standing(one, said, telling, where, told=told)
    if weight:
        scores: dict[str, float] = {}
        for known in _comparable(one.name, index):
            score = _similar(said, telling, known) * weight * _fit(known.question, where, index)
            scores[known.question] = max(score, scores.get(known.question, 0.0))
        same = sum(score >= THRESHOLD for score in scores.values())
        for question, score in scores.items():
            if score >= THRESHOLD:
                yield Ranked(
                    question=question, score=score * _sure(same), matched=_short(one), one=one, path=where.path
                )


def _sure(same: int) -> float:
    """Less than 1 where many questions know a message: it does not tell which of them is meant."""
    return 0.92 - 0.03 * math.log2(same)


def _standing(one: Raised, said: Shape, telling: frozenset[str], where: Scene, *, told: bool) -> float:
    """How far a message speaks for itself: 'No such file' means something only where processes are at work."""
    if one.name in _SPECIFIC or _OF_ITSELF.search(said.frame) or where.area or where.child:
        return 1.0
    if any("." in name or name.startswith("<") for name in telling) and not said.frame.startswith("*"):
        return 0.9
    return WITHOUT_SCENE if told else 0.0


def _comparable(error: str, index: Index) -> Iterator[Known]:
    family = next((family for family in (_FAMILY, _SYSTEM) if error in family), frozenset({error}))
    for name in (error, "", *sorted(family - {error})):
        yield from index.known.get(name, ())


def _similar(said: Shape, telling: frozenset[str], known: Known) -> float:
    """From 0 to 1: how much two errors are the same."""
    frame = _same_frame(said.frame, known.shape.frame)
    if not frame or not known.shape.frame:
        return 0.0
    names = 1.0
    if known.telling:
        names = len(known.telling & telling) / len(known.telling)
    elif telling:
        names = 0.8
    if not names and not _content(known.shape.frame):
        return 0.0
    error = 1.0 if known.shape.error == said.error else 0.95 if not known.shape.error else 0.8
    measured = 1.0 if known.seen else 0.97
    return error * frame * measured * (0.4 + 0.6 * names)


def _content(frame: str) -> bool:
    """Whether words are left when the names are gone: '* object has no attribute *' fits everything."""
    return (
        len([word for word in messages.words(frame) if word not in ("object", "attribut", "argument", "found", "name")])
        > 0
    )


def _same_frame(said: str, known: str) -> float:
    if said == known:
        return 1.0
    shorter, longer = sorted((said, known), key=len)
    if len(shorter) >= 12 and longer.startswith(shorter):
        return 0.9
    one, other = set(said.split()), set(known.split())
    alike = 2 * len(one & other) / (len(one) + len(other) or 1)
    return alike if alike >= 0.75 and min(len(one), len(other)) > 4 else 0.0


# --- where it happened

_SUBJECTS: tuple[tuple[str, str], ...] = (
    ("executor", r"executor|future"),
    ("pool", r"\bpool"),
    ("manager", r"manager"),
    ("block", r"shared_?memory|\bblock|shareablelist"),
    ("queue", r"queue"),
    ("connection", r"connection|\bpipe"),
)
_CARRIED: Mapping[Carrier, frozenset[str]] = {
    Carrier.TARGET: frozenset({"callables", "classes", "guard", "scripts", "defaults"}),
    Carrier.METHOD: frozenset({"callables", "classes", "objects", "subclasses"}),
    Carrier.PARTIAL: frozenset({"callables"}),
    Carrier.ARGUMENT: frozenset(
        {"arguments", "handles", "library", "objects", "passing", "resources", "classes", "sharing", "callables"}
    ),
    Carrier.INSTANCE: frozenset(
        {"objects", "subclasses", "handles", "library", "classes", "passing", "resources", "arguments"}
    ),
    Carrier.SUBCLASS: frozenset({"subclasses"}),
    Carrier.TASK: frozenset({"tasks", "workers", "executor", "failures", "sharing", "managers", "pools"}),
    Carrier.QUEUE: frozenset({"queues", "passing", "sharing", "connections"}),
}
ELSEWHERE = 0.85
"""Factor where a question is about another part of the library than the frames show."""


def _fit(question: str, where: Scene, index: Index) -> float:
    factor = 1.0
    subjects = _subjects(f"{question} {index.questions[question].text}".lower())
    if where.area in ("executor", "pool", "manager", "block") and where.area not in subjects:
        factor *= ELSEWHERE
    if where.area in ("process", "") and subjects & {"executor", "pool", "manager"}:
        factor *= ELSEWHERE if where.area else 0.95
    if where.carrier and question.partition(".")[0] not in _CARRIED.get(where.carrier, frozenset()):
        factor *= ELSEWHERE
    return factor


def _subjects(text: str) -> set[str]:
    return {name for name, pattern in _SUBJECTS if re.search(pattern, text)}


def _plausible(question: str, method: str, target: str, index: Index) -> float:
    """Less than 1 where the very thing was measured to work under that method there, or not to exist."""
    asked = index.questions[question]
    if not method or asked.wanted != "yes":
        return 1.0
    answers = index.answers.get((question, method if asked.methods else "none"), {})
    answer = answers.get(target)
    if asked.methods and method not in asked.methods:
        return 0.7
    if answer is None or answer.outcome not in ("yes", "unavailable") or answer.detail:
        return 1.0
    return 0.6 if answer.outcome == "yes" else 0.7


# --- words


def _of_words(text: str, index: Index) -> Iterator[Ranked]:
    """For a description instead of an error: how much of what it says a question says too."""
    said = list(dict.fromkeys(messages.words(text)))[:60]
    total = sum(worth(index, word) if word in index.spread else 3.0 for word in said)
    if len(said) < 2 or not total:
        return
    for question, weights in index.vocabulary.items():
        common = [word for word in said if word in weights]
        score = sum(weights[word] * worth(index, word) for word in common) / total
        if len(common) >= 2 and score >= THRESHOLD:
            yield Ranked(question=question, score=0.85 * score + 0.05, matched=", ".join(common), one=None)
