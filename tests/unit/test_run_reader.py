"""Runs that stay in their files are the runs, whatever room there is for them."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix.errors import DataError
from matrix.files import run_reader, serialize, untrusted_json
from matrix.model import Run
from matrix.results import published
from matrix.results.merge import merge
from tests.conftest import ROOT
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
    size = sum(map(untrusted_json.weight, written(one).splitlines(keepends=True)[1:-1]))
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


@pytest.mark.skipif(
    "sys.platform != 'linux'", reason="only Linux tells how much memory this process took, without its parent"
)
def test_lists_in_lists_do_not_fill_the_memory(tmp_path: Path) -> None:
    """They take thirty times as much memory as letters: here 160 MB for 6 MB, if all were held."""
    nested = [verdict("yes", attempt=n, observed={"a": [[] for _ in range(40_000)]}) for n in range(1, 51)]
    (tmp_path / "run.jsonl").write_bytes(written(run(*nested)))
    (tmp_path / "other.jsonl").write_bytes(written(run(*nested, number=2)))
    code = (
        "import re, sys; from pathlib import Path; from matrix.files import serialize;"
        "runs = serialize.survey([Path(sys.argv[1])]); print(sum(len(run.verdicts) for run in runs),"
        " re.search('VmHWM: *([0-9]+)', Path('/proc/self/status').read_text().replace(chr(9), ' '))[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, check=True)
    count, peak = map(int, done.stdout.split())
    assert (count, peak < 250_000) == (100, True), done
