"""What systems, processors, launchers and series are called, and how they sort: one home for each vocabulary.

Standard library only, as matrix/targets/discovery.py is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

SYSTEMS: Mapping[str, str] = {"darwin": "macos", "win32": "windows"}
"""sys.platform -> the word in a target's ID, where they differ."""

WEBASSEMBLY = ("emscripten", "wasi")
"""Values of sys.platform that have one processor and one C library, whatever the host has."""

LIBC: Mapping[str, str] = {"linux": "gnu", "macos": "none", "windows": "none"}
"""The C library of the usual build, by the word for the system."""

_MACHINES = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "i386": "i686",
    "i586": "i686",
    "x86": "i686",
    "ppc64le": "powerpc64le",
}
_NARROW = {"x86_64": "i686", "aarch64": "armv7l"}
_FAMILIES = {"x86_64": "x86", "i686": "x86", "aarch64": "arm", "armv7l": "arm", "armv8l": "arm"}

LAUNCHERS = ("venv", "venv-copies", "zipapp", "frozen")
"""Other ways to start the same interpreter: suffixes of target IDs."""

EMULATORS: Mapping[str, str] = {"linux": "qemu", "darwin": "rosetta", "win32": "emulated"}
"""What runs a program of another processor, by sys.platform: suffixes of target IDs, as `wine` is."""

RELEASES: Mapping[str, tuple[str, ...]] = {
    "macos26": ("macOS 26", "macOS 16"),  # it tells programs that were built for an earlier one that it is 16
    "windows2022": ("Windows Server 2022",),
}
"""Releases of a system that are measured beside the usual one: suffix of target IDs -> how the fact `os` begins."""

_SERIES = re.compile(r"(pypy|graalpy)?(\d)\.(\d{1,2})(t?)")


class Series(NamedTuple):
    """All releases X.Y of an implementation and build. The text is what nox calls it: 3.13, 3.13t, pypy3.11."""

    implementation: str
    major: int
    minor: int
    freethreaded: bool = False

    @property
    def version(self) -> str:
        """'3.13', whatever the build."""
        return f"{self.major}.{self.minor}"

    def __str__(self) -> str:
        name = "" if self.implementation == "cpython" else self.implementation
        return f"{name}{self.version}{'t' if self.freethreaded else ''}"


def series(text: str) -> Series:
    """'3.13t', 'pypy3.11' -> Series. Raises ValueError."""
    match = _SERIES.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a series like 3.13, 3.13t, pypy3.11")
    return Series(match[1] or "cpython", int(match[2]), int(match[3]), bool(match[4]))


def series_key(text: str) -> tuple[str, tuple[int, ...], str]:
    """Sort key of a series: CPython by version, free-threaded behind the usual build, then other implementations."""
    return (re.match("[a-z]*", text) or [""])[0], numbers(text), text


def numbers(text: str) -> tuple[int, ...]:
    """The numbers in a text, in order: sorts versions by value."""
    return tuple(map(int, re.findall(r"\d+", text)))


def natural_key(text: str) -> list[str | int]:
    """Sort key in which 3.9 comes before 3.10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


def system(sys_platform: str) -> str:
    """The word for a system in a target's ID: 'linux', 'macos', 'windows'."""
    return SYSTEMS.get(sys_platform, sys_platform)


def release(os_name: str) -> str:
    """The suffix for a release that is told apart from the usual one: 'macOS 26.1' -> 'macos26', or empty."""
    for suffix, begins in RELEASES.items():
        if re.match(rf"({'|'.join(begins)})\b", os_name):
            return suffix
    return ""


def sys_platform(word: str) -> str:
    """What sys.platform says on the system with that word in a target's ID."""
    return next((value for value, name in SYSTEMS.items() if name == word), word)


def machine(name: str, bits: int = 64) -> str:
    """A processor in uv's vocabulary. platform.machine() is the kernel's: 32-bit builds may get x86_64."""
    name = _MACHINES.get(name.lower(), name.lower())
    return _NARROW.get(name, name) if bits == 32 else name


def same_family(first: str, second: str) -> bool:
    """Whether a machine can run the programs of another without emulation."""
    families = [_FAMILIES.get(name, name) for name in (machine(first), machine(second))]
    return families[0] == families[1]
