"""What is said of a traceback: frozen, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from matrix.model import Json

SCHEMA = 1


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

    matched: what of the text led here. score: from 0 to 1. range: what was measured, as a sentence. url: below the
    site's address. culprit: the name or attribute at fault, '' if the text does not tell.
    """

    question: str
    text: str
    matched: str
    score: float
    range: str
    why: str
    do: str
    url: str
    culprit: str
    evidence: tuple[Evidence, ...]


def as_json(found: Sequence[Explanation], next_command: str) -> Json:
    """Data that are valid against explain-1.schema.json. next_command: what to do where nothing explains the text."""
    return {
        "schema": SCHEMA,
        "explanations": [{**asdict(one), "evidence": [asdict(part) for part in one.evidence]} for one in found],
        "next": "" if found else next_command,
    }
