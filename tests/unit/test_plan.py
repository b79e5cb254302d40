"""What is selected, and in which order it runs."""

from __future__ import annotations

import pytest

from matrix.suite.plan import matches, plan, remaining, select
from tests.unit.values import probe, run, verdict

LOCK = probe("arguments.threading_lock", text="Can a threading.Lock be passed?")
QUEUE = probe("primitives.queue", text="Can a Queue be passed?")
COST = probe("cost.start_time", text="How long does a start take?", exclusive=True)
DEFAULT = probe("defaults.start_method", text="What is the default?", methods=())
ALL = (COST, LOCK, QUEUE, DEFAULT)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("lock", [LOCK]),
        ("LOCK", [LOCK]),
        ("passed", [LOCK, QUEUE]),
        ("passed and not queue", [LOCK]),
        ("lock or queue", [LOCK, QUEUE]),
        ("not passed and not default", [COST]),
        ("nothing", []),
    ],
)
def test_words(expression: str, expected: list[object]) -> None:
    assert [one for one in ALL if matches(expression, one)] == expected


@pytest.mark.parametrize(
    ("ids", "words", "expected"),
    [
        ([], [], ALL),
        (["arguments.threading_lock"], [], (LOCK,)),
        (["arguments", "cost"], [], (COST, LOCK)),
        ([], ["passed", "queue"], (QUEUE,)),
        (["arguments"], ["queue"], ()),
    ],
)
def test_selection(ids: list[str], words: list[str], expected: tuple[object, ...]) -> None:
    assert select(ALL, ids, words) == expected


def test_each_probe_is_asked_under_each_of_its_methods_exclusive_ones_last() -> None:
    jobs = plan([COST, LOCK, DEFAULT])
    assert [(job.probe.id, job.method) for job in jobs] == [
        ("arguments.threading_lock", "fork"),
        ("arguments.threading_lock", "spawn"),
        ("arguments.threading_lock", "forkserver"),
        ("defaults.start_method", "none"),
        ("cost.start_time", "fork"),
        ("cost.start_time", "spawn"),
        ("cost.start_time", "forkserver"),
    ]


@pytest.mark.parametrize(("methods", "count"), [([], 4), (["spawn"], 1), (["none"], 1), (["fork", "none"], 2)])
def test_methods_limit_the_plan(methods: list[str], count: int) -> None:
    assert len(plan([LOCK, DEFAULT], methods)) == count


def test_repetition_goes_round_and_counts_from_one() -> None:
    assert [(job.method, job.attempt) for job in plan([LOCK], ["fork", "spawn"], 2)] == [
        ("fork", 1),
        ("spawn", 1),
        ("fork", 2),
        ("spawn", 2),
    ]


def test_what_remains_is_what_has_no_answer_on_the_present_source() -> None:
    subject = probe(methods=("fork", "spawn", "forkserver"))
    old = verdict("yes", method="forkserver", source_sha256="b" * 64)
    todo = remaining(plan([subject]), [run(verdict("yes", method="fork"), old)])
    assert [job.method for job in todo] == ["spawn", "forkserver"]
    assert [job.attempt for job in remaining(plan([subject], ["fork"], 2), [run(verdict("yes"))])] == [2]
