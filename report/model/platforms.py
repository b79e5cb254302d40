"""Targets -> platforms, and within each its builds: what may stand in one cell, and what must stand apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matrix.errors import DataError
from matrix.model import Json
from matrix.results.versions import Version, parse
from matrix.targets import naming
from report.model.i18n import N_

EMULATORS: Mapping[str, tuple[str, str]] = {
    "wine": ("Wine", N_("emulated, not Windows")),
    "qemu": ("QEMU", N_("emulated processor")),
    "rosetta": ("Rosetta", N_("emulated processor")),
    "emulated": ("emulation", N_("emulated processor")),
}
"""Launchers that stand between Python and the platform it believes to be on: name, and what to know of it."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """One target, with what places it."""

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

    @property
    def kind(self) -> tuple[str, bool]:
        """What decides which series exist: the implementation, and whether it is free-threaded."""
        return self.implementation, self.freethreaded

    @property
    def emulator(self) -> str | None:
        """'wine' or 'qemu' if one stands between."""
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
        """The label, less the implementation that the interpreter's name says already."""
        name = _IMPLEMENTATIONS.get(self.members[0].implementation, self.members[0].implementation)
        return self.label.removeprefix(name).strip()

    @property
    def main(self) -> bool:
        """CPython with the GIL, as most people have it on that platform."""
        return not self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """An operating system, or an emulation of one, which never speaks for the real one."""

    slug: str
    title: str
    note: str
    builds: tuple[Build, ...]

    @property
    def members(self) -> tuple[Interpreter, ...]:
        """All interpreters, in the order of the ticks."""
        return tuple(member for build in self.builds for member in build.members)

    @property
    def last_run(self) -> str:
        """The date of the newest run on any of them."""
        return max(member.last_run for member in self.members)


def interpreter(target: Mapping[str, Json]) -> Interpreter:
    """A target of the matrix, read. Raises DataError if its version cannot be."""
    facts: Mapping[str, Json] = target["facts"]
    parts = [*str(target["id"]).split("-"), "", "", "", ""]
    try:
        version = parse(str(facts.get("version", parts[1].partition("+")[0])))
    except ValueError as error:
        raise DataError(f"Target {target['id']!r}: {error}. Its run file was edited, or is not of canifork.") from None
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
    )


def platforms(interpreters: Sequence[Interpreter]) -> tuple[Platform, ...]:
    """Real platforms first, in the order in which people ask for them; emulations after them."""
    groups: dict[tuple[bool, int, str, str], list[Interpreter]] = {}
    for one in interpreters:
        groups.setdefault(_place(one), []).append(one)
    return tuple(_platform(groups[place]) for place in sorted(groups))


def _place(one: Interpreter) -> tuple[bool, int, str, str]:
    system = _system(one)
    rank = [*_SYSTEMS].index(system) if system in _SYSTEMS else len(_SYSTEMS)
    return one.emulator is not None or system in _NOTES, rank, system, one.emulator or ""


def _system(one: Interpreter) -> str:
    return one.system.rstrip("0123456789") if one.system != "win32" else one.system


def _platform(members: Sequence[Interpreter]) -> Platform:
    system, emulator = _system(members[0]), members[0].emulator
    title = _SYSTEMS.get(system, system)
    plain = _plain(members)
    groups: dict[str, list[Interpreter]] = {}
    for one in members:
        groups.setdefault(_label(one, plain), []).append(one)
    builds = [
        Build(label=label, members=tuple(sorted(groups[label], key=lambda one: (one.version, one.id))))
        for label in sorted(groups, key=lambda label: (_label_rank(label), label))
    ]
    return Platform(
        slug=f"{title.lower()}-{emulator}" if emulator else title.lower(),
        title=f"{title} under {EMULATORS[emulator][0]}" if emulator else title,
        note=EMULATORS[emulator][1] if emulator else _NOTES.get(system, ""),
        builds=tuple(builds),
    )


def _plain(members: Sequence[Interpreter]) -> tuple[str, str, str]:
    """(machine, libc, launcher) of the main line: what most CPythons here have, the commonest in the world if tied.

    QEMU emulates many processors, of which none is the usual one: there, every machine is named.
    """
    usual = [one for one in members if one.kind == ("cpython", False) and one.launcher not in naming.LAUNCHERS]
    tally = Counter((one.machine, one.libc, one.launcher) for one in usual or members)
    ranks = {place: (n, place[0] == "x86_64", place[1] != "musl", place) for place, n in tally.items()}
    machine, libc, launcher = max(ranks, key=ranks.__getitem__)
    return "" if launcher == "qemu" else machine, libc, launcher


def _label(one: Interpreter, plain: tuple[str, str, str]) -> str:
    """What sets a build apart from the main line; '' if nothing does."""
    machine, libc, launcher = plain
    parts = [
        N_("pre-release") if not one.version.stable else "",
        _IMPLEMENTATIONS.get(one.implementation, one.implementation) if one.implementation != "cpython" else "",
        N_("free-threaded") if one.freethreaded else "",
        N_("debug") if one.debug else "",
        one.libc if one.libc != libc else "",
        one.machine if one.machine != machine else "",
        one.launcher if one.launcher != launcher else "",
    ]
    return " ".join(part for part in parts if part)


def _label_rank(label: str) -> int:
    return ["", "pre-release", "free-threaded"].index(label) if label in ("", "pre-release", "free-threaded") else 3
