"""Pairs of measurements, interleaved, and their ratios: what else the machine does falls on both."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """wall and cpu in seconds, cpu with that of all descendants that were waited for; peak in bytes."""

    wall: float
    cpu: float
    peak: int = 0


Measure = Callable[[], Took]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Ours to theirs, the median of some pairs and its extremes; bound is what it must not exceed, if anything."""

    name: str
    median: float
    low: float
    high: float
    pairs: int
    bound: float | None
    ours: float
    theirs: float

    @property
    def kept(self) -> bool:
        """Whether the bound is kept."""
        return self.bound is None or self.median <= self.bound

    def data(self) -> dict[str, object]:
        """As JSON data."""
        return {**asdict(self), "kept": self.kept}


def command(words: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Took:
    """Run a command to its end, and say what it took. Raises RuntimeError if it fails."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        words, cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}, capture_output=True,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))[:200]}: status {done.returncode}: {done.stderr[-2000:]!r}")
    return Took(wall=wall, cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def work(*words: str) -> Took:
    """One of the works of bench.work in a process of its own, its start not counted."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.work", *words], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    return Took(**json.loads(done.stdout))


def paired(ours: Measure, theirs: Measure, pairs: int) -> list[tuple[Took, Took]]:
    """Some pairs, each time the other one first."""
    found = []
    for number in range(pairs):
        if number % 2:
            second, first = theirs(), ours()
        else:
            first, second = ours(), theirs()
        found.append((first, second))
    return found


def ratio(
    name: str, found: Sequence[tuple[Took, Took]], part: str = "cpu", bound: float | None = None, scale: float = 1.0
) -> Ratio:
    """The ratio of one part of the measurements; scale: how much more work theirs did."""
    quotients = [getattr(ours, part) / getattr(theirs, part) * scale for ours, theirs in found]
    middle = {side: statistics.median(getattr(pair[index], part) for pair in found) for index, side in enumerate("ab")}
    return Ratio(
        name=name, median=statistics.median(quotients), low=min(quotients), high=max(quotients), pairs=len(found),
        bound=bound, ours=middle["a"], theirs=middle["b"],
    )  # fmt: skip
