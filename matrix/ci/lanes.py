""".github/targets.toml -> lanes: the jobs of a CI run, one interpreter on one platform each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from matrix.errors import DataError
from matrix.model import Json
from matrix.paths import LANES

KINDS = ("native", "alpine", "pyodide")
"""Jobs of the workflow: on the runner itself, in a container, under Node."""

_SERIES = re.compile(r"(pypy|graalpy)?(3\.\d{1,2})(t?)")
_PLATFORM = re.compile(r"(linux|macos|windows)-(x86_64|aarch64)")
_LIBC = {"linux": "gnu", "macos": "none", "windows": "none"}
_SYSTEMS = {"linux": "linux", "macos": "darwin", "windows": "win32", "emscripten": "emscripten"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One job: `3.13t-linux-x86_64`. The patch release is not known before it has run.

    series is nox's name; python is what the set-up is asked for: setup-python's name, a container image, or the
    npm package of Pyodide. place is the end of the ids of its targets: `linux-x86_64-gnu`.
    """

    id: str
    kind: str
    series: str
    python: str
    place: str
    runner: str
    few: bool = False

    @property
    def implementation(self) -> str:
        """'cpython', 'pypy', 'graalpy'."""
        return self._parts[0] or "cpython"

    @property
    def version(self) -> str:
        """'3.13', whatever the build."""
        return self._parts[1]

    @property
    def freethreaded(self) -> bool:
        """Whether it is built without the GIL."""
        return bool(self._parts[2])

    @property
    def _parts(self) -> tuple[str, str, str]:
        match = _SERIES.fullmatch(self.series)
        if not match:
            raise ValueError(f"{self.series!r} is no series like 3.13, 3.13t, pypy3.11")
        return match[1] or "", match[2], match[3]

    @property
    def session(self) -> str:
        """The nox session; what is called by a path or a command has none of its own.

        setup-python names GraalPy's file after GraalPy's version, so nobody finds it by its series.
        """
        return "matrix" if self.implementation == "graalpy" or self.kind == "pyodide" else f"probe-{self.series}"

    def admits(self, target: str) -> bool:
        """Whether a target id can be an answer of this lane."""
        threads = r"\+freethreaded" if self.freethreaded else ""
        pattern = (
            rf"{self.implementation}-{re.escape(self.version)}\.\d+([abc]\d+|rc\d+)?{threads}-{re.escape(self.place)}"
        )
        return re.fullmatch(pattern, target) is not None


def load(path: Path = LANES) -> tuple[Lane, ...]:
    """All lanes of a file, in its order. Raises DataError and names the entry that is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. It lists where the probes run on GitHub.") from None
    except ValueError as error:
        raise DataError(f"{path} is not TOML: {error}.") from None
    try:
        lanes = tuple(_lanes(data))
        few = frozenset(data["pull_request"]["lanes"])
        unknown = few - {lane.id for lane in lanes}
        if unknown:
            raise ValueError(f"pull_request.lanes: there is no {', '.join(sorted(unknown))}")
    except KeyError as error:
        raise DataError(f"{path} has no {error}. See the comments in it.") from None
    except ValueError as error:
        raise DataError(f"{path}: {error}.") from None
    return tuple(replace(lane, few=lane.id in few) for lane in lanes)


def _lanes(data: Mapping[str, Json]) -> Iterator[Lane]:
    """Raises KeyError for a missing table, ValueError for a wrong entry."""
    runners, spelled = data["runners"], data.get("spelled", {})
    for platform in runners:
        if not _PLATFORM.fullmatch(platform):
            raise ValueError(f"{platform!r} is no platform like linux-x86_64")
    for series, platforms in data["pythons"].items():
        for platform in platforms:
            if platform not in runners:
                raise ValueError(f"{series} is to run on {platform}, which has no runner")
            libc = _LIBC[platform.partition("-")[0]]
            yield _lane("native", series, spelled.get(series, series), f"{platform}-{libc}", runners[platform])
    for series, image in data.get("alpine", {}).items():
        yield _lane("alpine", series, image, "linux-x86_64-musl", runners["linux-x86_64"])
    for series, release in data.get("pyodide", {}).items():
        yield _lane("pyodide", series, release, "emscripten-wasm32-musl", runners["linux-x86_64"])


def _lane(kind: str, series: str, python: str, place: str, runner: str) -> Lane:
    name = f"{series}-{place.rpartition('-')[0] if kind == 'native' else kind}"
    lane = Lane(id=name, kind=kind, series=series, python=python, place=place, runner=runner)
    _ = lane.version  # a series that is none is refused here
    return lane


def jobs(lanes: Iterable[Lane]) -> dict[str, dict[str, list[dict[str, str]]]]:
    """{'native': {'include': [...]}, ...}: the value of `strategy.matrix` for each job of the workflow."""
    lanes = list(lanes)
    return {
        kind: {
            "include": [
                {
                    "lane": lane.id,
                    "runner": lane.runner,
                    "python": lane.python,
                    "session": lane.session,
                }
                for lane in lanes
                if lane.kind == kind
            ]
        }
        for kind in KINDS
    }


def planned(lane: Lane, known: Iterable[Mapping[str, Json]]) -> Mapping[str, Json]:
    """The target of a lane that did not answer: the one that it last was, among known targets of a matrix.

    If it has never answered, nothing is known but what was asked for: no patch release, no facts of its own.
    """
    of_lane = [target for target in known if any((run["ci"] or {}).get("lane") == lane.id for run in target["runs"])]
    if of_lane:
        last = max(of_lane, key=lambda target: max(str(run["started"]) for run in target["runs"]))
        return {**last, "runs": []}
    threads = "+freethreaded" if lane.freethreaded else ""
    system, machine, libc = lane.place.split("-")
    return {
        "id": f"{lane.implementation}-{lane.version}{threads}-{lane.place}",
        "launcher": "base",
        "command": lane.series,
        "facts": {
            "implementation": lane.implementation,
            "version": lane.version,
            "sys_platform": _SYSTEMS[system],
            "machine": machine,
            "libc": libc,
            "freethreaded": lane.freethreaded,
            "default_method": None,
        },
        "runs": [],
    }
