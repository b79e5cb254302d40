"""Runs that stay in their files are the runs, whatever room there is for them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix.errors import DataError
from matrix.files import run_reader, serialize
from matrix.model import Run
from matrix.results import published
from matrix.results.merge import merge
from tests.unit.test_merge import written
from tests.unit.values import probe, run, verdict

TARGETS = ("cpython-3.12.1-linux-x86_64-gnu", "cpython-3.13.0-linux-x86_64-gnu")
SUITE = {"commit": None, "dirty": False}
RUNS = st.lists(
    st.builds(
        lambda number, said: run(*said, number=number, target=TARGETS[number % 2]),
        st.integers(0, 5),
        st.lists(
            st.builds(verdict, st.sampled_from(["yes", "no", "hang"]), method=st.sampled_from(["fork", "spawn"])),
            max_size=4,
        ),
    ),
    max_size=3,
)


def plain(runs: list[Run]) -> list[object]:
    return [(one.header, tuple(one.verdicts), one.complete, one.seconds, len(one.verdicts)) for one in runs]


@settings(deadline=None, max_examples=50)  # writes files
@given(files=st.lists(st.tuples(RUNS, st.booleans()), max_size=4), room=st.integers(0, 4000))
def test_runs_that_stay_in_their_files_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[list[Run], bool]], room: int
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    for number, (runs, packed) in enumerate(files):
        data = b"".join(map(written, runs)) or written(run())
        name = f"{number}.jsonl" + (".gz" if packed else "")
        (folder / name).write_bytes(gzip.compress(data) if packed else data)
    whole, some = serialize.load_runs([folder]), serialize.survey([folder], room)
    assert plain(some) == plain(whole)
    found = [merge(runs, [probe()], {}, SUITE) for runs in (whole, some)]
    assert serialize.matrix_json(found[0]) == serialize.matrix_json(found[1])
    own = [run(verdict("no"), number=9)]
    found = [merge(published.overlay(runs, own, [probe()]), [probe()], {}, SUITE) for runs in (whole, some)]
    assert serialize.matrix_json(found[0]) == serialize.matrix_json(found[1])


def test_no_more_than_there_is_room_for_is_kept(tmp_path: Path) -> None:
    one = run(*[verdict("yes")] * 5)
    size = sum(map(len, written(one).splitlines(keepends=True)[1:-1]))
    for number in range(4):
        (tmp_path / f"{number}.jsonl").write_bytes(written(one))
    for room, kept in ((0, 0), (size - 1, 0), (size, 1), (3 * size - 1, 2), (4 * size, 4)):
        found = serialize.survey([tmp_path], room)
        assert [isinstance(each.verdicts, tuple) for each in found] == [True] * kept + [False] * (4 - kept)
        assert all(list(each.verdicts) == list(one.verdicts) for each in found)
        assert all((each.verdicts[-1], each.verdicts[1:3]) == (one.verdicts[-1], one.verdicts[1:3]) for each in found)


def test_a_wrong_line_is_refused_although_nothing_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(written(run(verdict())).replace(b'"attempt":1', b'"attempt":0'))
    with pytest.raises(DataError, match="attempt must be bigger"):
        serialize.survey([path], 0)


@pytest.mark.parametrize(
    "now",
    [
        b"",
        written(run(verdict(), number=1)),
        written(run(verdict(), verdict(), number=2)),
        written(run(verdict(), number=1)) + written(run(verdict(), number=2)),
    ],
    ids=["gone", "shorter", "another run", "one more"],
)
def test_a_file_that_has_changed_since_is_not_believed(tmp_path: Path, now: bytes) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(written(run(verdict(), verdict(), number=1)))
    (found,) = serialize.survey([path], 0)
    path.write_bytes(now)
    with pytest.raises(DataError, match="changed while it was being read"):
        list(found.verdicts)


def test_a_file_that_grows_has_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    text = written(run(verdict("yes"), verdict("no"), number=1))
    path.write_bytes(b"".join(text.splitlines(keepends=True)[:2]))
    (found,) = serialize.survey([path], 0)
    path.write_bytes(text)
    assert isinstance(found.verdicts, run_reader.FiledVerdicts)
    assert list(found.verdicts) == [verdict("yes")]
