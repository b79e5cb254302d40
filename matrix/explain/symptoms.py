"""symptoms.toml -> what no message tells by itself: reviewed, with the questions that it leads to."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from matrix.errors import DataError
from matrix.explain.clues import Scene
from matrix.explain.paste import Paste, Raised
from matrix.files import schema_checks
from matrix.model import Json

FILE = Path(__file__).with_name("symptoms.toml")
SCHEMA = "symptoms-1.schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """All conditions that are given must hold; empty ones do not count.

    error is matched whole with an exception's class, message searched in its message, text in all that was pasted,
    each of frames in 'module:function' of its frames; inside is matched whole with a class of an object that what
    cannot be pickled was inside of; area, carrier, method are lists of what is allowed; child: whether it must be in a
    child. unless must not be found in the text. questions are in order, the best first.
    """

    name: str
    questions: tuple[str, ...]
    score: float
    error: re.Pattern[str] | None
    message: re.Pattern[str] | None
    text: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    frames: tuple[re.Pattern[str], ...]
    inside: re.Pattern[str] | None
    area: frozenset[str]
    carrier: frozenset[str]
    method: frozenset[str]
    child: bool | None

    @property
    def of_error(self) -> bool:
        """Whether it speaks of an exception, not of a text or of stacks."""
        return self.error is not None or self.message is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a program's own code does, whose measured answer differs between two start methods.

    code is searched in its source, and beside in the same; text in what was seen; shape: one of source.SHAPES; kinds:
    of difference, any if empty; fork: it counts if one of the two methods is fork, whatever the answers.
    """

    name: str
    questions: tuple[str, ...]
    score: float
    code: re.Pattern[str] | None
    beside: re.Pattern[str] | None
    text: re.Pattern[str] | None
    shape: str
    kinds: frozenset[str]
    fork: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All that is reviewed: symptoms of texts, and signs of differences without an error."""

    symptoms: tuple[Symptom, ...]
    signs: tuple[Sign, ...]


def load(path: Path = FILE) -> Table:
    """The table. Raises DataError if it is not valid."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        schema_checks.check(data, SCHEMA, None, str(path))
        return Table(
            symptoms=tuple(_symptom(row) for row in data["symptom"]),
            signs=tuple(_sign(row) for row in data["difference"]),
        )
    except (OSError, ValueError, re.error) as error:
        raise DataError(f"{path} cannot be read: {error}. Restore it: git checkout {path.name}.") from None


def _symptom(row: Json) -> Symptom:
    return Symptom(
        name=row["name"],
        questions=tuple(row["questions"]),
        score=float(row.get("score", 0.9)),
        error=_pattern(row.get("error")),
        message=_pattern(row.get("message")),
        text=_pattern(row.get("text")),
        unless=_pattern(row.get("unless")),
        frames=tuple(re.compile(text) for text in row.get("frames", ())),
        inside=_pattern(row.get("inside")),
        area=frozenset(row.get("area", ())),
        carrier=frozenset(row.get("carrier", ())),
        method=frozenset(row.get("method", ())),
        child=row.get("child"),
    )


def _sign(row: Json) -> Sign:
    return Sign(
        name=row["name"],
        questions=tuple(row["questions"]),
        score=float(row.get("score", 0.7)),
        code=_pattern(row.get("code")),
        beside=_pattern(row.get("beside")),
        text=_pattern(row.get("text")),
        shape=row.get("shape", ""),
        kinds=frozenset(row.get("kinds", ())),
        fork=row.get("fork", False),
    )


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return re.compile(text, re.MULTILINE) if text else None


def fits(symptom: Symptom, one: Raised | None, paste: Paste, scene: Scene, method: str) -> bool:
    """Whether a symptom is seen in an error, or in a text as a whole. method is '' where nobody knows it."""
    if symptom.of_error and one is None:
        return False
    return (
        _fits_error(symptom, one)
        and (not symptom.text or symptom.text.search(paste.text) is not None)
        and not (symptom.unless and symptom.unless.search(paste.text))
        and _fits_frames(symptom, one, paste)
        and (not symptom.inside or any(symptom.inside.fullmatch(name) for name in scene.inside))
        and (not symptom.area or (scene.area or "unknown") in symptom.area)
        and (not symptom.carrier or (scene.carrier or "unknown") in symptom.carrier)
        and (not symptom.method or method in symptom.method)
        and (symptom.child is None or scene.child == symptom.child)
    )


def _fits_error(symptom: Symptom, one: Raised | None) -> bool:
    if symptom.error and not (one and symptom.error.fullmatch(one.name)):
        return False
    return not symptom.message or bool(one and symptom.message.search(one.message))


def _fits_frames(symptom: Symptom, one: Raised | None, paste: Paste) -> bool:
    """Whether all frames are in one stack: what one process imports and another one waits for are two things."""
    stacks = [one.frames] if one and symptom.of_error else [*paste.stacks, *(raised.frames for raised in paste.raised)]
    found = [[str(frame) for frame in stack] for stack in stacks]
    return not symptom.frames or any(
        all(any(pattern.search(frame) for frame in stack) for pattern in symptom.frames) for stack in found
    )
