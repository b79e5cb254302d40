"""Input for the benches: run files and matrices of any size, with answers as long as real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from matrix.files import serialize
from matrix.model import End, Exit, Header, Json, Matrix, Outcome, Probe, Run, Verdict

METHODS = ("fork", "spawn", "forkserver")
SHA = "a" * 64
NO = "TypeError: cannot pickle '_thread.lock' object, when it was passed as an argument"
MARKERS = {
    "implementation_name": "cpython", "os_name": "posix", "platform_machine": "x86_64",
    "platform_python_implementation": "CPython", "platform_release": "", "platform_system": "Linux",
    "platform_version": "", "sys_platform": "linux",
}  # fmt: skip


def probes(count: int) -> list[Probe]:
    """Some questions in themes of twenty."""
    return [
        Probe(
            id=f"theme{number // 20}.question_{number}", text=f"Can the thing number {number} be passed to a child?",
            why="Programs that pass it broke when the default changed.", do="Pass what it is made of instead.",
            source="https://docs.python.org/3/library/multiprocessing.html", documented=(("fork", "yes"), ("*", "no")),
            methods=METHODS, asked=("TypeError: cannot pickle",), deadline=30.0, exclusive=False, unit=None,
            measured=False, wanted="yes", file=f"theme{number // 20}.py", line=10, end=20, source_sha256=SHA,
        )
        for number in range(count)
    ]  # fmt: skip


def header(target: int, run: int) -> Header:
    """One of many releases of CPython on Linux."""
    version = f"3.{8 + target % 8}.{target // 8}"
    markers = MARKERS | {"python_version": version.rpartition(".")[0]}
    markers |= dict.fromkeys(("python_full_version", "implementation_version"), version)
    facts: Json = {
        "implementation": "cpython", "version": version, "implementation_version": version, "sys_platform": "linux",
        "os": "Debian GNU/Linux 12 (bookworm)", "libc": "gnu", "libc_version": "glibc 2.36", "machine": "x86_64",
        "bits": 64, "byteorder": "little", "gil": True, "freethreaded": False, "debug": False,
        "default_method": "fork", "methods": list(METHODS), "methods_error": None, "venv": False, "wine": None,
        "compiler": "GCC 12.2.0", "markers": markers,
    }  # fmt: skip
    return Header(
        run=f"{run:016x}", target=f"cpython-{version}-linux-x86_64-gnu", command="python3", launcher="base",
        started=f"2026-11-{1 + run % 28:02d}T{run // 28 % 24:02d}:00:00Z", suite={"commit": "c" * 40, "dirty": False},
        facts=facts, planned=500,
    )  # fmt: skip


def verdict(probe: str, method: str, number: int) -> Verdict:
    """An answer with evidence, about 450 bytes as JSON."""
    fine = method == "fork"
    return Verdict(
        probe=probe, source_sha256=SHA, method=method, outcome=Outcome.YES if fine else Outcome.NO,
        detail="" if fine else NO, observed={"sent": "lock", "received": number, "kind": "threading.Lock"},
        exit=Exit(code=0), duration=0.1 + number / 10_000,
    )  # fmt: skip


def cells(count: int, asked: list[Probe]) -> Iterator[tuple[str, str]]:
    """The first of all cells: (probe, method)."""
    for number in range(count):
        yield asked[number // 3].id, METHODS[number % 3]


def run_files(folder: Path, files: int, verdicts: int, targets: int) -> None:
    """Run files, the targets taking turns."""
    asked = probes(-(-verdicts // 3))
    lines = [serialize.dumps(serialize.line_json(verdict(*cell, n))) for n, cell in enumerate(cells(verdicts, asked))]
    body = "\n".join(lines) + "\n" + serialize.dumps(serialize.line_json(End(verdicts=verdicts, complete=True))) + "\n"
    folder.mkdir(parents=True)
    for number in range(files):
        first = serialize.dumps(serialize.line_json(header(number % targets, number))) + "\n"
        (folder / f"{number:05d}.jsonl").write_text(first + body, encoding="utf-8")


def matrix(path: Path, count: int, targets: int) -> Matrix:
    """A matrix.json of about so many cells, by merging one run for each target."""
    from matrix.results.merge import merge

    per_target = count // targets
    asked = probes(-(-per_target // 3))
    runs = (
        Run(
            header=header(number, number), complete=True,
            verdicts=tuple(verdict(*cell, n) for n, cell in enumerate(cells(per_target, asked))),
        )
        for number in range(targets)
    )  # fmt: skip
    sources = {one.file: '"""What can be passed?"""\n' + "def question(ctx):\n    return yes()\n" * 30 for one in asked}
    found = merge(list(runs), asked, sources, {"commit": "c" * 40, "dirty": False})
    path.parent.mkdir(parents=True, exist_ok=True)
    serialize.save_matrix(found, path)
    return found
