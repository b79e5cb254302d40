"""docs/findings.md -> probe id -> why it was so. Pure; the texts are our own, but still shown without raw HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from report.model.i18n import Wording

_NAME = re.compile(r"[a-z]\w*(\.\w+)?", re.ASCII)


_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


def explanations(text: str) -> Mapping[str, Wording]:
    """The last column of every table whose first column names questions, in Markdown.

    A name without its theme (`threading_condition`) has that of the name before.
    """
    by_probe: dict[str, Wording] = {}
    for row in _rows(_PARSER.parse(text)):
        names = list(_names(row[0]))
        for name in names:
            by_probe.setdefault(name, Wording(f"{names[0]} finding", row[-1].content))
    return by_probe


def as_html(text: str) -> Markup:
    """A line of Markdown as HTML."""
    return Markup(_PARSER.renderInline(text))  # noqa: S704 - html is off


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
