"""targets.toml -> jobs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matrix.ci import lanes
from matrix.errors import DataError, NothingSelectedError
from matrix.files import serialize
from matrix.paths import DATA, ROOT
from matrix.results.merge import merge
from tests.unit import values

LANES = {lane.id: lane for lane in lanes.load()}

GOOD = """
[runners]
linux-x86_64 = "ubuntu-24.04"
[pythons]
"3.13" = ["linux-x86_64"]
[pull_request]
lanes = ["3.13-linux-x86_64"]
"""


@pytest.mark.parametrize(
    ("lane", "target", "admitted"),
    [
        ("3.13-linux-x86_64", "cpython-3.13.0-linux-x86_64-gnu", True),
        ("3.13-linux-x86_64", "cpython-3.13.12-linux-x86_64-gnu", True),
        ("3.13-linux-x86_64", "cpython-3.13.0rc2-linux-x86_64-gnu", True),
        ("3.13-linux-x86_64", "cpython-3.1.3-linux-x86_64-gnu", False),
        ("3.13-linux-x86_64", "cpython-3.13.0+freethreaded-linux-x86_64-gnu", False),
        ("3.13-linux-x86_64", "cpython-3.13.0-linux-x86_64-musl", False),
        ("3.13-linux-x86_64", "cpython-3.13.0-linux-x86_64-gnu-venv", False),
        ("3.13-linux-x86_64", "pypy-3.13.0-linux-x86_64-gnu", False),
        ("3.13-linux-x86_64", "cpython-3.13.0-macos-x86_64-none", False),
        ("3.13t-linux-x86_64", "cpython-3.13.0+freethreaded-linux-x86_64-gnu", True),
        ("3.13t-linux-x86_64", "cpython-3.13.0-linux-x86_64-gnu", False),
        ("3.13-alpine", "cpython-3.13.0-linux-x86_64-musl", True),
        ("3.13-alpine", "cpython-3.13.0-linux-aarch64-musl", False),
        ("3.13-alpine-aarch64", "cpython-3.13.0-linux-aarch64-musl", True),
        ("3.14-windows-aarch64", "cpython-3.14.2-windows-aarch64-none", True),
        ("3.13-windows-i686", "cpython-3.13.15-windows-i686-none", True),
        ("3.13-windows-i686", "cpython-3.13.15-windows-x86_64-none", False),
        ("3.13-macos26-aarch64", "cpython-3.13.15-macos-aarch64-none-macos26", True),
        ("3.13-macos26-aarch64", "cpython-3.13.15-macos-aarch64-none", False),
        ("3.13-macos-aarch64", "cpython-3.13.15-macos-aarch64-none-macos26", False),
        ("3.14-windows2022-x86_64", "cpython-3.14.2-windows-x86_64-none-windows2022", True),
        ("3.14-windows-x86_64", "cpython-3.14.2-windows-x86_64-none-windows2022", False),
        ("graalpy3.13-macos-aarch64", "graalpy-3.13.2-macos-aarch64-none", True),
        ("3.14-pyodide", "cpython-3.14.2-emscripten-wasm32-musl", True),
        ("pypy3.11-macos-aarch64", "pypy-3.11.13-macos-aarch64-none", True),
        ("graalpy3.12-linux-x86_64", "graalpy-3.12.8-linux-x86_64-gnu", True),
    ],
)
def test_a_lane_admits_its_targets_only(lane: str, target: str, admitted: bool) -> None:
    assert LANES[lane].admits(target) is admitted


def test_every_platform_and_python_of_the_issue_has_a_lane() -> None:
    platforms = {
        *("linux-x86_64", "linux-aarch64", "macos-aarch64", "macos-x86_64"),
        *("windows-x86_64", "windows-aarch64", "windows-i686", "macos26-aarch64", "windows2022-x86_64"),
    }
    assert {name.partition("-")[2] for name in LANES} >= platforms | {"alpine", "alpine-aarch64", "pyodide"}
    on_linux = {str(lane.series) for lane in LANES.values() if lane.platform == "linux-x86_64-gnu"}
    assert on_linux >= {f"3.{minor}" for minor in range(8, 16)} | {"3.13t", "3.14t", "pypy3.11", "graalpy3.12"}
    wrappers = json.loads((ROOT / "wrappers" / "package.json").read_text(encoding="utf-8"))
    assert {lane.python for lane in LANES.values() if lane.kind == "pyodide"} == set(wrappers["dependencies"])
    assert len(LANES) <= 256, "GitHub makes no more jobs of a matrix"


def test_the_jobs_are_what_the_workflow_asks_for() -> None:
    jobs = lanes.jobs(LANES.values())
    assert jobs["kinds"] == list(lanes.KINDS), "no kind of lane is empty"
    rows = [row for kind in lanes.KINDS for row in jobs[kind]["include"]]
    assert sorted(row["lane"] for row in rows) == sorted(LANES)
    macos = {"lane": "3.13t-macos-aarch64", "python": "3.13t", "runner": "macos-15", "session": "probe-3.13t"}
    assert macos | {"architecture": "", "minutes": 120, "may_fail": False} in rows
    narrow = next(row for row in rows if row["lane"] == "3.13-windows-i686")
    assert (narrow["runner"], narrow["architecture"]) == ("windows-2025", "x86")
    assert {row["lane"] for row in rows if row["may_fail"]} == {
        *(f"{series}-windows-aarch64" for series in ("3.13t", "3.14t", "3.15t")),
        *(f"graalpy{series}-windows-x86_64" for series in ("3.12", "3.13")),
    }
    arm = next(row for row in jobs["alpine-aarch64"]["include"] if row["lane"] == "3.13-alpine-aarch64")
    assert (arm["runner"], arm["python"]) == ("ubuntu-24.04-arm", "python:3.13-alpine")
    graalpy = next(row for row in rows if row["lane"] == "graalpy3.12-linux-x86_64")
    assert (graalpy["python"], graalpy["session"]) == ("graalpy-25.0", "matrix")
    assert {row["session"] for row in rows if row["lane"].startswith("pypy")} == {"matrix"}


@pytest.mark.parametrize("path", sorted(DATA.glob("*-emscripten-*.jsonl.gz")), ids=lambda path: path.name)
def test_the_slowest_lanes_have_time_for_all_questions(path: Path) -> None:
    """By what was measured, at two processes at a time: GitHub's runners have four cores."""
    (lane,) = (lane for lane in LANES.values() if lane.admits(path.name.removesuffix(".jsonl.gz")))
    said = [verdict for run in serialize.load_run_file(path) for verdict in run.verdicts]
    seconds = {(verdict.probe, verdict.method): verdict.duration for verdict in said}
    assert sum(seconds.values()) / 2 < 60 * lane.minutes, "give them more time, or several jobs"


def test_a_pull_request_has_few_lanes_and_every_system() -> None:
    few = [lane for lane in LANES.values() if lane.few]
    assert 5 <= len(few) <= 12
    assert {lane.platform.partition("-")[0] for lane in few} == {"linux", "macos", "windows", "emscripten"}


def test_lanes_are_chosen_by_patterns() -> None:
    assert {lane.id for lane in lanes.selected(LANES.values(), ["pypy3.9-*", "3.8-alpine"])} == {
        "3.8-alpine", "pypy3.9-linux-x86_64", "pypy3.9-macos-aarch64", "pypy3.9-macos-x86_64", "pypy3.9-windows-x86_64",
    }  # fmt: skip
    assert lanes.selected(LANES.values(), []) == tuple(LANES.values())
    with pytest.raises(NothingSelectedError, match=r"No lane matches 4\.\*"):
        lanes.selected(LANES.values(), ["4.*"])


def test_a_new_python_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(GOOD.replace("[pull", '"3.16" = ["linux-x86_64"]\n[pull'), encoding="utf-8")
    assert [lane.id for lane in lanes.load(file)] == ["3.13-linux-x86_64", "3.16-linux-x86_64"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[runners]", "[machines]", "has no 'runners'"),
        ('"3.13" = ["linux-x86_64"]', '"3.13" = ["linux-riscv64"]', "3.13 is to run on linux-riscv64"),
        ('linux-x86_64 = "ubuntu', 'bsd-x86_64 = "ubuntu', "'bsd-x86_64' is not a platform"),
        ('"3.13" = [', '"3,13" = [', "'3,13' is not a series"),
        ('lanes = ["3.13-', 'lanes = ["3.12-', "there is no 3.12-linux-x86_64"),
        ("[runners]", "[runners", "is not TOML"),
        ("[pull_request]", '[may_fail]\nlanes = ["x"]\n[pull_request]', "may_fail.lanes: there is no x"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "targets.toml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=said):
        lanes.load(file)


def test_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Cannot read"):
        lanes.load(tmp_path / "none.toml")


def test_a_lost_lane_is_the_target_that_it_last_was() -> None:
    lane = LANES["3.13-linux-x86_64"]
    old, new = (
        {"id": f"cpython-3.13.{patch}-linux-x86_64-gnu", "launcher": "base", "command": "python3.13",
         "facts": values.FACTS, "runs": [{"started": started, "ci": {"lane": lane.id}}]}
        for patch, started in ((4, "2026-11-20T00:00:00Z"), (5, "2026-11-21T00:00:00Z"))
    )  # fmt: skip
    other = {**new, "id": "x", "runs": [{"started": "2026-11-22T00:00:00Z", "ci": None}]}
    assert lanes.planned(lane, [new, old, other]) == {**new, "runs": []}


@pytest.mark.parametrize("lane", LANES.values(), ids=LANES)
def test_a_lane_that_never_answered_is_shown_without_a_patch_release(lane: lanes.Lane) -> None:
    target = lanes.planned(lane, [])
    assert target["id"].startswith(f"{lane.series.implementation}-{lane.series.version}")
    assert not lane.admits(target["id"])
    matrix = merge([], [values.probe()], {}, {"commit": None, "dirty": False}, [target])
    assert {cell.outcome for cell in matrix.cells} == {"untested"}
    assert matrix.targets == (target,)


def test_a_planned_target_that_answered_is_not_lost() -> None:
    run = values.run(values.verdict("no"))
    known = {"id": run.header.target, "launcher": "base", "command": "", "facts": values.FACTS, "runs": []}
    matrix = merge([run], [values.probe()], {}, {"commit": None, "dirty": False}, [known])
    assert [target["runs"][0]["run"] for target in matrix.targets] == [run.header.run]
    assert {cell.outcome for cell in matrix.cells if cell.method == "fork"} == {"no"}
