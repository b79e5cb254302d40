"""What is special about a target: where it answers otherwise than the one that people know better. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report.model.cells import counterparts
from report.model.matrix_index import Board
from report.model.platforms import Build, Interpreter, Platform
from report.model.version_pairs import Step, shifts
from report.views.changes import Change, by_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """The other target, and where the two disagree; alien: the other one is of another platform."""

    other: Interpreter
    platform: Platform
    alien: bool
    changes: tuple[Change, ...]


def special(one: Interpreter, platform: Platform, board: Board) -> Special | None:
    """A target beside its like; None where there is none to compare with."""
    found = _like(one, platform, board)
    if found is None:
        return None
    home, other = found
    alien = home is not platform
    absent = board.absent[platform.slug] if alien else ()
    step = Step(platform=platform, label="", old=other, new=one)
    seen = [shift for shift in shifts(step, board) if shift.method not in absent]
    rows = (row for kind in by_kind([(step, seen)], board) for theme in kind.themes for row in theme.rows)
    places = {probe.id: place for place, probe in enumerate(board.probes.values())}
    ordered = sorted(rows, key=lambda row: places[row.probe.id])
    return Special(other=other, platform=home, alien=alien, changes=tuple(ordered))


def _like(one: Interpreter, platform: Platform, board: Board) -> tuple[Platform, Interpreter] | None:
    """The nearest of the platform's main line; for that line, of the first platform's; there, the release before."""
    for home in (platform, board.platforms[0]):
        main = _main(home)
        if one not in main and (near := counterparts(one.version, main)):
            return home, near[-1]
    mine = _main(platform)
    before = [other for other in mine if other.version < one.version]
    return (platform, before[-1]) if before else None


def _main(platform: Platform) -> Sequence[Interpreter]:
    builds: Sequence[Build] = platform.builds
    return next((build.members for build in builds if build.main), ())
