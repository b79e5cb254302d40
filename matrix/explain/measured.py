"""What was measured about a question, as a sentence of ranges and as evidence. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from matrix.explain.answers import Answer, Place, usual
from matrix.explain.explanation import Evidence
from matrix.explain.index import Index
from matrix.model import METHODS
from matrix.results.ranges import Point, ranges
from matrix.results.versions import Version
from matrix.suite.words import Question

MAX_PARTS, MAX_VALUE = 4, 40
_TITLES = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}


def sentence(question: Question, index: Index, *, platform: str, method: str) -> str:
    """'no under spawn and forkserver, 3.8+; yes under fork, 3.8+', what is not hoped for first.

    platform: whose targets are meant; Linux stands in for one that nobody has measured, and the sentence says so.
    method: if it is known, its answer comes first.
    """
    places = usual(index.places.values(), platform)
    note = ""
    if not places:
        places, note = usual(index.places.values(), "linux"), f" (on Linux; {title(platform)} was not measured)"
    elif platform != "linux":
        emulated = next((place.emulator for place in places.values() if place.emulator), "")
        note = f" (on {title(platform, emulated)})"
    spans: dict[tuple[str, str], list[str]] = {}
    for name in _methods(question, method):
        for key, span in _spans(index.answers.get((question.id, name), {}), places, measured=question.measured):
            spans.setdefault((key, span), []).append(name)
    parts = [_part(key, span, names) for (key, span), names in spans.items()]
    if not parts:
        return f"not measured on {title(platform)}"
    parts.sort(key=lambda part: _rank(part, question, method))
    more = "; …" if len(parts) > MAX_PARTS else ""
    return "; ".join(parts[:MAX_PARTS]) + more + note


def platforms(index: Index) -> Sequence[str]:
    """The platforms that were measured, in the order in which people ask for them."""
    order = [*_TITLES]
    found = {place.platform for place in index.places.values()}
    return sorted(found, key=lambda one: (order.index(one) if one in order else len(order), one))


def title(platform: str, emulator: str = "") -> str:
    """'Windows', 'Windows under Wine'."""
    return _TITLES.get(platform, platform) + (f" under {emulator.capitalize()}" if emulator else "")


def _methods(question: Question, method: str) -> Sequence[str]:
    if not question.methods:
        return ("none",)
    return sorted(question.methods, key=lambda name: (name != method, METHODS.index(name)))


def _spans(answers: Mapping[str, Answer], places: Mapping[str, Place], *, measured: bool) -> Iterator[tuple[str, str]]:
    """(answer, versions) of one method."""
    points = [
        Point(version=place.version, key=_key(answers[place.id], measured=measured) if place.id in answers else None)
        for place in places.values()
    ]
    known: set[tuple[int, int]] = {place.version.series for place in places.values() if place.version.stable}
    for part in ranges(points, known):
        if part.key is not None:
            yield str(part.key), ", ".join(part.spans)


def _key(answer: Answer, *, measured: bool) -> str:
    if answer.outcome != "value":
        return answer.outcome
    if measured:
        return "a value that differs from run to run"
    text = str(answer.value)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"


def _part(key: str, span: str, names: Sequence[str]) -> str:
    if names == ["none"]:
        return f"{key}, {span}"
    under = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{key} under {under}, {span}"


def _rank(part: str, question: Question, method: str) -> tuple[bool, bool, bool]:
    wanted = question.wanted if question.wanted != "either" else ""
    return bool(method) and method not in part, part.startswith("unavailable"), bool(wanted) and part.startswith(wanted)


def evidence(question: Question, index: Index, target: str, method: str) -> tuple[Evidence, ...]:
    """What the target answered, under the method if it is known, else under all; those that say how come first."""
    found = []
    for name in _methods(question, method):
        answer = index.answers.get((question.id, name), {}).get(target)
        if answer and (not method or name in (method, "none")):
            found.append(
                Evidence(target=target, method=name, outcome=answer.outcome, detail=answer.detail or _value(answer))
            )
    return tuple(sorted(found, key=lambda one: not one.detail))


def _value(answer: Answer) -> str:
    return str(answer.value) if answer.outcome == "value" else ""


def nearest(index: Index, *, series: str, platform: str) -> str:
    """The target whose answers stand for a Python: of its series if that was measured, else the newest release."""
    places = usual(index.places.values(), platform) or usual(index.places.values(), "linux")
    same = [
        place for place in index.places.values() if place.series == series and place.platform in (platform, "linux")
    ]
    same.sort(key=lambda place: (place.platform == platform, place.usual, place.version))
    newest: Version | None = max((place.version for place in places.values() if place.version.stable), default=None)
    return same[-1].id if same else next((place.id for place in places.values() if place.version == newest), "")
