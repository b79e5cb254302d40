"""Runs kept for good."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from matrix.ci import archive
from matrix.errors import DataError
from matrix.files import run_writer, serialize
from tests.unit import values


def write(folder: Path, number: int = 1) -> Path:
    folder.mkdir(exist_ok=True)
    run = values.run(values.verdict("yes"), number=number)
    path = folder / f"{number}.jsonl"
    with run_writer.RunWriter(path, append=False) as writer:
        writer.header(run.header)
        writer.verdict(run.verdicts[0])
        writer.end(complete=True)
    return path


def test_what_was_kept_is_what_was_written(tmp_path: Path) -> None:
    file = write(tmp_path / "results")
    (kept,) = archive.store([file], tmp_path / "data")
    target = values.run().header.target
    assert kept.relative_to(tmp_path / "data").parts[:3] == ("runs", "2026-11", target)
    assert gzip.decompress(kept.read_bytes()) == file.read_bytes()
    assert serialize.load_run_file(kept) == serialize.load_run_file(file)


def test_the_same_content_is_kept_once_whatever_its_name(tmp_path: Path) -> None:
    file = write(tmp_path / "results")
    first = archive.store([file], tmp_path / "data")
    before = {path: path.read_bytes() for path in first}
    again = tmp_path / "results" / "copy.jsonl"
    again.write_bytes(file.read_bytes())
    assert archive.store([file, again], tmp_path / "data") == ()
    assert {path: path.read_bytes() for path in tmp_path.glob("data/**/*.gz")} == before


def test_equal_content_gives_equal_bytes(tmp_path: Path) -> None:
    file = write(tmp_path / "results")
    kept = [archive.store([file], tmp_path / name)[0] for name in ("a", "b")]
    assert kept[0].read_bytes() == kept[1].read_bytes()
    assert kept[0].name == kept[1].name


def test_the_newest_come_back_the_oldest_first(tmp_path: Path) -> None:
    files = [write(tmp_path / "results", number) for number in (3, 1, 4, 2)]
    archive.store(files, tmp_path / "data")
    target = values.run().header.target
    found = [serialize.load_run_file(path)[0].header.run for path in archive.newest(tmp_path / "data", target, 3)]
    assert found == [f"{number:016x}" for number in (2, 3, 4)]
    assert archive.newest(tmp_path / "data", "cpython-3.99.0-linux-x86_64-gnu", 3) == ()
    assert archive.newest(tmp_path / "nowhere", target, 3) == ()


def test_old_runs_are_thinned_out_but_for_the_first_of_each_month(tmp_path: Path) -> None:
    target = values.run().header.target
    for month, day in ((month, day) for month in (8, 9, 10) for day in range(1, 9)):
        place = (
            tmp_path / "runs" / f"2026-{month:02d}" / target / f"2026-{month:02d}-{day:02d}T000000Z-{day:032x}.jsonl.gz"
        )
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"")
    removed = archive.thin(tmp_path)
    kept = [file.name[:10] for file in archive.newest(tmp_path, target, None)]
    assert kept == ["2026-08-01", "2026-09-01", "2026-09-07", "2026-09-08", *(f"2026-10-0{day}" for day in range(1, 9))]
    assert len(removed) == 24 - len(kept)
    assert archive.thin(tmp_path) == ()

    # A new patch release is another target of the same series.
    newer = target.replace("3.13.0", "3.13.1")
    for day in range(10, 20):
        place = tmp_path / "runs" / "2026-10" / newer / f"2026-10-{day:02d}T000000Z-{day:032x}.jsonl.gz"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"")
    archive.thin(tmp_path)
    assert [file.name[:10] for file in archive.newest(tmp_path, target, None)] == [
        "2026-08-01",
        "2026-09-01",
        "2026-10-01",
    ]
    assert len(archive.newest(tmp_path, newer, None)) == 10


def test_no_run_file_is_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text("hello\n", encoding="utf-8")
    with pytest.raises(DataError):
        archive.store([file], tmp_path / "data")
