"""data/ -> what each target answered: only what an explanation needs, read in a tenth of a second.

The published runs are reviewed and tested (tests/unit/test_published.py): they are not checked against their schema
again.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from matrix.errors import DataError
from matrix.model import FACTS, Json, Outcome
from matrix.results.versions import Version, parse
from matrix.targets import naming

EMULATORS = ("wine", *naming.EMULATORS.values())
"""Launchers that stand between Python and the platform that it believes to be on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A target, with what tells whether it is like somebody's Python. series is '3.14', '3.13t' or 'pypy3.11'.

    platform is 'linux', 'windows', 'macos' … or the system's own name; usual: nothing sets it apart from what most
    people have there; started: when its newest run was.
    """

    id: str
    version: Version
    series: str
    platform: str
    machine: str
    emulator: str
    usual: bool
    started: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one target answered to a question under a method. errors: what its processes printed, as kept."""

    question: str
    method: str
    target: str
    outcome: str
    value: Json
    detail: str
    errors: tuple[str, ...]


class _Line(msgspec.Struct, gc=False):
    kind: str
    target: str = ""
    launcher: str = ""
    started: str = ""
    facts: dict[str, Json] = {}
    probe: str = ""
    method: str = ""
    outcome: str = ""
    value: Json = None
    detail: str = ""
    observed: dict[str, Json] = {}


_decode = msgspec.json.Decoder(_Line).decode_lines


def load(folder: Path) -> tuple[tuple[Place, ...], tuple[Answer, ...]]:
    """All targets of a folder of published runs and all facts that they told. Raises DataError."""
    places: dict[str, Place] = {}
    answers: dict[tuple[str, str, str], Answer] = {}
    for line, target in _lines(folder):
        if line.kind == "header":
            places[target] = _place(line, places.get(target))
        elif line.kind == "verdict" and line.outcome in FACTS:
            key = line.probe, line.method, target
            answers[key] = _answer(line, target, answers.get(key))
    if not places:
        raise DataError(f"There are no published runs in {folder}. Run from a checkout of canifork.")
    return tuple(places.values()), tuple(answers.values())


def _lines(folder: Path) -> Iterator[tuple[_Line, str]]:
    for file in sorted(folder.glob("*.jsonl.gz")):
        target = ""
        try:
            lines = _decode(gzip.decompress(file.read_bytes()))
        except (OSError, EOFError, ValueError) as error:
            raise DataError(f"{file} cannot be read: {str(error)[:200]}. Get it anew: git checkout data.") from None
        for line in lines:
            target = line.target or target
            yield line, target


def _answer(line: _Line, target: str, before: Answer | None) -> Answer:
    """The newest answer; flaky where an earlier one differs."""
    differs = before is not None and (before.outcome, before.value) != (line.outcome, line.value)
    errors = line.observed.get("errors")
    return Answer(
        question=line.probe,
        method=line.method,
        target=target,
        outcome=str(Outcome.FLAKY) if differs and not isinstance(line.value, float) else line.outcome,
        value=line.value,
        detail=line.detail,
        errors=tuple(map(str, errors)) if isinstance(errors, list) else (),
    )


def _place(header: _Line, before: Place | None) -> Place:
    facts = header.facts
    implementation, freethreaded = str(facts.get("implementation", "cpython")), bool(facts.get("freethreaded"))
    version = parse(str(facts["version"]))
    emulator = "wine" if facts.get("wine") else header.launcher if header.launcher in EMULATORS else ""
    machine = naming.machine(str(facts.get("machine", "")), int(facts.get("bits") or 64))
    return Place(
        id=header.target,
        version=version,
        series=str(naming.Series(implementation, version.major, version.minor, freethreaded)),
        platform=naming.system(str(facts.get("sys_platform", ""))),
        machine=machine,
        emulator=emulator,
        usual=implementation == "cpython"
        and not (freethreaded or facts.get("debug") or facts.get("libc") == "musl")
        and machine in ("x86_64", "aarch64")
        and header.launcher in ("base", "wine"),
        started=max(header.started, before.started if before else ""),
    )


def usual(places: Iterable[Place], platform: str) -> Mapping[str, Place]:
    """The targets on a platform that are like what most people have, by id; emulated ones only if none is real."""
    found = [place for place in places if place.usual and place.platform == platform]
    real = [place for place in found if not place.emulator]
    return {place.id: place for place in real or found}
