"""What every workflow file must have, beyond what the linters ask."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from matrix.ci import lanes
from tests.conftest import ROOT
from tests.workflows import runner
from tests.workflows.expressions import condition, evaluate

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ALL = [*FILES, ROOT / "action.yml", ROOT / "docs" / "examples" / "repository" / ".github" / "workflows" / "fork.yml"]
WORKFLOWS = {path.stem: runner.load(path) for path in FILES}
JOBS = [(name, key, job) for name, workflow in WORKFLOWS.items() for key, job in workflow["jobs"].items()]
STEPS = [step for _, _, job in JOBS for step in job.get("steps", [])]


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_every_action_is_the_commit_of_a_named_release(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        if "./" not in line and "OWNER/" not in line:
            assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40}\b.* # v\d+\.\d+\.\d+$", line), line


def test_one_release_of_an_action_everywhere() -> None:
    used = re.findall(
        r"uses: ([\w-]+/[\w-]+)@([0-9a-f]{40})", "".join(path.read_text(encoding="utf-8") for path in ALL)
    )
    assert len(dict(used)) == len(set(used)) >= 6


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_token_may_nothing_unless_a_job_says_so(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}


WRITERS = {("publish", "deploy"), ("publish", "keep"), ("publish", "issue"), ("comment", "write")}


@pytest.mark.parametrize(("name", "key", "job"), JOBS, ids=[f"{name}-{key}" for name, key, _ in JOBS])
def test_only_few_jobs_write_and_each_one_thing(name: str, key: str, job: dict[str, Any]) -> None:
    writes = {what for what, how in job["permissions"].items() if how == "write"}
    assert bool(writes) is ((name, key) in WRITERS)
    assert len(writes - {"id-token"}) <= 1
    if (name, key) == ("comment", "write") or (name, key) == ("publish", "issue"):
        uses = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
        assert uses == ["actions/download-artifact"], "where a token writes to people, no code is checked out"
    assert "steps" not in job or int(job["timeout-minutes"]) <= 60


def test_pull_requests_get_no_secret() -> None:
    on_pull_request = [name for name, workflow in WORKFLOWS.items() if "pull_request" in workflow["on"]]
    assert sorted(on_pull_request) == ["probe", "tests"]
    for name, workflow in WORKFLOWS.items():
        assert "pull_request_target" not in workflow["on"]
        text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
        assert "secrets" not in re.sub("#.*", "", text)
    for name in on_pull_request:
        for job in WORKFLOWS[name]["jobs"].values():
            assert set(job["permissions"].values()) == {"read"}


def test_a_checkout_leaves_no_token_behind() -> None:
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


def test_no_script_has_an_expression_in_it() -> None:
    action = runner.load(ROOT / "action.yml")
    scripts = [step["run"] for step in [*STEPS, *action["runs"]["steps"]] if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []


def test_every_kind_of_lane_has_a_job_of_its_own() -> None:
    jobs = WORKFLOWS["probe"]["jobs"]
    has = {kind for kind, value in lanes.jobs(lanes.load()).items() if value["include"]}
    for kind in has:
        assert jobs[kind]["strategy"]["matrix"] == f"${{{{ fromJSON(needs.plan.outputs.lanes).{kind} }}}}"
        assert jobs[kind]["strategy"]["fail-fast"] == "false"
        assert jobs[kind]["env"]["CANIFORK_LANE"] == "${{ matrix.lane }}"
    assert has <= set(jobs["preview"]["needs"])


def test_the_action_is_given_only_what_it_takes() -> None:
    inputs = set(runner.load(ROOT / "action.yml")["inputs"])
    given = [set(step["with"]) for step in STEPS if step.get("uses") == "./"]
    assert given
    assert all(names <= inputs for names in given)


def test_own_tests_run_on_three_systems_with_the_oldest_and_the_newest_python() -> None:
    job = WORKFLOWS["tests"]["jobs"]["tests"]
    matrix = job["strategy"]["matrix"]
    assert [label.partition("-")[0] for label in matrix["runner"]] == ["ubuntu", "macos", "windows"]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={matrix["host"][0]}"' in project
    newest = max((lane.series.version for lane in lanes.load()), key=lambda version: int(version.partition(".")[2]))
    assert matrix["host"][-1] == newest
    (asked,) = (
        step["with"]["python-version"].split() for step in job["steps"] if "python-version" in step.get("with", {})
    )
    assert {"3.8", newest} <= set(asked)
    assert "nox -s tests" in [step.get("run") for step in job["steps"]]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("${{ a.b }}", 1),
        ("x-${{ a.b }}", "x-1"),
        ("${{ a.none || 'few' }}", "few"),
        ("${{ a.b == '1' && 'yes' || 'no' }}", "yes"),
        ("${{ !a.b && 'yes' || 'no' }}", "no"),
        ("${{ fromJSON(a.json).list }}", [1, 2]),
        ("${{ format('{0}/{1}', a.b, 'c') }}", "1/c"),
        ("plain", "plain"),
    ],
)
def test_expressions(source: str, value: object) -> None:
    states = {"success": True, "failure": False, "cancelled": False}
    assert evaluate(source, {"a": {"b": 1, "json": json.dumps({"list": [1, 2]})}}, states) == value


@pytest.mark.parametrize(
    ("source", "failed", "runs"),
    [
        (None, False, True),
        (None, True, False),
        ("always()", True, True),
        ("always() && a != ''", True, True),
        ("a == 'x'", False, True),
        ("a == 'x'", True, False),
        ("${{ !cancelled() }}", True, True),
        ("a == 'y'", False, False),
    ],
)
def test_conditions(source: str | None, failed: bool, runs: bool) -> None:
    states = {"success": not failed, "failure": failed, "cancelled": False}
    assert condition(source, {"a": "x"}, states) is runs


def test_what_is_not_known_is_an_error() -> None:
    for source in ("${{ hashFiles('x') }}", "${{ a ~ b }}", "${{ nobody.knows }}"):
        with pytest.raises((KeyError, AssertionError)):
            evaluate(source, {"a": 1}, {})


def test_code_owners_are_asked_about_files_that_exist() -> None:
    text = (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8")
    patterns = [line.split()[0] for line in text.splitlines() if line and not line.startswith("#")]
    assert len(patterns) > 3
    assert [name for name in patterns if name != "*" and not (ROOT / name.strip("/")).exists()] == []
