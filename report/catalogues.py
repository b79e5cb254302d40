"""The catalogues of what the suite says, brought up to date with probes/ and docs/findings.md."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import denormalize, write_po

from matrix.files.atomic_write import write_bytes
from matrix.packages import recipes
from matrix.paths import FINDINGS, PROBES, ROOT
from matrix.suite import words
from report.model.explanations import explanations
from report.model.i18n import LANGUAGES, Wording, read
from report.model.matrix_index import title
from report.model.theme_groups import ThemeGroup
from report.model.wordings import PROBE_FIELDS, RECIPE_FIELDS, asked, wording

_HEADER = "# What the suite says: questions, reasons, advice, findings. `nox -s strings` brings it up to date."

_ASKED = "What people type to find the question, a line each; not a translation."

_SPEAKING = ("safe", "unsafe", "silent")
"""Stances of maintainers whose words the page of a package shows."""

_PREVIOUS = "| msgid "
"""How Babel reads the line of a stale message that has its earlier text: as a comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A text of the suite, the file where it stands, and a note for translators."""

    wording: Wording
    file: Path
    note: str = ""


def update() -> Iterator[str]:
    """Bring the catalogue of each language up to date; yields a line for each. Raises CaniforkError."""
    found = tuple(wordings())
    for language in LANGUAGES:
        if path := language.questions:
            catalogue = updated(read(path) if path.exists() else None, found, language.tag)
            file = io.BytesIO()
            write_po(file, catalogue, width=0, include_lineno=False, include_previous=True)
            write_bytes(path, [file.getvalue()])
            yield f"{path.relative_to(ROOT)}: {progress(catalogue)}"


def progress(catalogue: Catalog) -> str:
    """'1790 of 1860 texts translated, 12 stale'."""
    messages = [message for message in catalogue if message.id]
    stale = sum(message.fuzzy for message in messages)
    done = sum(bool(message.string) and not message.fuzzy for message in messages)
    return f"{done} of {len(messages)} texts translated, {stale} stale"


def wordings() -> Iterator[Found]:
    """Every text of the suite that can be translated, in the order of the files. Raises CatalogError."""
    for theme, members in groupby(words.load(PROBES), lambda question: question.id.partition(".")[0]):
        file = PROBES / f"{theme}.py"
        heading: ThemeGroup[Any] = ThemeGroup(name=theme, title=title(file.read_text(encoding="utf-8")), rows=())
        yield Found(wording=wording(heading), file=file)
        for question in members:
            yield from (Found(wording=wording(question, field), file=file) for field in PROBE_FIELDS)
            yield Found(wording=asked(question), file=file, note=_ASKED)
    for finding in dict.fromkeys(explanations(FINDINGS.read_text(encoding="utf-8")).values()):
        yield Found(wording=finding, file=FINDINGS)
    for folder in (recipes.RECIPES, recipes.HOSTS):
        engine = folder / "_engine"
        for question in words.load(engine):
            file = engine / f"{question.id.partition('.')[0]}.py"
            yield from (Found(wording=wording(question, field), file=file) for field in PROBE_FIELDS)
        for recipe in recipes.load(folder):
            shown = {"summary": True, "says": recipe.stance in _SPEAKING, "note": bool(recipe.note)}
            fields = [field for field in RECIPE_FIELDS if shown[field]]
            yield from (Found(wording=wording(recipe, field), file=recipe.file) for field in fields)


def updated(old: Catalog | None, found: Iterable[Found], tag: str) -> Catalog:
    """A catalogue of all texts, with the translations of an old one.

    The translation of a text that has changed is kept as fuzzy, with the earlier text: pages show English then.
    """
    catalogue = Catalog(
        locale=tag.replace("-", "_"), project="canifork", version="", fuzzy=False, header_comment=_HEADER
    )
    if old is not None:
        catalogue.mime_headers = old.mime_headers
    known = {message.context: message for message in old or () if message.id}
    for one in found:
        catalogue[one.wording.english] = _message(one, known.get(one.wording.context))
    return catalogue


def _message(found: Found, before: Message | None) -> Message:
    """A text with the translation that its context had before."""
    english = found.wording.english
    message = Message(
        english,
        before.string if before else "",
        context=found.wording.context,
        locations=[(found.file.relative_to(ROOT).as_posix(), 0)],
        auto_comments=[found.note] if found.note else [],
    )
    if before:
        message.user_comments = [comment for comment in before.user_comments if not comment.startswith("|")]
        if before.string and (before.fuzzy or before.id != english):
            message.flags.add("fuzzy")
            message.previous_id = _previous(before, english)
    return message


def _previous(message: Message, english: str) -> list[str]:
    """The text that was translated, of a message that has become stale now or before."""
    if message.id != english:
        return [str(message.id)]
    said = [comment for comment in message.user_comments if comment.startswith(_PREVIOUS)]
    return [denormalize(comment.removeprefix(_PREVIOUS)) for comment in said]
