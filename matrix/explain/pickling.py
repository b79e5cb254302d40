"""What pickle would not take, and where it sat: from the message and, since 3.14, from pickle's notes. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class Carrier(enum.StrEnum):
    """What the object at fault was part of."""

    TARGET = "target"
    METHOD = "method"
    PARTIAL = "partial"
    ARGUMENT = "argument"
    INSTANCE = "instance"
    SUBCLASS = "subclass"
    TASK = "task"
    QUEUE = "queue"
    RESULT = "result"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickled:
    """path is how a program reaches it ('self.session.lock', 'args[0].lock'), '' where nobody tells.

    inside: classes of the objects on the way to it, dotted.
    """

    carrier: Carrier | None
    path: str
    inside: frozenset[str] = frozenset()


_ITEM = re.compile(r"when serializing \w+ item (.+)$")
_PART = re.compile(r"when serializing (.+) (state|object|class|reconstructor arguments)$")
_OF_PROCESS = {"_target": "target", "_args": "args", "_kwargs": "kwargs"}
_OF_TASK = {"fn": "fn", "args": "args", "kwargs": "kwargs", "2": "func", "3": "args", "4": "kwargs"}
_EXECUTOR_TASK = "concurrent.futures.process._CallItem"


def pickled(notes: Sequence[str]) -> Pickled:
    """What the notes of one exception say, the innermost first."""
    outer = [found for note in reversed(notes) if (found := _PART.match(note) or _ITEM.match(note))]
    objects = [found[1] for found in outer if found.re is _PART and found[2] == "object"]
    items = [found[1].strip("'\"") for found in outer if found.re is _ITEM]
    return Pickled(
        carrier=_carrier(objects, items),
        path=_path(outer, _OF_PROCESS | (_OF_TASK if _task(objects) else {})),
        inside=frozenset(found[1] for found in outer if found.re is _PART and found[2] == "state"),
    )


def carrier_of(path: str) -> Carrier | None:
    """What an object was part of, by how it is reached from a process: 'args[1]', 'target.keywords'; None if that
    does not tell.
    """
    if path == "target":
        return Carrier.TARGET
    if path.startswith("target."):
        return Carrier.PARTIAL
    if not path.startswith(("args", "kwargs")):
        return None
    return Carrier.ARGUMENT if re.fullmatch(r"(?:kw)?args(?:\[[^\]]*\])+", path) else Carrier.INSTANCE


def _task(objects: Sequence[str]) -> bool:
    """Whether it is a task of a pool, which is a plain tuple, or of an executor."""
    return not objects or objects[0] == _EXECUTOR_TASK


def _carrier(objects: Sequence[str], items: Sequence[str]) -> Carrier | None:
    first, inner = items[0] if items else "", objects[1:]
    if _task(objects):
        return Carrier.TASK if first in _OF_TASK else None
    if first not in _OF_PROCESS:
        return Carrier.SUBCLASS if items else None
    if "method" in inner:
        return Carrier.METHOD
    if "functools.partial" in inner:
        return Carrier.PARTIAL
    if inner:
        return Carrier.INSTANCE
    return Carrier.TARGET if first == "_target" else Carrier.ARGUMENT


def _path(outer: Sequence[re.Match[str]], names: Mapping[str, str]) -> str:
    """How the object is reached from the process or the task. What a reducer puts around it is left out."""
    path, after = "", "state"
    for found in outer:
        if found.re is _PART:
            after = found[2]
            path = "self" if found[1] == "method" and path in ("target", "func", "fn") else path
        elif after != "reconstructor arguments":
            path, after = _step(path, found[1], names, attribute=after == "state")
    return path


def _step(path: str, item: str, names: Mapping[str, str], *, attribute: bool) -> tuple[str, str]:
    """(path one step further in, what follows): an attribute of an object's state, or an item."""
    name = item.strip("'\"")
    if not path:
        return names.get(name, f"self.{name}"), ""
    if not attribute:
        return f"{path}[{item}]", ""
    return (f"{path}.{name}", "") if name != item else (path, "state")  # slots: the state is a tuple
