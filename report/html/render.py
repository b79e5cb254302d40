"""Views -> HTML: the template environment, with autoescape always on."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from matrix.model import Probe
from report.model.explanations import as_html
from report.model.i18n import (
    ENGLISH,
    LANGUAGES,
    Language,
    Phrase,
    Wording,
    chosen,
    forms,
    in_each,
    lines,
    translated,
    translation,
    translations,
    worded,
)
from report.model.wordings import Words, asked, wording
from report.views.probe import TargetAnswer

_FOLDER = Path(__file__).parent

MAX_SOURCE, MAX_LINES = 20_000, 400
"""Characters and lines of source that are highlighted. The longest question has a tenth of either."""

_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
"""Invalid in HTML, or reorders the text around it: our probes do not write these, a stranger's run file may."""


@functools.cache
def environment() -> Environment:
    """Every string is hostile: only texts of the catalogues and the highlighter's output are ever marked safe.

    In templates `{% trans %}` and `_("…")` are for literals only, since they may hold markup; a text that comes
    from Python, marked with N_ there, goes through the filter `tr`, which leaves it to be escaped. A text of the suite
    goes through `said`, and its element gets `lang`: `<p{{ probe|lang("why") }}>{{ probe|said("why") }}</p>`. What a
    template renders holds all languages (`i18n.forms`).
    """
    env = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension adds it: `{% trans %}` passes its placeholders' values
    env.globals |= {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext, "languages": LANGUAGES}
    env.globals["tag"] = forms(language.tag for language in LANGUAGES)
    env.globals["lang_en"] = forms(Markup() if one is ENGLISH else Markup(' lang="en"') for one in LANGUAGES)
    env.globals["elsewhere"] = _elsewhere
    env.globals["only"] = _only
    # Cached: cells repeat a few words and phrases. Typed: Markup("<i>") == "<i>", but only the text is to be escaped.
    env.filters["tr"] = functools.lru_cache(maxsize=4096, typed=True)(_tr)
    env.filters["tr_words"] = functools.lru_cache(maxsize=4096, typed=True)(_tr_words)
    env.filters["said"] = _said
    env.filters["lang"] = _lang
    env.filters["asked"] = _asked
    env.filters["markdown"] = _markdown
    env.filters["answer"] = _answer
    env.filters["cell_answer"] = _cell_answer
    env.globals["fact"] = _cached_macro("fact")
    env.filters["number"] = number
    env.filters["web"] = is_web
    env.filters["python"] = highlighted
    return env


def page(template: str, path: str, **view: object) -> str:
    """A page in English, which is the first language."""
    return next(page_in_all(template, path, **view))[1]


def page_in_all(template: str, path: str, **view: object) -> Iterator[tuple[str, str]]:
    """(path, text) of a page in every language, in the order of LANGUAGES.

    root is the relative path to its language's first page ('' or '../'), assets that to the site's top, where
    static/ and api/ are shared by all languages.
    """
    root = "../" * path.count("/")
    assets = forms(root + "../" * language.folder.count("/") for language in LANGUAGES)
    text = environment().get_template(template).render(root=root, assets=assets, path=path, **view)
    for language, rendered in zip(LANGUAGES, in_each(_UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)), strict=True):
        yield language.folder + path, rendered


def _gettext(text: str, /, **places: object) -> Markup:
    return _put(text, places) if places else _literal(text)


@functools.lru_cache(maxsize=1024)
def _literal(text: str) -> Markup:
    return _put(text, {})


def _put(text: str, places: Mapping[str, object]) -> Markup:
    return _filled((translations(language).gettext(text) for language in LANGUAGES), places)


def _ngettext(one: str, many: str, count: int, /, **places: object) -> Markup:
    return _filled((translations(language).ngettext(one, many, count) for language in LANGUAGES), places)


def _filled(texts: Iterable[str], places: Mapping[str, object]) -> Markup:
    """The forms of a text of the catalogues with its placeholders filled in, escaped unless it is markup."""
    filled = []
    for number, text in enumerate(texts):
        values = {key: chosen(value, number) if isinstance(value, str) else value for key, value in places.items()}
        filled.append(Markup(text) % values)  # noqa: S704  # a literal of a template, or its translation
    return forms(filled)


def _tr(text: str | Phrase) -> str:
    return forms(translated(text, language) for language in LANGUAGES)


def _tr_words(text: str) -> str:
    return forms(" ".join(translated(word, language) for word in text.split()) for language in LANGUAGES)


def _said(thing: Words, field: str = "") -> str:
    return _in_all(wording(thing, field))


def _asked(probe: Probe) -> Markup:
    """The list of what people type in a page's language; in English the template has it."""
    item = Markup("<li>%s</li>")
    lists = (Markup().join(item % line for line in lines(asked(probe), language)) for language in LANGUAGES)
    return forms(Markup('<ul class="asked">%s</ul>') % items if items else items for items in lists)


def _markdown(text: Wording) -> Markup:
    return forms(as_html(worded(text, language)) for language in LANGUAGES)


@functools.lru_cache(maxsize=8192)
def _in_all(text: Wording) -> str:
    return forms(worded(text, language) for language in LANGUAGES)


def _lang(thing: Words, field: str = "") -> Markup:
    return _lang_of(wording(thing, field))


@functools.lru_cache(maxsize=8192)
def _lang_of(text: Wording) -> Markup:
    """` lang="en"` on the pages of the languages that have no translation of the text."""
    return forms(Markup() if one is ENGLISH or translation(text, one) else Markup(' lang="en"') for one in LANGUAGES)


def _cached_macro(name: str) -> Callable[..., Markup]:
    """A macro of macros.html whose results are cached: thousands of cells show one of a few hundred things."""

    @functools.lru_cache(maxsize=4096, typed=True)
    def macro(*words: object) -> Markup:
        return Markup(getattr(environment().get_template("macros.html").module, name)(*words))  # noqa: S704  # a macro escapes

    return macro


_ANSWER, _CELL_ANSWER = _cached_macro("answer"), _cached_macro("cell_answer")


def _answer(answer: TargetAnswer) -> Markup:
    return _ANSWER(answer.state, answer.text, answer.differs, answer.documented, answer.stale)


def _cell_answer(answer: TargetAnswer) -> Markup:
    return _CELL_ANSWER(answer.state, answer.text, answer.differs, answer.documented, answer.stale)


def _only(text: Markup, language: Language) -> str:
    """A text that only the pages of one language have."""
    return forms(text if one == language else Markup() for one in LANGUAGES)


def _elsewhere(link: Markup, language: Language) -> str:
    """A link that only the pages of the other languages have."""
    return forms(Markup() if one == language else link for one in LANGUAGES)


def number(value: int) -> str:
    """12345 -> '12,345'."""
    return f"{value:,}"


def is_web(url: str) -> bool:
    """Safe as a link: anything else ('javascript:…') is shown as text."""
    return url.startswith(("https://", "http://"))


def highlighted(source: str, first_line: int) -> Markup:
    """Python source as HTML with the classes of static/page.css; the highlighter escapes it.

    Source that no question has, for its size, is plain text: the highlighter's time grows with its square.
    """
    if len(source) > MAX_SOURCE or source.count("\n") > MAX_LINES:
        return Markup("<pre>%s</pre>") % source
    formatter = HtmlFormatter(linenos="inline", linenostart=max(first_line, 1), cssclass="code", wrapcode=True)
    return Markup(highlight(source, PythonLexer(stripnl=False), formatter))  # noqa: S704  # escaped by pygments
