"""What every state looks like: colour (a class), glyph and word, so that none rests on colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matrix.model import Outcome
from report.model.i18n import N_

TEXT_STYLE = "\ufe0e"  # asks for the plain glyph where a font would draw a coloured picture


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """css is the class of everything in this state; words is the plural; meaning is the legend's sentence."""

    outcome: Outcome
    css: str
    glyph: str
    word: str
    words: str
    meaning: str


STATES: Mapping[Outcome, State] = {
    outcome: State(outcome=outcome, css=css, glyph=glyph, word=word, words=words, meaning=meaning)
    for outcome, css, glyph, word, words, meaning in (
        (Outcome.YES, "y", "✓", N_("yes"), N_("yes"), N_("it was seen to work")),
        (Outcome.NO, "n", "✗", N_("no"), N_("no"), N_("it was seen not to; the question's page says how")),
        (Outcome.VALUE, "v", "=", N_("value"), N_("values"), N_("the answer itself is printed")),
        (
            Outcome.UNAVAILABLE, "u", "\N{EN DASH}", N_("unavailable"), N_("unavailable"),
            N_("tried, and refused cleanly: no such thing there"),
        ),
        (Outcome.HANG, "h", "⏱" + TEXT_STYLE, N_("hang"), N_("hangs"), N_("still running at its deadline")),
        (Outcome.CRASH, "c", "⚡" + TEXT_STYLE, N_("crash"), N_("crashes"), N_("Python ended without an answer")),
        (Outcome.FLAKY, "f", "~", N_("flaky"), N_("flaky"), N_("runs disagree: k of n gave the answer seen most")),
        (Outcome.ERROR, "e", "!", N_("error"), N_("errors"), N_("our fault, not Python's: says nothing")),
        (Outcome.UNTESTED, "q", "?", N_("untested"), N_("untested"), N_("not known; never read it as no")),
    )
}  # fmt: skip
"""In the order of every legend and count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many cells are in a state."""

    state: State
    n: int

    @property
    def word(self) -> str:
        """'hang', or 'hangs'."""
        return self.state.word if self.n == 1 else self.state.words


def counts(tally: Mapping[Outcome, int]) -> tuple[Count, ...]:
    """The states that occur, in the order of display."""
    return tuple(Count(state=state, n=tally[outcome]) for outcome, state in STATES.items() if tally.get(outcome))
