"""Every command where its surroundings are hostile: the answer is as usual, or a few lines and the right status."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from matrix.errors import Status
from tests.conftest import FAULTS, PYTHONS, ROOT, Done, module
from tests.misbehave.runs import posix

pytestmark = posix

FIRST = next(iter(PYTHONS.values()))
APP = "import multiprocessing\nprint(multiprocessing.get_start_method() in ('fork', 'spawn', 'forkserver'))\n"
ERROR = "TypeError: cannot pickle '_thread.lock' object\n"
SUITE = "--probes tests/misbehave/suite"

COMMANDS = {
    "list": f"matrix list --json {SUITE}",
    "run": f"matrix run --python {{python}} {SUITE} --probe faults.well_behaved --no-retry --out {{out}}/results",
    "merge": f"matrix merge {{given}}/results -o {{out}}/matrix.json {SUITE}",
    "diff": "matrix diff {given}/matrix.json {given}/matrix.json",
    "stability": f"matrix stability {{given}}/results {SUITE}",
    "site": "report build {given}/matrix.json -o {out}/site",
    "explain": "matrix explain {given}/error.txt",
    "deps": "matrix deps {given}/requirements.txt",
    "try": "matrix try --python {python} --method spawn -- python {given}/app.py",
    "new-probe": "matrix new-probe new.thing --probes {out}/suite",
    "packages": "matrix packages --package nobody-s",
    "ci jobs": "matrix ci jobs few",
    "ci summary": f"matrix ci summary {{given}}/results {SUITE}",
    "ci receive": f"matrix ci receive {{given}}/artifacts --out {{out}}/received --lanes 3.8-linux-x86_64 {SUITE}",
    "nox -l": "nox -l",
    "nox": "nox --no-venv -s matrix -- list --probes tests/misbehave/suite",
}
"""Arguments of `python -m`. given: files to read; out: an empty folder but for an empty suite."""

USUAL = {"deps": Status.ERRORS, "packages": Status.NOTHING, "ci receive": Status.NOTHING}
"""Statuses that are not 0 where nothing is wrong."""


@dataclass(frozen=True, kw_only=True)
class Surrounding:
    """before: sh that comes before the command in "$@"; env: changes to the environment, None removes.

    expected: {command: (status, part of what it says)} where it is not as usual, "*" for all others; root: whether it
    needs to be root; others: whether programs that are not ours, such as nox, take part; needs: a file of the system.
    """

    before: str = ""
    env: Mapping[str, str | None] = field(default_factory=dict)
    expected: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    root: bool = False
    others: bool = True
    needs: str = "/"


HOSTILE_SIGNALS = """
import os, signal, sys
for name in ("SIGCHLD", "SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
os.execvp(sys.argv[1], sys.argv[1:])
"""

NOBODY_READS = """
import os, sys
reader, writer = os.pipe()
os.close(reader)
os.dup2(writer, 1)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def by_python(code: str) -> str:
    """sh that lets a script of Python start the command."""
    return f'set -- {shlex.quote(sys.executable)} -c {shlex.quote(code)} "$@"'


RUN = ' && exec "$@"'


def in_own_mounts(script: str) -> str:
    """sh that lets the command run where a script has mounted something."""
    return f"set -- unshare -m sh -c {shlex.quote(script + RUN)} sh" + ' "$@"'


def reachable() -> str:
    """sh that mounts the interpreters where a stranger can reach them by the same paths, in a home that is closed."""
    paths = [Path(sys.base_prefix), Path(FIRST).resolve()]
    closed = [next((each for each in reversed(path.parents) if not each.stat().st_mode & 1), None) for path in paths]
    script = "true"
    for folder, path in {(folder, path) for folder, path in zip(closed, paths, strict=True) if folder}:
        kept = folder / path.relative_to(folder).parts[0]
        script = (
            f"mount --bind {kept} /mnt && mount -t tmpfs -o mode=755 none {folder} && mkdir -p {kept}"
            f" && mount --bind /mnt {kept}"
        )
    return in_own_mounts(script)


STRANGER = "set -- setpriv --reuid=54321 --regid=54321 --clear-groups --inh-caps=-all"
NO_SHARED_MEMORY = {"run": (Status.IO, "/dev/shm is missing, full or read-only")}

SURROUNDINGS = {
    "nothing": Surrounding(),
    "locale C": Surrounding(env={"LC_ALL": "C", "LANG": "C"}),
    "an ASCII console": Surrounding(
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}, others=False
    ),
    "umask 777": Surrounding(before="umask 777"),
    "stdin closed": Surrounding(before="exec <&-"),
    "stdin and stderr closed": Surrounding(before="exec <&- 2>&-", others=False),
    "stdout closed": Surrounding(before="exec >&-", others=False),
    "stdout full": Surrounding(
        before="exec >/dev/full", others=False, needs="/dev/full",
        expected={"*": (Status.IO, "Cannot read or write the output"), "packages": (Status.NOTHING, "")},
    ),
    "nobody reads stdout": Surrounding(
        before=by_python(NOBODY_READS), others=False,
        expected={"*": (Status.PIPE, ""), "packages": (Status.NOTHING, "")},
    ),
    "signals ignored and blocked": Surrounding(before=by_python(HOSTILE_SIGNALS)),
    "no HOME": Surrounding(env={"HOME": None, "XDG_CACHE_HOME": None, "PYENV_ROOT": None}),
    "HOME that is not there": Surrounding(env={"HOME": "/nonexistent/\n"}),
    "24 descriptors": Surrounding(before="ulimit -Sn 24"),
    "64 descriptors and no more": Surrounding(
        before="ulimit -n 64", expected={"run": (Status.INCOMPLETE, "Only 64 files may be open at once here")}
    ),
    "no network": Surrounding(before='set -- unshare -n "$@"', root=True),
    "a checkout that cannot be written": Surrounding(
        before=in_own_mounts('mount --bind "$PWD" "$PWD" && mount -o remount,ro,bind "$PWD" && cd "$PWD"'), root=True
    ),
    "no /dev/shm": Surrounding(
        before=in_own_mounts("mount -t tmpfs -o ro none /dev/shm"), expected=NO_SHARED_MEMORY, root=True
    ),
    "a small /dev/shm": Surrounding(
        before=in_own_mounts("mount -t tmpfs -o size=64k none /dev/shm"), expected=NO_SHARED_MEMORY, root=True
    ),
    "a full temporary folder": Surrounding(
        before=in_own_mounts(
            "mount -t tmpfs -o size=16k none /mnt && { head -c 65536 /dev/zero >/mnt/full; export TMPDIR=/mnt; }"
            " 2>/dev/null"
        ),
        root=True,  # Python looks for another
    ),
    "a user without name, home and rights": Surrounding(
        before=f'{STRANGER} "$@"; {reachable()}', env={"HOME": None, "TMPDIR": None}, root=True,
        others=False,
    ),
    "a user who may start 20 processes": Surrounding(
        before=f'{STRANGER} prlimit --nproc=20 "$@"; {reachable()}', env={"HOME": None, "TMPDIR": None}, root=True,
        others=False, expected={"run": (Status.INCOMPLETE, "This user may start only")},
    ),
}  # fmt: skip
OTHERS = ("nox -l", "nox")

PARTS = 1 if os.environ.get("CANIFORK_SURROUNDINGS") == "all" else 6
DAY = date.today().toordinal()
ROWS = [
    (name, command)
    for row, (name, surrounding) in enumerate(SURROUNDINGS.items())
    for column, command in enumerate(COMMANDS)
    if (row + column + DAY) % PARTS == 0 and (surrounding.others or command not in OTHERS)
]
"""All of them take several minutes: each surroundings' share of a day changes, and after PARTS days all were tested."""


@dataclass(frozen=True)
class Place:
    """Where commands run: a copy of the checkout, what they are given, and where they write."""

    checkout: Path
    given: Path
    out: Path


def not_needed(folder: str, names: list[str]) -> set[str]:
    """What is made in a checkout, for shutil.copytree."""
    made = {"site", "results", "artifacts", "node_modules"} if Path(folder) == ROOT else set()
    hidden = {name for name in names if name.startswith(".") and name != ".github"}
    return (made | hidden | {"__pycache__"}) & {*names}


@pytest.fixture(scope="module")
def places() -> Iterator[Place]:
    """In a folder whose name is hard to quote and to print."""
    top = Path(tempfile.mkdtemp(prefix="cf", dir="/tmp"))
    top.chmod(0o755)
    folder = top / "a b\n→é"
    given = folder / "given"
    given.mkdir(parents=True)
    (given / "error.txt").write_text(ERROR, encoding="utf-8")
    (given / "requirements.txt").write_text("numpy==2.0\n", encoding="utf-8")
    (given / "app.py").write_text(APP, encoding="utf-8")
    (given / "artifacts").mkdir()
    suite = ["--probes", str(FAULTS)]
    run = ["--python", FIRST, *suite, "--probe", "faults.well_behaved", "--no-retry", "--out", str(given / "results")]
    for words in (["run", *run], ["merge", str(given / "results"), "-o", str(given / "matrix.json"), *suite]):
        done = module("matrix", *words)
        assert done.status == 0, done
    try:
        yield Place(Path(shutil.copytree(ROOT, folder / "checkout", ignore=not_needed)), given, folder / "out")
    finally:
        shutil.rmtree(top)


def ran(place: Place, surrounding: Surrounding, words: str) -> Done:
    """A command in a shell that has prepared its surroundings."""
    shutil.rmtree(place.out, ignore_errors=True)
    (place.out / "suite").mkdir(parents=True)
    for folder in (place.out, place.out / "suite"):
        folder.chmod(0o777)
    names = {"given": place.given, "out": place.out, "python": FIRST}
    argv = [word.format(**names) for word in shlex.split(words)]
    env = {**os.environ, **surrounding.env}
    done = subprocess.run(
        ["sh", "-c", f'{surrounding.before or ":"}; exec "$@"', "sh", sys.executable, "-m", *argv],
        cwd=place.checkout, env={key: text for key, text in env.items() if text is not None},
        capture_output=True, stdin=subprocess.DEVNULL, timeout=240, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


@pytest.mark.parametrize(("name", "command"), ROWS)
def test_every_command_works_or_says_why_not(places: Place, name: str, command: str) -> None:
    surrounding = SURROUNDINGS[name]
    if surrounding.root and os.geteuid() != 0:
        pytest.skip("needs to be root")
    if not Path(surrounding.needs).exists():
        pytest.skip(f"there is no {surrounding.needs} here")
    done = ran(places, surrounding, COMMANDS[command])
    usual = surrounding.expected.get("*", (USUAL.get(command, Status.DONE), ""))
    status, says = surrounding.expected.get(command, usual)
    assert done.status == status, done
    assert says in done.err, done
    assert "Traceback" not in done.err + done.out, done
