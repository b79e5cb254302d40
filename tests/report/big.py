"""A generated matrix as big as we ever expect: 300 questions, 100 targets, 3 methods; answers vary as real ones do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matrix.model import Cell, Matrix, Outcome, Probe
from tests.report import synthetic as s

MINORS = range(8, 16)
THEMES = 25
METHODS = ("fork", "spawn", "forkserver")


def target_rows() -> list[dict[str, Any]]:
    """One hundred targets, the plain ones first."""
    rows: list[dict[str, Any]] = []

    def add(places: str, versions: list[str], default: str = "", implementation: str = "cpython", **facts: Any) -> None:
        for version in versions:
            minor = int(version.split(".")[1].partition("+")[0])
            chosen = default or ("forkserver" if minor >= 14 else "fork")
            launcher = facts.get("launcher", "base")
            ident = f"{implementation}-{version}-{places}"
            rows.append(s.target(ident, default=chosen, **{**facts, "launcher": launcher}))

    def releases(patch: int) -> list[str]:
        return [f"3.{minor}.{patch}" for minor in MINORS]

    add("linux-x86_64-gnu", releases(7))
    add("linux-x86_64-gnu", releases(0)[4:])
    add("macos-aarch64-none", releases(7), "spawn", system="darwin", libc="none", machine="arm64")
    windows: dict[str, Any] = {"system": "win32", "libc": "none"}
    add("windows-x86_64-none", releases(7), "spawn", **windows)
    add("linux-x86_64-gnu", [f"3.{minor}.7+freethreaded" for minor in (13, 14, 15)])
    add("linux-x86_64-musl", releases(7), libc="musl")
    add("linux-aarch64-gnu", releases(7), machine="aarch64")
    add("macos-x86_64-none", releases(7), "spawn", system="darwin", libc="none")
    add("linux-x86_64-gnu-venv", releases(7), launcher="venv")
    add("windows-x86_64-none-wine", releases(7), "spawn", launcher="wine", wine="9.0", **windows)
    add("linux-s390x-gnu-qemu", releases(7), machine="s390x", launcher="qemu")
    add("linux-x86_64-gnu", ["3.9.18", "3.11.13"], implementation="pypy")
    add("emscripten-wasm32-musl", ["3.12.7", "3.13.2"], system="emscripten", machine="wasm32", bits=32, libc="musl")
    add("linux-x86_64-gnu", releases(3))
    add("macos-aarch64-none", releases(3), "spawn", system="darwin", libc="none", machine="arm64")
    add("windows-x86_64-none", releases(3)[:1], "spawn", **windows)
    return rows


def matrix(probes: int = 300, targets: int = 100) -> Matrix:
    """Probes x targets x 3 methods."""
    questions = tuple(_question(number) for number in range(probes))
    rows = target_rows()[:targets]
    cells = [cell for row in rows for cell in _cells(row, questions)]
    sources = {f"theme{number}.py": s.SOURCE for number in range(THEMES)}
    return Matrix(targets=tuple(rows), probes=questions, cells=tuple(cells), sources=sources,
                  suite={"commit": "0123456789abcdef", "dirty": False}, generated="2026-11-22T07:20:24Z")  # fmt: skip


def _question(number: int) -> Probe:
    text = f"Can an object of the kind number {number} be passed to a child as an argument of its Process?"
    return s.probe(f"theme{number % THEMES}.question{number}", text)


def _cells(row: dict[str, Any], questions: tuple[Probe, ...]) -> Iterator[Cell]:
    minor = int(row["id"].split("-")[1].split(".")[1].partition("+")[0])
    for number, question in enumerate(questions):
        for method in METHODS:
            outcome, agrees = _outcome(row, minor, number, method)
            yield s.cell(question.id, method, row["id"], outcome, agrees=agrees)


def _outcome(row: dict[str, Any], minor: int, number: int, method: str) -> tuple[Outcome, bool | None]:
    """Most questions are answered alike everywhere; some changed with a version, a few differ here and there."""
    facts = row["facts"]
    if facts["sys_platform"] == "emscripten" or (facts["sys_platform"] == "win32" and method != "spawn"):
        return Outcome.UNAVAILABLE, None
    if number % 10 == 1:
        return (Outcome.NO if minor < 8 + number % 8 else Outcome.YES), True
    if number % 37 == 2 and row["launcher"] == "qemu":
        return Outcome.HANG, False
    if number % 41 == 3 and facts["freethreaded"]:
        return Outcome.FLAKY, None
    return (Outcome.YES if method == "fork" or number % 3 == 0 else Outcome.NO), True
