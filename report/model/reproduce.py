"""The commands that reproduce one cell, as a person would type them on a machine of that kind."""

from __future__ import annotations

import re

from matrix.model import Probe
from report.model.platforms import Interpreter

_SAFE = re.compile(r"[A-Za-z0-9._+ -]+")


def series(one: Interpreter) -> str:
    """What nox users call it: '3.13', '3.13t', 'pypy3.11'."""
    kind = "" if one.implementation == "cpython" else one.implementation
    return f"{kind}{one.version.major}.{one.version.minor}{'t' if one.freethreaded else ''}"


def ordinary(one: Interpreter) -> bool:
    """Found by nox under the name of its series."""
    real = one.emulator is None and one.system not in ("emscripten", "wasi")
    return real and one.launcher == "base" and not one.debug


def nox_command(one: Interpreter, probe: Probe, method: str) -> str:
    """Through the runner, with all its care."""
    chosen = f"--probe {probe.id}" + ("" if method == "none" else f" --method {method}")
    if ordinary(one):
        return f"nox -s probe-{series(one)} -- {chosen}"
    return f'python -m matrix run --command "{_called(one)}" {chosen}'


def hand_command(one: Interpreter, probe: Probe, method: str) -> str:
    """By hand, with nothing installed."""
    chosen = probe.name + ("" if method == "none" else f" --method {method}")
    return f"{_called(one)} probes/{probe.file} {chosen}"


def _called(one: Interpreter) -> str:
    """The interpreter's usual name; for what is not ordinary, the command that was run, unless it has a path in it."""
    if not ordinary(one) and one.launcher != "venv" and _SAFE.fullmatch(one.command):
        return one.command
    if one.system == "win32":
        return f"py -{series(one)}"
    name = series(one)
    return name if one.implementation != "cpython" else f"python{name}"
