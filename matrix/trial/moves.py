"""`--as linux-3.14`: which default is simulated, and which measured answers change on the way there."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matrix.trial.model import Change, Python, Start, Trial

_SYSTEMS = ("linux", "macos", "windows")

_ALWAYS = ("arguments", "callables", "choice", "classes", "exits", "failures", "inheritance", "lifecycle", "objects",
           "passing", "processes", "resources", "semantics", "state")  # fmt: skip
_BY_INTERFACE = {
    "Pool": ("pools", "workers", "tasks", "results"),
    "ProcessPoolExecutor": ("executor", "workers", "tasks", "results"),
    "Manager": ("managers",),
    "os.fork": ("rawfork", "safety"),
}
_BY_METHOD = {"forkserver": ("forkserver", "preload", "helpers", "tracker"), "spawn": ("tracker", "helpers")}


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
    """The measured answers that differ between the Python here and the one there, of the kinds that the program starts.

    A default start is looked up under the method that it will have there, an explicit one under its own. None if
    either Python was not measured.
    """
    from matrix.trial import reasons

    starts = [start for trial in trials if trial.method == python.default for start in trial.starts]
    if not starts:
        return ()
    themes = frozenset(theme for start in starts for theme in _themes(start, to.method))
    methods = {to.method if start.origin in ("default", "either") else start.method for start in starts}
    return reasons.changed(python, to.system, to.series or python.series, themes, tuple(sorted(methods)))


def unknown(python: Python, moved_to: str) -> str:
    """Why the changes on the way to a destination, by its name, are not known."""
    from matrix.trial import reasons

    to = destination(moved_to)
    return reasons.unmeasured(python, to.system, to.series or python.series)


def _themes(start: Start, method: str) -> Sequence[str]:
    own = () if start.kind.rpartition(".")[0] in ("", "multiprocessing.context") else ("subclasses",)
    threaded = ("threads", "safety") if (start.threads or 0) > 1 else ()
    used = method if start.origin == "default" else start.method
    return (*_ALWAYS, *_BY_INTERFACE.get(start.interface, ()), *_BY_METHOD.get(used, ()), *own, *threaded)
