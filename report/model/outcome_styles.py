"""How each outcome is shown: colours, glyph, word. Style sheet, scripts, pages and badges take them from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matrix.model import Outcome
from report.model.i18n import N_

TEXT_STYLE = "\ufe0e"  # asks for the plain glyph where a font would draw a coloured picture


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeStyle:
    """css is the class of everything with this outcome; words is the plural; meaning is the legend's sentence.

    light and dark are the colours (RRGGBB) of text on a light and on a dark page.
    """

    outcome: Outcome
    css: str
    light: str
    dark: str
    glyph: str
    word: str
    words: str
    meaning: str


STYLES: Mapping[Outcome, OutcomeStyle] = {
    Outcome(word): OutcomeStyle(
        outcome=Outcome(word), css=css, light=light, dark=dark, glyph=glyph, word=word, words=words, meaning=meaning
    )
    for css, light, dark, glyph, word, words, meaning in (
        ("y", "0b655d", "62cbbb", "✓", N_("yes"), N_("yes"), N_("observed to work")),
        ("n", "9c3a06", "f2a271", "✗", N_("no"), N_("no"), N_("observed not to work; the question's page says how")),
        ("v", "474099", "b3b0fa", "=", N_("value"), N_("values"), N_("the answer itself is printed")),
        ("u", "5b6068", "a2a9b3", "\N{EN DASH}", N_("unavailable"), N_("unavailable"),
         N_("tried, and refused: the method or the API does not exist there")),
        ("h", "755000", "e3b953", "∞", N_("hang"), N_("hangs"), N_("still running at its deadline")),
        ("c", "9c1250", "f792b8", f"⚡{TEXT_STYLE}", N_("crash"), N_("crashes"), N_("Python ended without an answer")),
        ("f", "6b3a9e", "cfacf7", "~", N_("flaky"), N_("flaky"), N_("runs disagree: k of n gave the main answer")),
        ("e", "1d1f22", "e6e7e9", "!", N_("error"), N_("errors"), N_("a canifork error: says nothing about Python")),
        ("q", "5b6068", "a2a9b3", "?", N_("untested"), N_("untested"), N_("not known; this is not \"no\"")),
    )
}  # fmt: skip
"""In the order of every legend and count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many cells have an outcome."""

    state: OutcomeStyle
    n: int

    @property
    def word(self) -> str:
        """'hang', or 'hangs'."""
        return self.state.word if self.n == 1 else self.state.words


def counts(tally: Mapping[Outcome, int]) -> tuple[Count, ...]:
    """The outcomes that occur, in the order of display."""
    return tuple(Count(state=style, n=tally[outcome]) for outcome, style in STYLES.items() if tally.get(outcome))


def style_sheet() -> str:
    """CSS: a variable for each outcome's colour (`--no`), and --c, the colour of whatever has an outcome's class."""
    light, dark = (
        "".join(f"--{outcome}:#{getattr(style, scheme)};" for outcome, style in STYLES.items())
        for scheme in ("light", "dark")
    )
    classes = "".join(f".{style.css}{{--c:var(--{outcome})}}" for outcome, style in STYLES.items())
    return f":root{{{light}}}\n@media (prefers-color-scheme: dark){{:root{{{dark}}}}}\n{classes}\n"
