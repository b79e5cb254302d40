"""The wrapper for Pyodide refuses a package that would end Python in the middle of a probe."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

NODE = shutil.which("node")
FAKE = "export const loadPyodide = async () => { throw new Error('started'); };\n"


def run(package: Path) -> tuple[int, str]:
    assert NODE
    command = [NODE, str(ROOT / "wrappers" / "pyodide.mjs"), str(package), "-c", "pass"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
    return done.returncode, done.stderr.strip()


@pytest.mark.skipif(NODE is None, reason="no node here")
def test_the_package_that_sockets_need_is_looked_for_first(tmp_path: Path) -> None:
    package = tmp_path / "pyodide"
    assert run(package)[0] == 2
    package.mkdir()
    (package / "pyodide.mjs").write_text(FAKE, encoding="utf-8")
    status, said = run(package)
    assert (status, said.startswith("the npm package ws is not there")) == (2, True)
    needed = tmp_path / "node_modules" / "ws"
    needed.mkdir(parents=True)
    (needed / "index.js").write_text("", encoding="utf-8")
    assert run(package) == (1, "started")
