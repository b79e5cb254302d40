"""Views -> HTML: the template environment, with autoescape always on."""

from __future__ import annotations

import functools
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

_FOLDER = Path(__file__).parent


@functools.cache
def environment() -> Environment:
    """Every string is hostile: nothing but the highlighter's output is ever marked safe."""
    env = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters["number"] = number
    env.filters["plural"] = plural
    env.filters["web"] = is_web
    env.filters["python"] = highlighted
    return env


def page(template: str, root: str, **view: object) -> str:
    """A page; root is the way from it to the site's top: '' or '../'."""
    return environment().get_template(template).render(root=root, **view)


def number(value: int) -> str:
    """12345 -> '12,345'."""
    return f"{value:,}"


def plural(value: int, noun: str) -> str:
    """(1, 'target') -> '1 target', (1234, 'target') -> '1,234 targets'."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def is_web(url: str) -> bool:
    """Fit for a link: anything else ('javascript:…') is shown as text."""
    return url.startswith(("https://", "http://"))


def highlighted(source: str, first_line: int) -> Markup:
    """Python source as HTML with the classes of static/site.css; the highlighter escapes it."""
    formatter = HtmlFormatter(linenos="inline", linenostart=max(first_line, 1), cssclass="code", wrapcode=True)
    return Markup(highlight(source, PythonLexer(stripnl=False), formatter))  # noqa: S704  # escaped by pygments
