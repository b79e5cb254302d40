"""What the documents tell other people to do: their own repository, their own CI."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PYTHONS, ROOT, verdicts
from tests.workflows import runner
from tests.workflows.conftest import SELECT, commit, scratch_service

EXAMPLES = ROOT / "docs" / "examples"

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bash, and the steps of a Linux job")


def test_the_document_shows_the_example_that_is_run() -> None:
    shown = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "ci.md").read_text(encoding="utf-8"), re.DOTALL)
    example = (EXAMPLES / "repository" / ".github" / "workflows" / "fork.yml").read_text(encoding="utf-8")
    assert pinless(example) in map(pinless, shown), "Dependabot renews the pins of the example only"
    assert len(example.splitlines()) == 10


def pinless(text: str) -> str:
    return re.sub(r"@[0-9a-f]{40}|# v[0-9.]+", "", text)


def test_another_repository_asks_its_own_questions(service: runner.Service) -> None:
    """The whole example as a repository of its own; canifork is where GitHub would put it."""
    canifork, service.action = service.origin, service.origin
    service.origin = service.root / "another"
    shutil.copytree(EXAMPLES / "repository", service.origin)
    shutil.copy(canifork / "probes" / "_probe.py", service.origin / "probes")
    commit(service.origin)
    workflow = runner.load(service.origin / ".github" / "workflows" / "fork.yml")
    job = runner.run(service, workflow, "fork", matrix={"python": "3.13"})
    assert not job.failed, "\n".join(service.log[-3:])
    answers = {method: line["outcome"] for (_, method), line in verdicts(service.artifacts / "fork").items()}
    assert answers == {"fork": "yes", "spawn": "no", "forkserver": "no"}
    summary = (job.workspace.parent / "temp" / "summary.md").read_text(encoding="utf-8")
    assert "settings&#46;changed&#95;global" in summary


def test_a_library_tries_its_own_tests(tmp_path: Path) -> None:
    """The job on Linux: red, since a test differs, with a summary and findings for code scanning."""
    service = scratch_service(tmp_path)  # the whole suite: what differs is explained by its questions
    service.action = service.origin
    service.origin = service.root / "library"
    shutil.copytree(EXAMPLES / "try", service.origin)
    commit(service.origin)
    workflow = runner.load(service.origin / ".github" / "workflows" / "start-methods.yml")
    steps = workflow["jobs"]["try"]["steps"]
    workflow["jobs"]["try"]["steps"] = [step for step in steps if "pip install" not in step.get("run", "")]
    step = next(step for step in steps if step.get("uses", "").startswith("OWNER/"))
    step["with"] |= {"python": sys.executable, "try": f"{sys.executable} -m pytest tests"}
    job = runner.run(service, workflow, "try", matrix={"os": "ubuntu-24.04"})
    assert job.failed
    assert "semantics.parent_global_seen" in service.log[-1]
    summary = (job.workspace.parent / "temp" / "summary.md").read_text(encoding="utf-8")
    assert "test\\_a\\_child\\_sees\\_the\\_settings | fails | fails |" in summary


def test_the_gitlab_jobs(service: runner.Service) -> None:
    """Their script lines in order; artifacts are the folder `results` of the next job."""
    jobs = runner.load(service.origin / "docs" / "examples" / "gitlab-ci.yml")
    place = service.measuring().parent
    (place / "uv").write_text("#!/bin/sh\n", encoding="utf-8")  # the interpreters are there
    (place / "uv").chmod(0o755)
    python = next(name for name in jobs["probe"]["parallel"]["matrix"][0]["PYTHON"] if name in PYTHONS)
    work = service.root / "gitlab"
    work.mkdir()
    env = {
        **service.machine(),
        "PATH": f"{place}:{service.machine()['PATH']}",
        "PYTHON": python,
        "CANIFORK": service.origin.as_uri(),
        "SELECT": SELECT,
    }
    for name in ("probe", "pages"):
        lines = [*jobs[jobs[name]["extends"]]["before_script"], *jobs[name]["script"]]
        lines = [line.replace("requirements.txt uv", "requirements.txt") for line in lines]
        shutil.rmtree(work / "canifork", ignore_errors=True)
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", "\n".join(lines)], cwd=work, env=env, encoding="utf-8",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:]
    assert list((work / "results").glob("*.jsonl"))
    matrix = json.loads((work / "public" / "api" / "v1" / "matrix.json").read_text(encoding="utf-8"))
    assert {Path(file).stem for file in (work / "results").iterdir()} == {target["id"] for target in matrix["targets"]}
