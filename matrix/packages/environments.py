"""A virtual environment for each package, version and Python, made by uv from wheels with known hashes, and kept."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matrix.errors import UsageError
from matrix.packages.recipes import Recipe, normalized
from matrix.paths import ROOT

MEMORY = 8
"""GiB of private memory that each process of a measurement may ask for."""

FOLDER = ROOT / ".nox" / "packages"
TIMEOUT = 600
"""Seconds that uv may take for one environment: large wheels are downloaded."""

_STAMP = "canifork.json"
"""File in a finished environment: what is installed there."""


class NoWheelError(Exception):
    """There is no wheel of a package, or of something that it needs, for this Python."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment that is ready: its interpreter, the package's version, all that is installed, and its lock."""

    python: Path
    version: str
    installed: tuple[str, ...]
    lock: str = ""


def make(
    recipe: Recipe, python: Path, series: str, version: str | None = None, *, upgrade: bool = False
) -> Environment:
    """The environment for a recipe: made if it is not there, or if its lock is another by now.

    version: of the package itself; by default that of the published lock, else the newest. upgrade: the newest in any
    case. Raises NoWheelError, and UsageError without uv.
    """
    # The real path: which libraries are the environment's is told by comparing sys.prefix with /proc/self/maps.
    folder = FOLDER.resolve() / series / f"{recipe.name}-{version or 'newest'}"
    kept = _kept(folder, python)
    lock = "" if version or upgrade else published(recipe, series)
    if not lock and version and kept and kept.lock.startswith(_head(_requires(recipe, version))):
        return kept
    lock = lock or locked(recipe, python, version)
    if kept and kept.lock == lock:
        return kept
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _uv(["venv", "--quiet", "--no-project", "--python", str(python), str(folder)])
    words = ["--quiet", "--only-binary", ":all:", "--no-deps", "--require-hashes", "--python", str(_python(folder))]
    _uv(["pip", "install", *words, "-r", "-"], lock)
    listed = json.loads(_uv(["pip", "list", "--format", "json", "--python", str(_python(folder))]))
    installed = {normalized(row["name"]): row["version"] for row in listed}
    made = {
        "python": str(python),
        "version": installed[recipe.package],
        "installed": [f"{name}=={number}" for name, number in sorted(installed.items())],
        "lock": lock,
    }
    (folder / _STAMP).write_text(json.dumps(made, indent=1), encoding="utf-8")
    return Environment(**{**made, "python": _python(folder), "installed": tuple(made["installed"])})


def _kept(folder: Path, python: Path) -> Environment | None:
    """An environment that was made before, from the same interpreter."""
    stamp = folder / _STAMP
    if not stamp.is_file():
        return None
    made = json.loads(stamp.read_text(encoding="utf-8"))
    if made.get("python") != str(python) or "lock" not in made:
        return None
    return Environment(**{**made, "python": _python(folder), "installed": tuple(made["installed"])})


def locked(recipe: Recipe, python: Path, version: str | None = None) -> str:
    """The text of a lock: a version of the package (default: the newest) and all that it needs, with the hashes of all.

    Raises NoWheelError.
    """
    requires = _requires(recipe, version)
    words = ["--quiet", "--no-header", "--no-annotate", "--only-binary", ":all:", "--generate-hashes"]
    return _head(requires) + _uv(["pip", "compile", *words, "--python", str(python), "-"], "\n".join(requires))


def published(recipe: Recipe, series: str) -> str:
    """The published lock of a recipe; '' if there is none, or if the recipe requires something else by now.

    Locks are made on Linux: elsewhere a package may need others besides.
    """
    if sys.platform != "linux":
        return ""
    path = lock_path(recipe.name, series, recipe.data)
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return text if text.startswith(_head(recipe.requires)) else ""


def lock_path(package: str, series: str, data: Path) -> Path:
    """Where a lock stands in a folder of measurements."""
    return data / "locks" / series / f"{package}.txt"


def _requires(recipe: Recipe, version: str | None) -> tuple[str, ...]:
    return (f"{recipe.package}=={version}", *recipe.requires[1:]) if version else recipe.requires


def _head(requires: Sequence[str]) -> str:
    return f"# {' '.join(requires)}\n"


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
    if lacks_wheel(said):
        raise NoWheelError(cause(said))
    if "No solution found" in said:
        raise UsageError(
            f"{cause(said)}\nREQUIRES names packages as PyPI does: `pillow`, not `PIL`. Are the bounds right?"
        )
    raise UsageError(f"uv {words[0]} {words[1]} failed: {said[-400:]}\nIs the package index reachable?")


def cause(said: str) -> str:
    """The last line of what uv says, without its marks: 'Because x was not found in the package registry …'."""
    words = " ".join(said.splitlines()[-1].split())
    return re.sub(r"^[^\w]*(?:(?:cause|hint): )?|\s*\(i\.e\., with `--no-build`\)", "", words)


def lacks_wheel(said: str) -> bool:
    """Whether uv says that no wheel fits this Python, rather than that a name or a bound is wrong."""
    unsolved = "No solution found" in said or "not compatible" in said
    return "no wheels" in said or (unsolved and bool(re.search(r"\bwheels?\b|\bPython\b", said, re.IGNORECASE)))


def contained() -> tuple[str, ...]:
    """What to put before a command to bound its memory and, where the system lets it, to leave it no network but its
    own loopback; nothing where neither can be.
    """
    if os.name != "posix":
        return ()
    bound = f"ulimit -d {MEMORY * 2**20}"
    if sys.platform == "linux":
        words = ("unshare", "--map-root-user", "--net", "--ipc", "sh", "-c")
        apart = (*words, f'{bound}; ip link set lo up && exec "$0" "$@"')
        if _runs(apart):
            return apart
    alone = ("sh", "-c", f'{bound}; exec "$0" "$@"')
    return alone if _runs(alone) else ()


def is_offline(prefix: Sequence[str]) -> bool:
    """Whether what contained() gave takes the network away."""
    return "--net" in prefix


def _runs(words: Sequence[str]) -> bool:
    try:
        return subprocess.run([*words, "true"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
