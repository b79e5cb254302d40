"""Writes the site's files: the only module here that touches the disk."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from matrix.errors import DataError, WriteError
from matrix.files.serialize import collection_paused, load_matrix
from matrix.model import Json, Matrix
from matrix.paths import FINDINGS
from report.exports import api
from report.exports.feed import feed
from report.exports.js_data import answers, search_index
from report.html.render import page, page_in_all
from report.model.change_styles import KINDS
from report.model.explanations import explanations
from report.model.i18n import LANGUAGES, script_texts
from report.model.matrix_index import Board, board
from report.views import plot
from report.views.changes import ChangesPage, changes_pages
from report.views.column import full_pages
from report.views.differs import differs_page
from report.views.history import History, histories
from report.views.index import index
from report.views.latest import STALE_DAYS, Latest, age, latest
from report.views.peer import special
from report.views.probe import probe_page
from report.views.target import target_lines, target_page

STATIC = Path(__file__).parent / "html" / "static"
COMMENT = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}")
_OURS = (
    *(
        (language.folder + folder, "*.html")
        for language in LANGUAGES
        for folder in ("probe", "target", "full", "changes")
    ),
    *((f"{api.API}/{folder}", "*.json") for folder in ("probe", "target", "full", "changes")),
    *((f"{api.API}/{folder}", "*/*.json") for folder in ("cells", "badge")),
)
"""Where files are named after ids: there, and only there, the leftovers of an older build are removed."""


def build(source: Path, site: Path, *, previous: Path | None = None, as_of: str = "", url: str = "") -> Path:
    """Render matrix.json into a folder and return the path of its index.html. Raises CaniforkError.

    previous is the matrix of the run before; as_of, a date, says how old the results are; url, where the site
    will stand, makes the feed's links whole. The same arguments give the same bytes.
    """
    with collection_paused():  # hardly anything of a page refers back; the matrix is kept to the end
        now = load_matrix(source)
        before = load_matrix(previous) if previous else None
        made = files(now, before, as_of=as_of, url=url)
        try:
            written = set(write(made, site))
            written |= set(write(copies(source), site))
            tidy(site, written)
        except OSError as error:
            raise WriteError(f"Cannot write {site}: {error.strerror}. Make room, or choose another -o.") from None
    return site / "index.html"


def write(files: Iterable[tuple[str, bytes]], site: Path) -> Iterator[str]:
    """Write one file after the other below a folder, and say their names: a big site is never in memory at once."""
    made: set[Path] = set()
    for name, content in files:
        path = site / name
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        path.write_bytes(content)
        yield name


def tidy(site: Path, written: set[str]) -> None:
    """Remove what an older build left where ids name the files."""
    for folder, pattern in _OURS:
        for path in (site / folder).glob(pattern):
            if path.relative_to(site).as_posix() not in written:
                path.unlink()


def copies(source: Path) -> Iterator[tuple[str, bytes]]:
    """What is published as it is, style sheets without their comments: those weigh on the first page."""
    yield f"{api.API}/matrix.json", source.read_bytes()
    yield from api.schema_files()
    for path in sorted(STATIC.iterdir()):
        content = path.read_bytes()
        yield f"static/{path.name}", COMMENT.sub(b"", content) if path.suffix == ".css" else content


def scripts(everything: Board) -> Iterator[tuple[str, bytes]]:
    """The data that the scripts use, as scripts: a page opened from a disk can load nothing else."""
    for language in LANGUAGES:
        yield f"static/{language.tag}.js", constant("TEXTS", script_texts(language)).encode()
    yield "static/search-index.js", constant("SEARCH", search_index(everything)).encode()
    yield "static/answers.js", constant("ANSWERS", answers(everything)).encode()


def constant(name: str, value: Json) -> str:
    """A script that defines one constant."""
    return f"const {name} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n"


def files(
    matrix: Matrix, previous: Matrix | None = None, *, as_of: str = "", url: str = ""
) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of all that is made from a matrix. Raises DataError at once for an id that is no name."""
    check_names(matrix)
    return _files(board(matrix), previous, as_of, url)


def _files(everything: Board, previous: Matrix | None, as_of: str, url: str) -> Iterator[tuple[str, bytes]]:
    changes, recent = changes_pages(everything), latest(previous, everything)
    yield from _pages(everything, changes, recent, as_of)
    yield from scripts(everything)
    yield "changes/feed.xml", page("feed.xml", "changes/feed.xml", view=feed(recent, changes), url=url).encode()
    yield from api.probe_files(everything)
    yield from api.target_files(everything)
    yield from api.change_files(changes, everything)
    yield api.latest_file(recent)
    yield f"{api.API}/cells.csv", api.table(everything)


def pages(matrix: Matrix, previous: Matrix | None = None, *, as_of: str = "") -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of every page in every language. Raises DataError for an id that is no name."""
    check_names(matrix)
    everything = board(matrix)
    return _pages(everything, changes_pages(everything), latest(previous, everything), as_of)


def _pages(
    everything: Board, changes: tuple[ChangesPage, ...], recent: Latest, as_of: str
) -> Iterator[tuple[str, bytes]]:
    matrix = everything.matrix
    common = {
        "suite": matrix.suite, "generated": matrix.generated, "themes": everything.titles, "kinds": KINDS,
        "stale_days": STALE_DAYS, "days": age(matrix.generated, as_of) if as_of and matrix.generated else 0,
    }  # fmt: skip
    for template, path, view in views(everything, changes, recent):
        for name, text in page_in_all(template, path, **view, **common):
            yield name, text.encode()


def views(
    everything: Board, changes: tuple[ChangesPage, ...], recent: Latest
) -> Iterator[tuple[str, str, dict[str, object]]]:
    """(template, path, what it shows) of every page; each is made once and rendered in every language."""
    view: dict[str, object]
    targets = {platform.slug: target_lines(platform) for platform in everything.platforms}
    yield "index.html", "index.html", {"view": index(everything), "targets": targets}
    told = histories(changes, recent)
    for probe in everything.matrix.probes:
        view = {"view": probe_page(probe, everything), "history": told.get(probe.id, History(since=recent.before))}
        yield "probe.html", f"probe/{probe.id}.html", view
    for full in full_pages(everything):
        yield "full.html", f"full/{file_name(full.name)}.html", {"view": full}
    for platform in everything.platforms:
        for built in platform.builds:
            for one in built.members:
                shown = target_page(one, built.extra, platform, everything)
                view = {"view": shown, "special": special(one, platform, everything)}
                yield "target.html", f"target/{one.id}.html", view
    for changed in changes:
        yield "changes.html", f"changes/{changed.slug}.html", {"view": changed}
    yield "changes_index.html", "changes/index.html", {"pages": changes, "latest": recent}
    yield "latest.html", "changes/latest.html", {"view": recent}
    reasons = explanations(FINDINGS.read_text(encoding="utf-8"))
    yield "differs.html", "differs/index.html", {"view": differs_page(everything, reasons)}
    yield "cost.html", "cost.html", {"view": plot.plots(everything)}
    yield "api.html", "api/index.html", {"view": everything, "columns": api.COLUMNS}


def check_names(matrix: Matrix) -> None:
    """Every id may name a file. Raises DataError before anything is written."""
    for name in (*(probe.id for probe in matrix.probes), *(target["id"] for target in matrix.targets)):
        file_name(name)


def file_name(name: str) -> str:
    """An id that may name a file. Raises DataError for anything that could lead elsewhere."""
    if not _NAME.fullmatch(name):
        raise DataError(
            f"{name[:80]!r} is no id of a probe or target. The matrix was edited;"
            " make it anew with `python -m matrix merge`."
        )
    return name
