"""What is stored of one package: the measurements of its versions, each on one target. Read and written as JSON."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, structs

from matrix.errors import DataError
from matrix.files import atomic_write
from matrix.paths import ROOT

FOLDER = ROOT / "data" / "packages"
"""The published measurements, a file for each package."""

HOSTS = ROOT / "data" / "hosts"
"""Likewise those of programs that run other people's code."""

SCHEMA = 1

NO_VERSION = "0"
"""The version of a measurement that says that no version has a wheel."""

_Name = Annotated[str, Meta(max_length=100, pattern=r"^[a-z0-9][a-z0-9._-]*\Z")]
_Version = Annotated[str, Meta(max_length=60, pattern=r"^[A-Za-z0-9.+!_-]+\Z")]
_Short = Annotated[str, Meta(max_length=300)]
_Text = Annotated[str, Meta(max_length=4000)]
_Stacks = Annotated[str, Meta(max_length=20_000)]
_Count = Annotated[int, Meta(ge=0, le=100_000)]


class PackageCell(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One question under one start method: a word, how often it was seen, and how it looked.

    answer is one of the words of probes/packages/_engine/_recipe.py, `flaky`, or the value of a mere fact. agree of n
    attempts gave it; of children that were started in all attempts, failed did not work. fact: whether it says
    something of the start method; False where the control under spawn failed too.
    """

    question: _Name
    method: Annotated[str, Meta(pattern=r"^(fork|spawn|forkserver|none)\Z")]
    answer: _Short
    detail: _Text = ""
    n: _Count
    agree: _Count
    children: _Count = 0
    failed: _Count = 0
    fact: bool = True
    stacks: _Stacks = ""


class Measurement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One version on one target. installed: all that was in the environment, name==version; cores: of the machine;
    libc: its C library, such as `glibc 2.36`, which may decide instead of the Python; offline: whether its processes
    had no network. wheel: False if there is none for this Python; it has no cells then.
    """

    version: _Version
    target: Annotated[str, Meta(max_length=200)]
    measured: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d\Z")]
    source_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    wheel: bool = True
    cores: _Count = 0
    libc: _Short = ""
    offline: bool = False
    seconds: float = 0.0
    installed: tuple[_Short, ...] = ()
    cells: tuple[PackageCell, ...] = ()


class PackageData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file of one package."""

    schema: Annotated[int, Meta(ge=1, le=SCHEMA)] = SCHEMA
    package: _Name
    measurements: tuple[Measurement, ...] = ()


def schema() -> str:
    """The JSON Schema of a file, as it stands in matrix/files/schema."""
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "canifork: data of a package"}
    made = msgspec.json.schema(PackageData)
    for part in made["$defs"].values():  # Python 3.13 and later take the indentation of a docstring away
        if "description" in part:
            part["description"] = inspect.cleandoc(part["description"])
    return msgspec.json.format(msgspec.json.encode({**head, **made}), indent=2).decode()


def load(folder: Path = FOLDER) -> dict[str, PackageData]:
    """{package: its measurements} of a folder; nothing where there is none. Raises DataError."""
    return {data.package: data for path in sorted(folder.glob("*.json")) for data in [read(path)]}


def read(path: Path) -> PackageData:
    """One file. Raises DataError if it is not valid, or of another package than its name says."""
    try:
        return parse(path.read_bytes(), path)
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}.") from None


def parse(text: bytes, path: Path) -> PackageData:
    """What is in a file that was read. Raises DataError as read() does."""
    try:
        data = msgspec.json.decode(text, type=PackageData)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not the data of a package: {error}. Measure it again: nox -s packages.") from None
    if data.package != path.stem:
        raise DataError(f"{path} is of {data.package}: name it {data.package}.json.")
    return data


def save(package: str, new: Iterable[Measurement], folder: Path = FOLDER) -> Path:
    """Put measurements into the package's file: their cells replace those of the same version and target.

    Cells of other questions stay if the same source measured them, so that one question can be asked again. That
    there was no wheel for a Python is forgotten once a version is measured there.
    """
    path = folder / f"{package}.json"
    kept = {(one.version, one.target): one for one in (read(path).measurements if path.exists() else ())}
    for one in new:
        if one.wheel:
            kept.pop((NO_VERSION, one.target), None)
        before = kept.get((one.version, one.target))
        asked = {cell.question for cell in one.cells}
        rest = before.cells if before and one.wheel and before.source_sha256 == one.source_sha256 else ()
        every = [*(cell for cell in rest if cell.question not in asked), *one.cells]
        every.sort(key=lambda cell: (cell.question, cell.method))
        kept[one.version, one.target] = structs.replace(one, cells=tuple(every))
    data = PackageData(package=package, measurements=tuple(kept[key] for key in sorted(kept)))
    text = msgspec.json.format(msgspec.json.encode(data), indent=1).decode()
    atomic_write.write_text(path, [text, "\n"])
    return path
