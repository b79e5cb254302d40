"""How each kind of change is shown, and what it means; in the order of matrix.results.diff.ChangeKind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matrix.results.diff import ChangeKind
from report.model.i18n import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStyle:
    """glyph and word go together, as with outcomes; meaning is the legend's sentence; relied is what the change means
    for a program that relies on the default method; good: nothing has to be done about it, so no page advises."""

    glyph: str
    word: str
    meaning: str
    relied: str
    good: bool = False


CHANGE_STYLES: Mapping[ChangeKind, ChangeStyle] = {
    ChangeKind.REGRESSED: ChangeStyle(
        glyph="▼",
        word=N_("regressed"),
        meaning=N_("no longer the wanted answer"),
        relied=N_("what stops working"),
    ),
    ChangeKind.FLAKY: ChangeStyle(
        glyph="~",
        word=N_("flaky now"),
        meaning=N_("runs on the same Python disagree"),
        relied=N_("what is unreliable"),
    ),
    ChangeKind.CHANGED: ChangeStyle(
        glyph="◆",
        word=N_("changed"),
        meaning=N_("another answer, neither better nor worse"),
        relied=N_("what behaves differently"),
    ),
    ChangeKind.FIXED: ChangeStyle(
        glyph="▲",
        word=N_("fixed"),
        meaning=N_("now the wanted answer"),
        relied=N_("what starts working"),
        good=True,
    ),
    ChangeKind.NEW: ChangeStyle(
        glyph="+",
        word=N_("new"),
        meaning=N_("no answer before, or the method or API did not exist"),
        relied=N_("what becomes available"),
        good=True,
    ),
    ChangeKind.SETTLED: ChangeStyle(
        glyph="=",
        word=N_("settled"),
        meaning=N_("runs disagreed, and agree now"),
        relied=N_("what has settled"),
        good=True,
    ),
    ChangeKind.STALE: ChangeStyle(
        glyph="?",
        word=N_("stale"),
        meaning=N_("answered before, not any more"),
        relied=N_("what is no longer known"),
    ),
}
