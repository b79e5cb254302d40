"""The index is derived: its words are those of the catalog, its answers those of the merged data."""

from __future__ import annotations

import ast
import gzip
import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from matrix.errors import DataError
from matrix.explain import answers, index, labelled, symptoms
from matrix.files import serialize
from matrix.model import FACTS, Outcome
from matrix.paths import DATA, PROBES
from matrix.results.merge import merge
from matrix.suite import catalog, words
from matrix.suite.words import Question
from report.model.labels import labels
from report.model.matrix_index import index_matrix

CATALOG = catalog.load(PROBES)
INDEX = index.load(PROBES, DATA)


def test_the_words_are_those_of_the_catalog() -> None:
    assert words.load(PROBES) == tuple(
        Question(
            id=probe.id,
            text=probe.text,
            why=probe.why,
            do=probe.do,
            asked=probe.asked,
            methods=probe.methods,
            measured=probe.measured,
            wanted=probe.wanted,
        )
        for probe in CATALOG
    )


def test_words_that_are_no_constants_are_asked_for(tmp_path) -> None:
    (tmp_path / "_probe.py").write_bytes((PROBES / "_probe.py").read_bytes())
    (tmp_path / "made.py").write_text(
        "from _probe import main, question, yes\n"
        "@question('Does it ' + str(1) + '?', why='It may.', do='Nothing.', source='https://example.org/')\n"
        "def it(ctx):\n    return yes()\n"
        'if __name__ == "__main__":\n    main()\n',
        encoding="utf-8",
    )
    (only,) = words.load(tmp_path)
    assert only.text == "Does it 1?"


def test_the_labels_are_those_of_the_site() -> None:
    index_of_site = index_matrix(merge(serialize.load_runs([DATA]), CATALOG, {}, {}))
    found = {question.id: labelled.question_label(question, INDEX) for question in INDEX.questions.values()}
    assert found == labels(index_of_site)


def test_an_emulated_platform_gives_way_to_the_real_one() -> None:
    places = INDEX.places.values()
    wine = answers.usual(places, "windows")
    assert {place.emulator for place in wine.values()} == {"wine"}
    real = replace(next(iter(wine.values())), id="cpython-3.14.2-windows-x86_64-none", emulator="")
    assert [*answers.usual([*places, real], "windows")] == [real.id]


def test_the_answers_are_those_of_the_merged_data() -> None:
    matrix = merge(serialize.load_runs([DATA]), CATALOG, {}, {})
    facts = [cell for cell in matrix.cells if cell.outcome in FACTS]
    assert facts
    for cell in facts:
        answer = INDEX.answers[cell.probe, cell.method][cell.target]
        assert (answer.outcome, answer.value, answer.detail) == (str(cell.outcome), cell.value, cell.detail), cell
    count = sum(len(found) for found in INDEX.answers.values())
    assert count == len(facts) + sum(cell.outcome is Outcome.FLAKY for cell in matrix.cells)


def test_a_folder_without_runs_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="no published runs"):
        answers.load(tmp_path)
    (tmp_path / "torn.jsonl.gz").write_bytes(b"\x1f\x8b torn")
    with pytest.raises(DataError, match=r"torn\.jsonl\.gz cannot be read"):
        answers.load(tmp_path)


def test_every_symptom_leads_to_questions_that_exist() -> None:
    known = {probe.id for probe in CATALOG}
    table = symptoms.load()
    for entry in (*table.symptoms, *table.signs):
        assert set(entry.questions) <= known, entry.name


def test_a_table_that_is_not_valid_is_refused(tmp_path) -> None:
    path = tmp_path / "symptoms.toml"
    rows = ('name = "x"\n', 'name = "x"\nquestions = ["a.b"]\nerror = "("\n', 'questions = ["a.b"]\nshape = "?"')
    for text in (*(f"difference = []\n[[symptom]]\n{row}" for row in rows), "[", "symptom = []"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError):
            symptoms.load(path)


def processor_seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def test_building_it_takes_little_more_than_reading_what_it_is_made_of() -> None:
    """The best of five, in processor time, beside a floor measured in turns with it: a machine may be slow, or busy."""

    def floor() -> None:
        for script in PROBES.glob("[a-z]*.py"):
            ast.parse(script.read_bytes())
        for file in DATA.glob("*.jsonl.gz"):
            for line in gzip.decompress(file.read_bytes()).splitlines():
                json.loads(line)

    def build() -> None:
        index.load.cache_clear()
        index.load(PROBES, DATA)

    took, least = zip(*((processor_seconds(build), processor_seconds(floor)) for _ in range(5)), strict=True)
    assert min(took) < 2.5 * min(least)
