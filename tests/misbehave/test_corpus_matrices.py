"""Every hostile or broken matrix.json is refused in one to three lines, soon and in little memory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.misbehave.bounded import Bounds, Took, bounds, command, refusals
from tests.misbehave.corpus import Case, file
from tests.misbehave.corpus_matrices import REFUSED_MATRICES, laid_out
from tests.misbehave.corpus_matrices import document as good

__all__ = ["bounds"]
HERE = [case for case in REFUSED_MATRICES if not case.posix or sys.platform != "win32"]
CONTENTS = {case.name: case for case in HERE if case.cheap}
ALONE = [case for case in HERE if not case.cheap]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Took]:
    """What `diff` says to each case of content, in one process; it reads as the others do."""
    folder = tmp_path_factory.mktemp("contents")
    calls = []
    for number, case in enumerate(CONTENTS.values()):
        (folder / str(number)).mkdir()
        path = str(case.make(folder / str(number)))
        calls.append(["diff", path, path])
    return dict(zip(CONTENTS, refusals(folder, calls), strict=True))


@pytest.mark.parametrize("name", CONTENTS)
def test_hostile_content_is_refused(answers: dict[str, Took], bounds: Bounds, name: str) -> None:
    bounds.refused(answers[name], CONTENTS[name].says)


@pytest.mark.parametrize("case", ALONE, ids=lambda case: case.name)
def test_a_hostile_matrix_makes_no_site(tmp_path: Path, bounds: Bounds, case: Case) -> None:
    (tmp_path / "in").mkdir()
    site = tmp_path / "site"
    bounds.refused(
        command(tmp_path, "-m", "report", "build", str(case.make(tmp_path / "in")), "-o", str(site)), case.says
    )
    assert not site.exists()


def test_the_matrix_that_the_cases_change_is_good(tmp_path: Path) -> None:
    path = str(file(laid_out(good()), "matrix.json")(tmp_path))
    assert [(one.status, one.err) for one in refusals(tmp_path, [["diff", path, path]])] == [(0, "")]
