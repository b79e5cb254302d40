"""A target beside its peer, the better known target that it is most like: where the two answer otherwise. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matrix.model import Outcome
from report.model.cells import counterparts
from report.model.matrix_index import MatrixIndex
from report.model.platforms import Interpreter, Platform
from report.model.shown import processless
from report.model.version_pairs import VersionPair, cell_changes
from report.views.changes import Change, PairChanges, by_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerComparison:
    """The peer, its platform, and where the two disagree; foreign: the peer is of another platform.

    unavailable: how many questions are only counted, because no process can be started on the target's platform.
    """

    other: Interpreter
    platform: Platform
    foreign: bool
    changes: tuple[Change, ...]
    unavailable: int = 0


def peer_comparison(target: Interpreter, platform: Platform, index: MatrixIndex) -> PeerComparison | None:
    """A target beside its peer; None where there is none to compare with."""
    home, other = _peer(target, platform, index)
    if other is None:
        return None
    foreign = home is not platform
    absent = index.absent[platform.slug] if foreign else ()
    pair = VersionPair(platform=platform, label="", old=other, new=target)
    changes = [change for change in cell_changes(pair, index) if change.method not in absent]
    counted = set()
    if platform.slug in processless(index):
        counted = {change.probe.id for change in changes if change.new.outcome is Outcome.UNAVAILABLE}
        changes = [change for change in changes if change.new.outcome is not Outcome.UNAVAILABLE]
    rows = (row for kind in by_kind([PairChanges(pair, changes)], index) for theme in kind.themes for row in theme.rows)
    positions = {name: position for position, name in enumerate(index.probes)}
    ordered = sorted(rows, key=lambda row: positions[row.probe.id])
    return PeerComparison(
        other=other,
        platform=home,
        foreign=foreign,
        changes=tuple(ordered),
        unavailable=len(counted),
    )


def _peer(target: Interpreter, platform: Platform, index: MatrixIndex) -> tuple[Platform, Interpreter | None]:
    """A peer and its platform: the nearest of the same platform's main line; for a target of that line, the nearest of
    the first platform's; there, the previous release.
    """
    for home in (platform, index.platforms[0]):
        main = _main_line(home)
        if target not in main and (near := counterparts(target.version, main)):
            return home, near[-1]
    before = [other for other in _main_line(platform) if other.version < target.version]
    return platform, before[-1] if before else None


def _main_line(platform: Platform) -> Sequence[Interpreter]:
    return next((build.members for build in platform.builds if build.main), ())
