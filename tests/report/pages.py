"""A page read back with the standard library's parser: what a test may ask of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

VOID = frozenset({"meta", "link", "br", "img", "input", "hr", "path", "circle"})
LOADS = {
    "link": "href",
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "use": "href",
    "object": "data",
}


@dataclass(slots=True)
class Element:
    """One element, with what is in it."""

    tag: str
    attributes: Mapping[str, str]
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """This element and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, tag: str) -> list[Element]:
        """All of a tag below this element."""
        return [each for each in self.walk() if each.tag == tag and each is not self]

    def get(self, name: str) -> str:
        """An attribute, or ''."""
        return self.attributes.get(name, "")

    @property
    def text(self) -> str:
        """All text, as the reader sees it."""
        return " ".join("".join(self.pieces).split())


class Page(HTMLParser):
    """Parses a page; raises AssertionError where its elements are not properly nested."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.root = Element("", {})
        self._open = self.root
        self.feed(html)
        self.close()
        assert self._open is self.root, f"<{self._open.tag}> is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._open = self._open if tag in VOID or self._open.parent is None else self._open.parent

    def handle_endtag(self, tag: str) -> None:
        assert self._open.tag == tag, f"</{tag}> closes <{self._open.tag}>"
        assert self._open.parent is not None
        self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        element: Element | None = self._open
        while element is not None:
            element.pieces.append(data)
            element = element.parent

    @property
    def ids(self) -> list[str]:
        """Every id, in order."""
        return [each.get("id") for each in self.root.walk() if "id" in each.attributes]

    @property
    def loads(self) -> list[str]:
        """What a browser fetches to show the page."""
        return [each.get(LOADS[each.tag]) for each in self.root.walk() if each.tag in LOADS]

    @property
    def links(self) -> list[str]:
        """Where one can go from here."""
        return [each.get("href") for each in self.root.all("a")]


def broken_links(site: Path) -> list[str]:
    """Links and loads within a site that lead nowhere: to no file, or to no such id in it."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    broken = []
    for path, page in pages.items():
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https"):
                continue
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            goal_ids = pages[goal].ids if goal in pages else []
            if not goal.is_file() or (parts.fragment and unquote(parts.fragment) not in goal_ids):
                broken.append(f"{path.relative_to(site)}: {link}")
    return broken
