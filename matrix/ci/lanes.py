""".github/targets.toml -> lanes: the jobs of a CI run, one interpreter on one platform each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from matrix.errors import DataError, NothingSelectedError
from matrix.model import Json
from matrix.paths import LANES
from matrix.targets import naming
from matrix.targets.naming import Series

KINDS = ("native", "alpine", "alpine-aarch64", "pyodide")
"""Jobs of the workflow: on the runner itself, in an Alpine container, in one that the job starts itself, under Node."""

_OTHERS = {
    "alpine": ("linux-x86_64-musl", "linux-x86_64"),
    "alpine-aarch64": ("linux-aarch64-musl", "linux-aarch64"),
    "pyodide": ("emscripten-wasm32-musl", "linux-x86_64"),
}
"""{kind that is not native: (the end of the IDs of its targets, the platform of its runner)}."""

_PLATFORM = re.compile(r"(linux|macos|windows)(\d*)-(x86_64|aarch64|i686)")
"""A system, if it is not the usual release its number, and a processor: macos-aarch64, macos26-aarch64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One job: `3.13t-linux-x86_64`. The patch release is not known before it has run.

    python is what sets it up: setup-python's name, a container image, or the npm package of Pyodide.
    platform is the end of the IDs of its targets: `linux-x86_64-gnu`, `macos-aarch64-none-macos26`.
    few: whether pull requests run it, too; may_fail: whether its failure, or its absence, is no alarm.
    """

    id: str
    kind: str
    series: Series
    python: str
    platform: str
    runner: str
    few: bool = False
    may_fail: bool = False

    @property
    def minutes(self) -> int:
        """How long its job may take: what starts slowly needs more, and so may systems that nobody has timed."""
        if self.kind == "pyodide" or self.series.implementation == "graalpy":
            return 240
        return 60 if self.series.implementation == "cpython" and self.platform.startswith("linux") else 120

    @property
    def architecture(self) -> str:
        """What setup-python is told; empty for that of the runner."""
        return "x86" if "-i686-" in self.platform else ""

    @property
    def session(self) -> str:
        """The nox session; an interpreter that is named by a path or a command has none of its own.

        setup-python names executables of PyPy and GraalPy in ways of its own, so a session might not find them.
        """
        by_path = self.series.implementation != "cpython" or self.kind == "pyodide"
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
    data = _read(path)
    try:
        lanes = tuple(_lanes(data))
        few = frozenset(data["pull_request"]["lanes"])
        may_fail = frozenset(data.get("may_fail", {}).get("lanes", ()))
        for name, listed in (("pull_request", few), ("may_fail", may_fail)):
            unknown = listed - {lane.id for lane in lanes}
            if unknown:
                raise ValueError(f"{name}.lanes: there is no {', '.join(sorted(unknown))}")
    except KeyError as error:
        raise DataError(f"{path} has no {error}. See the comments in it.") from None
    except ValueError as error:
        raise DataError(f"{path}: {error}.") from None
    return tuple(replace(lane, few=lane.id in few, may_fail=lane.id in may_fail) for lane in lanes)


def site(env: Mapping[str, str], path: Path = LANES) -> str:
    """The address of the published site: by CANIFORK_SITE, by the file, or by GitHub's rule for the repository.

    Pull requests from forks see no variables of the repository, so it must not depend on them. Raises DataError.
    """
    named = env.get("CANIFORK_SITE") or _read(path).get("site")
    if named:
        return str(named).rstrip("/")
    owner, _, repository = env.get("GITHUB_REPOSITORY", "").partition("/")
    if not repository:
        raise DataError(f"Unknown address of the site: set CANIFORK_SITE, or `site` in {path}.")
    root = f"https://{owner.lower()}.github.io"
    return root if repository.lower() == f"{owner.lower()}.github.io" else f"{root}/{repository}"


def _read(path: Path) -> Mapping[str, Json]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. It lists where the probes run on GitHub.") from None
    except ValueError as error:
        raise DataError(f"{path} is not TOML: {error}.") from None


def _lanes(data: Mapping[str, Json]) -> Iterator[Lane]:
    """Raises KeyError for a missing table, ValueError for a wrong entry."""
    runners = data["runners"]
    for platform in runners:
        if not _PLATFORM.fullmatch(platform):
            raise ValueError(f"{platform!r} is not a platform like linux-x86_64")
    yield from _native(data, runners)
    for kind, (platform, runner) in _OTHERS.items():
        for name, python in data.get(kind, {}).items():
            yield Lane(
                id=f"{name}-{kind}",
                kind=kind,
                series=naming.series(name),
                python=python,
                platform=platform,
                runner=runners[runner],
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
                platform=_of_target(platform),
                runner=runners[platform],
            )


def _of_target(platform: str) -> str:
    """The end of the IDs of targets: 'macos-aarch64-none', 'macos-aarch64-none-macos26'."""
    ((system, release, machine),) = _PLATFORM.findall(platform)
    usual = f"{system}-{machine}-{naming.LIBC[system]}"
    return f"{usual}-{system}{release}" if release else usual


def selected(lanes: Iterable[Lane], patterns: Sequence[str]) -> tuple[Lane, ...]:
    """The lanes whose IDs match one of some glob patterns; all if there is none. Raises NothingSelectedError."""
    lanes = tuple(lanes)
    chosen = tuple(lane for lane in lanes if not patterns or any(fnmatchcase(lane.id, word) for word in patterns))
    if not chosen:
        known = ", ".join(lane.id for lane in lanes[:3])
        raise NothingSelectedError(f"No lane matches {' or '.join(patterns)}. Lanes are called {known} …")
    return chosen


def jobs(lanes: Iterable[Lane]) -> dict[str, Json]:
    """{'kinds': [...], 'native': {'include': [...]}, ...}: the value of `strategy.matrix` for each job of the workflow.

    kinds are those that have a lane: GitHub refuses an empty matrix, so the job of another kind must be skipped.
    """
    rows: dict[str, list[dict[str, Json]]] = {kind: [] for kind in KINDS}
    for lane in lanes:
        row = {
            "lane": lane.id, "runner": lane.runner, "python": lane.python, "architecture": lane.architecture,
            "session": lane.session, "minutes": lane.minutes, "may_fail": lane.may_fail,
        }  # fmt: skip
        rows[lane.kind].append(row)
    return {"kinds": [kind for kind in KINDS if rows[kind]], **{kind: {"include": rows[kind]} for kind in KINDS}}


def planned(lane: Lane, known: Iterable[Mapping[str, Json]]) -> Mapping[str, Json]:
    """The target of a lane that has no run: the last one that it measured, among the known targets of a matrix.

    If it has never had a run, only what was asked for is known: no patch release, no facts of its own.
    """
    of_lane = [target for target in known if any((run["ci"] or {}).get("lane") == lane.id for run in target["runs"])]
    if of_lane:
        last = max(of_lane, key=lambda target: max(str(run["started"]) for run in target["runs"]))
        return {**last, "runs": []}
    system, machine, libc, *_ = lane.platform.split("-")
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
