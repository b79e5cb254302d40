"""Writes the site's files: the only module here that touches the disk."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from matrix.errors import DataError, WriteError
from matrix.model import Json, Matrix
from matrix.store import dumps, load_matrix
from report.board import Board, board
from report.full_view import full_pages
from report.index_view import index
from report.language import LANGUAGES, script_texts
from report.probe_view import probe_page
from report.render import page
from report.script_view import answers, search_index
from report.target_view import target_lines, target_page

STATIC = Path(__file__).parent / "static"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}")
_OURS = (
    *((language.folder + folder, "*.html") for language in LANGUAGES for folder in ("probe", "target", "full")),
    ("api/v1/probe", "*.json"),
)
"""Where files are named after ids: there, and only there, the leftovers of an older build are removed."""


def build(source: Path, site: Path) -> Path:
    """Render matrix.json into a folder and return the path of its index.html. Raises CaniforkError."""
    matrix = load_matrix(source)
    try:
        raw = source.read_bytes()
        files = {**dict(pages(matrix)), **dict(probe_data(json.loads(raw))), "api/v1/matrix.json": raw}
        for path in sorted(STATIC.iterdir()):
            files[f"static/{path.name}"] = path.read_bytes()
        files |= {f"static/{name}": text.encode() for name, text in scripts(matrix)}
        write(files, site)
    except OSError as error:
        raise WriteError(f"Cannot write {site}: {error.strerror}. Make room, or choose another -o.") from None
    return site / "index.html"


def scripts(matrix: Matrix) -> Iterator[tuple[str, str]]:
    """(name, JavaScript) of the data that the scripts use: a page opened from a disk can load nothing but scripts."""
    for language in LANGUAGES:
        yield f"{language.tag}.js", constant("TEXTS", script_texts(language))
    everything = board(matrix)
    yield "search-index.js", constant("SEARCH", search_index(everything))
    yield "answers.js", constant("ANSWERS", answers(everything))


def constant(name: str, data: Json) -> str:
    """A script that defines one constant."""
    return f"const {name} = {json.dumps(data, ensure_ascii=False, separators=(',', ':'))};\n"


def write(files: dict[str, bytes], site: Path) -> None:
    """Write files below a folder, and remove what an older build left where ids name the files."""
    for name, data in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for folder, pattern in _OURS:
        for path in (site / folder).glob(pattern):
            if path.relative_to(site).as_posix() not in files:
                path.unlink()


def pages(matrix: Matrix) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of every page in every language. Raises DataError for an id that is no name."""
    everything = board(matrix)
    common = {"suite": matrix.suite, "generated": matrix.generated}
    for template, path, view in views(everything):
        for language in LANGUAGES:
            yield language.folder + path, page(template, path, language, **view, **common).encode()


def views(everything: Board) -> Iterator[tuple[str, str, dict[str, object]]]:
    """(template, path, what it shows) of every page; each is made once and rendered in every language."""
    targets = {platform.slug: target_lines(platform, everything) for platform in everything.platforms}
    yield "index.html", "index.html", {"view": index(everything), "targets": targets}
    for probe in everything.matrix.probes:
        yield "probe.html", f"probe/{file_name(probe.id)}.html", {"view": probe_page(probe, everything)}
    for full in full_pages(everything):
        yield "full.html", f"full/{file_name(full.name)}.html", {"view": full}
    for platform in everything.platforms:
        for built in platform.builds:
            for one in built.members:
                view = target_page(one, built.extra, platform, everything)
                yield "target.html", f"target/{file_name(one.id)}.html", {"view": view}


def probe_data(data: Json) -> Iterator[tuple[str, bytes]]:
    """(path, JSON) of every question with its cells, cut out of the matrix as it was read."""
    cells: dict[str, list[Json]] = {}
    for cell in data["cells"]:
        cells.setdefault(cell["probe"], []).append(cell)
    for probe in data["probes"]:
        text = dumps({"schema": data["schema"], "probe": probe, "cells": cells.get(probe["id"], [])}) + "\n"
        yield f"api/v1/probe/{file_name(probe['id'])}.json", text.encode()


def file_name(name: str) -> str:
    """An id that may name a file. Raises DataError for anything that could lead elsewhere."""
    if not _NAME.fullmatch(name):
        raise DataError(
            f"{name[:80]!r} is no id of a probe or target. The matrix was edited;"
            " make it anew with `python -m matrix merge`."
        )
    return name
