"""What only macOS can prove; the macOS job of CI runs this, beside all tests for every POSIX system."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.misbehave.runs import only, run_faults

pytestmark = pytest.mark.skipif(sys.platform != "darwin", reason="macOS")


def test_a_long_temporary_folder_of_the_user_s_does_not_reach_the_probe(tmp_path: Path, python: str) -> None:
    long = tmp_path / ("long" * 20)
    long.mkdir()
    run_faults(python, tmp_path, "sees_environment", env={"TMPDIR": str(long)})
    assert only(tmp_path)["observed"]["temp"] < 60
    assert list(long.iterdir()) == []


def test_the_crash_reporter_does_not_make_a_crash_a_hang(tmp_path: Path, python: str) -> None:
    run_faults(python, tmp_path, "os_abort", deadline=60)
    verdict = only(tmp_path)
    assert (verdict["outcome"], verdict["detail"]) == ("crash", "ended by SIGABRT")


def test_the_variable_that_hides_the_dangers_of_fork_is_scrubbed(tmp_path: Path, python: str) -> None:
    run_faults(python, tmp_path, "sees_environment", env={"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"})
    assert only(tmp_path)["observed"]["objc"] == []
