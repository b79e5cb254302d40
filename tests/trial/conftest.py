"""Real small projects, tried for real."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from matrix.model import Json
from matrix.paths import ROOT
from matrix.trial import pythons

HERE = pythons.python_at(sys.executable)
"""The Python that runs the tests: projects are tried with it."""


@dataclass(frozen=True)
class Tried:
    """What `try` gave back."""

    status: int
    report: Json
    text: str
    errors: str

    def found(self, method: str) -> dict[str, set[str]]:
        """test -> differences, of one method."""
        found: dict[str, set[str]] = {}
        for row in self.report["findings"]:
            if row["method"] == method:
                found.setdefault(row["test"], set()).add(row["difference"])
        return found

    def starts(self, method: str) -> list[Json]:
        """The rows of starts of the first trial of a method."""
        trials = self.report["pythons"][0]["trials"]
        return next(trial["starts"] for trial in trials if trial["method"] == method)


@dataclass(frozen=True)
class Project:
    """A folder with files, in which commands are tried."""

    folder: Path
    env: Mapping[str, str]

    def attempt(self, *words: str, options: tuple[str, ...] = (), python: str = sys.executable) -> Tried:
        """`try` with these options and this command."""
        out = self.folder.parent / "report.json"
        before = snapshot(self.folder)
        done = subprocess.run(
            [sys.executable, "-m", "matrix", "try", "--python", python, "--format", "text", "--format", f"json={out}",
             *options, "--", *words],
            cwd=self.folder, env=self.env, capture_output=True, encoding="utf-8", timeout=240, check=False,
        )  # fmt: skip
        report = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
        tried = Tried(status=done.returncode, report=report, text=done.stdout, errors=done.stderr)
        assert {name: text for name, text in snapshot(self.folder).items() if name in before} == before
        return tried


def snapshot(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Project]:
    """Makes a project of files: name without '.py' -> text."""
    import os

    env = {key: text for key, text in os.environ.items() if not key.startswith(("PYTEST_", "PYTHON"))}
    env |= {"PYTHONPATH": str(ROOT)}

    def make(**files: str) -> Project:
        folder = tmp_path / "project"
        folder.mkdir()
        for name, text in files.items():
            (folder / f"{name}.py").write_text(dedent(text), encoding="utf-8")
        return Project(folder, env)

    return make
