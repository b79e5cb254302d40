"""What `try` costs beside the plain command, and what the injection costs each process."""

from __future__ import annotations

import os
import statistics
import sys
from pathlib import Path

from bench.pairs import Ratio, Took, command, paired, ratio
from matrix.trial import injection, pythons

STARTS = 20
"""Processes of one measurement of the injection."""

ALLOWED = 0.010
"""Seconds that it may take in each process."""

TESTS = """
import multiprocessing, time, pytest
def work(n): return sum(range(n))
@pytest.mark.parametrize("n", range({count}))
def test_work(n):
    with multiprocessing.Pool(2) as pool:
        pool.map(work, [2_000_000] * 8)
"""
LOOP = """
import subprocess, sys
for _ in range({count}):
    subprocess.run([sys.executable, "-c", "import multiprocessing.process, multiprocessing.context"], check=True)
"""


def measure(folder: Path, pairs: int, small: bool) -> list[Ratio]:
    """Ratios of `try` with one method to the plain command, and of the injection to what it may take."""
    folder.mkdir(parents=True)
    (folder / "test_work.py").write_text(TESTS.format(count=10 if small else 100), encoding="utf-8")
    python = pythons.python_at(sys.executable)
    words = ["pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "test_work.py"]
    options = ["--python", sys.executable, "--method", python.default, "--", *words]
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}

    def ours() -> Took:
        return command([sys.executable, "-m", "matrix", "try", *options], compiled, cwd=folder)

    def plain() -> Took:
        return command([sys.executable, "-m", *words], compiled, cwd=folder)

    ours()  # compiles what both import, as an installation does
    whole = paired(ours, plain, pairs)
    return [
        ratio("try: one method / the plain command, wall", whole, "wall", None if small else 1.05),
        ratio("try: one method / the plain command, cpu", whole, "cpu", None if small else 1.05),
        ratio(f"try: the injection in a process / {ALLOWED * 1000:.0f} ms", _injected(folder, pairs), "wall", 1.0),
    ]


def _injected(folder: Path, pairs: int) -> list[tuple[Took, Took]]:
    """(what the injection adds to a process, what it may add)."""
    (folder / "loop.py").write_text(LOOP.format(count=STARTS), encoding="utf-8")
    (folder / "injected").mkdir()
    python = pythons.python_at(sys.executable)
    made = injection.write(folder / "injected", python, "spawn", override=False)
    env = injection.environment(os.environ, made, python, "bench")
    loop = [sys.executable, str(folder / "loop.py")]
    both = paired(lambda: command(loop, env), lambda: command(loop), 2 * pairs)
    added = statistics.median((ours.wall - theirs.wall) / (STARTS + 1) for ours, theirs in both)
    return [(Took(wall=max(added, 1e-6), cpu=0.0), Took(wall=ALLOWED, cpu=0.0))]
