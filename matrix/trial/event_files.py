"""The files in which the processes of a trial write down events. The program can reach them: they are read as hostile.

What is no valid event is passed over: processes are killed in the middle of a line too.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import msgspec
from msgspec import Meta, Struct

from matrix.model import Json
from matrix.system import safe_read

MAX_FILES, MAX_EVENTS, MAX_BYTES, MAX_LINE = 20_000, 500_000, 2**28, 2**20
"""Of one trial: files that are read, events and bytes in all of them, bytes of one line."""

Event = Mapping[str, Json]

_Text = Annotated[str, Meta(max_length=100_000)]
_Count = Annotated[int, Meta(ge=0, le=2**62)]
_Time = Annotated[float, Meta(ge=-1e12, le=1e12)]
_Frame = tuple[_Text, _Count, _Text]


class _Event(Struct, tag_field="event"):
    """What every event has; seconds of the monotonic clock, and the process."""

    at: _Time
    pid: _Count


class _Hello(_Event, tag="hello"):
    python: _Text = ""


class _Forked(_Event, tag="forked"):
    pass


class _Began(_Event, tag="began"):
    pass


class _Failed(_Event, tag="failed"):
    code: int = 1


class _Start(_Event, tag="start"):
    began: _Time
    method: _Text = ""
    origin: _Text = ""
    library: _Text = ""
    interface: _Text = ""
    kind: _Text = ""
    target: _Text = ""
    threads: _Count | None = None
    bytes: _Count | None = None
    seconds: _Time | None = None
    child: _Count | None = None
    error: _Text | None = None
    unpicklable: _Text | None = None
    inside: _Text = ""
    unwatched: _Text | None = None
    stack: list[_Frame] = []


class _Fork(_Event, tag="fork"):
    threads: _Count | None = None
    stack: list[_Frame] = []


class _Swap(_Event, tag="swap"):
    ok: bool = False
    why: _Text | None = None


class _Fault(_Event, tag="fault"):
    where: _Text
    why: _Text


class _Unwatched(_Event, tag="unwatched"):
    why: _Text
    stack: list[_Frame] = []


class _Resource(_Event, tag="resource"):
    name: _Text


class _Collected(_Event, tag="collected"):
    count: _Count = 0


class _Warning(_Event, tag="warning"):
    id: _Text | None = None
    category: _Text = ""
    message: _Text = ""
    file: _Text = ""
    line: _Count = 0


class _Test(_Event, tag="test"):
    do: Literal["start", "report", "finish"]
    id: _Text
    when: _Text = ""
    outcome: _Text = ""
    seconds: _Time | None = None
    text: _Text = ""
    output: _Text = ""


_OF_PROCESSES = _Hello | _Forked | _Began | _Failed | _Start | _Fork | _Swap | _Fault | _Unwatched | _Resource
_KINDS = _OF_PROCESSES | _Collected | _Warning | _Test


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Valid events in the order of their times. fault: why there may be more, in words; '' if these are all."""

    found: tuple[Event, ...]
    fault: str = ""


def read(folder: Path) -> Events:
    """All events of a folder's files."""
    found: list[Event] = []
    faults: list[str] = []
    left = MAX_BYTES
    for path in _files(folder):
        try:
            data = safe_read.read(path, left)
        except FileNotFoundError:
            continue
        except safe_read.UnsafeFileError as error:
            faults.append(f"a file of it is {error}")
            continue
        left -= len(data)
        found += itertools.islice(parse(data), MAX_EVENTS + 1 - len(found))
    if len(found) > MAX_EVENTS:
        faults.append(f"it has more than {MAX_EVENTS:,} events")
    return Events(found=tuple(sorted(found[:MAX_EVENTS], key=lambda event: event["at"])), fault="; ".join(faults[:1]))


def count(folder: Path) -> int:
    """How many processes have written something down."""
    return len(_files(folder))


def _files(folder: Path) -> list[Path]:
    return sorted(itertools.islice(folder.glob("events-*.jsonl"), MAX_FILES))


class Follower:
    """Reads what is added to the files of a folder, again and again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._offsets: dict[Path, int] = {}
        self._left = MAX_BYTES
        self._events = MAX_EVENTS

    def added(self) -> Iterator[Event]:
        """The events in the whole lines that were written since the last call."""
        for path in _files(self._folder):
            before = self._offsets.get(path, 0)
            try:
                data = safe_read.read(path, self._left, start=before)
            except (FileNotFoundError, safe_read.UnsafeFileError):
                continue
            data = data[: data.rfind(b"\n") + 1]
            self._offsets[path] = before + len(data)
            self._left -= len(data)
            for event in itertools.islice(parse(data), self._events):
                self._events -= 1
                yield event


def parse(data: bytes) -> Iterator[Event]:
    """The valid events in some lines."""
    for line in data.splitlines():
        if len(line) > MAX_LINE:
            continue
        try:
            event = json.loads(line, parse_constant=_refuse)
            msgspec.convert(event, _KINDS)
        except (ValueError, RecursionError):
            continue
        yield event


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
