"""The wheel: in an empty environment it does what a checkout does, from an empty folder and without network."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from matrix.paths import PYPROJECT, ROOT

EXE = ".exe" if os.name == "nt" else ""
UV = Path(sys.executable).with_name(f"uv{EXE}")
OFFLINE = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [str(UV), "build", "--wheel", "-q", "-o", str(folder), str(ROOT)],
        capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"no wheel can be built here: {done.stderr.strip().splitlines()[-1]}")
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def canifork(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([str(UV), "venv", "-q", "--clear", "-p", sys.executable, str(folder)], check=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([str(UV), "pip", "install", "-q", "-p", str(scripts / f"python{EXE}"), str(wheel)], check=True)
    return scripts / f"canifork{EXE}"


def call(canifork: Path, folder: Path, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, without network."""
    env = {key: text for key, text in os.environ.items() if not key.startswith("PYTHON")} | OFFLINE
    return subprocess.run(
        [str(canifork), *words], cwd=folder, env=env, input=said, capture_output=True, encoding="utf-8", timeout=250,
        check=False,
    )  # fmt: skip


def test_nothing_generic_lies_in_the_root(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        record = next(name for name in names if name.endswith("RECORD"))
        listed = {row[0].partition("/")[0] for row in csv.reader(archive.read(record).decode().splitlines())}
    assert {name for name in listed if not name.endswith(".dist-info")} == {"canifork"}
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_what_is_needed_is_the_same_for_nox_and_for_pip() -> None:
    data = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    assert data["project"]["dependencies"] == data["dependency-groups"]["host"]


def test_all_commands_work_from_an_empty_folder(canifork: Path, tmp_path: Path) -> None:
    assert call(canifork, tmp_path, "list").stdout.count("\n") > 500
    assert call(canifork, tmp_path, "targets", "--names").returncode == 0
    explained = call(canifork, tmp_path, "explain", said="TypeError: cannot pickle '_thread.lock' object\n")
    assert "instance_with_lock" in explained.stdout
    probed = call(canifork, tmp_path, "run", "--python", sys.executable, "--probe", "arguments.threading_lock")
    assert (probed.returncode, len(list((tmp_path / "results").iterdir()))) == (0, 1)
    (tmp_path / "app.py").write_text(
        "import multiprocessing\nif __name__ == '__main__':\n    multiprocessing.Process(target=lambda: 1).start()\n",
        encoding="utf-8",
    )
    tried = call(canifork, tmp_path, "try", "--python", sys.executable, "--method", "spawn", "--", "python", "app.py")
    assert re.search(r"Next: canifork try --python .+ --method spawn -- python app\.py", tried.stdout), tried.stdout
    assert ("callables.lambda" in tried.stdout) == (tried.returncode == 1)


def test_the_site_is_rendered(canifork: Path, tmp_path: Path) -> None:
    assert call(canifork, tmp_path, "site", "-o", "pages").returncode == 0
    assert (tmp_path / "pages" / "probe" / "arguments.threading_lock.html").is_file()
    assert not (tmp_path / "matrix.json").exists()


def test_help_names_every_command(canifork: Path, tmp_path: Path) -> None:
    said = call(canifork, tmp_path, "--help").stdout
    assert said.startswith("usage: canifork ")
    assert all(f"\n    {name} " in said for name in ("list", "run", "targets", "explain", "try", "site"))


def install(*words: str, **env: str) -> None:
    """Install by uv or what uv runs; skips where the packages that canifork needs cannot be had."""
    done = subprocess.run(
        [str(UV), *words], env={**os.environ, **env}, capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    if done.returncode and "error sending request" in done.stderr:
        pytest.skip("no package can be downloaded here")
    assert done.returncode == 0, done.stderr


def test_uvx_runs_a_checkout(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(UV), "tool", "run", "-q", "--from", str(ROOT), "canifork", "list"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    if done.returncode and "error sending request" in done.stderr:
        pytest.skip("no package can be downloaded here")
    assert done.stdout.count("\n") > 500, done.stderr


def repository(folder: Path) -> Path:
    """The checkout as a repository of one whole commit: that of a CI job has no history, and cannot be fetched from."""

    def git(*words: str, cwd: Path = folder) -> str:
        done = subprocess.run(["git", *words], cwd=cwd, capture_output=True, encoding="utf-8", check=True)
        return done.stdout

    for name in git("ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT).split("\0"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git("init", "--quiet")
    git("add", "--all")
    git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "all")
    return folder


def test_pip_installs_from_a_repository(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no repository")
    (tmp_path / "origin").mkdir()
    origin = repository(tmp_path / "origin")
    install("venv", "-q", "-p", sys.executable, str(tmp_path / "venv"))
    scripts = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    install("pip", "install", "-q", "-p", str(scripts / f"python{EXE}"), f"git+{origin.as_uri()}")
    assert call(scripts / f"canifork{EXE}", tmp_path, "list").stdout.count("\n") > 500


def test_pipx_installs_a_checkout(tmp_path: Path) -> None:
    bins = tmp_path / "bin"
    folders = {"PIPX_HOME": str(tmp_path / "home"), "PIPX_BIN_DIR": str(bins)}
    install("tool", "run", "-q", "pipx", "install", "--python", sys.executable, str(ROOT), **folders)
    assert call(bins / f"canifork{EXE}", tmp_path, "list").stdout.count("\n") > 500
