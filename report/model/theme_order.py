"""In which order themes are read: what stops most programs first. Pure."""

from __future__ import annotations

ORDER = (
    *("defaults", "availability", "choice"),  # what there is
    *("guard", "scripts"),  # whether the script runs at all
    *("callables", "classes", "arguments", "passing", "objects"),  # what can be handed to a child
    *("library", "handles", "subclasses"),
    *(
        "semantics",
        "sharing",
        "state",
        "inheritance",
        "printing",
        "resources",
        "options",
        "hooks",
    ),  # what a child has of its parent
    *("forkserver", "preload"),
    *("threads", "safety", "rawfork", "signals"),  # what is dangerous
    *("primitives", "atomicity", "queues", "connections"),
    *("pools", "tasks", "results", "executor", "workers", "failures", "managers"),
    *("memory", "blocks", "tracker", "helpers", "damage"),
    *("lifecycle", "processes", "exits", "orphans", "misuse"),
    *("executables", "subinterpreters", "system", "cost", "apis"),
)
"""A theme that is not named here, such as one of somebody else's probes, comes after these."""

_PLACES = {name: place for place, name in enumerate(ORDER)}


def place(theme: str) -> int:
    """Sort key of a theme."""
    return _PLACES.get(theme, len(ORDER))
