"""The revision of the suite: its commit, and whether its files were changed since."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from matrix.model import Json
from matrix.paths import INSTALLED, ROOT
from matrix.system.command import CommandError, capture

GIT_TIMEOUT = 60
"""Seconds that git may take on a large or remote checkout."""


def state(probes: Path) -> Mapping[str, Json]:
    """{'commit': hash or None where there is no git, 'dirty': whether files of the suite differ from it}."""
    if INSTALLED and probes.is_relative_to(ROOT):
        return {"commit": None, "dirty": False}  # git would tell of whatever repository the environment lies in
    commit = _git(probes, "rev-parse", "HEAD")
    return {"commit": commit or None, "dirty": bool(_git(probes, "status", "--porcelain", "--", "."))}


def _git(folder: Path, *words: str) -> str:
    try:
        done = capture(["git", *words], timeout=GIT_TIMEOUT, cwd=folder)
    except CommandError:
        return ""
    return done.stdout.strip() if done.status == 0 else ""
