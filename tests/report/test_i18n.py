"""The catalogues are whole, and no template says anything that is not in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from jinja2 import nodes
from markupsafe import Markup

from report.html.render import environment, page_in_all
from report.model.i18n import (
    ENGLISH,
    LANGUAGES,
    Language,
    Phrase,
    chosen,
    read,
    script_texts,
    translated,
    translations,
)
from report.model.i18n import forms as in_all
from tests.conftest import ROOT

OTHERS = [language for language in LANGUAGES if language is not ENGLISH]
TEMPLATES = sorted(path.name for path in (ROOT / "report" / "html" / "templates").glob("*.html"))
PLACE = re.compile(r"%\(\w+\)s|<[^>]*>|\{\w+\}")
SPOKEN = re.compile(r"""(?:aria-label|title|placeholder|alt|data-label|content)="([^"]*)\"""")
MARKUP = re.compile(r"<!--.*?-->|<(?:code|svg)\b.*?</(?:code|svg)>|<[^>]*>", re.DOTALL)
NAMES = re.compile(
    r"\b(canifork|fork|spawn|forkserver|matrix\.json|json|UTC|Can I fork|GIL|Python|JSON Schema|JSON|"
    r"width=device-width, initial-scale=1|light dark|no-referrer|default-src [^\"\n]*'none')(?!\w)"
)
"""What is the same in every language."""


@pytest.fixture(scope="module")
def texts() -> Catalog:
    """All texts of the code, as `nox -s strings` finds them."""
    with (ROOT / "report" / "html" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    words = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
    found = extract_from_dir(ROOT, methods, options, keywords=words)
    catalogue = Catalog()
    for _, _, text, _, _ in found:
        catalogue.add(text)
    return catalogue


def forms(text: object) -> tuple[str, ...]:
    """One form, or the singular and the plurals."""
    return (text,) if isinstance(text, str) else tuple(map(str, text))  # type: ignore[call-overload]


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.tag)
def test_a_catalogue_has_every_text_and_no_other(texts: Catalog, language: Language) -> None:
    catalogue = read(language.catalogue)
    assert catalogue is not None
    known = {message.id: message for message in catalogue if message.id}
    wanted = {message.id for message in texts if message.id}
    assert len(wanted) > 100
    assert wanted - set(known) == set(), "not translated: run `nox -s strings` and translate what is new"
    assert set(known) - wanted == set(), "no longer said: run `nox -s strings`"
    assert [key for key, message in known.items() if not all(forms(message.string)) or message.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.tag)
def test_a_translation_keeps_the_placeholders_and_the_markup(language: Language) -> None:
    for message in read(language.catalogue) or ():
        assert not message.id or same_places(message), message.id


def same_places(message: Message) -> bool:
    """Whether every form of a translation has the placeholders and tags of the text."""
    return all(
        sorted(PLACE.findall(said)) == sorted(PLACE.findall(forms(message.id)[-1])) for said in forms(message.string)
    )


def test_the_check_of_placeholders_can_fail() -> None:
    assert same_places(Message("%(n)s of <b>%(m)s</b>", "<b>%(m)s</b> 中的 %(n)s"))
    assert not same_places(Message("%(n)s of <b>%(m)s</b>", "<b>%(m)s</b>"))
    assert not same_places(Message("%(n)s", "<b>%(n)s</b>"))


def said(node: nodes.Node) -> Iterator[str]:
    """The text of a template as it stands in the page, in order; "\\0" for whatever is not a literal."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child.data
        elif isinstance(child, nodes.Expr):
            yield from literals(child) if isinstance(node, nodes.Output) else ()
        else:
            yield from said(child)


def literals(shown: nodes.Expr) -> Iterator[str]:
    """The strings that a shown expression may come to; a call's are its own matter."""
    match shown:
        case nodes.Const(value=str(value)):
            yield value
        case nodes.CondExpr():
            yield from literals(shown.expr1)
            yield from literals(shown.expr2) if shown.expr2 else ()
        case nodes.Or() | nodes.And() | nodes.Add() | nodes.Concat():
            for child in shown.iter_child_nodes():
                yield from literals(child)  # type: ignore[arg-type]
        case nodes.Filter(node=nodes.Expr() as inner):
            yield from literals(inner)
        case _:
            yield "\0"


def bare(source: str) -> list[str]:
    """Words of a template that are in no catalogue."""
    html = "".join(said(environment().parse(source)))
    attributes = " \n ".join(SPOKEN.findall(html))
    text = NAMES.sub("", MARKUP.sub("\n", html) + "\n" + attributes)
    return re.findall(r"[^\W\d_]{2,}.*", text)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_says_nothing_by_itself(name: str) -> None:
    assert bare((ROOT / "report" / "html" / "templates" / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        '<p title="Hello">',
        "{{ 'Hello' if x else y }}",
        "{{ y or 'Hello' }}",
        "{% if x %}Hello{% endif %}",
    ],
)
def test_the_search_for_bare_words_can_fail(source: str) -> None:
    assert len(bare(source)) == 1
    assert bare("<p class='hello'>{% trans %}Hello{% endtrans %} {{ _('Hello') }} {{ hello }}") == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_only_literals_are_translated_as_markup(name: str) -> None:
    tree = environment().parse((ROOT / "report" / "html" / "templates" / name).read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext"):
            assert isinstance(call.args[0], nodes.Const), f"{name}:{call.lineno}: data goes through `tr`"


def test_the_pages_of_a_language_say_so() -> None:
    chinese = OTHERS[0]
    assert translations(chinese).gettext("Question") == "问题"
    assert translations(ENGLISH).gettext("Question") == "Question"
    made = dict(page_in_all("base.html", "probe/x.html", suite={"commit": ""}, generated=""))
    assert list(made) == [language.folder + "probe/x.html" for language in LANGUAGES]
    assert '<html lang="en">' in made["probe/x.html"]
    html = made[chinese.folder + "probe/x.html"]
    assert '<html lang="zh-Hans">' in html
    assert 'href="../../static/site.css"' in html
    assert '<a href="../../probe/x.html" lang="en" hreflang="en">English</a>' in html
    assert 'href="../index.html"' in html


def test_a_phrase_is_translated_around_what_is_not_ours() -> None:
    phrase = Phrase("exit status %(code)s", (("code", "%(code)s 100 %"),))
    assert str(phrase) == translated(phrase, ENGLISH) == "exit status %(code)s 100 %"
    for language in OTHERS:
        said = translated(phrase, language)
        assert said != str(phrase)
        assert said.endswith(" %(code)s 100 %")
        assert translated("what nobody translates", language) == "what nobody translates"
        assert translated("", language) == ""


def test_scripts_get_their_texts() -> None:
    assert script_texts(ENGLISH) == {}
    for language in OTHERS:
        assert set(script_texts(language)) <= {form for m in read(language.catalogue) or () for form in forms(m.id)}


def test_every_catalogue_belongs_to_a_language() -> None:
    files = set((ROOT / "report" / "html" / "locale").rglob("*.po"))
    assert files == {path for language in OTHERS for path in (language.catalogue, language.questions)}


def test_a_text_in_all_languages_is_one_of_them_once_chosen() -> None:
    both = in_all(["one", "eins"])
    within = in_all([f"({both}) <b>", f"[{both}] <b>"])
    text = f"{both}, {within}; \ue000 0 \\1"
    assert [chosen(text, n) for n in range(2)] == ["one, (one) <b>; \ue000 0 \\1", "eins, [eins] <b>; \ue000 0 \\1"]
    assert in_all(["same", "same"]) == "same"


def test_markup_in_all_languages_stays_markup_and_text_is_escaped_once() -> None:
    markup = in_all([Markup("<b>&amp;</b>"), Markup("<i>")])
    assert isinstance(markup, Markup)
    assert isinstance(chosen(markup, 1), Markup)
    shown = environment().from_string("{{ _('%(x)s', x=x) }} {{ y }} {{ z }}")
    text = shown.render(x=markup, y=in_all(["<", ">"]), z="<script>")
    assert [chosen(text, n) for n in range(2)] == ["<b>&amp;</b> &lt; &lt;script&gt;", "<i> &gt; &lt;script&gt;"]


def test_markup_that_was_translated_does_not_unlock_the_same_text() -> None:
    shown = environment().from_string("{{ x|tr }} {{ y|tr }} {{ fact(x, y) }}")
    assert shown.render(x=Markup("<i>"), y="<i>") == "<i> &lt;i&gt; <div><dt><i></dt><dd>&lt;i&gt;</dd></div>"
    assert shown.render(x="<i>", y=Markup("<i>")).startswith("&lt;i&gt; <i> <div><dt>&lt;i&gt;")
