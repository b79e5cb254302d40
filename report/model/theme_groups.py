"""The rows of a page by theme: one class for all pages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from matrix.model import Probe
from matrix.results.grouping import grouped
from report.model import theme_order


class HasProbe(Protocol):
    """A row about one question."""

    @property
    def probe(self) -> Probe:
        """The question."""


class Titled(Protocol):
    """A theme."""

    @property
    def name(self) -> str:
        """Its file's name."""

    @property
    def title(self) -> str:
        """The question behind its questions."""


Row = TypeVar("Row", bound=HasProbe)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeGroup(Generic[Row]):
    """The rows of one theme; title is the question behind its questions, or the theme's name."""

    name: str
    title: str
    rows: tuple[Row, ...]


def theme_groups(rows: Iterable[Row], titles: Mapping[str, str]) -> tuple[ThemeGroup[Row], ...]:
    """Rows by theme, in the order in which themes are read. titles: theme -> title, '' where it has none."""
    groups = grouped(rows, lambda row: row.probe.theme)
    return tuple(
        ThemeGroup(name=name, title=titles[name] or name, rows=tuple(groups[name]))
        for name in sorted(groups, key=theme_order.rank)
    )
