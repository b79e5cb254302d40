"""data/seen.toml -> public issues where what a question asks broke a program. Standard library only, for noxfile.py."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from matrix.errors import DataError
from matrix.paths import DATA

FILE = DATA / "seen.toml"
"""Reviewed by hand: every record was read before it was listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One public issue. date is 'YYYY-MM-DD' or 'YYYY-MM', of the report or of the reply that was read.

    method and python ('3.14') are those that it was seen with, mended how the project ended it, in our own words;
    each is '' where that was not read. questions: the IDs of those that answer it, the best first.
    """

    url: str
    project: str
    date: str
    questions: tuple[str, ...]
    method: str = ""
    python: str = ""
    mended: str = ""


def load(path: Path = FILE) -> tuple[Sighting, ...]:
    """All sightings, the newest first. Raises DataError if the file cannot be read; tests hold it to its schema."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["seen"]
        found = [Sighting(**{**row, "questions": tuple(row["questions"])}) for row in rows]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise DataError(f"{path}: {error}. It was edited; `git checkout -- data/seen.toml` restores it.") from None
    return tuple(sorted(found, key=lambda one: (one.date, one.url), reverse=True))


def by_question(sightings: Iterable[Sighting]) -> Mapping[str, tuple[Sighting, ...]]:
    """Question -> its sightings, in the order given."""
    found: dict[str, list[Sighting]] = {}
    for one in sightings:
        for question in one.questions:
            found.setdefault(question, []).append(one)
    return {question: tuple(seen) for question, seen in found.items()}


def projects(sightings: Iterable[Sighting]) -> Mapping[str, int]:
    """Question -> how many different projects have reported it: ten issues of one project are one."""
    return {
        question: len({one.project.casefold() for one in seen}) for question, seen in by_question(sightings).items()
    }
