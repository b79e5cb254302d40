"""A generated matrix as big as we ever expect: 600 questions, 105 targets, 3 methods; answers vary as real ones do.

The shares are those of the published runs: a sixth of the cells has observations, one in 25 an output, one in 15 a
value; six questions are measured times, one in five changes with the version, in every theme. Every
duration is another one. The nights are those that the workflow counts: most cells were asked five times, and a few
answered otherwise once, or failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec

from matrix.answers import RunVerdict
from matrix.model import Cell, Exit, Header, Matrix, Outcome, Output, Probe, Verdict
from matrix.results.merge import cell
from tests.report import synthetic as s

MINORS = range(8, 16)
THEMES = 30
METHODS = ("fork", "spawn", "forkserver")
SOON = 766
"""Questions: the suite of today, and 15 % more."""

RUNS = 5
"""The run of the day, and four that are kept."""

SOURCE = s.SOURCE + '\n\n@question("?")\ndef other(ctx):\n    """What a helper of some length looks like."""\n' * 160


def target_rows() -> list[dict[str, Any]]:
    """All targets, the plain ones first."""
    rows: list[dict[str, Any]] = []

    def add(places: str, versions: list[str], default: str = "", implementation: str = "cpython", **facts: Any) -> None:
        for version in versions:
            minor = int(version.split(".")[1].partition("+")[0])
            chosen = default or ("forkserver" if minor >= 14 else "fork")
            launcher = facts.get("launcher", "base")
            ident = f"{implementation}-{version}-{places}"
            row = s.target(ident, default=chosen, **{**facts, "launcher": launcher})
            row["runs"] = [
                row["runs"][0] | {"run": f"{len(rows):08x}{number:08x}", "started": f"2026-11-2{number + 1}T07:20:24Z"}
                for number in range(RUNS if len(rows) % 7 else 1)
            ]
            rows.append(row)

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
    add("windows-x86_64-none", releases(3)[:6], "spawn", **windows)
    return rows


def matrix(probes: int = 600, targets: int = 105) -> Matrix:
    """Probes x targets x 3 methods."""
    questions = tuple(_question(number) for number in range(probes))
    rows = target_rows()[:targets]
    cells = [cell for number, row in enumerate(rows) for cell in _cells(row, questions, Random(number))]
    sources = {f"theme{number}.py": SOURCE for number in range(THEMES)}
    return Matrix(targets=tuple(rows), probes=questions, cells=tuple(cells), sources=sources,
                  suite={"commit": "0123456789abcdef", "dirty": False}, generated="2026-11-22T07:20:24Z")  # fmt: skip


def _question(number: int) -> Probe:
    text = f"Can an object of the kind number {number} be passed to a child as an argument?"
    measured = _measured(number)
    return s.probe(
        f"theme{number % THEMES}.question_number_{number}", text,
        measured=measured, unit="seconds" if measured else None, source_sha256=f"{number:064x}",
        why="Programs that pass it stop with an error when the default start method of their platform changes." * 2,
        do="Pass what it is made of, and build it again in the child; or name the start method." * 2,
        asked=("TypeError: cannot pickle '_thread.lock' object", text),
    )  # fmt: skip


def _measured(number: int) -> bool:
    """Six, however many questions there are: the suite measures 17 columns of numbers, these are 18."""
    return number < 600 and number % 100 == 4


def _cells(row: dict[str, Any], questions: tuple[Probe, ...], random: Random) -> Iterator[Cell]:
    minor = int(row["id"].split("-")[1].split(".")[1].partition("+")[0])
    headers = [_header(row, run) for run in row["runs"]]
    for number, question in enumerate(questions):
        for method in METHODS:
            attempts = _attempts(row, minor, number, method, headers, random)
            usual = attempts[-1][1].outcome
            stated = str(usual) if number % 5 < 2 and usual in (Outcome.YES, Outcome.NO) else None
            yield cell(question, method, row["id"], attempts, stated)


def _header(row: dict[str, Any], run: dict[str, Any]) -> Header:
    return Header(
        command=row["command"], facts=row["facts"], launcher=row["launcher"], planned=1800, run=run["run"],
        started=run["started"], suite={"commit": None, "dirty": False}, target=row["id"],
    )  # fmt: skip


def _attempts(
    row: dict[str, Any], minor: int, number: int, method: str, headers: list[Header], random: Random
) -> list[RunVerdict]:
    """One attempt in each run; one cell in 200 has an odd one out, another an error that a further attempt settles."""
    outcome, value = _outcome(row, minor, number, method, random)
    usual = _verdict(outcome, value, number, minor, method, random)
    attempts = []
    for header in headers:
        verdict = usual
        if _measured(number) or number % 25 == 7:  # what was measured or printed is new each time
            verdict = _verdict(outcome, random.uniform(0.001, 0.1) if value else None, number, minor, method, random)
        attempts.append((header, msgspec.structs.replace(verdict, duration=round(random.uniform(0.05, 0.6), 3))))
    if outcome is not Outcome.UNAVAILABLE and len(headers) > 1:
        chance, at = random.random(), random.randrange(len(headers))
        if chance < 0.005:
            odd = Outcome.NO if outcome is not Outcome.NO else Outcome.YES
            attempts[at] = (headers[at], _verdict(odd, None, number, minor, method, random))
        elif chance < 0.01:
            failed = _verdict(Outcome.ERROR, None, number, minor, method, random)
            attempts.insert(at, (headers[at], failed))
    return attempts


def _verdict(outcome: Outcome, value: Any, number: int, minor: int, method: str, random: Random) -> Verdict:
    text = ""
    if number % 25 == 7:  # an address or a process ID makes it another text everywhere
        text = f"Traceback of {random.randrange(10**12)}:\n" + '  File "probes/theme.py", line 12, in question\n' * 9
    return Verdict(
        detail=_detail(outcome, number, minor),
        duration=round(random.uniform(0.05, 0.6), 3),
        exit=Exit(code=0) if outcome is not Outcome.HANG else Exit(signal="SIGABRT"),
        method=method,  # type: ignore[arg-type]
        observed={"exitcode": None, "stage": "start"} if number % 6 == 1 else {},
        outcome=outcome,
        output=Output(text=text, bytes=len(text)),
        probe=f"theme{number % THEMES}.question_number_{number}",
        source_sha256=f"{number:064x}",
        value=value,
    )


def _outcome(row: dict[str, Any], minor: int, number: int, method: str, random: Random) -> tuple[Outcome, Any]:
    """Most questions are answered alike everywhere; some changed with a version, a few differ here and there."""
    facts = row["facts"]
    if facts["sys_platform"] == "emscripten" or (facts["sys_platform"] == "win32" and method != "spawn"):
        return Outcome.UNAVAILABLE, None
    if _measured(number):
        return Outcome.VALUE, random.uniform(0.001, 0.1)
    if number % 25 == 5:
        return Outcome.VALUE, f"{method} {'before' if minor < 8 + number % 8 else 'after'} 3.{8 + number % 8}"
    if number // THEMES % 5 == 1:
        return (Outcome.NO if minor < 8 + number % 8 else Outcome.YES), None
    if number % 37 == 2 and row["launcher"] == "qemu":
        return Outcome.HANG, None
    return (Outcome.YES if method == "fork" or number % 3 == 0 else Outcome.NO), None


def _detail(outcome: Outcome, number: int, minor: int) -> str:
    if outcome in (Outcome.YES, Outcome.VALUE):
        return "" if number % 3 else "it had arrived as it was sent, and could be used"
    if outcome is Outcome.UNAVAILABLE:
        return "ValueError: cannot find context for 'fork'"
    return f"TypeError: cannot pickle '_thread.lock' object{' of kind' if minor > 11 and number % 7 == 1 else ''}"
