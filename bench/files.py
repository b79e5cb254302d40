"""Merging and rendering: against parsing and writing the same bytes, and against other reporters."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from bench import making
from bench.pairs import Ratio, Took, command, paired, ratio, work

VERDICTS = 500
TARGETS = 50
TESTS = """
import pytest
@pytest.mark.parametrize("n", range({count}))
def test_cell(n):
    print("TypeError: cannot pickle '_thread.lock' object", n)
"""


def merging(folder: Path, pairs: int, sizes: tuple[int, ...]) -> list[Ratio]:
    """Merge so many run files, against json.loads of every line of them; and that it grows as the files do."""
    found, per_file = [], []
    for size in sizes:
        runs = folder / f"runs{size}"
        making.run_files(runs, size, VERDICTS, TARGETS)
        out = folder / f"matrix{size}.json"
        both = paired(
            lambda runs=runs, out=out: work("merging", str(runs), str(out)),
            lambda runs=runs: work("loads", str(runs)),
            pairs,
        )  # type: ignore[misc]
        found.append(ratio(f"merge: {size} files of {VERDICTS} verdicts / json.loads", both, "cpu", 4.0))
        found.append(ratio(f"merge: {size} files, peak memory / json.loads", both, "peak"))
        per_file.append([(ours, Took(wall=0, cpu=ours.cpu)) for ours, _ in both])
        shutil.rmtree(runs)
    growth = [(last[0], first[0]) for last, first in zip(per_file[-1], per_file[0], strict=True)]
    scale = sizes[0] / sizes[-1]
    found.append(ratio(f"merge: time per file, {sizes[-1]} files / {sizes[0]}", growth, "cpu", 1.5, scale))
    return found


def sites(folder: Path, pairs: int, sizes: tuple[int, ...]) -> list[Ratio]:
    """Build sites of so many cells, against writing the same bytes by a trivial template; and that it is linear."""
    found, all_took = [], []
    for size in sizes:
        source, site = folder / f"matrix{size}.json", folder / f"site{size}"
        making.matrix(source, size, 54)
        work("site", str(source), str(site))
        both = paired(
            lambda source=source, site=site: work("site", str(source), str(site)),  # type: ignore[misc]
            lambda site=site: work("template", str(site), str(folder / "plain")),  # type: ignore[misc]
            pairs,
        )
        found.append(ratio(f"site: {size:,} cells / trivial template, same bytes", both, "cpu"))
        all_took.append([ours for ours, _ in both])
    growth = list(zip(all_took[-1], all_took[0], strict=True))
    found.append(ratio(f"site: time per cell, {sizes[-1]:,} / {sizes[0]:,}", growth, "cpu", 1.5, sizes[0] / sizes[-1]))
    return found


def reporters(folder: Path, pairs: int, size: int) -> list[Ratio]:
    """The site of so many results against pytest --html and Allure's raw files; the first page's weight too."""
    source, site, tests = folder / f"matrix{size}.json", folder / f"site{size}", folder / "reporters"
    if not source.exists():
        making.matrix(source, size, 54)
    tests.mkdir()
    (tests / "test_cells.py").write_text(TESTS.format(count=size), encoding="utf-8")

    def pytest(*options: str) -> Took:
        inner = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(tests), "test_cells.py"]
        return command([sys.executable, "-m", "pytest", *inner, *options], cwd=tests)

    def ours() -> Took:
        return command([sys.executable, "-m", "report", "build", str(source), "-o", str(site)])

    html = tests / "report.html"
    # Running the empty tests is no reporting, though nobody gets the report without: told with it and without it.
    bare = min((pytest("-p", "no:html") for _ in range(2)), key=lambda took: took.cpu)
    with_html = paired(ours, lambda: pytest("--html", str(html), "--self-contained-html"), pairs)
    allure = paired(ours, lambda: pytest("--alluredir", str(tests / "allure"), "--clean-alluredir"), pairs)
    weights = (
        Took(wall=1, cpu=1, peak=(site / "index.html").stat().st_size),
        Took(wall=1, cpu=1, peak=html.stat().st_size),
    )
    return [
        ratio(f"site: {size:,} results / pytest --html, wall", with_html, "wall", 1.0),
        ratio(f"site: {size:,} results / pytest --html, cpu", with_html, "cpu", 1.0),
        ratio(f"site: {size:,} results / pytest-html, less its empty tests", _less(with_html, bare), "cpu"),
        ratio(f"site: {size:,} results / pytest --alluredir, wall", allure, "wall", 1.0),
        ratio(f"site: {size:,} results / allure's raw files, less the empty tests", _less(allure, bare), "cpu"),
        ratio(f"site: first page's bytes / pytest-html's page, {size:,} results", [weights], "peak", 1 / 20),
    ]


def _less(pairs: list[tuple[Took, Took]], bare: Took) -> list[tuple[Took, Took]]:
    """The pairs with what the tests themselves take taken off theirs."""
    return [
        (ours, Took(wall=max(theirs.wall - bare.wall, 1e-3), cpu=max(theirs.cpu - bare.cpu, 1e-3)))
        for ours, theirs in pairs
    ]
