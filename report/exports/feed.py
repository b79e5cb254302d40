"""The Atom feed (RFC 4287) of what changed: between the last two runs, and from Python to Python. Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from matrix.results.diff import ChangeKind
from report.views.changes import ChangesPage
from report.views.latest import ChangeGroup, Latest

_SPACE = uuid.UUID("6f0c8a52-4d0c-5c5e-9d53-0a6f9a3f6c1e")
"""Ids are made from what an entry is about, so that they are the same in every build, at every address."""

_NEVER = "1970-01-01T00:00:00Z"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry; link is relative to the site's top."""

    id: str
    title: str
    updated: str
    link: str
    summary: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """All that the feed has; updated is the newest of its entries' dates."""

    id: str
    updated: str
    entries: tuple[Entry, ...]


def feed(latest: Latest, pages: tuple[ChangesPage, ...]) -> Feed:
    """The newest first; the order is that of the pages where dates are equal."""
    entries = [*_recent(latest), *(_page(page) for page in pages if not page.long)]
    entries.sort(key=lambda entry: entry.updated, reverse=True)
    updated = max((entry.updated for entry in entries), default=latest.after or _NEVER)
    return Feed(id=_urn("feed"), updated=updated, entries=tuple(entries))


def _recent(latest: Latest) -> Iterator[Entry]:
    for row in (row for part in latest.kinds for row in part.rows):
        yield Entry(
            id=_urn("run", latest.after, row.kind, row.probe.id, row.before, row.after),
            title=clean(f"{row.kind}: {row.probe.text} {row.before} → {row.after}"),
            updated=latest.after,
            link=f"probe/{row.probe.id}.html#{row.cells[0].anchor}",
            summary=clean(_summary(row)),
            category=row.kind,
        )


def _summary(row: ChangeGroup) -> str:
    cells = "; ".join(cell.target.id + ("" if cell.method == "none" else f" under {cell.method}") for cell in row.cells)
    more = f" and {row.n - len(row.cells)} more" if row.n > len(row.cells) else ""
    rewritten = " The question's script changed too." if row.rewritten else ""
    return f"{row.probe.id} on {cells}{more}.{rewritten} {row.probe.do}"


def _page(page: ChangesPage) -> Entry:
    parts = [
        f"On {platform.title} the default start method becomes {switch.now}: {switch.stops} things stop working."
        for platform, switch in page.switches
    ]
    parts += [f"{n} {kind}" for kind in ChangeKind if (n := page.counts.get(kind))] or ["No answer changed."]
    targets = (target for part in page.platforms for pair in part.pairs for target in (pair.old, pair.new))
    return Entry(
        id=_urn("changes", page.slug),
        title=clean(f"Python {page.title}"),
        updated=max((str(run["started"]) for target in targets for run in target.runs), default=_NEVER),
        link=f"changes/{page.slug}.html",
        summary=clean(" · ".join(parts)),
        category="upgrade",
    )


def _urn(*parts: str) -> str:
    return uuid.uuid5(_SPACE, "\n".join(parts)).urn


def clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
