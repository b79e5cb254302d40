"""Probe and publish as a whole, two nights long, with a run file for every lane of targets.toml: `nox -s rehearsal`.

Lanes that this machine can run do so, by the steps of their jobs, with few questions. All others are replayed: a
published run of the nearest target (those of Windows under Wine), with the facts of the lane. So what is proved is the
machinery, for all platforms; not what they answer.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from matrix.ci import archive, branch, lanes
from matrix.targets import identify, naming
from tests.conftest import ROOT
from tests.workflows import runner
from tests.workflows.conftest import git, passed, scratch_service, state, workflow
from tests.workflows.test_steps import commented, every, here, planned, preflight, probed, tell

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the steps of the Linux jobs")

LANES = {lane.id: lane for lane in lanes.load()}
DATA = sorted((ROOT / "data").glob("*.jsonl.gz"))

MACHINES = {"windows": {"x86_64": "AMD64", "aarch64": "ARM64", "i686": "x86"}, "macos": {"aarch64": "arm64"}}
SYSTEMS = {"linux": "Ubuntu 24.04.3 LTS", "macos": "macOS 15.6", "windows": "Windows Server 2025 build 26100",
           "macos26": "macOS 26.1", "windows2022": "Windows Server 2022 build 20348"}  # fmt: skip

LOST, REFUSED, BROKEN, WORSE = "3.12-macos-x86_64", "3.9-windows-x86_64", "3.11-macos-aarch64", "3.13-windows-x86_64"
"""Lanes with something wrong: no run, a run of another target, errors only, answers that are worse on two nights."""


def nearest(lane: lanes.Lane) -> Path:
    """The published run that resembles a lane most."""
    system, machine, libc, *_ = lane.platform.split("-")

    def distance(file: Path) -> tuple[bool, ...]:
        name, _, rest = file.name.removesuffix(".jsonl.gz").partition("-")
        version, _, platform = rest.partition("-")
        release = tuple(map(int, version.partition("+")[0].split(".")[:2]))
        return (
            (name == "cpython") is not (lane.series.implementation == "cpython"),
            platform.partition("-")[0] != (system if system != "macos" else "linux"),
            libc == "musl" and "musl" not in platform,
            abs(release[1] - lane.series.minor) > 0,
            abs(release[1] - lane.series.minor) > 2,
            "+freethreaded" in version is not lane.series.freethreaded,
            machine not in platform,
        )

    return min(DATA, key=distance)


def replay(lane: lanes.Lane, place: Path, night: int, outcome: str | None = None) -> Path:
    """A run file as the lane would have sent it; outcome replaces that of each `yes`."""
    with gzip.open(nearest(lane), "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    header = next(line for line in lines if line["kind"] == "header")
    facts = lane_facts(lane, header["facts"])
    started = datetime.now(UTC) - timedelta(days=3 - night)
    header |= {
        "run": hashlib.sha256(f"{lane.id} {night}".encode()).hexdigest()[:16],
        "target": identify.target_id(facts, "base"),
        "launcher": "base",
        "facts": facts, "started": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ci": {"service": "github-actions", "lane": lane.id, "repository": "owner/canifork", "run_id": f"{night}"},
    }  # fmt: skip
    verdicts = [line for line in lines if line["kind"] == "verdict"]
    if outcome:
        verdicts = [line | ({"outcome": outcome} if line["outcome"] == "yes" else {}) for line in verdicts]
    if outcome == "error":
        verdicts = [line | {"outcome": "error", "value": None, "detail": "OSError: broken"} for line in verdicts]
    folder = place / f"run-{lane.id}"
    folder.mkdir(parents=True)
    file = folder / f"{header['target']}.jsonl"
    end = {"kind": "end", "complete": True, "seconds": 600.0, "verdicts": len(verdicts)}
    file.write_text("".join(json.dumps(line) + "\n" for line in [header, *verdicts, end]), encoding="utf-8")
    return file


def lane_facts(lane: lanes.Lane, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of the target that a lane measures."""
    system, machine, libc, *release = lane.platform.split("-")
    version = f"{lane.series.version}.{7 if lane.series.minor < 15 else 0}"
    markers = facts["markers"] | {
        "python_full_version": version, "python_version": lane.series.version, "implementation_version": version,
        "implementation_name": lane.series.implementation, "sys_platform": naming.sys_platform(system),
    }  # fmt: skip
    if system == "emscripten":
        return facts | {"version": version, "implementation_version": version, "markers": markers}
    return facts | {
        "implementation": lane.series.implementation, "version": version, "implementation_version": version,
        "sys_platform": naming.sys_platform(system), "os": SYSTEMS[(release or [system])[0]],
        "wine": None, "venv": False,
        "machine": MACHINES.get(system, {}).get(machine, machine), "bits": 32 if machine == "i686" else 64,
        "libc": libc, "freethreaded": lane.series.freethreaded, "gil": not lane.series.freethreaded, "markers": markers,
    }  # fmt: skip


def night(service: runner.Service, number: int, measured: list[Path]) -> dict[str, Any]:
    """All lanes send something, and publish.yml runs; returns the published matrix."""
    for path in [*service.artifacts.glob("run-*")]:
        shutil.rmtree(path)
    for file in measured:
        shutil.copytree(file, service.artifacts / file.name)
    there = {file.name.removeprefix("run-") for file in measured}
    for lane in LANES.values():
        if lane.id in there or lane.id == LOST:
            continue
        source = LANES["3.10-windows-x86_64"] if lane.id == REFUSED else lane
        outcome = {BROKEN: "error", WORSE: "hang"}.get(lane.id)
        sent = replay(source, service.root / f"night-{number}-{lane.id}", number, outcome)
        shutil.copytree(sent.parent, service.artifacts / f"run-{lane.id}")
    publish = workflow(service, "publish")
    needs: dict[str, Any] = {
        "preflight": {"result": "success", "outputs": preflight(service)},
        "probe": {"result": "success"},
    }
    for name in ("site", "deploy", "keep", "issue"):
        assert runner.runs(publish, name, needs=needs), name
        began = time.monotonic()
        job = passed(service, runner.run(service, publish, name, needs=needs))
        needs[name] = {"result": "success", "outputs": job.contexts["outputs"]}
        print(f"night {number}: {name} took {time.monotonic() - began:.0f} s")
    for name in ("results", "issue"):
        shutil.rmtree(service.artifacts / name)
    return json.loads((service.pages / "api" / "v1" / "matrix.json").read_text(encoding="utf-8"))


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[runner.Service]:
    """A repository with the whole suite and all published runs."""
    made = scratch_service(tmp_path)
    yield made
    shutil.rmtree(tmp_path, ignore_errors=True)  # hundreds of megabytes


@pytest.mark.timeout(7200)
def test_two_nights_with_every_lane(whole: runner.Service) -> None:
    service = whole
    preflight(service)
    assert "::warning title=Pages is off::" in "".join(service.log)
    tell(service, pages="workflow")
    plan = planned(service)
    rows = every(json.loads(plan.contexts["outputs"]["lanes"]))
    assert {row["lane"] for row in rows} == set(LANES)
    measured = [probed(service, plan, row).parent for row in here(json.loads(plan.contexts["outputs"]["lanes"]))]
    kept = [shutil.copytree(folder, service.root / "measured" / folder.name) for folder in measured]

    good_night(service)
    matrix = night(service, 1, kept)
    targets = {target["id"]: target for target in matrix["targets"]}
    for lane in LANES.values():
        if lane.id in (LOST, REFUSED):
            assert not any(lane.admits(name) for name in targets if targets[name]["runs"]), lane.id
        else:
            assert any(lane.admits(name) for name in targets), lane.id
    (issue,) = state(service)["issues"]
    for name in (LOST, REFUSED, BROKEN):
        assert name.replace(".", "&#46;").replace("-", "&#45;").replace("_", "&#95;") in issue["body"], name
    assert "### 3 lanes need attention" in issue["body"]
    sizes(service)

    assert "in at least two runs in a row" not in issue["body"], "once is not enough"

    # One archived run is damaged; one lane is worse for the second time.
    damage(service)
    matrix = night(service, 2, kept)
    assert "::warning title=an archived run was skipped::" in "".join(service.log[-12:])
    assert "in at least two runs in a row" in state(service)["issues"][0]["body"]
    assert len(state(service)["issues"]) == 1
    names = git(service.origin, "ls-tree", "-r", "--name-only", "data").split()
    assert len(names) >= 2 * (len(LANES) - 4)
    assert git(service.origin, "rev-list", "--count", "refs/heads/data", "--").strip() == "1"
    sizes(service)

    # A push that touches documents only: the site is built from what is kept.
    service.event = {"event": {"before": "0000000"}}
    tell(service, files=["docs/ci.md"])
    needs: dict[str, Any] = {
        "preflight": {"result": "success", "outputs": preflight(service)},
        "probe": {"result": "skipped"},
    }
    assert needs["preflight"]["outputs"]["probe"] == "false"
    job = passed(service, runner.run(service, workflow(service, "publish"), "site", needs=needs))
    rebuilt = json.loads((job.workspace / "site" / "api" / "v1" / "matrix.json").read_text(encoding="utf-8"))
    assert {target["id"] for target in rebuilt["targets"] if target["runs"]} == {
        target["id"] for target in matrix["targets"] if target["runs"]
    }

    # A pull request from a fork measures few lanes, and gets one comment.
    for path in [*service.artifacts.glob("run-*")]:
        shutil.rmtree(path)
    for lane in LANES.values():
        if lane.few:
            sent = replay(lane, service.root / f"fork-{lane.id}", 3, "no" if lane.id == "3.15-windows-x86_64" else None)
            shutil.copytree(sent.parent, service.artifacts / f"run-{lane.id}")
    commented(service, head="c0ffee", changed=None)
    (comment,) = state(service)["comments"]
    assert comment["body"].startswith("### Cells that this change alters")


def good_night(service: runner.Service) -> None:
    """What is archived already: a run of the lane that is to become worse."""
    clone = service.root / "before"
    branch.clone(service.origin.as_uri(), clone)
    archive.store([replay(LANES[WORSE], service.root / "night-0", 0)], clone)
    branch.push(clone, service.origin.as_uri(), "night 0")


def damage(service: runner.Service) -> None:
    """Cut off one file of the archive, of a lane that sends something every night."""
    clone = service.root / "damaged"
    git(service.root, "clone", "--quiet", "--branch", "data", service.origin.as_uri(), str(clone))
    file = next(file for file in sorted(clone.glob("runs/*/cpython-3.14.7-windows-aarch64-none/*.gz")))
    file.write_bytes(file.read_bytes()[:200])
    git(
        clone,
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.org",
        "commit",
        "--quiet",
        "--all",
        "--message",
        "damage",
    )
    git(clone, "push", "--quiet", "origin", "HEAD:data")


def sizes(service: runner.Service) -> None:
    """Print how large the site is: Pages allows 1 GB."""
    files = [path for path in service.pages.rglob("*") if path.is_file()]
    total = sum(path.stat().st_size for path in files)
    index = len(gzip.compress((service.pages / "index.html").read_bytes()))
    matrix = (service.pages / "api" / "v1" / "matrix.json").stat().st_size
    print(
        f"site: {total >> 20} MiB in {len(files)} files; matrix.json {matrix >> 20} MiB; index.html {index >> 10} KiB"
    )
    assert total < 2**30, "Pages takes no more"
