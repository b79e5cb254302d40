"""Recipes whose behaviour is known, measured in real processes: each word is said where it is true, and only there."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from matrix.packages import cells, measure, recipes
from matrix.packages.environments import Environment
from matrix.packages.measurement import Measurement
from matrix.targets import identify

RECIPES = Path(__file__).parent / "recipes"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="most of it is about fork")


def measured(name: str, *questions: str) -> Measurement:
    """A recipe, asked once on the Python that runs the tests."""
    how = measure.How(
        jobs=2, prefix=(), interrupted=threading.Event(), tell=lambda verdict: None, repeat=1, questions=questions
    )
    environment = Environment(python=Path(sys.executable), version="1.0", installed=())
    found = measure.measure(recipes.read(RECIPES / f"{name}.py"), environment, identify.identify([sys.executable]), how)
    assert found
    return found


def answers(found: Measurement) -> dict[tuple[str, str], str]:
    return {(cell.question, cell.method): cell.answer for cell in found.cells}


def test_a_recipe_that_works_works_everywhere() -> None:
    found = measured("works")
    asked = answers(found)
    facts = {key: answer for key, answer in asked.items() if key[0] in cells.FACTS}
    assert {answer for key, answer in asked.items() if key not in facts} == {"works"}
    assert facts["start_method", "none"] == "not touched"
    assert facts["thread_count", "none"].startswith("no threads") or not Path("/proc/self/task").exists()
    assert {key[0] for key in asked} == set(measure.questions())
    assert len(measure.questions()) == 10
    assert cells.advice(found) == "works"


def test_a_child_that_neither_ends_nor_computes_hangs_and_shows_where() -> None:
    found = measured("hangs", "first_use", "own_object")
    asked = answers(found)
    assert asked["first_use", "fork"] == asked["own_object", "spawn"] == "works"
    hung = next(cell for cell in found.cells if (cell.question, cell.method) == ("own_object", "fork"))
    assert hung.answer == "hangs"
    assert hung.detail == "in make, hangs.py"
    assert "the same; 0.00 s of CPU time" in hung.stacks or not Path("/proc/self/stat").exists()
    assert hung.fact
    assert cells.advice(found) == "early"


def test_a_child_that_a_signal_ends_crashes() -> None:
    found = measured("crashes", "own_object", "parent_object")
    crashed = next(cell for cell in found.cells if (cell.question, cell.method) == ("own_object", "fork"))
    assert (crashed.answer, crashed.detail) == ("crashes", "SIGTERM")


def test_a_wrong_result_and_an_object_that_cannot_be_passed() -> None:
    asked = answers(measured("wrong", "own_object", "parent_object"))
    assert asked["parent_object", "fork"] == "wrong result"
    assert asked["parent_object", "spawn"] == asked["parent_object", "forkserver"] == "cannot be passed"
    assert asked["own_object", "fork"] == "works"


def test_a_child_that_spoils_the_parents_connection_breaks_the_parent() -> None:
    found = measured("server", "own_object", "let_go")
    assert answers(found)["own_object", "spawn"] == "works"
    spoilt = next(cell for cell in found.cells if cell.question == "let_go")
    assert spoilt.answer == "breaks the parent"
    assert cells.advice(found) == "own"


def test_what_fails_under_spawn_too_is_no_fact_of_fork() -> None:
    found = measured("fails", "own_object")
    assert {cell.answer for cell in found.cells} == {"raises"}
    assert not any(cell.fact for cell in found.cells)
    assert cells.advice(found) == "broken"


def test_a_parent_that_computes_without_end_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "ENDLESS", 3.0)
    found = measured("spins", "let_go", "own_object")
    asked = answers(found)
    assert asked["let_go", "fork"] == "parent hangs"
    assert asked["own_object", "spawn"] == "works"
    assert next(cell for cell in found.cells if cell.question == "let_go").detail == "in use, spins.py"


def test_a_recipe_that_fails_where_nothing_is_forked_is_asked_no_more() -> None:
    found = measured("useless")
    (only,) = found.cells
    assert (only.question, only.method, only.answer) == ("own_object", "spawn", "error")
    assert "use() returned None" in only.detail


# --- hosts


def test_a_host_that_runs_a_script_lets_it_start_processes() -> None:
    found = measured("script")
    asked = answers(found)
    assert {answer for (question, _), answer in asked.items() if question in cells.OF_HOSTS} == {"works"}
    assert asked["imported_thread", "none"] == "it runs"
    assert cells.advice(found) == "any method"


def test_functions_that_were_typed_are_not_found_by_a_spawned_child() -> None:
    found = measured("typed", "process")
    assert answers(found) == {
        ("process", "fork"): "works", ("process", "spawn"): "crashes", ("process", "forkserver"): "crashes",
    }  # fmt: skip
    assert any("Can't get attribute 'send'" in cell.detail for cell in found.cells)
    assert cells.advice(found) == "fork only"


def test_a_host_that_does_not_run_the_code_gives_no_answer() -> None:
    found = measured("silent", "process")
    (only,) = found.cells
    assert only.answer == "error"
    assert "the host has not run the code" in only.detail
