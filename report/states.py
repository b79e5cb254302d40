"""What every state looks like: colour (a class), glyph and word, so that none rests on colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matrix.model import Outcome

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


def _state(outcome: Outcome, css: str, glyph: str, word: str, meaning: str) -> State:
    name, _, ending = word.partition("+")
    return State(outcome=outcome, css=css, glyph=glyph, word=name, words=name + ending, meaning=meaning)


STATES: Mapping[Outcome, State] = {
    state.outcome: state
    for state in (
        _state(Outcome.YES, "y", "✓", "yes", "it was seen to work"),
        _state(Outcome.NO, "n", "✗", "no", "it was seen not to; the question's page says how"),
        _state(Outcome.VALUE, "v", "=", "value+s", "the answer itself is printed"),
        _state(
            Outcome.UNAVAILABLE, "u", "\N{EN DASH}", "unavailable", "tried, and refused cleanly: no such thing there"
        ),
        _state(Outcome.HANG, "h", "⏱" + TEXT_STYLE, "hang+s", "still running at its deadline"),
        _state(Outcome.CRASH, "c", "⚡" + TEXT_STYLE, "crash+es", "the interpreter ended without an answer"),
        _state(Outcome.FLAKY, "f", "~", "flaky", "runs disagree: k of n gave the answer seen most"),
        _state(Outcome.ERROR, "e", "!", "error+s", "our fault, not Python's: says nothing"),
        _state(Outcome.UNTESTED, "q", "?", "untested", "not known; never read it as no"),
    )
}
"""In the order of every legend and count."""

DIFFERS = "≠ docs"
"""The mark where the observed answer is not the documented one."""


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
