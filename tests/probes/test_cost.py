"""Costs are Python's own: what a package runs at every start is left out, and named."""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path

import pytest

from tests.conftest import ROOT

COST = ROOT / "probes" / "cost.py"


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A Python with a package that takes two seconds of every start."""
    venv.EnvBuilder(symlinks=os.name != "nt", with_pip=False).create(tmp_path / "venv")
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run([python, "-c", code], capture_output=True, encoding="utf-8", check=True, timeout=60)
    (Path(packages.stdout.strip()) / "slow.pth").write_text("import time; time.sleep(2)\n", encoding="utf-8")
    return python


def ask(python: Path | str, temporary: Path) -> str:
    env = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))}
    words = [python, COST, "interpreter_time"]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", env=env, check=True, timeout=120)
    return done.stdout.strip()


def test_a_package_that_runs_at_every_start_is_left_out_and_named(slow: Path, tmp_path: Path) -> None:
    said = ask(slow, tmp_path)
    if os.name == "nt":
        assert said == "unavailable: slow.pth run at every start of this interpreter"
    else:
        seconds, _, how = said.partition(": ")
        assert how == "without slow.pth"
        assert float(seconds) < 2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("clean")] == []


def test_a_python_without_packages_is_measured_itself(slow: Path, tmp_path: Path) -> None:
    (next(slow.parents[1].rglob("slow.pth"))).write_text("# a line that is not run\n", encoding="utf-8")
    assert 0 < float(ask(slow, tmp_path)) < 60
