"""Ids, launchers, series: what a command says of itself, and what is made of it."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

import pytest

from matrix.errors import TargetError
from matrix.model import Target
from matrix.system import launch
from matrix.targets import identify
from tests.unit.values import FACTS


@pytest.mark.parametrize(
    ("changes", "launcher", "expected"),
    [
        ({}, "base", "cpython-3.13.0-linux-x86_64-gnu"),
        ({}, "venv", "cpython-3.13.0-linux-x86_64-gnu-venv"),
        ({"libc": "musl"}, "base", "cpython-3.13.0-linux-x86_64-musl"),
        ({"bits": 32}, "base", "cpython-3.13.0-linux-i686-gnu"),
        ({"os": "macOS 26.1"}, "base", "cpython-3.13.0-linux-x86_64-gnu-macos26"),
        ({"os": "macOS 16.0"}, "venv", "cpython-3.13.0-linux-x86_64-gnu-macos26-venv"),
        ({"os": "macOS 15.6"}, "base", "cpython-3.13.0-linux-x86_64-gnu"),
        ({"os": "Windows Server 2022 build 20348"}, "base", "cpython-3.13.0-linux-x86_64-gnu-windows2022"),
        ({"os": "Windows Server 2025 build 26100"}, "base", "cpython-3.13.0-linux-x86_64-gnu"),
        ({"os": None}, "base", "cpython-3.13.0-linux-x86_64-gnu"),
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
    assert identify.target_id(FACTS | changes, launcher) == expected


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
        ({"machine": "x86_64", "sys_platform": "darwin"}, "arm64", "rosetta"),
        ({"machine": "arm64", "sys_platform": "darwin"}, "arm64", "base"),
        ({"machine": "AMD64", "sys_platform": "win32"}, "ARM64", "emulated"),
        ({"machine": "AMD64", "sys_platform": "win32", "bits": 32}, "AMD64", "base"),
    ],
)
def test_launcher(changes: dict[str, Any], host: str, expected: str) -> None:
    assert identify.launcher_of(FACTS | changes, host) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"freethreaded": True, "gil": False}, ["free-threaded"]),
        ({"freethreaded": True}, ["free-threaded build, GIL on"]),
        ({"debug": True, "version": "3.15.0b1"}, ["debug", "pre-release"]),
        ({"libc": "musl", "bits": 32}, ["musl", "32 bits"]),
        ({"byteorder": "big"}, ["big endian"]),
        ({"wine": "10.0"}, ["Wine 10.0"]),
    ],
)
def test_what_is_special(changes: dict[str, Any], expected: list[str]) -> None:
    assert identify.specials(FACTS | changes) == [*expected, "default fork"]


def test_a_target_without_multiprocessing_says_why() -> None:
    broken = FACTS | {"default_method": None, "methods_error": "ImportError: no"}
    assert identify.specials(broken) == ["no multiprocessing: ImportError: no"]


@pytest.mark.parametrize(
    ("changes", "launcher", "scale", "expected"),
    [
        ({}, None, None, 1.0),
        ({"wine": "10.0"}, None, None, 4.0),
        ({"sys_platform": "emscripten"}, None, None, 4.0),
        ({}, "qemu", None, 8.0),
        ({}, "docker", None, 1.0),
        ({"implementation": "graalpy"}, None, None, 4.0),
        ({"wine": "10.0"}, None, 20.0, 20.0),
    ],
)
def test_time_scale(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], launcher: str | None, scale: float | None, expected: float
) -> None:
    monkeypatch.setattr(
        identify, "ask", lambda command, paths, cancelled: FACTS | {"machine": platform.machine()} | changes
    )
    assert identify.identify(["python"], launcher, (), scale).time_scale == expected


def test_paths_of_wine_name_the_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.8 lost its main script when a probe changed to a folder on C:."""
    monkeypatch.setattr(identify, "ask", lambda command, paths, cancelled: FACTS | {"wine": "10.0"})
    assert launch.target_path("/a b/c.py", identify.identify(["python"]).path_map) == "Z:\\a b\\c.py"
    given = (("/a b", "C:\\d"),)
    assert launch.target_path("/a b/c.py", identify.identify(["python"], None, given).path_map) == "C:\\d\\c.py"
    monkeypatch.setattr(identify, "ask", lambda command, paths, cancelled: FACTS)
    assert identify.identify(["python"]).path_map == ()


@pytest.mark.parametrize(
    ("library", "executable", "said"),
    [
        ("/opt/my python/lib/python3.13", "/opt/my python/bin/python3.13", ("lib/python3.13", "python3.13")),
        ("/usr/lib/pypy3.11", "/usr/bin/pypy3.11", ("lib/pypy3.11", "pypy3.11")),
        ("C:\\Users\\me\\Lib", "C:\\Users\\me\\python.exe", ("Lib", "python.exe")),
        ("/lib/python3.13", "", ("lib/python3.13",)),
    ],
)
def test_where_an_interpreter_lies_is_not_published(library: str, executable: str, said: tuple[str, ...]) -> None:
    found = identify.private_paths({"library": library, "executable": executable, "base_executable": executable})
    assert tuple(name for _, name in found) == said
    assert tuple(path for path, _ in found) == tuple(path for path in (library, executable) if path)


def test_this_interpreter_says_what_it_is() -> None:
    target = identify.identify([sys.executable])
    assert target.facts["markers"]["python_version"] == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert not set(identify.PRIVATE) & target.facts.keys()
    assert (sys.executable, Path(sys.executable).name) in target.private_paths


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["/nonexistent/python"], "/nonexistent/python cannot be started"),
        ([sys.executable, "-c", "print('hello')"], "is not a usable Python"),
        ([sys.executable, "-c", "print('[]')"], "is not a usable Python"),
        ([sys.executable, "-c", "raise SystemExit('broken')"], r"\(status 1\): broken"),
    ],
)
def test_what_is_no_interpreter_is_refused(command: list[str], message: str) -> None:
    with pytest.raises(TargetError, match=message):
        identify.identify(command)


@pytest.mark.parametrize(
    ("line", "windows", "expected"),
    [
        ("node 'my wrapper.mjs' x", False, ["node", "my wrapper.mjs", "x"]),
        ("python3.13 -X dev", False, ["python3.13", "-X", "dev"]),
        (
            '"C:\\Program Files\\Python\\python.exe" -X dev',
            True,
            ["C:\\Program Files\\Python\\python.exe", "-X", "dev"],
        ),
    ],
)
def test_words_of_a_command(line: str, windows: bool, expected: list[str]) -> None:
    assert identify.split(line, windows) == expected


@pytest.mark.parametrize(("line", "message"), [("", "empty"), ("  ", "empty"), ("node 'x", "no closing quotation")])
def test_what_is_no_command_is_refused(line: str, message: str) -> None:
    with pytest.raises(TargetError, match=message):
        identify.split(line)


def test_relative_paths_in_a_command_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "python").mkdir()
    for name in ("wrapper.mjs", "python/tool"):
        (tmp_path / name).touch()
    command = ("node", "wrapper.mjs", "python/tool", "python", "gone.mjs", "-v", "3.13")
    here = [str(tmp_path / "wrapper.mjs"), str(tmp_path / "python" / "tool")]
    assert identify.absolute(command, windows=False) == ("node", *here, "python", "gone.mjs", "-v", "3.13")


def test_windows_finds_a_bare_name_on_the_path_and_not_beside_the_python_that_measures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / ("python.exe" if os.name == "nt" else "python")
    there.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found, *rest = identify.absolute(("python", "python"), windows=True)
    assert Path(found).samefile(there)
    assert rest == ["python"], "an argument is no program"
    assert identify.absolute(("gone",), windows=True) == ("gone",)
    assert identify.absolute((str(there.with_suffix("")),), windows=True)[0].lower() == str(there).lower()


def test_another_python_than_asked_for_is_refused() -> None:
    target = Target(id="x", command=("python3.8",), launcher="base", facts=FACTS)
    identify.check(target, [])
    identify.check(target, ["3.13"])
    with pytest.raises(TargetError, match=r"python3\.8 is 3\.13, not 3\.9"):
        identify.check(target, ["3.9"])


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
    assert identify.command_name(Target(id="x", command=command, launcher=launcher, facts=FACTS)) == expected
