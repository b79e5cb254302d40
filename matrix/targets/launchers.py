"""Launchers: the same interpreter via a virtual environment, a copied one, a zip application, or frozen.

Each is a command that behaves like an interpreter (docs/targets.md), so that probes can be asked through it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tomllib
import zipapp
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from matrix.errors import TargetError
from matrix.model import Target
from matrix.paths import PYPROJECT
from matrix.system import launch
from matrix.system.command import CommandError, capture
from matrix.system.scratch import Scratch
from matrix.targets import identify

SECONDS = 900
"""For making one: a frozen one installs PyInstaller first."""

# The main script of both applications: runs the script that it is given, as `python FILE ARG…` does.
_MAIN = """\
import multiprocessing
import os
import runpy
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()
    del sys.argv[0]
    sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
    runpy.run_path(sys.argv[0], run_name="__main__")
"""

# Modules with a visible effect, or that no probe needs: they would only make the application larger.
_LEFT_OUT = {
    "antigravity",
    "this",
    "idlelib",
    "lib2to3",
    "test",
    "tkinter",
    "turtle",
    "turtledemo",
    "ensurepip",
    "pydoc_data",
}


def make(kind: str, python: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Make a launcher of an interpreter in a new folder, and return its command. Raises TargetError."""
    folder.mkdir(parents=True)
    if kind == "zipapp":
        return *python, str(_zip(folder))
    if kind == "frozen":
        return (str(_freeze(python, folder)),)
    return (str(_venv(python, folder / "v", copies=kind == "venv-copies")),)


@contextlib.contextmanager
def via(kinds: Sequence[str], targets: Sequence[Target]) -> Iterator[Iterator[Target | None]]:
    """Each target via each kind of launcher, made when its turn comes and removed at the end; unchanged if no kinds.

    Where a launcher cannot be made (PyInstaller is late for a new Python) the item is None, and a line says why.
    """
    if not kinds:
        yield iter(targets)
        return
    with Scratch(launch.temporary_root()) as scratch:
        folder = scratch.folder.resolve()
        yield (_target(kind, target, folder) for target in targets for kind in dict.fromkeys(kinds))


def _target(kind: str, target: Target, folder: Path) -> Target | None:
    home = folder / f"{target.id}-{kind}"
    try:
        command = make(kind, target.command, home)
        made = identify.identify(command, kind, time_scale=target.time_scale)
        return replace(made, private_paths=(*made.private_paths, (str(home), kind)))
    except TargetError as error:
        print(f"canifork: {target.id}-{kind} is left out. {error}", file=sys.stderr)
        return None


def _venv(python: Sequence[str], folder: Path, *, copies: bool, pip: bool = False) -> Path:
    words = [*(["--copies"] if copies else []), *([] if pip else ["--without-pip"])]
    _run([*python, "-m", "venv", *words, str(folder)], "a virtual environment")
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _zip(folder: Path) -> Path:
    source = folder / "source"
    source.mkdir()
    (source / "__main__.py").write_text(_MAIN, encoding="utf-8")
    path = folder / "app.pyz"
    zipapp.create_archive(source, path)
    return path


def _freeze(python: Sequence[str], folder: Path) -> Path:
    """PyInstaller's folder with the interpreter, the standard library and the application in it."""
    builder = _venv(python, folder / "v", copies=False, pip=True)
    wanted = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["dependency-groups"]["frozen"]
    _run([str(builder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], "PyInstaller")
    main = folder / "app.py"
    main.write_text(_MAIN, encoding="utf-8")
    # A script that is read at run time may import anything of the standard library: all of it is included.
    modules = sorted(name for name in sys.stdlib_module_names - _LEFT_OUT if not name.startswith("_"))
    packages = (
        "multiprocessing",
        "concurrent",
        "asyncio",
        "ctypes",
        "encodings",
        "importlib",
        "json",
        "logging",
        "unittest",
    )
    words = [word for name in modules for word in ("--hidden-import", name)]
    words += [word for name in packages for word in ("--collect-submodules", name)]
    places = ["--distpath", str(folder / "dist"), "--workpath", str(folder / "work"), "--specpath", str(folder)]
    _run(
        [str(builder), "-m", "PyInstaller", "--onedir", "--log-level", "ERROR", *places, *words, str(main)],
        "a frozen one",
    )
    return folder / "dist" / "app" / ("app.exe" if os.name == "nt" else "app")


def _run(command: Sequence[str], what: str) -> None:
    try:
        done = capture(command, timeout=SECONDS)
    except CommandError as error:
        raise TargetError(f"Cannot make {what}: {command[0]} {error}.") from None
    if done.status:
        raise TargetError(f"Cannot make {what} with {command[0]} (status {done.status}): {done.last_line}")
