"""probes/ -> list of Probe, by each script's own --list."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from packaging.markers import InvalidMarker, Marker

from matrix.documented import split_key
from matrix.errors import CatalogError
from matrix.files import serialize, untrusted_json
from matrix.model import METHODS, WANTED, Json, Probe
from matrix.suite import digest
from matrix.system.command import CommandError, capture

LIST_TIMEOUT = 60
"""Seconds that a script may take to list its probes."""

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
        hashed = digest.of_script(file)
        return [_probe(row, file, hashed) for row in untrusted_json.parse(done.stdout.encode("utf-8"))]
    except UnicodeDecodeError as error:
        raise CatalogError(f"{file} is not UTF-8 at byte {error.start}. Save it as UTF-8.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogError(f"{file} --list did not print a usable catalogue: {repr(error)[:400]}") from None


def _probe(row: Json, file: Path, hashed: str) -> Probe:
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
        source_sha256=hashed,
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
