"""How long a test, or a command, may take: what the baseline took is the measure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

PATIENCE = 600.0
"""Seconds that anything may take in the baseline, of which nothing is known yet."""

SILENCE = 60.0
"""Seconds for which the baseline may do next to nothing: longer, and it waits for what will not come."""

LEAST = 20.0
"""Seconds that are granted at least, however short the baseline was: a spawned child imports everything anew."""

BUSY = 3.0
"""How many deadlines what still computes is granted, for a machine that others use too."""

ENDLESS = 15.0
"""Seconds after which a process that was started must have begun its work."""

MORE_STARTS = 20
"""Processes that a test may start in excess of all that the baseline started, until it counts as a hang.

A pool whose workers die at once replaces them for ever: it computes, and gets nowhere.
"""

FACTOR = 10.0
"""How many times as long as in the baseline something may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds by test, and between tests or for a command that has none.

    timeout: the user's own, which then holds for all. tests, gap: what the baseline took; None: this is the baseline.
    processes: how many it had.
    """

    timeout: float | None = None
    scale: float = 1.0
    tests: Mapping[str, float] = field(default_factory=dict)
    gap: float | None = None
    processes: int | None = None

    def of_test(self, name: str) -> float:
        """Seconds that a test may take from its begin to its end."""
        return self._of(self.tests.get(name))

    def of_gap(self) -> float:
        """Seconds in which something must begin or end, when no test runs."""
        return self._of(self.gap)

    def of_silence(self) -> float:
        """Seconds for which nothing may compute in the baseline; without end where a deadline is known."""
        return math.inf if self.timeout or self.gap is not None else SILENCE * self.scale

    def without_silence(self, seconds: float) -> float:
        """What a time that ended in a hang of the baseline tells of how long the work takes."""
        return max(0.0, seconds - min(self.of_silence(), seconds))

    def of_begin(self) -> float:
        """Seconds within which a process that was started begins its work, or never will."""
        return ENDLESS * self.scale

    def most_starts(self) -> float:
        """Processes that may start within a test, or a command, that is past its deadline."""
        return math.inf if self.processes is None else self.processes + MORE_STARTS

    def at_most(self, seconds: float) -> float:
        """Seconds after which even what still computes has hung; the user's own timeout is taken at its word."""
        if self.timeout:
            return seconds
        most = max(seconds, PATIENCE * self.scale)
        return most if self.gap is None else min(most, BUSY * seconds)

    def _of(self, took: float | None) -> float:
        if took is None:
            return (self.timeout or PATIENCE) * self.scale
        wanted = self.timeout or min(PATIENCE, max(LEAST, FACTOR * took))
        return max(wanted * self.scale, 3 * took)
