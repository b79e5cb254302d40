"""Run files of strangers: each way to lie is refused, and spoils no other file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matrix.ci import lanes, untrusted_runs
from matrix.errors import DataError
from matrix.files import serialize
from tests.unit import values

LANE = next(lane for lane in lanes.load() if lane.id == "3.13-linux-x86_64")
OTHER = next(lane for lane in lanes.load() if lane.id == "3.12-linux-x86_64")
TARGET = "cpython-3.13.0-linux-x86_64-gnu"


def lines(**changes: Any) -> list[dict[str, Any]]:
    """A good run as JSON data; changes go to its header."""
    run = values.run(values.verdict("yes"))
    header = serialize.line_json(run.header) | changes
    end = {"kind": "end", "verdicts": 1, "complete": True}
    return [header, serialize.line_json(run.verdicts[0]), end]


def write(folder: Path, data: list[dict[str, Any]], lane: str = LANE.id, name: str = f"{TARGET}.jsonl") -> Path:
    file = folder / f"run-{lane}" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(line) + "\n" for line in data), encoding="utf-8")
    return file


def received(folder: Path) -> untrusted_runs.Received:
    return untrusted_runs.receive(folder, [LANE, OTHER], {"theme.name"})


def test_a_good_run_is_accepted_and_a_missing_one_is_lost(tmp_path: Path) -> None:
    file = write(tmp_path, lines())
    got = received(tmp_path)
    assert [(lane.id, path) for lane, path, _ in got.accepted] == [(LANE.id, file)]
    assert got.refused == ()
    assert got.lost == (OTHER,)
    assert not any(isinstance(run.verdicts, tuple) for _, _, runs in got.accepted for run in runs), "kept in memory"


def test_the_only_artifact_has_no_folder_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, lines()).rename(tmp_path / f"{TARGET}.jsonl")
    (tmp_path / f"run-{LANE.id}").rmdir()
    (tmp_path / "cpython-3.99.0-linux-x86_64-gnu.jsonl").write_text("x", encoding="utf-8")
    got = received(tmp_path)
    assert [lane.id for lane, _, _ in got.accepted] == [LANE.id]
    assert [why for _, why in got.refused] == ["not a folder of a lane"]


def edited(**changes: Any) -> Callable[[Path], None]:
    return lambda folder: void(write(folder, lines(**changes)))


def verdict(**changes: Any) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        header, one, end = lines()
        write(folder, [header, one | changes, end])

    return make


def void(_: object) -> None:
    return None


def symlink(folder: Path) -> None:
    elsewhere = folder.parent / "secret.jsonl"
    elsewhere.write_text(write(folder, lines()).read_text(encoding="utf-8"), encoding="utf-8")
    (folder / f"run-{LANE.id}" / f"{TARGET}.jsonl").unlink()
    (folder / f"run-{LANE.id}" / f"{TARGET}.jsonl").symlink_to(elsewhere)


def linked_folder(folder: Path) -> None:
    write(folder.parent / "elsewhere", lines())
    folder.mkdir(exist_ok=True)
    (folder / f"run-{LANE.id}").symlink_to(folder.parent / "elsewhere" / f"run-{LANE.id}")


def fifo(folder: Path) -> None:
    (folder / f"run-{LANE.id}").mkdir()
    os.mkfifo(folder / f"run-{LANE.id}" / f"{TARGET}.jsonl")


def large(folder: Path) -> None:
    with write(folder, lines()).open("ab") as file:
        file.truncate(untrusted_runs.MAX_BYTES + 1)


def many(folder: Path) -> None:
    for number in range(untrusted_runs.MAX_FILES + 1):
        write(folder, lines(), name=f"{number}.jsonl")


def flood(folder: Path) -> None:
    header, one, _ = lines()
    write(folder, [header, *[one] * (untrusted_runs.MAX_VERDICTS * 4 + 1)])


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda folder: void(write(folder, lines(), lane="3.13-moon")), "not a folder of a lane"),
        pytest.param(
            lambda folder: void(write(folder, lines(), lane="x/../../y")),
            "not a folder of a lane",
            marks=pytest.mark.skipif(os.name == "nt", reason="Windows resolves .. before it looks"),
        ),
        (lambda folder: void(write(folder, lines(), lane=OTHER.id)), "is not a target of lane"),
        (lambda folder: void(write(folder, lines(), name="other.jsonl")), "not named after its target"),
        (lambda folder: void(write(folder, lines(), name=f"{TARGET}.jsonl.gz")), "not named"),
        (lambda folder: void(write(folder, lines(), name="evil.html")), "not named"),
        (lambda folder: void(write(folder, [])), "contains no run"),
        (edited(target="cpython-3.13.9-linux-x86_64-gnu"), "its facts are those of"),
        (edited(launcher="venv"), "its facts are those of"),
        (edited(facts={**values.FACTS, "libc": "musl"}), "its facts are those of"),
        (edited(command="x" * 301), "command"),
        (edited(extra="key"), "must not contain {'extra'}"),
        (edited(schema=2), "newer"),
        (verdict(outcome="<b>"), "outcome"),
        (verdict(probe="../../etc"), "probe"),
        (verdict(probe="theme.unknown"), "contains no known probe"),
        (verdict(detail="x" * 4001), "detail"),
        (flood, "81 verdicts"),
        (large, "MiB"),
        (many, "5 files"),
        pytest.param(symlink, "not a regular file", marks=pytest.mark.skipif(os.name != "posix", reason="links")),
        pytest.param(
            linked_folder, "not a folder of a lane", marks=pytest.mark.skipif(os.name != "posix", reason="links")
        ),
        pytest.param(fifo, "not a regular file", marks=pytest.mark.skipif(os.name != "posix", reason="FIFO")),
    ],
)
def test_a_lie_is_refused_and_spoils_no_other(tmp_path: Path, make: Callable[[Path], None], why: str) -> None:
    folder = tmp_path / "artifacts"
    folder.mkdir()
    make(folder)
    facts = {**values.FACTS, "version": "3.12.1"}
    name = "cpython-3.12.1-linux-x86_64-gnu"
    if not (folder / f"run-{OTHER.id}").exists():
        write(folder, lines(target=name, facts=facts), lane=OTHER.id, name=f"{name}.jsonl")
    got = received(folder)
    assert LANE.id not in [lane.id for lane, _, _ in got.accepted]
    assert LANE in got.lost
    assert why in " ".join(reason for _, reason in got.refused)


def test_what_is_printed_is_one_plain_line_each(tmp_path: Path) -> None:
    try:
        (tmp_path / "run-\n::error::x\x1b[31m").mkdir()
    except OSError:
        pytest.skip("no such names here")
    ((name, _),) = received(tmp_path).refused
    assert name == "run-?::error::x?[31m"


def test_no_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Cannot read"):
        received(tmp_path / "none")
