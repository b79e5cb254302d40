"""Where interpreters lie on a machine: the folders that installers and version managers use, in order of preference.

Standard library only, as matrix/targets/discovery.py is. Whatever decides is in `Host`, so that a made-up tree of any
system can be searched on any other.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from matrix.paths import home
from matrix.targets import naming

_FORGES = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba")


class Host(NamedTuple):
    """A machine. system is its sys.platform, root where its file system begins; registered are folders that
    Windows' registry names (PEP 514: python.org, the Store, the py launcher's and conda's)."""

    system: str
    env: Mapping[str, str]
    home: Path
    root: Path = Path("/")
    registered: tuple[str, ...] = ()

    @property
    def windows(self) -> bool:
        """Whether file names end in .exe and installations have no `bin`."""
        return self.system == "win32"


def this_machine() -> Host:
    """The machine that this runs on."""
    registered: tuple[str, ...] = ()
    if sys.platform == "win32":
        from matrix.targets import windows_registry

        registered = tuple(windows_registry.folders())
    return Host(sys.platform, os.environ, home() or Path(os.sep), registered=registered)


def folders(host: Host) -> Iterator[Path]:
    """Folders with executables, the preferred first; those that do not exist too. May repeat one."""
    for part in host.env.get("PATH", "").split(";" if host.windows else ":"):
        # A shim fails unless its version is the active one; the managers' folders have the real thing.
        if part and re.split(r"[/\\]", part.rstrip("/\\"))[-1] != "shims":
            yield Path(part)
    for root in _roots(host):
        for installation in _newest_first(root):
            yield _executables(host, installation)
    for installation in _conda(host):
        yield _executables(host, installation)
    yield from map(Path, host.registered)
    yield from _of_the_system(host)


def _executables(host: Host, installation: Path) -> Path:
    return installation if host.windows else installation / "bin"


def _roots(host: Host) -> Iterator[Path]:
    """Folders that have one installation in each of their folders."""
    env, home, root = host.env, host.home, host.root
    data = Path(env.get("XDG_DATA_HOME") or home / ".local" / "share")
    yield Path(env.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    yield Path(env.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    yield Path(env.get("MISE_DATA_DIR") or data / "mise") / "installs" / "python"
    yield Path(env.get("ASDF_DATA_DIR") or home / ".asdf") / "installs" / "python"
    yield data / "nox" / "pythons"
    yield home / ".rye" / "py"
    if host.windows:
        roaming, local = (Path(env.get(name) or home) for name in ("APPDATA", "LOCALAPPDATA"))
        yield roaming / "uv" / "python"
        yield roaming / "uv" / "data" / "python"
        yield local / "mise" / "installs" / "python"
        yield home / ".pyenv" / "pyenv-win" / "versions"
        yield local / "Programs" / "Python"  # python.org's installer
        yield local / "Python"  # the install manager that comes with `py`
    if host.system == "darwin":
        for kind in ("Python", "PythonT"):  # python.org's installer; T: free-threaded
            yield root / "Library" / "Frameworks" / f"{kind}.framework" / "Versions"
        yield (
            root
            / "Library"
            / "Developer"
            / "CommandLineTools"
            / "Library"
            / "Frameworks"
            / "Python3.framework"
            / "Versions"
        )
    if not host.windows:
        yield root / "opt" / "python"  # the manylinux and musllinux images
        for prefix in ("opt/homebrew", "usr/local", "home/linuxbrew/.linuxbrew"):
            yield root / prefix / "opt"  # Homebrew: python@3.12, python-freethreading, pypy3.11, graalpy
    tools = env.get("RUNNER_TOOL_CACHE") or env.get("AGENT_TOOLSDIRECTORY")
    if tools:  # actions/setup-python
        yield from _newest_first(Path(tools) / "Python") + _newest_first(Path(tools) / "PyPy")


def _conda(host: Host) -> Iterator[Path]:
    """Installations and environments of conda, mamba and micromamba."""
    env, home = host.env, host.home
    bases = [Path(env[key]) for key in ("CONDA_PREFIX", "MAMBA_ROOT_PREFIX") if env.get(key)]
    if env.get("CONDA_EXE"):
        bases.append(Path(env["CONDA_EXE"]).parent.parent)
    bases += [home / name for name in _FORGES]
    bases += [host.root / "opt" / name for name in ("conda", *_FORGES)]
    for base in bases:
        yield base
        yield from _newest_first(base / "envs")
    try:
        known = (home / ".conda" / "environments.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    yield from (Path(line.strip()) for line in known.splitlines() if line.strip())


def _of_the_system(host: Host) -> Iterator[Path]:
    """Where a system's packages put executables: the PATH may miss them, in a service or a graphical shell."""
    if host.windows:
        yield Path(host.env.get("LOCALAPPDATA") or host.home) / "Microsoft" / "WindowsApps"  # the Store's
        return
    prefixes = ["usr/local/bin", "usr/bin"]
    if host.system == "darwin":
        prefixes.insert(0, "opt/homebrew/bin")
    yield from (host.root / prefix for prefix in prefixes)
    yield host.home / ".local" / "bin"


def _newest_first(root: Path) -> list[Path]:
    """The folders in a folder, by the numbers in their names; none if it is not there."""
    try:
        names = [entry.name for entry in os.scandir(root) if entry.is_dir()]
    except OSError:
        return []
    names.sort(key=naming.numbers, reverse=True)
    return [root / name for name in names]
