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

from report.model.i18n import ENGLISH, LANGUAGES, Language, Phrase, chosen, forms, in_each, translated, translations
from report.views.probe import Verdict

_FOLDER = Path(__file__).parent

_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
"""No valid HTML, or reorders what stands around it: no probe of ours writes these, somebody else's run file may."""


@functools.cache
def environment() -> Environment:
    """Every string is hostile: nothing but our own texts and the highlighter's output is ever marked safe.

    In templates `{% trans %}` and `_("…")` are for literals only, since they may hold markup; a text that comes
    from Python, marked with N_ there, goes through the filter `tr`, which does not touch the escaping. What a
    template makes has all languages in it.
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
    env.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension adds it: `{% trans %}` passes its places
    env.globals |= {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext, "languages": LANGUAGES}
    env.globals["tag"] = forms(language.tag for language in LANGUAGES)
    env.globals["lang_en"] = forms(Markup() if one is ENGLISH else Markup(' lang="en"') for one in LANGUAGES)
    env.globals["elsewhere"] = _elsewhere
    # Kept: every cell says one of a few words and phrases, several times. Typed: markup equals the text that it is not.
    env.filters["tr"] = functools.lru_cache(maxsize=4096, typed=True)(_tr)
    env.filters["tr_words"] = functools.lru_cache(maxsize=4096, typed=True)(_tr_words)
    env.filters["verdict"] = _verdict
    env.globals["fact"] = _kept("fact")
    env.filters["number"] = number
    env.filters["web"] = is_web
    env.filters["python"] = highlighted
    return env


def page(template: str, path: str, **view: object) -> str:
    """A page in English, which is the first language."""
    return next(page_in_all(template, path, **view))[1]


def page_in_all(template: str, path: str, **view: object) -> Iterator[tuple[str, str]]:
    """(path, text) of a page in every language, in the order of LANGUAGES.

    root is the way to the top of its language's pages ('' or '../'), assets the way to the top of the site,
    where static/ and api/ stand once for all languages.
    """
    root = "../" * path.count("/")
    assets = forms(root + "../" * language.folder.count("/") for language in LANGUAGES)
    text = environment().get_template(template).render(root=root, assets=assets, path=path, **view)
    for language, said in zip(LANGUAGES, in_each(_UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)), strict=True):
        yield language.folder + path, said


def _gettext(text: str, /, **places: object) -> Markup:
    return _put(text, places) if places else _literal(text)


@functools.lru_cache(maxsize=1024)
def _literal(text: str) -> Markup:
    return _put(text, {})


def _put(text: str, places: Mapping[str, object]) -> Markup:
    return _formed((translations(language).gettext(text) for language in LANGUAGES), places)


def _ngettext(one: str, many: str, count: int, /, **places: object) -> Markup:
    return _formed((translations(language).ngettext(one, many, count) for language in LANGUAGES), places)


def _formed(texts: Iterable[str], places: Mapping[str, object]) -> Markup:
    """Our own texts with what is put in their places, escaped unless it is markup."""
    said = []
    for number, text in enumerate(texts):
        put = {key: chosen(value, number) if isinstance(value, str) else value for key, value in places.items()}
        said.append(Markup(text) % put)  # noqa: S704  # a literal of a template, or its translation
    return forms(said)


def _tr(text: str | Phrase) -> str:
    return forms(translated(text, language) for language in LANGUAGES)


def _tr_words(text: str) -> str:
    return forms(" ".join(translated(word, language) for word in text.split()) for language in LANGUAGES)


def _kept(macro: str) -> Callable[..., Markup]:
    """A macro of macros.html whose results are kept: cells by the thousand say one of a few hundred things."""

    @functools.lru_cache(maxsize=4096, typed=True)
    def made(*words: object) -> Markup:
        return Markup(getattr(environment().get_template("macros.html").module, macro)(*words))  # noqa: S704  # a macro escapes

    return made


_VERDICT = _kept("verdict")


def _verdict(said: Verdict) -> Markup:
    return _VERDICT(said.state, said.text, said.differs, said.documented, said.stale)


def _elsewhere(link: Markup, language: Language) -> str:
    """What stands on the pages of every other language."""
    return forms(Markup() if one == language else link for one in LANGUAGES)


def number(value: int) -> str:
    """12345 -> '12,345'."""
    return f"{value:,}"


def is_web(url: str) -> bool:
    """Fit for a link: anything else ('javascript:…') is shown as text."""
    return url.startswith(("https://", "http://"))


def highlighted(source: str, first_line: int) -> Markup:
    """Python source as HTML with the classes of static/page.css; the highlighter escapes it."""
    formatter = HtmlFormatter(linenos="inline", linenostart=max(first_line, 1), cssclass="code", wrapcode=True)
    return Markup(highlight(source, PythonLexer(stripnl=False), formatter))  # noqa: S704  # escaped by pygments
