"""How the answer to one question changed: from Python to Python, and since the previous run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from matrix.results.grouping import grouped
from report.views.changes import Change, ChangesPage
from report.views.latest import ChangeGroup, Latest


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChange:
    """One change of the answer between two Pythons; goal is the address of its row."""

    title: str
    platform: str
    change: Change
    goal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is known: changes from the newest Python to the oldest, and since the run on `since`."""

    versions: tuple[VersionChange, ...] = ()
    recent: tuple[ChangeGroup, ...] = ()
    since: str = ""


def histories(pages: Iterable[ChangesPage], latest: Latest) -> Mapping[str, History]:
    """Probe id -> its history, for the questions that have one."""
    versions = grouped((each for page in pages for each in _versions(page)), lambda each: each.change.probe.id)
    recent = grouped((row for part in latest.kinds for row in part.rows), lambda row: row.probe.id)
    return {
        name: History(versions=tuple(versions.get(name, ())), recent=tuple(recent.get(name, ())), since=latest.before)
        for name in versions.keys() | recent.keys()
    }


def _versions(page: ChangesPage) -> Iterator[VersionChange]:
    for part in (part for part in page.platforms if not part.long):
        for group in part.kinds:
            for change in (change for theme in group.themes for change in theme.rows):
                row = f"{part.platform.slug}-{group.kind}-{change.probe.id}-{'-'.join(change.methods)}{change.suffix}"
                goal = f"changes/{page.slug}.html#{row}"
                yield VersionChange(title=page.title, platform=part.platform.title, change=change, goal=goal)
