"""Commands -> targets: ask each for its facts, and derive its ID."""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from matrix.errors import TargetError
from matrix.files import schema_checks, untrusted_json
from matrix.model import Json, Target
from matrix.paths import FACTS
from matrix.system import launch
from matrix.system.command import CommandError, capture
from matrix.targets import discovery, naming

PATIENCE = 1.5
"""Seconds that the interpreters of this machine have at least to print their facts."""

SLOWER = 4.0
"""How many times as long as the slowest that answered the others may take."""

MANY = 64
"""Interpreters that are asked at once: some may hang."""

FACTS_TIMEOUT = 120
"""Seconds that a command may take to print its facts: emulators are slow to start."""

PRIVATE = ("library", "executable", "base_executable")
"""Facts that are paths of this machine: never stored."""

_TIME_SCALES = {
    "wine": 4.0,
    "qemu": 8.0,
    "rosetta": 2.0,
    "emulated": 2.0,
    "emscripten": 4.0,
    "wasi": 4.0,
    "graalpy": 4.0,
}
"""How much longer a deadline is, by launcher, system or implementation: what starts a process in seconds."""

_PATHS: Mapping[str, tuple[tuple[str, str], ...]] = {"wine": (("/", "Z:\\"),)}
"""Without the drive, Windows looks on whichever is the current one: a probe that changes the folder may change that."""


def identify(
    command: Sequence[str],
    launcher: str | None = None,
    paths: Sequence[tuple[str, str]] = (),
    time_scale: float | None = None,
    cancelled: threading.Event | None = None,
) -> Target:
    """The target behind a command that behaves like an interpreter.

    launcher: how the command starts Python, if the facts do not show it ('zipapp').
    paths: which folders it sees elsewhere; time_scale: how slow it is, if not as slow as others of its kind.
    cancelled: set from elsewhere, to give up. Raises TargetError if it does not behave like an interpreter.
    """
    command = absolute(command)
    facts = ask(command, paths, cancelled)
    kind = launcher or launcher_of(facts, platform.machine())
    return Target(
        id=target_id(facts, kind),
        command=command,
        launcher=kind,
        facts={key: fact for key, fact in facts.items() if key not in PRIVATE},
        time_scale=time_scale or _usual_time_scale(kind, facts),
        path_map=tuple(paths) or _PATHS.get(kind, ()),
        private_paths=private_paths(facts),
    )


def _usual_time_scale(launcher: str, facts: Mapping[str, Json]) -> float:
    kinds = (launcher, facts["sys_platform"], facts["implementation"])
    return next((_TIME_SCALES[kind] for kind in kinds if kind in _TIME_SCALES), 1.0)


def private_paths(facts: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
    """Where the interpreter lies, as (path, what is published instead): tracebacks name its library and itself."""
    found = {}
    for key in PRIVATE:
        if path := facts.get(key):
            parts = re.split(r"[/\\]", path)
            whole = key == "library" and "\\" not in path  # lib/python3.13, but Lib
            found[path] = "/".join(parts[-2:]) if whole else parts[-1]
    return tuple(found.items())


def absolute(command: Sequence[str], windows: bool = os.name == "nt") -> tuple[str, ...]:
    """The command with its relative paths made absolute: each probe starts in a folder of its own.

    A word is a path if it has a separator or a dot in it, and there is such a file. Windows looks for a bare name
    beside the program that starts it before it looks on the PATH: `python` would be the Python that measures.
    """
    words = list(command)
    if windows and words:
        words[0] = shutil.which(words[0]) or words[0]
    return tuple(
        str(Path(word).absolute()) if re.search(r"[/\\.]", word) and Path(word).exists() else word for word in words
    )


def split(line: str, windows: bool = os.name == "nt") -> list[str]:
    """The words of a command line, as a shell of this system would quote them. Raises TargetError."""
    try:
        words = shlex.split(line, posix=not windows)  # as POSIX has it, backslashes would be lost
    except ValueError as error:
        raise TargetError(f"--command {line!r}: {str(error).lower()}. Quote it as for a shell.") from None
    if not words:
        raise TargetError('An empty --command. Write for example --command "node pyodide.mjs".')
    return [word.strip('"') for word in words] if windows else words


def ask(
    command: Sequence[str], paths: Sequence[tuple[str, str]] = (), cancelled: threading.Event | None = None
) -> dict[str, Json]:
    """The facts that a command prints. Raises TargetError if it is not an interpreter."""
    shown = shlex.join(command)
    try:
        done = capture([*command, launch.target_path(FACTS, paths)], timeout=FACTS_TIMEOUT, cancelled=cancelled)
    except CommandError as error:
        raise TargetError(f"{shown} {error}. Name an executable Python, or a command in quotes.") from None
    try:
        return facts_in(done.stdout)
    except ValueError as error:
        reason = str(error)[:300] if done.stdout.startswith("{") else _too_old(command, cancelled) or done.last_line
        raise TargetError(
            f"{shown} is not a usable Python (status {done.status}): {reason}\n"
            "It must run scripts like `python FILE ARG…`, 3.8 or later; `python -m matrix doctor` says what is wrong."
        ) from None


def _too_old(command: Sequence[str], cancelled: threading.Event | None) -> str:
    """That a command is Python 2, which cannot even run the script that prints the facts; '' if it is none."""
    try:
        done = capture([*command, "-c", "import sys; print(sys.version)"], timeout=FACTS_TIMEOUT, cancelled=cancelled)
    except CommandError:
        return ""
    found = re.match(r"2\.\d+", done.stdout)
    return f"it is Python {found[0]}, and probes need 3.8 or later" if found else ""


def facts_in(text: str) -> dict[str, Json]:
    """The facts in an output. Raises ValueError if there are none, or if a run file may not have them."""
    facts = untrusted_json.parse(text.encode("utf-8"))
    if not isinstance(facts, dict):
        raise ValueError("no facts")
    fault = schema_checks.fault(
        {key: fact for key, fact in facts.items() if key not in PRIVATE}, schema_checks.RUN_SCHEMA, "facts"
    )
    missing = [key for key in PRIVATE if not isinstance(facts.get(key), str | None) or key not in facts]
    if fault or missing:
        raise ValueError(fault or f"its facts have no {missing[0]}")
    version = facts["markers"]["python_version"]
    if naming.numbers(version)[:2] < discovery.OLDEST:
        oldest = ".".join(map(str, discovery.OLDEST))
        raise ValueError(f"it is Python {version}, and probes need {oldest} or later")
    return facts


def base_command(command: Sequence[str], cancelled: threading.Event | None = None) -> tuple[str, ...]:
    """The interpreter that a virtual environment was made from; the command itself if it is in none."""
    facts = ask(command, cancelled=cancelled)
    return (str(facts["base_executable"]),) if facts["venv"] else tuple(command)


def launcher_of(facts: Mapping[str, Json], host_machine: str) -> str:
    """'base', 'venv', 'wine' or 'qemu', by its facts and the host's processor.

    Another processor than the host's is assumed to be emulated; for a machine behind ssh use --launcher.
    """
    if facts.get("wine"):
        return "wine"
    emulator = naming.EMULATORS.get(facts["sys_platform"])
    if emulator and not naming.same_family(facts["machine"], host_machine):
        return emulator
    return "venv" if facts["venv"] else "base"


def target_id(facts: Mapping[str, Json], launcher: str) -> str:
    """The ID in uv's vocabulary, 'cpython-3.13.0+freethreaded-linux-x86_64-gnu'.

    Suffixes are a release of the system that is told apart from the usual one, and a launcher but 'base'.
    """
    system = str(facts["sys_platform"])
    variant = "+freethreaded" if facts["freethreaded"] else ""
    variant += "+debug" if facts["debug"] else ""
    machine, libc = naming.machine(facts["machine"], facts["bits"]), facts["libc"]
    if system in naming.WEBASSEMBLY:
        machine, libc = "wasm32", "musl"
    name = f"{facts['implementation']}-{facts['version']}{variant}-{naming.system(system)}-{machine}-{libc}"
    suffixes = (naming.release(str(facts.get("os") or "")), launcher if launcher != "base" else "")
    name = "-".join(filter(None, (name, *suffixes)))
    return re.sub(r"[^A-Za-z0-9._+-]", "_", name)


def series_of(facts: Mapping[str, Json]) -> str:
    """The series: '3.13', '3.13t', 'pypy3.11'."""
    major, minor = naming.numbers(str(facts["markers"]["python_version"]))[:2]
    return str(naming.Series(str(facts["implementation"]), major, minor, bool(facts["freethreaded"])))


def specials(facts: Mapping[str, Json]) -> list[str]:
    """What distinguishes a target from the usual Python, in a few words each."""
    threads = "free-threaded" if not facts["gil"] else "free-threaded build, GIL on"
    features = {
        f"Wine {facts['wine']}": facts["wine"],
        threads: facts["freethreaded"],
        "debug": facts["debug"],
        "pre-release": re.search("[a-z]", str(facts["version"])),
        str(facts["libc"]): facts["libc"] == "musl",
        "32 bits": facts["bits"] == 32,
        "big endian": facts["byteorder"] == "big",
        f"default {facts['default_method']}": facts["default_method"],
        f"no multiprocessing: {facts['methods_error']}": facts["methods_error"],
    }
    return [words for words, holds in features.items() if holds]


def find(wanted: str | None) -> list[Target]:
    """One target for each ID among the interpreters of this machine, of one series or of all.

    Interpreters that print no facts are left out: they cannot be measured. Those that take much longer than the others
    are named and left out.
    """
    candidates = [path for name, paths in discovery.find().items() if wanted in (None, name) for path in paths]
    targets: dict[str, Target] = {}
    for target in _ask_all(candidates):
        if target and wanted in (None, series_of(target.facts)):
            targets.setdefault(target.id, target)
    return sorted(targets.values(), key=order)


def _ask_all(candidates: Sequence[Path]) -> list[Target | None]:
    """The target of each candidate; None where there is none, or no answer within a multiple of what others take."""
    from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

    out_of_patience = threading.Event()
    started = time.monotonic()
    with ThreadPoolExecutor(min(MANY, len(candidates) or 1)) as pool:
        futures = {pool.submit(_try, path, out_of_patience): path for path in candidates}
        pending = set(futures)
        answered = 0.0
        while pending and time.monotonic() - started < max(PATIENCE, SLOWER * answered if answered else FACTS_TIMEOUT):
            done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
            if any(future.result() for future in done):
                answered = time.monotonic() - started
        out_of_patience.set()
    for path in sorted(futures[future] for future in pending):
        print(
            f"canifork: {path} did not print its facts in time, and is left out. --python waits longer.",
            file=sys.stderr,
        )
    return [None if future in pending else future.result() for future in futures]


def _try(path: Path, cancelled: threading.Event) -> Target | None:
    try:
        return identify(base_command([str(path)], cancelled), cancelled=cancelled)
    except TargetError:
        return None


def order(target: Target) -> tuple[str, tuple[str, tuple[int, ...], str], str]:
    """Sort key: the plain launchers first, then by implementation and version."""
    return "" if target.launcher == "base" else target.launcher, naming.series_key(series_of(target.facts)), target.id


def check(target: Target, wanted: Iterable[str]) -> None:
    """Raise TargetError unless the target is of one of the wanted series (none: any)."""
    wanted = list(wanted)
    if wanted and series_of(target.facts) not in wanted:
        name = shlex.join(target.command)
        raise TargetError(
            f"{name} is {series_of(target.facts)}, not {' or '.join(wanted)}. Name the right interpreter."
        )


def command_name(target: Target) -> str:
    """The command to use on another machine: 'python3.13', 'node pyodide.mjs'; never a path."""
    if len(target.command) == 1 and target.launcher in ("base", "venv"):
        series = series_of(target.facts)
        return f"python{series}" if series[0].isdigit() else series
    return " ".join(re.split(r"[/\\]", part)[-1] for part in target.command)
