"""python -m matrix deps: which dependencies of a project are known to break under which start method."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from packaging.version import Version

from matrix import options
from matrix.errors import DataError, Status, UsageError
from matrix.model import METHODS
from matrix.packages import cells, dependencies, measurement, recipes
from matrix.packages.dependencies import FILES, Dependency, version_key
from matrix.packages.measurement import Measurement, PackageCell, PackageData
from matrix.packages.recipes import Recipe

CHOICE = {
    "fork": "the default of Linux up to 3.13",
    "spawn": "the default of macOS and Windows",
    "forkserver": "the default of Linux from 3.14 on",
}
"""Who gets a start method without asking for it."""

REFUSED = "cannot be passed"
"""The answer that says that pickle refused the object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is known of one dependency. measured: the version that was measured; '' where nobody has.

    advice: the sentence that decides for fork. breaks: (question, start method, answer) of what does not work.
    refused: the start methods under which its object cannot be passed to a child.
    """

    name: str
    version: str
    measured: str = ""
    target: str = ""
    advice: str = "unknown"
    breaks: tuple[tuple[str, str, str], ...] = ()
    refused: tuple[str, ...] = ()
    address: str = ""


def add(commands: options.Subparsers) -> None:
    """Add `deps`."""
    parser = options.command(commands, "deps", "say which dependencies break under which start method", run)
    parser.add_argument(
        "paths", nargs="*", type=options.path, metavar="PATH", help=f"default: the first of {', '.join(FILES)}"
    )
    parser.add_argument(
        "--series", type=_series, metavar="X.Y", help="the Python it runs on (default: the newest measured)"
    )
    parser.add_argument("--method", choices=METHODS[:3], help="only what breaks under this start method")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")


def _series(text: str) -> str:
    """A reader of --series."""
    if not re.fullmatch(r"3\.\d{1,2}t?", text):
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no series of Python: write 3.12, or 3.13t")
    return text


def run(given: argparse.Namespace) -> int:
    """Print what is known; status 1 if something is known to break, 4 if something was not measured, as `try`."""
    paths = given.paths or [path for path in map(Path, FILES) if path.exists()][:1]
    if not paths:
        raise UsageError(f"There is none of {', '.join(FILES)} here. Name a file, or a virtual environment.")
    read = [dependencies.read(path) for path in paths]
    uses = sorted({one for each in read for one in each.dependencies})
    unread = [one for each in read for one in each.unread]
    if not uses and not unread:
        raise DataError(f"{', '.join(map(str, paths))}: no dependency is named there. Name one of {', '.join(FILES)}.")
    known = {recipe.name: recipe for folder in (recipes.HOSTS, recipes.RECIPES) for recipe in recipes.load(folder)}
    data = {**measurement.load(measurement.HOSTS), **measurement.load()}
    found = [finding(one, known, data, given.series or "", given.method) for one in with_variants(uses, known)]
    not_read = list(_listed("not read, so not known", [f"{one.text} ({one.where})" for one in unread]))
    if given.format == "json":
        print(json.dumps([asdict(one) for one in found], indent=2))
        print("\n".join(not_read), end="\n" * bool(not_read), file=sys.stderr)
    else:
        print(
            "\n".join([*not_read, *lines(found, (given.method,) if given.method else METHODS[:3], given.series or "")])
        )
    if any(one.breaks for one in found):
        return Status.ERRORS
    return Status.INCOMPLETE if unread or not all(one.measured for one in found) else Status.DONE


def with_variants(uses: Sequence[Dependency], known: Mapping[str, Recipe]) -> list[Dependency]:
    """Dependencies, and the ways to use two that have a recipe of their own: sqlalchemy-psycopg where both are used."""
    names = {one.name for one in uses}
    ways = [
        Dependency(recipe.name, one.version)
        for one in uses
        for recipe in known.values()
        if recipe.package == one.name and recipe.name.removeprefix(f"{one.name}-") in names - {one.name}
    ]
    return sorted([*uses, *ways])


def finding(
    one: Dependency, known: Mapping[str, Recipe], data: Mapping[str, PackageData], series: str, method: str | None
) -> Finding:
    """What was measured of a dependency, or of the version of it that is nearest. Pure."""
    file = data.get(one.name)
    chosen = nearest(one.version, [row for row in file.measurements if row.cells] if file else [], series)
    if chosen is None:
        return Finding(name=one.name, version=one.version)
    asked = [cell for cell in chosen.cells if method in (None, cell.method)]
    recipe = known.get(one.name)
    return Finding(
        name=one.name,
        version=one.version,
        measured=chosen.version,
        target=chosen.target,
        advice=cells.advice(chosen),
        breaks=tuple((cell.question, cell.method, cell.answer) for cell in asked if breaks(cell)),
        refused=tuple(cell.method for cell in asked if cell.answer == REFUSED),
        address=next((address for _, address in recipe.threads), recipe.address) if recipe else "",
    )


def breaks(cell: PackageCell) -> bool:
    """Whether a cell says that something does not work which a program may do unawares.

    An object that cannot be passed is refused at once with a clear exception: nothing breaks.
    """
    return cell.fact and cell.question not in cells.FACTS and cell.answer not in (cells.WORKS, REFUSED)


def nearest(version: str, measured: Sequence[Measurement], series: str) -> Measurement | None:
    """The measurement of the version on the newest Python, else on the newest of all that of the next older version,
    or the oldest. series: only on this one.

    A free-threaded Python counts only where it is named.
    """
    on_series = [row for row in measured if cells.series(row) == series or (not series and not _is_free(row))]
    if not on_series:
        return None
    same = [row for row in on_series if version and version_key(row.version) == version_key(version)]
    newest = max(map(_python, same or on_series))
    rows = sorted(
        (row for row in same or on_series if _python(row) == newest), key=lambda row: version_key(row.version)
    )
    older = [row for row in rows if not version or version_key(row.version) <= version_key(version)]
    return older[-1] if older else rows[0]


def _is_free(row: Measurement) -> bool:
    return cells.series(row).endswith("t")


def _python(row: Measurement) -> Version:
    return version_key(row.target.split("-")[1])


def lines(found: Sequence[Finding], methods: Sequence[str] = METHODS[:3], series: str = "") -> Iterator[str]:
    """What a terminal shows: what breaks, what works, what nobody has measured; at last what it comes to."""
    for one in (one for one in found if one.breaks):
        runs = ", for code that it runs" if any(question in cells.OF_HOSTS for question, *_ in one.breaks) else ""
        yield f"{one.name} {one.version or 'of any version'}{runs}: {cells.ADVICE[one.advice]}"
        for question, method, answer in one.breaks:
            yield f"    {question} under {method}: {answer}"
        yield f"    measured: {one.name} {one.measured} on {one.target}; {one.address}"
    measured = [one for one in found if one.measured]
    unknown = [one.name for one in found if not one.measured]
    yield from _listed("nothing known to break", [_measured(one) for one in measured if not one.breaks])
    yield from _listed(f"not measured{f' on Python {series}' if series else ''}, so not known", unknown)
    for method in methods:
        broken = sum(any(where == method for _, where, _ in one.breaks) for one in measured)
        refused = [one.name for one in measured if method in one.refused]
        objects = f"; objects that cannot be passed to a child: {', '.join(refused)}" if refused else ""
        yield f"{method} ({CHOICE[method]}): {broken} of {len(measured)} break{objects}"


def _measured(one: Finding) -> str:
    """The name and version of what is used, and the version that was measured if it is another."""
    other = f" (measured: {one.measured})" if one.version not in ("", one.measured) else ""
    return f"{one.name} {one.version or one.measured}{other}"


def _listed(title: str, names: Sequence[str]) -> Iterator[str]:
    """How many there are, and which; nothing if there are none."""
    if names:
        yield f"{title}, {len(names)}:"
        yield from textwrap.wrap(
            ", ".join(names), 116, initial_indent="    ", subsequent_indent="    ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
