"""Interpreters that hang, flood, leave something behind or are too old; and what surrounds the command line."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PYTHONS, ROOT, Done, module
from tests.misbehave.runs import alive, linux, posix, run_faults

pytestmark = posix
FIRST = next(iter(PYTHONS.values()))


def fake(folder: Path, name: str, script: str) -> Path:
    """An executable that is called like an interpreter."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def only_path(*folders: Path) -> dict[str, str]:
    """An environment in which interpreters are found nowhere else."""
    elsewhere = dict.fromkeys(("HOME", "PYENV_ROOT", "RUNNER_TOOL_CACHE"), "/nonexistent")
    return {"PATH": os.pathsep.join(map(str, folders)), **elsewhere}


def test_interpreters_that_hang_are_named_and_left_out(tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.mkdir()
    (good / Path(FIRST).name).symlink_to(FIRST)
    hanging = [fake(tmp_path / str(number), "python3.13", "exec /bin/sleep 3600") for number in range(10)]
    flood = fake(tmp_path / "flood", "python3.12", "exec /bin/cat /dev/zero")
    env = only_path(good, flood.parent, *(path.parent for path in hanging))
    done = module("matrix", "targets", env=env, timeout=110)  # each of them may take 120 s if it is named by --python
    assert done.status == 0, done.err
    assert all(f"{path} did not print its facts in time" in done.err for path in hanging)
    assert "cpython-" in done.out


def test_an_interpreter_that_floods_is_refused(tmp_path: Path) -> None:
    path = fake(tmp_path, "python3.12", "exec /bin/cat /dev/zero")
    done = module("matrix", "run", "--python", str(path), "--out", str(tmp_path / "out"))
    assert done.status == 2
    assert f"{path} printed more than 8 MiB" in done.err


@linux
def test_a_stray_of_an_interpreter_that_was_asked_for_its_facts_is_ended(tmp_path: Path) -> None:
    mark = f"canifork-stray-{tmp_path.name}-{os.getpid()}"
    stray = f"{shlex.quote(sys.executable)} -c 'import os, time; os.setsid(); time.sleep(3600)'"
    path = fake(tmp_path, "python", f'env -i MARK={mark} {stray} </dev/null >/dev/null 2>&1 &\nexec {FIRST} "$@"')
    done = module(
        "matrix", "targets", "--json", env=only_path(fake(tmp_path / "x", Path(FIRST).name, f'exec {path} "$@"').parent)
    )
    assert done.status == 0, done.err
    assert not alive(lambda env: env.get("MARK") == mark)


@pytest.mark.parametrize("version", ["3.6", "3.7"])
def test_a_python_that_is_too_old_is_refused_in_a_clear_line(tmp_path: Path, version: str) -> None:
    script = f'{FIRST} "$@" | sed \'s/"python_version": "[^"]*"/"python_version": "{version}"/\''
    done = run_faults(str(fake(tmp_path, "python", script)), tmp_path / "out", "well_behaved")
    assert done.status == 2
    assert f"it is Python {version}, and probes need 3.8 or later" in done.err
    assert not (tmp_path / "out").exists()


def test_python_2_is_refused_in_a_clear_line(tmp_path: Path) -> None:
    """It ends with an error before it has printed any fact."""
    script = 'test "$1" = -c && echo "2.7.18 (default)" && exit; echo "AttributeError: implementation" >&2; exit 1'
    done = run_faults(str(fake(tmp_path, "python2.7", script)), tmp_path / "out", "well_behaved")
    assert done.status == 2
    assert "is not a usable Python (status 1): it is Python 2.7, and probes need 3.8 or later" in done.err
    assert not (tmp_path / "out").exists()


def test_two_commands_with_one_target_are_refused(tmp_path: Path) -> None:
    second = fake(tmp_path, "python", f'exec {FIRST} "$@"')
    done = run_faults(FIRST, tmp_path / "out", "well_behaved", options=["--python", str(second)])
    assert done.status == 2
    assert "have the same run file" in done.err
    assert not (tmp_path / "out").exists()


def shell(line: str, **env: str) -> Done:
    """Run a line of sh in which $M is `python -m matrix`."""
    full = {**os.environ, "M": f"{sys.executable} -m matrix", **env}
    done = subprocess.run(
        ["sh", "-c", line], cwd=ROOT, env=full, capture_output=True, encoding="utf-8", timeout=120,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("line", "status", "message"),
    [
        ("$M list >&-", 0, ""),
        ("$M list <&- >/dev/null 2>&-", 0, ""),
        ("{ $M list; echo $? >&2; } | head -1 >/dev/null", 0, "141"),
        pytest.param("$M list >/dev/full", 74, "Cannot read or write the output: No space left on device", marks=linux),
        ("env -u HOME $M list >/dev/null", 0, ""),
        ("$M list -k ''", 2, "--probe and -k need words"),
        ("$M list --probe arguments.threding_lock", 3, "Did you mean arguments.threading_lock"),
        ("$M list --probes tests/unit", 2, "does not import _probe, so it is not run"),
        ("$M run --out ''", 2, "an empty path"),
        ("PYTHONSAFEPATH=1 PYTHONPATH=$PWD $M list >/dev/null", 0, ""),
        ("ulimit -n 24 && $M list --json >/dev/null", 0, ""),
    ],
)
def test_what_surrounds_the_command_line(line: str, status: int, message: str) -> None:
    done = shell(line)
    assert done.status == status, done
    assert message in done.err
    assert "Traceback" not in done.err


@linux
def test_a_user_without_a_name_and_a_home_can_list() -> None:
    """As in a container with --user: the user ID is in no passwd."""
    if os.geteuid() != 0:
        pytest.skip("needs to become another user")
    if subprocess.run(
        ["setpriv", "--reuid=54321", "--clear-groups", "test", "-x", sys.executable], check=False
    ).returncode:
        pytest.skip("the interpreter is in a folder that others may not enter")
    done = shell("env -u HOME setpriv --reuid=54321 --clear-groups $M list >/dev/null")
    assert done.status == 0, done


@linux
def test_too_few_descriptors_are_refused_before_anything_is_believed(tmp_path: Path) -> None:
    line = f"ulimit -n 64 && ulimit -Hn 64 && $M run --python {FIRST} --out {tmp_path} --probe arguments.threading_lock"
    done = shell(line)
    assert done.status == 4, done
    assert "Only 64 files may be open at once here; probes need 256" in done.err
    assert list(tmp_path.iterdir()) == []
