"""The order in which themes are read: what stops most programs comes first. Pure."""

from __future__ import annotations

ORDER = (
    *("defaults", "availability", "choice"),  # what there is
    *("guard", "scripts", "launching"),  # whether the script runs at all
    *("callables", "classes", "arguments", "passing", "objects"),  # what can be passed to a child
    *("library", "handles", "kinds", "subclasses", "tools"),
    *("semantics", "sharing", "state", "inheritance"),  # what a child shares with or inherits from its parent
    *("printing", "resources", "files", "options", "hooks"),
    *("forkserver", "preload", "late", "beginnings"),
    *("threads", "safety", "rawfork", "signals", "moments", "boundaries", "corners", "together"),  # what is dangerous
    *("primitives", "atomicity", "queues", "connections"),
    *("pools", "tasks", "payloads", "results", "batches"),
    *("executor", "workers", "working", "scheduling", "pooled", "scale"),
    *("failures", "outcomes", "waiting", "losses", "endings", "managers", "proxies"),
    *("memory", "copying", "blocks", "tracker", "helpers", "sandboxes", "damage"),
    *("lifecycle", "processes", "exits", "orphans", "misuse"),
    *("executables", "embedding", "subinterpreters", "system", "cost", "apis"),
)
"""A theme that is not named here, such as one of somebody else's suite, comes after these."""

_RANKS = {name: rank for rank, name in enumerate(ORDER)}


def rank(theme: str) -> int:
    """Sort key of a theme."""
    return _RANKS.get(theme, len(ORDER))
