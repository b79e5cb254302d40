"""The texts of the suite that pages show in every language, each by what it is a text of. Pure."""

from __future__ import annotations

from matrix.model import Probe
from matrix.packages.recipes import Recipe
from matrix.suite.words import Question
from report.model.i18n import Wording
from report.model.theme_groups import Titled

PROBE_FIELDS = ("text", "why", "do")
RECIPE_FIELDS = ("summary", "says", "note")

Words = Probe | Question | Recipe | Titled | Wording


def wording(thing: Words, field: str = "") -> Wording:
    """One of the texts of a question, of a recipe; the title of a theme; of a wording itself."""
    match thing:
        case Wording():
            return thing
        case Probe() | Question():
            return Wording(f"{thing.id} {field}", getattr(thing, field))
        case Recipe():
            return Wording(f"{'host' if thing.is_host else 'package'} {thing.name} {field}", getattr(thing, field))
        case _:
            return theme_title(thing.name, thing.title)


def theme_title(name: str, title: str) -> Wording:
    """The title of a theme."""
    return Wording(f"{name} title", title)


def asked(question: Probe | Question) -> Wording:
    """Under what people look for a question, a line each; not translated, but written anew in each language."""
    return Wording(f"{question.id} asked", question.text)
