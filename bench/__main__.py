"""python -m bench [PART…]: measure, print ratios, write bench/latest.json, compare with bench/baseline.json."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import cells, files, page, trying
from bench.pairs import Ratio

HERE = Path(__file__).parent
LATEST, BASELINE = HERE / "latest.json", HERE / "baseline.json"
WORSE = 1.25
"""A median that many times the baseline's is a regression, if the best of its pairs is above the baseline too."""


def parts(folder: Path, options: argparse.Namespace) -> dict[str, Callable[[], list[Ratio]]]:
    """The parts of the bench by name."""
    n = options.pairs
    merges, sites = ((10, 100), (2_700, 9_000)) if options.small else ((10, 100, 1_000), (27_000, 90_000))
    return {
        "cells": lambda: cells.measure(folder / "cells", n, options.theme),
        "merge": lambda: files.merging(folder, n, merges),
        "site": lambda: files.sites(folder, n, sites),
        "reporters": lambda: files.reporters(folder, n, sites[0]),
        "page": lambda: page.measure(folder, options.site, n),
        "try": lambda: trying.measure(folder / "try", n, options.small),
    }


def main() -> int:
    """Run the bench; 1 if a ratio got worse than the baseline's."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help="cells, merge, site, reporters, page, try (default: all)")
    parser.add_argument("--pairs", type=int, default=5, help="measurements of each pair (default: %(default)s)")
    parser.add_argument(
        "--small", action="store_true", help="a tenth of the work; its ratios have a baseline of their own"
    )
    parser.add_argument("--theme", action="append", help="whose cells are run (default: five, 210 cells)")
    parser.add_argument("--site", type=Path, default=Path("site"), help="the site whose page is measured")
    options = parser.parse_args()
    options.theme = options.theme or ["arguments", "callables", "queues", "semantics", "state"]
    console, found = Console(highlight=False), []
    with tempfile.TemporaryDirectory(prefix="cb") as folder:
        known = parts(Path(folder), options)
        unknown = set(options.parts) - known.keys()
        if unknown:
            parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        if not (options.site / "index.html").exists() and "page" in (options.parts or known):
            parser.error(f"no {options.site / 'index.html'} to measure; run `nox -s report` first")
        for name in options.parts or known:
            console.print(f"bench: {name}", style="dim")
            for row in known[name]():
                console.print(f"{row.name}: {row.median:.2f} ({row.low:.2f} - {row.high:.2f})", soft_wrap=True)
                found.append(row)
    baseline = _baseline()
    console.print(_table(found, baseline))
    LATEST.write_text(json.dumps([row.data() for row in found], indent=1) + "\n", encoding="utf-8")
    return int(any(_worse(row, baseline) for row in found))


def _baseline() -> dict[str, float]:
    rows = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else []
    return {row["name"]: row["median"] for row in rows}


def _worse(row: Ratio, baseline: dict[str, float]) -> bool:
    before = baseline.get(row.name)
    return before is not None and row.median > WORSE * before and row.low > before


def _table(rows: list[Ratio], baseline: dict[str, float]) -> Table:
    table = Table(title="Ratios: median (lowest - highest)", title_justify="left", pad_edge=False)
    for name in ("measured / against", "ratio", "spread", "bound", "baseline", ""):
        table.add_column(name, justify="left" if name.startswith("measured") else "right")
    for row in rows:
        before = baseline.get(row.name)
        bound = "" if row.bound is None else f"{row.bound:.2f}"
        said = "worse" if _worse(row, baseline) else "" if row.kept else "missed"
        spread = f"{row.low:.2f} - {row.high:.2f} ({row.pairs})"
        table.add_row(row.name, f"{row.median:.2f}", spread, bound, "" if before is None else f"{before:.2f}", said)
    return table


if __name__ == "__main__":
    sys.exit(main())
