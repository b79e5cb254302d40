"""What a pasted text tells beside its messages: where it happened, under which start method, on which Python. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matrix.explain.paste import Frame, Paste, Raised
from matrix.explain.pickling import Carrier, Pickled, pickled

AREAS: tuple[tuple[str, str], ...] = (
    ("executor", r"concurrent\.futures\.process"),
    ("pool", r"multiprocess(?:ing)?\.pool"),
    ("manager", r"multiprocess(?:ing)?\.managers"),
    ("block", r"multiprocess(?:ing)?\.shared_memory"),
    ("queue", r"multiprocess(?:ing)?\.queues"),
    ("tracker", r"multiprocess(?:ing)?\.resource_tracker"),
    ("lock", r"multiprocess(?:ing)?\.(?:synchronize|sharedctypes)"),
    ("process", r"(?:multiprocess(?:ing)?|billiard)\.(?:process|context|popen_\w+|spawn|forkserver|reduction)"),
    ("connection", r"multiprocess(?:ing)?\.connection"),
)
"""Parts of the library, by the modules of their frames; the most telling first."""

_METHODS = (
    (
        "forkserver",
        r"\bForkServer(?:Pool)?(?:Process|Worker)|popen_forkserver|forkserver_main|multiprocessing[./\\]forkserver",
    ),
    ("spawn", r"\bSpawn(?:Pool)?(?:Process|Worker)|popen_spawn_\w+|spawn_main\(|\bin spawn_main\b|spawn:spawn_main$"),
    ("fork", r"\bFork(?:Pool)?(?:Process|Worker)|popen_fork\b"),
)
_SERIES = (
    r"(?:python|cpython-|pypy)(3\.\d{1,2})t?\b",
    r"[Pp]ython(?:\.framework)?[/\\](?:Versions[/\\])?(?:Python)?(3\.?\d{1,2})[/\\]",
    r"[Pp]ython(3\d{1,2})[/\\]",
    r"versions/(?:pypy)?(3\.\d{1,2})\.\d",
    r"\b(?:Python|CPython|PyPy)[ :=v]{1,3}(3\.\d{1,2})\b",
)
_PLATFORMS = (
    ("windows", r"[A-Za-z]:\\|popen_spawn_win32|\bWinError\b"),
    ("macos", r"/Library/Frameworks/|/opt/homebrew/|/usr/local/Cellar/|\bobjc\[\d+\]|(?:^|[\"' ])/Users/\w"),
    ("linux", r"/usr/lib(?:64)?/python|/home/\w|/usr/local/lib/python"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """area is one of AREAS, '' if no frame is of the library; the others are '' or None where nothing tells them."""

    method: str = ""
    series: str = ""
    platform: str = ""


def clues(paste: Paste) -> Clues:
    """What the text as a whole tells of its Python. What it names first counts."""
    text = paste.text
    return Clues(
        method=_method(paste),
        series=_first(text, _SERIES),
        platform=next((name for name, pattern in _PLATFORMS if re.search(pattern, text, re.MULTILINE)), ""),
    )


def _method(paste: Paste) -> str:
    """The start method that frames or names of processes show. popen_fork is in the frames of all of them on POSIX."""
    text = "\n".join((paste.text, *map(str, paste.frames)))
    found = [name for name, pattern in _METHODS if re.search(pattern, text, re.MULTILINE)]
    if found:
        return found[0]
    told = re.search(r"\b[Uu]nder (?:the )?[`'\"*]*(forkserver|spawn)\b", paste.text)
    return told[1] if told else ""


def usual_method(seen: Clues) -> str:
    """The default of the place that a text shows, as far as it decides; '' where it may be one or another.

    It says nothing of a program that chooses itself: it counts only where multiprocessing is seen at work.
    """
    if seen.platform in ("windows", "macos"):
        return "spawn"
    minor = seen.series.removeprefix("3.").rstrip("t")
    return "forkserver" if seen.platform == "linux" and minor.isdigit() and int(minor) >= 14 else ""


def _first(text: str, patterns: Iterable[str]) -> str:
    for pattern in patterns:
        if found := re.search(pattern, text):
            number = found[1]
            return number if "." in number else f"{number[0]}.{number[1:]}"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where one error was raised. area is one of AREAS or ''; child: in a process that multiprocessing has started.

    inside: classes of the objects that what cannot be pickled was inside of, dotted.
    """

    area: str
    child: bool
    carrier: Carrier | None
    path: str
    inside: frozenset[str] = frozenset()


_CHILD = re.compile(
    r"process:(?:_bootstrap|run)|pool:worker|spawn:(?:_main|spawn_main|prepare|_fixup_main\w*)|process:_process_worker|forkserver:main|popen_fork:_launch$"
)
_FEEDERS = re.compile(r"queues:_feed|queues:put|connection:send|pool:_handle_tasks")


def scene(one: Raised | None, paste: Paste) -> Scene:
    """The scene of an error, or of a text without one.

    An error of a worker is shown twice, as the worker and as the parent has raised it.
    """
    frames = one.frames if one else ()
    seen = pickled(one.notes) if one else Pickled(carrier=None, path="")
    own = area(frames)
    if own in ("", "queue", "connection", "process"):  # an executor's thread feeds a queue, a manager starts a process
        own = _of_remote(paste.text) or area(paste.frames) or own
    names = "\n".join(map(str, frames))
    return Scene(
        area=own,
        child=any(_of_child(same) for same in paste.raised if one and str(same) == str(one)),
        carrier=seen.carrier or _carrier(names, own),
        path=seen.path,
        inside=seen.inside,
    )


def _of_child(one: Raised) -> bool:
    return bool(one.process) or any(_CHILD.search(str(frame)) for frame in one.frames)


def _of_remote(text: str) -> str:
    """What a traceback that came from a worker says of whose worker it was: its frames may be those of a queue."""
    found = re.search(r"\b(concurrent\.futures\.process\._|multiprocess(?:ing)?\.pool\.)RemoteTraceback", text)
    return "" if not found else "executor" if found[1].startswith("concurrent") else "pool"


def _carrier(frames: str, where: str) -> Carrier | None:
    """What the frames tell where pickle's notes do not (before 3.14)."""
    if not _FEEDERS.search(frames):
        return None
    return Carrier.TASK if where in ("executor", "pool") else Carrier.QUEUE


def area(frames: Sequence[Frame]) -> str:
    """The most telling part of the library among some frames."""
    modules = {frame.module for frame in frames}
    return next((name for name, pattern in AREAS if any(re.fullmatch(pattern, module) for module in modules)), "")
