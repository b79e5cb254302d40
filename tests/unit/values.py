"""Small values for the truth tables."""

from __future__ import annotations

from typing import Any

from matrix.model import Exit, Header, Job, Outcome, Probe, Run, Verdict

SHA = "a" * 64

MARKERS = {
    "implementation_name": "cpython",
    "implementation_version": "3.13.0",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}

FACTS: dict[str, Any] = {
    "implementation": "cpython",
    "version": "3.13.0",
    "implementation_version": "3.13.0",
    "sys_platform": "linux",
    "os": "Debian GNU/Linux 12 (bookworm)",
    "libc": "gnu",
    "libc_version": "glibc 2.36",
    "machine": "x86_64",
    "bits": 64,
    "byteorder": "little",
    "gil": True,
    "freethreaded": False,
    "debug": False,
    "default_method": "fork",
    "methods": ["fork", "spawn", "forkserver"],
    "methods_error": None,
    "venv": False,
    "wine": None,
    "compiler": "GCC 12.2.0",
    "markers": MARKERS,
}


def probe(name: str = "theme.name", **changes: Any) -> Probe:
    fields: dict[str, Any] = {
        "id": name,
        "text": "Does it work?",
        "why": "It matters.",
        "do": "Do this.",
        "source": "https://docs.python.org/3/",
        "documented": (),
        "methods": ("fork", "spawn", "forkserver"),
        "asked": (),
        "deadline": 30.0,
        "exclusive": False,
        "unit": None,
        "measured": False,
        "file": "theme.py",
        "line": 1,
        "end": 9,
        "source_sha256": SHA,
    }
    return Probe(**(fields | changes))


def job(**changes: Any) -> Job:
    return Job(**({"probe": probe(), "method": "fork"} | changes))


def verdict(outcome: str = "yes", **changes: Any) -> Verdict:
    fields: dict[str, Any] = {
        "probe": "theme.name",
        "source_sha256": SHA,
        "method": "fork",
        "outcome": Outcome(outcome),
        "exit": Exit(code=0),
        "duration": 0.1,
    }
    return Verdict(**(fields | changes))


def run(*verdicts: Verdict, number: int = 1, target: str = "cpython-3.13.0-linux-x86_64-gnu", **changes: Any) -> Run:
    fields: dict[str, Any] = {
        "run": f"{number:016x}",
        "target": target,
        "command": "python3.13",
        "launcher": "base",
        "started": f"2026-11-22T07:00:{number:02d}Z",
        "suite": {"commit": "c" * 40, "dirty": False},
        "facts": FACTS,
        "planned": len(verdicts),
    }
    return Run(header=Header(**(fields | changes)), verdicts=verdicts, complete=True)
