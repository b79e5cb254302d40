"""The last line of a traceback alone: the right question first, with its range over all methods; no guess else."""

from __future__ import annotations

import pytest

from matrix.explain import explain
from tests.explain.one_line import ANYBODYS, LINES


@pytest.mark.parametrize("line", LINES)
def test_the_right_question_comes_first(line: str) -> None:
    found = explain(line)
    assert found
    assert found[0].question in LINES[line], [one.question for one in found]


def test_the_range_is_that_of_all_methods() -> None:
    assert explain("TypeError: cannot pickle '_thread.lock' object")[0].range == (
        "no under spawn and forkserver, 3.8+; yes under fork, 3.8+"
    )


@pytest.mark.parametrize("line", ANYBODYS)
def test_what_any_program_can_end_with_is_not_explained(line: str) -> None:
    assert explain(line) == ()
