"""What each kind of change is called, and what it means; in the order of matrix.diff.Kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matrix.results.diff import Kind
from report.model.i18n import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class KindText:
    """glyph and word go together, as with states; meaning is the legend's sentence; relied is what it means to a
    program that names no method."""

    glyph: str
    word: str
    meaning: str
    relied: str


KINDS: Mapping[Kind, KindText] = {
    Kind.REGRESSED: KindText(
        glyph="▼",
        word=N_("regressed"),
        meaning=N_("what programs hope for is so no longer"),
        relied=N_("what stops working"),
    ),
    Kind.FLAKY: KindText(
        glyph="~",
        word=N_("flaky now"),
        meaning=N_("runs on the same Python disagree"),
        relied=N_("what cannot be relied on"),
    ),
    Kind.CHANGED: KindText(
        glyph="◆",
        word=N_("changed"),
        meaning=N_("another answer, neither better nor worse"),
        relied=N_("what is otherwise"),
    ),
    Kind.FIXED: KindText(
        glyph="▲", word=N_("fixed"), meaning=N_("what programs hope for is so now"), relied=N_("what works only now")
    ),
    Kind.NEW: KindText(
        glyph="+",
        word=N_("new"),
        meaning=N_("there was no answer before, or no such thing"),
        relied=N_("what is there only now"),
    ),
    Kind.SETTLED: KindText(
        glyph="=", word=N_("settled"), meaning=N_("runs disagreed, and agree now"), relied=N_("what has settled")
    ),
    Kind.STALE: KindText(
        glyph="?",
        word=N_("stale"),
        meaning=N_("answered before, and not any more"),
        relied=N_("what is not known any more"),
    ),
}
