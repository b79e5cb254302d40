"""The same interpreter, started another way: a target of its own, that the real runner measures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from matrix.errors import TargetError
from matrix.targets import identify, launchers
from tests.conftest import lines, module

QUICK = ("venv", "venv-copies", "zipapp")


def test_probes_are_asked_via_each_launcher(tmp_path: Path) -> None:
    ways = [word for kind in QUICK for word in ("--via", kind)]
    selection = ["--python", sys.executable, "--probe", "availability.starts", "--out", str(tmp_path)]
    done = module("matrix", "run", *selection, *ways)
    assert done.status == 0, done.out + done.err
    ids = {path.name for path in tmp_path.iterdir()}
    plain = identify.identify(identify.base_command([sys.executable])).id
    assert ids == {f"{plain}-{kind}.jsonl" for kind in QUICK}
    for path in tmp_path.iterdir():
        assert f"{path.stem}/" not in path.read_text(encoding="utf-8"), "the launcher's folder is private"
        outcomes = {line["outcome"] for line in lines_of(path) if line["kind"] == "verdict"}
        assert {"yes"} <= outcomes <= {"yes", "unavailable"}


def lines_of(path: Path) -> list[dict[str, object]]:
    folder = path.parent / path.stem.rpartition("-")[2]
    folder.mkdir(exist_ok=True)
    path.rename(folder / path.name)
    return lines(folder)


@pytest.mark.parametrize("kind", QUICK)
def test_a_launcher_keeps_arguments_and_status(tmp_path: Path, kind: str) -> None:
    import subprocess

    script = tmp_path / "script.py"
    script.write_text("import sys\nprint(sys.argv[1:], __name__)\nsys.exit(3)\n", encoding="utf-8")
    command = launchers.make(kind, identify.base_command([sys.executable]), tmp_path / f"x-{kind}")
    done = subprocess.run([*command, str(script), "a b", "--c"], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout.strip()) == (3, "['a b', '--c'] __main__"), done.stderr


def test_what_cannot_be_made_is_told_and_left_out(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="Cannot make a virtual environment with "):
        launchers.make("venv", [sys.executable, "-c", "raise SystemExit('no venv here')"], tmp_path / "x-venv")
