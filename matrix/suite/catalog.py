"""probes/ -> list of Probe, by each script's own --list."""

from __future__ import annotations

import ast
import hashlib
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from packaging.markers import InvalidMarker, Marker

from matrix.documented import split_key
from matrix.errors import CatalogError
from matrix.files import serialize, untrusted_json
from matrix.model import METHODS, WANTED, Json, Probe
from matrix.system.command import CommandError, capture

LIST_TIMEOUT = 60
"""Seconds that a script may take to list its probes."""

_ASKED_BY = ("methods", "deadline", "exclusive")
"""Arguments of `question` that decide how it is asked; the others only say what is asked, and how an answer is read."""

_parsing = threading.Lock()
"""Before 3.11.8 and 3.12.2, ast.parse() in two threads can raise SystemError: python/cpython#106905."""

_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def load(folder: Path, themes: Iterable[str] | None = None) -> tuple[Probe, ...]:
    """All probes of a folder, sorted by theme, each theme in its own order.

    themes limits it to some files. Raises CatalogError if a script cannot be listed, and names it.
    """
    files = sorted(file for file in folder.glob("*.py") if not file.name.startswith("_"))
    if not files:
        raise CatalogError(
            f"No probe scripts in {folder}. Run from a checkout of canifork, or name the folder with --probes."
        )
    if themes is not None:
        wanted = set(themes)
        files = [file for file in files if file.stem in wanted]
    for file in files:
        if not _is_probe_script(file):
            raise CatalogError(f"{file} does not import _probe, so it is not run. Name a folder that has only probes.")
        if file.stem in sys.stdlib_module_names:
            raise CatalogError(f"{file} shadows the standard library's {file.stem}: rename it.")
    with ThreadPoolExecutor(4) as pool:
        found = tuple(probe for probes in pool.map(_list, files) for probe in probes)
    for name, count in Counter(probe.id for probe in found).items():
        if count > 1:
            raise CatalogError(f"{folder}: {name} is listed {count} times. Each probe needs a name of its own.")
    return found


def _is_probe_script(file: Path) -> bool:
    """Whether a script is meant to be run here: --probes may name any folder by mistake."""
    try:
        return b"_probe" in file.read_bytes()
    except OSError:
        return True  # what is wrong with it is said when it is listed


def sources(folder: Path, probes: Iterable[Probe]) -> dict[str, str]:
    """The text of each file that has one of the probes, by file name."""
    return {name: (folder / name).read_text(encoding="utf-8") for name in sorted({probe.file for probe in probes})}


def _list(file: Path) -> list[Probe]:
    try:
        done = capture([sys.executable, str(file.absolute()), "--list"], timeout=LIST_TIMEOUT)
    except CommandError as error:
        raise CatalogError(f"{file} --list {error}.") from None
    if done.status:
        raise CatalogError(f"{file} --list failed with status {done.status}: {done.last_line}")
    try:
        file.read_text(encoding="utf-8")  # it is shown in the report
        hashed = digest(file)
        return [_probe(row, file, hashed) for row in untrusted_json.parse(done.stdout.encode("utf-8"))]
    except UnicodeDecodeError as error:
        raise CatalogError(f"{file} is not UTF-8 at byte {error.start}. Save it as UTF-8.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogError(f"{file} --list did not print a usable catalogue: {repr(error)[:400]}") from None


def digest(file: Path) -> str:
    """One hash of all that a verdict depends on: the script, the helpers, and the scripts that it launches.

    Not of a question's words, nor of what documents say of it: a sentence can be mended without asking every Python
    again (docs/decisions/0008-words-and-verdicts.md).
    """
    total = hashlib.sha256()
    for path in (file, *sorted(_named_by(file))):
        source = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(path.name.encode() + b"\0" + (_without_words(source) if path == file else source) + b"\0")
    return total.hexdigest()


def _without_words(source: bytes) -> bytes:
    """A probe script in which each `@question(…)` holds no more than the arguments that change how it is asked."""
    try:
        with _parsing:
            tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return source
    lines = source.splitlines(keepends=True)
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for call in function.decorator_list:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "question":
                kept = sorted(
                    f"{word.arg}={_span(word.value, source)}" for word in call.keywords if word.arg in _ASKED_BY
                )
                lines[call.lineno - 1 : call.end_lineno] = [b""] * ((call.end_lineno or call.lineno) - call.lineno + 1)
                lines[call.lineno - 1] = f"@question({', '.join(kept)})\n".encode()
    return b"".join(lines)


def _span(node: ast.expr, source: bytes) -> str:
    """An expression as it stands in the source, its white space apart."""
    return re.sub(r"\s+", "", ast.get_source_segment(source.decode("utf-8"), node) or "")


def _named_by(file: Path) -> set[Path]:
    """The shared helpers (_*.py) and assets that a script names, or that those name in turn.

    A name that is merely mentioned counts too: a verdict asked once too often does no harm, an outdated one does.
    """
    others = {path for path in (*file.parent.glob("_*.py"), *(file.parent / "assets").glob("*")) if path.is_file()}
    found: set[Path] = set()
    unread = [file]
    while unread:
        words = set(re.findall(rb"\w+", unread.pop().read_bytes()))
        new = {path for path in others - found if path.stem.encode() in words}
        found |= new
        unread += new
    return found


def _probe(row: Json, file: Path, digest: str) -> Probe:
    if not _ID.fullmatch(row["id"]) or row["id"].partition(".")[0] != file.stem:
        raise ValueError(f"id {row['id']!r} is not {file.stem}.name")
    unknown = set(row["methods"]) - set(METHODS[:3])
    if unknown:
        raise ValueError(f"{row['id']}: unknown methods {unknown}")
    if row["wanted"] not in WANTED:
        raise ValueError(f"{row['id']}: wanted is {row['wanted']!r}, not one of {', '.join(WANTED)}")
    for key in row["documented"]:
        _check_key(row["id"], key)
    probe = Probe(
        id=row["id"],
        text=row["text"],
        why=row["why"],
        do=row["do"],
        source=row["source"],
        documented=tuple(row["documented"].items()),
        methods=tuple(row["methods"]),
        asked=tuple(row["asked"]),
        deadline=float(row["deadline"]),
        exclusive=row["exclusive"],
        unit=row["unit"],
        measured=row["measured"],
        wanted=row["wanted"],
        file=file.name,
        line=row["line"],
        end=row["end"],
        source_sha256=digest,
    )
    fault = serialize.fault(serialize.probe_json(probe), serialize.MATRIX_SCHEMA, "probe")
    if fault or probe.deadline <= 0:
        raise ValueError(f"{row['id']}: {fault or 'a deadline must be more than 0'}")
    return probe


def _check_key(probe: str, key: str) -> None:
    _, marker = split_key(key)
    if marker is not None:
        try:
            Marker(marker)
        except InvalidMarker as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"{probe}: documented key {key!r} is neither a method nor a marker: {reason}") from None
