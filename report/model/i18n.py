"""The languages of the interface. English is in the code; every other language is in a catalogue."""

from __future__ import annotations

import functools
import gettext
import io
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import TypeVar

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parents[1] / "html" / "locale"
"""For each language but English `<tag>.po`, the texts of the pages, and `questions/<tag>.po`, those of the suite.

`nox -s strings` brings them up to date.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """tag is BCP 47, for `lang` and the folder of its pages; name is what its speakers call it."""

    tag: str
    name: str

    @property
    def folder(self) -> str:
        """Where its pages stand in the site: '' or 'zh-Hans/'."""
        return "" if self is ENGLISH else f"{self.tag}/"

    @property
    def catalogue(self) -> Path | None:
        """Its catalogue of what pages say; None for English, which is in the code."""
        return None if self is ENGLISH else LOCALES / f"{self.tag.replace('-', '_')}.po"

    @property
    def questions(self) -> Path | None:
        """Its catalogue of what the suite says: questions, reasons, advice; None for English."""
        return self.catalogue and LOCALES / "questions" / self.catalogue.name


ENGLISH = Language(tag="en", name="English")
LANGUAGES = (ENGLISH, Language(tag="zh-Hans", name="简体中文"))


Text = TypeVar("Text", bound=str)
"""Text, or markup."""

_MARK = "".join(map(chr, secrets.SystemRandom().choices(range(0xE000, 0xF900), k=4)))
"""Private characters that no data can have guessed; it stands before, between and behind the forms of a text."""


def forms(texts: Iterable[Text]) -> Text:
    """One text that holds a text's form in every language, until `chosen` or `in_each` takes one of them.

    With | for the mark, and English and Chinese as the languages:

        forms(["yes", "是"])                 -> "|yes|是|"
        "<b>" + forms(["yes", "是"]) + "</b>" -> "<b>|yes|是|</b>"
        in_each("<b>|yes|是|</b>")            -> "<b>yes</b>", "<b>是</b>"
        forms(["fork", "fork"])              -> "fork"

    So a page is rendered once and not once for each language: most of it is evidence, the same in all.
    Forms do not nest: a text that has forms itself gives its n-th to the n-th language.
    """
    in_order = [chosen(text, number) for number, text in enumerate(texts)]
    if len(set(in_order)) == 1:
        return in_order[0]
    return type(in_order[0])(_MARK.join(("", *in_order, "")))


def in_each(text: str) -> Iterator[str]:
    """A text with forms in it, in one language after the other.

    Split at the mark, it is: what is the same in all, the first form, the second form, what is the same, …
    """
    parts, period = text.split(_MARK), len(LANGUAGES) + 1
    for number in range(1, period):
        pieces = zip_longest(parts[::period], parts[number::period], fillvalue="")
        yield "".join(chain.from_iterable(pieces))


def chosen(text: Text, number: int) -> Text:
    """A text with forms in it, in the n-th of the languages; markup stays markup."""
    return type(text)(list(in_each(str(text)))[number]) if _MARK in text else text


def N_(text: str) -> str:  # noqa: N802 - the name that every extractor knows
    """Mark a text for translation where it is not shown yet; the filter `tr` translates it."""
    return text


Place = tuple[str, str | tuple[str, ...]]
"""A placeholder's name, and what stands there."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A translatable text with placeholders, `%(name)s`, for data, and for lists of texts that are translated too."""

    text: str
    places: tuple[Place, ...]

    def __str__(self) -> str:
        """In English."""
        return translated(self, ENGLISH)


def translated(text: str | Phrase, language: Language) -> str:
    """A text that was marked with N_, or a phrase of such, in a language; any other text as it is."""
    catalogue = translations(language)
    if isinstance(text, Phrase):
        given = {
            name: value if isinstance(value, str) else ", ".join(map(catalogue.gettext, value))
            for name, value in text.places
        }
        return catalogue.gettext(text.text) % given
    return catalogue.gettext(text) if text else ""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text of the suite. context: what it is a text of, 'arguments.threading_lock why'; no other has the same."""

    context: str
    english: str


def worded(wording: Wording, language: Language) -> str:
    """A text of the suite in a language; in English if it has no translation, or one of an earlier wording."""
    catalogue = _catalogue(language.questions)
    return catalogue.pgettext(wording.context, wording.english) if wording.english else ""


def translation(wording: Wording, language: Language) -> str:
    """A text of the suite in a language, '' if it is in English only."""
    text = worded(wording, language)
    return "" if text == wording.english else text


def lines(wording: Wording, language: Language) -> tuple[str, ...]:
    """The lines that a catalogue has for a text; none in English, or where it has none."""
    return tuple(translation(wording, language).splitlines())


def translations(language: Language) -> gettext.NullTranslations:
    """What gettext looks up the texts of pages in; for English, the text itself."""
    return _catalogue(language.catalogue)


@functools.cache
def _catalogue(path: Path | None) -> gettext.NullTranslations:
    catalogue = read(path)
    if catalogue is None:
        return gettext.NullTranslations()
    file = io.BytesIO()
    write_mo(file, catalogue)
    file.seek(0)
    return gettext.GNUTranslations(file)


def read(path: Path | None) -> Catalog | None:
    """The catalogue in a file; None for English, which has no file."""
    if path is None:
        return None
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def script_texts(language: Language) -> Mapping[str, str]:
    """The texts of the scripts in static/: {English: translated}; empty for English."""
    by_english: dict[str, str] = {}
    for message in read(language.catalogue) or ():
        if message.id and any(name.endswith(".js") for name, _ in message.locations):
            ids, texts = (_plural_forms(text) for text in (message.id, message.string))
            by_english |= {text: texts[min(number, len(texts) - 1)] for number, text in enumerate(ids)}
    return dict(sorted(by_english.items()))


def _plural_forms(text: object) -> tuple[str, ...]:
    """The one form of a text, or its singular and plurals."""
    return tuple(map(str, text)) if isinstance(text, tuple | list) else (str(text),)
