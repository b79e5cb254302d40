"""One vocabulary for systems, processors, launchers and series, whoever uses it."""

from __future__ import annotations

import pytest

from matrix.targets import naming
from report.model import platforms


@pytest.mark.parametrize(
    ("name", "bits", "expected"),
    [
        ("AMD64", 64, "x86_64"),
        ("x86_64", 32, "i686"),
        ("arm64", 64, "aarch64"),
        ("aarch64", 32, "armv7l"),
        ("i586", 32, "i686"),
        ("ppc64le", 64, "powerpc64le"),
        ("s390x", 64, "s390x"),
    ],
)
def test_a_processor_has_one_name(name: str, bits: int, expected: str) -> None:
    assert naming.machine(name, bits) == expected
    target = {
        "id": f"cpython-3.13.0-linux-{expected}-gnu", "launcher": "base", "command": "python3.13", "runs": [],
        "facts": {"version": "3.13.0", "machine": name, "bits": bits},
    }  # fmt: skip
    assert platforms.read_interpreter(target).machine == expected, "the page and the target's ID use one name"


@pytest.mark.parametrize("text", ["3.8", "3.13", "3.13t", "pypy3.11", "graalpy3.12"])
def test_a_series_reads_as_it_is_written(text: str) -> None:
    assert str(naming.series(text)) == text


@pytest.mark.parametrize("text", ["", "3", "3,13", "python3.13", "3.13d", "3.13.1"])
def test_what_is_not_a_series_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a series"):
        naming.series(text)


@pytest.mark.parametrize("sys_platform", ["linux", "darwin", "win32", "emscripten", "freebsd14"])
def test_the_word_for_a_system_can_be_turned_back(sys_platform: str) -> None:
    assert naming.sys_platform(naming.system(sys_platform)) == sys_platform


def test_the_pages_know_every_emulator() -> None:
    assert set(platforms.EMULATORS) == {"wine", *naming.EMULATORS.values()}
