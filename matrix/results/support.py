"""How long each CPython series is supported. Pure; months from devguide.python.org/versions."""

from __future__ import annotations

from collections.abc import Mapping

from matrix.results.versions import Version

CALENDAR: Mapping[tuple[int, int], tuple[str, str]] = {
    (3, 8): ("2021-05", "2024-10"),
    (3, 9): ("2022-05", "2025-10"),
    (3, 10): ("2023-04", "2026-10"),
    (3, 11): ("2024-04", "2027-10"),
    (3, 12): ("2025-04", "2028-10"),
    (3, 13): ("2026-10", "2029-10"),
    (3, 14): ("2027-10", "2030-10"),
    (3, 15): ("2028-10", "2031-10"),
}
"""Series -> the last month with bug fixes, and the month of its end of life."""


def supported(version: Version, day: str) -> bool:
    """Whether a release gets fixes on a day ('2026-11-22'); not where the calendar does not know, nor a pre-release."""
    return version.stable and version.series in CALENDAR and bool(day) and day[:7] <= CALENDAR[version.series][1]
