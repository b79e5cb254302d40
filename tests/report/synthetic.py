"""A matrix made by hand: every outcome, every kind of target, hostile text where text may stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from matrix.model import Attempt, Cell, Evidence, Exit, Matrix, Outcome, Output, Probe

EVIL = "<script>alert(1)</script>\"'&{{ 7*7 }}"
"""What must come out of every page as text."""

Y, N, U, H, C, F, E, Q = (
    Outcome(word) for word in ("yes", "no", "unavailable", "hang", "crash", "flaky", "error", "untested")
)
Answers = Callable[[str, str], Outcome | tuple[Outcome, Any]]


def target(
    ident: str, *, system: str = "linux", default: str = "fork", launcher: str = "base", libc: str = "gnu", **facts: Any
) -> dict[str, Any]:
    """A target of the matrix, its facts read off its id."""
    implementation, version, *_ = ident.split("-")
    version, _, variant = version.partition("+")
    base = {
        "implementation": implementation, "version": version, "sys_platform": system, "os": f"Some {system} 12",
        "libc": libc, "machine": "x86_64", "bits": 64, "freethreaded": variant == "freethreaded", "debug": False,
        "default_method": default, "methods": ["fork", "spawn", "forkserver"], "wine": None, "gil": not variant,
    }  # fmt: skip
    return {
        "id": ident, "launcher": launcher, "command": f"python{version}", "facts": base | facts,
        "runs": [{"run": f"r-{ident}", "started": "2026-11-22T07:20:24Z", "complete": True, "planned": 12,
                  "verdicts": 12, "suite": {"commit": "0123456789abcdef", "dirty": False}, "ci": None}],
    }  # fmt: skip


def probe(ident: str, text: str, methods: Iterable[str] = ("fork", "spawn", "forkserver"), **changes: Any) -> Probe:
    """A question with plain texts."""
    plain: dict[str, Any] = {
        "why": "Because it stops programs.", "do": "Name the method.", "source": "https://docs.python.org/3/",
        "documented": (("fork", "yes"), ("*", "no")), "asked": ("TypeError: cannot pickle",), "deadline": 30.0,
        "exclusive": False, "unit": None, "measured": False, "file": f"{ident.partition('.')[0]}.py",
        "line": 4, "end": 6, "source_sha256": "0" * 64,
    }  # fmt: skip
    return Probe(id=ident, text=text, methods=tuple(methods), **(plain | changes))


def cell(probe: str, method: str, target: str, outcome: Outcome, value: Any = None, **changes: Any) -> Cell:
    """A cell with evidence."""
    agrees = changes.get("agrees")
    plain: dict[str, Any] = {
        "detail": "" if outcome is Y else "TypeError: cannot pickle '_thread.lock' object", "n": 2, "agree": 2,
        "documented": None if agrees is None else "yes", "run": f"r-{target}", "last_verified": "2026-11-22T07:20:24Z",
        "duration": 0.0521, "evidence": Evidence(exit=Exit(code=0), observed={"saw": "lock"}, source_sha256="0" * 64),
    }  # fmt: skip
    if outcome is F:
        plain |= {"n": 5, "agree": 4}
    fields = plain | changes
    return Cell(probe=probe, method=method, target=target, outcome=outcome, value=value, **fields)


SOURCE = '"""What can be passed to a child?"""\n\n\n@question("?")\ndef lock(ctx):\n    return yes()\n'

RELEASES = ("3.8.18", "3.9.18", "3.10.13", "3.11.7", "3.12.1", "3.13.0", "3.13.18", "3.14.2")
LINUX = [f"cpython-{release}-linux-x86_64-gnu" for release in RELEASES]
FREE = "cpython-3.14.2+freethreaded-linux-x86_64-gnu"
BETA = "cpython-3.15.0b1-linux-x86_64-gnu"
PYPY = "pypy-3.11.13-linux-x86_64-gnu"
MUSL = "cpython-3.13.0-linux-x86_64-musl"
MAC = [f"cpython-{v}-macos-aarch64-none" for v in ("3.12.1", "3.13.0", "3.14.2")]
WINDOWS = [f"cpython-{v}-windows-x86_64-none" for v in ("3.13.0", "3.14.2")]
WINE = "cpython-3.13.0-windows-x86_64-none-wine"
PYODIDE = "cpython-3.13.2-emscripten-wasm32-musl"


def targets() -> list[dict[str, Any]]:
    """One of each kind that must be kept apart."""
    late = {"cpython-3.14.2-linux-x86_64-gnu", FREE, BETA}
    rows = [target(one, default="forkserver" if one in late else "fork") for one in [*LINUX, FREE, BETA, PYPY]]
    rows.append(target(MUSL, libc="musl"))
    rows += [target(one, system="darwin", default="spawn", libc="none", machine="arm64") for one in MAC]
    windows: dict[str, Any] = {"system": "win32", "default": "spawn", "libc": "none", "methods": ["spawn"]}
    rows += [target(one, **windows) for one in WINDOWS]
    rows.append(target(WINE, launcher="wine", wine="9.0", **windows))
    rows.append(target(PYODIDE, system="emscripten", machine="wasm32", libc="musl", bits=32))
    return rows


def _possible(ident: str, method: str) -> bool:
    return "emscripten" not in ident and ("windows" not in ident or method == "spawn")


def lock(ident: str, method: str) -> Outcome:
    """Yes under fork, else no, except on the newest patch release of 3.13."""
    return Y if method == "fork" or "3.13.18" in ident else N


def odd(ident: str, method: str) -> Outcome:
    """Everything that can go wrong, somewhere."""
    special = {LINUX[0]: H, LINUX[1]: C, LINUX[2]: E, LINUX[3]: Q, LINUX[4]: F, FREE: C, PYPY: H, MUSL: U}
    return special.get(ident, Y)


def matrix() -> Matrix:
    """Small, and whole: what every test of a page builds on."""
    probes = (
        probe("arguments.lock", "Can a threading.Lock be passed as a Process argument?"),
        probe("arguments.odd", f"Is {EVIL}?", why=EVIL, do=EVIL, asked=(EVIL,), documented=((EVIL, EVIL),)),
        probe("arguments.only_spawn", "Is only spawn asked?", ("spawn",), source="javascript:alert(1)"),
        probe("defaults.start_method", "What is the default start method?", ()),
        probe("defaults.time", "How long does a start take?", ("fork", "spawn"), unit="seconds", measured=True),
        probe("defaults.listed", "Which methods are listed?", ()),
    )
    cells = [each for one in probes for row in targets() for each in _cells(one, row)]
    return Matrix(
        targets=tuple(targets()), probes=probes, cells=tuple(cells), generated="2026-11-22T07:20:24Z",
        sources={"arguments.py": SOURCE + f"# {EVIL}\n", "defaults.py": f'"""Which one {EVIL}?"""\n\n\n# {EVIL}\n'},
        suite={"commit": "0123456789abcdef", "dirty": True},
    )  # fmt: skip


def _cells(one: Probe, row: dict[str, Any]) -> Iterable[Cell]:
    ident = row["id"]
    for number, method in enumerate(one.methods or ("none",)):
        if one.id == "defaults.start_method":
            yield cell(one.id, method, ident, Outcome.VALUE, row["facts"]["default_method"], agrees=ident != PYPY)
        elif one.id == "defaults.listed":
            yield cell(one.id, method, ident, Outcome.VALUE, [*row["facts"]["methods"], EVIL])
        elif not _possible(ident, method):
            yield cell(one.id, method, ident, U, detail="ValueError: cannot find context")
        elif one.id == "defaults.time":
            yield cell(one.id, method, ident, Outcome.VALUE, (0.0043 + 0.00001 * len(ident)) * (1 + number))
        elif one.id == "arguments.odd":
            outcome = odd(ident, method)
            yield cell(one.id, method, ident, outcome, detail=EVIL, **(NOTHING if outcome is Q else evil_evidence()))
        else:
            yield cell(one.id, method, ident, lock(ident, method), agrees="3.13.18" not in ident)


def evil_evidence() -> dict[str, Any]:
    """Hostile text in every place that has text."""
    return {
        "duration": 1.5,
        "attempts": tuple(Attempt(run=None, outcome=outcome, value=EVIL, detail=EVIL) for outcome in (N, F)),
        "evidence": Evidence(
            observed={EVIL: EVIL},
            output=Output(text=EVIL + "\x1b[0m\n", bytes=9, cut=True),
            stacks=EVIL,
            leaks={"files": (EVIL,)},
            exit=Exit(signal="SIGSEGV", status=EVIL),
        ),
    }


NOTHING: dict[str, Any] = {"n": 0, "agree": 0, "run": None, "last_verified": None, "duration": None, "evidence": None}
"""What a cell has where nothing was measured."""
