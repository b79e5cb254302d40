"""python -m report: what it prints, and how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from matrix.store import matrix_json, save_matrix
from report.cli import main
from tests.report import synthetic as s


def test_it_prints_the_path_of_the_index(tmp_path: Path) -> None:
    save_matrix(s.matrix(), tmp_path / "matrix.json")
    command = [sys.executable, "-m", "report", "build", str(tmp_path / "matrix.json"), "-o", str(tmp_path / "site")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (f"{tmp_path / 'site' / 'index.html'}\n", "", 0)
    assert (tmp_path / "site" / "index.html").is_file()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "does not exist"),
        ("{", "is not JSON"),
        ("[]", "not written by this version"),
        (json.dumps({**matrix_json(s.matrix()), "schema": 99}), "newer than this canifork"),
        (json.dumps({**matrix_json(s.matrix()), "cells": 1}), "not written by this version"),
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
    (tmp_path / "site").write_text("a file is in the way")
    assert main(["build", str(tmp_path / "matrix.json"), "-o", str(tmp_path / "site")]) == 74
    assert "Cannot write" in capsys.readouterr().err
