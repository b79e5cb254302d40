"""The forms of a report, of findings whose texts are hostile."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from matrix.paths import SCHEMAS
from matrix.trial import anchors, formats, known
from matrix.trial.model import Command, Compared, Difference, Frame, Report
from matrix.trial.output import github, sarif, text
from tests.trial.reports import CWD, PYTHON, everything, finding, trial


@pytest.fixture
def report() -> Report:
    return everything()


@pytest.fixture
def empty() -> Report:
    one = Compared(python=PYTHON, baseline="fork", trials=(trial("fork"), trial("spawn")), findings=())
    return Report(words=("pytest",), cwd=CWD, compared=(one,), seconds=3.0)


@pytest.mark.parametrize("name", formats.NAMES)
def test_every_form_of_every_report(name: str, report: Report, empty: Report) -> None:
    for one in (report, empty, replace(report, compared=())):
        assert formats.form(name).render(one).endswith("\n")


def test_where_the_default_is_at_fault_a_method_passes_or_fails_too() -> None:
    trials = (trial("spawn"), trial("fork"), trial("forkserver"))  # all but fork fail
    python = replace(PYTHON, default="spawn")
    one = Compared(python=python, baseline="spawn", trials=trials, findings=(finding("t.py::test_a"),))
    report = Report(words=("pytest",), cwd=CWD, compared=(one,))
    columns = [("3.12", "fork"), ("3.12", "forkserver")]
    assert [text.unchanged(report, "t.py::test_a", column) for column in columns] == ["passes", "fails too"]
    assert "passes" in formats.form("github").render(report) + formats.form("html").render(report)
    other = replace(report, compared=(replace(one, findings=(finding("t.py::test_a", method="forkserver"),)),))
    assert text.unchanged(other, "t.py::test_a", ("3.12", "fork")) == "same"


@pytest.mark.parametrize("name", ["text", "junit", "sarif", "html"])
def test_a_form_for_people_says_the_label_of_a_question(name: str, report: Report) -> None:
    assert "Fork only: no under spawn, 3.8+" in formats.form(name).render(report)


def test_json_is_valid_and_is_a_baseline(report: Report, empty: Report, tmp_path: Path) -> None:
    schema = json.loads((SCHEMAS / "try-1.schema.json").read_text(encoding="utf-8"))
    for one in (report, empty):
        jsonschema.validate(json.loads(formats.form("json").render(one)), schema)
    path = tmp_path / "known.json"
    path.write_bytes(formats.form("json").render(report).encode("utf-8", "backslashreplace"))
    silent = known.silence(report, frozenset(one.key for one in report.findings[:2]))
    assert [len(silent.findings), len(silent.known)] == [1, 2]


def test_junit_is_xml_with_a_case_for_each_test(report: Report) -> None:
    root = ET.fromstring(formats.form("junit").render(report).encode("utf-8"))
    [suite] = root
    assert suite.get("failures") == "3"
    cases = {case.get("name"): case for case in suite}
    assert len(cases["test_a"].findall("failure")) == 1
    assert "Can a lock be passed?" in str(cases["test_a"][0].text)


def test_sarif_has_what_code_scanning_needs(report: Report) -> None:
    data = json.loads(formats.form("sarif").render(report))
    [run] = data["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert data["version"] == "2.1.0"
    assert [one["ruleId"] for one in run["results"]] == [
        "arguments.threading_lock"
    ] * 2  # what lies elsewhere is left out
    assert rules["arguments.threading_lock"]["helpUri"] == "https://example.org/x/probe/arguments.threading_lock.html"
    for one in run["results"]:
        assert list(rules)[one["ruleIndex"]] == one["ruleId"]
        [location] = one["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "store.py"
        assert location["physicalLocation"]["region"] == {"startLine": 88}
        assert one["message"]["text"]


def test_sarif_has_no_result_without_a_file(report: Report) -> None:
    """GitHub refuses a whole log for one result that has none."""
    [run] = json.loads(formats.form("sarif").render(report))["runs"]
    [invocation] = run["invocations"]
    said = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert len(run["results"]) == 2
    assert [text.partition(" ")[0] for text in said] == ["Untested:", "the"]
    [one] = report.compared
    anchor = Frame(file="/project/run me.py", line=4, function="main")
    shown = (*one.findings[:2], replace(one.findings[2], anchor=anchor))
    [run] = json.loads(formats.form("sarif").render(replace(report, compared=(replace(one, findings=shown),))))["runs"]
    assert run["results"][2]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "run%20me.py"},
        "region": {"startLine": 4},
    }


@pytest.mark.parametrize(
    ("test", "words", "kind", "script", "expected"),
    [
        ("tests/test_a.py::Tests::test_one[1]", ("pytest",), "pytest", "", ("tests/test_a.py", 2, "test_one")),
        ("tests/test_a.py::test_inherited", ("pytest",), "pytest", "", ("tests/test_a.py", 1, "")),
        (
            "tests.test_a.Tests.test_one",
            ("python", "-m", "unittest"),
            "unittest",
            "",
            ("tests/test_a.py", 2, "test_one"),
        ),
        ("setUpClass (tests.test_a.Tests)", ("python", "-m", "unittest"), "unittest", "", ("tests/test_a.py", 1, "")),
        ("", ("python", "app.py"), "command", "app.py", ("app.py", 1, "")),
        ("", ("python", "-m", "store"), "command", "", ("src/store/__main__.py", 1, "")),
        ("", ("app:main",), "function", "", ("app.py", 1, "")),
        ("", ("make", "test"), "command", "", ("pyproject.toml", 1, "")),
        ("", ("python", "../outside.py"), "command", "../outside.py", ("pyproject.toml", 1, "")),
    ],
)
def test_what_no_traceback_places_is_shown_at_its_test_or_script(
    test: str, words: tuple[str, ...], kind: str, script: str, expected: tuple[str, int, str], tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    for name in ("tests/test_a.py", "src/store/__main__.py", "app.py", "pyproject.toml", "../outside.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("class Tests:\n    def test_one(self): pass\n", encoding="utf-8")
    command = Command(words=words, argv=words, kind=kind, cwd=folder, script=script)
    found = anchors.anchor(finding(test, place=None), command)
    assert found is not None
    assert (str(Path(found.file).relative_to(folder).as_posix()), found.line, found.function) == expected
    here = Frame(file=str(folder / "x.py"), line=3, function="f")
    assert anchors.anchor(finding(test, place=here), command) == here


SARIF = {
    "log": {"$schema", "version", "runs"},
    "run": {"tool", "automationDetails", "invocations", "results"},
    "driver": {"name", "rules"},
    "rule": {"id", "shortDescription", "fullDescription", "help", "helpUri"},
    "result": {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"},
}
"""What of SARIF 2.1.0 is used: its schema allows no other names in these objects; help and helpUri may be absent."""


def test_sarif_has_the_names_and_the_sizes_that_are_allowed(report: Report, empty: Report) -> None:
    for one in (report, empty, replace(report, site="")):
        data = json.loads(formats.form("sarif").render(one))
        [run] = data["runs"]
        assert (set(data), set(run)) == (SARIF["log"], SARIF["run"])
        assert set(run["tool"]) == {"driver"}
        assert set(run["tool"]["driver"]) == SARIF["driver"]
        assert re.fullmatch(r"canifork/try/linux/", run["automationDetails"]["id"])
        for rule in run["tool"]["driver"]["rules"]:
            assert SARIF["rule"] - {"help", "helpUri"} <= set(rule) <= SARIF["rule"]
            assert all(1 <= len(rule[name]["text"]) <= 1024 for name in ("shortDescription", "fullDescription"))
        for result in run["results"]:
            assert set(result) == SARIF["result"]
            assert result["level"] in ("error", "warning")
            assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1


def test_sarif_keeps_the_failures_of_a_flood(report: Report) -> None:
    [one] = report.compared
    many = [finding(f"t.py::test_{n}", Difference.WARNS) for n in range(sarif.MOST)] + [finding("t.py::test_last")]
    flood = replace(report, compared=(replace(one, findings=tuple(many)),))
    results = json.loads(formats.form("sarif").render(flood))["runs"][0]["results"]
    assert len(results) == sarif.MOST
    assert results[0]["level"] == "error"


def test_fingerprints_do_not_depend_on_the_line(report: Report) -> None:
    def prints(one: Report) -> list[str]:
        results = json.loads(formats.form("sarif").render(one))["runs"][0]["results"]
        return [result["partialFingerprints"]["canifork/v1"] for result in results]

    [one] = report.compared
    moved = tuple(
        replace(found, place=replace(found.place, line=found.place.line + 7)) for found in one.findings if found.place
    )
    assert prints(replace(report, compared=(replace(one, findings=moved),))) == prints(report)
    assert len(set(prints(report))) == 2


def test_annotations_cannot_be_forged(report: Report) -> None:
    lines = formats.form("github").render(report).splitlines()
    assert [line.partition(" ")[0] for line in lines[:4]] == ["::error", "::error", "::warning", "::warning"]
    assert not [line for line in lines[4:] if line.startswith("::")]
    assert lines[0].startswith("::error file=store.py,line=88,title=t.py%3A%3Atest_a fails under spawn::")


def test_the_summary_is_markdown_without_markup_of_others(report: Report) -> None:
    text = github.summary(report)
    assert "<script" not in text
    assert "| t.py::test\\_a | fails |" in text


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def test_the_page_stands_alone(report: Report) -> None:
    text = formats.form("html").render(report)
    page = _Page()
    page.feed(text)
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert all(link.startswith(("#", "https://example.org/x/")) for link in page.links)
    assert "url(" not in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)


def test_the_next_command_tries_the_same(report: Report, empty: Report) -> None:
    options = {"--pythons": ["3.9-3.14"], "--with": [".[test]"], "--override-explicit": [""]}
    last = formats.form("text").render(replace(report, options=options)).splitlines()[-1]
    assert " --pythons 3.12 --with '.[test]' --override-explicit --method spawn -- pytest" in last
    last = formats.form("text").render(replace(report, options={"--python": ["/p", "/q"]})).splitlines()[-1]
    assert " --python /p --method spawn -- pytest" in last
    last = formats.form("text").render(replace(empty, options={"--python": ["/p", "/q"]})).splitlines()[-1]
    assert " --python /p --python /q --" in last


def test_text_ends_with_one_sentence_and_a_command(report: Report, empty: Report) -> None:
    lines = formats.form("text").render(report).splitlines()
    assert lines[-2].startswith("3 tests differ when you move to linux-3.14; compared spawn beside fork")
    assert lines[-1].startswith("Next: ")
    assert "\x1b" not in "\n".join(lines)
    assert formats.form("text").render(empty).splitlines()[-2] == "Nothing differs: spawn beside fork, in 3 s."
