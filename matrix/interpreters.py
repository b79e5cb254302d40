"""Find the Python interpreters of this machine by the names of their files: nothing is started.

Standard library only and quick: noxfile.py asks it on every call, before anything is installed, so that
`nox -l` knows each Python. Why not a library: docs/decisions/0002-finding-interpreters.md.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

OLDEST = (3, 8)
"""The oldest Python that the probes run on."""

_NAME = re.compile(r"(python|pypy|graalpy)(\d+)\.(\d+)(t?)(\.exe)?")


def series(name: str) -> str | None:
    """What nox users call an interpreter, by its file's name: '3.13', '3.13t', 'pypy3.11'; None if none of ours."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    kind, major, minor, threads, _ = match.groups()
    if (int(major), int(minor)) < OLDEST:
        return None
    return f"{'' if kind == 'python' else kind}{major}.{minor}{threads}"


def find(env: Mapping[str, str] = os.environ, home: Path | None = None) -> dict[str, tuple[Path, ...]]:
    """{series: interpreters}, each file once, the preferred first: PATH, then version managers, newest first.

    A file that another name leads to (python3.13 -> python3.13t) counts under each name; who asks it learns what it is.
    """
    found: dict[str, dict[Path, Path]] = {}
    for folder in folders(env, home or Path.home()):
        for name, file in _named(folder):
            try:
                real = file.resolve(strict=True)
            except (OSError, RuntimeError):
                continue
            if os.access(file, os.X_OK):
                found.setdefault(name, {}).setdefault(real, file)
    return {name: tuple(files.values()) for name, files in sorted(found.items(), key=lambda item: order(item[0]))}


def _named(folder: Path) -> Iterator[tuple[str, Path]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = series(entry.name)
        if name:
            yield name, Path(entry.path)
        elif sys.platform == "win32" and entry.name.lower() == "python.exe":
            # Windows installations have no versioned name; the folder's name tells (…/Python313, …/3.13.1/x64).
            version = _folder_series(folder)
            if version:
                yield version, Path(entry.path)


def _folder_series(folder: Path) -> str | None:
    for part in (folder.name, folder.parent.name):
        match = re.search(r"(3)\.?(\d{1,2})(?:\.\d+)?(t?)", part)
        if match and (int(match[1]), int(match[2])) >= OLDEST:
            return f"{match[1]}.{match[2]}{match[3]}"
    return None


def folders(env: Mapping[str, str], home: Path) -> Iterator[Path]:
    """Where interpreters lie: PATH without the shims of version managers, then what the managers keep."""
    managed = list(_managed(env, home))
    for part in env.get("PATH", "").split(os.pathsep):
        # A shim fails unless its version is the active one; the managers' folders have the real thing.
        if part and Path(part).name != "shims":
            yield Path(part)
    for root in managed:
        yield from _newest_first(root)
    if sys.platform == "darwin":
        for root in ("/Library/Frameworks/Python.framework/Versions", "/Library/Frameworks/PythonT.framework/Versions"):
            yield from _newest_first(Path(root))
        yield from (Path("/opt/homebrew/bin"), Path("/usr/local/bin"))
    if sys.platform == "win32":
        yield from _newest_first(Path(env.get("LOCALAPPDATA", home)) / "Programs" / "Python")


def _managed(env: Mapping[str, str], home: Path) -> Iterator[Path]:
    """The folders that have one installation each: pyenv, uv, mise, asdf, nox's own downloads, conda."""
    data = Path(env.get("XDG_DATA_HOME") or home / ".local" / "share")
    roots = [
        Path(env.get("PYENV_ROOT") or home / ".pyenv") / "versions",
        Path(env.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python"),
        Path(env.get("MISE_DATA_DIR") or data / "mise") / "installs" / "python",
        Path(env.get("ASDF_DATA_DIR") or home / ".asdf") / "installs" / "python",
        data / "nox" / "pythons",
    ]
    if sys.platform == "win32":
        roots.append(Path(env.get("APPDATA", home)) / "uv" / "python")
        roots.append(home / ".pyenv" / "pyenv-win" / "versions")
    roots += [home / name / "envs" for name in ("miniconda3", "anaconda3", "miniforge3", "mambaforge")]
    yield from roots


def _newest_first(root: Path) -> Iterable[Path]:
    """The folder with the executables of each installation below a root."""
    try:
        names = [entry.name for entry in os.scandir(root) if entry.is_dir()]
    except OSError:
        return []
    names.sort(key=_numbers, reverse=True)
    return [root / name if sys.platform == "win32" else root / name / "bin" for name in names]


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", name))


def order(name: str) -> tuple[str, tuple[int, ...], str]:
    """Sort key of a series: CPython by version, free-threaded behind the usual build, then other implementations."""
    return re.match(r"[a-z]*", name)[0], _numbers(name), name  # type: ignore[index]
