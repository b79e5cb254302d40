"""Clues and index -> questions with scores, the best first. Pure; what does not reach the threshold is not said."""

from __future__ import annotations

import itertools
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from matrix.explain import messages, symptoms
from matrix.explain.clues import Clues, Scene, scene, usual_method
from matrix.explain.index import Index, Known, worth
from matrix.explain.messages import Shape
from matrix.explain.paste import Paste, Raised
from matrix.explain.pickling import Carrier

THRESHOLD = 0.5
"""Below it a question is no explanation: unknown is never guessed."""

MOST = 8
"""Questions that are named at most."""

FEWEST_WORDS = 3
"""Words that a description and a question must have in common."""

MOST_ERRORS = 50
"""Different errors of one text that are looked at: the last."""

AFTER = 0.92
"""Factor for a message that came while another error was handled: what clears up after a failure fails as well."""

_QUEUED = frozenset({Carrier.TASK, Carrier.QUEUE, Carrier.RESULT})

STEP = 0.02
"""What each place further down in a symptom's list costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One question, and what led to it. one is None where words or stacks did; pickled: whatever the start method."""

    question: str
    score: float
    matched: str
    one: Raised | None
    path: str = ""
    pickled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody knows for sure, not from the text; '' or None where nobody does.

    target: the place whose answers count; carrier: what the object that cannot be pickled was part of; inside: classes
    of the objects that it was inside of.
    """

    method: str
    target: str
    carrier: Carrier | None = None
    inside: frozenset[str] = frozenset()


def rank(paste: Paste, clues: Clues, told: Told, index: Index) -> tuple[Ranked, ...]:
    """The questions that explain a text."""
    method = told.method or clues.method
    found: dict[str, Ranked] = {}
    for candidate in _candidates(paste, clues, told, index):
        score = candidate.score * _plausible(candidate.question, _asked_of(candidate, method), told.target, index)
        before = found.get(candidate.question)
        if score >= THRESHOLD and (before is None or score > before.score):
            found[candidate.question] = replace(candidate, score=round(score, 3))
    order = sorted(found.values(), key=lambda one: (-one.score, [*index.questions].index(one.question)))
    return tuple(order[:MOST])


def _asked_of(candidate: Ranked, method: str) -> str:
    """Under which start method the answer to a candidate counts: what a queue carries is pickled under fork too."""
    named = re.search(r"context for '(\w+)'|^(\w+) start method", candidate.one.message) if candidate.one else None
    return "spawn" if candidate.pickled else (named[1] or named[2]) if named else method


def _candidates(paste: Paste, clues: Clues, told: Told, index: Index) -> Iterator[Ranked]:
    method = told.method or clues.method
    for one in _distinct(paste):
        where = scene(one, paste)
        if one.name in _FAMILY:
            where = replace(where, carrier=where.carrier or told.carrier, inside=where.inside | told.inside)
        here = method or (usual_method(clues) if where.area or where.child else "")
        found = (*_of_symptoms(one, paste, where, here, index), *_of_message(one, paste, where, told, index))
        yield from (replace(candidate, pickled=where.carrier in _QUEUED) for candidate in found)
    yield from _of_symptoms(None, paste, scene(None, paste), method, index)
    if not paste.raised and not paste.stacks:
        yield from _of_words(paste.text, index)


def _distinct(paste: Paste) -> Iterable[Raised]:
    """Each error once: of one that is shown several times, the one with the most to tell."""
    best: dict[tuple[str, str], Raised] = {}
    for one, after in itertools.pairwise((*paste.raised, None)):
        if one is None or _looked_up(one, after):
            continue
        key = one.name, one.message
        best[key] = max(best.get(key, one), one, key=_telling)
    return [*best.values()][-MOST_ERRORS:]


def _looked_up(one: Raised, after: Raised | None) -> bool:
    """Whether an error only tells where pickle has looked in vain, as since 3.14: the next one says for what."""
    return after is not None and after.handling and after.name == "PicklingError" and one.name == "AttributeError"


def _telling(one: Raised) -> tuple[int, int, int]:
    library = sum(frame.module.startswith(("multiprocessing", "concurrent")) for frame in one.frames)
    return len(one.notes), library, len(one.frames)


def _of_symptoms(one: Raised | None, paste: Paste, where: Scene, method: str, index: Index) -> Iterator[Ranked]:
    for symptom in index.table.symptoms:
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
    r"pickl|\bfork|spawn|start method|daemonic|semlock|sem_open|bootstrapping|shared memory|inheritance|serializ"
    r"|find context|context has already|(?:started|child|a|close a) process\b|process (?:object|pool|has|twice)"
    r"|pool (?:not|is still) running|record mac|authenticationstring|interpreter shutdown|af_unix|multi-threaded"
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
WITHOUT_SCENE, QUOTED = 0.8, 0.65
"""Factors for a message that any program can have: the start method matters; or people ask with these very words."""


_ABOUT_NONE = re.compile(r"not NoneType|'NoneType'")
_ABOUT_A_FILE = re.compile(r"\[(?:Errno|WinError) \d+\] [^']+: '")


def _of_program(one: Raised, where: Scene) -> bool:
    """Whether an error in a child tells of the program alone: a value that is None, or a file that it opens itself."""
    if not where.child or not one.frames:
        return False
    own = one.frames[-1].module.partition(".")[0] not in sys.stdlib_module_names
    return bool(_ABOUT_NONE.search(one.message) or (own and _ABOUT_A_FILE.match(one.message)))


def _of_message(one: Raised, paste: Paste, where: Scene, told: Told, index: Index) -> Iterator[Ranked]:
    if _of_program(one, where):
        return
    said = messages.shape(one.name, one.message)
    telling = messages.telling(said, index.names)
    alone = not _speaks(one, said, telling, where)
    scores: dict[str, float] = {}
    for known in _comparable(one.name, index):
        score = _similar(said, telling, known)
        if score >= THRESHOLD:
            score *= _fit(known.question, where, index) * (_alone(known, said, paste, told, index) if alone else 1.0)
        scores[known.question] = max(score, scores.get(known.question, 0.0))
    same = sum(score >= max(THRESHOLD, 0.9 * max(scores.values())) for score in scores.values())
    for question, score in scores.items():
        if score >= THRESHOLD:
            sure = _sure(same, named=bool(telling)) * (AFTER if one.handling else 1.0)
            yield Ranked(question=question, score=score * sure, matched=_short(one), one=one, path=where.path)


def _sure(same: int, *, named: bool) -> float:
    """Less than 1 where many questions know a message: it does not tell which of them is meant."""
    return (0.98 if named else 0.94) - 0.04 * math.log2(same)


def _speaks(one: Raised, said: Shape, telling: frozenset[str], where: Scene) -> bool:
    """Whether a message speaks for itself: 'No such file' means something only where processes are at work."""
    if one.name in _SPECIFIC or _OF_ITSELF.search(said.frame) or where.area or where.child:
        return True
    return not said.frame.startswith("*") and any("." in name or name.startswith("<") for name in telling)


def _alone(known: Known, said: Shape, paste: Paste, told: Told, index: Index) -> float:
    """What a message is worth that any program can have.

    Something if it came with another start method, and the question's answer differs by method too; or if it is all
    that was pasted, and the very words under which people look for the question.
    """
    if told.method:
        return WITHOUT_SCENE if _differs(known.question, told.target, index) else 0.0
    if not paste.frames and known.shape == said and said.frame.count(" ") and not said.names:
        return QUOTED
    return 0.0


def _differs(question: str, target: str, index: Index) -> bool:
    """Whether a target answers a question differently under some start method."""
    found = (index.answers.get((question, method), {}).get(target) for method in index.questions[question].methods)
    return len({(answer.outcome, str(answer.value)) for answer in found if answer}) > 1


def _comparable(error: str, index: Index) -> Iterator[Known]:
    family = next((family for family in (_FAMILY, _SYSTEM) if error in family), frozenset({error}))
    for name in (error, "", *sorted(family - {error})):
        yield from index.known.get(name, ())


def _similar(said: Shape, telling: frozenset[str], known: Known) -> float:
    """From 0 to 1: how much two errors are the same."""
    frame = _same_frame(said.frame, known.shape.frame)
    if not frame or not known.shape.frame:
        return 0.0
    common = known.telling & telling
    if not common and not _content(known.shape.frame):
        return 0.0
    names = len(common) / len(known.telling | telling) if known.telling else 0.8 if telling else 1.0
    error = 1.0 if known.shape.error == said.error else 0.95 if not known.shape.error else 0.8
    measured = 1.0 if known.seen and known.asked else 0.97
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
    one, other = said.split(), known.split()
    if min(len(one), len(other)) < 5 or one[0] != other[0]:
        return 0.0
    alike = 2 * len({*one} & {*other}) / (len({*one}) + len({*other}))
    return alike if alike >= 0.75 else 0.0


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
        {"objects", "subclasses", "handles", "library", "classes", "passing", "resources", "arguments", "callables"}
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
    if not method or asked.wanted != "yes" or question.startswith("availability."):
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
    if len(said) < FEWEST_WORDS or not total:
        return
    for question, weights in index.vocabulary.items():
        common = [word for word in said if word in weights]
        score = sum(weights[word] * worth(index, word) for word in common) / total
        if len(common) >= FEWEST_WORDS and score >= THRESHOLD:
            yield Ranked(question=question, score=0.85 * score + 0.05, matched=", ".join(common), one=None)
