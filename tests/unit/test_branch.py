"""The archive's branch: cloned or begun, replaced by one commit, never by mistake."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from matrix.ci import branch
from matrix.errors import DataError, WriteError

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git")


def git(*words: str, folder: Path) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path: Path) -> str:
    (tmp_path / "origin").mkdir()
    git("init", "--quiet", "--bare", ".", folder=tmp_path / "origin")
    return (tmp_path / "origin").as_uri()


def add(folder: Path, name: str) -> None:
    (folder / "runs").mkdir(exist_ok=True)
    (folder / "runs" / name).write_text(name, encoding="utf-8")


def test_the_branch_begins_empty_and_stays_one_commit(tmp_path: Path, remote: str) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    assert branch.clone(remote, first) is False
    assert branch.push(first, remote, "nothing") is False
    add(first, "a")
    assert branch.push(first, remote, "night 1") is True
    assert branch.clone(remote, second) is True
    assert branch.push(second, remote, "the same") is False
    add(second, "b")
    assert branch.push(second, remote, "night 2") is True
    assert branch.clone(remote, third) is True
    assert sorted(path.name for path in (third / "runs").iterdir()) == ["a", "b"]
    origin = tmp_path / "origin"
    assert git("log", "--format=%s", "data", folder=origin) == "night 2"


def test_who_only_reads_gets_the_newest_months(tmp_path: Path, remote: str) -> None:
    """By a file system, git sends all blobs, unless the repository allows otherwise as GitHub does."""
    origin, whole, part = tmp_path / "origin", tmp_path / "whole", tmp_path / "part"
    git("config", "uploadpack.allowFilter", "true", folder=origin)
    branch.clone(remote, whole)
    for month in ("2025-12", "2026-01", "2026-02", "2026-03"):
        file = whole / "runs" / month / "target" / "run.jsonl.gz"
        file.parent.mkdir(parents=True)
        file.write_text(month, encoding="utf-8")
    branch.push(whole, remote, "four months")
    assert branch.clone(remote, part, months=2) is True
    assert sorted(path.name for path in (part / "runs").iterdir()) == ["2026-02", "2026-03"]
    assert (part / "runs" / "2026-03" / "target" / "run.jsonl.gz").read_text(encoding="utf-8") == "2026-03"
    missing = git("rev-list", "--objects", "--missing=print", "HEAD", folder=part)
    assert missing.count("?") == 2, "two blobs stayed where they are"
    assert branch.clone(remote, tmp_path / "all", months=9) is True
    assert len(list((tmp_path / "all" / "runs").iterdir())) == 4


def test_a_branch_that_moved_meanwhile_is_not_overwritten(tmp_path: Path, remote: str) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        branch.clone(remote, folder)
        add(folder, folder.name)
    branch.push(first, remote, "quicker")
    with pytest.raises(WriteError, match="Cannot push the branch data"):
        branch.push(second, remote, "slower")
    assert git("log", "--format=%s", "data", folder=tmp_path / "origin") == "quicker"


def test_a_repository_that_cannot_be_reached_is_no_first_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Cannot reach"):
        branch.clone((tmp_path / "nowhere").as_uri(), tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
