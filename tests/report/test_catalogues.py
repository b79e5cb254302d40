"""What the suite says, in other languages: up to date, stale where English has changed, shown with the right lang."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from matrix.paths import PROBES
from matrix.suite import words
from report.catalogues import Found, progress, updated, wordings
from report.html.render import environment
from report.model.i18n import ENGLISH, LANGUAGES, Language, Wording, chosen, lines, read, translation, worded
from report.model.wordings import asked, wording

OTHERS = [language for language in LANGUAGES if language is not ENGLISH]
NAME = re.compile(
    r"[\w.]*\w\(\)|\b[a-z]+(?:_[a-z]+)+\b|\b[A-Z]\w*(?:Error|Warning|Executor)\b|\b\d+\.\d+(?:\.\d+)*\b|`[^`]*`|\]\([^)]*\)"
)
"""What is the same in every language: names of the API, exceptions, versions, code, links."""

FEW = 0.1
"""How many texts may be in English only: new questions come before their translation."""


def messages(language: Language) -> Catalog:
    """A language's catalogue of questions."""
    catalogue = read(language.questions)
    assert catalogue is not None
    return catalogue


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.tag)
def test_most_of_what_the_suite_says_is_translated(language: Language) -> None:
    said = [one.wording for one in wordings()]
    assert len({one.context for one in said}) == len(said) > 2000
    missing = [one.context for one in said if worded(one, language) == one.english and NAME.sub("", one.english)]
    assert len(missing) < FEW * len(said), "run `nox -s strings`, and translate what is new"


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.tag)
def test_a_translation_keeps_names_versions_code_and_links(language: Language) -> None:
    lost = {
        message.context: names
        for message in messages(language)
        if message.id and message.string and not message.context.endswith(" asked")
        if (names := {name for name in NAME.findall(message.id) if name not in message.string})
    }
    assert lost == {}


def found(context: str, english: str) -> Found:
    return Found(wording=Wording(context, english), file=PROBES / "arguments.py")


def written(catalogue: Catalog) -> str:
    file = io.BytesIO()
    write_po(file, catalogue, width=0, include_previous=True)
    return file.getvalue().decode()


def again(catalogue: Catalog) -> Catalog:
    """As it is after it was written and read."""
    return read_po(io.BytesIO(written(catalogue).encode()))


def translated_once() -> Catalog:
    catalogue = updated(None, [found("a.b text", "Does it work?"), found("a.c text", "Does it hang?")], "zh-Hans")
    for message in catalogue:
        if message.id:
            message.string = {"a.b text": "可以吗？", "a.c text": "会卡死吗？"}[message.context]
    return again(catalogue)


def test_a_text_that_has_changed_is_stale_and_its_translation_is_kept() -> None:
    now = [found("a.b text", "Does it really work?"), found("a.c text", "Does it hang?"), found("a.d text", "New?")]
    catalogue = updated(translated_once(), now, "zh-Hans")
    assert progress(catalogue) == "1 of 3 texts translated, 1 stale"
    for _ in range(2):  # also when it is brought up to date once more
        catalogue = again(catalogue)
        assert (
            '#| msgid "Does it work?"\nmsgctxt "a.b text"\nmsgid "Does it really work?"\nmsgstr "可以吗？"'
            in written(updated(catalogue, now, "zh-Hans"))
        )
        catalogue = updated(catalogue, now, "zh-Hans")
    assert [message.context for message in catalogue if message.fuzzy] == ["a.b text"]


def test_a_text_that_is_said_no_longer_is_gone() -> None:
    catalogue = updated(translated_once(), [found("a.c text", "Does it hang?")], "zh-Hans")
    assert [message.context for message in catalogue if message.id] == ["a.c text"]


SHOWN = """<p{{ one|lang("text") }}>{{ one|said("text") }}</p>"""


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.tag)
def test_a_question_is_shown_in_the_language_of_the_page_or_in_english_and_says_so(language: Language) -> None:
    known = next(one for one in words.load(PROBES) if one.id == "arguments.threading_lock")
    number = LANGUAGES.index(language)

    def shown(question: words.Question) -> list[str]:
        html = environment().from_string(SHOWN).render(one=question)
        return [chosen(html, at) for at in (0, number)]

    english, own = shown(known)
    assert english == f"<p>{known.text}</p>"
    assert own.startswith("<p>")
    assert own != english
    for changed in (replace(known, text="Changed since?"), replace(known, id="arguments.not_there")):
        assert shown(changed) == [f"<p>{changed.text}</p>", f'<p lang="en">{changed.text}</p>']
        assert translation(wording(changed, "text"), language) == ""


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.tag)
def test_what_people_ask_is_in_the_catalogue_of_their_language(language: Language) -> None:
    said = [lines(asked(one), language) for one in words.load(PROBES)]
    assert sum(map(bool, said)) > 0.9 * len(said)
    assert all(line.strip() == line and line for each in said for line in each)
    assert not any(lines(asked(one), ENGLISH) for one in words.load(PROBES))
