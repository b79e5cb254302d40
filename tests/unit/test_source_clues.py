"""What a project's source tells when no exception does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.explain.index import load
from matrix.paths import DATA, PROBES
from matrix.trial import source_clues


@pytest.mark.parametrize(
    ("source", "question", "line"),
    [
        ("import x\nwith mock.patch('x.y'):\n    pass\n", "semantics.monkeypatch_seen", 2),
        ("logging.basicConfig()\n", "state.logging_configuration", 1),
        ("LETTERS = {}\ndef add(x):\n    LETTERS[x] = 1\n", "semantics.parent_global_seen", 3),
        ("READY = False\ndef setup():\n    global READY\n    READY = True\n", "semantics.parent_global_seen", 3),
        ("MANY = []\nif __name__ == '__main__':\n    MANY.append(1)\n", "semantics.parent_global_seen", 3),
    ],
)
def test_clues(source: str, question: str, line: int) -> None:
    found = list(source_clues.clues(source))
    assert (found[0].questions[0], found[0].line) == (question, line)


@pytest.mark.parametrize(
    "source", ["", "X = 1\nprint(X)\n", "def f():\n    many = []\n    many.append(1)\n", "def f(:\n"]
)
def test_no_clue(source: str) -> None:
    assert list(source_clues.clues(source)) == []


def test_every_question_is_there() -> None:
    known = load(PROBES, DATA).questions
    named = {name for _, questions in source_clues._CLUES for name in questions} | set(source_clues.GLOBALS)
    assert named <= set(known)


@given(st.text(max_size=200))
def test_any_text_may_be_a_source(text: str) -> None:
    list(source_clues.clues(text))
