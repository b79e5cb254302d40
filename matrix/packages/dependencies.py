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
from matrix.packages.recipes import normalized


@dataclass(frozen=True, slots=True, order=True)
class Dependency:
    """One package that a project uses. version: '' where only a range is known, or nothing."""

    name: str
    version: str = ""


def read(path: Path) -> tuple[Dependency, ...]:
    """What a file or an environment names, each package once. Raises DataError for what cannot be read."""
    try:
        if path.is_dir():
            found = list(_environment(path))
        elif path.suffix == ".lock":
            found = list(_lock(tomllib.loads(path.read_text(encoding="utf-8"))))
        elif path.suffix == ".toml":
            found = list(_pyproject(tomllib.loads(path.read_text(encoding="utf-8"))))
        else:
            found = list(_requirements(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path}: {error}. Name requirements.txt, pyproject.toml, uv.lock or poetry.lock.") from None
    by_name: dict[str, Dependency] = {}
    for one in sorted(found):  # one with a version comes after one without
        by_name[one.name] = one
    return tuple(by_name.values())


def _requirements(text: str) -> Iterator[Dependency]:
    for line in text.splitlines():
        words = re.sub(r"(^|\s)#.*", "", line).partition(" --hash")[0].rstrip("\\ ").strip()
        if words and not words.startswith("-"):
            yield from _requirement(words)


def _requirement(text: str) -> Iterator[Dependency]:
    """The dependency in one requirement; nothing for what is none, such as a path or an address."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return
    pins = [pin.version for pin in requirement.specifier if pin.operator in ("==", "===") and "*" not in pin.version]
    yield Dependency(normalized(requirement.name), pins[0] if pins else "")


def _pyproject(data: Mapping[str, Json]) -> Iterator[Dependency]:
    project = data.get("project", {})
    lists = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    lists += data.get("dependency-groups", {}).values()
    for text in (text for texts in lists for text in texts if isinstance(text, str)):
        yield from _requirement(text)
    for name in data.get("tool", {}).get("poetry", {}).get("dependencies", {}):
        if name != "python":
            yield Dependency(normalized(name))


def _lock(data: Mapping[str, Json]) -> Iterator[Dependency]:
    """The packages of uv.lock, poetry.lock or pylock.toml: tables of name and version under `package` or `packages`."""
    for table in [*data.get("package", []), *data.get("packages", [])]:
        if isinstance(table, dict) and "name" in table:
            yield Dependency(normalized(str(table["name"])), str(table.get("version", "")))


def _environment(folder: Path) -> Iterator[Dependency]:
    """The packages of a virtual environment, or of a folder of packages, by their .dist-info folders."""
    for path in folder.rglob("*.dist-info"):
        name, _, version = path.name.removesuffix(".dist-info").partition("-")
        yield Dependency(normalized(name), version)
