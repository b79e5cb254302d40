"""data/seen.toml: valid, about questions that exist, each issue once; and what is counted in it."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from matrix.errors import DataError
from matrix.paths import SCHEMAS
from matrix.suite import catalog, sightings
from matrix.suite.essentials import FIRST, NUMBER, essentials
from matrix.suite.sightings import FILE, Sighting
from tests.conftest import ROOT

DATA = tomllib.loads(FILE.read_text(encoding="utf-8"))
SCHEMA = json.loads((SCHEMAS / "seen-1.schema.json").read_text(encoding="utf-8"))
BEGIN = date(2008, 10, 1)
"""multiprocessing came with Python 2.6."""


def seen(*questions: str, project: str = "a/a", day: str = "2020-01-01", n: int = 1) -> Sighting:
    """A sighting of some questions; n is the number of its issue."""
    return Sighting(url=f"https://github.com/{project}/issues/{n}", project=project, date=day, questions=questions)


def test_the_file_is_as_its_schema_says() -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(DATA)


@pytest.mark.parametrize(
    "broken",
    [
        {"url": "http://github.com/a/b/issues/1"},
        {"url": "https://github.com/a b"},
        {"date": "2020"},
        {"questions": []},
        {"questions": ["guard"]},
        {"method": "thread"},
        {"python": "three"},
        {"mended": "x" * 161},
        {"said": "a sentence of theirs"},
    ],
    ids=str,
)
def test_the_schema_refuses(broken: dict[str, object]) -> None:
    row = {"url": "https://github.com/a/b/issues/1", "project": "a/b", "date": "2020-01", "questions": ["guard.main"]}
    validator = jsonschema.Draft7Validator(SCHEMA)
    assert validator.is_valid({"seen": [row]})
    assert not validator.is_valid({"seen": [{**row, **broken}]})


def test_every_question_exists() -> None:
    known = {one.id for one in catalog.load(ROOT / "probes")}
    assert {name for one in sightings.load() for name in one.questions} - known == set()


def test_an_issue_is_listed_once() -> None:
    counted = Counter(one.url.casefold().rstrip("/") for one in sightings.load())
    assert [url for url, n in counted.items() if n > 1] == []


def test_every_day_was_and_is_not_to_come() -> None:
    for one in sightings.load():
        day = date.fromisoformat(one.date if len(one.date) == 10 else f"{one.date}-01")
        assert BEGIN <= day <= date.today(), one.url


def test_the_project_is_that_of_the_address() -> None:
    for one in sightings.load():
        if one.url.startswith("https://github.com/"):
            assert one.project == "/".join(one.url.split("/")[3:5]), one.url
            assert len(one.url.split("/")) == 7, one.url


def test_our_words_are_one_short_line() -> None:
    for one in sightings.load():
        assert one.mended == " ".join(one.mended.split()), one.url
        assert not one.mended.endswith("."), one.url
        assert not set(one.mended) & set('"`>'), f"{one.url}: a quotation? Say it in our own words."


def test_the_newest_come_first(tmp_path: Path) -> None:
    days = [one.date for one in sightings.load()]
    assert days == sorted(days, reverse=True)
    assert sum(map(len, sightings.by_question(sightings.load()).values())) >= len(days)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "seen.toml"
    for text in ("[[seen]]\nurl = 1\n", "seen = 3", "[[seen]", "", "[[seen]]\nquestions = []\nwhat = 1\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=r"seen\.toml: .* It was edited"):
            sightings.load(path)
    with pytest.raises(DataError):
        sightings.load(tmp_path / "none.toml")


def test_ten_issues_of_one_project_are_one_project() -> None:
    many = [seen("guard.a", "guard.b", n=n) for n in range(10)]
    other = seen("guard.a", project="B/b")
    assert sightings.projects([*many, other, seen("guard.a", project="b/B", n=2)]) == {"guard.a": 2, "guard.b": 1}


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([], ()),
        ([seen("x.a")], ("x.a",)),
        ([seen("x.a"), seen("x.b", project="b/b"), seen("x.b", project="c/c")], ("x.b", "x.a")),
        ([seen("x.a"), seen("x.b", day="2020-01-02", n=2)], ("x.b", "x.a")),
        ([seen("x.b"), seen("x.a", n=2)], ("x.a", "x.b")),
        ([seen("x.b"), seen("x.b", n=2), seen("x.a", n=3)], ("x.a", "x.b")),
        ([seen(FIRST[1]), seen("x.a", n=2)], ("x.a",)),
    ],
    ids=["none", "one", "more projects", "seen last", "by ID", "two issues of one project are one", "FIRST stay first"],
)
def test_which_questions_are_essential(listed: list[Sighting], expected: tuple[str, ...]) -> None:
    assert essentials(listed) == (*FIRST, *expected)


def test_no_more_than_forty_are_essential() -> None:
    assert len(essentials([seen(f"x.q{n}", n=n) for n in range(90)])) == NUMBER == 40
