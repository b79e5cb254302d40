"""The works that are measured, each in a process of its own: `python -m bench.work NAME PATH…` prints what it took."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def loads(folder: str) -> None:
    """The floor of merging: parse every line, keep nothing."""
    for path in sorted(Path(folder).glob("*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                json.loads(line)


def merging(folder: str, output: str) -> None:
    """What `python -m matrix merge` does, less the listing of the probes."""
    from bench.making import probes
    from matrix.files import serialize
    from matrix.results import merge

    runs = serialize.survey([Path(folder)])
    with serialize.collection_paused():
        matrix = merge.merge(runs, probes(167), {}, {"commit": None, "dirty": False})
    serialize.save_matrix(matrix, Path(output))


def site(source: str, folder: str) -> None:
    """What `python -m report build` does."""
    from report.build import build

    build(Path(source), Path(folder))


def template(folder: str, output: str) -> None:
    """The floor of the site: write as many bytes in as many files, each from one template with one variable."""
    from jinja2 import Environment

    page = Environment(autoescape=True).from_string("{{ text }}")
    for number, path in enumerate(sorted(path for path in Path(folder).rglob("*") if path.is_file())):
        target = Path(output) / f"{number}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.render(text="x" * path.stat().st_size), encoding="utf-8")


WORKS: dict[str, Callable[..., None]] = {"loads": loads, "merging": merging, "site": site, "template": template}

STARTS = {"merging": ("bench.making", "matrix.results.merge")}
"""Modules whose import is part of a process's start, which is not counted: it is the same for any number of files."""

if __name__ == "__main__":
    do = WORKS[sys.argv[1]]
    for module in STARTS.get(sys.argv[1], ()):
        importlib.import_module(module)
    wall, cpu = time.perf_counter(), time.process_time()
    do(*sys.argv[2:])
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({**took, "peak": peak}))
