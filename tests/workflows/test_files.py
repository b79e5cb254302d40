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
    assert lines or path.name == "release.yml"
    for line in lines:
        if "./" not in line and "OWNER/" not in line:
            assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40}\b.* # v\d+\.\d+\.\d+$", line), line


def test_one_release_of_an_action_in_what_this_repository_runs() -> None:
    """Not in the documents: Dependabot proposes changes of the example in a request of its own."""
    sources = "".join(path.read_text(encoding="utf-8") for path in [*FILES, ROOT / "action.yml"])
    used = re.findall(r"uses: ([\w-]+/[\w-]+)@([0-9a-f]{40})", sources)
    assert len(dict(used)) == len(set(used)) >= 6
    dependabot = (ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8")
    assert "directories: [/, /docs/examples/repository/.github/workflows]" in dependabot


NODE20 = {
    "deploy-pages": 5,
    "upload-pages-artifact": 5,
    "upload-artifact": 6,
    "download-artifact": 7,
    "setup-python": 6,
}
"""The first major release of each action that does not run on node20, which GitHub switches off."""


def test_no_action_runs_on_node20() -> None:
    for path in ALL:
        for name, major in re.findall(
            r"uses: actions/([\w-]+)@[0-9a-f]{40}\b.* # v(\d+)", path.read_text(encoding="utf-8")
        ):
            assert int(major) >= NODE20.get(name, 5), f"{path.name}: {name}"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_token_may_nothing_unless_a_job_says_so(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}


WRITERS = {
    *(("publish", name) for name in ("preflight", "deploy", "keep", "issue", "alive")),
    ("comment", "write"),
    ("release", "release"),
    ("packages", "push"),
    ("packages", "propose"),
}


@pytest.mark.parametrize(("name", "key", "job"), JOBS, ids=[f"{name}-{key}" for name, key, _ in JOBS])
def test_only_few_jobs_write_and_each_one_thing(name: str, key: str, job: dict[str, Any]) -> None:
    writes = {what for what, how in job["permissions"].items() if how == "write"}
    assert bool(writes) is ((name, key) in WRITERS)
    assert len(writes - {"id-token"}) <= 1
    if (name, key) == ("comment", "write") or (name, key) == ("publish", "issue"):
        uses = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
        assert uses == ["actions/download-artifact"], "where a token writes to people, no code is checked out"
    if "steps" in job and not job["timeout-minutes"].startswith("${{"):
        assert int(job["timeout-minutes"]) <= (120 if (name, key) == ("tests", "tests") else 60)


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


def test_a_job_that_is_run_again_replaces_what_it_left() -> None:
    action = runner.load(ROOT / "action.yml")
    uploads = [step for step in [*STEPS, *action["runs"]["steps"]] if "upload-artifact" in step.get("uses", "")]
    again = [step["with"]["name"] for step in uploads if step["with"].get("overwrite") == "true"]
    assert {"results", "issue", "comment", "preview", "${{ inputs.artifact }}"} <= set(again)
    assert {step["with"]["name"].partition("-")[0] for step in uploads} - {
        name.partition("-")[0] for name in again
    } == {"packages"}, "whose names tell the system and the Python"
    kept = [step["with"] for step in uploads if step["with"]["name"] != "issue"]
    assert all(int(step["retention-days"]) <= 90 for step in kept)


def test_a_smoke_run_asks_one_question_on_all_lanes() -> None:
    probe = WORKFLOWS["probe"]
    assert probe["on"]["workflow_dispatch"]["inputs"]["smoke"]["default"] == "false"
    (plan,) = (step for step in probe["jobs"]["plan"]["steps"] if step.get("id") == "plan")
    states = {"success": True, "failure": False, "cancelled": False}
    for inputs, asked in (
        ({"smoke": True, "select": "x"}, "availability.starts"),
        ({"smoke": False, "select": "x"}, "x"),
    ):
        assert evaluate(plan["env"]["SELECT"], {"inputs": inputs}, states) == asked
    assert all(job["with"]["select"] == "${{ needs.plan.outputs.select }}" for job in smoked(probe))


def smoked(probe: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps that measure."""
    return [step for kind in lanes.KINDS for step in probe["jobs"][kind]["steps"] if step.get("uses") == "./"]


def test_every_kind_of_lane_has_a_job_of_its_own() -> None:
    jobs = WORKFLOWS["probe"]["jobs"]
    has = set(lanes.jobs(lanes.load())["kinds"])
    assert has == set(lanes.KINDS)
    for kind in has:
        assert jobs[kind]["if"] == f"contains(fromJSON(needs.plan.outputs.lanes).kinds, '{kind}')"
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


def test_nothing_runs_by_itself_in_a_fork() -> None:
    fork = {"event": {"repository": {"fork": True}}}
    for name, workflow in WORKFLOWS.items():
        if not {"push", "schedule"} & set(workflow["on"]):
            continue
        for event in ("push", "schedule"):
            first = [key for key, job in workflow["jobs"].items() if "needs" not in job]
            started = [key for key in first if runner.runs(workflow, key, event=fork | {"event_name": event})]
            assert started == [] or event not in workflow["on"], (name, started)
    own = {"event": {"repository": {"fork": False}}, "event_name": "push"}
    assert runner.runs(WORKFLOWS["publish"], "preflight", event=own)
    by_hand = fork | {"event_name": "workflow_dispatch"}
    assert runner.runs(WORKFLOWS["publish"], "preflight", event=by_hand)


@pytest.mark.parametrize(
    ("pages", "probe", "started"),
    [
        ("true", "success", {"site", "deploy", "keep", "issue"}),
        ("true", "failure", {"site", "deploy", "keep", "issue"}),  # a lost lane is no reason to stop
        ("false", "success", {"site", "keep", "issue"}),
        ("true", "skipped", {"site", "deploy"}),
    ],
)
def test_what_publish_does_by_what_it_found(pages: str, probe: str, started: set[str]) -> None:
    publish = WORKFLOWS["publish"]
    outputs = {"probe": str(probe != "skipped").lower()}
    needs = {"preflight": {"result": "success", "outputs": outputs}, "probe": {"result": probe}}
    assert runner.runs(publish, "probe", needs={"preflight": needs["preflight"]}) is (probe != "skipped")
    assert runner.runs(publish, "site", needs=needs)
    needs["site"] = {"result": "success", "outputs": {"pages": pages}}
    assert {"site"} | {
        name for name in ("deploy", "keep", "issue") if runner.runs(publish, name, needs=needs)
    } == started
    refused = {"preflight": {"result": "skipped"}, "probe": {"result": "skipped"}}
    assert not runner.runs(publish, "site", needs=refused), "in a fork"


def test_pages_are_deployed_again_when_a_lane_is_run_again() -> None:
    """Artifacts of earlier attempts stay, and deploy-pages refuses a run that has two of the same name."""
    jobs = WORKFLOWS["publish"]["jobs"]
    (upload,) = (step for step in jobs["site"]["steps"] if "upload-pages-artifact" in step.get("uses", ""))
    names = [
        evaluate(text, {"github": {"run_attempt": attempt}}, {})
        for attempt in ("1", "2")
        for text in (upload["with"]["name"], jobs["site"]["outputs"]["artifact"])
    ]
    assert names == ["site-1", "site-1", "site-2", "site-2"]
    deploys = [step for step in jobs["deploy"]["steps"] if "deploy-pages" in step["uses"]]
    assert len(deploys) == 2
    assert {step["with"]["artifact_name"] for step in deploys} == {"${{ needs.site.outputs.artifact }}"}
    assert jobs["deploy"]["needs"] == "site", "of the attempt that built it: a deployment may be run again alone"


def test_graalpy_is_found_on_the_path() -> None:
    """setup-python's `python-path` is Scripts/python.exe on Windows; GraalPy has its executables in bin everywhere."""
    (probe,) = (step for step in WORKFLOWS["probe"]["jobs"]["native"]["steps"] if step.get("uses") == "./")
    steps = {"target": {"outputs": {"python-path": "/a/path"}}}
    for lane in lanes.load():
        asked = evaluate(probe["with"]["python"], {"matrix": {"python": lane.python}, "steps": steps}, {})
        assert asked == ("python" if lane.series.implementation == "graalpy" else "/a/path"), lane.id


def test_the_newest_patch_release_is_measured() -> None:
    """What the runner's tool cache has is a release behind, and another one on each image."""
    found = {
        (name, key): step["with"]
        for name, key, job in JOBS
        for step in job.get("steps", [])
        if "setup-python" in step.get("uses", "") and step["with"]["python-version"] != "3.13"  # that only measures
    }
    assert {key for _, key in found} == {"native", "tests", "measure"}
    assert all(given["check-latest"] == "true" for given in found.values()), found
    assert all(found[place]["allow-prereleases"] == "true" for place in (("probe", "native"), ("tests", "tests")))


def test_own_tests_run_the_session() -> None:
    job = WORKFLOWS["tests"]["jobs"]["tests"]
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


def test_the_first_run_is_described_as_it_is() -> None:
    text = (ROOT / "docs" / "first-run.md").read_text(encoding="utf-8")
    assert f"| {len(lanes.load())} lanes |" in text
    titles = re.findall(
        r"::(?:warning|notice) title=([^:]+)::", (ROOT / ".github/workflows/publish.yml").read_text("utf-8")
    )
    assert {"Pages is off", "The archive cannot be pushed"} <= set(titles)
    assert all(title in text for title in ("Pages is off", "The archive cannot be pushed"))
    for path in re.findall(r"\]\(([\w./-]+\.md)", text):
        assert (ROOT / "docs" / path).exists(), path
