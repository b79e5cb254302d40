"""GitHub's own parser sees what it is for: a wrong key, a wrong context, a wrong input of a called workflow."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, skip

MODULES = os.environ.get("CANIFORK_NODE_MODULES")
GOOD = """on: push
jobs:
  first:
    runs-on: ubuntu-24.04
    steps:
      - run: echo
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    steps:", "    timeout: 3\n    steps:", "Unexpected value 'timeout'"),
        ("run: echo", "run: echo ${{ needs.other.outputs.x }}", "Context access might be invalid"),
        ("run: echo", "run: echo ${{ fromJSON( }}", "Unexpected"),
        ("", "", ""),
    ],
)
def test_what_github_would_refuse_is_refused_here(tmp_path: Path, old: str, new: str, message: str) -> None:
    if not MODULES or not shutil.which("node"):
        skip("workflows", "`nox -s workflows` installs GitHub's parser")
    file = tmp_path / "bad.yml"
    file.write_text(GOOD.replace(old, new) if old else GOOD, encoding="utf-8")
    command = ["node", str(ROOT / "tests" / "workflows" / "validate.mjs"), str(MODULES), str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, message in done.stderr) == (1 if message else 0, True), done.stderr
