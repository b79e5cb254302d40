"""`--pythons 3.9-3.14`: an environment for each series, made by uv with the project in it, and kept for the next time.

The project is installed from a copy: building it would write into its folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from matrix.errors import TargetError, UsageError
from matrix.targets import discovery

MOST = 20
"""Series that one call may name."""

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".hg", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__", "*_cache"
)


def series(text: str) -> tuple[str, ...]:
    """'3.9-3.11,3.14' -> the series one by one. Raises UsageError."""
    found: list[str] = []
    for part in text.split(","):
        match = re.fullmatch(r"3\.(\d{1,2})(?:-3\.(\d{1,2}))?", part.strip())
        if not match:
            raise UsageError(f"--pythons {text[:60]!r} is not like 3.9-3.14 or 3.9,3.13")
        first, last = int(match[1]), int(match[2] or match[1])
        found += [f"3.{minor}" for minor in range(first, last + 1)]
    if not 1 <= len(found) <= MOST:
        raise UsageError(f"--pythons {text[:60]!r} names {len(found)} series; 1 to {MOST} can be tried")
    return tuple(dict.fromkeys(found))


def make(
    text: str, requirements: Sequence[str], words: Sequence[str], project: Path, console: Console
) -> tuple[str, ...]:
    """The interpreters of the environments. Raises UsageError, or TargetError if uv cannot make one."""
    names = series(text)
    uv = shutil.which("uv")
    if not uv:
        raise UsageError("--pythons needs uv: https://docs.astral.sh/uv. Or name interpreters with --python.")
    wanted = list(requirements) or list(_usual(words, project))
    return tuple(_environment(uv, name, wanted, project, console) for name in names)


def _usual(words: Sequence[str], project: Path) -> Iterator[str]:
    """The project, and the runner that the command names."""
    if (project / "pyproject.toml").is_file() or (project / "setup.py").is_file():
        yield "."
    if words and words[0] in ("pytest", "py.test"):
        yield "pytest"


def _environment(uv: str, name: str, requirements: Sequence[str], project: Path, console: Console) -> str:
    folder = _cache() / f"{name}-{_digest(name, requirements, project)}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "canifork-ready"
    if not stamp.is_file():
        console.print(f"Making an environment of Python {name}: {' '.join(requirements) or 'empty'}", markup=False)
        here = discovery.find().get(name)  # else uv looks itself, and downloads it if it may
        _run([uv, "venv", "--quiet", "--clear", "--python", str(here[0]) if here else name, str(folder)], name)
        with tempfile.TemporaryDirectory(prefix="canifork-build-") as copied:
            copy = Path(copied) / "project"
            if any(word.startswith(".") for word in requirements):
                shutil.copytree(project, copy, ignore=_LEFT_OUT, symlinks=True)
            local = [f"{copy}{word[1:]}" if word.startswith(".") else word for word in requirements]
            if local:
                _run([uv, "pip", "install", "--quiet", "--python", str(python), *local], name)
        stamp.touch()
    return str(python)


def _run(command: Sequence[str], name: str) -> None:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode:
        said = "\n".join(done.stderr.strip().splitlines()[-3:])
        raise TargetError(
            f"uv cannot make an environment of Python {name}:\n{said[:600]}\n"
            f"If it cannot be downloaded here, install Python {name}, or leave it out of --pythons."
        )


def _cache() -> Path:
    """Where environments are kept: the system's folder for caches."""
    home = Path.home()
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "canifork" / "environments"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "canifork" / "environments"


def _digest(name: str, requirements: Sequence[str], project: Path) -> str:
    """Changes with what is asked for, and with the project itself: its metadata and its sources."""
    total = hashlib.sha256("\n".join((name, str(project), *requirements)).encode())
    if any(word.startswith(".") for word in requirements):
        for path in sorted(project.rglob("*.py")) + sorted(project.glob("*.toml")) + sorted(project.glob("setup.cfg")):
            if not any(
                part.startswith(".") or part in ("venv", "__pycache__") for part in path.relative_to(project).parts
            ):
                total.update(f"{path}\0{path.stat().st_size}\0{path.stat().st_mtime_ns}".encode())
    return total.hexdigest()[:16]
