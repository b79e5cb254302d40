"""All questions in one table, with filters; and the same, theme by theme. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from matrix.model import METHODS
from matrix.results.labels import Label, LabelKind
from matrix.results.versions import series_text
from report.model.labels import KIND_WORDS, RULES
from report.model.matrix_index import MatrixIndex
from report.model.platforms import CPYTHON
from report.views.table import Table, table


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRule:
    """A label in the legend, and in the filter: how many questions have it."""

    kind: LabelKind
    word: str
    rule: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AllPage:
    """The table of all questions; series are those of CPython, for the filter."""

    table: Table
    labels: tuple[LabelRule, ...]
    series: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that some platform has, in order."""
        present = {column.method for column in self.table.columns}
        return tuple(method for method in METHODS if method in present)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemePage:
    """The questions of one theme; before and after are the names of its neighbours, '' at the ends."""

    name: str
    title: str
    table: Table
    before: str
    after: str


def all_page(index: MatrixIndex, labels: Mapping[str, Label]) -> AllPage:
    """All questions. labels: by probe id."""
    return AllPage(
        table=table(index.probes.values(), index, labels),
        labels=label_rules(labels),
        series=tuple(series_text(series) for series in sorted(index.known.get(CPYTHON, ()))),
    )


def label_rules(labels: Mapping[str, Label]) -> tuple[LabelRule, ...]:
    """The labels that occur, in the order of the legend."""
    kinds = [label.kind for label in labels.values()]
    return tuple(
        LabelRule(kind=kind, word=word, rule=RULES[kind], n=kinds.count(kind))
        for kind, word in KIND_WORDS.items()
        if kind in kinds
    )


def theme_pages(every: Table) -> Iterator[ThemePage]:
    """A page for each theme of the table of all questions, in reading order."""
    names = ["", *(theme.name for theme in every.themes), ""]
    for before, theme, after in zip(names, every.themes, names[2:], strict=False):
        part = replace(every, themes=(theme,))
        yield ThemePage(name=theme.name, title=theme.title, table=part, before=before, after=after)
