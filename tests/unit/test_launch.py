"""Argument list, environment and folders of a probe's process."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from matrix.model import Target
from matrix.run.anonymize import anonymous
from matrix.system.launch import TEMP_LIMIT, Folders, environment, spec, target_path, temporary_root
from tests.unit.values import FACTS, job, verdict

HOST = {
    "PATH": "/bin",
    "HOME": "/home/me",
    "PYTHONPATH": "x",
    "PythonSafePath": "1",
    "VIRTUAL_ENV": "/v",
    "__PYVENV_LAUNCHER__": "y",
    "TMPDIR": "/a/very/long/one",
    "CANIFORK_TOKEN": "outer",
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
}


def test_environment_is_the_host_s_without_what_changes_python() -> None:
    assert environment(HOST, "/tmp/cf/t", "t") == {
        "PATH": "/bin",
        "HOME": "/home/me",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": "/tmp/cf/t",
        "TEMP": "/tmp/cf/t",
        "TMP": "/tmp/cf/t",
        "CANIFORK_TOKEN": "t",
    }


@pytest.mark.parametrize(("scale", "deadline", "expected"), [(1, None, 30), (4, None, 120), (1, 5, 5), (4, 5, 20)])
def test_deadline(tmp_path: Path, scale: float, deadline: float | None, expected: float) -> None:
    target = Target(id="x", command=("python",), launcher="base", facts=FACTS, time_scale=scale)
    plan = spec(target, job(), Folders(probes=tmp_path, private=tmp_path / "f"), HOST, deadline)
    assert plan.deadline == expected
    assert plan.argv[-2:] == ("--deadline", f"{expected:g}")
    assert plan.env.get("CANIFORK_TIME_SCALE") == (None if scale == 1 else f"{scale:g}")


def test_command_line(tmp_path: Path) -> None:
    target = Target(id="x", command=("node", "pyodide.mjs"), launcher="base", facts=FACTS)
    plan = spec(target, job(method="spawn"), Folders(probes=tmp_path, private=tmp_path / "f"), HOST, None)
    assert plan.argv[:6] == ("node", "pyodide.mjs", str(tmp_path / "theme.py"), "name", "--method", "spawn")
    assert plan.token == plan.env["CANIFORK_TOKEN"] != "outer"


@pytest.mark.parametrize(
    ("path", "paths", "expected"),
    [
        ("/home/me/probes/a.py", [], "/home/me/probes/a.py"),
        ("/home/me/probes/a.py", [("/home/me/probes", "/p")], "/p/a.py"),
        ("/home/me/probes", [("/home/me/probes/", "/p/")], "/p"),
        ("/home/me/probes2/a.py", [("/home/me/probes", "/p")], "/home/me/probes2/a.py"),
        ("/home/me/probes/a.py", [("/home", "/h"), ("/home/me/probes", "/p")], "/p/a.py"),
        ("/home/me/a.py", [("/", "Z:\\")], "Z:\\home\\me\\a.py"),
        ("C:\\me\\probes\\a.py", [("C:\\me", "/mnt/me")], "/mnt/me/probes/a.py"),
        ("C:\\me\\probes\\a.py", [("C:\\", "/mnt/c")], "/mnt/c/me/probes/a.py"),
    ],
)
def test_how_a_target_sees_a_path(path: str, paths: list[tuple[str, str]], expected: str) -> None:
    assert target_path(path, paths) == expected


def test_a_target_is_told_its_own_paths(tmp_path: Path) -> None:
    target = Target(
        id="x",
        command=("docker",),
        launcher="docker",
        facts=FACTS,
        path_map=((str(tmp_path), "/s"), (str(tmp_path / "f"), "/f")),
    )
    plan = spec(target, job(), Folders(probes=tmp_path, private=tmp_path / "f"), HOST, None)
    assert plan.argv[1:2] == ("/s/theme.py",)
    assert plan.argv[plan.argv.index("--record") + 1] == "/f/record"
    assert plan.argv[plan.argv.index("--output") + 1] == "/f/output"
    assert plan.env["TMPDIR"] == "/f/t"
    assert (plan.record, plan.output, plan.cwd) == (
        tmp_path / "f" / "record",
        tmp_path / "f" / "output",
        tmp_path / "f" / "t",
    )


def test_wine_keeps_its_own_temporary_folder(tmp_path: Path) -> None:
    target = Target(id="x", command=("python.exe",), launcher="wine", facts=FACTS)
    plan = spec(target, job(), Folders(probes=tmp_path, private=tmp_path / "f"), HOST, None)
    assert not {"TMPDIR", "TEMP", "TMP"} & plan.env.keys()


@pytest.mark.skipif(os.name == "nt", reason="multiprocessing has named pipes there")
def test_the_private_folder_is_short_enough_for_sockets() -> None:
    assert len(str(temporary_root() / "canifork-run-12345678" / "12345678" / "t")) < TEMP_LIMIT


def test_folders_of_this_machine_are_not_published() -> None:
    private = [("Z:\\home\\me", "~"), ("/tmp/cf1/t", "TMP"), ("/home/me", "~")]
    dirty = verdict(
        "no",
        detail="FileNotFoundError: /tmp/cf1/t/x",
        observed={"path": ["/home/me/a", {"deep": "/home/me/b"}], "/home/me": 1},
    )
    clean = anonymous(dirty, private)
    assert clean.detail == "FileNotFoundError: TMP/x"
    assert clean.observed == {"path": ["~/a", {"deep": "~/b"}], "~": 1}
    assert os.sep in str(Path.home())


@pytest.mark.skipif(os.name != "posix", reason="a link stands for the short form of a name")
def test_another_name_of_the_temporary_folder_is_resolved_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, other = tmp_path / "runneradmin", tmp_path / "RUNNER~1"
    folder.mkdir()
    other.symlink_to(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(other))
    assert temporary_root(windows=True) == folder.resolve()


@pytest.mark.skipif(os.name != "nt", reason="short forms of names")
def test_the_temporary_folder_has_its_long_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """RUNNER~1 would stay in verdicts: the interpreters that are probed resolve it."""
    import ctypes

    folder = tmp_path / "a name of more than eight characters"
    folder.mkdir()
    short = ctypes.create_unicode_buffer(300)
    ctypes.windll.kernel32.GetShortPathNameW(str(folder), short, 300)  # type: ignore[attr-defined]
    monkeypatch.setattr(tempfile, "tempdir", short.value)
    assert temporary_root() == folder.resolve()
