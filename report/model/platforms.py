"""Targets -> platforms and their builds: what may share a cell of the first page, and what may not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matrix.errors import DataError
from matrix.model import Json
from matrix.results.grouping import grouped
from matrix.results.versions import Version, parse
from matrix.targets import naming
from report.model.i18n import N_

EMULATORS: Mapping[str, tuple[str, str]] = {
    "wine": ("Wine", N_("emulated, not Windows")),
    "qemu": ("QEMU", N_("emulated processor")),
    "rosetta": ("Rosetta", N_("emulated processor")),
    "emulated": ("emulation", N_("emulated processor")),
}
"""Launchers that emulate a platform: their name, and the note on that platform."""

_SYSTEMS = {
    "linux": "Linux", "darwin": "macOS", "win32": "Windows",
    "freebsd": "FreeBSD", "openbsd": "OpenBSD", "netbsd": "NetBSD", "sunos": "illumos", "aix": "AIX",
    "cygwin": "Cygwin", "android": "Android", "ios": "iOS", "emscripten": "Pyodide", "wasi": "WASI",
}  # fmt: skip
_EMULATED = (  # for the catalogues: titles that are composed
    N_("Windows under Wine"), N_("Linux under QEMU"), N_("macOS under Rosetta"), N_("Windows under emulation"),
)  # fmt: skip
_NOTES = {
    "emscripten": "WebAssembly",
    "wasi": "WebAssembly",
}
_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy", "rustpython": "RustPython"}


class InterpreterKind(NamedTuple):
    """Interpreters that have the same series."""

    implementation: str
    freethreaded: bool


CPYTHON = InterpreterKind("cpython", freethreaded=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """One target, with all that decides where it is shown."""

    id: str
    version: Version
    implementation: str
    freethreaded: bool
    debug: bool
    libc: str
    machine: str
    launcher: str
    system: str
    facts: Mapping[str, Json]
    runs: tuple[Mapping[str, Json], ...]
    command: str
    release: str = ""

    @property
    def kind(self) -> InterpreterKind:
        """Which series exist for it."""
        return InterpreterKind(self.implementation, self.freethreaded)

    @property
    def emulator(self) -> str | None:
        """'wine', 'qemu' … if Python runs under one."""
        if self.facts.get("wine"):
            return "wine"
        return self.launcher if self.launcher in EMULATORS else None

    @property
    def name(self) -> str:
        """'CPython 3.13.0', 'PyPy 3.11.13'."""
        return f"{_IMPLEMENTATIONS.get(self.implementation, self.implementation)} {self.version}"

    @property
    def last_run(self) -> str:
        """The date of the newest run, or ''."""
        return max((str(run["started"]) for run in self.runs), default="")[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """Interpreters that differ by version only, oldest first. The main line's label is ''."""

    label: str
    members: tuple[Interpreter, ...]

    @property
    def extra(self) -> str:
        """The label without the implementation, which is part of the interpreter's name."""
        name = _IMPLEMENTATIONS.get(self.members[0].implementation, self.members[0].implementation)
        return self.label.removeprefix(name).strip()

    @property
    def main(self) -> bool:
        """CPython with the GIL, as most people have it on that platform."""
        return not self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """An operating system, or an emulation of one: the two are never mixed."""

    slug: str
    title: str
    note: str
    builds: tuple[Build, ...]

    @property
    def members(self) -> tuple[Interpreter, ...]:
        """All interpreters, build by build."""
        return tuple(member for build in self.builds for member in build.members)

    @property
    def by_version(self) -> tuple[Interpreter, ...]:
        """All interpreters, oldest first; of one version in the order of their builds: the order of the ticks."""
        return tuple(sorted(self.members, key=lambda member: member.version))

    @property
    def last_run(self) -> str:
        """The date of the newest run on any of them."""
        return max(member.last_run for member in self.members)


def read_interpreter(target: Mapping[str, Json]) -> Interpreter:
    """Read a target of the matrix. Raises DataError if its version cannot be read."""
    facts: Mapping[str, Json] = target["facts"]
    parts = [*str(target["id"]).split("-"), "", "", "", ""]
    try:
        version = parse(str(facts.get("version", parts[1].partition("+")[0])))
    except ValueError as error:
        raise DataError(
            f"Target {target['id']!r}: {error}. Its run file was edited, or is not a canifork run file."
        ) from None
    return Interpreter(
        id=target["id"],
        version=version,
        implementation=str(facts.get("implementation", parts[0])),
        freethreaded=bool(facts.get("freethreaded")),
        debug=bool(facts.get("debug")),
        libc=str(facts.get("libc", parts[4])),
        machine=naming.machine(str(facts.get("machine", parts[3])), facts.get("bits", 64)),
        launcher=target["launcher"],
        system=str(facts.get("sys_platform", parts[2])),
        facts=facts,
        runs=tuple(target["runs"]),
        command=target["command"],
        release=next((part for part in parts[5:] if part in naming.RELEASES), ""),
    )


def group_platforms(interpreters: Sequence[Interpreter]) -> tuple[Platform, ...]:
    """Real platforms first, in the order in which people ask for them; emulated ones after them."""
    groups = grouped(interpreters, _platform_order)
    return tuple(_platform(groups[order]) for order in sorted(groups))


class _PlatformOrder(NamedTuple):
    apart: bool
    rank: int
    system: str
    emulator: str


def _platform_order(target: Interpreter) -> _PlatformOrder:
    """Equal for the interpreters of one platform; sorts platforms."""
    system = _system(target)
    rank = [*_SYSTEMS].index(system) if system in _SYSTEMS else len(_SYSTEMS)
    apart = target.emulator is not None or system in _NOTES
    return _PlatformOrder(apart, rank, system, target.emulator or "")


def _system(target: Interpreter) -> str:
    return target.system.rstrip("0123456789") if target.system != "win32" else target.system


def _platform(members: Sequence[Interpreter]) -> Platform:
    system, emulator = _system(members[0]), members[0].emulator
    title = _SYSTEMS.get(system, system)
    main = _main_line(members)
    groups = grouped(members, lambda target: _label(target, main))
    builds = [
        Build(label=label, members=tuple(sorted(groups[label], key=lambda target: (target.version, target.id))))
        for label in sorted(groups, key=lambda label: (_label_rank(label), label))
    ]
    return Platform(
        slug=f"{title.lower()}-{emulator}" if emulator else title.lower(),
        title=f"{title} under {EMULATORS[emulator][0]}" if emulator else title,
        note=EMULATORS[emulator][1] if emulator else _NOTES.get(system, ""),
        builds=tuple(builds),
    )


class _MainLine(NamedTuple):
    machine: str
    libc: str
    launcher: str


def _main_line(members: Sequence[Interpreter]) -> _MainLine:
    """What most CPythons of a platform have in common; the combination most common in the world if tied.

    QEMU emulates many processors, none of which is the usual one: there, every machine is named.
    """
    usual = [target for target in members if target.kind == CPYTHON and target.launcher not in naming.LAUNCHERS]
    tally = Counter(_MainLine(target.machine, target.libc, target.launcher) for target in usual or members)
    most = max(tally, key=lambda line: (tally[line], line.machine == "x86_64", line.libc != "musl", line))
    return most._replace(machine="") if most.launcher == "qemu" else most


def _label(target: Interpreter, main: _MainLine) -> str:
    """What distinguishes a build from the main line; '' if nothing does."""
    parts = [
        N_("pre-release") if not target.version.stable else "",
        _IMPLEMENTATIONS.get(target.implementation, target.implementation)
        if target.implementation != "cpython"
        else "",
        N_("free-threaded") if target.freethreaded else "",
        N_("debug") if target.debug else "",
        target.libc if target.libc != main.libc else "",
        target.machine if target.machine != main.machine else "",
        naming.RELEASES[target.release][0] if target.release else "",
        target.launcher if target.launcher != main.launcher else "",
    ]
    return " ".join(part for part in parts if part)


_FIRST_LABELS = ("", "pre-release", "free-threaded")


def _label_rank(label: str) -> int:
    return _FIRST_LABELS.index(label) if label in _FIRST_LABELS else len(_FIRST_LABELS)
