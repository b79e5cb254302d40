"""What `explain`, `deps`, `packages` and `try` are given, or find: text and files of strangers, whatever is in them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from matrix.errors import CatalogError, DataError, Status
from matrix.packages import dependencies, recipes
from matrix.system import safe_read
from matrix.trial import pythons
from tests.conftest import PYTHONS, Done, module
from tests.misbehave import corpus
from tests.misbehave.bounded import command
from tests.misbehave.runs import posix

FIRST = next(iter(PYTHONS.values()))
PICKLE = b"TypeError: cannot pickle '_thread.lock' object\n"
OTHER = "spawn" if pythons.python_at(FIRST).default != "spawn" else "fork"
"""A start method that is not the default of the oldest Python: with that there is nothing to compare."""

# --- explain

TEXTS = {
    "escape sequences": b"\x1b]0;x\x07\x1b[2J" + PICKLE + b"\x9b2J \xe2\x80\xae",
    "NUL": b"\0\0" + PICKLE.replace(b" ", b" \0"),
    "not UTF-8": b"\xff\xed\xa0\x80" + PICKLE,
    "UTF-16": PICKLE.decode().encode("utf-16"),
    "a cut UTF-16": b"\xff\xfe" + PICKLE.decode().encode("utf-16-le")[:-1],
    "a log of 40 MB": b"INFO nothing\n" * 3_000_000 + PICKLE,
    "a line of 10 MB": b"A" * 10_000_000 + b"\n" + PICKLE,
    "blank lines without end": b"\n".join([b" " * 1999 + b"x"] * 250) + b"\n" + PICKLE,
    "marks without end": b"\n".join([b" " * 1000 + b"~" * 900 + b"x"] * 250) + b"\n" + PICKLE,
    "frames without end": b'  File "' + b"/site-packages" * 130 + b'", line 1, in x\n' + PICKLE,
    "prefixes without end": b"".join(b"%dx Traceback (most recent call last):\n" % n for n in range(8000)) + PICKLE,
    "notes without end": PICKLE + (b"when serializing dict item " + b"'a' " * 400 + b"\n") * 240,
}


@pytest.mark.parametrize("name", TEXTS)
def test_any_text_is_explained_in_bounded_time_and_space(tmp_path: Path, name: str) -> None:
    path = tmp_path / "text"
    path.write_bytes(TEXTS[name])
    done = command(tmp_path, "-m", "matrix", "explain", str(path), timeout=60)
    assert (done.status, done.err) == (0, ""), done
    assert "pickle" in done.out
    assert all(line.isprintable() for line in done.out.splitlines()), ascii(done.out)
    assert len(done.out) < 10_000
    assert done.peak is None or done.peak < 200 * 10**6
    assert done.cpu is None or done.cpu < 20


def test_a_stream_is_read_up_to_a_bound() -> None:
    with open(os.devnull if os.name == "nt" else "/dev/zero", "rb") as endless:  # noqa: PTH123
        assert len(safe_read.tail(endless, 1000, 10_000_000)) <= 1003


@posix
@pytest.mark.parametrize("kind", ["fifo", "folder", "socket", "loop", "dangling", "endless"])
@pytest.mark.parametrize("verb", ["explain", "deps"])
def test_what_is_no_text_is_refused(tmp_path: Path, verb: str, kind: str) -> None:
    path = corpus.special(kind, "requirements.txt")(tmp_path)
    done = module("matrix", verb, str(path), timeout=60)
    assert done.status == Status.USAGE, done
    assert 1 <= len(done.err.splitlines()) <= 2, done
    assert done.err.startswith("canifork: "), done


# --- deps

LOCK = '[[package]]\nname = "{}"\nversion = "{}"\n'
FILES: dict[str, tuple[str, bytes, list[tuple[str, str]]]] = {
    "BOM": ("requirements.txt", b"\xef\xbb\xbfnumpy==1.0\n", [("numpy", "1.0")]),
    "UTF-16": ("requirements.txt", "numpy==1.0\r\n".encode("utf-16"), [("numpy", "1.0")]),
    "a line without end": ("requirements.txt", b"a" * 10_000_000, []),
    "brackets": ("requirements.txt", b"numpy" + b"[" * 100_000, []),
    "parentheses": ("requirements.txt", b"numpy; " + b"(" * 900 + b"python_version>'3'" + b")" * 900, []),
    "many names": ("requirements.txt", b"numpy==1.0\n" * 1_000_000, [("numpy", "1.0")]),
    "no tables": ("pyproject.toml", b"project = 5\ndependency-groups = 3\ntool = 1\n", []),
    "no lists": ("pyproject.toml", b"[project]\ndependencies = 7\noptional-dependencies = [1]\n", []),
    "a text for a list": ("pyproject.toml", b'[project]\ndependencies = "numpy"\n', []),
    "no groups": ("pyproject.toml", b"[dependency-groups]\nx = 5\n[tool.poetry]\ndependencies = 5\n", []),
    "no packages": ("uv.lock", b"package = 5\npackages = 'x'\n", []),
    "no names": ("pylock.toml", b"[[packages]]\nname = 5\n[[packages]]\nname = ['a']\n[[packages]]\nname = ''\n", []),
    "escape sequences": ("uv.lock", LOCK.format("\\u001b[2J", "1").encode(), []),
    "a version that is none": ("uv.lock", LOCK.format("numpy", "\\u001b]0;x").encode(), [("numpy", "")]),
    "a version without end": ("uv.lock", LOCK.format("numpy", "1." * 400).encode(), [("numpy", "")]),
    "a version of many digits": ("uv.lock", LOCK.format("numpy", "9" * 900).encode(), [("numpy", "")]),
}


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_of_dependencies_names(tmp_path: Path, name: str) -> None:
    file, data, expected = FILES[name]
    (tmp_path / file).write_bytes(data)
    assert [(one.name, one.version) for one in dependencies.read(tmp_path / file).dependencies] == expected


@pytest.mark.parametrize(
    ("file", "data", "message"),
    [
        ("uv.lock", b"x = " + b"[" * 100_000, "nested too deeply"),
        ("uv.lock", b"x = {" + b"a={" * 50_000, "nested too deeply"),
        ("uv.lock", b"a" + b".a" * 50_000 + b" = 1\n", "a key of too many parts"),
        ("uv.lock", b"x = " + b"9" * 5000, "Exceeds the limit"),
        ("pyproject.toml", b"\xff\xfe\0\0", "can't decode"),
        ("requirements.txt", b"\xff\xff", "can't decode"),
        ("requirements.txt", b"numpy\n" * 3_000_000, "longer than 16 MiB"),
    ],
)
def test_a_file_of_dependencies_that_cannot_be_read_is_refused(
    tmp_path: Path, file: str, data: bytes, message: str
) -> None:
    (tmp_path / file).write_bytes(data)
    with pytest.raises(DataError, match=message) as raised:
        dependencies.read(tmp_path / file)
    assert len(str(raised.value)) < 600


# --- packages

RECIPE = """\"\"\"x\"\"\"
NAME = "evil"
IMPORTS = ("evil",)
REQUIRES = ("evil>=1",)
STANCE = "unread"
SAYS = "x"
ADDRESS = "https://example.org"
THREADS = ()
def make(): pass
def use(thing): return True
def close(thing): pass
"""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xfe", "is not UTF-8 at byte 0"),
        (b'x = "\0"', "null byte"),
        (b"x = " + b"(" * 5000, "too many nested parentheses"),
        (b"x = " + b"-" * 200_000 + b"1", "evil.py"),
        (b"X = " + b"1+" * 100_000 + b"1", "evil.py"),
        (b"#" * 2_000_000, "longer than 1 MiB"),
        (RECIPE.replace('"evil"', '"../evil"', 1).encode(), "is no package's name"),
        (RECIPE.replace("evil>=1", "--index-url=http://x>=1").encode(), "is no requirement"),
        (RECIPE.replace('("evil>=1",)', "(5,)").encode(), "is no requirement"),
        (RECIPE.replace('("evil",)', "(5,)").encode(), "IMPORTS are names"),
        (RECIPE.replace("THREADS = ()", "THREADS = 5").encode(), "THREADS are pairs"),
    ],
)
def test_a_recipe_that_is_none_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "evil.py").write_bytes(data)
    with pytest.raises(CatalogError, match=message):
        recipes.load(tmp_path)


def test_two_recipes_for_one_package_are_refused(tmp_path: Path) -> None:
    for name in ("evil.py", "other.py"):
        (tmp_path / name).write_text(RECIPE, encoding="utf-8")
    with pytest.raises(CatalogError, match="are both recipes for evil"):
        recipes.load(tmp_path)


@posix
@pytest.mark.parametrize("kind", ["fifo", "folder", "endless", "dangling"])
def test_a_recipe_that_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    corpus.special(kind, "evil.py")(tmp_path)
    with pytest.raises(CatalogError, match=r"evil\.py"):
        recipes.load(tmp_path)


# --- try

PROGRAM = """
import glob, os, shutil, sys, time
(code,) = [part for part in os.environ["PYTHONPATH"].split(":") if os.path.exists(os.path.join(part, "settings"))]
trial = os.path.dirname(code)
log = os.path.join(trial, "log", "processes", "events-0.jsonl")
at = time.monotonic()
def event(**parts):
    return repr(dict(parts, at=at, pid=1)).replace("'", '"')
ATTACK
print("done")
"""


@dataclass(frozen=True, kw_only=True)
class Attack:
    """code: what the program does; status of `try`, and a part of what it says."""

    code: str
    status: int = Status.DONE
    says: str = "Nothing differs"


UNREAD = "the log of its processes could not be read whole: a file of it is"
ATTACKS = {
    "log is a FIFO": Attack(code="os.mkfifo(log)", status=Status.INCOMPLETE, says=f"{UNREAD} a FIFO"),
    "log is endless": Attack(code="os.symlink('/dev/zero', log)", status=Status.INCOMPLETE, says=f"{UNREAD} a link"),
    "log is a folder": Attack(code="os.mkdir(log)", status=Status.INCOMPLETE, says=f"{UNREAD} a folder"),
    "log is nested": Attack(code="open(log, 'w').write('[' * 100000)"),
    "log has no keys": Attack(code="open(log, 'w').write(event(event='start') + '\\n' + event(event='test'))"),
    "log has other kinds": Attack(code="open(log, 'w').write(event(event='fork', stack=[[1]], threads='x'))"),
    "log is gone": Attack(code="shutil.rmtree(trial + '/log')", status=Status.INCOMPLETE, says="took the injection"),
    "output is gone": Attack(code="os.unlink(trial + '/output')"),
    "output is a FIFO": Attack(code="os.unlink(trial + '/output'); os.mkfifo(trial + '/output')"),
    "output is endless": Attack(code="os.unlink(trial + '/output'); os.symlink('/dev/zero', trial + '/output')"),
    "status is endless": Attack(code="os.symlink('/dev/zero', trial + '/status')"),
    "the run's folder is gone": Attack(
        code="shutil.rmtree(os.path.dirname(trial))", status=Status.INCOMPLETE, says="took the injection"
    ),
    "it kills its parent": Attack(
        code="os.kill(os.getppid(), 9)", status=Status.INCOMPLETE, says="Fails under every method"
    ),
    "it floods": Attack(
        code="while True: os.write(1, b'x' * 65536)", status=Status.INCOMPLETE, says="Fails under every method"
    ),
}


def tried(folder: Path, code: str, *options: str, **env: str) -> Done:
    (folder / "app.py").write_text(PROGRAM.replace("ATTACK", code), encoding="utf-8")
    words = ["--python", FIRST, "--method", OTHER, "--timeout", "20", *options, "--", "python", "app.py"]
    return module("matrix", "try", *words, cwd=folder, env=env, timeout=120)


@posix
@pytest.mark.parametrize("name", ATTACKS)
def test_whatever_a_program_does_to_its_trial_there_is_a_report(tmp_path: Path, name: str) -> None:
    attack = ATTACKS[name]
    done = tried(tmp_path, attack.code)
    assert (done.status, attack.says in done.out) == (attack.status, True), done
    assert "Traceback" not in done.err


HOSTILE_TEXT = f"""
import multiprocessing
if multiprocessing.get_start_method() == {OTHER!r}:
    raise ValueError("\\x1b]0;hacked\\x07\\x1b[2J::error::x\\n::error::y ##[error]z \\u202e")
"""


@posix
def test_what_a_program_says_is_inert_in_every_form(tmp_path: Path) -> None:
    forms = ("json", "junit", "sarif", "html")
    words = [word for form in forms for word in ("--format", f"{form}={tmp_path / form}")]
    done = tried(tmp_path, HOSTILE_TEXT, *words, "--format", "text", GITHUB_ACTIONS="true")
    assert done.status == Status.ERRORS, done
    texts = [done.out, done.err, *((tmp_path / form).read_text(encoding="utf-8") for form in forms)]
    assert all(char.isprintable() or char in "\n\t" for text in texts for char in text)
    assert not [line for line in done.out.splitlines() if line.lstrip().startswith("::") or "##[" in line]
    assert json.loads(texts[2])["findings"]


@posix
def test_annotations_are_commands_and_what_they_quote_is_none(tmp_path: Path) -> None:
    done = tried(tmp_path, HOSTILE_TEXT, "--format", "github", GITHUB_ACTIONS="true")
    first, *others = done.out.splitlines()
    assert first.startswith("::error file=app.py,line="), done
    assert not [line for line in others if line.startswith("::")]
