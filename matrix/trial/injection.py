"""The temporary folder that is put first on PYTHONPATH, and the environment of a trial."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from matrix.system import launch
from matrix.trial.model import Python

INJECT = Path(__file__).resolve().parent / "inject"
SHELL = INJECT / "_canifork_shell.py"

SEED = "0"
"""PYTHONHASHSEED of all trials, unless the user's environment has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """The folders of one trial: what is imported, where processes and tests are written down, and stacks."""

    folder: Path
    code: Path
    processes: Path
    tests: Path
    stacks: Path

    def leave_out(self, done: Collection[str]) -> None:
        """Let pytest leave out tests, when the rest of a trial goes on in another process."""
        (self.code / "done").write_text("\n".join(sorted(done)), encoding="utf-8")


def write(folder: Path, python: Python, method: str, *, override: bool, stacks_every: float = 0.0) -> Injection:
    """Copy what is injected, with its settings, into an empty folder. Raises OSError.

    method: what becomes the default. override: explicit requests get it too. stacks_every: seconds after which each
    process writes its stacks into a file of its own, again and again; 0 where a signal asks for them.
    """
    logs = folder / "log"
    made = Injection(
        folder=folder, code=folder / "i", processes=logs / "processes", tests=logs / "tests", stacks=logs / "stacks"
    )
    shutil.copytree(INJECT, made.code, ignore=shutil.ignore_patterns("__pycache__", SHELL.name))
    made.processes.mkdir(parents=True)
    made.tests.mkdir()
    made.stacks.mkdir()
    settings = {
        "method": method,
        "override": "1" if override else "0",
        "log": launch.target_path(folder / "log", python.path_map),
        "stacks_every": f"{stacks_every:g}",
    }
    lines = "".join(f"{key}={text}\n" for key, text in settings.items())
    (made.code / "settings").write_text(lines, encoding="utf-8")
    return made


def environment(host: Mapping[str, str], injection: Injection, python: Python, token: str) -> dict[str, str]:
    """The user's environment with the injection in it; all else stays as it is.

    PYTHONHASHSEED is fixed so that all trials iterate alike; pytest gets a plugin and a cache of its own, so that an
    order that it remembers (`--failed-first`) is that of the first trial in all.
    """
    foreign = python.path_map != ()
    separator = ";" if foreign else os.pathsep
    code = launch.target_path(injection.code, python.path_map)
    added = [
        "-p",
        "_canifork_pytest",
        "-o",
        f"cache_dir={launch.target_path(injection.folder / 'cache', python.path_map)}",
    ]
    return {
        **host,
        "PYTHONPATH": separator.join(filter(None, (code, host.get("PYTHONPATH", "")))),
        "PYTHONHASHSEED": host.get("PYTHONHASHSEED", SEED),
        "PYTHONFAULTHANDLER": "1",
        "PYTEST_ADDOPTS": " ".join(filter(None, (host.get("PYTEST_ADDOPTS", ""), *(f"'{word}'" for word in added)))),
        "CANIFORK_TOKEN": token,
    }
