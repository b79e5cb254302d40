"""The data endpoints: valid against their schemas, and the same answers as the matrix."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from referencing import Registry, Resource

from matrix.files import matrix_rows
from matrix.model import Cell, Matrix, Outcome
from matrix.suite.sightings import Sighting
from report.build import files
from report.exports.api import COLUMNS, SCHEMAS, CellSummary, change_files, probe_badge, target_badge
from report.model.labels import labels
from report.model.matrix_index import index_matrix
from report.views.changes import changes_pages
from tests.report import synthetic as s
from tests.report.test_changes import changed, worse_everywhere

LOADED = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in LOADED.items()
)


SEEN = (
    Sighting(url="https://github.com/a/a/issues/2", project="a/a", date="2021-01", questions=("arguments.lock",)),
    Sighting(
        url="https://github.com/a/a/issues/1", project="a/a", date="2020-01-02", python="3.8", method="spawn",
        questions=("gone.question", "arguments.lock"), mended="the lock is made in the child",
    ),
    Sighting(url="https://github.com/a/a/issues/3", project="a/a", date="2019-01", questions=("gone.question",)),
)  # fmt: skip


@pytest.fixture(scope="module")
def site() -> dict[str, bytes]:
    """Every file that is made from the synthetic matrix and one before it."""
    return dict(files(changed(worse_everywhere), s.matrix(), seen=SEEN))


@pytest.mark.parametrize(
    ("pattern", "definition", "n"),
    [
        ("api/v1/probe/*.json", "probe", 6),
        ("api/v1/target/*.json", "target", 19),
        ("api/v1/badge/*/*.json", "badge", 6 + 19),
        ("api/v1/changes/3*.json", "changes", 11),
        ("api/v1/changes/latest.json", "latest", 1),
        ("api/v1/seen.json", "seen", 1),
    ],
)
def test_a_file_is_as_its_schema_says(site: dict[str, bytes], pattern: str, definition: str, n: int) -> None:
    schema = {"$ref": f"api-1.schema.json#/definitions/{definition}"}
    validator = jsonschema.Draft7Validator(schema, registry=REGISTRY)
    found = [name for name in site if Path(name).match(pattern)]
    assert len(found) == n
    for name in found:
        validator.validate(json.loads(site[name]))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**json.loads(site[found[0]]), "another": 1})


@pytest.mark.parametrize("name", LOADED)
def test_a_schema_is_one(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(LOADED[name])


def test_every_cell_is_in_each_of_its_files(site: dict[str, bytes]) -> None:
    matrix = changed(worse_everywhere)
    data = {name: json.loads(text) for name, text in site.items() if Path(name).match("api/v1/*/*.json")}
    rows = [row for probe in matrix.probes for row in data[f"api/v1/probe/{probe.id}.json"]["rows"]]
    names = [target["id"] for target in matrix.targets]
    read = [
        msgspec.convert(row | {"cells": [row["cells"].get(name) for name in names]}, matrix_rows.Row) for row in rows
    ]
    assert matrix_rows.cells(read, matrix.targets, "x") == cells(matrix)
    usual = msgspec.structs.asdict(CellSummary(outcome=Outcome.YES))
    for cell in matrix.cells:
        target = data[f"api/v1/target/{cell.target}.json"]
        summary = usual | target["answers"][target["cells"][cell.probe][cell.method]]
        assert summary == {name: getattr(cell, name) for name in usual}


def cells(matrix: Matrix) -> tuple[Cell, ...]:
    """The cells in the order of a file."""
    return tuple(sorted(matrix.cells, key=lambda cell: [target["id"] for target in matrix.targets].index(cell.target)))


def test_the_table_has_a_line_for_each_cell(site: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(site["api/v1/cells.csv.gz"]).decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    for row, cell in zip(rows, changed(worse_everywhere).cells, strict=True):
        assert (row["probe"], row["outcome"], row["detail"]) == (cell.probe, cell.outcome, cell.detail)
        assert row["n"] == str(cell.n)
        if cell.value is None:
            assert row["value"] == ""
        elif not isinstance(cell.value, str):
            assert json.loads(row["value"]) == cell.value


def test_every_question_has_its_label_in_the_table_of_questions_and_in_its_own_file(site: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(site["api/v1/questions.csv"].decode(), newline="")))
    assert {row["probe"] for row in rows} == {probe.id for probe in s.matrix().probes}
    for row in rows:
        label = json.loads(site[f"api/v1/probe/{row['probe']}.json"])["label"]
        assert (label["kind"], label["text"]) == (row["kind"], row["label"])


def test_sightings_are_in_the_files_of_their_questions_and_in_one_of_their_own(site: dict[str, bytes]) -> None:
    lock = json.loads(site["api/v1/probe/arguments.lock.json"])["seen"]
    assert [row["url"][-1] for row in lock] == ["2", "1"]
    assert lock[0] == {"url": SEEN[0].url, "project": "a/a", "date": "2021-01", "questions": ["arguments.lock"]}
    assert json.loads(site["api/v1/probe/arguments.odd.json"])["seen"] == []
    assert json.loads(site["api/v1/seen.json"])["seen"] == lock
    rows = csv.DictReader(io.StringIO(site["api/v1/questions.csv"].decode(), newline=""))
    assert {row["probe"]: row["projects"] for row in rows if row["projects"] != "0"} == {"arguments.lock": "1"}


def test_badges_say_what_is_so() -> None:
    everything = index_matrix(s.matrix())
    words = labels(everything)
    one = everything.platforms[0].builds[0].members[-1]
    assert target_badge(one, everything)["label"] == "CPython 3.14.2"
    assert target_badge(one, everything)["message"] == "default forkserver, 4 yes, 3 no"
    said = {p.name: probe_badge(p, words[p.id], everything)["message"] for p in s.matrix().probes}
    assert said["lock"] == "Depends: fork yes, spawn no, forkserver no (Linux 3.14)"
    assert said["start_method"] == "forkserver (Linux 3.14)"
    lock = probe_badge(s.matrix().probes[2], words["arguments.only_spawn"], everything)
    assert (lock["message"], lock["color"]) == ("Depends: spawn no (Linux 3.14)", "9c3a06")


def test_the_events_of_a_step_are_those_of_its_page() -> None:
    everything = index_matrix(s.matrix())
    data = dict(change_files(changes_pages(everything), everything))["api/v1/changes/3.13-3.14.json"]
    (linux,) = [step for step in json.loads(data)["steps"] if step["platform"] == "linux"]
    assert linux["default"] == {"from": "fork", "to": "forkserver"}
    regressed = {event["probe"] for event in linux["default_events"] if event["kind"] == "regressed"}
    assert regressed == {"arguments.lock"}
