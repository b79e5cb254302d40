"""What is said of a traceback: frozen, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from matrix.model import Json

SCHEMA = 1


class Labelled(Protocol):
    """A question with its label and the sentence of its ranges."""

    @property
    def label(self) -> str: ...
    @property
    def range(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one target answered: the outcome, and how."""

    target: str
    method: str
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One question that explains a text. question is its ID; text, why and do are its words.

    matched: what of the text led here. score: from 0 to 1. label: where the answer is yes, in a word or two, '' if that
    would mislead. range: what was measured, as a sentence. url: below the site's address. culprit: the name or the
    attribute at fault, '' if the text does not tell.
    """

    question: str
    text: str
    matched: str
    score: float
    label: str
    range: str
    why: str
    do: str
    url: str
    culprit: str
    evidence: tuple[Evidence, ...]


def answer(one: Labelled) -> str:
    """'Fork only: no under spawn, 3.8+; yes under fork, 3.8+', for people."""
    return f"{one.label}: {one.range}" if one.label else one.range


def as_json(found: Sequence[Explanation], next_command: str) -> Json:
    """Data that are valid against explain-1.schema.json. next_command: what to do where nothing explains the text."""
    return {
        "schema": SCHEMA,
        "explanations": [{**asdict(one), "evidence": [asdict(part) for part in one.evidence]} for one in found],
        "next": "" if found else next_command,
    }
