"""Commands with what they took: refused means a few lines, the right status, little time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from matrix.errors import Status
from tests.conftest import ROOT

HERE = Path(__file__).parent
MAX_PEAK = 200 * 10**6
"""Bytes that refusing anything may take."""

STRETCH = 4
"""Processor time that a command may take, in that of the same command refusing a name that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How a command ended; cpu in seconds, peak in bytes, both None where the system does not tell."""

    status: int
    out: str
    err: str
    cpu: float | None
    peak: int | None


def command(folder: Path, *words: str, stdin: str | None = None, timeout: float = 240) -> Took:
    """Run `python WORDS…` and measure it; `folder` is for the measurements."""
    report = folder / "took.json"
    posix = sys.platform != "win32"
    prefix = [sys.executable, "-S", "-E", str(HERE / "measured.py"), str(report)] if posix else []
    done = subprocess.run(
        [*prefix, sys.executable, *words], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
        capture_output=True, encoding="utf-8", timeout=timeout, input=stdin or "",
    )  # fmt: skip
    if not posix:
        return Took(status=done.returncode, out=done.stdout, err=done.stderr, cpu=None, peak=None)
    took = json.loads(report.read_text(encoding="utf-8"))
    return Took(status=took["status"], out=done.stdout, err=done.stderr, cpu=took["cpu"], peak=took["peak"])


def refusals(folder: Path, calls: Sequence[Sequence[str]]) -> list[Took]:
    """What the command line says to each list of words; one process for all, whose peak is that of each."""
    stdin = "".join(json.dumps(list(words)) + "\n" for words in calls)
    done = command(folder, str(HERE / "refusals.py"), stdin=stdin)
    assert done.status == 0, done.err
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert len(answers) == len(calls)
    return [Took(**answer, peak=done.peak) for answer in answers]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a refusal may take: a stretch of what the quickest one takes (processor seconds)."""

    quickest: float | None

    def refused(self, done: Took, says: str, status: int = Status.USAGE) -> None:
        """Fail unless the command refused its input as it should."""
        assert (done.status, done.out) == (status, ""), f"{done.status} {done.out} {done.err}"
        lines = done.err.removesuffix("\n").split("\n")
        assert 1 <= len(lines) <= 3, done.err
        assert "Traceback" not in done.err
        assert says in done.err
        assert len(done.err) < 1000
        assert all(line.isprintable() for line in lines), ascii(done.err)
        self.bounded(done)

    def bounded(self, done: Took) -> None:
        """Fail if it took too much."""
        assert done.peak is None or done.peak < MAX_PEAK, f"{done.peak / 1e6:.0f} MB"
        if done.cpu is not None and self.quickest is not None:
            assert done.cpu < STRETCH * self.quickest, f"{done.cpu:.2f} s, {self.quickest:.2f} s for nothing"


@pytest.fixture(scope="session")
def bounds(tmp_path_factory: pytest.TempPathFactory) -> Bounds:
    """Bounds from the same command where it has nothing to do but start."""
    folder = tmp_path_factory.mktemp("quickest")
    times = [command(folder, "-m", "matrix", "merge", "nowhere").cpu for _ in range(3)]
    return Bounds(max((cpu for cpu in times if cpu is not None), default=None))
