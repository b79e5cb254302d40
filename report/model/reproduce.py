"""The commands that reproduce target cell, as a person would type them on a machine of that kind."""

from __future__ import annotations

import re

from matrix.model import Probe
from report.model.platforms import Interpreter

_SAFE = re.compile(r"[A-Za-z0-9._+ -]+")


def series(target: Interpreter) -> str:
    """What nox calls it: '3.13', '3.13t', 'pypy3.11'."""
    prefix = "" if target.implementation == "cpython" else target.implementation
    return f"{prefix}{target.version.major}.{target.version.minor}{'t' if target.freethreaded else ''}"


def ordinary(target: Interpreter) -> bool:
    """nox finds it under the name of its series."""
    real = target.emulator is None and target.system not in ("emscripten", "wasi")
    return real and target.launcher == "base" and not target.debug


def nox_command(target: Interpreter, probe: Probe, method: str) -> str:
    """Through the runner: supervised, with a deadline, cleaned up after."""
    chosen = f"--probe {probe.id}" + ("" if method == "none" else f" --method {method}")
    if ordinary(target):
        return f"nox -s probe-{series(target)} -- {chosen}"
    return f'python -m matrix run --command "{_command_name(target)}" {chosen}'


def hand_command(target: Interpreter, probe: Probe, method: str) -> str:
    """By hand, with nothing installed."""
    chosen = probe.name + ("" if method == "none" else f" --method {method}")
    return f"{_command_name(target)} probes/{probe.file} {chosen}"


def _command_name(target: Interpreter) -> str:
    """The interpreter's usual name; for what is not ordinary, the command that was run, unless it has a path in it."""
    if not ordinary(target) and target.launcher != "venv" and _SAFE.fullmatch(target.command):
        return target.command
    if target.system == "win32":
        return f"py -{series(target)}"
    name = series(target)
    return name if target.implementation != "cpython" else f"python{name}"
