"""Ids, launchers, series, and how interpreters are found by the names of their files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from matrix import interpreters, targets
from matrix.errors import TargetError
from matrix.model import Target
from tests.unit.values import FACTS


@pytest.mark.parametrize(
    ("changes", "launcher", "expected"),
    [
        ({}, "base", "cpython-3.13.0-linux-x86_64-gnu"),
        ({}, "venv", "cpython-3.13.0-linux-x86_64-gnu-venv"),
        ({"libc": "musl"}, "base", "cpython-3.13.0-linux-x86_64-musl"),
        ({"bits": 32}, "base", "cpython-3.13.0-linux-i686-gnu"),
        ({"machine": "aarch64"}, "qemu", "cpython-3.13.0-linux-aarch64-gnu-qemu"),
        ({"freethreaded": True, "version": "3.14.2"}, "base", "cpython-3.14.2+freethreaded-linux-x86_64-gnu"),
        ({"freethreaded": True, "debug": True}, "base", "cpython-3.13.0+freethreaded+debug-linux-x86_64-gnu"),
        ({"version": "3.15.0b1"}, "base", "cpython-3.15.0b1-linux-x86_64-gnu"),
        ({"implementation": "pypy", "version": "3.11.13"}, "base", "pypy-3.11.13-linux-x86_64-gnu"),
        (
            {"sys_platform": "darwin", "machine": "arm64", "libc": "none", "implementation": "pypy"},
            "base",
            "pypy-3.13.0-macos-aarch64-none",
        ),
        ({"sys_platform": "win32", "machine": "AMD64", "libc": "none"}, "base", "cpython-3.13.0-windows-x86_64-none"),
        (
            {"sys_platform": "win32", "machine": "AMD64", "libc": "none"},
            "wine",
            "cpython-3.13.0-windows-x86_64-none-wine",
        ),
        (
            {"sys_platform": "win32", "machine": "x86", "bits": 32, "libc": "none"},
            "base",
            "cpython-3.13.0-windows-i686-none",
        ),
        (
            {"sys_platform": "emscripten", "machine": "wasm32", "libc": "none"},
            "base",
            "cpython-3.13.0-emscripten-wasm32-musl",
        ),
        ({"machine": "a/../b"}, "base", "cpython-3.13.0-linux-a_.._b-gnu"),
    ],
)
def test_id(changes: dict[str, Any], launcher: str, expected: str) -> None:
    assert targets.target_id(FACTS | changes, launcher) == expected


@pytest.mark.parametrize(
    ("changes", "host", "expected"),
    [
        ({}, "x86_64", "base"),
        ({"venv": True}, "x86_64", "venv"),
        ({"wine": "10.0", "sys_platform": "win32"}, "x86_64", "wine"),
        ({"machine": "aarch64"}, "x86_64", "qemu"),
        ({"machine": "s390x"}, "x86_64", "qemu"),
        ({"machine": "i686", "bits": 32}, "x86_64", "base"),
        ({"machine": "armv7l", "bits": 32}, "aarch64", "base"),
        ({"machine": "AMD64", "sys_platform": "win32"}, "AMD64", "base"),
        ({"machine": "wasm32", "sys_platform": "emscripten"}, "x86_64", "base"),
    ],
)
def test_launcher(changes: dict[str, Any], host: str, expected: str) -> None:
    assert targets.launcher_of(FACTS | changes, host) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("python3.13", "3.13"),
        ("python3.13t", "3.13t"),
        ("python3.13.exe", "3.13"),
        ("pypy3.11", "pypy3.11"),
        ("graalpy3.11", "graalpy3.11"),
        ("python3.7", None),
        ("python2.7", None),
        ("python3", None),
        ("python", None),
        ("python3.13-config", None),
        ("python3.13-gdb.py", None),
        ("xpython3.13", None),
    ],
)
def test_series_by_file_name(name: str, expected: str | None) -> None:
    assert interpreters.series(name) == expected


def test_order() -> None:
    names = ["pypy3.9", "3.13t", "3.9", "3.13", "pypy3.11", "3.10"]
    assert sorted(names, key=interpreters.order) == ["3.9", "3.10", "3.13", "3.13t", "pypy3.9", "pypy3.11"]


posix = pytest.mark.skipif(os.name != "posix", reason="executable bits and links")


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@posix
def test_inactive_versions_of_pyenv_are_found_newest_first_and_shims_are_not(tmp_path: Path) -> None:
    pyenv = tmp_path / ".pyenv"
    shim = executable(pyenv / "shims" / "python3.12")
    old, new = (executable(pyenv / "versions" / version / "bin" / "python3.12") for version in ("3.12.9", "3.12.10"))
    on_path = executable(tmp_path / "bin" / "python3.13")
    env = {"PATH": f"{shim.parent}{os.pathsep}{on_path.parent}"}
    found = {name: paths for name, paths in interpreters.find(env, tmp_path).items() if name in ("3.12", "3.13")}
    assert found["3.12"] == (new, old)
    assert found["3.13"][0] == on_path


@posix
def test_one_file_is_found_once_and_broken_links_are_not(tmp_path: Path) -> None:
    real = executable(tmp_path / "a" / "python3.13")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "python3.13").symlink_to(real)
    (tmp_path / "b" / "python3.14").symlink_to(tmp_path / "gone")
    (tmp_path / "b" / "python3.12").write_text("", encoding="utf-8")  # not executable
    env = {"PATH": f"{real.parent}{os.pathsep}{tmp_path / 'b'}"}
    found = interpreters.find(env, tmp_path)
    assert found["3.13"][0] == real
    assert tmp_path / "b" / "python3.13" not in found["3.13"]
    assert not {"3.14", "3.12"} & {name for name, paths in found.items() if tmp_path / "b" in {p.parent for p in paths}}


def test_uv_s_folder_is_searched(tmp_path: Path) -> None:
    name = "python3.12.exe" if sys.platform == "win32" else "python3.12"
    folder = tmp_path / "uv" / "cpython-3.12.7-linux-x86_64-gnu"
    path = executable(folder / name if sys.platform == "win32" else folder / "bin" / name)
    env = {"PATH": "", "UV_PYTHON_INSTALL_DIR": str(tmp_path / "uv")}
    assert path in interpreters.find(env, tmp_path)["3.12"]


def test_this_interpreter_says_what_it_is() -> None:
    target = targets.identify([sys.executable])
    assert target.facts["markers"]["python_version"] == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert not {"executable", "base_executable"} & target.facts.keys()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["/nonexistent/python"], "Cannot start /nonexistent/python"),
        ([sys.executable, "-c", "print('hello')"], "is no usable Python"),
        ([sys.executable, "-c", "print('[]')"], "is no usable Python"),
        ([sys.executable, "-c", "raise SystemExit('broken')"], r"\(status 1\): broken"),
    ],
)
def test_what_is_no_interpreter_is_refused(command: list[str], message: str) -> None:
    with pytest.raises(TargetError, match=message):
        targets.identify(command)


def test_another_python_than_asked_for_is_refused() -> None:
    target = Target(id="x", command=("python3.8",), launcher="base", facts=FACTS)
    targets.check(target, [])
    targets.check(target, ["3.13"])
    with pytest.raises(TargetError, match=r"python3\.8 is 3\.13, not 3\.9"):
        targets.check(target, ["3.9"])


@pytest.mark.parametrize(
    ("command", "launcher", "expected"),
    [
        (("/home/me/.pyenv/bin/python",), "base", "python3.13"),
        (("C:\\Python\\python.exe",), "base", "python3.13"),
        (("/usr/bin/node", "/opt/x/pyodide.mjs"), "base", "node pyodide.mjs"),
        (("/opt/lab/winpython-3.13",), "wine", "winpython-3.13"),
    ],
)
def test_the_command_is_told_without_paths(command: tuple[str, ...], launcher: str, expected: str) -> None:
    assert targets.command_name(Target(id="x", command=command, launcher=launcher, facts=FACTS)) == expected
