"""Job -> command line, environment, folders: all that is needed to start one probe process."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matrix.model import Job, LaunchSpec, Target

TEMP_LIMIT = 60
"""Longest usable TMPDIR in characters: forkserver and Manager put AF_UNIX sockets in it, at most 100 long."""

_TEMP = ("TMPDIR", "TEMP", "TMP")
_SCRUBBED = (
    *_TEMP,
    "VIRTUAL_ENV",
    "__PYVENV_LAUNCHER__",
    "CANIFORK_TOKEN",
    "CANIFORK_TIME_SCALE",
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY",  # would hide what macOS does: python/cpython#77906
    "NOX_CURRENT_SESSION",
    "TOX_ENV_NAME",
    "FORCE_COLOR",  # these colour tracebacks and help texts
    "CLICOLOR_FORCE",
    "CLICOLOR",
    "NO_COLOR",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The folder of the suite, and the private folder of one job (absolute paths)."""

    probes: Path
    private: Path


def environment(host: Mapping[str, str], temp: str | None, token: str) -> dict[str, str]:
    """What a probe sees: the host's variables without those that change Python's behaviour, and a private TMPDIR.

    temp is None where the target has its own temporary folder. PYTHONUTF8 and -I are not set: children would inherit
    them, and that would change what is measured.
    """
    kept = {key: text for key, text in host.items() if not key.upper().startswith("PYTHON") and key not in _SCRUBBED}
    own = {"PYTHONFAULTHANDLER": "1", "PYTHONDONTWRITEBYTECODE": "1", "CANIFORK_TOKEN": token}
    return kept | own | (dict.fromkeys(_TEMP, temp) if temp else {})


def temporary_root(windows: bool = os.name == "nt") -> Path:
    """A short folder for private temporary folders: macOS's own is too long for sockets.

    On Windows in its long form: Python resolves RUNNER~1, and private paths are replaced as they are spelled.
    """
    system = Path(tempfile.gettempdir())
    if windows:
        return system.resolve()
    short = Path("/tmp")  # noqa: S108 - mkdtemp makes private folders in it
    return short if len(str(system)) > TEMP_LIMIT - 20 and os.access(short, os.W_OK) else system


def target_path(path: str | Path, path_map: Sequence[tuple[str, str]]) -> str:
    """A path of this machine as the target sees it: by the longest matching pair of its path_map, else unchanged."""
    text = str(path)
    for here, there in sorted(path_map, key=lambda pair: len(pair[0]), reverse=True):
        start = here.rstrip("/\\")
        rest = text[len(start) :]
        if text.startswith(start) and rest[:1] in ("", "/", "\\"):
            windows = "\\" in there or there[1:2] == ":"
            return there.rstrip("/\\") + re.sub(r"[/\\]", r"\\" if windows else "/", rest)
    return text


def target_environment(target: Target, host: Mapping[str, str], temp: Path, token: str) -> dict[str, str]:
    """The environment of a process of a target; temp is its private TMPDIR, as this machine spells it."""
    # Wine aborts when TMPDIR is set, and uses the temporary folder of its prefix.
    env = environment(host, None if target.launcher == "wine" else target_path(temp, target.path_map), token)
    if target.time_scale != 1:  # stretches the timeouts inside of probes too
        env["CANIFORK_TIME_SCALE"] = f"{target.time_scale:g}"
    return env


def spec(target: Target, job: Job, folders: Folders, host: Mapping[str, str], deadline: float | None) -> LaunchSpec:
    """How to start one job.

    deadline: seconds at ordinary speed, by default the probe's own; it is multiplied by the target's time scale.
    """
    token = f"{folders.private.parent.name}-{secrets.token_hex(8)}"  # as scratch.PREFIX says
    temp, record, output = (folders.private / name for name in ("t", "record", "output"))
    seconds = (job.probe.deadline if deadline is None else deadline) * target.time_scale
    argv = (
        *target.command,
        target_path(folders.probes / job.probe.file, target.path_map),
        job.probe.name,
        *("--method", job.method),
        *("--record", target_path(record, target.path_map)),
        *("--output", target_path(output, target.path_map)),
        *("--token", token),
        *("--deadline", f"{seconds:g}"),
    )
    env = target_environment(target, host, temp, token)
    return LaunchSpec(
        argv=argv, env=env, cwd=temp, temp=temp, record=record, output=output, token=token, deadline=seconds
    )
