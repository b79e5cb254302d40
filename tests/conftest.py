"""What tests share: the command line as a subprocess, and the interpreters of this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from matrix.targets import discovery, identify

# No limits of time in tests: the machine may be busy, and a slow answer is as right as a quick one.
settings.register_profile("canifork", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("canifork")

# A shell starts what it puts in the background deaf to Ctrl-C, and the runners that tests interrupt inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What a CI service tells its jobs is about the job that runs the tests, and would change what is printed and recorded.
for name in [name for name in os.environ if name.startswith("GITHUB_")]:
    del os.environ[name]

ROOT = Path(__file__).resolve().parent.parent
FAULTS = ROOT / "tests" / "misbehave" / "suite"
"""A suite of misbehaving probes."""


@dataclass(frozen=True)
class Done:
    """What a command gave back."""

    status: int
    out: str
    err: str


def module(*words: str, env: dict[str, str] | None = None, timeout: float = 240, cwd: Path = ROOT) -> Done:
    """Run `python -m WORDS…` of the checkout."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    full = {**os.environ, "PYTHONPATH": path, **(env or {})}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=cwd, env=full, capture_output=True, encoding="utf-8", timeout=timeout,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def lines(folder: Path) -> list[dict[str, Any]]:
    """All lines of the only run file in a folder."""
    (path,) = folder.glob("*.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def verdicts(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """{(question, method): verdict} of the only run file in a folder."""
    found = [line for line in lines(folder) if line["kind"] == "verdict"]
    return {(line["probe"].partition(".")[2], line["method"]): line for line in found}


def required(name: str) -> bool:
    """Whether a missing facility is a failure and not a skip: CI names what it installed in CANIFORK_REQUIRE."""
    return name in os.environ.get("CANIFORK_REQUIRE", "").split()


def skip(name: str, reason: str) -> None:
    """Skip a test for want of something, unless CI promised to have it."""
    if required(name):
        pytest.fail(f"{name} is required here, but {reason}")
    pytest.skip(reason)


def pythons() -> dict[str, str]:
    """{series: path} of the preferred interpreter of each series on this machine.

    CANIFORK_TEST_PYTHONS names others instead, by their paths: where the engine's promises are to be proved.
    """
    named = os.environ.get("CANIFORK_TEST_PYTHONS", "")
    if named:
        return {identify.series_of(identify.ask([path])): path for path in named.split(os.pathsep)}
    return {name: str(paths[0]) for name, paths in discovery.find().items()}


def chosen(found: dict[str, str]) -> Sequence[str]:
    """The oldest CPython, the newest, and PyPy: where the engine's promises are proved."""
    cpython = [name for name in found if name[0].isdigit() and not name.endswith("t")]
    others = [name for name in found if name.startswith("pypy")]
    return list(dict.fromkeys([*cpython[:1], *cpython[-1:], *others[-1:]]))


PYTHONS = pythons()


@pytest.fixture(scope="session", params=chosen(PYTHONS))
def python(request: pytest.FixtureRequest) -> str:
    """The path of an interpreter: the oldest, the newest, PyPy."""
    return PYTHONS[request.param]


@pytest.fixture
def probe_faults(tmp_path: Path, python: str) -> Callable[..., Done]:
    """Run misbehaving probes by the real runner: probe_faults('segv', deadline=3)."""

    def run(*names: str, deadline: float = 20, options: Sequence[str] = (), env: dict[str, str] | None = None) -> Done:
        selection = [word for name in names for word in ("--probe", f"faults.{name}")]
        common = ["--python", python, "--out", str(tmp_path), "--probes", str(FAULTS), "--deadline", str(deadline)]
        return module("matrix", "run", *common, *selection, *options, env=env)

    return run
