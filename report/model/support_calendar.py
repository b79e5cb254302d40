"""The support states of CPython series on a day, in words. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby, pairwise

from matrix.results.support import CALENDAR
from matrix.results.versions import TO, Version, series_text
from report.model.i18n import N_

PRE, FIXES, SECURITY, ENDED = N_("pre-release"), N_("bug fixes"), N_("security fixes"), N_("end of life")


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The series in one support state: 'end of life', '3.8-3.10'."""

    state: str
    series: str


def state(version: Version, day: str) -> str:
    """The support state of a release on a day ('2026-11-22'), or '' where the calendar does not know."""
    if not version.stable:
        return PRE
    if version.series not in CALENDAR or not day:
        return ""
    fixes, end = CALENDAR[version.series]
    return ENDED if day[:7] > end else SECURITY if day[:7] > fixes else FIXES


def ends(version: Version) -> str:
    """The month of the end of life of a release's series: '2029-10', or ''."""
    return CALENDAR[version.series][1] if version.series in CALENDAR else ""


def support(versions: Collection[Version], day: str) -> tuple[Support, ...]:
    """The series of some releases by their support state, the newest first."""
    states = {version.series: name for version in sorted(versions) if version.stable and (name := state(version, day))}
    groups = [(name, list(series)) for name, series in groupby(states, key=states.__getitem__)]
    return tuple(Support(state=name, series=_span(series)) for name, series in reversed(groups))


def _span(series: list[tuple[int, int]]) -> str:
    texts = [series_text(each) for each in series]
    together = all(after == (before[0], before[1] + 1) for before, after in pairwise(series))
    return f"{texts[0]}{TO}{texts[-1]}" if together and len(texts) > 1 else ", ".join(texts)
