"""python -m matrix ci: files in, files out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from matrix.__main__ import main
from matrix.ci import archive
from matrix.files import atomic_write, run_writer, serialize
from matrix.results.merge import merge
from matrix.suite import digest
from report.exports import api
from report.model.matrix_index import index_matrix
from tests.unit import values

LANE = {"service": "github-actions", "lane": "3.13-linux-x86_64"}
TARGET = "cpython-3.13.0-linux-x86_64-gnu"

SCRIPT = """
import json  # a script that does not name _probe is not run
print(json.dumps([{"id": "theme.name", "text": "Does it work?", "why": "w", "do": "d", "source": "https://example.org",
    "methods": ["fork", "spawn", "forkserver"], "documented": {}, "asked": [], "deadline": 30, "exclusive": False,
    "unit": None, "measured": False, "wanted": "yes", "line": 1, "end": 2}]))
"""


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The option that names a suite of one question; outside of any CI."""
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "theme.py").write_text(f"# from _probe import\n{SCRIPT}", encoding="utf-8")
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return ["--probes", str(tmp_path / "probes")]


def write(place: Path, outcome: str, number: int = 1, patch: int = 0, source: str = values.SHA) -> Path:
    """A run of one answer, as of some second, by some patch release."""
    target = f"cpython-3.13.{patch}-linux-x86_64-gnu"
    facts = {**values.FACTS, "version": f"3.13.{patch}"}
    said = values.verdict(outcome, source_sha256=source)
    run = values.run(said, number=number, target=target, facts=facts, ci=LANE)
    place.mkdir(parents=True, exist_ok=True)
    with run_writer.RunWriter(place / f"{target}.jsonl", append=False) as writer:
        writer.header(run.header)
        for verdict in run.verdicts:
            writer.verdict(verdict)
        writer.end(complete=True)
    return place / f"{target}.jsonl"


def published(path: Path, outcome: str) -> Path:
    matrix = merge(
        [values.run(values.verdict(outcome), ci=LANE)], [values.probe()], {}, {"commit": None, "dirty": False}
    )
    serialize.save_matrix(matrix, path)
    return path


def test_a_summary_goes_where_github_looks_for_it(
    tmp_path: Path, suite: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "results", "no")
    old = published(tmp_path / "matrix.json", "yes")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    assert main(["ci", "summary", "results", "--previous", str(old), *suite]) == 0
    assert "Changed since the published matrix: 1" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    out = capsys.readouterr().out
    assert out == f"::warning title=regressed%3A theme.name fork::{TARGET}: yes -> no\n"


@pytest.mark.parametrize("content", [None, "no matrix"])
def test_what_cannot_be_compared_with_is_no_reason_to_fail(
    tmp_path: Path, suite: list[str], content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "results", "no")
    if content:
        (tmp_path / "matrix.json").write_text(content, encoding="utf-8")
    assert main(["ci", "summary", "results", "--previous", "matrix.json", *suite]) == 0
    said = capsys.readouterr()
    assert "Can I fork?" in said.out
    assert "Changed since" not in said.out
    assert ("Not compared" in said.err) is bool(content)


def test_what_came_is_taken_and_what_is_missing_is_planned(tmp_path: Path, suite: list[str]) -> None:
    write(tmp_path / "artifacts" / "run-3.13-linux-x86_64", "yes")
    (tmp_path / "artifacts" / "run-moon").mkdir()
    assert main(["ci", "receive", "artifacts", "--few", "--planned", "planned.json", *suite]) == 0
    assert [path.name for path in (tmp_path / "results").iterdir()] == [f"{TARGET}.jsonl"]
    lost = [target["id"] for target in serialize.load_targets(tmp_path / "planned.json")]
    assert "cpython-3.15-linux-x86_64-musl" in lost
    assert TARGET not in lost
    assert main(["merge", "results", "--planned", "planned.json", *suite]) == 0
    matrix = serialize.load_matrix(tmp_path / "matrix.json")
    assert {target["id"] for target in matrix.targets} == {TARGET, *lost}
    assert {cell.outcome for cell in matrix.cells if cell.target in lost} == {"untested"}


def test_a_lane_that_is_lost_today_is_the_target_of_yesterday(tmp_path: Path, suite: list[str]) -> None:
    write(tmp_path / "artifacts" / "run-3.15-linux-x86_64", "yes")
    old = published(tmp_path / "matrix.json", "yes")
    assert main(["ci", "receive", "artifacts", "--planned", "p.json", "--previous", str(old), *suite]) == 3
    assert TARGET in [target["id"] for target in serialize.load_targets(tmp_path / "p.json")]


def test_a_lane_s_answer_is_not_displaced_by_an_older_or_newer_one_in_data(tmp_path: Path, suite: list[str]) -> None:
    source = digest.of_script(tmp_path / "probes" / "theme.py")
    write(tmp_path / "results", "no", number=2, source=source)
    for number in (1, 3):
        write(tmp_path / "data", "yes", number, source=source)
        assert main(["merge", "results", "--over", "data", *suite]) == 0
        cells = serialize.load_matrix(tmp_path / "matrix.json").cells
        assert [(cell.outcome, cell.n) for cell in cells if cell.method == "fork"] == [("no", 1)]


@pytest.mark.parametrize("text", ["{", "{}", '[{"id": "../x"}]'])
def test_a_plan_that_is_none_is_refused(
    tmp_path: Path, suite: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "results", "yes")
    (tmp_path / "planned.json").write_text(text, encoding="utf-8")
    assert main(["merge", "results", "--planned", "planned.json", *suite]) == 2
    assert "planned.json" in capsys.readouterr().err


def test_runs_are_kept_and_recalled(tmp_path: Path, suite: list[str]) -> None:
    for number in range(1, 7):
        write(tmp_path / "results", "yes", number)
        assert main(["ci", "archive", "results", "kept"]) == 0
    assert main(["ci", "restore", "kept", "--runs", "results", "--newest", "4"]) == 0
    runs = serialize.load_runs([tmp_path / "history"])
    assert [run.header.run for run in runs] == [f"{number:016x}" for number in (3, 4, 5, 6)]
    assert main(["merge", "results", "history", *suite]) == 0
    cells = serialize.load_matrix(tmp_path / "matrix.json").cells
    assert {(cell.n, cell.agree) for cell in cells if cell.method == "fork"} == {(4, 4)}, "no run counts twice"


def test_a_lane_is_watched_over_its_patch_releases(
    tmp_path: Path, suite: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    archive.store([write(tmp_path / "a", "yes", 1, patch=1)], tmp_path / "kept")
    write(tmp_path / "results", "no", 3, patch=2)
    assert main(["ci", "regressions", "results", "kept", *suite]) == 0
    archive.store([write(tmp_path / "b", "no", 2, patch=2)], tmp_path / "kept")
    assert main(["ci", "regressions", "results", "kept", *suite]) == 0
    assert output.read_text(encoding="utf-8").split() == ["alarms=0", "alarms=1"]
    page = (tmp_path / "issue.md").read_text(encoding="utf-8")
    assert "cpython&#45;3&#46;13&#46;1" in page
    assert "cpython&#45;3&#46;13&#46;2" in page


def test_a_comment_has_what_changed_and_what_cannot_be_compared(
    tmp_path: Path, suite: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "results", "no")
    write(tmp_path / "results", "no", 2, patch=9)
    old = published(tmp_path / "matrix.json", "yes")
    assert main(["ci", "comment", "results", "--previous", str(old), *suite]) == 0
    page = (tmp_path / "comment.md").read_text(encoding="utf-8")
    assert "1 changed against the published matrix (1 regressed), on 1 targets" in page
    assert "Not compared, since nothing is published on them: <code>cpython&#45;3&#46;13&#46;9" in page
    assert capsys.readouterr().out == "changed=1\n"


def test_an_error_fails_a_lane_only_if_it_is_new(
    tmp_path: Path, suite: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Also by the site's own file of the target, which is all that a job needs."""
    run = values.run(
        values.verdict("error"),
        values.verdict("yes", method="spawn"),
        values.verdict("no", method="forkserver"),
        ci=LANE,
    )
    place = tmp_path / "results" / f"{TARGET}.jsonl"
    with run_writer.RunWriter(place, append=False) as writer:
        writer.header(run.header)
        for verdict in run.verdicts:
            writer.verdict(verdict)
        writer.end(complete=True)
    summary = ["ci", "summary", "results", "--fail-on-new-errors", *suite]
    assert main(summary) == 0, "nobody knows yet what this platform lacks"
    site = tmp_path / "site"
    for outcome, status in (("error", 0), ("yes", 1)):
        matrix = merge([values.run(values.verdict(outcome), ci=LANE)], [values.probe()], {}, {})
        index = index_matrix(matrix)
        for path, data in api.target_files(index):
            if path == f"api/v1/target/{TARGET}.json":
                atomic_write.write_bytes(site / f"{TARGET}.json", [data])
        assert main([*summary, "--previous", str(site)]) == status
        assert main([*summary, "--previous", str(published(tmp_path / "matrix.json", outcome))]) == status
    assert "1 cells are `error`, and were none in the published matrix" in capsys.readouterr().out


def test_a_run_of_errors_fails_its_lane(tmp_path: Path, suite: list[str]) -> None:
    write(tmp_path / "results", "error")
    assert main(["ci", "summary", "results", *suite]) == 0
    assert main(["ci", "summary", "results", "--fail-on-new-errors", *suite]) == 1


def test_lanes_that_need_attention_are_in_the_issue(tmp_path: Path, suite: list[str]) -> None:
    """A refused run was measured, and would be missed by nobody; so would a lost lane, and one with errors only."""
    write(tmp_path / "artifacts" / "run-3.13-linux-x86_64", "yes")
    write(tmp_path / "artifacts" / "run-3.12-linux-x86_64", "yes")  # a target of another lane
    (tmp_path / "artifacts" / "run-3.11-linux-x86_64").mkdir()
    good = ["--lanes", "3.1[1-3]-linux-x86_64", "--alarms", "alarms.json", *suite]
    assert main(["ci", "receive", "artifacts", *good]) == 0
    assert [alarm["lane"] for alarm in json.loads((tmp_path / "alarms.json").read_text(encoding="utf-8"))] == [
        "3.12-linux-x86_64",
        "3.11-linux-x86_64",
    ]
    assert main(["ci", "regressions", "results", "kept", "--alarms", "alarms.json", *suite]) == 0
    page = (tmp_path / "issue.md").read_text(encoding="utf-8")
    assert "2 lanes need attention" in page
    assert "refused&#58; cpython&#45;3&#46;13&#46;0&#45;linux" in page
    assert "no run&#58; its job failed&#44; or was lost" in page


def test_a_damaged_archived_run_stops_nothing(
    tmp_path: Path, suite: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2):
        write(tmp_path / "results", "yes", number)
        assert main(["ci", "archive", "results", "kept"]) == 0
    damaged = min((tmp_path / "kept").glob("runs/*/*/*.gz"))
    damaged.write_bytes(damaged.read_bytes()[:100])
    assert main(["ci", "restore", "kept", "--runs", "results"]) == 0
    assert main(["ci", "restore", "kept", "--all", "--out", "all"]) == 0
    assert main(["ci", "regressions", "results", "kept", *suite]) == 0
    out = capsys.readouterr().out
    assert out.count("::warning title=an archived run was skipped::") == 3
    assert len(list((tmp_path / "history").iterdir())) == len(list((tmp_path / "all").iterdir())) == 1


@pytest.mark.parametrize(
    "command", [["archive", "gone", "kept"], ["regressions", "gone", "kept"], ["restore", "kept", "--runs", "gone"]]
)
def test_a_wrong_folder_is_no_success(suite: list[str], command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ci", *command]) == 3
    assert "No run files in gone" in capsys.readouterr().err


def test_nothing_that_is_printed_is_a_command(
    tmp_path: Path, suite: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "artifacts" / "run-x##[error]boo").mkdir(parents=True)
    if os.name != "nt":  # where no file can have that name
        (tmp_path / "artifacts" / "::stop-commands::x").mkdir()
    assert main(["ci", "receive", "artifacts", *suite]) == 3
    out = capsys.readouterr().out
    assert "##[" not in out
    assert not [line for line in out.splitlines() if line.lstrip().startswith("::")]


def test_a_summary_that_cannot_be_written_is_said(
    tmp_path: Path, suite: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "results", "yes")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    assert main(["ci", "summary", "results", *suite]) == 74
    assert "GITHUB_STEP_SUMMARY" in capsys.readouterr().err


def test_the_site_s_address(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("CANIFORK_SITE", raising=False)
    for repository, address in (
        ("Some-Org/canifork", "https://some-org.github.io/canifork"),
        ("someone/someone.github.io", "https://someone.github.io"),
    ):
        monkeypatch.setenv("GITHUB_REPOSITORY", repository)
        assert main(["ci", "site"]) == 0
        assert capsys.readouterr().out == f"{address}\n"
    monkeypatch.setenv("CANIFORK_SITE", "https://example.org/x/")
    assert main(["ci", "site"]) == 0
    assert capsys.readouterr().out == "https://example.org/x\n"
    monkeypatch.delenv("CANIFORK_SITE")
    monkeypatch.delenv("GITHUB_REPOSITORY")
    assert main(["ci", "site"]) == 2


def test_the_jobs_are_json_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ci", "jobs", "few"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    few = json.loads(line)
    assert main(["ci", "jobs"]) == 0
    every = json.loads(capsys.readouterr().out)
    assert len(every["native"]["include"]) > len(few["native"]["include"]) > 0
    assert main(["ci", "jobs", "--lanes", "3.13*-macos-*"]) == 0
    some = json.loads(capsys.readouterr().out)
    assert {row["lane"].partition("-")[2] for row in some["native"]["include"]} == {"macos-aarch64", "macos-x86_64"}
    assert some["kinds"] == ["native"], "GitHub refuses an empty matrix: the jobs of other kinds are skipped"
    assert main(["ci", "jobs", "--lanes", "nonsense"]) == 3
