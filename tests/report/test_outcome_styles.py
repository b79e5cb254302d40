"""One home for the look of an outcome: style sheet, scripts, badges and the summaries of CI agree with it."""

from __future__ import annotations

import re

from matrix.ci.markdown import GLYPHS
from matrix.model import Outcome
from report.build import copies
from report.exports.api import probe_badge
from report.exports.js_data import outcomes
from report.model.i18n import LANGUAGES, translations
from report.model.labels import labels
from report.model.matrix_index import index_matrix
from report.model.outcome_styles import STYLES, TEXT_STYLE, style_sheet
from tests.conftest import ROOT
from tests.report import synthetic as s

STATIC = ROOT / "report" / "html" / "static"


def test_every_outcome_has_a_class_a_glyph_and_a_word_of_its_own() -> None:
    assert set(STYLES) == set(Outcome)
    for name in ("css", "glyph", "word"):
        assert len({getattr(style, name) for style in STYLES.values()}) == len(Outcome)
    assert all(
        re.fullmatch(r"[0-9a-f]{6}", colour) for style in STYLES.values() for colour in (style.light, style.dark)
    )


def test_the_style_sheet_of_the_site_has_every_outcome() -> None:
    sheet = style_sheet()
    for outcome, style in STYLES.items():
        assert sheet.count(f"--{outcome}:#{style.light}") >= 1
        assert sheet.count(f"--{outcome}:#{style.dark}") >= 1
        assert f".{style.css}{{--c:var(--{outcome})}}" in sheet
    built = dict(copies(STATIC / "site.css"))["static/site.css"].decode()
    assert built.startswith(sheet)


def test_no_style_sheet_and_no_script_has_a_colour_or_glyph_of_its_own() -> None:
    colours = {colour for style in STYLES.values() for colour in (style.light, style.dark)} - {"1d1f22", "e6e7e9"}
    glyphs = {style.glyph.removesuffix(TEXT_STYLE) for style in STYLES.values()} & set("✓✗∞⚡")
    for path in STATIC.glob("*.*s"):
        text = path.read_text(encoding="utf-8")
        assert not [colour for colour in colours if f"#{colour}" in text], path.name
        assert not [glyph for glyph in glyphs if glyph in text], path.name


def test_scripts_get_the_words_of_their_language() -> None:
    for language in LANGUAGES:
        words = outcomes(language)
        assert words["hang"] == {"css": "h", "glyph": "∞", "word": translations(language).gettext("hang")}
        assert set(words) == {str(outcome) for outcome in Outcome}


def test_a_badge_has_the_colour_of_its_answer() -> None:
    matrix = s.matrix()
    index = index_matrix(matrix)
    words = labels(index)
    badges = {probe.id: probe_badge(probe, words[probe.id], index) for probe in matrix.probes}
    assert badges["arguments.only_spawn"]["color"] == STYLES[Outcome.NO].light
    assert badges["arguments.lock"]["color"] == STYLES[Outcome.UNTESTED].light  # yes and no: neither colour


def test_summaries_of_ci_have_the_same_glyphs() -> None:
    ours = {outcome: style.glyph.removesuffix(TEXT_STYLE) for outcome, style in STYLES.items()}
    assert ours | {Outcome.VALUE: ""} == GLYPHS  # there a value stands by itself
