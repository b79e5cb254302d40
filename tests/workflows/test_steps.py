"""The steps of the workflows, run in order on this machine: from the checkout to the site, the branch and the issue."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from matrix.ci import archive
from matrix.files import serialize
from matrix.model import Outcome
from tests.conftest import PYTHONS, skip
from tests.workflows import runner
from tests.workflows.conftest import SELECT, git, passed, state, workflow

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the steps of the Linux jobs")


def planned(service: runner.Service) -> runner.Job:
    return passed(service, runner.run(service, workflow(service, "probe"), "plan"))


def every(lanes: dict[str, Any]) -> list[dict[str, Any]]:
    """The lanes of all kinds."""
    return [row for kind in lanes["kinds"] for row in lanes[kind]["include"]]


def here(lanes: dict[str, Any]) -> list[dict[str, str]]:
    """The oldest and the newest lane of the matrix that this machine can run."""
    can = [
        row for row in lanes["native"]["include"] if row["lane"].endswith("linux-x86_64") and row["python"] in PYTHONS
    ]
    plain = [row for row in can if row["python"][0] == "3" and row["python"][-1] != "t"]
    return plain[:1] + plain[1:][-1:]


def probed(service: runner.Service, plan: runner.Job, row: dict[str, str]) -> Path:
    """Run a lane's job; returns its run file."""
    probe = workflow(service, "probe")
    needs = {"plan": {"outputs": plan.contexts["outputs"] | {"select": SELECT}}}
    passed(service, runner.run(service, probe, "native", matrix=row, needs=needs))
    (file,) = (service.artifacts / f"run-{row['lane']}").iterdir()
    return file


def published(service: runner.Service) -> dict[str, Any]:
    """Run the jobs of publish.yml after the probing, in their order; returns the matrix that is on Pages then."""
    publish = workflow(service, "publish")
    outputs = preflight(service)
    assert outputs == {"probe": "true"}
    needs: dict[str, Any] = {"probe": {"result": "success"}}
    site = passed(service, runner.run(service, publish, "site", needs=needs))
    assert site.contexts["outputs"]["pages"] == "true"
    needs["site"] = {"result": "success", "outputs": site.contexts["outputs"]}
    for name in ("deploy", "keep", "issue"):
        passed(service, runner.run(service, publish, name, needs=needs))
    for name in ("results", "issue"):
        (service.artifacts / name).rename(service.root / f"old-{name}-{len(list(service.root.glob('old-*')))}")
    return json.loads((service.pages / "api" / "v1" / "matrix.json").read_text(encoding="utf-8"))


def preflight(service: runner.Service) -> dict[str, str]:
    """What the first job of publish.yml found out."""
    job = passed(service, runner.run(service, workflow(service, "publish"), "preflight"))
    return dict(job.contexts["outputs"])


def tell(service: runner.Service, **changes: Any) -> None:
    """What gh answers from now on."""
    (service.tools / "state.json").write_text(json.dumps(state(service) | changes), encoding="utf-8")


def test_the_first_minute_says_what_to_click_and_what_need_not_be_measured(service: runner.Service) -> None:
    assert preflight(service) == {"probe": "true"}
    printed = [line.rpartition("s CPU)\n")[2] for line in service.log]
    assert "::warning title=Pages is off::" in printed[-3]
    assert "::warning title=The archive" not in printed[-2]
    service.event = {"event": {"before": "0000000"}}
    tell(service, pages="workflow", files=["docs/ci.md", "report/cli.py"])
    assert preflight(service) == {"probe": "true"}, "nothing is kept yet, so all has to be measured"
    git(service.origin, "branch", "data")
    assert preflight(service) == {"probe": "false"}
    for file in ("probes/options.py", ".github/targets.toml", "noxfile.py", ".github/workflows/probe.yml"):
        tell(service, files=["docs/ci.md", file])
        assert preflight(service)["probe"] == "true", file
    tell(service, files=[f"data/{number}.jsonl.gz" for number in range(300)])
    assert preflight(service)["probe"] == "true", "GitHub lists no more, and what else was changed is not known"
    tell(service, files=None)
    assert preflight(service)["probe"] == "true", "a new branch has nothing to be compared with"
    service.event = {"event_name": "schedule"}
    tell(service, files=["docs/ci.md"])
    assert preflight(service)["probe"] == "true"


@pytest.mark.parametrize("kind", ["alpine", "alpine-aarch64", "pyodide"])
def test_other_kinds_of_lanes_by_their_own_steps(service: runner.Service, kind: str) -> None:
    """What Alpine's container has, this machine has elsewhere; node runs Pyodide as it does there."""
    if kind == "pyodide" and not (shutil.which("node") and shutil.which("npm")):
        skip("node", "node and npm are not on the PATH")
    if kind != "pyodide":  # whose steps change git's settings
        service.home = str(service.root / "home")
        Path(service.home).mkdir()
    (service.tools / "apk").write_text("#!/bin/sh\n", encoding="utf-8")
    (service.tools / "apk").chmod(0o755)
    plan = planned(service)
    rows = json.loads(plan.contexts["outputs"]["lanes"])[kind]["include"]
    row = next(row for row in rows if kind == "pyodide" or row["lane"].partition("-")[0] in PYTHONS)
    measured = PYTHONS.get(row["lane"].partition("-")[0], "")
    service.paths = {"/usr/local/bin/python3": measured, "/usr/bin/python3": sys.executable}
    needs = {"plan": {"outputs": plan.contexts["outputs"] | {"select": SELECT}}}
    passed(service, runner.run(service, workflow(service, "probe"), kind, matrix=row, needs=needs))
    (file,) = (service.artifacts / f"run-{row['lane']}").iterdir()
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert lines[0]["ci"]["lane"] == row["lane"]
    assert [line["outcome"] for line in lines if line["kind"] == "verdict"].count("error") == 0
    assert ("emscripten" in file.name) is (kind == "pyodide")


def test_from_the_checkout_to_the_site(service: runner.Service) -> None:
    plan = planned(service)
    lanes = json.loads(plan.contexts["outputs"]["lanes"])
    rows = here(lanes)
    assert len(rows) == 2, "two interpreters of different series are needed"
    files = [probed(service, plan, row) for row in rows]
    summary = "".join(path.read_text(encoding="utf-8") for path in service.root.glob("job-*/temp/summary.md"))
    assert "All answers of" in summary
    tell(service, pages="workflow")

    matrix = published(service)
    assert (service.pages / "index.html").exists()
    measured = {target["id"] for target in matrix["targets"] if any(run["ci"] for run in target["runs"])}
    answered = {
        target["id"]
        for row in matrix["rows"]
        for target, (answer, *_) in zip(matrix["targets"], row["cells"], strict=True)
        if row["answers"][answer]["outcome"] != "untested"
    }
    assert measured <= answered
    assert measured == {file.stem for file in files}
    lost = {target["id"] for target in matrix["targets"] if not target["runs"]}
    assert len(lost) == len(every(lanes)) - len(rows)
    assert "cpython-3.14+freethreaded-windows-aarch64-none" in lost
    names = git(service.origin, "ls-tree", "-r", "--name-only", "data").split()
    assert {name.split("/")[2] for name in names} == measured
    (issue,) = state(service)["issues"]
    alarming = len(every(lanes)) - len(rows) - sum(row["may_fail"] for row in every(lanes))
    assert f"### {alarming} lanes need attention" in issue["body"], "all that were lost, but those that may fail"
    # The site shows what data/ holds beside what this night measured; only the latter comes from a lane.
    of_lanes = {run["ci"]["lane"] for target in matrix["targets"] for run in target["runs"] if run["ci"]}
    assert of_lanes == {row["lane"] for row in rows}

    regress_twice(service, files[0])


def regress_twice(service: runner.Service, file: Path) -> None:
    """Two nights with answers that are worse than the published ones; the first is kept already, the second is told."""
    good = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    bad = [line | ({"outcome": "hang"} if line.get("outcome") == "yes" else {}) for line in good]
    assert bad != good
    clone = service.root / "clone"
    git(service.root, "clone", "--quiet", "--branch", "data", service.origin.as_uri(), "clone")
    archive.store([written(service.root / file.name, bad, night=1)], clone)
    git(clone, "add", "--all")
    git(clone, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "night 1")
    git(clone, "push", "--quiet", "origin", "HEAD:data")
    assert kept(service) == 3

    written(file, bad, night=2)
    published(service)
    assert kept(service) == 4, "what the other lane sent again is not kept again"
    (issue,) = state(service)["issues"]  # the same: there is one
    assert "were worse than before in at least two runs in a row" in issue["body"]

    # Still open the next night: updated, though nothing regresses any more.
    (service.artifacts / "issue").mkdir()
    (service.artifacts / "issue" / "issue.md").write_text("settled", encoding="utf-8")
    needs = {"site": {"result": "success", "outputs": {"alarms": "0"}}}
    passed(service, runner.run(service, workflow(service, "publish"), "issue", needs=needs))
    assert [issue["body"] for issue in state(service)["issues"]] == ["settled"]


def written(file: Path, lines: list[dict[str, Any]], night: int) -> Path:
    """The run as of a later night."""
    header = lines[0] | {"run": f"{night:016x}", "started": f"2096-11-0{night}T00:00:00Z"}
    file.write_text("".join(json.dumps(line) + "\n" for line in [header, *lines[1:]]), encoding="utf-8")
    return file


def kept(service: runner.Service) -> int:
    """How many runs are on the data branch."""
    return len(git(service.origin, "ls-tree", "-r", "--name-only", "data").split())


def test_a_pull_request_gets_a_preview_and_one_comment(service: runner.Service) -> None:
    service.event = {"event_name": "pull_request"}
    plan = planned(service)
    lanes = json.loads(plan.contexts["outputs"]["lanes"])
    assert len(every(lanes)) <= 12
    row = here(lanes)[0]
    file = probed(service, plan, row)
    probe = workflow(service, "probe")
    passed(service, runner.run(service, probe, "preview", needs={"plan": {"outputs": plan.contexts["outputs"]}}))
    preview = service.artifacts / "preview"
    assert (preview / "index.html").exists()

    # What is published differs by one cell from what the pull request measured.
    matrix = serialize.load_matrix(preview / "api" / "v1" / "matrix.json")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    answered = {(line["probe"], line["method"]) for line in lines if line.get("outcome") == "yes"}
    at = next(
        number
        for number, cell in enumerate(matrix.cells)
        if cell.target == file.stem and (cell.probe, cell.method) in answered
    )
    cell = structs.replace(matrix.cells[at], outcome=Outcome.NO)
    changed = replace(matrix, cells=(*matrix.cells[:at], cell, *matrix.cells[at + 1 :]))
    serialize.save_matrix(changed, service.pages / "api" / "v1" / "matrix.json")

    # A stranger adds what was never made by a job, and markup to what was.
    (service.artifacts / "run-evil").mkdir()
    (service.artifacts / "run-evil" / "x.jsonl").symlink_to("/etc/passwd")
    verdict = next(line for line in lines if line.get("probe") == cell.probe and line["method"] == cell.method)
    verdict |= {"outcome": "value", "value": "</code> @all [x](https://example.org) | \n## yes"}
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    commented(service, head="c0ffee")
    (comment,) = state(service)["comments"]
    assert comment["body"].startswith("### Cells that this change alters\n\n1 changed")
    assert "@" not in comment["body"]
    assert "](" not in comment["body"]
    assert comment["body"].count("</code>") == comment["body"].count("<code>")

    commented(service, head="c0ffee")
    assert len(state(service)["comments"]) == 1, "one comment, updated"
    commented(service, head="other")
    assert len(state(service)["comments"]) == 1, "no pull request has that head"


def commented(service: runner.Service, head: str, changed: str | None = "1") -> None:
    """Run comment.yml for a pull request of a fork, whose head on GitHub is c0ffee."""
    told = state(service) | {"labels": [], "pulls": [{"number": 7, "label": "fork:topic", "head": {"sha": "c0ffee"}}]}
    (service.tools / "state.json").write_text(json.dumps(told), encoding="utf-8")
    run = {"event": "pull_request", "id": 1, "head_sha": head, "head_branch": "topic"}
    run["head_repository"] = {"owner": {"login": "fork"}}
    service.event = {"event_name": "workflow_run", "event": {"workflow_run": run}}
    comment = workflow(service, "comment")
    read = passed(service, runner.run(service, comment, "read"))
    assert changed in (None, read.contexts["outputs"]["changed"])
    passed(service, runner.run(service, comment, "write", needs={"read": {"outputs": read.contexts["outputs"]}}))
    (service.artifacts / "comment").rename(service.root / f"old-comment-{len(list(service.root.glob('old-*')))}")
