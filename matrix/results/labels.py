"""One word per question: where its answer is yes, from measured cells only. Pure.

The rules, in the order in which they are tried, over CPython with the GIL on the platforms given:

| label | rule |
| --- | --- |
| information | "yes" is not the wanted answer, or the answer is a value: a word would be misread |
| unknown | nothing was measured on a supported release |
| portable | yes under every method, on every supported release of every platform measured |
| since | yes on every release from a series on and on none before, under all methods and platforms alike |
| until | yes on every release up to a series and on none after it, under all methods and platforms alike |
| never | yes nowhere on a supported release |
| only | yes under one method wherever that method exists, under no other method |
| not-under | portable but for some methods, everywhere or on some platforms, under which it is never yes |
| not-on | portable but for some platforms, on which it is never yes |
| depends | anything else |
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

from matrix.model import METHODS, Outcome
from matrix.results.grouping import grouped
from matrix.results.versions import series_text

Series = tuple[int, int]


class LabelKind(enum.StrEnum):
    """The rule that holds."""

    PORTABLE = "portable"
    ONLY = "only"
    NOT_UNDER = "not-under"
    NOT_ON = "not-on"
    SINCE = "since"
    UNTIL = "until"
    DEPENDS = "depends"
    NEVER = "never"
    INFORMATION = "information"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One cell that says something. good: the answer is yes; supported: the series still gets fixes."""

    platform: str
    method: str
    series: Series
    supported: bool
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The rule, and what it names: methods in order of display, titles of platforms, a series such as '3.12'."""

    kind: LabelKind
    methods: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    series: str = ""

    def __str__(self) -> str:
        """'Portable', 'Fork only', 'Not under spawn on Windows', 'Since 3.12'; '' where nothing is known."""
        methods, platforms = ", ".join(self.methods), ", ".join(self.platforms)
        match self.kind:
            case LabelKind.ONLY:
                return f"{methods.capitalize()} only"
            case LabelKind.NOT_UNDER:
                return f"Not under {methods}" + (f" on {platforms}" if platforms else "")
            case LabelKind.NOT_ON:
                return f"Not on {platforms}"
            case LabelKind.SINCE | LabelKind.UNTIL:
                return f"{self.kind.capitalize()} {self.series}"
            case LabelKind.UNKNOWN:
                return ""
        return self.kind.capitalize()


def good(outcome: Outcome) -> bool | None:
    """Whether an outcome is yes; None where it says nothing about Python."""
    return None if outcome in (Outcome.ERROR, Outcome.UNTESTED) else outcome is Outcome.YES


def label(cells: Collection[Measured], *, wanted: str) -> Label:
    """The label of a question. cells: what was measured of it; wanted: the answer that programs need."""
    if wanted != "yes":
        return Label(kind=LabelKind.INFORMATION)
    supported = [cell for cell in cells if cell.supported]
    if not supported:
        return Label(kind=LabelKind.UNKNOWN)
    if all(cell.good for cell in supported):
        return Label(kind=LabelKind.PORTABLE)
    if by_version := _by_version(cells):
        return by_version
    if not any(cell.good for cell in supported):
        return Label(kind=LabelKind.NEVER)
    return _by_column(supported)


def _by_version(cells: Iterable[Measured]) -> Label | None:
    """Since or until, if nothing but the series decides."""
    by_series = grouped(cells, lambda cell: cell.series)
    answers = {series: {cell.good for cell in by_series[series]} for series in sorted(by_series)}
    if any(len(found) > 1 for found in answers.values()):
        return None
    works = [True in found for found in answers.values()]
    if sum(before != after for before, after in pairwise(works)) != 1:
        return None
    kind = LabelKind.SINCE if works[-1] else LabelKind.UNTIL
    bound = works.index(True) if works[-1] else works.index(False) - 1
    return Label(kind=kind, series=series_text([*answers][bound]))


def _by_column(cells: Iterable[Measured]) -> Label:
    """Which methods or platforms are excepted; depends where a column does not agree with itself."""
    columns = grouped(cells, lambda cell: (cell.method, cell.platform))
    answers = {column: {cell.good for cell in part} for column, part in columns.items()}
    if any(len(found) > 1 for found in answers.values()):
        return Label(kind=LabelKind.DEPENDS)
    works = [column for column, found in answers.items() if True in found]
    fails = [column for column, found in answers.items() if False in found]
    methods, platforms = _methods(fails), _platforms(fails)
    if not {*methods} & {*_methods(works)}:
        return _by_method(_methods(works), methods)
    if not {*platforms} & {*_platforms(works)}:
        return Label(kind=LabelKind.NOT_ON, platforms=platforms)
    if len(methods) == 1 or len(platforms) == 1:
        return Label(kind=LabelKind.NOT_UNDER, methods=methods, platforms=platforms)
    return Label(kind=LabelKind.DEPENDS)


def _by_method(works: tuple[str, ...], fails: tuple[str, ...]) -> Label:
    if len(works) == 1:
        return Label(kind=LabelKind.ONLY, methods=works)
    return Label(kind=LabelKind.NOT_UNDER, methods=fails)


def _methods(columns: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted({method for method, _ in columns}, key=METHODS.index))


def _platforms(columns: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(platform for _, platform in columns))
