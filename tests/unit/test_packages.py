"""Packages: recipes as they must be, verdicts to cells, cells to advice, dependencies of projects."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from matrix.errors import CatalogError, DataError, UsageError
from matrix.model import Outcome, Verdict
from matrix.packages import (
    cells,
    commands,
    dependencies,
    deps,
    environments,
    measure,
    measurement,
    new_recipe,
    receive,
    recipes,
)
from matrix.packages.dependencies import Dependency
from matrix.packages.measurement import Measurement, PackageCell
from matrix.paths import SCHEMAS
from report.views import packages as view

FOLDER = Path(__file__).parents[2] / "data" / "packages"


HUNG = """\
Thread 0x1 (most recent call first):
  File "/x/y.py", line 1 in work
Current thread 0x2 (most recent call first):
  File "/x/popen_fork.py", line 72 in _launch
"""


def verdict(question: str, method: str, word: str, **observed: object) -> Verdict:
    return Verdict(
        probe=f"package.{question}", method=method, source_sha256="0" * 64, observed=observed,  # type: ignore[arg-type]
        outcome=Outcome(word) if word in ("hang", "crash", "error", "unavailable") else Outcome.VALUE,
        value=word, stacks=HUNG if word == "hang" else None,
    )  # fmt: skip


def cell(question: str, method: str, answer: str, fact: bool = True) -> PackageCell:
    return PackageCell(question=question, method=method, answer=answer, n=3, agree=3, fact=fact)


def measured(*rows: PackageCell, version: str = "1.0", python: str = "3.12.1") -> Measurement:
    return Measurement(
        version=version, target=f"cpython-{python}-linux-x86_64-gnu", measured="2026-11-26", source_sha256="0" * 64,
        cells=rows,
    )  # fmt: skip


# --- recipes


def test_every_recipe_is_whole() -> None:
    found = recipes.load()
    assert len(found) >= 20
    for recipe in found:
        assert recipe.name == recipe.package or recipe.name.startswith(recipe.package + "-"), recipe.name
        assert recipe.file.stem == recipe.name.replace("-", "_")
        assert recipe.address.startswith("https://"), recipe.name
        assert (recipe.stance == "unread") == recipe.says.startswith("Nobody has read"), recipe.name
        assert "# replace" not in recipe.source, recipe.name


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('"""Words."""', ""), "docstring"),
        (("NAME = ", "NAMED = "), "NAME"),
        (('STANCE = "silent"', 'STANCE = "maybe"'), "STANCE"),
        (("(>=)", "()"), "lower bound"),
        (("def use(thing)", "def use()"), "use"),
        (("def make()", "def make(address)"), "serve"),
        (("def close", "def shut"), "close"),
        (("def use", "def use use"), "line 9"),
        (("def make", "import x.y\ndef make"), "at its top"),
        (("def make", "from x import y\ndef make"), "at its top"),
    ],
)
def test_a_recipe_that_lacks_something_says_what(change: tuple[str, str], fault: str, tmp_path: Path) -> None:
    text = (
        '"""Words."""\nNAME = "x"\nIMPORTS = ("x",)\nREQUIRES = ("x(>=)1",)\nSTANCE = "silent"\nSAYS = "."\n'
        'ADDRESS = "https://x"\ndef make(): pass\ndef use(thing): pass\ndef close(thing): pass\n'
    )
    path = tmp_path / "x.py"
    path.write_text(text.replace(*change).replace("(>=)", ">=").replace("x()1", "x"), encoding="utf-8")
    with pytest.raises(CatalogError, match=fault):
        recipes.read(path)
    path.write_text(text.replace("(>=)", ">="), encoding="utf-8")
    assert recipes.read(path).name == "x"


def test_words_of_a_recipe_are_not_part_of_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "some_package.py"
    path.write_text(new_recipe.text("some-package", path), encoding="utf-8")
    before = recipes.read(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('STANCE = "unread"', 'NOTE = "More."\nSTANCE = "silent"').replace("Nobody", "No one"),
        encoding="utf-8",
    )
    assert recipes.read(path).sha256 == before.sha256
    assert recipes.read(path).note == "More."
    path.write_text(text.replace("return some_package", "return 1"), encoding="utf-8")
    assert recipes.read(path).sha256 != before.sha256
    with pytest.raises(UsageError, match="already"):
        new_recipe.text("some-package", path)


@pytest.mark.parametrize(
    ("helper", "users"),
    [("_postgresql.py", {"psycopg", "sqlalchemy-psycopg"}), ("_recipe.py", None), ("package.py", None)],
)
def test_a_helper_is_part_of_the_hash_of_the_recipes_that_name_it(
    helper: str, users: set[str] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = shutil.copytree(recipes.ENGINE, tmp_path / "_engine")
    before = {recipe.name: recipe.sha256 for recipe in recipes.load()}
    monkeypatch.setattr(recipes, "ENGINE", engine)
    assert {recipe.name: recipe.sha256 for recipe in recipes.load()} == before
    with (engine / helper).open("a", encoding="utf-8") as file:
        file.write("changed = True\n")
    changed = {recipe.name for recipe in recipes.load() if recipe.sha256 != before[recipe.name]}
    assert changed == (users or set(before))


def test_the_job_of_hosts_is_part_of_their_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "hosts"
    shutil.copytree(recipes.HOSTS / "_engine", folder / "_engine")
    recipe = recipes.read(recipes.HOSTS / "celery.py")
    before = recipe.sha256
    monkeypatch.setattr(recipes, "HOSTS", folder)
    assert recipe.sha256 == before
    with (folder / "_engine" / "_job.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert recipe.sha256 != before


@pytest.mark.parametrize(
    ("said", "no_wheel"),
    [
        ("× No solution found:\n hint: Wheels are required for `odfpy` because building from source is disabled", True),
        ("No solution found\n because x has no wheels with a matching Python ABI tag (e.g., `cp38`)", True),
        ("No solution found\n the requested Python version (3.8.18) does not satisfy Python>=3.10", True),
        ("No solution found\n Because x was not found in the package registry", False),
        ("No solution found\n Because only x<=3.0.0 is available and you require x>=99", False),
        ("error: Request failed after 3 retries", False),
    ],
)
def test_a_wrong_name_is_not_a_wheel_that_is_not_there(said: str, no_wheel: bool) -> None:
    assert environments.lacks_wheel(said) is no_wheel


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("  × No solution found:\n  ╰─▶ Because x was not found in the package registry", "Because x was not found"),
        ("error: no\n  cause: Because only x<=3.0.0 is available", "Because only x<=3.0.0"),
        ("no\nhint: Wheels are required for `x` (i.e., with `--no-build`)", "Wheels are required for `x`"),
    ],
)
def test_what_the_installer_says_is_told_without_its_marks(said: str, cause: str) -> None:
    assert environments.cause(said).startswith(cause)
    assert "--no-build" not in environments.cause(said)


# --- cells


@pytest.mark.parametrize(
    ("words", "answer", "agree"),
    [
        (("works", "works", "works"), "works", 3),
        (("hangs", "works", "hangs"), "flaky", 2),
        (("hang", "hang", "hang"), "parent hangs", 3),
        (("crash", "crash", "crash"), "parent crashes", 3),
        (("error", "error", "error"), "error", 3),
    ],
)
def test_attempts_become_one_cell(words: tuple[str, ...], answer: str, agree: int) -> None:
    (merged,) = cells.merged(verdict("first_use", "fork", word) for word in words)
    assert (merged.answer, merged.n, merged.agree) == (answer, 3, agree)


def test_one_child_of_many_is_enough_while_a_thread_is_busy() -> None:
    attempts = [
        verdict("forked_while_busy", "fork", "works", children=7, failed=0),
        verdict("forked_while_busy", "fork", "hangs", children=7, failed=2),
        verdict("forked_while_busy", "spawn", "works", children=1, failed=0),
    ]
    fork = next(row for row in cells.merged(attempts) if row.method == "fork")
    assert (fork.answer, fork.failed, fork.children, fork.fact) == ("hangs", 2, 14, True)


def test_one_attempt_that_fails_is_enough_where_two_use_one_object() -> None:
    words = ("works", "breaks the parent", "works")
    (merged,) = cells.merged(verdict("shared_use", "fork", word) for word in words)
    assert (merged.answer, merged.agree, merged.n) == ("breaks the parent", 1, 3)


def test_an_attempt_without_an_answer_is_not_hidden_where_one_that_fails_is_enough() -> None:
    merged = cells.merged(verdict("forked_while_busy", "fork", word) for word in ("hang", "error", "hang"))
    assert merged[0].detail == "error 1, parent hangs 2"
    assert not commands.whole(measured(*merged))


def test_where_the_parent_hangs_is_told() -> None:
    (merged,) = cells.merged([verdict("first_use", "fork", "hang")])
    assert merged.detail == "in _launch, popen_fork.py"


def test_a_control_that_fails_is_told() -> None:
    works = measured(cell("own_object", "spawn", "works"), cell("shared_use", "fork", "raises"))
    assert commands.doubts(works) == []
    (told,) = commands.doubts(measured(cell("own_object", "spawn", "works"), cell("shared_use", "spawn", "raises")))
    assert "Look at shared_use under spawn" in told
    assert commands.doubts(measured(cell("own_object", "spawn", "error"))) == [commands.NOT_KEPT]


@pytest.mark.parametrize("word", ["hang", "crash"])
def test_a_parent_that_ends_where_nothing_is_forked_is_no_answer(word: str) -> None:
    told = measure._control(verdict("own_object", "spawn", word))
    assert told.outcome is Outcome.ERROR
    assert told.detail.startswith("parent ")
    assert measure._control(verdict("own_object", "spawn", "raises")).outcome is Outcome.VALUE


@pytest.mark.parametrize(
    ("question", "control", "spawned", "fact"),
    [
        ("own_object", "own_object", "works", True),
        ("own_object", "own_object", "raises", False),
        ("shared_use", "shared_use", "raises", False),
        ("shared_use", "own_object", "raises", True),
        ("parent_object", "own_object", "works", True),
        ("thread_count", "own_object", "raises", True),
    ],
)
def test_a_failure_counts_if_its_control_works(question: str, control: str, spawned: str, fact: bool) -> None:
    attempts = [verdict(question, "fork", "raises"), verdict(control, "spawn", spawned)]
    if control != question and question == "shared_use":
        attempts.append(verdict(question, "spawn", "works"))
    assert next(row for row in cells.merged(attempts) if row.method == "fork").fact is fact


GOOD = ("first_use", "own_object", "parent_object", "let_go", "forked_while_busy", "shared_use")


@pytest.mark.parametrize(
    ("fails", "advice"),
    [
        ((), "works"),
        (("forked_while_busy",), "idle"),
        (("shared_use",), "own"),
        (("let_go", "forked_while_busy"), "own"),
        (("own_object", "parent_object"), "early"),
        (("first_use",), "spawn"),
    ],
)
def test_the_advice_is_the_least_that_a_program_must_do(fails: tuple[str, ...], advice: str) -> None:
    rows = [cell(question, "fork", "hangs" if question in fails else "works") for question in GOOD]
    found = measured(*rows, cell("own_object", "spawn", "works"))
    assert cells.advice(found) == advice
    assert cells.advice(measured(*rows, cell("own_object", "spawn", "raises"))) == "broken"
    assert cells.advice(measured(*rows, cell("first_use", "spawn", "error"))) == "unknown"
    doubtful = [structs.replace(row, fact=row.answer == "works") for row in rows]
    assert cells.advice(measured(*doubtful, cell("own_object", "spawn", "works"))) == ("unknown" if fails else "works")


def test_every_word_that_a_page_shows_can_be_translated() -> None:
    assert set(cells.ADVICE.values()) <= set(view.WORDS)
    shown = {row.answer for data in measurement.load(FOLDER).values() for one in data.measurements for row in one.cells}
    fixed = {word for word in shown if word.startswith("fixed by")}
    assert shown - fixed <= set(view.WORDS) | {"C", "Python"}
    assert len(view.COLUMNS) == 10


@pytest.mark.parametrize(
    ("idle", "waits"),
    [
        ([], False),
        ([100.0], False),
        ([88.5 + 0.3 * n for n in range(35)], True),
        ([50 + 0.3 * n for n in range(35)], False),
    ],
)
def test_who_computes_at_the_deadline_does_not_hang(idle: list[float], waits: bool) -> None:
    assert measure.waited(idle, 100.0) is waits


@pytest.mark.parametrize(
    ("idle", "rests"),
    [
        ([], False),
        ([100 - 0.3 * n for n in range(200)], True),
        ([100 - 0.3 * n for n in range(130)], False),
        ([60 - 0.3 * n for n in range(200)], False),
    ],
)
def test_what_has_done_nothing_for_a_minute_hangs(idle: list[float], rests: bool) -> None:
    assert measure.rests(idle, 100.0, measure.STILL) is rests


def test_a_measurement_with_an_attempt_that_failed_is_not_kept() -> None:
    attempts = [verdict("first_use", "fork", word) for word in ("works", "works", "error")]
    assert not commands.whole(measured(*cells.merged(attempts)))
    assert not commands.whole(measured(*cells.merged(attempts[2:])))
    assert commands.whole(measured(*cells.merged(attempts[:2])))


def test_a_package_that_says_error_has_an_answer() -> None:
    said = structs.replace(verdict("let_go", "fork", "raises"), detail="OperationalError: gone (this error at x)")
    assert commands.whole(measured(*cells.merged([said, said])))


# --- data


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_an_environment_has_its_real_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a checkout whose .nox is a link, no library was seen to be the package's, and none to have fork handlers."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    made = []

    def uv(words: Sequence[str], text: str = "") -> str:
        if words[0] == "venv":
            made.append(Path(words[-1]))
            raise UsageError("far enough")
        return text

    monkeypatch.setattr(environments, "FOLDER", tmp_path / "link")
    monkeypatch.setattr(environments, "_uv", uv)
    with pytest.raises(UsageError, match="far enough"):
        environments.make(recipes.load()[0], Path(sys.executable), "3.12")
    (folder,) = made
    assert folder.parent == (tmp_path / "real").resolve() / "3.12"


def test_the_published_measurements_were_seen_three_times_and_are_of_the_present_recipes() -> None:
    known = {recipe.name: recipe for recipe in recipes.load()}
    data = measurement.load(FOLDER)
    for name, file in data.items():
        assert name in known
        for one in file.measurements:
            assert one.source_sha256 == known[name].sha256, f"{name} {one.version}: measure it again"
            assert {row.question for row in one.cells} == (set(view.COLUMNS) if one.wheel else set()), name
            for row in one.cells:
                assert row.n >= 3, (name, row.question)
                assert row.answer != "error", (name, row.question)
                assert row.children >= 3 or row.question != "forked_while_busy" or row.answer.startswith("parent")


def test_the_published_measurements_of_hosts_too() -> None:
    known = {recipe.name: recipe for recipe in recipes.load(recipes.HOSTS)}
    for name, file in measurement.load(known["celery"].data).items():
        for one in file.measurements:
            assert one.source_sha256 == known[name].sha256, f"{name} {one.version}: measure it again"
            assert {row.question for row in one.cells} == set(view.HOST_COLUMNS)
            assert all(row.n >= 3 and row.answer != "error" for row in one.cells), name


def test_the_published_locks_are_of_the_present_recipes() -> None:
    for recipe in (*recipes.load(), *recipes.load(recipes.HOSTS)):
        for path in recipe.data.glob(f"locks/*/{recipe.name}.txt"):
            assert receive.LOCK.fullmatch(path.read_text(encoding="utf-8")), path
            if sys.platform == "linux":
                assert environments.published(recipe, path.parent.name), f"{path}: measure it again"


LOCKED = "# x>=1\nx==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (LOCKED, True),
        (LOCKED + LOCKED.partition("\n")[2], True),
        ("--index-url https://example.org\n" + LOCKED, False),
        (LOCKED + "-r /etc/passwd\n", False),
        (LOCKED.replace("x==1.0", "x @ https://example.org/x.whl"), False),
        ("x==1.0\n", False),
        ("", False),
    ],
)
def test_a_lock_has_names_versions_and_hashes_and_nothing_else(text: str, taken: bool) -> None:
    assert bool(receive.LOCK.fullmatch(text)) is taken


def test_what_a_job_left_is_taken_if_it_is_of_the_present_recipe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = next(recipe for recipe in recipes.load() if recipe.name == "orjson")
    good = structs.replace(measured(cell("first_use", "fork", "works")), source_sha256=recipe.sha256)
    once = structs.replace(good, version="2.0", cells=(structs.replace(good.cells[0], n=1, agree=1),))
    job, out = tmp_path / "in" / "packages-Linux-3.12", tmp_path / "out"
    measurement.save("orjson", [good, once, measured(version="3.0")], job)
    measurement.save("unheard-of", [good], job)
    (job / "lxml.json").write_text("{", encoding="utf-8")
    for series, name in (("3.12", "orjson"), ("3.12", "unheard-of"), ("..", "lxml")):
        path = job / "locks" / series / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(LOCKED, encoding="utf-8", newline="\r\n")  # as a tool on Windows may write it
    link = tmp_path / "in" / "packages-Linux-3.13" / "locks" / "3.13" / "orjson.txt"
    link.parent.mkdir(parents=True)
    with contextlib.suppress(OSError):  # Windows may permit no links
        link.symlink_to(job / "locks" / "3.12" / "orjson.txt")
    assert receive.run(argparse.Namespace(folder=tmp_path / "in", out=out)) == 1
    assert measurement.load(out) == {"orjson": measurement.PackageData(package="orjson", measurements=(good,))}
    assert [path.relative_to(out).as_posix() for path in out.rglob("*.txt")] == ["locks/3.12/orjson.txt"]
    told = capsys.readouterr().out
    assert "unheard-of.json: there is no such recipe" in told
    assert "lxml.json is not the data of a package" in told
    assert "unheard-of.txt: not a lock" in told


@pytest.mark.parametrize(
    ("answers", "advice"),
    [
        (("works", "works", "works"), "any method"),
        (("works", "raises", "crashes"), "fork only"),
        (("works", "works", "crashes"), "some"),
        (("raises", "raises", "raises"), "no method"),
    ],
)
def test_the_sentence_of_a_host(answers: tuple[str, ...], advice: str) -> None:
    methods = ("fork", "spawn", "forkserver")
    pool = [cell("pool", method, answer) for method, answer in zip(methods, answers, strict=True)]
    assert cells.advice(measured(*pool, cell("process", "fork", answers[0]))) == advice


def test_measurements_are_read_as_they_were_written(tmp_path: Path) -> None:
    old, new = measured(version="1.0"), measured(cell("first_use", "fork", "works"), version="1.0")
    measurement.save("x", [old, measured(version="2.0")], tmp_path)
    path = measurement.save("x", [new], tmp_path)
    assert measurement.read(path).measurements == (new, measured(version="2.0"))


def test_a_question_that_is_asked_again_leaves_the_others(tmp_path: Path) -> None:
    first = measured(cell("first_use", "fork", "works"), cell("let_go", "fork", "hangs"))
    measurement.save("x", [first], tmp_path)
    path = measurement.save("x", [measured(cell("let_go", "fork", "works"))], tmp_path)
    assert measurement.read(path).measurements[0].cells == (
        cell("first_use", "fork", "works"),
        cell("let_go", "fork", "works"),
    )


def test_that_there_was_no_wheel_is_forgotten_once_there_is_one(tmp_path: Path) -> None:
    none = structs.replace(measured(version=measurement.NO_VERSION), wheel=False)
    elsewhere = structs.replace(none, target="cpython-3.14.0-linux-x86_64-gnu")
    measurement.save("x", [none, elsewhere], tmp_path)
    path = measurement.save("x", [measured(version="1.0")], tmp_path)
    assert measurement.read(path).measurements == (elsewhere, measured(version="1.0"))


def test_answers_of_another_source_do_not_stay(tmp_path: Path) -> None:
    first = measured(cell("first_use", "fork", "works"), cell("let_go", "fork", "hangs"))
    measurement.save("x", [structs.replace(first, source_sha256="1" * 64)], tmp_path)
    again = measured(cell("let_go", "fork", "works"))
    assert measurement.read(measurement.save("x", [again], tmp_path)).measurements == (again,)


@pytest.mark.parametrize(("repeat", "kept"), [(1, False), (2, False), (3, True)])
def test_fewer_than_three_attempts_are_not_kept(
    repeat: int, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = environments.Environment(python=Path(sys.executable), version="1.0", installed=(), lock=LOCKED)
    monkeypatch.setattr(environments, "make", lambda *_, **__: environment)
    monkeypatch.setattr(measure, "measure", lambda *_: measured(cell("first_use", "fork", "works")))
    given = argparse.Namespace(
        folder=recipes.RECIPES, package=["orjson"], python=[sys.executable], version=[], versions=None, upgrade=False,
        locks_only=False, question=[], jobs=1, repeat=repeat, time_scale=1.0, out=tmp_path,
    )  # fmt: skip
    assert commands.run(given) == 0
    assert bool(list(tmp_path.rglob("orjson.json"))) is bool(list(tmp_path.rglob("orjson.txt"))) is kept
    assert ("fewer than 3 attempts" in capsys.readouterr().out) is not kept


def test_the_schema_is_that_of_the_code_and_the_data_are_valid_by_it() -> None:
    text = (SCHEMAS / "package-1.schema.json").read_text(encoding="utf-8")
    assert text == measurement.schema() + "\n"
    validator = jsonschema.Draft7Validator(json.loads(text))
    for path in FOLDER.glob("*.json"):
        validator.validate(json.loads(path.read_text(encoding="utf-8")))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"schema": 1, "package": "x", "measurements": [{}]})


@pytest.mark.parametrize(
    "change",
    [
        ('"package": "x"', '"package": "y"'), ('"schema": 1', '"schema": 2'), ("2026-11-26", "today"),
        ('"version": "1.0"', '"version": "../1"'), ('"version"', '"extra": 1, "version"'), ("{", "["),
    ],
)  # fmt: skip
def test_a_file_that_is_no_measurement_is_refused(change: tuple[str, str], tmp_path: Path) -> None:
    path = measurement.save("x", [measured()], tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    with pytest.raises(DataError):
        measurement.read(path)


# --- dependencies of a project

REQUIREMENTS = """\
# a comment
--index-url https://example.org/simple
-c constraints.txt
NumPy==2.5.0  # pinned
polars >= 1
requests[socks]==2.34.2 ; python_version >= "3.8" \\
    --hash=sha256:00 \\
    --hash=sha256:01
duckdb --config-settings x=y
-e git+https://example.org/numba.git#egg=numba
https://example.org/orjson-3.13.0-cp312-cp312-linux_x86_64.whl
h5py @ https://example.org/h5py-3.16.0.tar.gz
"""
PYPROJECT = """\
[project]
name = "mine"
dependencies = ["duckdb"]
optional-dependencies = {all = ["grpcio==1.80", "mine[some]"]}
[dependency-groups]
dev = ["lxml", {include-group = "all"}]
[tool.uv]
dev-dependencies = ["orjson==3.13"]
[tool.pdm.dev-dependencies]
test = ["structlog"]
[tool.poetry.dependencies]
python = "^3.12"
pyzmq = "^26"
numpy = {version = "2.5.5", extras = ["x"]}
[tool.poetry.group.docs.dependencies]
loguru = "==0.7"
"""
LOCK = '[[package]]\nname = "scikit_learn"\nversion = "1.9.1"\n[[package]]\nname = "uvloop"\nversion = "0.21"\n'
UV_LOCK = (
    LOCK + '[[package]]\nname = "mine"\nversion = "1.0"\nsource = { editable = "." }\n'
    '[[package]]\nname = "uvloop"\nversion = "0.9"\nsource = { registry = "https://pypi.org/simple" }\n'
)
PIPFILE = '[packages]\npolars = "==2.1.0"\nlxml = "*"\n[dev-packages]\norjson = {version = "==3.13"}\n'
PIPFILE_LOCK = """{"_meta": {"sources": []}, "default": {"polars": {"version": "==2.1.0"}, "mine": {"path": "."}},
"develop": {"orjson": {"version": "==3.13", "markers": "python_version >= '3.8'"}}}"""


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        (
            "requirements.txt",
            REQUIREMENTS,
            {
                "numpy": "2.5.0", "polars": "", "requests": "2.34.2", "duckdb": "", "numba": "", "orjson": "3.13.0",
                "h5py": "3.16.0",
            },
        ),
        (
            "pyproject.toml",
            PYPROJECT,
            {
                "duckdb": "", "grpcio": "1.80", "lxml": "", "pyzmq": "", "orjson": "3.13", "structlog": "",
                "numpy": "2.5.5", "loguru": "0.7",
            },
        ),
        ("uv.lock", UV_LOCK, {"scikit-learn": "1.9.1", "uvloop": "0.21"}),
        ("poetry.lock", LOCK, {"scikit-learn": "1.9.1", "uvloop": "0.21"}),
        ("pdm.lock", LOCK, {"scikit-learn": "1.9.1", "uvloop": "0.21"}),
        ("pylock.dev.toml", LOCK.replace("package]", "packages]"), {"scikit-learn": "1.9.1", "uvloop": "0.21"}),
        ("Pipfile", PIPFILE, {"polars": "2.1.0", "lxml": "", "orjson": "3.13"}),
        ("Pipfile.lock", PIPFILE_LOCK, {"polars": "2.1.0", "mine": "", "orjson": "3.13"}),
    ],
)  # fmt: skip
def test_the_dependencies_of_a_project(name: str, text: str, found: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert {one.name: one.version for one in dependencies.read(path).dependencies} == found


def test_requirements_are_read_with_what_they_include(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "requirements.txt").write_text("numpy\n-r sub/more.txt\n-rmissing.txt\n", encoding="utf-8")
    (tmp_path / "sub" / "more.txt").write_text("polars==2.1.0\n--requirement=../requirements.txt\n", encoding="utf-8")
    found = dependencies.read(tmp_path / "requirements.txt")
    assert found.dependencies == (Dependency("numpy"), Dependency("polars", "2.1.0"))
    assert [one.text for one in found.unread] == ["-r missing.txt"]
    assert dependencies.read(tmp_path) == found, "a project's folder"


@pytest.mark.parametrize(
    ("name", "text", "unread"),
    [
        ("requirements.txt", "-e .\n./local\ngit+https://example.org/x.git\n-r https://example.org/r.txt\n",
         ["-e .", "./local", "git+https://example.org/x.git", "-r https://example.org/r.txt"]),
        ("pyproject.toml", '[project]\ndynamic = ["version", "dependencies"]\n', ["dynamic dependencies"]),
    ],
)  # fmt: skip
def test_what_names_no_package_is_told_and_not_left_out(
    name: str, text: str, unread: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert [one.text for one in dependencies.read(tmp_path / name).unread] == unread
    given = argparse.Namespace(paths=[tmp_path / name], series="", method=None, format="text")
    assert deps.run(given) == 4
    assert f"not read, so not known, {len(unread)}:\n    {unread[0]} ({name})" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["setup.cfg", "environment.yml", "package.json"])
def test_a_file_that_is_no_list_of_dependencies_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("polars\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no list of requirements\. Name one of uv\.lock"):
        dependencies.read(tmp_path / name)


def test_the_packages_of_an_environment(tmp_path: Path) -> None:
    (tmp_path / "lib" / "site-packages" / "grpcio_tools-1.80.0.dist-info").mkdir(parents=True)
    assert dependencies.read(tmp_path).dependencies == (Dependency("grpcio-tools", "1.80.0"),)


@given(st.text(max_size=200))
def test_any_text_is_a_list_of_requirements(text: str) -> None:
    found = dependencies._requirements(text, Path("requirements.txt"), set())
    assert all(isinstance(one, dependencies.Unread) or one.name for one in found)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Cannot read"):
        dependencies.read(tmp_path / "missing.txt")
    (tmp_path / "uv.lock").write_text("[[", encoding="utf-8")
    with pytest.raises(DataError, match=r"uv\.lock"):
        dependencies.read(tmp_path / "uv.lock")


@pytest.mark.parametrize(
    ("version", "series", "found"),
    [
        ("", "", ("3.0", "3.13.0")), ("2.5", "", ("2.0", "3.13.0")), ("0.5", "", ("2.0", "3.13.0")),
        ("1.0", "", ("1.0", "3.12.1")), ("2.0.0", "", ("2.0", "3.13.0")),
        ("2.5", "3.12", ("2.0", "3.12.1")), ("1.5", "3.12", ("1.0", "3.12.1")), ("1.5", "3.9", None),
        ("", "3.14t", ("3.0", "3.14.2+freethreaded")), ("", "3.14", None),
    ],
)  # fmt: skip
def test_the_nearest_measurement(version: str, series: str, found: tuple[str, str] | None) -> None:
    rows = [
        measured(version="1.0"), measured(version="2.0"), measured(version="2.0", python="3.13.0"),
        measured(version="3.0", python="3.13.0"), measured(version="3.0", python="3.14.2+freethreaded"),
    ]  # fmt: skip
    chosen = deps.nearest(version, rows, series)
    assert (chosen and (chosen.version, chosen.target.split("-")[1])) == found


def test_unknown_is_said_to_be_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = Dependency("x", "1.0")
    file = measurement.PackageData(
        package="x",
        measurements=(
            measured(cell("own_object", "fork", "hangs"), cell("parent_object", "spawn", "cannot be passed"),
                     cell("own_object", "spawn", "works"), cell("let_go", "fork", "crashes", fact=False)),
        ),
    )  # fmt: skip
    known = deps.finding(one, {}, {"x": file}, "", None)
    assert known.breaks == (("own_object", "fork", "hangs"),)
    assert deps.finding(one, {}, {"x": file}, "", "spawn").breaks == ()
    unknown = deps.finding(Dependency("y"), {}, {"x": file}, "", None)
    assert (unknown.advice, unknown.measured) == ("unknown", "")
    text = "\n".join(deps.lines([known, unknown]))
    assert "own_object under fork: hangs" in text
    assert "not measured, so not known, 1:\n    y" in text
    assert "fork (the default of Linux up to 3.13): 1 of 1 break\n" in text
    assert text.endswith("): 0 of 1 break")
    assert (
        "spawn (the default of macOS and Windows): 0 of 1 break; objects that cannot be passed to a child: x\n" in text
    )
    assert json.dumps(known.breaks)


def test_a_program_that_runs_other_peoples_code_is_a_dependency_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "uv.lock").write_text('[[package]]\nname = "celery"\nversion = "5.0"\n', encoding="utf-8")
    assert deps.run(argparse.Namespace(paths=[tmp_path / "uv.lock"], series="3.12", method=None, format="text")) == 1
    assert "celery 5.0, for code that it runs: no start method works" in capsys.readouterr().out


def test_a_way_to_use_two_packages_together_is_a_dependency_where_both_are() -> None:
    known = {recipe.name: recipe for recipe in recipes.load()}
    both = [Dependency("psycopg", "3.3"), Dependency("sqlalchemy", "2.1")]
    assert Dependency("sqlalchemy-psycopg", "2.1") in deps.with_variants(both, known)
    assert deps.with_variants(both[1:], known) == both[1:]
    assert deps.with_variants(both[:1], known) == both[:1]


def test_the_newest_column_is_of_linux_and_of_the_ordinary_build() -> None:
    recipe = next(recipe for recipe in recipes.load() if recipe.name == "orjson")
    other = structs.replace(measured(version="3.0"), target="cpython-3.14.0-macos-arm64-none")
    rows = (measured(version="1.0"), measured(version="2.0", python="3.14.2+freethreaded"), other)
    (page,) = view.package_pages([recipe], {"orjson": measurement.PackageData(package="orjson", measurements=rows)}, ())
    assert (page.newest.measurement.version, page.newest.python) == ("1.0", "3.12")
    assert {(one.series, one.python) for one in page.columns} == {
        ("3.12", "3.12"),
        ("3.14t", "3.14t"),
        ("3.14", "3.14, macOS"),
    }


def test_another_python_with_another_sentence_is_named_for_the_same_release_alone() -> None:
    recipe = next(recipe for recipe in recipes.load() if recipe.name == "orjson")
    fine, hangs = cell("own_object", "spawn", "works"), cell("own_object", "fork", "hangs")
    rows = (
        measured(fine, version="2.0", python="3.14.2"), measured(fine, hangs, version="2.0", python="3.13.0"),
        measured(fine, hangs, version="2.0"), measured(fine, hangs, version="2.0", python="3.8.18"),
        measured(fine, hangs, version="1.0", python="3.9.18"),
    )  # fmt: skip
    (page,) = view.package_pages([recipe], {"orjson": measurement.PackageData(package="orjson", measurements=rows)}, ())
    assert page.newest.python == "3.14"
    assert [(pythons, one.advice) for pythons, one in page.elsewhere] == [("3.8, 3.12, 3.13", cells.ADVICE["early"])]
    assert [one.is_advice for one in (page.newest, page.elsewhere[0][1])] == [False, True]


def test_a_python_without_a_wheel_is_not_the_newest_column_and_shows_no_version() -> None:
    recipe = next(recipe for recipe in recipes.load() if recipe.name == "orjson")
    none = structs.replace(measured(version=measurement.NO_VERSION, python="3.14.2"), wheel=False)
    rows = (none, measured(version="1.0"))
    (page,) = view.package_pages([recipe], {"orjson": measurement.PackageData(package="orjson", measurements=rows)}, ())
    assert [(one.version, one.python) for one in page.columns] == [("1.0", "3.12"), ("-", "3.14")]
    assert (page.newest.version, page.newest.python) == ("1.0", "3.12")


@pytest.mark.parametrize(("libc", "several"), [("glibc 2.36", False), ("glibc 2.43", True)])
def test_columns_of_several_c_libraries_are_told_apart(libc: str, several: bool) -> None:
    recipe = next(recipe for recipe in recipes.load() if recipe.name == "orjson")
    none = structs.replace(measured(version=measurement.NO_VERSION, python="3.15.0"), wheel=False)
    rows = (none, *(structs.replace(measured(python=python), libc="glibc 2.36") for python in ("3.12.1", "3.13.0")))
    rows = (*rows, structs.replace(measured(python="3.14.2"), libc=libc))
    (page,) = view.package_pages([recipe], {"orjson": measurement.PackageData(package="orjson", measurements=rows)}, ())
    assert page.several_libcs is several


def test_answers_are_grouped_by_what_they_say() -> None:
    several = [cell("first_use", method, "works") for method in ("spawn", "fork")]
    several.append(cell("first_use", "forkserver", "hangs"))
    shown = view.answers(several)
    assert [(one.word, one.methods) for one in shown] == [("hangs", ("forkserver",)), ("works", ("fork", "spawn"))]
