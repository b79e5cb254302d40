"""The comparison of the start methods: measured lines, advice whose reasons hold, platforms that nobody measured."""

from __future__ import annotations

from dataclasses import replace

from matrix.model import METHODS
from matrix.paths import PROBES
from matrix.suite import words
from report.model.matrix_index import index_matrix
from report.model.shown import START
from report.views.method import SITUATIONS, TOPICS, method_page
from tests.report import synthetic as s
from tests.report.test_index import without


def test_it_names_questions_that_exist_and_are_about_a_method() -> None:
    known = {question.id: question for question in words.load(PROBES)}
    named = [name for _, names in TOPICS for name in names] + [name for one in SITUATIONS for name in one.because]
    assert [name for name in named if name not in known or not known[name].methods] == []


def test_advice_names_a_method_that_its_reasons_are_about() -> None:
    known = {question.id: question for question in words.load(PROBES)}
    for situation in SITUATIONS:
        assert situation.method in METHODS[:3]
        assert any(situation.method in known[name].methods for name in situation.because)


def test_where_methods_exist_is_measured_and_what_nobody_measured_is_promised() -> None:
    matrix = without(s.matrix(), "darwin")
    asked = replace(matrix.probes[0], id=START, documented=(('sys_platform == "win32"', "no"), ("*", "yes")))
    page = method_page(index_matrix(replace(matrix, probes=(*matrix.probes, asked))))
    by_title = {one.platform.title: one.defaults for one in page.where}
    assert by_title["Windows"][0] is None
    assert by_title["Linux"][1] == ""
    assert [(one.title, one.texts) for one in page.promised] == [("macOS", ("yes", "yes", "yes"))]


def test_an_empty_matrix_has_the_page_too() -> None:
    assert method_page(index_matrix(replace(s.matrix(), targets=(), cells=(), probes=()))).topics == ()
