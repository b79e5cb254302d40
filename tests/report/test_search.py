"""Search: what a visitor pastes or types leads to its question; static/rank.js run by node."""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from matrix.explain import symptoms
from matrix.model import Json
from matrix.paths import PROBES
from matrix.suite import words
from report.exports.js_data import phrases_file, static_search, static_words
from report.model.i18n import ENGLISH, LANGUAGES, Language, lines, translation
from report.model.wordings import asked, wording
from tests.conftest import ROOT, skip

RANK = ROOT / "report" / "html" / "static" / "rank.js"
FOLDER = Path(__file__).parent
CASES = {
    ENGLISH: tomllib.loads((FOLDER / "search_cases.toml").read_text(encoding="utf-8"))["case"],
    **{
        language: tomllib.loads((FOLDER / f"search_cases.{language.tag}.toml").read_text(encoding="utf-8"))["case"]
        for language in LANGUAGES
        if language is not ENGLISH
    },
}
FIRST = 5
"""Hits that a visitor looks at."""

SHARES = {"error": 0.95, "words": 0.9, "outside": 1.0}
"""How many of the cases of a kind have to be answered."""

SCRIPT = """
const search = makeSearch(SEARCH, OWN);
console.log(JSON.stringify(QUERIES.map(query => search.rank(query).map(([id]) => id))));
"""


@pytest.fixture(scope="module", params=LANGUAGES, ids=lambda one: one.tag)
def language(request: pytest.FixtureRequest) -> Language:
    """A language of the pages."""
    chosen: Language = request.param
    return chosen


def data(language: Language) -> tuple[Json, Json]:
    """What the script of a page searches in. Messages of interpreters are left out: no matrix is needed."""
    questions = words.load(PROBES)
    index = [[q.id, q.text, q.id.partition(".")[0], list(q.asked), [], ""] for q in questions]
    if language is ENGLISH:
        return {"questions": index, **static_search()}, None
    own = {q.id: [translation(wording(q, "text"), language), "",
                  list(lines(asked(q), language)), ""] for q in questions}  # fmt: skip
    return {"questions": index, **static_search()}, {"questions": own, **static_words(language)}


@pytest.fixture(scope="module")
def found(language: Language, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """The questions found for each case, the best first."""
    node = shutil.which("node")
    if not node:
        skip("node", "there is no node here to run the search in")
    search, own = data(language)
    given = {"SEARCH": search, "OWN": own, "QUERIES": [case["query"] for case in CASES[language]]}
    script = tmp_path_factory.mktemp("search") / "search.js"
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    script.write_text(constants + RANK.read_text(encoding="utf-8") + SCRIPT, encoding="utf-8")
    done = subprocess.run([str(node), str(script)], capture_output=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    ranked: list[list[str]] = json.loads(done.stdout)
    return ranked


@pytest.mark.parametrize("kind", SHARES)
def test_the_right_question_is_among_the_first(language: Language, found: list[list[str]], kind: str) -> None:
    asked = [(case, ids) for case, ids in zip(CASES[language], found, strict=True) if case["kind"] == kind]
    missed = [
        (case["query"].strip()[-100:], ids[:FIRST]) for case, ids in asked
        if (ids if kind == "outside" else not set(case["want"]) & set(ids[:FIRST]))
    ]  # fmt: skip
    assert len(asked) >= 3
    assert len(missed) <= (1 - SHARES[kind]) * len(asked), missed


def phrases(language: Language) -> list[Json]:
    """What people say, in a language."""
    said: list[Json] = tomllib.loads(phrases_file(language).read_text(encoding="utf-8"))["phrase"]
    return said


def test_the_cases_name_questions_that_exist() -> None:
    known = {question.id for question in words.load(PROBES)}
    assert {want for cases in CASES.values() for case in cases for want in case.get("want", ())} <= known


def test_phrases_and_symptoms_name_questions_that_exist() -> None:
    known = {question.id for question in words.load(PROBES)}
    for said in map(phrases, LANGUAGES):
        assert {name for phrase in said for name in phrase["questions"]} <= known
    assert {name for symptom in symptoms.load().symptoms for name in symptom.questions} <= known


def test_a_phrase_stands_once() -> None:
    for language in LANGUAGES:
        said = [text for phrase in phrases(language) for text in phrase["said"]]
        assert sorted(said) == sorted(set(said))


PACKAGES = [["polars", "polars", ["polars"], "x"], ["scikit-learn", "scikit-learn", ["scikit-learn", "sklearn"], "x"],
            ["celery", "host-celery", ["celery"], "x"]]  # fmt: skip
NAMED = """
const search = makeSearch(SEARCH);
console.log(JSON.stringify(QUERIES.map(query => search.named(query).map(({page}) => page))));
"""


def test_a_package_is_found_by_its_name_and_by_a_traceback_through_it(tmp_path: Path) -> None:
    node = shutil.which("node")
    if not node:
        skip("node", "there is no node here to run the search in")
    queries = {
        "polars fork hang": ["polars"],
        "Polars, sklearn and fork": ["polars", "scikit-learn"],
        'File "/x/site-packages/sklearn/base.py", line 1, in fit': ["scikit-learn"],
        "daemonic celery worker": ["host-celery"],
        "bipolars, polars-lts": [],
        "a lock hangs": [],
    }
    search, _ = data(ENGLISH)
    assert isinstance(search, dict)
    given = {"SEARCH": {**search, "packages": PACKAGES}, "QUERIES": list(queries)}
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    script = tmp_path / "named.js"
    script.write_text(constants + RANK.read_text(encoding="utf-8") + NAMED, encoding="utf-8")
    done = subprocess.run([str(node), str(script)], capture_output=True, encoding="utf-8", check=True, timeout=120)
    assert json.loads(done.stdout) == list(queries.values())


UPGRADES = """
const search = makeSearch(SEARCH);
console.log(JSON.stringify(QUERIES.map(query => search.upgrade(query))));
"""


def test_an_upgrade_that_is_asked_about_leads_to_its_page(tmp_path: Path) -> None:
    node = shutil.which("node")
    if not node:
        skip("node", "there is no node here to run the search in")
    queries = {
        "I move a library from 3.12 to 3.14 on Linux": "3.12-3.14",
        "upgrade to Python 3.14": "3.13-3.14",
        "3.14 升级": "3.13-3.14",
        "3.14 to 3.12": "",
        "from 3.2 to 3.14": "",
        "python 3.14 lambda": "",
        'File "/usr/lib/python3.12/a.py"\nFile "/usr/lib/python3.14/b.py"': "",
    }
    search, _ = data(ENGLISH)
    assert isinstance(search, dict)
    given = {"SEARCH": {**search, "upgrades": ["3.13-3.14", "3.12-3.14", "3.12-3.13"]}, "QUERIES": list(queries)}
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    script = tmp_path / "upgrade.js"
    script.write_text(constants + RANK.read_text(encoding="utf-8") + UPGRADES, encoding="utf-8")
    done = subprocess.run([str(node), str(script)], capture_output=True, encoding="utf-8", check=True, timeout=120)
    assert json.loads(done.stdout) == list(queries.values())
