"""Which interpreters a `try` uses, and what each says of itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from matrix.errors import TargetError
from matrix.targets import identify
from matrix.trial.model import Python


def python_at(path: str, cancelled: threading.Event | None = None) -> Python:
    """What an interpreter is. Raises TargetError if it is none, or has no start method, or if that was cancelled."""
    target = identify.identify((path,), cancelled=cancelled)
    facts = target.facts
    default = facts.get("default_method")
    if not default:
        raise TargetError(f"{path} cannot start processes: {facts.get('methods_error') or 'no default start method'}.")
    refused = facts.get("refused") or {}
    return Python(
        path=target.command[0],
        series=identify.series_of(facts),
        version=str(facts["version"]),
        platform=str(facts["sys_platform"]),
        target=target.id,
        default=str(default),
        methods=tuple(
            method for method in ("fork", "spawn", "forkserver") if method in facts["methods"] and method not in refused
        ),
        path_map=target.path_map,
        time_scale=target.time_scale,
    )


def methods(python: Python, wanted: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(methods to try, the baseline first; those among the wanted that this Python does not have)."""
    chosen = [method for method in wanted or python.methods if method in python.methods]
    missing = tuple(method for method in wanted if method not in python.methods)
    return (python.default, *(method for method in chosen if method != python.default)), missing
