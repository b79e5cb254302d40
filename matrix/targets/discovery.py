"""Find the Python interpreters of this machine by the names of their files: nothing is started.

Standard library only and quick: noxfile.py asks it on every call, before anything is installed, so that
`nox -l` knows each Python. Why not a library: docs/decisions/0002-finding-interpreters.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from matrix.targets import naming, search_paths

OLDEST = (3, 8)
"""The oldest Python that the probes run on."""

# d and -dbg: debug builds; python3.13-intel64 is half of a universal build on macOS.
_NAME = re.compile(r"(python|pypy|graalpy)(\d+)\.(\d+)(t?)(?:d|-dbg|-intel64)?(?:\.exe)?")
_LIBRARY = re.compile(r"python(3)(\d{1,2})(t?)(?:_d)?\.dll")
_OTHERS = re.compile(r"(lib)?(pypy|graalpy).*\.(exe|dll)")
_UNVERSIONED = ("python.exe", "python_d.exe")


def series(name: str) -> str | None:
    """The series of an interpreter, by its file's name: '3.13t', 'pypy3.11'; None if it is not supported."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    name, major, minor, threads = match.groups()
    implementation = "cpython" if name == "python" else name
    return _supported(naming.Series(implementation, int(major), int(minor), bool(threads)))


def _supported(found: naming.Series) -> str | None:
    return str(found) if (found.major, found.minor) >= OLDEST else None


def named(folder: str, names: Iterable[str], windows: bool) -> Iterator[tuple[str, str]]:
    """(series, file name) of the interpreters among the files of a folder.

    On Windows PyPy's and GraalPy's folders have a python.exe, too, which is a copy of theirs.
    """
    names = sorted(names)
    if windows and any(map(_OTHERS.fullmatch, (name.lower() for name in names))):
        names = [name for name in names if not name.lower().startswith("python")]
    for name in names:
        version = series(name)
        if version:
            yield version, name
        elif windows and name.lower() in _UNVERSIONED:
            # Most installations on Windows have no versioned name; the DLL beside it has one, or the folder.
            version = _by_library(names) or _by_folder(folder)
            if version:
                yield version, name


def _by_library(names: Iterable[str]) -> str | None:
    """By python313.dll. Where the free-threaded build lies beside the usual one, python.exe is the usual one."""
    matches = [match for match in map(_LIBRARY.fullmatch, (name.lower() for name in names)) if match]
    versions = sorted(naming.Series("cpython", int(match[1]), int(match[2]), bool(match[3])) for match in matches)
    return next(filter(None, map(_supported, versions)), None)


def _by_folder(folder: str) -> str | None:
    """By …\\Python313, …\\3.13.1\\x64, …\\pythoncore-3.14t-64."""
    for part in reversed(re.split(r"[/\\]", folder)[-2:]):
        match = re.search(r"(3)\.?(\d{1,2})(?:\.\d+)?(t?)", part)
        name = match and _supported(naming.Series("cpython", int(match[1]), int(match[2]), bool(match[3])))
        if name:
            return name
    return None


def find(host: search_paths.Host | None = None) -> dict[str, tuple[Path, ...]]:
    """{series: interpreters}, each file once, the preferred first: PATH, then version managers, newest first.

    A file with several names (python3.13 -> python3.13t) is listed under each; its facts say what it is.
    """
    host = host or search_paths.this_machine()
    found: dict[str, dict[Path, Path]] = {}
    for folder in dict.fromkeys(search_paths.folders(host)):
        for name, file in named(str(folder), _listing(folder), host.windows):
            path = folder / file
            real = _real(path, host)
            if real and not _is_alias(name, real):
                found.setdefault(name, {}).setdefault(real, path)
    return {
        name: tuple(files.values())
        for name, files in sorted(found.items(), key=lambda item: naming.series_key(item[0]))
    }


def _is_alias(name: str, real: Path) -> bool:
    """Whether a CPython's name leads to another implementation: PyPy 3.9 has a bin/python3.9."""
    return name[0].isdigit() and real.name.startswith(("pypy", "graalpy"))


def _listing(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are all that is wanted
    except OSError:
        return []


def _real(path: Path, host: search_paths.Host) -> Path | None:
    """The file that a path leads to; None if it leads nowhere or cannot be executed."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        # The Store's aliases can be started, but neither opened nor followed.
        return path if host.windows and os.path.lexists(path) else None
    return real if host.windows or os.access(path, os.X_OK) else None
