"""What the scripts of the first page need besides its table: outcomes, a search index, every answer by target. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from matrix.explain import symptoms
from matrix.explain.symptoms import Symptom
from matrix.model import Cell, Json, Outcome, Probe
from matrix.packages.cells import ADVICE
from matrix.results.labels import Label
from report.model.i18n import ENGLISH, Language, lines, translated, translation
from report.model.labels import label_text
from report.model.matrix_index import MatrixIndex, probe_methods
from report.model.outcome_styles import STYLES
from report.model.values import shorten
from report.model.wordings import asked, theme_title, wording
from report.views.changes import ChangesPage
from report.views.packages import PackagePage


def phrases_file(language: Language) -> Path:
    """What people say of a problem in a language, reviewed by hand."""
    suffix = ".toml" if language is ENGLISH else f".{language.tag}.toml"
    return Path(__file__).with_name("search_phrases").with_suffix(suffix)


MAX_MESSAGES = 4
"""Messages of one question that can be searched for, the most frequent."""

MAX_SHARED = 40
"""A message that more questions than this have leads to none of them."""

MAX_MESSAGE = 160
MAX_VALUE = 400

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+|\d+")


def outcomes(language: Language) -> dict[str, Json]:
    """Outcome -> its class, glyph and word."""
    return {
        str(outcome): {"css": style.css, "glyph": style.glyph, "word": translated(style.word, language)}
        for outcome, style in STYLES.items()
    }


def search_index(
    index: MatrixIndex,
    labels: Mapping[str, Label],
    packages: Iterable[PackagePage] = (),
    changes: Iterable[ChangesPage] = (),
) -> dict[str, Json]:
    """What static/rank.js needs.

    questions: [id, question, theme's question, what people ask, messages that were seen, label] each; signs: the
    symptoms of matrix/explain, phrases: [words, questions], outside: topics that no question covers, domain:
    patterns of words that a query about processes has; packages: [name, page, what people call it, the sentence that
    decides] each; upgrades: '3.13-3.14', the newest first.
    """
    seen = messages(index)
    return {
        "questions": [
            [
                probe.id, probe.text, index.titles[probe.theme], list(probe.asked), seen[probe.id],
                str(labels[probe.id]),
            ]
            for probe in index.probes.values()
        ],
        "packages": [[page.name, page.page, _names(page), page.newest.advice] for page in packages],
        "upgrades": [page.slug for page in changes if not page.within],
        **static_search(),
    }  # fmt: skip


def _names(page: PackagePage) -> list[Json]:
    """What people call a package: its name, as PyPI and as programs spell it, and the modules that they import."""
    modules = {name.partition(".")[0].lower() for name in page.recipe.imports}
    return sorted({page.recipe.package, page.recipe.package.replace("-", "_"), *modules})


def search_words(index: MatrixIndex, labels: Mapping[str, Label], language: Language) -> dict[str, Json]:
    """What static/rank.js needs beside the index to search in a language that is not English.

    questions: id -> [question, theme's question, what people ask, label], '' what is not translated.
    """
    return {
        "questions": {
            probe.id: [
                translation(wording(probe, "text"), language),
                translation(theme_title(probe.theme, index.titles[probe.theme]), language),
                list(lines(asked(probe), language)),
                translated(label_text(labels[probe.id]), language),
            ]
            for probe in index.probes.values()
        },
        "advice": {sentence: translated(sentence, language) for sentence in ADVICE.values()},
        **static_words(language),
    }


def static_words(language: Language) -> dict[str, Json]:
    """The part of a language's search words that no matrix changes."""
    terms = tomllib.loads(phrases_file(language).read_text(encoding="utf-8"))
    return {
        "phrases": [[said, phrase["questions"]] for phrase in terms["phrase"] for said in phrase["said"]],
        **{name: terms[name] for name in ("outside", "domain", "synonyms", "stop", "single")},
    }


def static_search() -> dict[str, Json]:
    """The part of the search index that no matrix changes. Raises DataError if symptoms.toml is not valid."""
    terms = tomllib.loads(phrases_file(ENGLISH).read_text(encoding="utf-8"))
    return {
        "signs": [_sign(one) for one in symptoms.load().symptoms if not one.inside],  # a pasted text shows no objects
        "phrases": [[said, phrase["questions"]] for phrase in terms["phrase"] for said in phrase["said"]],
        "outside": terms["outside"],
        "domain": terms["domain"],
        "synonyms": terms["synonyms"],
    }


def _sign(symptom: Symptom) -> Json:
    """A symptom with its conditions; those that it does not have are left out."""
    patterns = {name: getattr(symptom, name) for name in ("error", "message", "text", "unless")}
    sign: dict[str, Json] = {name: pattern.pattern for name, pattern in patterns.items() if pattern}
    sign |= {"frames": [pattern.pattern for pattern in symptom.frames]} if symptom.frames else {}
    sign |= {name: sorted(getattr(symptom, name)) for name in ("area", "carrier") if getattr(symptom, name)}
    return {**sign, "score": symptom.score, "questions": list(symptom.questions)}


def messages(index: MatrixIndex) -> dict[str, list[str]]:
    """For each question the most frequent details of answers that are no, or worse.

    Those that differ in numbers only are one. A detail that more than MAX_SHARED questions have, such as that no
    process can be started, is left out: it tells none of them apart.
    """
    details = {probe.id: _details(probe, index) for probe in index.matrix.probes}
    shared = Counter(chain.from_iterable(details.values()))
    return {
        name: [seen[0] for key, seen in found.items() if shared[key] <= MAX_SHARED][:MAX_MESSAGES]
        for name, found in details.items()
    }


def _details(probe: Probe, index: MatrixIndex) -> dict[str, list[str]]:
    """Details of a question's bad answers, with numbers masked -> as they were seen; the most frequent first."""
    seen: dict[str, list[str]] = {}
    for method in probe_methods(probe):
        for cell in index.cells(probe, method).values():
            if cell.detail and cell.outcome in (Outcome.NO, Outcome.CRASH, Outcome.HANG, Outcome.UNAVAILABLE):
                seen.setdefault(_ADDRESS.sub("0", cell.detail), []).append(shorten(cell.detail, MAX_MESSAGE))
    return dict(sorted(seen.items(), key=lambda item: (-len(item[1]), item[0])))


def answers(index: MatrixIndex) -> dict[str, Json]:
    """{targets: [id], cells: {'probe method': [outcomes, values]}}: for each target its outcome's class, and its value.

    Values are left out where no target has one. A measured number has none: it is another one on every machine.
    """
    targets = [target["id"] for target in index.matrix.targets]
    cells: dict[str, Json] = {}
    for probe in index.matrix.probes:
        for method in probe_methods(probe):
            asked = [index.cells(probe, method).get(target) for target in targets]
            letters = "".join(STYLES[cell.outcome if cell else Outcome.UNTESTED].css for cell in asked)
            values = [_value(cell, probe) for cell in asked]
            has_values = any(value is not None for value in values)
            cells[f"{probe.id} {method}"] = [letters, values] if has_values else [letters]
    return {"targets": targets, "cells": cells}


def _value(cell: Cell | None, probe: Probe) -> str | None:
    """A value as JavaScript writes it: a text as it is, all else as JSON without spaces."""
    if cell is None or cell.outcome is not Outcome.VALUE or probe.measured:
        return None
    if isinstance(cell.value, str):
        return shorten(cell.value, MAX_VALUE)
    return shorten(json.dumps(cell.value, ensure_ascii=False, separators=(",", ":")), MAX_VALUE)
