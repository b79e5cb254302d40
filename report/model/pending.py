"""Platforms that nobody has measured yet, and what documents say of them: never mixed with what was measured. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from packaging.markers import InvalidMarker, UndefinedComparison, UndefinedEnvironmentName

from matrix.documented import documented_answer, holding
from matrix.model import Probe
from matrix.results.grouping import grouped
from matrix.results.versions import series_text
from report.model.matrix_index import MatrixIndex, probe_methods
from report.model.platforms import CPYTHON
from report.model.values import answer_text

_SYSTEMS = (
    ("darwin", "macOS", "Darwin", "posix", ("fork", "spawn", "forkserver")),
    ("win32", "Windows", "Windows", "nt", ("spawn",)),
)
"""The systems that most people ask about: sys.platform, title, platform_system, os_name, start methods."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A platform without measurements, with the Python that documents are asked about: '3.14' and its markers."""

    slug: str
    title: str
    methods: tuple[str, ...]
    series: str
    markers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What documents say of some methods; methods are empty where they say it of all that are asked."""

    methods: tuple[str, ...]
    text: str


def pending_platforms(index: MatrixIndex) -> tuple[Pending, ...]:
    """The systems of which there is no target, an emulated one aside; none if there is no CPython at all."""
    real = {target.system for target in index.targets if not target.emulator}
    pythons = [target for target in index.targets if target.kind == CPYTHON and target.version.stable]
    newest = max(pythons, key=lambda target: target.version, default=None)
    if newest is None:
        return ()
    return tuple(
        Pending(
            slug=title.lower(),
            title=title,
            methods=methods,
            series=series_text(newest.version.series),
            markers={
                **newest.facts.get("markers", {}),
                "sys_platform": system, "platform_system": name, "os_name": os_name,
            },
        )
        for system, title, name, os_name, methods in _SYSTEMS
        if system not in real
    )  # fmt: skip


def promises(probe: Probe, platform: Pending) -> tuple[Promise, ...]:
    """What documents say of a question there, method by method; empty where they say nothing."""
    holds = _holding(platform)
    asked = [method for method in probe_methods(probe) if method in (*platform.methods, "none")]
    answers = {method: documented_answer(probe, method, holds) for method in asked}
    by_text = grouped((m for m in asked if answers[m] is not None), lambda m: answer_text(answers[m], probe))
    if [*by_text.values()] == [asked]:
        return (Promise(methods=(), text=next(iter(by_text))),)
    return tuple(Promise(methods=tuple(methods), text=text) for text, methods in by_text.items())


def _holding(platform: Pending) -> Callable[[str], bool]:
    """Whether a marker holds there; one that is not valid, in a matrix of somebody else's, holds nowhere."""
    holds = holding(platform.markers)

    def safely(marker: str) -> bool:
        try:
            return holds(marker)
        except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
            return False

    return safely
