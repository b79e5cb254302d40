"""The runner against a bare loop over the same processes, and against what people would use instead."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.pairs import ROOT, Ratio, Took, command, paired, ratio
from matrix.suite import catalog

JOBS = 2
DEADLINE = 30

FLOOR = """
import json, os, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
cells = json.load(open(sys.argv[1]))
with ThreadPoolExecutor(int(sys.argv[2])) as pool:
    run = lambda words: subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    list(pool.map(run, cells))
"""
PYTEST = f"""
import json, pathlib, subprocess
import pytest
CELLS = json.loads(pathlib.Path(__file__).with_name("cells.json").read_text())
@pytest.mark.parametrize("words", CELLS, ids=lambda words: "-".join(words[2:]))
def test_cell(words, tmp_path):
    record = tmp_path / "record.json"
    log = tmp_path / "log"
    with log.open("wb") as out:
        options = dict(stdout=out, stderr=out, timeout={DEADLINE}, start_new_session=True)
        subprocess.run([*words, "--record", str(record)], **options)
    data = json.loads(record.read_text())
    print(data["detail"], data["observed"], log.read_text(errors="replace"))
    assert data["state"] == "finished"
    if data["outcome"] == "no":
        pytest.fail(data["detail"])
"""
NOX = """
import nox
@nox.session(python=False)
def cells(session):
    session.run("sh", "loop.sh", external=True)
"""


def measure(folder: Path, pairs: int, themes: Sequence[str]) -> list[Ratio]:
    """Ratios of wall and processor time on all cells of some themes, under the Python that runs this."""
    folder.mkdir(parents=True)
    probes = catalog.load(ROOT / "probes", themes)
    words = [
        [sys.executable, str(ROOT / "probes" / probe.file), probe.name, *(["--method", method] if method else [])]
        for probe in probes
        if not probe.exclusive
        for method in (probe.methods or ("",))
    ]
    (folder / "cells.json").write_text(json.dumps(words), encoding="utf-8")
    (folder / "floor.py").write_text(FLOOR, encoding="utf-8")
    (folder / "test_cells.py").write_text(PYTEST, encoding="utf-8")
    (folder / "noxfile.py").write_text(NOX, encoding="utf-8")
    loop = "".join(f"timeout {DEADLINE} {shlex.join(cell)} >log.{n} 2>&1\n" for n, cell in enumerate(words))
    (folder / "loop.sh").write_text(loop + "true\n", encoding="utf-8")
    selection = [word for probe in probes if not probe.exclusive for word in ("--probe", probe.id)]

    def ours() -> Took:
        options = ["--python", sys.executable, "--jobs", str(JOBS), "--out", str(folder / "out"), *selection]
        return command([sys.executable, "-m", "matrix", "run", *options])

    def floor() -> Took:
        return command([sys.executable, str(folder / "floor.py"), str(folder / "cells.json"), str(JOBS)])

    def pytest() -> Took:
        options = ["-q", "-n", str(JOBS), "--timeout", str(DEADLINE), "--html", str(folder / "report.html")]
        inner = ["-p", "no:cacheprovider", "--rootdir", str(folder), "--basetemp", str(folder / "tmp")]
        return command(
            ["sh", "-c", '"$@" || [ $? = 1 ]', "-", sys.executable, "-m", "pytest", *options, *inner, "test_cells.py"],
            cwd=folder,
        )

    def nox() -> Took:
        return command([sys.executable, "-m", "nox", "-f", str(folder / "noxfile.py")], cwd=folder)

    against_floor = paired(ours, floor, pairs)
    against_pytest = paired(ours, pytest, pairs)
    against_nox = paired(ours, nox, pairs)
    n = len(words)
    return [
        ratio(f"run: {n} cells / bare loop, wall", against_floor, "wall", 1.10),
        ratio(f"run: {n} cells / bare loop, cpu", against_floor, "cpu", 1.15),
        ratio(f"run: {n} cells / pytest-xdist-timeout-html, wall", against_pytest, "wall", 1.0),
        ratio(f"run: {n} cells / pytest-xdist-timeout-html, cpu", against_pytest, "cpu"),
        ratio(f"run: {n} cells / nox session with a shell loop, wall", against_nox, "wall", 1.0),
        ratio(f"run: {n} cells / nox session with a shell loop, cpu", against_nox, "cpu"),
    ]
