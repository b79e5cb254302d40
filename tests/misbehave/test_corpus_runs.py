"""Every hostile or broken run file is refused in one to three lines, soon and in little memory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.misbehave.bounded import Bounds, Took, bounds, command, refusals
from tests.misbehave.corpus import Case
from tests.misbehave.corpus_runs import REFUSED_RUNS

__all__ = ["bounds"]
HERE = [case for case in REFUSED_RUNS if not case.posix or sys.platform != "win32"]
CONTENTS = {case.name: case for case in HERE if case.cheap}
ALONE = [case for case in HERE if not case.cheap]


def words(folder: Path, case: Case) -> list[str]:
    """The command that reads a case; what it must not write is beside it."""
    (folder / "in").mkdir(parents=True)
    return ["merge", str(case.make(folder / "in")), "-o", str(folder / "out" / "matrix.json")]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Took]:
    """The answer to each case of content: a process for each would start a hundred times to read a line."""
    folder = tmp_path_factory.mktemp("contents")
    calls = [words(folder / str(number), case) for number, case in enumerate(CONTENTS.values())]
    return dict(zip(CONTENTS, refusals(folder, calls), strict=True))


def test_the_corpus_is_large() -> None:
    assert len({case.name for case in REFUSED_RUNS}) == len(REFUSED_RUNS) >= 100


@pytest.mark.parametrize("name", CONTENTS)
def test_hostile_content_is_refused(answers: dict[str, Took], bounds: Bounds, name: str) -> None:
    # Nothing was written: that is said on stdout.
    bounds.refused(answers[name], CONTENTS[name].says)


@pytest.mark.parametrize("case", ALONE, ids=lambda case: case.name)
def test_a_hostile_file_is_refused(tmp_path: Path, bounds: Bounds, case: Case) -> None:
    bounds.refused(command(tmp_path, "-m", "matrix", *words(tmp_path, case)), case.says)
    assert not (tmp_path / "out").exists()
