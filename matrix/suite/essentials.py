"""The forty questions that break programs: what a first look asks, and what the first page begins with. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from matrix.suite.sightings import Sighting, by_question, projects

FIRST = ("defaults.start_method", "availability.starts")
"""Which method is the default, and whether there are processes at all: without them no answer can be read."""

NUMBER = 40


def essentials(sightings: Iterable[Sighting]) -> tuple[str, ...]:
    """FIRST, then the questions that most projects have reported, NUMBER at most in all.

    Of those reported equally often, the one seen last comes first; of those, the first by ID.
    """
    sightings = tuple(sightings)
    reported = projects(sightings)
    last = {question: max(one.date for one in seen) for question, seen in by_question(sightings).items()}
    rest = sorted(reported.keys() - FIRST)
    rest.sort(key=lambda question: (reported[question], last[question]), reverse=True)
    return (*FIRST, *rest)[:NUMBER]
