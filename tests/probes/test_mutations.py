"""No probe answers without having seen the thing: alter what it observes, and its answer changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from packaging.markers import Marker

from matrix.files import run_reader
from matrix.model import Outcome
from matrix.suite import digest
from matrix.system import launch
from tests.conftest import ROOT
from tests.probes.mutation import Mutation
from tests.probes.mutations import MUTATIONS, ROWS

PROBES = ROOT / "probes"
MEASURED = sys.platform == "linux"
"""Whether data/ has answers of this system, so that the unaltered ones are known."""

VERDICTS = [verdict for run in run_reader.load_runs([ROOT / "data"]) for verdict in run.verdicts]
SOURCES = {path.stem: digest.of_script(path) for path in PROBES.glob("[a-z]*.py")}
"""Theme -> the hash of its present source."""

MEASURED_SOURCES = {verdict.source_sha256 for verdict in VERDICTS}
CHANGED = {theme for theme, source in SOURCES.items() if source not in MEASURED_SOURCES}
PARTS = 1 if os.environ.get("CANIFORK_MUTATIONS") == "all" else 6
DAY = date.today().toordinal()
CHOSEN = [theme for theme in ROWS if theme in CHANGED or (zlib.crc32(theme.encode()) + DAY) % PARTS == 0]
"""A sixth of the themes, another one each day, and those that were changed since they were measured."""


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder with a short path: sockets are made below it."""
    folder = Path(tempfile.mkdtemp(prefix="mu", dir=launch.temporary_root()))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def altered(mutation: Mutation, folder: Path) -> None:
    """Copy the suite, with one alteration."""
    shutil.copytree(PROBES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / mutation.file
    text = file.read_text(encoding="utf-8")
    assert mutation.old in text, (
        f"probes/{mutation.file} has no text {mutation.old!r} any more: alter what {mutation.probe} observes in "
        "another way, in tests/probes/mutations/."
    )
    file.write_text(text.replace(mutation.old, mutation.new, 1), encoding="utf-8")


def ask(probes: Path, probe: str, method: str, temporary: Path) -> str:
    """What a probe prints under this interpreter: the outcome, or repr() of the value, then how."""
    theme, _, question = probe.partition(".")
    temporary.mkdir()
    names = ("TMPDIR", "TEMP", "TMP")
    env = {
        **launch.environment(os.environ, None, "mutation"),
        "PYTHONDONTWRITEBYTECODE": "1",
        **dict.fromkeys(names, str(temporary)),
    }
    done = subprocess.run(
        [sys.executable, str(probes / f"{theme}.py"), question, "--method", method], env=env, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", errors="replace", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip() + "\n" + done.stderr[-2000:]


@pytest.mark.parametrize(
    ("mutation", "method"),
    [(mutation, method) for theme in CHOSEN for mutation in ROWS[theme] for method in mutation.methods],
    ids=lambda each: f"{each.probe}-{each.after}" if isinstance(each, Mutation) else each,
)
def test_an_altered_world_gives_another_answer(mutation: Mutation, method: str, scratch: Path) -> None:
    if not Marker(mutation.only).evaluate():
        pytest.skip(f"the unaltered answer is so where {mutation.only}")
    altered(mutation, scratch / "probes")
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(ask, PROBES, mutation.probe, method, scratch / "a")
        after = pool.submit(ask, scratch / "probes", mutation.probe, method, scratch / "b")
    if mutation.refusable and outcome(before.result()) == "unavailable":
        pytest.skip(f"refused here: {before.result()}")
    if not MEASURED and outcome(before.result()) != mutation.before:
        pytest.skip(f"unaltered, the answer is another one here: {before.result()}")
    assert [outcome(before.result()), outcome(after.result())] == [mutation.before, mutation.after], (
        f"before: {before.result()}\nafter: {after.result()}"
    )


def outcome(text: str) -> str:
    """The answer without how it came about."""
    return text.splitlines()[0].partition(": ")[0]


def test_every_probe_that_answers_yes_or_no_has_a_row() -> None:
    answers = (Outcome.YES, Outcome.NO)
    present = {*SOURCES.values()}
    answering = {row.probe for row in VERDICTS if row.outcome in answers and row.source_sha256 in present}
    assert answering
    bare = answering - {row.probe for row in MUTATIONS}
    assert not bare, "they have no row in tests/probes/mutations (docs/adding-a-probe.md)"


def test_a_row_alters_the_answer() -> None:
    assert all(mutation.before != mutation.after for mutation in MUTATIONS)


@pytest.mark.parametrize("theme", ROWS)
def test_rows_stand_in_the_file_of_their_theme(theme: str) -> None:
    assert {row.probe.partition(".")[0] for row in ROWS[theme]} == {theme}


def test_a_row_whose_text_is_gone_says_so(scratch: Path) -> None:
    row = MUTATIONS[0]
    gone = Mutation(**{name: getattr(row, name) for name in row.__slots__} | {"old": "no such text"})
    with pytest.raises(AssertionError, match=r"has no text 'no such text' any more: alter what .* observes"):
        altered(gone, scratch / "probes")
