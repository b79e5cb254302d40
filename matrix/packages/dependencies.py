"""Which packages a project uses, and which versions: from requirements, pyproject.toml, a lock, an environment."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from matrix.errors import DataError
from matrix.model import Json
from matrix.packages.recipes import is_name, normalized
from matrix.system import safe_read

MAX_FILE, MAX_LINE = 16 * 2**20, 2000
"""Bytes of a file that is read, and characters of a line of requirements."""

_VERSION = re.compile(r"[A-Za-z0-9.+!_-]{1,60}")

MAX_DOTS = 1000
"""Points in a line of TOML: the time that the library takes grows faster than the square of a key's parts."""


@dataclass(frozen=True, slots=True, order=True)
class Dependency:
    """One package that a project uses. version: '' where only a range is known, or nothing."""

    name: str
    version: str = ""


def read(path: Path) -> tuple[Dependency, ...]:
    """What a file or an environment names, each package once. Raises DataError for what cannot be read."""
    try:
        found = list(_environment(path) if path.is_dir() else _file(path, safe_read.read_named(path, MAX_FILE)))
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}.") from None
    except safe_read.UnsafeFileError as error:
        raise DataError(f"Cannot read {path}: it is {error}.") from None
    except ValueError as error:  # of TOML, or of an encoding
        raise DataError(
            f"{path}: {str(error)[:200]}. Name requirements.txt, pyproject.toml, uv.lock or poetry.lock."
        ) from None
    by_name: dict[str, Dependency] = {}
    for one in sorted(found):  # one with a version comes after one without
        by_name[one.name] = one
    return tuple(by_name.values())


def _file(path: Path, data: bytes) -> Iterator[Dependency]:
    """Raises ValueError for what is no text, or no TOML where that is expected."""
    if path.suffix == ".lock":
        return _lock(_toml(data))
    if path.suffix == ".toml":
        table = _toml(data)
        return _lock(table) if path.name.startswith("pylock.") else _pyproject(table)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"  # PowerShell's `>`
    return _requirements(data.decode(encoding))


def _toml(data: bytes) -> Mapping[str, Json]:
    text = data.decode("utf-8")
    if any(line.count(".") > MAX_DOTS for line in text.splitlines()):
        raise ValueError("a key of too many parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _requirements(text: str) -> Iterator[Dependency]:
    for line in dict.fromkeys(text.splitlines()):
        words = re.sub(r"(^|\s)#.*", "", line).partition(" --hash")[0].rstrip("\\ ").strip()
        if words and not words.startswith("-") and len(words) <= MAX_LINE:
            yield from _requirement(words)


def _requirement(text: str) -> Iterator[Dependency]:
    """The dependency in one requirement; nothing for what is none, such as a path or an address."""
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return
    pins = [pin.version for pin in requirement.specifier if pin.operator in ("==", "===") and "*" not in pin.version]
    yield from _dependency(requirement.name, pins[0] if pins else "")


def _dependency(name: Json, version: Json = "") -> Iterator[Dependency]:
    """The dependency of a name, if it is one; a version that is none is not known."""
    if isinstance(name, str) and is_name(name):
        known = isinstance(version, str) and _VERSION.fullmatch(version)
        yield Dependency(normalized(name), version if known else "")


def _pyproject(data: Mapping[str, Json]) -> Iterator[Dependency]:
    project = _table(data, "project")
    lists = [project.get("dependencies"), *_table(project, "optional-dependencies").values()]
    lists += _table(data, "dependency-groups").values()
    for text in (text for texts in lists if isinstance(texts, list) for text in texts if isinstance(text, str)):
        yield from _requirement(text)
    for name in _table(_table(_table(data, "tool"), "poetry"), "dependencies"):
        if name != "python":
            yield from _dependency(name)


def _lock(data: Mapping[str, Json]) -> Iterator[Dependency]:
    """The packages of uv.lock, poetry.lock or pylock.toml: tables of name and version under `package` or `packages`."""
    for tables in (data.get("package"), data.get("packages")):
        for table in tables if isinstance(tables, list) else ():
            if isinstance(table, dict):
                yield from _dependency(table.get("name"), table.get("version"))


def _table(data: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    """A table in a table; an empty one if there is something else."""
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _environment(folder: Path) -> Iterator[Dependency]:
    """The packages of a virtual environment, or of a folder of packages, by their .dist-info folders."""
    for path in folder.rglob("*.dist-info"):
        name, _, version = path.name.removesuffix(".dist-info").partition("-")
        yield from _dependency(name, version)
