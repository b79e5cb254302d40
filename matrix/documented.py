"""What documents say of a probe, by start method and PEP 508 marker. Pure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from packaging.markers import Marker

from matrix.model import METHODS, Json, Probe

Holds = Callable[[str], bool]
"""Whether a marker holds on a target."""


@functools.lru_cache(maxsize=4096)
def split_key(key: str) -> tuple[str | None, str | None]:
    """A key of `documented` as (method or None for any, marker or None for always)."""
    head, _, tail = key.partition(";")
    head, tail = head.strip(), tail.strip()
    if head == "*":
        return None, tail or None
    if head in METHODS:
        return head, tail or None
    return None, key


def documented_answer(probe: Probe, method: str, holds: Holds) -> Json:
    """The outcome or value that documents state for a method: the first key that matches; None if none does."""
    for key, stated in probe.documented:
        key_method, marker = split_key(key)
        if key_method in (None, method) and (marker is None or holds(marker)):
            return stated
    return None


def holding(markers: Mapping[str, str]) -> Holds:
    """What tells whether a marker holds on the target that has this environment; each is evaluated once."""
    environment = dict(markers)
    return functools.cache(lambda marker: bool(_marker(marker).evaluate(environment)))


_marker = functools.cache(Marker)
