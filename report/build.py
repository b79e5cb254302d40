"""All files of a site, and the folder they go to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from matrix.errors import DataError
from matrix.files.serialize import collection_paused, load_matrix
from matrix.model import Json, Matrix
from matrix.packages import measurement, recipes
from matrix.packages.cells import FACTS
from matrix.paths import FINDINGS
from matrix.suite import catalog, sightings
from matrix.suite.sightings import Sighting
from report import site_folder
from report.exports import api
from report.exports.feed import feed
from report.exports.js_data import answers, outcomes, search_index, search_words
from report.html.render import page, page_in_all
from report.model.change_styles import CHANGE_STYLES
from report.model.explanations import explanations
from report.model.i18n import ENGLISH, LANGUAGES, script_texts
from report.model.labels import RULES, label_text, labels
from report.model.matrix_index import MatrixIndex, index_matrix
from report.model.outcome_styles import style_sheet
from report.views.all import all_page, theme_pages
from report.views.changes import ChangesPage, changes_pages
from report.views.column import full_pages
from report.views.differs import differs_page
from report.views.history import History, histories
from report.views.index import first_page
from report.views.latest import STALE_DAYS, Latest, age, latest_page
from report.views.method import method_page
from report.views.packages import COLUMNS, HOST_COLUMNS, PackagePage, package_pages
from report.views.peer import peer_comparison
from report.views.plot import cost_page
from report.views.probe import probe_page
from report.views.target import target_lines, target_page

STATIC = Path(__file__).parent / "html" / "static"
COMMENT = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)
MARGIN = re.compile(rb"\s*([{};])\s*")
"""Blanks that a style sheet does not need: no string in ours has a brace or a semicolon."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}")


def build(source: Path, site: Path, *, previous: Path | None = None, as_of: str = "", url: str = "") -> Path:
    """Render matrix.json into a folder and return the path of its index.html. Raises CaniforkError.

    previous is an earlier matrix to compare with; as_of is the date at which to tell the results' age; url is the
    site's address, for absolute links: in the feed, to other languages. The same arguments give the same bytes.
    """
    with collection_paused():  # pages have few reference cycles, and the matrix lives to the end
        now = load_matrix(source)
        before = load_matrix(previous) if previous else None
        made = files(now, before, as_of=as_of, url=url, packages=measured_packages(), seen=sightings.load())
        site_folder.fill(site, chain(made, copies(source)))
    return site / "index.html"


def measured_packages() -> tuple[PackagePage, ...]:
    """What was measured of packages, then of hosts, published with this checkout. Raises CaniforkError."""
    return tuple(
        page
        for folder in (recipes.RECIPES, recipes.HOSTS)
        for known in [recipes.load(folder)]
        for page in package_pages(known, measurement.load(known[0].data), catalog.load(known[0].engine))
    )


def copies(source: Path) -> Iterator[tuple[str, bytes]]:
    """What is published as it is; style sheets lose comments and blanks, and site.css gets the outcomes' colours."""
    yield f"{api.API}/matrix.json", source.read_bytes()
    yield from api.schema_files()
    for path in sorted(STATIC.iterdir()):
        content = path.read_bytes()
        if path.suffix == ".css":
            content = MARGIN.sub(rb"\1", COMMENT.sub(b"", content))
        if path.name == "site.css":
            content = style_sheet().encode() + content
        yield f"static/{path.name}", content


def scripts(
    index: MatrixIndex, packages: tuple[PackagePage, ...] = (), changes: tuple[ChangesPage, ...] = ()
) -> Iterator[tuple[str, bytes]]:
    """The data that the scripts use, as scripts: a page opened from a disk can load nothing else."""
    for language in LANGUAGES:
        texts = constant("TEXTS", script_texts(language)) + constant("OUTCOMES", outcomes(language))
        yield f"static/{language.tag}.js", texts.encode()
        if language is not ENGLISH:
            own = search_words(index, labels(index), language)
            yield f"static/search-{language.tag}.js", constant("SEARCH_WORDS", own).encode()
    yield "static/search-index.js", constant("SEARCH", search_index(index, labels(index), packages, changes)).encode()
    yield "static/answers.js", constant("ANSWERS", answers(index)).encode()


def constant(name: str, value: Json) -> str:
    """A script that defines one constant."""
    return f"const {name} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n"


def files(
    matrix: Matrix,
    previous: Matrix | None = None,
    *,
    as_of: str = "",
    url: str = "",
    packages: tuple[PackagePage, ...] = (),
    seen: tuple[Sighting, ...] = (),
) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of all that is made from a matrix. Raises DataError at once for an ID that cannot name a file."""
    check_names(matrix)
    return _files(index_matrix(matrix), previous, as_of, url, packages=packages, seen=seen)


def _files(
    index: MatrixIndex,
    previous: Matrix | None,
    as_of: str,
    url: str,
    *,
    packages: tuple[PackagePage, ...],
    seen: tuple[Sighting, ...],
) -> Iterator[tuple[str, bytes]]:
    changes, recent = changes_pages(index), latest_page(previous, index)
    yield from _pages(index, changes, recent, as_of, url=url, packages=packages, seen=seen)
    for shown in packages:
        yield f"{api.API}/{shown.file}", (shown.recipe.data / f"{shown.name}.json").read_bytes()
    yield from scripts(index, packages, changes)
    yield "changes/feed.xml", page("feed.xml", "changes/feed.xml", view=feed(recent, changes), url=url).encode()
    yield from api.probe_files(index, labels(index), sightings.by_question(seen))
    yield from api.target_files(index)
    yield from api.change_files(changes, index)
    yield api.latest_file(recent)
    yield f"{api.API}/cells.csv.gz", api.table(index)
    yield f"{api.API}/questions.csv", api.question_table(index, labels(index), sightings.projects(seen))
    yield api.seen_file(seen, index)


def pages(
    matrix: Matrix, previous: Matrix | None = None, *, as_of: str = "", url: str = ""
) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of every page in every language. Raises DataError for an ID that cannot name a file."""
    check_names(matrix)
    index = index_matrix(matrix)
    return _pages(index, changes_pages(index), latest_page(previous, index), as_of, url=url)


def _pages(
    index: MatrixIndex,
    changes: tuple[ChangesPage, ...],
    recent: Latest,
    as_of: str,
    *,
    url: str = "",
    packages: tuple[PackagePage, ...] = (),
    seen: tuple[Sighting, ...] = (),
) -> Iterator[tuple[str, bytes]]:
    matrix = index.matrix
    common = {
        "suite": matrix.suite, "generated": matrix.generated, "themes": index.titles, "kinds": CHANGE_STYLES,
        "url": url, "stale_days": STALE_DAYS, "days": age(matrix.generated, as_of) if as_of and matrix.generated else 0,
    }  # fmt: skip
    for template, path, view in views(index, changes, recent, packages, seen):
        for name, text in page_in_all(template, path, **view, **common):
            yield name, text.encode()


def views(
    index: MatrixIndex,
    changes: tuple[ChangesPage, ...],
    recent: Latest,
    packages: tuple[PackagePage, ...],
    seen: tuple[Sighting, ...] = (),
) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Every page; each is made once and rendered in every language."""
    view: dict[str, object]
    word_of = labels(index)
    everything = all_page(index, word_of)
    targets = {platform.slug: target_lines(platform) for platform in index.platforms}
    first = first_page(everything.table, index, changes, seen)
    yield "index.html", "index.html", {"view": first, "labels": everything.labels, "targets": targets}
    yield "all.html", "all.html", {"view": everything}
    yield "questions.html", "questions.html", {"groups": everything.table.themes, "n": len(index.probes)}
    for theme in theme_pages(everything.table):
        yield "theme.html", f"theme/{file_name(theme.name)}.html", {"view": theme}
    known, seen_of = histories(changes, recent), sightings.by_question(seen)
    for probe in index.matrix.probes:
        history = known.get(probe.id, History(since=recent.before))
        view = {
            "view": probe_page(probe, index, seen_of.get(probe.id, ())),
            "history": history,
            "label": label_text(word_of[probe.id]),
            "rule": RULES[word_of[probe.id].kind],
        }
        yield "probe.html", f"probe/{probe.id}.html", view
    for full in full_pages(index):
        yield "full.html", f"full/{file_name(full.name)}.html", {"view": full}
    for platform in index.platforms:
        for built in platform.builds:
            for target in built.members:
                shown = target_page(target, built.extra, platform, index)
                view = {"view": shown, "peer": peer_comparison(target, platform, index)}
                yield "target.html", f"target/{target.id}.html", view
    for changed in changes:
        yield "changes.html", f"changes/{changed.slug}.html", {"view": changed}
    yield "changes_index.html", "changes/index.html", {"pages": changes, "latest": recent}
    yield "latest.html", "changes/latest.html", {"view": recent}
    reasons = explanations(FINDINGS.read_text(encoding="utf-8"))
    yield "differs.html", "differs/index.html", {"view": differs_page(index, reasons)}
    yield "method.html", "method.html", {"view": method_page(index)}
    tables = {"packages": (COLUMNS, False), "hosts": (HOST_COLUMNS, True)}
    view = {"facts": FACTS} | {
        name: {"columns": columns, "pages": [one for one in packages if one.recipe.is_host is hosts]}
        for name, (columns, hosts) in tables.items()
    }
    yield "packages.html", "packages/index.html", view
    for package in packages:
        yield "package.html", f"packages/{package.page}.html", {"view": package}
    yield "cost.html", "cost.html", {"view": cost_page(index)}
    yield "try.html", "try.html", {}
    yield "api.html", "api/index.html", {"view": index, "columns": api.COLUMNS}


def check_names(matrix: Matrix) -> None:
    """Check that every ID may name a file. Raises DataError before anything is written."""
    for name in (*(probe.id for probe in matrix.probes), *(target["id"] for target in matrix.targets)):
        file_name(name)


def file_name(name: str) -> str:
    """An ID that may name a file. Raises DataError for anything that could lead out of the site."""
    if not _NAME.fullmatch(name):
        raise DataError(
            f"{name[:80]!r} is not the ID of a probe or target. The matrix was edited;"
            " merge it again with `python -m matrix merge`."
        )
    return name
