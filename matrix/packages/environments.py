"""A virtual environment for each package, version and Python, made by uv from wheels alone, and kept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matrix.errors import UsageError
from matrix.packages.recipes import Recipe
from matrix.paths import ROOT

FOLDER = ROOT / ".nox" / "packages"
TIMEOUT = 600
"""Seconds that uv may take for one environment: large wheels are downloaded."""

_STAMP = "canifork.json"
"""File in a finished environment: what is installed there."""


class NoWheelError(Exception):
    """There is no wheel of a package, or of something that it needs, for this Python."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment that is ready: its interpreter, the package's version, and all that is installed."""

    python: Path
    version: str
    installed: tuple[str, ...]


def make(recipe: Recipe, python: Path, series: str, version: str | None = None) -> Environment:
    """The environment for a recipe: made if it is not there, or if the recipe requires something else by now.

    version: of the package itself, by default the newest. Raises NoWheelError, and UsageError without uv.
    """
    requires = (f"{recipe.name}=={version}", *recipe.requires[1:]) if version else recipe.requires
    folder = FOLDER / series / f"{recipe.name}-{version or 'newest'}"
    stamp = folder / _STAMP
    if stamp.is_file():
        made = json.loads(stamp.read_text(encoding="utf-8"))
        if made["requires"] == list(requires) and made["python"] == str(python):
            return Environment(python=_python(folder), version=made["version"], installed=tuple(made["installed"]))
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _uv(["venv", "--quiet", "--no-project", "--python", str(python), str(folder)])
    _uv(["pip", "install", "--quiet", "--only-binary", ":all:", "--python", str(_python(folder)), *requires])
    listed = json.loads(_uv(["pip", "list", "--format", "json", "--python", str(_python(folder))]))
    installed = {row["name"].lower(): row["version"] for row in listed}
    made = {
        "requires": requires,
        "python": str(python),
        "version": installed[recipe.name],
        "installed": [f"{name}=={number}" for name, number in sorted(installed.items())],
    }
    stamp.write_text(json.dumps(made, indent=1), encoding="utf-8")
    return Environment(python=_python(folder), version=made["version"], installed=tuple(made["installed"]))


def versions(recipe: Recipe, python: Path, count: int) -> list[str]:
    """The newest release of each of the last minor series of a package that a Python has wheels for, newest first."""
    found: list[str] = []
    below = ""
    while len(found) < count:
        wanted = recipe.requires[0] + (f",<{below}" if below else "")
        words = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-deps", "--only-binary", ":all:"]
        try:
            text = _uv([*words, "--python", str(python), "-"], wanted)
        except NoWheelError:
            break
        found.append(text.strip().partition("==")[2])
        below = ".".join(found[-1].split(".")[:2])
    return found


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _uv(words: Sequence[str], text: str = "") -> str:
    """The output of uv, given a text. Raises NoWheelError where no wheels fit, and UsageError for any other failure."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if not uv:
        raise UsageError("Packages are installed by uv, which is not here. Run `nox -s packages`, or install uv.")
    done = subprocess.run(
        [uv, *words], input=text, capture_output=True, encoding="utf-8", errors="replace", timeout=TIMEOUT, check=False
    )
    if not done.returncode:
        return done.stdout
    said = done.stderr.strip()
    if "no wheels" in said or "No solution found" in said or "not compatible" in said:
        raise NoWheelError(said.splitlines()[-1].strip() if said else "")
    raise UsageError(f"uv {words[0]} {words[1]} failed: {said[-400:]}\nIs the package index reachable?")


def offline() -> tuple[str, ...]:
    """What to put before a command so that it has no network but its own loopback; nothing where that cannot be."""
    if sys.platform != "linux":
        return ()
    words = ("unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"')
    try:
        works = subprocess.run([*words, "true"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        works = False
    return words if works else ()
