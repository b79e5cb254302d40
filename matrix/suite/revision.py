"""Which state of the suite is at hand: the commit, and whether the probes were changed since."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from matrix.model import Json


def state(probes: Path) -> Mapping[str, Json]:
    """{'commit': hash or None where there is no git, 'dirty': whether files of the suite differ from it}."""
    commit = _git(probes, "rev-parse", "HEAD")
    return {"commit": commit or None, "dirty": bool(_git(probes, "status", "--porcelain", "--", "."))}


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words],  # noqa: S607 - the user's own git
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
