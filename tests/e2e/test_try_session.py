"""`nox -s try` works on the project of the folder it is called in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from matrix.paths import ROOT
from matrix.trial import pythons


def test_the_folder_is_the_callers(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print(1)\n", encoding="utf-8")
    words = ["-m", "nox", "-f", str(ROOT / "noxfile.py"), "--no-venv", "-s", "try", "--"]
    default = pythons.python_at(sys.executable).default  # compared with itself: nothing is
    options = ["--python", sys.executable, "--method", default, "--", "python", "app.py"]
    done = subprocess.run(
        [sys.executable, *words, *options],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "exit status 0" in done.stdout + done.stderr
    assert "nothing was compared" in done.stdout
    assert "Next: nox -s try -- " in done.stdout
