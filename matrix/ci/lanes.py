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
from matrix.targets import naming
from matrix.targets.naming import Series

KINDS = ("native", "alpine", "pyodide")
"""Jobs of the workflow: on the runner itself, in an Alpine container, under Node."""

_PLATFORM = re.compile(r"(linux|macos|windows)-(x86_64|aarch64)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One job: `3.13t-linux-x86_64`. The patch release is not known before it has run.

    python is what sets it up: setup-python's name, a container image, or the npm package of Pyodide.
    platform is the end of the IDs of its targets: `linux-x86_64-gnu`; few: whether pull requests run it, too.
    """

    id: str
    kind: str
    series: Series
    python: str
    platform: str
    runner: str
    few: bool = False

    @property
    def session(self) -> str:
        """The nox session; an interpreter that is named by a path or a command has none of its own.

        setup-python names GraalPy's executable after GraalPy's version, so discovery cannot find it by its series.
        """
        by_path = self.series.implementation == "graalpy" or self.kind == "pyodide"
        return "matrix" if by_path else f"probe-{self.series}"

    @property
    def _build(self) -> str:
        return "+freethreaded" if self.series.freethreaded else ""

    def target(self, patch: str = "") -> str:
        """The ID of its target with that patch release ('.5'); without one, what is known before it has run."""
        return f"{self.series.implementation}-{self.series.version}{patch}{self._build}-{self.platform}"

    def admits(self, target: str) -> bool:
        """Whether the lane can have measured that target."""
        patch = re.escape("PATCH")
        pattern = re.escape(self.target("PATCH")).replace(patch, r"\.\d+([abc]\d+|rc\d+)?")
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
    runners = data["runners"]
    for platform in runners:
        if not _PLATFORM.fullmatch(platform):
            raise ValueError(f"{platform!r} is not a platform like linux-x86_64")
    yield from _native(data, runners)
    for kind, platform in (("alpine", "linux-x86_64-musl"), ("pyodide", "emscripten-wasm32-musl")):
        for name, python in data.get(kind, {}).items():
            yield Lane(
                id=f"{name}-{kind}",
                kind=kind,
                series=naming.series(name),
                python=python,
                platform=platform,
                runner=runners["linux-x86_64"],
            )


def _native(data: Mapping[str, Json], runners: Mapping[str, str]) -> Iterator[Lane]:
    spelled = data.get("spelled", {})
    for name, platforms in data["pythons"].items():
        for platform in platforms:
            if platform not in runners:
                raise ValueError(f"{name} is to run on {platform}, which has no runner")
            yield Lane(
                id=f"{name}-{platform}",
                kind="native",
                series=naming.series(name),
                python=spelled.get(name, name),
                platform=f"{platform}-{naming.LIBC[platform.partition('-')[0]]}",
                runner=runners[platform],
            )


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
    """The target of a lane that has no run: the last one that it measured, among the known targets of a matrix.

    If it has never had a run, only what was asked for is known: no patch release, no facts of its own.
    """
    of_lane = [target for target in known if any((run["ci"] or {}).get("lane") == lane.id for run in target["runs"])]
    if of_lane:
        last = max(of_lane, key=lambda target: max(str(run["started"]) for run in target["runs"]))
        return {**last, "runs": []}
    system, machine, libc = lane.platform.split("-")
    return {
        "id": lane.target(),
        "launcher": "base",
        "command": str(lane.series),
        "facts": {
            "implementation": lane.series.implementation,
            "version": lane.series.version,
            "sys_platform": naming.sys_platform(system),
            "machine": machine,
            "libc": libc,
            "freethreaded": lane.series.freethreaded,
            "default_method": None,
        },
        "runs": [],
    }
