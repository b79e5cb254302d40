"""Search: what a visitor pastes or types leads to its question; static/rank.js run by node."""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from matrix.explain import symptoms
from matrix.paths import PROBES
from matrix.suite import words
from report.exports.js_data import PHRASES, static_search
from tests.conftest import ROOT, skip

RANK = ROOT / "report" / "html" / "static" / "rank.js"
CASES = tomllib.loads((Path(__file__).parent / "search_cases.toml").read_text(encoding="utf-8"))["case"]
FIRST = 5
"""Hits that a visitor looks at."""

SHARES = {"error": 0.95, "words": 0.9, "outside": 1.0}
"""How many of the cases of a kind have to be answered."""

SCRIPT = """
const search = makeSearch(SEARCH);
console.log(JSON.stringify(QUERIES.map(query => search.rank(query).map(([id]) => id))));
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """The questions found for each case, the best first. Messages of interpreters are left out: no matrix is needed."""
    node = shutil.which("node")
    if not node:
        skip("node", "there is no node here to run the search in")
    questions = [[q.id, q.text, q.id.partition(".")[0], list(q.asked), [], ""] for q in words.load(PROBES)]
    data: Mapping[str, Any] = {"questions": questions, **static_search()}
    script = tmp_path_factory.mktemp("search") / "search.js"
    script.write_text(
        f"const SEARCH = {json.dumps(data)};\nconst QUERIES = {json.dumps([case['query'] for case in CASES])};\n"
        + RANK.read_text(encoding="utf-8") + SCRIPT, encoding="utf-8",
    )  # fmt: skip
    done = subprocess.run([str(node), str(script)], capture_output=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    ranked: list[list[str]] = json.loads(done.stdout)
    return ranked


@pytest.mark.parametrize("kind", SHARES)
def test_the_right_question_is_among_the_first(found: list[list[str]], kind: str) -> None:
    asked = [(case, ids) for case, ids in zip(CASES, found, strict=True) if case["kind"] == kind]
    missed = [
        case["query"].strip()[-100:] for case, ids in asked
        if (ids if kind == "outside" else not set(case["want"]) & set(ids[:FIRST]))
    ]  # fmt: skip
    assert len(asked) >= 4
    assert len(missed) <= (1 - SHARES[kind]) * len(asked), missed


def test_the_cases_name_questions_that_exist() -> None:
    known = {question.id for question in words.load(PROBES)}
    assert {want for case in CASES for want in case.get("want", ())} <= known


def test_phrases_and_symptoms_name_questions_that_exist() -> None:
    known = {question.id for question in words.load(PROBES)}
    phrases = tomllib.loads(PHRASES.read_text(encoding="utf-8"))["phrase"]
    assert {name for phrase in phrases for name in phrase["questions"]} <= known
    assert {name for symptom in symptoms.load().symptoms for name in symptom.questions} <= known


def test_a_phrase_stands_once() -> None:
    said = [text for phrase in tomllib.loads(PHRASES.read_text(encoding="utf-8"))["phrase"] for text in phrase["said"]]
    assert sorted(said) == sorted(set(said))
