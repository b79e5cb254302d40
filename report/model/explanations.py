"""docs/findings.md -> probe id -> why it was so. Pure; the text is our own, but still shown without raw HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_NAME = re.compile(r"[a-z]\w*(\.\w+)?", re.ASCII)


def explanations(text: str) -> Mapping[str, Markup]:
    """The last column of every table whose first column names questions, as HTML.

    A name without its theme (`threading_condition`) has that of the name before.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    by_probe: dict[str, Markup] = {}
    for row in _rows(parser.parse(text)):
        html = Markup(parser.renderer.render([row[-1]], parser.options, {}))  # noqa: S704 - html is off
        for name in _names(row[0]):
            by_probe.setdefault(name, html)
    return by_probe


def _rows(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The cells of each table row."""
    row: list[Token] = []
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "inline" and token.children:
            row.append(token)
        elif token.type == "tr_close" and len(row) > 1:
            yield row


def _names(cell: Token) -> Iterator[str]:
    theme = ""
    for child in cell.children or ():
        if child.type == "code_inline" and _NAME.fullmatch(child.content):
            head, dot, name = child.content.partition(".")
            theme = head if dot else theme
            if theme:
                yield f"{theme}.{name if dot else head}"
