"""Which packages a project uses, and which versions: from requirements, pyproject.toml, a lock, an environment."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from matrix.errors import DataError
from matrix.model import Json
from matrix.packages.recipes import is_name, normalized
from matrix.system import safe_read

FILES = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt", "pyproject.toml")
"""Files of a project that are looked for, the most exact first."""

MAX_FILE, MAX_LINE, MAX_INCLUDED = 16 * 2**20, 2000, 100
"""Bytes of a file that is read, characters of a line of requirements, and files that requirements may include."""

MAX_DOTS = 1000
"""Points in a line of TOML: the time that the library takes grows faster than the square of a key's parts."""

_VERSION = re.compile(r"[A-Za-z0-9.+!_-]{1,60}")
_OTHER = {".cfg", ".ini", ".json", ".py", ".yaml", ".yml"}
"""Suffixes of files that may name dependencies, but are no list of requirements."""


@dataclass(frozen=True, slots=True, order=True)
class Dependency:
    """One package that a project uses. version: '' where only a range is known, or nothing."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """What a file names, but not by a package's name: '-e .', an address. where: the file's name."""

    text: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file or an environment names: each package once, and what could not be told to be a package."""

    dependencies: tuple[Dependency, ...]
    unread: tuple[Unread, ...] = ()


def read(path: Path) -> Found:
    """What a file, a project or an environment names. Raises DataError for what cannot be read."""
    try:
        found = list(_folder(path) if path.is_dir() else _file(path))
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}.") from None
    except safe_read.UnsafeFileError as error:
        raise DataError(f"Cannot read {path}: it is {error}.") from None
    except ValueError as error:  # of TOML, of JSON, or of an encoding
        raise DataError(f"{path}: {str(error)[:200]}. Name one of {', '.join(FILES)}.") from None
    by_name: dict[str, Dependency] = {}
    named = (one for one in found if isinstance(one, Dependency))
    for one in sorted(named, key=lambda one: (one.name, bool(one.version), version_key(one.version))):
        by_name[one.name] = one  # the newest version: locks may have several, for several Pythons
    unread = dict.fromkeys(one for one in found if isinstance(one, Unread))
    return Found(dependencies=tuple(by_name.values()), unread=tuple(unread))


def version_key(text: str) -> Version:
    """A version to be compared; what is none comes first."""
    try:
        return Version(text.partition("+")[0])
    except InvalidVersion:
        return Version("0")


def _file(path: Path) -> Iterator[Dependency | Unread]:
    """Raises ValueError for what is no text, or no TOML or JSON where that is expected."""
    data = safe_read.read_named(path, MAX_FILE)
    if path.name == "Pipfile.lock":
        return _pipfile_lock(data)
    if path.suffix == ".lock":
        return _lock(_toml(data))
    if path.name == "Pipfile":
        return _pipfile(_toml(data))
    if path.suffix == ".toml":
        table = _toml(data)
        return _lock(table) if path.name.startswith("pylock.") else _pyproject(table, path.name)
    if path.suffix in _OTHER:
        raise ValueError("no list of requirements")
    return _requirements(_text(data), path, set())


def _text(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"  # PowerShell's `>`
    return data.decode(encoding)


def _toml(data: bytes) -> Mapping[str, Json]:
    text = data.decode("utf-8")
    if any(line.count(".") > MAX_DOTS for line in text.splitlines()):
        raise ValueError("a key of too many parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


# --- requirements

_INCLUDE = re.compile(r"(?:-r|--requirement[\s=])\s*(\S.*)")
_EDITABLE = re.compile(r"(?:-e|--editable[\s=])\s*")


def _requirements(text: str, path: Path, included: set[Path]) -> Iterator[Dependency | Unread]:
    """What lines of requirements name, with the files that they include. included: those that were read before."""
    included.add(path)
    joined = re.sub(r"\\\r?\n", " ", text)
    for line in dict.fromkeys(joined.splitlines()):
        words = re.sub(r"(^|\s)#.*", "", line).strip()
        if len(words) > MAX_LINE:
            yield Unread(words[:60] + "…", path.name)
        elif given := _INCLUDE.fullmatch(words):
            yield from _included(given[1], path, included)
        elif words and (not words.startswith("-") or _EDITABLE.match(words)):
            named = re.split(r"\s--", _EDITABLE.sub("", words))[0].strip()
            found = list(_requirement(named))
            yield from found
            if not found:
                yield Unread(words[:100], path.name)


def _included(name: str, path: Path, included: set[Path]) -> Iterator[Dependency | Unread]:
    """What an included file names; one that cannot be read is told, not raised."""
    other = path.parent / name
    if other in included or other.resolve() in {one.resolve() for one in included}:
        return
    try:
        if "://" in name or len(included) >= MAX_INCLUDED:
            raise ValueError
        text = _text(safe_read.read_named(other, MAX_FILE))
    except (OSError, safe_read.UnsafeFileError, ValueError):
        yield Unread(f"-r {name[:100]}", path.name)
        return
    yield from _requirements(text, other, included)


def _requirement(text: str) -> Iterator[Dependency]:
    """The dependency in one requirement; nothing for what names none, such as a path or an address."""
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError):
        yield from _address(text)
        return
    pins = [pin.version for pin in requirement.specifier if pin.operator in ("==", "===") and "*" not in pin.version]
    addressed = list(_address(requirement.url or ""))
    yield from _dependency(requirement.name, addressed[0].version if addressed else pins[0] if pins else "")


def _address(text: str) -> Iterator[Dependency]:
    """The dependency of an address or a path: by `#egg=`, or by the name of a wheel or a source archive."""
    if egg := re.search(r"#(?:.*&)?egg=([\w.-]+)", text):
        yield from _dependency(egg[1])
        return
    file = re.split(r"[#?;\s]", text, maxsplit=1)[0].replace("\\", "/").rpartition("/")[2]
    try:
        name, version = parse_wheel_filename(file)[:2] if file.endswith(".whl") else parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return
    yield from _dependency(str(name), str(version))


def _dependency(name: Json, version: Json = "") -> Iterator[Dependency]:
    """The dependency of a name, if it is one; a version that is none is not known."""
    if isinstance(name, str) and is_name(name):
        known = isinstance(version, str) and _VERSION.fullmatch(version)
        yield Dependency(normalized(name), version if known else "")


# --- tables


def _pyproject(data: Mapping[str, Json], where: str) -> Iterator[Dependency | Unread]:
    project, tool = _table(data, "project"), _table(data, "tool")
    lists = [
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(data, "dependency-groups").values(),
        _table(tool, "uv").get("dev-dependencies"),
        *_table(_table(tool, "pdm"), "dev-dependencies").values(),
    ]
    itself = project.get("name")
    own = normalized(itself) if isinstance(itself, str) else ""
    for text in (text for texts in lists if isinstance(texts, list) for text in texts if isinstance(text, str)):
        found = list(_requirement(text.removeprefix("-e ")))
        yield from (one for one in found if one.name != own)  # x[all] names extras of the project itself
        if not found:
            yield Unread(text[:100], where)
    dynamic = project.get("dynamic")
    if isinstance(dynamic, list) and "dependencies" in dynamic:
        yield Unread("dynamic dependencies", where)
    poetry = _table(tool, "poetry")
    groups = _table(poetry, "group")
    tables = [poetry.get("dependencies"), poetry.get("dev-dependencies")]
    tables += [_table(groups, name).get("dependencies") for name in groups]
    for table in tables:
        yield from _named(table if isinstance(table, dict) else {}, bare=True)


def _pipfile(data: Mapping[str, Json]) -> Iterator[Dependency]:
    for table in ("packages", "dev-packages"):
        yield from _named(_table(data, table))


def _pipfile_lock(data: bytes) -> Iterator[Dependency]:
    try:
        table = json.loads(data)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(table, dict):
        raise ValueError("no table")
    for group in ("default", "develop"):
        yield from _named(_table(table, group))


def _named(table: Mapping[str, Json], *, bare: bool = False) -> Iterator[Dependency]:
    """The dependencies that are keys of a table. bare: whether a version without an operator is a pin."""
    for name, wanted in table.items():
        said = wanted.get("version") if isinstance(wanted, dict) else wanted
        pin = re.fullmatch(r"(===?|)\s*([0-9][A-Za-z0-9.+!_-]*)", said.strip()) if isinstance(said, str) else None
        if name != "python":
            yield from _dependency(name, pin[2] if pin and (pin[1] or bare) else "")


def _lock(data: Mapping[str, Json]) -> Iterator[Dependency]:
    """The packages of uv.lock, poetry.lock or pylock.toml: tables of name and version under `package` or `packages`.

    The project itself and its neighbours in a workspace are none that it depends on.
    """
    for tables in (data.get("package"), data.get("packages")):
        for table in tables if isinstance(tables, list) else ():
            if isinstance(table, dict) and not {"editable", "virtual"} & set(_table(table, "source")):
                yield from _dependency(table.get("name"), table.get("version"))


def _table(data: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    """A table in a table; an empty one if there is something else."""
    found = data.get(key)
    return found if isinstance(found, dict) else {}


# --- folders


def _folder(folder: Path) -> Iterable[Dependency | Unread]:
    """Of a project what its most exact file names; else the packages that are installed below the folder."""
    files = [folder / name for name in FILES if (folder / name).is_file()]
    if files and not (folder / "pyvenv.cfg").exists():
        return _file(files[0])
    return _environment(folder)


def _environment(folder: Path) -> Iterator[Dependency]:
    """The packages of a virtual environment, or of a folder of packages, by their .dist-info folders."""
    for path in folder.rglob("*.dist-info"):
        name, _, version = path.name.removesuffix(".dist-info").partition("-")
        yield from _dependency(name, version)
