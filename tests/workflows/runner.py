"""A small runner of GitHub's workflows: the very `run:` steps, in order; the few actions that are used, as folders.

What it does not know is an error. It proves that the steps work together, not that GitHub reads the files as it does:
for that are the linters and the schemas.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.workflows.expressions import condition, evaluate, text

RUN_SHELLS = {"bash": ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"], "sh": ["sh", "-e"]}


def load(path: Path) -> dict[str, Any]:
    """A YAML file; GitHub's `on` is no boolean."""
    import yaml

    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # texts only
    assert isinstance(data, dict)
    return data


@dataclass
class Service:
    """What GitHub has around the jobs: a repository, artifacts, Pages, interpreters; all folders below one."""

    root: Path
    origin: Path
    pythons: Mapping[str, str]
    event: Mapping[str, Any] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    action: Path | None = None
    """Where `OWNER/canifork` is, for another repository."""
    home: str = field(default_factory=lambda: os.environ["HOME"])
    paths: Mapping[str, str] = field(default_factory=dict)
    """Where this machine has what a container has at other paths."""

    @property
    def artifacts(self) -> Path:
        return self.root / "artifacts"

    @property
    def pages(self) -> Path:
        return self.root / "pages"

    @property
    def tools(self) -> Path:
        """Programs that stand for GitHub's own: gh."""
        return self.root / "tools"

    def machine(self) -> dict[str, str]:
        """The environment variables of a runner: few."""
        path = os.pathsep.join([str(self.tools), "/usr/local/bin", "/usr/bin", "/bin"])
        networks = ("PIP_", "PYENV_", "XDG_", "NODE_", "NPM_", "npm_")  # where packages come from on this machine
        kept = {key: value for key, value in os.environ.items() if key.startswith(networks)}
        return {"PATH": path, "HOME": self.home, "LANG": "C.UTF-8", **kept}

    def say(self, line: str) -> None:
        """Keep what a step printed, for whoever has to find out why one failed."""
        self.log.append(line)
        with (self.root / "log.txt").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    @property
    def cache(self) -> Path:
        """nox's environments, made by the first job that needs them: only to save time."""
        return self.root / "nox"

    def measuring(self) -> Path:
        """The Python that setup-python gives for a version that is not measured: an environment to install into."""
        place = self.root / "toolcache"
        if not place.exists():
            venv.create(place, with_pip=True, symlinks=True)
        return place / "bin" / "python"


@dataclass
class Job:
    """One job while it runs."""

    service: Service
    workspace: Path
    contexts: dict[str, Any]
    env: dict[str, str]
    failed: bool = False
    steps: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    """Of the action whose steps run, if any."""

    def states(self) -> dict[str, bool]:
        return {"success": not self.failed, "failure": self.failed, "cancelled": False}


def run(
    service: Service, workflow: Mapping[str, Any], name: str, *, matrix: Mapping[str, Any] | None = None,
    needs: Mapping[str, Any] | None = None, inputs: Mapping[str, str] | None = None,
) -> Job:  # fmt: skip
    """Run a job in a new workspace; `outputs` are in its contexts. A failed step fails the job, as there."""
    described = workflow["jobs"][name]
    number = len(list(service.root.glob("job-*")))
    workspace = service.root / f"job-{number}" / "work"
    workspace.mkdir(parents=True)
    temporary = workspace.parent / "temp"
    temporary.mkdir()
    github = {
        "event_name": "push", "repository": "origin", "repository_owner": "owner", "server_url": service.root.as_uri(),
        "run_id": f"10{number}", "run_attempt": "1", "token": "no-token", "sha": "c0ffee", "ref_name": "main",
        "event": {}, **service.event,
    }  # fmt: skip
    contexts = {
        "github": github,
        "matrix": matrix or {},
        "needs": needs or {},
        "inputs": inputs or {},
        "runner": {"temp": str(temporary)},
        "vars": {"CANIFORK_SITE": service.pages.as_uri()},
    }
    env = {
        **service.machine(),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(workspace),
        "GITHUB_RUN_ID": github["run_id"],
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_JOB": name,
        "GITHUB_EVENT_NAME": github["event_name"],
        "GITHUB_REPOSITORY": github["repository"],
        "GITHUB_REPOSITORY_OWNER": github["repository_owner"],
        "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": str(temporary),
    }
    job = Job(service=service, workspace=workspace, contexts=contexts, env=env)
    job.env |= _env(job, workflow.get("env")) | _env(job, described.get("env"))
    _steps(job, described["steps"], workflow.get("defaults", {}).get("run", {}).get("shell"))
    contexts["outputs"] = {
        key: evaluate(value, {**contexts, "steps": job.steps}, job.states())
        for key, value in described.get("outputs", {}).items()
    }
    return job


def runs(
    workflow: Mapping[str, Any], name: str, *, needs: Mapping[str, Any] | None = None,
    event: Mapping[str, Any] | None = None, inputs: Mapping[str, Any] | None = None,
) -> bool:  # fmt: skip
    """Whether GitHub would start a job: by its `if`, or because all that it needs succeeded."""
    needs = {key: {"outputs": {}, **value} for key, value in (needs or {}).items()}
    github = {"event_name": "push", "event": {}, **(event or {})}
    states = {
        "success": all(need.get("result") == "success" for need in needs.values()),
        "failure": any(need.get("result") == "failure" for need in needs.values()),
        "cancelled": False,
    }
    return condition(
        workflow["jobs"][name].get("if"), {"github": github, "needs": needs, "inputs": inputs or {}}, states
    )


def _env(job: Job, described: Mapping[str, Any] | None) -> dict[str, str]:
    contexts = {**job.contexts, "steps": job.steps, "env": job.env}
    return {key: text(evaluate(value, contexts, job.states())) for key, value in (described or {}).items()}


def _steps(job: Job, steps: list[Mapping[str, Any]], shell: str | None) -> None:
    for number, step in enumerate(steps):
        contexts = {**job.contexts, "steps": job.steps, "env": job.env}
        if not condition(step.get("if"), contexts, job.states()):
            continue
        key = step.get("id", f"__{number}")
        outputs: dict[str, str] = {}
        outcome = "success"
        try:
            if "run" in step:
                outputs = _run(job, step, step.get("shell", shell))
            else:
                with_ = {
                    name: text(evaluate(value, contexts, job.states())) for name, value in step.get("with", {}).items()
                }
                outputs = _use(job, step["uses"], with_, _env(job, step.get("env")))
        except (subprocess.CalledProcessError, AssertionError, FileNotFoundError) as error:
            job.service.say(f"FAILED {step.get('name', step.get('uses', key))}: {error}")
            outcome = "failure"
            if step.get("continue-on-error") != "true":
                job.failed = True
        job.steps[key] = {"outputs": outputs, "outcome": outcome}


def _run(job: Job, step: Mapping[str, Any], shell: str | None) -> dict[str, str]:
    assert shell in RUN_SHELLS, f"a step without a known shell: {step}"
    source = step["run"]
    assert "${{" not in source, "an expression in a script can be written by strangers"
    temporary = Path(job.env["RUNNER_TEMP"])
    script, outputs = temporary / "step.sh", temporary / "output"
    script.write_text(source, encoding="utf-8")
    outputs.write_text("", encoding="utf-8")
    env = job.env | _env(job, step.get("env")) | {"GITHUB_OUTPUT": str(outputs)}
    if job.folder:
        env["GITHUB_ACTION_PATH"] = str(job.folder)
    began = os.times()
    done = subprocess.run(
        [*RUN_SHELLS[shell], str(script)], cwd=job.workspace, env=env, encoding="utf-8", errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    ended = os.times()
    used = ended.children_user + ended.children_system - began.children_user - began.children_system
    job.service.say(f"$ {source.rstrip()}\n({ended.elapsed - began.elapsed:.1f} s, {used:.1f} s CPU)\n{done.stdout}")
    done.check_returncode()
    return dict(line.split("=", 1) for line in outputs.read_text(encoding="utf-8").splitlines())


def _use(job: Job, uses: str, given: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
    name = uses.partition("@")[0]
    if name in ("./", "OWNER/canifork"):
        return _composite(job, job.workspace if name == "./" else job.service.action, given, env)
    do = {
        "actions/checkout": _checkout,
        "actions/setup-python": _setup_python,
        "actions/upload-artifact": _upload,
        "actions/download-artifact": _download,
        "actions/upload-pages-artifact": _upload_pages,
        "actions/deploy-pages": _deploy,
        "github/codeql-action/upload-sarif": _code_scanning,
    }[name]
    return do(job, dict(given))


def _composite(job: Job, folder: Path | None, given: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
    """The steps of an action in the same job, with names of their own."""
    assert folder, "where is the action?"
    action = load(folder / "action.yml")
    unknown = set(given) - set(action["inputs"])
    assert not unknown, f"the action has no {unknown}"
    inputs = {key: given.get(key, described.get("default", "")) for key, described in action["inputs"].items()}
    inputs = {key: job.service.paths.get(text, text) for key, text in inputs.items()}
    inner = Job(
        service=job.service,
        workspace=job.workspace,
        contexts={**job.contexts, "inputs": inputs},
        env={**job.env, **env},
        failed=job.failed,
        folder=folder,
    )
    _steps(inner, action["runs"]["steps"], None)
    assert not inner.failed, "a step of the action failed"
    return {}


def _checkout(job: Job, given: dict[str, str]) -> dict[str, str]:
    assert given == {"persist-credentials": "false"}
    subprocess.run(["git", "clone", "--quiet", job.service.origin.as_uri(), str(job.workspace)], check=True)
    job.service.cache.mkdir(exist_ok=True)
    (job.workspace / ".nox").symlink_to(job.service.cache, target_is_directory=True)
    return {}


def _setup_python(job: Job, given: dict[str, str]) -> dict[str, str]:
    unknown = given.keys() - {
        "python-version",
        "architecture",
        "update-environment",
        "allow-prereleases",
        "check-latest",
    }
    assert not unknown, f"setup-python has no {unknown}"
    update, version = given.get("update-environment", "true") == "true", given["python-version"]
    measured = job.contexts["matrix"].get("python") == version and not job.folder
    path = Path(job.service.pythons[version]) if measured else job.service.measuring()
    if update:
        job.env["PATH"] = os.pathsep.join([str(path.parent), job.env["PATH"]])
    return {"python-path": str(path)}


def _code_scanning(job: Job, given: dict[str, str]) -> dict[str, str]:
    data = json.loads(Path(given["sarif_file"]).read_text(encoding="utf-8"))
    job.service.say("\n".join(one["ruleId"] for one in data["runs"][0]["results"]))
    return {}


def _upload(job: Job, given: dict[str, str]) -> dict[str, str]:
    found = sorted(job.workspace.glob(given["path"].rstrip("/")))
    if not found:
        assert given.get("if-no-files-found") in ("ignore", "warn"), f"nothing to keep at {given['path']}"
        return {}
    place = job.service.artifacts / given["name"]
    if given.get("overwrite") == "true":
        shutil.rmtree(place, ignore_errors=True)
    assert not place.exists(), f"an artifact {given['name']} is there: names are given once"
    place.mkdir(parents=True)
    for path in found:
        if path.is_dir():
            shutil.copytree(path, place, dirs_exist_ok=True)
        else:
            shutil.copy(path, place)
    if not any(place.iterdir()):
        place.rmdir()
        assert given.get("if-no-files-found") in ("ignore", "warn"), f"nothing to keep at {given['path']}"
    return {}


def _download(job: Job, given: dict[str, str]) -> dict[str, str]:
    place = job.workspace / given["path"]
    if "pattern" in given:
        for folder in job.service.artifacts.glob(given["pattern"]):
            shutil.copytree(folder, place / folder.name, symlinks=True)
        return {}
    shutil.copytree(job.service.artifacts / given["name"], place, dirs_exist_ok=True)
    return {}


def _upload_pages(job: Job, given: dict[str, str]) -> dict[str, str]:
    """One tar, as the action packs it: links are followed, and what GitHub keeps for itself is left out."""
    place = job.service.artifacts / given["name"]
    place.mkdir()
    words = ["--dereference", "--hard-dereference", "--exclude=.git", "--exclude=.github", "--exclude=.[^/]*", "."]
    folder = job.workspace / given["path"]
    subprocess.run(["tar", "--create", "--file", str(place / "artifact.tar"), "-C", str(folder), *words], check=True)
    return {}


def _deploy(job: Job, given: dict[str, str]) -> dict[str, str]:
    shutil.rmtree(job.service.pages, ignore_errors=True)
    job.service.pages.mkdir()
    packed = job.service.artifacts / given["artifact_name"]
    subprocess.run(
        ["tar", "--extract", "--file", str(packed / "artifact.tar"), "-C", str(job.service.pages)], check=True
    )
    shutil.rmtree(packed)
    return {"page_url": job.service.pages.as_uri()}
