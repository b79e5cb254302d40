"""`--as linux-3.14`: which default is simulated, and which measured answers change on the way there."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from matrix.trial.model import Change, Python, Start, Trial

_SYSTEMS = ("linux", "macos", "windows")

START = "a start"
"""What every log of starts has; the other traits are interfaces, methods, origins, 'subclass' and 'threads'."""

_THEMES: Mapping[str, frozenset[str]] = {
    theme: frozenset(traits)
    for traits, themes in (
        ((START,), ("arguments", "callables", "classes", "exits", "guard", "inheritance", "lifecycle", "objects",
                    "passing", "processes", "resources", "semantics", "state", "system")),
        (("default", "either"), ("defaults",)),
        (("spawn", "forkserver"), ("helpers", "preload")),
        (("forkserver",), ("forkserver",)),
        (("Pool",), ("pools",)),
        (("ProcessPoolExecutor",), ("executor",)),
        (("Pool", "ProcessPoolExecutor"), ("failures", "results", "tasks", "workers")),
        (("Manager",), ("managers",)),
        (("os.fork",), ("rawfork",)),
        (("os.fork", "threads"), ("safety",)),
        (("threads",), ("threads",)),
        (("subclass",), ("subclasses",)),
        (("explicit", "set"), ("choice",)),
    )
    for theme in themes
}  # fmt: skip
"""Theme -> traits of which a log must have one to touch it; themes that are not here are about what no start shows."""

_SUBJECTS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = tuple(
    (re.compile(pattern), frozenset(traits))
    for pattern, traits in (
        (r"plain multiprocessing\.Process", ("Process",)),
        (r"\bPool\b|AsyncResult", ("Pool",)),
        (r"\b[Ee]xecutor|ProcessPoolExecutor|BrokenProcessPool|\bfutures?\b", ("ProcessPoolExecutor",)),
        (r"\bManager\b|\bmanaged\b|\bprox(?:y|ies)\b", ("Manager",)),
        (r"\bos\.fork", ("os.fork",)),
        (r"subclass of Process|Process subclass", ("subclass",)),
        (r"get_context\(['n]|\bchosen\b.*context", ("explicit",)),
        (r"set_start_method", ("set",)),
        (r"\bthreads?\b", ("threads",)),
        (r"simulated|[Ww]hich error|preload|SharedMemory|/dev/shm|\bblocks?\b|ThreadPool", ()),
        (r"[Ss]emaphores?\b|\bLocks?\b|\bQueue|\bListener", ()),
    )
)
"""What a question speaks of besides starts -> traits of which a log must have one; without any, no log shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where one moves to. series is None where the system alone matters; method is the default there."""

    name: str
    system: str
    series: str | None
    method: str


def destination(text: str) -> Destination:
    """A reader of 'linux-3.14', 'macos', 'windows-3.13'."""
    match = re.fullmatch(r"(linux|macos|windows)(?:-(3\.(\d+)))?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not like linux-3.14, macos or windows")
    system, series, minor = match[1], match[2], int(match[3] or 0)
    if system == "linux" and series is None:
        raise argparse.ArgumentTypeError("which Python on Linux? Its default method changed in 3.14: linux-3.14")
    if series is not None and minor < 8:
        raise argparse.ArgumentTypeError(f"{series} was not measured: name 3.8 or later")
    method = "spawn" if system != "linux" else "forkserver" if minor >= 14 else "fork"
    return Destination(name=text, system=system, series=series, method=method)


def changes(python: Python, to: Destination, trials: Iterable[Trial]) -> tuple[Change, ...] | None:
    """The measured answers that differ between the Python here and the one there, and that the program's starts touch.

    A default start is looked up under the method that it will have there, an explicit one under its own. None if
    either Python was not measured.
    """
    from matrix.trial import reasons

    starts = [start for trial in trials if trial.method == python.default for start in trial.starts]
    if not starts:
        return ()
    seen = traits(starts, to.method)
    methods = {_method(start, to.method) for start in starts}
    return reasons.changed(
        python,
        to.system,
        to.series or python.series,
        lambda question: touches(seen, question.id, question.text),
        tuple(sorted(methods)),
    )


def traits(starts: Iterable[Start], method: str) -> frozenset[str]:
    """What a log of starts shows, as `_THEMES` names it. method: the default where the program moves to."""
    found = {START}
    for start in starts:
        used = _method(start, method)
        found |= {start.interface, used, start.origin}
        if start.kind.rpartition(".")[0] not in ("", "multiprocessing.context"):
            found.add("subclass")
        if used == "fork" and (start.threads or 0) > 1:
            found.add("threads")
    return frozenset(found)


def touches(seen: Collection[str], question: str, text: str) -> bool:
    """Whether a log with some traits touches a question, by its theme and by what else it speaks of."""
    needed = _THEMES.get(question.partition(".")[0], frozenset())
    others = [allowed for pattern, allowed in _SUBJECTS if pattern.search(text)]
    return not needed.isdisjoint(seen) and all(not allowed.isdisjoint(seen) for allowed in others)


def _method(start: Start, method: str) -> str:
    """The method of a start where the default is another one."""
    return method if start.origin in ("default", "either") else start.method


def unknown(python: Python, moved_to: str) -> str:
    """Why the changes on the way to a destination, by its name, are not known."""
    from matrix.trial import reasons

    to = destination(moved_to)
    return reasons.unmeasured(python, to.system, to.series or python.series)
