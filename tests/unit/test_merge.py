"""Cells, k of n, and what the documents say."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix import commands
from matrix.documented import documented_answer, holding
from matrix.errors import NothingSelectedError
from matrix.files.serialize import dumps, line_json, load_runs, matrix_json
from matrix.model import Json, Matrix, Outcome, Probe, Run, Verdict
from matrix.results.merge import agrees, cell, distinct, merge
from tests.unit.values import FACTS, MARKERS, probe, run, verdict

SUITE: dict[str, Any] = {"commit": None, "dirty": False}


def one_cell(subject: Probe, *verdicts: Verdict, documented: Json = None) -> Any:
    said = [(run(item, number=index).header, item) for index, item in enumerate(verdicts)]
    return cell(subject, "fork", "t", said, documented)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], ("untested", 0, 0, "")),
        (["yes"], ("yes", 1, 1, "")),
        (["yes", "yes"], ("yes", 2, 2, "")),
        (["yes", "no", "yes"], ("flaky", 3, 2, "yes 2/3, no 1/3")),
        (["yes", "hang"], ("flaky", 2, 1, "hang 1/2, yes 1/2")),
        (["yes", "error"], ("yes", 2, 1, "")),
        (["error"], ("error", 1, 1, "")),
        (["error", "error"], ("error", 2, 2, "")),
    ],
)
def test_k_of_n(outcomes: list[str], expected: tuple[str, int, int, str]) -> None:
    found = one_cell(probe(), *(verdict(outcome) for outcome in outcomes))
    assert (found.outcome, found.n, found.agree, found.detail) == expected


def test_values_must_be_equal_unless_they_are_measured() -> None:
    said = [verdict("value", value=1), verdict("value", value=2)]
    assert one_cell(probe(), *said).outcome == "flaky"
    measured = one_cell(probe(measured=True), *said)
    assert (measured.outcome, measured.value, measured.agree) == ("value", 2, 2)


def test_messages_may_differ() -> None:
    said = [verdict("no", detail="BrokenPipeError"), verdict("no", detail="EOFError")]
    assert (one_cell(probe(), *said).outcome, one_cell(probe(), *said).detail) == ("no", "EOFError")


def test_only_verdicts_on_the_present_source_count() -> None:
    old = verdict("no", source_sha256="b" * 64)
    assert one_cell(probe(), old, verdict("yes")).outcome == "yes"
    assert not one_cell(probe(), old, verdict("yes")).stale
    assert one_cell(probe(), old).outcome == "no"  # the newest there is; its evidence has the other hash
    assert one_cell(probe(), old).stale
    assert not one_cell(probe()).stale


@pytest.mark.parametrize(
    ("documented", "method", "expected"),
    [
        ((), "fork", None),
        ((("*", "yes"),), "fork", "yes"),
        ((("fork", "yes"), ("*", "no")), "fork", "yes"),
        ((("fork", "yes"), ("*", "no")), "spawn", "no"),
        ((("fork", "yes"),), "spawn", None),
        ((('python_version >= "3.14"', "forkserver"), ("*", "fork")), "none", "fork"),
        ((('python_version >= "3.9"', "new"), ("*", "old")), "none", "new"),
        ((('fork; python_full_version < "3.13.0"', "a"), ("fork", "b")), "fork", "b"),
        ((('fork; sys_platform == "linux"', "a"), ("fork", "b")), "fork", "a"),
        ((('* ; implementation_name == "cpython"', "a"),), "none", "a"),
    ],
)
def test_documented(documented: tuple[tuple[str, Json], ...], method: str, expected: Json) -> None:
    assert documented_answer(probe(documented=documented), method, holding(MARKERS)) == expected


@pytest.mark.parametrize(
    ("outcome", "value", "documented", "expected"),
    [
        ("yes", None, "yes", True),
        ("no", None, "yes", False),
        ("yes", None, None, None),
        ("value", 3, 3, True),
        ("value", 3, "3", False),
        ("hang", None, "hang", True),
        ("crash", None, "yes", False),
        ("unavailable", None, "yes", None),
        ("unavailable", None, "unavailable", True),
        ("error", None, "yes", None),
        ("flaky", None, "yes", None),
        ("untested", None, "yes", None),
    ],
)
def test_agreement(outcome: str, value: Json, documented: Json, expected: bool | None) -> None:
    subject = probe(documented=(("*", documented),))
    assert agrees(subject, Outcome(outcome), value, documented) is expected


def test_a_probe_about_availability_can_be_refuted_by_unavailable() -> None:
    subject = probe(documented=(('sys_platform == "win32"', "unavailable"), ("*", "yes")))
    assert agrees(subject, Outcome.UNAVAILABLE, None, "yes") is False


@pytest.mark.parametrize(
    ("facts", "method", "expected"),
    [
        ({}, "fork", False),
        ({"methods": ["spawn"]}, "spawn", False),
        ({"methods": ["spawn"]}, "fork", None),
        ({"refused": {"fork": "ValueError: no"}}, "fork", None),  # listed all the same
        ({"refused": {"fork": "ValueError: no"}}, "spawn", False),
        ({"sys_platform": "wasi"}, "fork", None),
        ({"sys_platform": "emscripten"}, "fork", None),
    ],
)
def test_where_a_method_is_missing_unavailable_refutes_no_document(
    facts: dict[str, Json], method: str, expected: bool | None
) -> None:
    subject = probe(documented=(('python_version < "3.9"', "unavailable"), ("*", "yes")))
    one = run(verdict("unavailable", method=method), facts=FACTS | facts)
    cells = merge([one], [subject], {}, {"commit": None, "dirty": False}).cells
    assert [found.agrees for found in cells if found.method == method] == [expected]


def test_what_was_planned_and_not_measured_is_untested() -> None:
    matrix = merged(run(verdict("yes")))
    assert [(found.method, found.outcome) for found in matrix.cells] == [
        ("fork", "yes"),
        ("spawn", "untested"),
        ("forkserver", "untested"),
    ]


def test_targets_are_never_merged() -> None:
    runs = [run(verdict("yes"), number=1), run(verdict("no"), number=2, target="cpython-3.13.18-linux-x86_64-gnu")]
    assert [(found.target, found.outcome) for found in merged(*runs).cells if found.method == "fork"] == [
        ("cpython-3.13.0-linux-x86_64-gnu", "yes"),
        ("cpython-3.13.18-linux-x86_64-gnu", "no"),
    ]


def merged(*runs: Run) -> Matrix:
    return merge(runs, [probe()], {}, SUITE)


RUNS = st.lists(
    st.builds(
        lambda number, outcome, method: run(verdict(outcome, method=method), number=number),
        st.integers(0, 5),
        st.sampled_from(["yes", "no", "hang", "error"]),
        st.sampled_from(["fork", "spawn"]),
    ),
    max_size=6,
)


@given(RUNS, st.randoms())
def test_merge_is_commutative_and_idempotent(runs: list[Run], random: Any) -> None:
    shuffled = [*runs, *runs]
    random.shuffle(shuffled)
    assert matrix_json(merged(*shuffled)) == matrix_json(merged(*runs))


def written(one: Run) -> bytes:
    """A run as in its file."""
    end = {"kind": "end", "verdicts": len(one.verdicts), "complete": True, "seconds": 1.0}
    lines = [line_json(one.header), *map(line_json, one.verdicts), end]
    return "".join(dumps(line) + "\n" for line in lines).encode()


@st.composite
def states(draw: st.DrawFn) -> list[tuple[int, bytes]]:
    """(number of the run, what was there of its file) of some runs: whole, and cut at any bytes."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        said = draw(st.lists(st.tuples(st.sampled_from(["yes", "no", "hang"]), st.sampled_from(["fork", "spawn"]))))
        target = f"cpython-3.13.{draw(st.integers(0, 1))}-linux-x86_64-gnu"
        whole = written(run(*(verdict(outcome, method=how) for outcome, how in said), number=number, target=target))
        cuts = draw(st.lists(st.integers(whole.index(b"\n") + 1, len(whole)), max_size=3))
        found += [(number, whole[:cut]) for cut in (cuts if cuts and draw(st.booleans()) else [*cuts, len(whole)])]
    return found


def from_files(contents: Iterable[bytes], folders: int) -> Json:
    """The matrix of run files with such contents, in one folder or spread over more."""
    with tempfile.TemporaryDirectory() as name:
        for number, content in enumerate(contents):
            path = Path(name) / str(number % folders) / f"{number}.jsonl"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        return matrix_json(merged(*load_runs(sorted(Path(name).iterdir()))))


@settings(deadline=None)  # writes files
@given(states(), st.data())
def test_merge_is_associative(some: list[tuple[int, bytes]], data: st.DataObject) -> None:
    """Whatever files hold which states of which runs, joined in any grouping and order, some twice: one matrix."""
    longest = {number: max((text for one, text in some if one == number), key=len) for number, _ in some}
    parts = data.draw(st.permutations([*some, *data.draw(st.lists(st.sampled_from(some), max_size=3))]))
    groups: dict[int, bytes] = {}
    for _, text in parts:
        place = data.draw(st.integers(0, 3))
        before = groups.get(place, b"")
        groups[place] = before + (b"\n" if before and not before.endswith(b"\n") else b"") + text
    expected = from_files(longest.values(), 1)
    assert len(expected["targets"]) >= 1
    assert from_files(groups.values(), data.draw(st.integers(1, 3))) == expected


@given(RUNS, RUNS, RUNS)
def test_merge_of_distinct_runs_can_be_done_in_steps(first: list[Run], second: list[Run], third: list[Run]) -> None:
    """What a step keeps of its runs is all that the next one needs."""
    together = distinct([*first, *second, *third])
    assert distinct([*distinct([*first, *second]), *third]) == together
    assert distinct([*first, *distinct([*second, *third])]) == together
    assert matrix_json(merged(*together)) == matrix_json(merged(*first, *second, *third))


def test_a_run_read_while_it_grew_counts_once() -> None:
    short, long = run(verdict("yes")), run(verdict("yes"), verdict("no", method="spawn"))
    for order in itertools.permutations([short, long]):
        assert [found.outcome for found in merged(*order).cells] == ["yes", "no", "untested"]


def test_verdicts_that_no_cell_counts_are_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    suite = {"commit": None, "dirty": False}
    old = verdict("no", source_sha256="b" * 64)
    merged = merge([run(verdict("yes"), old, verdict(probe="theme.gone"))], [probe()], {}, suite)
    commands._check_used(merged, Path("probes"))
    assert "2 of 3 verdicts are left out" in capsys.readouterr().err
    commands._check_used(merge([run(verdict("yes"))], [probe()], {}, suite), Path("probes"))
    assert capsys.readouterr().err == ""
    with pytest.raises(NothingSelectedError, match="None of the 1 verdicts is on a probe in other"):
        commands._check_used(merge([run(verdict(probe="theme.gone"))], [probe()], {}, suite), Path("other"))
