"""Interpreters by the names of their files: made-up trees of three systems, searched on any."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from matrix.targets import discovery, naming, search_paths
from matrix.targets.search_paths import Host

posix = pytest.mark.skipif(os.name != "posix", reason="executable bits, links and colons")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("python3.13", "3.13"),
        ("python3.13t", "3.13t"),
        ("python3.13d", "3.13"),
        ("python3.13td", "3.13t"),
        ("python3.11-dbg", "3.11"),
        ("python3.12-intel64", "3.12"),
        ("python3.13.exe", "3.13"),
        ("python3.13t.exe", "3.13t"),
        ("pypy3.11", "pypy3.11"),
        ("graalpy3.11", "graalpy3.11"),
        ("python3.7", None),
        ("python2.7", None),
        ("python3", None),
        ("python", None),
        ("python.exe", None),
        ("python3.13-config", None),
        ("python3.13-gdb.py", None),
        ("xpython3.13", None),
    ],
)
def test_series_by_file_name(name: str, expected: str | None) -> None:
    assert discovery.series(name) == expected


@pytest.mark.parametrize(
    ("folder", "names", "expected"),
    [
        ("C:\\Py", ["python.exe", "pythonw.exe", "python3.dll", "python313.dll"], [("3.13", "python.exe")]),
        ("C:\\Py", ["python.exe", "python3.13t.exe", "python313.dll", "python313t.dll"],
         [("3.13", "python.exe"), ("3.13t", "python3.13t.exe")]),
        ("C:\\Py", ["python.exe", "python313t.dll"], [("3.13t", "python.exe")]),
        ("C:\\Py", ["python_d.exe", "python314_d.dll"], [("3.14", "python_d.exe")]),
        ("C:\\conda\\envs\\work", ["python.exe", "python39.dll"], [("3.9", "python.exe")]),
        ("C:\\Python313", ["Python.exe"], [("3.13", "Python.exe")]),
        ("C:\\tools\\Python\\3.13.1\\x64", ["python.exe"], [("3.13", "python.exe")]),
        ("C:\\Users\\me\\AppData\\Local\\Python\\pythoncore-3.14t-64", ["python.exe"], [("3.14t", "python.exe")]),
        ("C:\\Python27", ["python.exe", "python27.dll"], []),
        ("C:\\Python37", ["python.exe", "python37.dll"], []),
        ("C:\\Users\\me\\AppData\\Local\\Microsoft\\WindowsApps", ["python.exe", "python3.12.exe", "winget.exe"],
         [("3.12", "python3.12.exe")]),
        ("C:\\project\\.venv\\Scripts", ["python.exe", "pip.exe"], []),
    ],
)  # fmt: skip
def test_a_folder_on_windows(folder: str, names: list[str], expected: list[tuple[str, str]]) -> None:
    assert list(discovery.named(folder, names, True)) == expected


def test_elsewhere_a_windows_name_is_no_interpreter() -> None:
    assert list(discovery.named("/opt/py", ["python.exe", "python313.dll"], False)) == []


def test_order() -> None:
    names = ["pypy3.9", "3.13t", "3.9", "3.13", "pypy3.11", "3.10"]
    assert sorted(names, key=naming.series_key) == ["3.9", "3.10", "3.13", "3.13t", "pypy3.9", "pypy3.11"]


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def machine(tmp_path: Path, system: str = "linux", env: dict[str, str] | None = None, **more: tuple[str, ...]) -> Host:
    return Host(system, {"PATH": ""} | (env or {}), tmp_path / "home", tmp_path, **more)


LINUX = [
    ("home/.pyenv/versions/3.13.1-debug/bin/python3.13d", "3.13"),
    ("home/.pyenv/versions/3.14.0t/bin/python3.14t", "3.14t"),
    ("home/.pyenv/versions/pypy3.11-7.3.20/bin/pypy3.11", "pypy3.11"),
    ("home/.pyenv/versions/graalpy-24.2.0/bin/graalpy3.11", "graalpy3.11"),
    ("home/.local/share/uv/python/cpython-3.12.7-linux-x86_64-gnu/bin/python3.12", "3.12"),
    ("home/.local/share/mise/installs/python/3.10.4/bin/python3.10", "3.10"),
    ("home/.asdf/installs/python/3.9.1/bin/python3.9", "3.9"),
    ("home/.local/share/nox/pythons/cpython@3.8.20/bin/python3.8", "3.8"),
    ("home/.rye/py/cpython@3.12.3/bin/python3.12", "3.12"),
    ("home/miniforge3/bin/python3.12", "3.12"),
    ("home/micromamba/envs/old/bin/python3.9", "3.9"),
    ("opt/conda/envs/work/bin/python3.11", "3.11"),
    ("opt/python/cp313-cp313t/bin/python3.13t", "3.13t"),
    ("home/linuxbrew/.linuxbrew/opt/python@3.13/bin/python3.13", "3.13"),
    ("usr/bin/python3.11-dbg", "3.11"),
    ("usr/local/bin/python3.14", "3.14"),
]
MACOS = [
    ("Library/Frameworks/Python.framework/Versions/3.13/bin/python3.13", "3.13"),
    ("Library/Frameworks/Python.framework/Versions/3.13/bin/python3.13-intel64", "3.13"),
    ("Library/Frameworks/PythonT.framework/Versions/3.14/bin/python3.14t", "3.14t"),
    ("Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9/bin/python3.9", "3.9"),
    ("opt/homebrew/bin/python3.12", "3.12"),
    ("opt/homebrew/opt/python@3.10/bin/python3.10", "3.10"),
    ("usr/local/opt/python-freethreading/bin/python3.13t", "3.13t"),
    ("home/.local/share/uv/python/cpython-3.11.9-macos-aarch64-none/bin/python3.11", "3.11"),
]
WINDOWS = [
    ("AppData/Local/Programs/Python/Python312/python.exe", "3.12"),
    ("AppData/Local/Programs/Python/Python313/python3.13t.exe", "3.13t"),
    ("AppData/Local/Python/pythoncore-3.14-64/python.exe", "3.14"),
    ("AppData/Local/Microsoft/WindowsApps/python3.11.exe", "3.11"),
    ("AppData/Roaming/uv/python/cpython-3.13.0-windows-x86_64-none/python.exe", "3.13"),
    ("home/.pyenv/pyenv-win/versions/3.9.13/python.exe", "3.9"),
]


@posix
@pytest.mark.parametrize(("place", "name"), LINUX)
def test_places_on_linux(tmp_path: Path, place: str, name: str) -> None:
    assert discovery.find(machine(tmp_path)) == {}
    path = executable(tmp_path / place)
    assert discovery.find(machine(tmp_path)) == {name: (path,)}


@posix
@pytest.mark.parametrize(("place", "name"), MACOS)
def test_places_on_macos(tmp_path: Path, place: str, name: str) -> None:
    path = executable(tmp_path / place)
    assert discovery.find(machine(tmp_path, "darwin")) == {name: (path,)}


@pytest.mark.parametrize(("place", "name"), WINDOWS)
def test_places_on_windows(tmp_path: Path, place: str, name: str) -> None:
    env = {"APPDATA": str(tmp_path / "AppData" / "Roaming"), "LOCALAPPDATA": str(tmp_path / "AppData" / "Local")}
    path = executable(tmp_path / place)
    assert discovery.find(machine(tmp_path, "win32", env)) == {name: (path,)}


def test_what_the_registry_names_is_found(tmp_path: Path) -> None:
    path = executable(tmp_path / "Odd place" / "python.exe")
    (path.parent / "python310.dll").touch()
    host = machine(tmp_path, "win32", registered=(str(path.parent), str(tmp_path / "gone")))
    assert discovery.find(host) == {"3.10": (path,)}


@pytest.mark.skipif(sys.platform != "win32", reason="the registry of Windows")
def test_the_registry_can_be_read() -> None:
    assert all(isinstance(folder, str) for folder in search_paths.this_machine().registered)


@posix
@pytest.mark.parametrize(
    ("variable", "setting", "place", "name"),
    [
        ("PYENV_ROOT", "p", "p/versions/3.12.1/bin/python3.12", "3.12"),
        ("UV_PYTHON_INSTALL_DIR", "u", "u/cpython-3.12.7-linux-x86_64-gnu/bin/python3.12", "3.12"),
        ("XDG_DATA_HOME", "x", "x/uv/python/pypy-3.11.11-linux-x86_64-gnu/bin/pypy3.11", "pypy3.11"),
        ("MISE_DATA_DIR", "m", "m/installs/python/3.13/bin/python3.13", "3.13"),
        ("ASDF_DATA_DIR", "a", "a/installs/python/3.13.1/bin/python3.13", "3.13"),
        ("CONDA_PREFIX", "c", "c/bin/python3.12", "3.12"),
        ("CONDA_EXE", "c/bin/conda", "c/envs/e/bin/python3.12", "3.12"),
        ("MAMBA_ROOT_PREFIX", "m", "m/envs/e/bin/python3.12", "3.12"),
        ("RUNNER_TOOL_CACHE", "t", "t/Python/3.13.1/x64/bin/python3.13", "3.13"),
        ("RUNNER_TOOL_CACHE", "t", "t/PyPy/3.11.13/x64/bin/pypy3.11", "pypy3.11"),
    ],
)
def test_places_that_a_variable_names(tmp_path: Path, variable: str, setting: str, place: str, name: str) -> None:
    path = executable(tmp_path / place)
    assert discovery.find(machine(tmp_path, env={variable: str(tmp_path / setting)})) == {name: (path,)}


@posix
def test_environments_that_conda_remembers(tmp_path: Path) -> None:
    path = executable(tmp_path / "far" / "env" / "bin" / "python3.12")
    listed = tmp_path / "home" / ".conda" / "environments.txt"
    listed.parent.mkdir(parents=True)
    listed.write_text(f"{tmp_path / 'gone'}\n\n{tmp_path / 'far' / 'env'}\n", encoding="utf-8")
    assert discovery.find(machine(tmp_path)) == {"3.12": (path,)}


@posix
def test_inactive_versions_of_pyenv_are_found_newest_first_and_shims_are_not(tmp_path: Path) -> None:
    pyenv = tmp_path / "home" / ".pyenv"
    shim = executable(pyenv / "shims" / "python3.12")
    old, new = (executable(pyenv / "versions" / version / "bin" / "python3.12") for version in ("3.12.9", "3.12.10"))
    on_path = executable(tmp_path / "bin" / "python3.13")
    found = discovery.find(machine(tmp_path, env={"PATH": f"{shim.parent}:{on_path.parent}"}))
    assert found == {"3.12": (new, old), "3.13": (on_path,)}


@posix
def test_one_file_is_found_once_and_broken_links_are_not(tmp_path: Path) -> None:
    real = executable(tmp_path / "a" / "python3.13")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "python3.13").symlink_to(real)
    (tmp_path / "b" / "python3.14").symlink_to(tmp_path / "gone")
    (tmp_path / "b" / "python3.12").write_text("", encoding="utf-8")  # not executable
    found = discovery.find(machine(tmp_path, env={"PATH": f"{real.parent}:{tmp_path / 'b'}"}))
    assert found == {"3.13": (real,)}


@posix
@pytest.mark.parametrize("other", ["pypy3.9", "graalpy"])
def test_the_names_of_cpython_that_another_implementation_has_are_not_its(tmp_path: Path, other: str) -> None:
    """actions/setup-python's PyPy has bin/python3.9 -> pypy3.9: it is not CPython 3.9."""
    folder = tmp_path / "tools" / "PyPy" / "3.9.19" / "x64" / "bin"
    real = executable(folder / other)
    for name in ("python", "python3", "python3.9"):
        (folder / name).symlink_to(real.name)
    found = discovery.find(machine(tmp_path, env={"RUNNER_TOOL_CACHE": str(tmp_path / "tools")}))
    assert found == ({"pypy3.9": (real,)} if other == "pypy3.9" else {})


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["libpypy3.9-c.dll", "pypy3.9.exe", "python.exe", "python3.9.exe"], [("pypy3.9", "pypy3.9.exe")]),
        (["libpypy3.11-c.dll", "python.exe"], []),
        (["graalpy.exe", "python.exe"], []),
    ],
)
def test_so_on_windows(names: list[str], expected: list[tuple[str, str]]) -> None:
    assert list(discovery.named("C:\\tools\\PyPy\\3.9.19\\x86", names, True)) == expected
