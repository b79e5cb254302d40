"""What became of one question: from Python to Python, and since the run before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from report.views.changes import Change, ChangesPage
from report.views.latest import Latest, Moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One change of the answer between two Pythons; goal is the address of its row."""

    title: str
    platform: str
    change: Change
    goal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is known: turns from the newest Python to the oldest, and what moved since the run before."""

    turns: tuple[Turn, ...] = ()
    moved: tuple[Moved, ...] = ()
    since: str = ""


def histories(pages: Iterable[ChangesPage], latest: Latest) -> Mapping[str, History]:
    """Probe id -> its history, for the questions that have one."""
    turns: dict[str, list[Turn]] = {}
    for page in pages:
        for turn in _turns(page):
            turns.setdefault(turn.change.probe.id, []).append(turn)
    moved: dict[str, list[Moved]] = {}
    for row in (row for _, rows in latest.kinds for row in rows):
        moved.setdefault(row.probe.id, []).append(row)
    return {
        name: History(turns=tuple(turns.get(name, ())), moved=tuple(moved.get(name, ())), since=latest.before)
        for name in turns.keys() | moved.keys()
    }


def _turns(page: ChangesPage) -> Iterable[Turn]:
    for part in page.platforms:
        for group in part.kinds:
            for change in (change for theme in group.themes for change in theme.rows):
                row = f"{part.platform.slug}-{group.kind}-{change.probe.id}-{'-'.join(change.methods)}{change.apart}"
                goal = f"changes/{page.slug}.html#{row}"
                yield Turn(title=page.title, platform=part.platform.title, change=change, goal=goal)
