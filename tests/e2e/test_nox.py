"""noxfile.py as nox users use it, and tox beside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from matrix.targets import discovery, search_paths
from tests.conftest import PYTHONS, ROOT, Done, lines, verdicts


def nox(*words: str, home: Path | None = None) -> Done:
    env = {key: text for key, text in os.environ.items() if not key.startswith("NOX_")} | {"NO_COLOR": "1"}
    if home:
        env = bare(env, home)
    done = subprocess.run(
        [sys.executable, "-m", "nox", "-f", str(ROOT / "noxfile.py"), *words],
        cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
        check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


MANAGERS = ("AGENT_", "ASDF_", "CONDA_", "MAMBA_", "MISE_", "PYENV_", "RUNNER_", "UV_")
"""How variables begin by which version managers, and CI services, say where they keep Pythons."""


def bare(env: dict[str, str], home: Path) -> dict[str, str]:
    """The environment of a user who has no Python but what the system has."""
    kept = {key: text for key, text in env.items() if not key.startswith(MANAGERS)}
    return kept | {"HOME": str(home), "PATH": str(home), "XDG_DATA_HOME": str(home)}


def absent(home: Path) -> list[str]:
    """Series that nox lists and a bare user does not have: the system may have some, such as macOS's 3.9."""
    there = discovery.find(search_paths.Host(sys.platform, bare(dict(os.environ), home), home))
    return [name for name in ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13") if name not in there]


def listed(*words: str) -> tuple[set[str], set[str]]:
    """Names of (selected, other) sessions."""
    out = nox("-l", *words).out
    return set(re.findall(r"^\* (\S+)", out, re.MULTILINE)), set(re.findall(r"^- (\S+)", out, re.MULTILINE))


def test_the_main_job_is_the_default() -> None:
    selected, others = listed()
    assert selected == {"host", "quick", "rest", "report"}
    assert {f"probe-{name}" for name in ("3.8", "3.15", "3.14t", "pypy3.11", *PYTHONS)} <= others
    assert {"tests", "lint", "types", "stability", "new-probe"} <= others


@pytest.mark.parametrize(
    ("words", "selected"),
    [
        (["-s", "probe-3.13"], {"host", "probe-3.13"}),
        (["-s", "probe", "-p", "3.12"], {"host", "probe-3.12"}),
        (["-p", "3.12"], {"host", "probe-3.12"}),
        (["-s", "report"], {"host", "report"}),
        (["-s", "tests"], {"tests"}),
    ],
)
def test_selection_is_nox_s_own(words: list[str], selected: set[str]) -> None:
    assert listed(*words)[0] == selected


@pytest.mark.skipif(os.name != "posix", reason="hides Python by PATH and HOME")
def test_a_missing_python_is_skipped_with_a_way_to_get_it(tmp_path: Path) -> None:
    name = absent(tmp_path)[0]
    done = nox("--no-dependencies", "-s", f"probe-{name}", home=tmp_path)
    assert done.status == 0, done.err
    assert f"Session probe-{name} skipped: Python {name} is not on this machine; `uv python install {name}`" in done.err


@pytest.mark.skipif(os.name != "posix", reason="hides Python by PATH and HOME")
def test_many_missing_pythons_take_two_lines(tmp_path: Path) -> None:
    names = absent(tmp_path)
    done = nox("--no-dependencies", "-s", *(f"probe-{name}" for name in names), home=tmp_path)
    assert done.status == 0, done.err
    told = [line for line in done.err.splitlines() if any(f"probe-{name}" in line for name in names)]
    told += [line for line in done.err.splitlines() if "skipped" in line and line not in told]
    assert len(told) == 2, done.err
    assert f"* {', '.join(names)}: skipped" in told[1]
    assert "Missing interpreters" not in done.err


def test_tox_measures_with_the_same_packages(tmp_path: Path) -> None:
    """Its `requires` refers to the dependency group `host`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    done = subprocess.run(
        [sys.executable, "-m", "tox", "--workdir", str(tmp_path), "config", "--core", "-k", "requires"],
        cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    lines = done.stdout.partition("[tox]\nrequires =\n")[2].splitlines()
    required = {Requirement(line) for line in lines if line.strip()}
    assert {Requirement(line) for line in project["dependency-groups"]["host"]} <= required


def test_tox_probes_inside_a_virtual_environment(tmp_path: Path) -> None:
    name = next(name for name in PYTHONS if name[0].isdigit())
    words = ["--probe", "arguments.threading_lock", "--method", "spawn", "--out", str(tmp_path)]
    environment = f"py{name.replace('.', '')}"
    path = os.pathsep.join([str(Path(PYTHONS[name]).parent), os.environ["PATH"]])  # where tox looks
    done = subprocess.run(
        [sys.executable, "-m", "tox", "--workdir", str(tmp_path / "tox"), "-e", environment, "--", *words],
        cwd=ROOT, env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
        errors="replace", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    header, *_ = lines(tmp_path)
    assert header["target"].endswith("-venv")
    assert header["facts"]["venv"] is True
    assert header["facts"]["markers"]["python_version"] == name
    assert verdicts(tmp_path)["threading_lock", "spawn"]["outcome"] == "no"
