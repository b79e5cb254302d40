"""Views -> HTML: the template environment, with autoescape always on."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from report.language import ENGLISH, LANGUAGES, Language, translated, translations

_FOLDER = Path(__file__).parent

_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
"""No valid HTML, or reorders what stands around it: no probe of ours writes these, somebody else's run file may."""


@functools.cache
def environment(language: Language = ENGLISH) -> Environment:
    """Every string is hostile: nothing but our own texts and the highlighter's output is ever marked safe.

    In templates `{% trans %}` and `_("…")` are for literals only, since they may hold markup; a text that comes
    from Python, marked with N_ there, goes through the filter `tr`, which does not touch the escaping.
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
    said = translations(language)
    env.install_gettext_translations(said, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    env.globals["language"] = language
    env.globals["languages"] = LANGUAGES
    env.globals["lang_en"] = "" if language is ENGLISH else Markup(' lang="en"')
    # Kept: every cell says one of a few words and phrases, several times.
    env.filters["tr"] = functools.lru_cache(maxsize=4096)(functools.partial(translated, language=language))
    env.filters["tr_words"] = lambda text: " ".join(said.gettext(word) for word in text.split())
    env.filters["number"] = number
    env.filters["web"] = is_web
    env.filters["python"] = highlighted
    return env


def page(template: str, path: str, language: Language = ENGLISH, **view: object) -> str:
    """The page that will stand at `language.folder + path`.

    root is the way to the top of its language's pages ('' or '../'), assets the way to the top of the site,
    where static/ and api/ stand once for all languages.
    """
    root = "../" * path.count("/")
    assets = root + "../" * language.folder.count("/")
    text = environment(language).get_template(template).render(root=root, assets=assets, path=path, **view)
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def number(value: int) -> str:
    """12345 -> '12,345'."""
    return f"{value:,}"


def is_web(url: str) -> bool:
    """Fit for a link: anything else ('javascript:…') is shown as text."""
    return url.startswith(("https://", "http://"))


@functools.lru_cache(maxsize=16)  # a page is rendered once for each language
def highlighted(source: str, first_line: int) -> Markup:
    """Python source as HTML with the classes of static/site.css; the highlighter escapes it."""
    formatter = HtmlFormatter(linenos="inline", linenostart=max(first_line, 1), cssclass="code", wrapcode=True)
    return Markup(highlight(source, PythonLexer(stripnl=False), formatter))  # noqa: S704  # escaped by pygments
