"""python -m report: what it prints, and how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from matrix.files.serialize import matrix_json, save_matrix
from report.cli import main
from tests.report import synthetic as s


def test_it_prints_the_path_of_the_index(tmp_path: Path) -> None:
    save_matrix(s.matrix(), tmp_path / "matrix.json")
    command = [sys.executable, "-m", "report", "build", str(tmp_path / "matrix.json"), "-o", str(tmp_path / "site")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.stdout, done.stderr, done.returncode) == (f"{tmp_path / 'site' / 'index.html'}\n", "", 0)
    assert (tmp_path / "site" / "index.html").is_file()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "does not exist"),
        ("{", "is not JSON"),
        ("[]", "edited, or written by another version"),
        (json.dumps({**matrix_json(s.matrix()), "schema": 99}), "newer than this canifork"),
        (json.dumps({**matrix_json(s.matrix()), "rows": 1}), "edited, or written by another version"),
        (json.dumps(matrix_json(s.matrix())).replace("arguments.odd", "../../odd"), "must match pattern"),
    ],
)
def test_bad_input_is_refused_in_a_few_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, reason: str
) -> None:
    path = tmp_path / "matrix.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert main(["build", str(path), "-o", str(tmp_path / "site")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert reason in err
    assert 1 <= len(err.splitlines()) <= 3
    assert not (tmp_path / "site").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_matrix(s.matrix(), tmp_path / "matrix.json")
    (tmp_path / "site").write_text("a file is in the way", encoding="utf-8")
    assert main(["build", str(tmp_path / "matrix.json"), "-o", str(tmp_path / "site")]) == 74
    assert "Cannot write" in capsys.readouterr().err


def test_the_matrix_before_and_the_date_are_part_of_the_site(tmp_path: Path) -> None:
    old = s.matrix()
    new = replace(
        old, cells=tuple(structs.replace(cell, outcome=s.H) if cell.outcome is s.Y else cell for cell in old.cells)
    )
    save_matrix(old, tmp_path / "old.json")
    save_matrix(new, tmp_path / "new.json")
    given = ["--previous", str(tmp_path / "old.json"), "--as-of", "2027-01-01", "--url", "https://example.org/fork"]
    sites = [tmp_path / name for name in ("one", "two")]
    for site in sites:
        assert main(["build", str(tmp_path / "new.json"), "-o", str(site), *given]) == 0
    one, two = ({p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()} for site in sites)
    assert one == two
    assert b"https://example.org/fork/probe/arguments.lock.html#" in one[Path("changes/feed.xml")]
    assert b'"kind":"regressed"' in one[Path("api/v1/changes/latest.json")]
    assert b"<b>40</b> days old" in one[Path("index.html")]


@pytest.mark.parametrize("wrong", [["--as-of", "yesterday"], ["--url", "example.org"], ["--previous"]])
def test_wrong_options_are_wrong_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["build", *wrong])
    assert caught.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_a_matrix_before_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_matrix(s.matrix(), tmp_path / "new.json")
    assert main(["build", str(tmp_path / "new.json"), "--previous", str(tmp_path / "no.json")]) == 2
    assert "no.json does not exist" in capsys.readouterr().err
