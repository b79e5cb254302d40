"""Which platforms have columns on the first page: those that start processes, emulations only where nothing is real."""

from __future__ import annotations

from matrix.model import METHODS, Outcome
from report.model.matrix_index import MatrixIndex
from report.model.platforms import Platform

START = "availability.starts"
"""The question whether a process can be started at all."""


def shown_platforms(index: MatrixIndex) -> tuple[Platform, ...]:
    """The platforms with columns."""
    hidden = processless(index) | emulated(index)
    return tuple(platform for platform in index.platforms if platform.slug not in hidden)


def processless(index: MatrixIndex) -> frozenset[str]:
    """The platforms on which no method starts a process; none of them if there is no other platform to show."""
    found = frozenset(
        platform.slug for platform in index.platforms if _start_outcomes(platform, index) == {Outcome.UNAVAILABLE}
    )
    return found if len(found) < len(index.platforms) else frozenset()


def _start_outcomes(platform: Platform, index: MatrixIndex) -> set[Outcome]:
    """What the targets of a platform answered when asked to start a process, under all methods."""
    by_method = [index.by_probe.get((START, method), {}) for method in METHODS[:3]]
    cells = (cells.get(target.id) for cells in by_method for target in platform.members)
    return {cell.outcome for cell in cells if cell} - {Outcome.UNTESTED}


def emulated(index: MatrixIndex) -> frozenset[str]:
    """The emulated platforms whose real system has targets."""
    firsts = {platform.slug: platform.members[0] for platform in index.platforms}
    real = {target.system for target in firsts.values() if not target.emulator}
    return frozenset(slug for slug, target in firsts.items() if target.emulator and target.system in real)
