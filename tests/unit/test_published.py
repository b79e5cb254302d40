"""data/: what may be published, and how one's own answers are laid over it."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path, PureWindowsPath

import pytest

from matrix.errors import DataError
from matrix.files import run_writer, serialize
from matrix.model import Outcome, Probe, Run
from matrix.results import published as dataset
from matrix.results.merge import merge
from matrix.suite import catalog
from tests.conftest import ROOT
from tests.unit.values import probe, run, verdict

DATA = sorted((ROOT / "data").glob("*.jsonl.gz"))
PROBES = [probe("theme.name", methods=("fork", "spawn")), probe("theme.other", methods=())]
WHOLE = (verdict(), verdict(method="spawn"), verdict(probe="theme.other", method="none"))


def write(path: Path, *runs: Run) -> Path:
    with run_writer.RunWriter(path, append=False) as writer:
        for one in runs:
            writer.header(one.header)
            for said in one.verdicts:
                writer.verdict(said)
            writer.end(complete=one.complete)
    return path


def answers(runs: tuple[Run, ...]) -> dict[tuple[str, str], tuple[str, int, bool]]:
    matrix = merge(runs, PROBES, {}, {"commit": None, "dirty": False})
    return {(cell.probe, cell.method): (str(cell.outcome), cell.n, cell.stale) for cell in matrix.cells}


def test_one_s_own_answers_come_before_the_published_ones() -> None:
    published = [run(*WHOLE, number=1)]
    own = [run(verdict("no"), number=2)]
    assert answers(dataset.overlay(published, own, PROBES)) == {
        ("theme.name", "fork"): ("no", 1, False),
        ("theme.name", "spawn"): ("yes", 1, False),
        ("theme.other", "none"): ("yes", 1, False),
    }


def test_another_target_s_answers_replace_nothing() -> None:
    published = [run(*WHOLE, number=1)]
    own = [run(verdict("no"), number=2, target="cpython-3.8.1-linux-x86_64-gnu")]
    assert dataset.overlay(published, own, PROBES) == (*published, *own)


def test_an_answer_to_an_older_question_replaces_nothing_and_is_stale_where_it_is_all_there_is() -> None:
    published = [run(verdict(), number=1)]
    own = [run(verdict("no", source_sha256="b" * 64), verdict(method="spawn", source_sha256="b" * 64), number=2)]
    found = answers(dataset.overlay(published, own, PROBES))
    assert found["theme.name", "fork"] == ("yes", 1, False)
    assert found["theme.name", "spawn"] == ("yes", 1, True)
    assert found["theme.other", "none"] == ("untested", 0, False)


@pytest.mark.parametrize(
    ("verdicts", "faults"),
    [
        (WHOLE, []),
        (WHOLE[:2], ["1 cells were not measured: theme.other none"]),
        ((*WHOLE[:2], verdict("error", probe="theme.other", method="none")), ["1 cells are `error`"]),
        ((*WHOLE, verdict(probe="theme.gone")), ["1 probes have changed since, or are gone: theme.gone"]),
        (
            (*WHOLE[:2], verdict(probe="theme.other", method="none", source_sha256="b" * 64)),
            ["1 probes have changed since", "1 cells were not measured: theme.other none"],
        ),
        ((*WHOLE[:2], verdict("no", probe="theme.other", method="none", detail=f"{Path.home()}/x")), ["it contains "]),
    ],
)
def test_what_may_be_published(tmp_path: Path, verdicts: tuple[object, ...], faults: list[str]) -> None:
    file = write(tmp_path / "x.jsonl", run(*verdicts))  # type: ignore[arg-type]
    (found,) = dataset.collect([file], tmp_path / "data", PROBES, force=False)
    assert [fault.startswith(start) for fault, start in zip(found.faults, faults, strict=True)] == [True] * len(faults)
    assert sum(found.counts.values()) == len(verdicts)
    assert found.seconds is not None
    assert (tmp_path / "data" / f"{found.target}.jsonl.gz").exists() is (not faults)
    dataset.collect([file], tmp_path / "data", PROBES, force=True)
    assert serialize.load_runs([tmp_path / "data"]) == serialize.load_run_file(file)


def test_a_home_on_windows_is_seen_although_json_escapes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "home", lambda: PureWindowsPath("C:\\Users\\somebody"))
    said = verdict("no", probe="theme.other", method="none", detail="OSError: C:\\Users\\somebody\\x")
    (found,) = dataset.collect(
        [write(tmp_path / "x.jsonl", run(*WHOLE[:2], said))], tmp_path / "data", PROBES, force=False
    )
    assert [fault.partition(":")[0] for fault in found.faults] == ["it contains C"]


def test_what_is_no_run_file_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.jsonl.gz"
    bomb.write_bytes(gzip.compress(b" " * 2**20) * 65)
    with pytest.raises(DataError, match=r"longer than 1 MiB|decompresses to more"):
        dataset.collect([bomb], tmp_path / "data", PROBES, force=True)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "fifo.jsonl")
        with pytest.raises(DataError, match="not a regular file"):
            dataset.collect([tmp_path / "fifo.jsonl"], tmp_path / "data", PROBES, force=True)
    assert not (tmp_path / "data").exists()


def test_equal_runs_give_equal_bytes_wherever_they_lie(tmp_path: Path) -> None:
    file = write(tmp_path / "x.jsonl", run(*WHOLE))
    for folder in ("a", "b"):
        dataset.collect([file], tmp_path / folder, PROBES, force=False)
    (packed,) = (tmp_path / "a").iterdir()
    dataset.collect([packed], tmp_path / "c", PROBES, force=False)
    assert len({(tmp_path / folder / packed.name).read_bytes() for folder in "abc"}) == 1


def test_what_was_asked_anew_replaces_the_answers_to_an_older_question(tmp_path: Path) -> None:
    before = run(
        verdict("no", source_sha256="b" * 64), verdict("error", method="spawn", source_sha256="b" * 64), number=1
    )
    file = write(tmp_path / "x.jsonl", before, run(*WHOLE, number=2))
    (found,) = dataset.collect([file], tmp_path / "data", PROBES, force=False)
    assert (found.faults, sum(found.counts.values())) == ((), len(WHOLE))
    assert [len(one.verdicts) for one in serialize.load_runs([tmp_path / "data"])] == [0, len(WHOLE)]


def test_a_file_of_two_targets_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "x.jsonl", run(verdict()), run(verdict(), number=2, target="pypy-3.11.13-linux-x86_64-gnu"))
    with pytest.raises(DataError, match="A file of 2 targets"):
        dataset.collect([file], tmp_path / "data", PROBES, force=True)


@pytest.fixture(scope="module")
def suite() -> list[Probe]:
    return list(catalog.load(ROOT / "probes"))


@pytest.mark.skipif(not DATA, reason="nothing is published yet")
@pytest.mark.parametrize("path", DATA, ids=lambda path: path.name)
def test_the_committed_data_is_valid_and_of_this_suite(path: Path, suite: list[Probe]) -> None:
    packed = path.read_bytes()
    assert packed[4:8] == bytes(4), "a time in the head of the file: it was not made by `collect`"
    assert len(packed) <= dataset.LIMIT
    text = gzip.decompress(packed).decode("utf-8")
    assert not re.search(r"/(home|Users|root)/\w", text), "a folder of somebody's machine"
    runs = serialize.load_run_file(path)
    assert {run.header.target for run in runs} == {path.name.removesuffix(".jsonl.gz")}
    assert not {said.probe for one in runs for said in one.verdicts if said.outcome is Outcome.ERROR}
    sources = {one.id: one.source_sha256 for one in suite}
    for cell in merge(runs, suite, {}, {"commit": None, "dirty": False}).cells:
        current = cell.evidence is not None and cell.evidence.source_sha256 == sources[cell.probe]
        assert cell.stale is not current or cell.outcome is Outcome.UNTESTED


@pytest.mark.skipif(not DATA, reason="nothing is published yet")
def test_the_committed_data_is_small_and_answers_known_questions(suite: list[Probe]) -> None:
    assert sum(path.stat().st_size for path in DATA) < 8 * 2**20
    asked = {said.probe for one in serialize.load_runs(DATA) for said in one.verdicts}
    known = asked & {one.id for one in suite}
    assert len(known) > 0.8 * len(asked), "most of it is about questions that are gone: record it anew"
