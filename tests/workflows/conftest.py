"""A scratch GitHub: the working tree as a repository, folders for artifacts and Pages, a `gh` that writes down."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PYTHONS, ROOT, skip
from tests.workflows import runner

if importlib.util.find_spec("yaml") is None:  # `nox -s workflows` has it
    collect_ignore_glob = ["test_*.py"]

THEMES = ("options",)
"""What is left of the suite in the scratch repository."""

SELECT = "python -O or utf8"
"""Few of their questions: the input `select` that the workflow and the action have for anybody."""


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return done.stdout


def commit(folder: Path) -> None:
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "all")


@pytest.fixture
def service(tmp_path: Path) -> runner.Service:
    """A repository with few questions: every command asks each file for its own, and one is quicker than fifty."""
    return scratch_service(tmp_path, THEMES)


def scratch_service(tmp_path: Path, themes: Collection[str] | None = None) -> runner.Service:
    """The working tree as it is now, whether committed or not; of the suite, these themes only."""
    for tool in ("git", "bash", "curl", "jq"):
        if not shutil.which(tool):
            skip("workflows", f"{tool} is not on the PATH")
    origin = tmp_path / "origin"
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0"):
        if name and (ROOT / name).is_file():
            (origin / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, origin / name)
    for probes in (origin / "probes").glob("[!_]*.py"):
        if themes is not None and probes.stem not in themes:
            probes.unlink()
    commit(origin)
    made = runner.Service(root=tmp_path, origin=origin, pythons=PYTHONS)
    made.tools.mkdir()
    for name in ("gh", "docker"):
        shutil.copy(Path(__file__).with_name(f"{name}.py"), made.tools)
        start = f'#!/bin/sh\nexec "{sys.executable}" "{made.tools}/{name}.py" "$@"\n'
        (made.tools / name).write_text(start, encoding="utf-8")
        (made.tools / name).chmod(0o755)
    return made


def workflow(service: runner.Service, name: str) -> dict[str, Any]:
    return runner.load(service.origin / ".github" / "workflows" / f"{name}.yml")


def state(service: runner.Service) -> dict[str, Any]:
    """What gh has been told."""
    path = service.tools / "state.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"issues": [], "comments": []}


def passed(service: runner.Service, job: runner.Job) -> runner.Job:
    """The job, which must not have failed."""
    assert not job.failed, "\n".join(service.log[-4:])
    return job
