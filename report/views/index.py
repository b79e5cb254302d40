"""The first page: the questions that break programs, and the way to all others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from matrix.model import Probe
from matrix.results.diff import ChangeKind
from matrix.suite.essentials import FIRST, NUMBER, essentials
from matrix.suite.sightings import Sighting, projects
from report.model.matrix_index import MatrixIndex, differing, tally
from report.model.outcome_styles import Count, counts
from report.model.shown import emulated, processless
from report.model.theme_groups import ThemeGroup, theme_groups
from report.model.version_pairs import page_order
from report.views.changes import ChangesPage
from report.views.table import Head, Row, Table, head


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The whole matrix in numbers."""

    probes: int
    targets: int
    counts: tuple[Count, ...]
    differs: int
    newest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One question in the list of all; listed: it has a row above."""

    probe: Probe
    listed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPage:
    """All that the first page shows. rows: the questions that break programs; upgrades: to the newest versions.

    processless: no process can be started there; emulated: the real system has columns.
    """

    table: Table
    rows: tuple[Row, ...]
    themes: tuple[ThemeGroup[Link], ...]
    summary: Summary
    upgrades: tuple[ChangesPage, ...]
    processless: tuple[Head, ...]
    emulated: tuple[Head, ...]


def first_page(
    every: Table, index: MatrixIndex, changes: tuple[ChangesPage, ...], sightings: tuple[Sighting, ...] = ()
) -> FirstPage:
    """The first page of a matrix; every: the table of all questions."""
    by_id = {row.probe.id: row for theme in every.themes for row in theme.rows}
    upgrades = _upgrades(changes)
    order = breaking_order(essentials(sightings), projects(sightings), taken_away(upgrades))
    shown = dict.fromkeys((*(name for name in order if name in by_id), *by_id))  # a foreign suite has others
    rows = tuple(by_id[name] for name in [*shown][:NUMBER])
    listed = {row.probe.id for row in rows}
    links = [Link(probe=row.probe, listed=name in listed) for name, row in by_id.items()]
    without_processes = processless(index)
    only_emulated = emulated(index) - without_processes
    return FirstPage(
        table=replace(every, themes=theme_groups(rows, index.titles)),
        rows=rows,
        themes=theme_groups(links, index.titles),
        summary=summary(index),
        upgrades=upgrades,
        processless=tuple(head(p, index) for p in index.platforms if p.slug in without_processes),
        emulated=tuple(head(p, index) for p in index.platforms if p.slug in only_emulated),
    )


def breaking_order(names: Iterable[str], reported: Mapping[str, int], taken: frozenset[str]) -> tuple[str, ...]:
    """FIRST, then by the projects that have reported a question; one that was taken away counts each twice.

    names are in order: those with equal numbers stay in theirs.
    """
    rest = [name for name in names if name not in FIRST]
    rest.sort(key=lambda name: -reported.get(name, 0) * (2 if name in taken else 1))
    return (*FIRST, *rest)


def taken_away(upgrades: Iterable[ChangesPage]) -> frozenset[str]:
    """The questions that an upgrade answers worse for a program that names no method."""
    switches = [each.switch for page in upgrades for each in page.switches]
    groups = [group for switch in switches for group in switch.of(ChangeKind.REGRESSED)]
    return frozenset(row.probe.id for group in groups for theme in group.themes for row in theme.rows)


def _upgrades(changes: tuple[ChangesPage, ...]) -> tuple[ChangesPage, ...]:
    """The upgrades to the newest two versions, the newest first."""
    pages = sorted((page for page in changes if not page.within), key=lambda page: page_order(page.slug)[::-1])
    newest = {page.names.new for page in pages[-1:]} | {page.names.old for page in pages[-1:] if not page.long}
    return tuple(page for page in reversed(pages) if page.names.new in newest)


def summary(index: MatrixIndex) -> Summary:
    """The whole matrix in numbers."""
    matrix = index.matrix
    return Summary(
        probes=len(matrix.probes),
        targets=len(matrix.targets),
        counts=counts(tally(matrix.cells)),
        differs=differing(matrix.cells),
        newest=matrix.generated[:10],
    )
