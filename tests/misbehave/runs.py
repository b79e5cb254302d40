"""Real runners over misbehaving probes, and what is left of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from matrix.system import shm_ledger
from tests import flat
from tests.conftest import FAULTS, ROOT, Done, module, verdicts

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX processes")
linux = pytest.mark.skipif(sys.platform != "linux", reason="/dev/shm and /proc")
undisturbed = pytest.mark.skipif(
    sys.platform == "linux" and os.geteuid() != 0 and "PYTEST_XDIST_WORKER" in os.environ,
    reason="while runs of another worker share /dev/shm, nothing in it is removed",
)
windows = pytest.mark.skipif(os.name != "nt", reason="Windows")

Verdicts = dict[tuple[str, str], dict[str, Any]]


def words(python: str, folder: Path, *names: str, deadline: float | None = None) -> list[str]:
    """The arguments of `python -m matrix` that run some faults."""
    selection = [word for name in names for word in ("--probe", f"faults.{name}")]
    limit = [] if deadline is None else ["--deadline", f"{deadline:g}"]
    return ["run", "--python", python, "--out", str(folder), "--probes", str(FAULTS), *limit, *selection]


def run_faults(
    python: str, folder: Path, *names: str, deadline: float = 20, no_retry: bool = True, **options: Any
) -> Done:
    """Run some faults to the end."""
    extra = [*options.pop("options", ()), *(["--no-retry"] if no_retry else [])]
    return module("matrix", *words(python, folder, *names, deadline=deadline), *extra, **options)


def only(folder: Path) -> dict[str, Any]:
    """The one verdict that there is."""
    (verdict,) = verdicts(folder).values()
    return verdict


def merged(folder: Path, *extra: str) -> dict[tuple[str, str], dict[str, Any]]:
    """{(question, method): cell} of the run files in a folder."""
    path = folder / "merged.json"
    done = module("matrix", "merge", str(folder), "-o", str(path), *extra)
    assert done.status == 0, done.err
    return {(cell["probe"], cell["method"]): cell for cell in flat.cells(path)}


def wait_for(condition: Callable[[], Any], what: str = "it never came up") -> Any:
    """Poll, since nothing outside a process tells when it is up."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            result = condition()
        except psutil.Error:
            result = None
        if result:
            return result
        time.sleep(0.02)  # between two looks
    raise AssertionError(what)


def alive(match: Callable[[dict[str, str]], bool]) -> list[psutil.Process]:
    """The living processes whose environment matches."""
    living = []
    for process in psutil.process_iter():
        try:
            if match(process.environ()) and process.status() != psutil.STATUS_ZOMBIE:
                living.append(process)
        except (psutil.Error, OSError):
            continue
    return living


def with_token(token: str) -> list[psutil.Process]:
    """The living processes of one probe: all inherit its token in their environment."""
    return alive(lambda env: env.get("CANIFORK_TOKEN") == token)


@dataclass(frozen=True)
class Room:
    """A temporary folder of its own for runners, and where we may a /dev/shm: what is in them is theirs."""

    folder: Path
    shared: Path
    enter: tuple[str, ...]
    shared_before: frozenset[str]

    def run_faults(self, python: str, folder: Path, *names: str, deadline: float = 20, **options: Any) -> Done:
        """Run some faults to the end, and retry what is in doubt; env and options (a list) are added."""
        extra = options.get("options", [])
        return self.run(*words(python, folder, *names, deadline=deadline), *extra, **options.get("env", {}))

    def run(self, *arguments: str, **env: str) -> Done:
        """Run `python -m matrix` in it."""
        done = subprocess.run(
            [*self.enter, sys.executable, "-m", "matrix", *arguments], cwd=ROOT, env={**self._env(), **env},
            capture_output=True, encoding="utf-8", timeout=280, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a runner that can be disturbed: its lines can be read as it writes them."""
        return subprocess.Popen(
            [*self.enter, sys.executable, "-m", "matrix", *arguments], cwd=ROOT, env=self._env(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, encoding="utf-8",
            start_new_session=True,
        )  # fmt: skip

    def _env(self) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.folder)}

    def leftovers(self) -> list[str]:
        """What runners in this room have left behind: processes, folders, shared memory."""
        here = str(self.folder)
        processes = alive(lambda env: "CANIFORK_TOKEN" in env and env.get("TMPDIR", "").startswith(here))
        folders = [entry.name for entry in self.folder.iterdir()]
        return [" ".join(process.cmdline()) for process in processes] + folders + self._shared()

    def _shared(self) -> list[str]:
        if self.enter:
            return sorted(names_in(self.shared))
        # Others may be at work on this machine: only what stays, and nobody holds, can be ours.
        new = names_in(self.shared) - self.shared_before
        until = time.monotonic() + 5
        while new and time.monotonic() < until:
            new &= names_in(self.shared)
            time.sleep(0.05)  # between two looks
        return sorted(new - shm_ledger.held(self.shared)) if new else []


def names_in(folder: Path) -> frozenset[str]:
    """The entries of /dev/shm that multiprocessing makes."""
    entries = folder.iterdir() if folder.is_dir() else ()
    return frozenset(entry.name for entry in entries if shm_ledger.OURS.match(entry.name))


@contextmanager
def room() -> Iterator[Room]:
    """Short, since probes make sockets in it; pytest's own folders are too long."""
    folder = Path(tempfile.mkdtemp(prefix="cf", dir="/tmp" if os.name == "posix" else None)).resolve()
    keeper = _own_shared_memory()
    try:
        shared = Path(f"/proc/{keeper.pid}/root/dev/shm" if keeper else "/dev/shm")
        enter = ("nsenter", "-t", str(keeper.pid), "-m", f"--wdns={ROOT}") if keeper else ()
        yield Room(folder, shared, enter, names_in(shared))
    finally:
        if keeper:
            keeper.kill()
            keeper.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _own_shared_memory() -> subprocess.Popen[bytes] | None:
    """A process in a mount namespace with an empty /dev/shm, so that strangers do not disturb; None if it may not be.

    The probes stay what they are: /dev/shm is a tmpfs as before.
    """
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("nsenter") or not shutil.which("unshare"):
        return None
    keeper = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", "mount -t tmpfs -o mode=1777 none /dev/shm && echo up && exec sleep 3600"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert keeper.stdout
    if keeper.stdout.readline() == b"up\n":
        return keeper
    keeper.communicate()
    return None
