"""The languages of the interface. English stands in the code; a catalogue beside it holds every other."""

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
"""One `<tag>.po` for each language but English; `nox -s strings` brings them up to date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """tag is BCP 47, for `lang` and for the folder of its pages; name is what its speakers call it."""

    tag: str
    name: str

    @property
    def folder(self) -> str:
        """Where its pages stand in the site: '' or 'zh-Hans/'."""
        return "" if self is ENGLISH else f"{self.tag}/"

    @property
    def catalogue(self) -> Path | None:
        """Its catalogue; None for English, which is what the code says."""
        return None if self is ENGLISH else LOCALES / f"{self.tag.replace('-', '_')}.po"


ENGLISH = Language(tag="en", name="English")
LANGUAGES = (ENGLISH, Language(tag="zh-Hans", name="简体中文"))


Text = TypeVar("Text", bound=str)
"""Text, or markup."""

_MARK = "".join(map(chr, secrets.SystemRandom().choices(range(0xE000, 0xF900), k=4)))
"""Private characters that no data can have guessed; it stands before, between and behind the forms of a text."""


def forms(texts: Iterable[Text]) -> Text:
    """One text that is all of these, the n-th in the n-th language, until `chosen` takes one.

    So a page is rendered once and not once for each language: most of it is evidence, the same in all.
    """
    each = [chosen(text, number) for number, text in enumerate(texts)]
    return each[0] if len(set(each)) == 1 else type(each[0])(_MARK.join(("", *each, "")))


def in_each(text: str) -> Iterator[str]:
    """A text with forms in it, in one language after the other."""
    parts, step = text.split(_MARK), len(LANGUAGES) + 1
    for number in range(1, step):
        yield "".join(chain.from_iterable(zip_longest(parts[::step], parts[number::step], fillvalue="")))


def chosen(text: Text, number: int) -> Text:
    """A text with forms in it, in the n-th of the languages; markup stays markup."""
    return type(text)(list(in_each(str(text)))[number]) if _MARK in text else text


def N_(text: str) -> str:  # noqa: N802 - the name that every extractor knows
    """Mark a text of ours for translation where it is not shown yet; the filter `tr` translates it."""
    return text


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text of ours with places in it, `%(name)s`, for what is not ours or is translated by itself."""

    text: str
    places: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """In English."""
        return self.text % dict(self.places)


def translated(text: str | Phrase, language: Language) -> str:
    """A text that was marked with N_, or a phrase of such, in a language; any other text as it is."""
    said = translations(language)
    if isinstance(text, Phrase):
        return said.gettext(text.text) % dict(text.places)
    return said.gettext(text) if text else ""


def read(language: Language) -> Catalog | None:
    """A language's catalogue; None for English."""
    if language.catalogue is None:
        return None
    with language.catalogue.open("rb") as file:
        return read_po(file, abort_invalid=True)


@functools.cache
def translations(language: Language) -> gettext.NullTranslations:
    """What gettext asks: English answers with the text itself."""
    catalogue = read(language)
    if catalogue is None:
        return gettext.NullTranslations()
    file = io.BytesIO()
    write_mo(file, catalogue)
    file.seek(0)
    return gettext.GNUTranslations(file)


def script_texts(language: Language) -> Mapping[str, str]:
    """The texts of the scripts in static/: {English: translated}; empty for English."""
    found: dict[str, str] = {}
    for message in read(language) or ():
        if message.id and any(name.endswith(".js") for name, _ in message.locations):
            ids, texts = (_forms(said) for said in (message.id, message.string))
            found |= {one: texts[min(number, len(texts) - 1)] for number, one in enumerate(ids)}
    return dict(sorted(found.items()))


def _forms(text: object) -> tuple[str, ...]:
    """The one form of a text, or its singular and plurals."""
    return tuple(map(str, text)) if isinstance(text, tuple | list) else (str(text),)
