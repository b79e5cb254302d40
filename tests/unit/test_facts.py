"""What an interpreter says about itself: whatever it lacks, the other facts are told."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import sysconfig
from types import SimpleNamespace
from typing import Any

import pytest

from matrix.ci import lanes
from matrix.paths import FACTS
from matrix.targets import identify

LANES = {lane.id: lane for lane in lanes.load()}

PRELUDE = """
import os, platform, runpy, sys, sysconfig
{code}
sys.argv[:] = [{facts!r}]
runpy.run_path({facts!r}, run_name="__main__")
"""

GRAALPY = """
del os.confstr
real = sysconfig.get_config_var
sysconfig.get_config_var = lambda name: None if name in ("HOST_GNU_TYPE", "SOABI") else real(name)
"""

BROKEN = """
def fails(*_, **__):
    raise RuntimeError("not here")

del os.confstr, os.__file__
os.statvfs = platform.python_compiler = platform.python_implementation = platform.system = fails
sysconfig.get_config_var = sysconfig.get_platform = platform.machine = fails
real_open = open
import builtins
builtins.open = lambda name, *rest, **more: fails() if str(name).startswith(("/etc", "/usr/lib/os", "/proc"))\
 else real_open(name, *rest, **more)
"""


def facts(code: str) -> dict[str, Any]:
    source = PRELUDE.format(code=code, facts=str(FACTS))
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return identify.facts_in(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library of Linux")
def test_the_c_library_is_found_without_confstr() -> None:
    """GraalPy has no os.confstr() and builds that name no C library."""
    usual, found = facts(""), facts(GRAALPY)
    assert (found["libc"], usual["libc"]) == ("gnu", "gnu")
    assert (found["libc_version"], usual["libc_version"] is None) == (None, False)
    target = identify.target_id(found | {"implementation": "graalpy", "version": "3.12.8"}, "base")
    if found["machine"] == "x86_64":
        assert LANES["graalpy3.12-linux-x86_64"].admits(target)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="takes away what Linux has")
def test_no_single_fact_costs_another() -> None:
    found = facts(BROKEN)
    unknown = {key for key, fact in found.items() if fact is None}
    assert unknown >= {"compiler", "library", "shared_memory"}
    assert found["version"] == f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
    assert sorted(found["methods"]) == ["fork", "forkserver", "spawn"]  # the default comes first


@pytest.mark.parametrize(
    ("told", "product_type", "build", "name"),
    [
        ((10, 0, 26100), 1, 26100, "Windows 11 build 26100"),
        ((10, 0, 19045), 1, 19045, "Windows 10 build 19045"),
        ((10, 0, 26100), 3, 26100, "Windows Server 2025 build 26100"),
        ((10, 0, 20348), 3, 20348, "Windows Server 2022 build 20348"),
        ((10, 0, 29999), 2, 29999, "Windows Server build 29999"),
        (None, 3, 26100, "Windows Server 2025 build 26100"),  # PyPy: platform_version is None
    ],
)
def test_windows_has_the_name_that_people_know(told: Any, product_type: int, build: int, name: str) -> None:
    windows = runpy.run_path(str(FACTS))["windows"]

    class Version(tuple[Any, ...]):
        pass

    Version.platform_version = told  # type: ignore[attr-defined]
    Version.product_type = product_type  # type: ignore[attr-defined]
    assert windows(Version((10, 0, build, 2, ""))) == name


@pytest.mark.parametrize(
    ("build", "told", "machine"),
    [("win-amd64", "ARM64", "AMD64"), ("win-arm64", "AMD64", "ARM64"), ("win32", "AMD64", "x86"), ("mingw", "x", "x")],
)
def test_on_windows_the_processor_is_that_of_the_build(
    monkeypatch: pytest.MonkeyPatch, build: str, told: str, machine: str
) -> None:
    facts = runpy.run_path(str(FACTS))
    monkeypatch.setattr(sysconfig, "get_platform", lambda: build)
    monkeypatch.setenv("PROCESSOR_ARCHITECTURE", told)
    monkeypatch.setitem(facts["machine"].__globals__, "os", SimpleNamespace(name="nt", environ=os.environ))
    assert facts["machine"]() == machine


def test_a_run_file_may_have_facts_that_nobody_could_tell() -> None:
    done = subprocess.run([sys.executable, str(FACTS)], capture_output=True, encoding="utf-8", check=True)
    told = json.loads(done.stdout) | dict.fromkeys(("os", "libc_version", "compiler", "shared_memory"))
    assert identify.facts_in(json.dumps(told))["os"] is None
