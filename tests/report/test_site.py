"""The pages, built from a matrix with everything in it, and read back."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from matrix.errors import DataError
from matrix.files.serialize import matrix_json, save_matrix
from matrix.model import Outcome
from matrix.suite.sightings import Sighting
from report.build import build, file_name, files, pages
from report.model.i18n import LANGUAGES
from report.model.matrix_index import index_matrix
from report.model.outcome_styles import STYLES
from report.views import probe
from tests.report import synthetic as s
from tests.report.pages import Page, broken_links

BUDGET = 40 * 1024
"""Bytes of the first page, gzipped."""

PAGE_BUDGET = 60 * 1024
FORTY = 40


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site").resolve()
    save_matrix(s.matrix(), folder / "matrix.json")
    return build(folder / "matrix.json", folder / "site").parent


@pytest.fixture(scope="module")
def parsed(site: Path) -> dict[str, Page]:
    """Every page, by its path."""
    return {p.relative_to(site).as_posix(): Page(p.read_text(encoding="utf-8")) for p in site.rglob("*.html")}


def test_there_is_a_page_for_everything(site: Path, parsed: dict[str, Page]) -> None:
    matrix = s.matrix()
    names = {
        "index.html",
        "all.html",
        "questions.html",
        "method.html",
        "theme/arguments.html",
        *(f"probe/{p.id}.html" for p in matrix.probes),
    }
    names |= {f"target/{t['id']}.html" for t in matrix.targets}
    for language in LANGUAGES:
        assert {language.folder + name for name in names} <= set(parsed)
    assert (site / "api/v1/matrix.json").read_bytes() == (site.parent / "matrix.json").read_bytes()


def test_links_resolve(site: Path) -> None:
    assert broken_links(site) == []


def test_the_link_check_can_fail(tmp_path: Path) -> None:
    tmp_path = tmp_path.resolve()
    (tmp_path / "a.html").write_text(
        '<p id="x"><a href="#x">1</a><a href="#y">2</a><a href="b.html">3</a></p>', encoding="utf-8"
    )
    assert broken_links(tmp_path) == ["a.html: #y", "a.html: b.html"]


def test_pages_load_nothing_from_elsewhere_and_tell_nobody_where_a_reader_comes_from(parsed: dict[str, Page]) -> None:
    for path, page in parsed.items():
        metas = {
            meta.get("http-equiv") or meta.get("name"): meta.get("content") or "" for meta in page.root.all("meta")
        }
        assert metas["referrer"] == "no-referrer", path
        assert metas["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self' file:;"), path
        assert not [each for each in page.root.walk() if each.get("style") or each.get("onclick")], path
        assert not [script for script in page.root.all("script") if not script.get("src")], path
        away = [link for link in page.root.all("a") if (link.get("href") or "").startswith(("http:", "https:"))]
        assert not [link.get("href") for link in away if link.get("rel") != "noopener noreferrer"], path


def test_ids_are_unique(parsed: dict[str, Page]) -> None:
    for path, page in parsed.items():
        assert len(page.ids) == len(set(page.ids)), path


def test_nothing_is_loaded_from_elsewhere(site: Path, parsed: dict[str, Page]) -> None:
    for path, page in parsed.items():
        assert page.loads, path
        assert not [load for load in page.loads if re.match(r"[a-z]+:|//", load)], path
        scripts = [each.get("src") for each in page.root.all("script")]
        assert all(re.fullmatch(r"(\.\./)*static/[\w-]+\.js", one) for one in scripts), path
        assert not [each for each in page.root.walk() if any(name.startswith("on") for name in each.attributes)], path
    styles = "".join(path.read_text(encoding="utf-8") for path in (site / "static").glob("*.css"))
    assert "url(" not in styles
    assert "@import" not in styles


def test_hostile_text_stays_text(parsed: dict[str, Page]) -> None:
    for path, page in parsed.items():
        assert page.html.count("<script") == page.html.count('<script src="') == len(page.root.all("script")), path
        assert "49" not in page.root.all("h1")[0].text, path  # {{ 7*7 }} is not evaluated
        assert not [link for link in page.links if not re.match(r"https?://|[\w.#/+-]+$", link)], path
    odd = parsed["probe/arguments.odd.html"].root
    assert odd.all("h1")[0].text == f"Is {s.EVIL}?"
    assert odd.text.count(s.EVIL) > 50
    assert "javascript:alert(1)" in parsed["probe/arguments.only_spawn.html"].root.text


def test_every_state_has_its_glyph_and_its_word(parsed: dict[str, Page]) -> None:
    table = parsed["all.html"].root.all("table")[0]
    words = {each.text for each in table.all("b")}
    for outcome, state in STYLES.items():
        if outcome not in (Outcome.VALUE, Outcome.FLAKY):
            assert f"{state.glyph} {state.word}" in words
    assert {"~ flaky 4/5", "= forkserver"} <= words
    assert "≠ docs" in table.text


def test_the_legend_lists_only_what_is_there() -> None:
    matrix = s.matrix()
    few = replace(matrix, cells=tuple(c for c in matrix.cells if c.outcome in (s.Y, s.N) and c.agrees is not False))
    page = Page(dict(pages(few))["all.html"].decode())
    terms = [each.text for each in page.root.all("dl")[0].all("dt")]
    assert terms == ["✓ yes", "✗ no", "? untested"]
    full = Page(dict(pages(matrix))["all.html"].decode())
    assert len(full.root.all("dl")[0].all("dt")) == len(STYLES) + 1


def test_the_index_is_a_real_table(parsed: dict[str, Page]) -> None:
    table = parsed["all.html"].root.all("table")[0]
    assert len(table.all("caption")) == 1
    heads, columns = (row.all("th") for row in table.all("thead")[0].all("tr"))
    corner, *platforms = heads
    assert corner.get("scope") == "col"
    assert [each.get("scope") for each in platforms] == ["colgroup"] * 4
    assert sum(int(each.get("colspan")) for each in platforms) == len(columns)
    bodies = table.all("tbody")
    assert [body.all("tr")[0].all("th")[0].get("scope") for body in bodies] == ["rowgroup"] * 2
    for body in bodies:
        for row in body.all("tr")[1:]:
            assert [each.get("scope") for each in row.all("th")] == ["row"]
            assert sum(int(each.get("colspan") or 1) for each in row.all("td")) == len(columns)


def test_a_platform_without_a_method_has_no_column_of_no(parsed: dict[str, Page]) -> None:
    table = parsed["all.html"].root.all("table")[0]
    heads = [each.text for each in table.all("thead")[0].all("tr")[1].all("th")]
    assert heads[6:8] == ["spawn default ≤3.13+", "fork, forkserver not available"]
    assert heads[8] == "fork, spawn, forkserver not available"
    row = next(each for each in table.all("tr") if each.get("id") == "arguments.lock")
    cells = row.all("td")
    assert cells[7].get("class") == "absent"
    assert cells[7].text == ""


def test_cards_repeat_the_labels(parsed: dict[str, Page]) -> None:
    table = parsed["all.html"].root.all("table")[0]
    rows = {each.get("id"): [cell.get("data-label") for cell in each.all("td")] for each in table.all("tr")}
    assert rows["arguments.lock"][:4] == ["Linux fork", "Linux spawn", "Linux forkserver", "macOS fork"]
    assert rows["defaults.listed"] == ["Linux", "macOS", "Windows", "Pyodide"]


def test_a_probe_page_has_its_evidence_and_its_anchors(parsed: dict[str, Page]) -> None:
    page = parsed["probe/arguments.lock.html"]
    cell = next(each for each in page.root.all("td") if each.get("id") == f"{s.LINUX[5]}-spawn")
    assert cell.text == "✗ no"
    (link,) = cell.all("a")
    evidence = next(each for each in page.root.all("section") if f"#{each.get('id')}" == link.get("href"))
    assert evidence.text.startswith("✗ no spawn, forkserver, ")
    assert "TypeError: cannot pickle '_thread.lock' object" in evidence.text
    assert "nox -s probe-3.8 -- --probe arguments.lock --method spawn" in evidence.text
    assert "python3.8 probes/arguments.py lock --method spawn" in evidence.text
    assert "52 ms" in evidence.text
    assert "def lock(ctx):" in page.root.text
    assert {"linux-fork", "windows-spawn", "windows-wine-spawn", f"{s.LINUX[5]}-fork"} <= set(page.ids)


def test_a_probe_page_lists_where_it_was_seen_five_at_once_and_the_others_folded() -> None:
    seen = [
        Sighting(
            url=f"https://github.com/a/a/issues/{n}", project=s.EVIL, date="2020-01", questions=("arguments.lock",),
            python="3.8", method="spawn", mended=s.EVIL,
        )
        for n in range(7)
    ]  # fmt: skip
    seen[1] = replace(seen[1], url="https://github.com/a/a/pull/1")
    evil = Sighting(url="javascript:alert(1)", project="x", date="2020-01", questions=("arguments.lock",))
    made = dict(files(s.matrix(), seen=(*seen, evil)))
    for folder in ("", "zh-Hans/"):
        (section,) = [
            one
            for one in Page(made[f"{folder}probe/arguments.lock.html"].decode()).root.all("section")
            if one.get("id") == "seen"
        ]
        links = section.all("a")
        assert [link.get("href") for link in links] == [one.url for one in seen]
        assert {link.get("rel") for link in links} == {"noopener noreferrer"}
        assert links[0].text == f"{s.EVIL}#0"
        assert [len(each.all("li")) for each in (section, *section.all("details"))] == [8, 3]
        assert "Python 3.8, spawn" in section.text
        words = ("mended:", "what it changes:") if not folder else ("修复：", "所作更改：")
        assert [section.text.count(word) for word in words] == [6, 1]
        other = Page(made[f"{folder}probe/arguments.odd.html"].decode())
        assert "seen" not in other.ids


@pytest.mark.parametrize(
    ("url", "expected", "change"),
    [
        ("https://github.com/a/b/issues/12", "#12", False),
        ("https://github.com/a/b/pull/3", "#3", True),
        ("https://gitlab.com/a/b/-/issues/4", "#4", False),
        ("https://gitlab.com/a/b/-/merge_requests/5", "#5", True),
        ("https://github.com/pull/b/issues/6", "#6", False),
        ("https://stackoverflow.com/questions/18204782/what", "", False),
    ],
)
def test_a_thread_is_named_by_its_number_and_a_pull_request_is_told(url: str, expected: str, change: bool) -> None:
    assert probe.thread_number(url) == expected
    assert probe.is_change(url) is change


def test_every_cell_has_its_address_in_english_and_other_languages_lead_there(parsed: dict[str, Page]) -> None:
    for one in s.matrix().probes:
        methods = one.methods or ("none",)
        anchors = {f"{target['id']}-{method}" for target in s.targets() for method in methods}
        assert anchors <= set(parsed[f"probe/{one.id}.html"].ids)
        for language in LANGUAGES[1:]:
            page = parsed[f"{language.folder}probe/{one.id}.html"]
            assert f"../../probe/{one.id}.html#answers" in {link.get("href") for link in page.root.all("a")}


def test_the_evidence_of_very_many_different_answers_is_left_to_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = s.matrix()
    index = index_matrix(
        replace(matrix, cells=tuple(structs.replace(cell, detail=f"{n}") for n, cell in enumerate(matrix.cells)))
    )
    assert (len(probe.probe_page(matrix.probes[0], index).evidence), probe.MAX_ANSWERS) == (57, 100)
    monkeypatch.setattr(probe, "MAX_ANSWERS", 2)
    page = probe.probe_page(matrix.probes[0], index)
    assert (len(page.evidence), page.more) == (2, 55)
    linked = [answer.evidence for part in page.platforms for row in part.rows for answer in row.answers]
    assert sorted(linked) == [""] * 55 + ["a1", "a2"]


def test_a_target_page_shows_no_path_of_a_machine() -> None:
    matrix = s.matrix()
    private = {"executable": "/home/me/python", "base_executable": "/home/me/python"}
    targets = tuple({**target, "facts": {**target["facts"], **private}} for target in matrix.targets)
    for path, data in pages(replace(matrix, targets=targets)):
        assert b"/home/me" not in data, path


def test_the_data_of_a_probe_is_that_of_the_matrix(site: Path) -> None:
    data = json.loads((site / "api/v1/probe/arguments.odd.json").read_text(encoding="utf-8"))
    whole = json.loads(json.dumps(matrix_json(s.matrix())))
    names = [target["id"] for target in whole["targets"]]
    rows = [row | {"cells": [row["cells"][name] for name in names]} for row in data["rows"]]
    assert rows == [row for row in whole["rows"] if row["probe"] == "arguments.odd"]
    assert data["probe"] in whole["probes"]


def test_the_same_matrix_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    again = build(site.parent / "matrix.json", tmp_path / "again").parent
    first = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()} == first


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a\\b", "a b", "a\n", "-rf", "ä", "x" * 201, "<script>"])
def test_an_id_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="is not the ID"):
        file_name(name)


@pytest.mark.parametrize("name", ["arguments.lock", "cpython-3.14.2+freethreaded-linux-x86_64-gnu", "_x"])
def test_an_id_is_a_file_name(name: str) -> None:
    assert file_name(name) == name


def test_an_answer_to_a_question_that_has_changed_says_so_in_words() -> None:
    whole = s.matrix()
    old = [structs.replace(one, stale=True) if one.target == s.MUSL else one for one in whole.cells]
    for cells, expected in ((old, True), (whole.cells, False)):
        made = dict(pages(replace(whole, cells=tuple(cells))))
        probe, target = (made[f"{kind}.html"] for kind in ("probe/arguments.lock", f"target/{s.MUSL}"))
        texts = [Page(one if isinstance(one, str) else one.decode()).root.text for one in (probe, target)]
        assert [text.count("the question has changed since") > 0 for text in texts] == [expected, expected]
        assert ("answers are to questions that have changed since" in texts[1]) is expected


def test_an_empty_matrix_is_a_page_too() -> None:
    empty = replace(s.matrix(), targets=(), cells=(), probes=(), generated="")
    page = Page(dict(pages(empty))["index.html"].decode())
    assert "0 questions, measured on 0 targets" in page.root.text


def test_a_target_whose_version_cannot_be_read_is_refused() -> None:
    target = s.target(s.LINUX[0])
    matrix = replace(s.matrix(), targets=({**target, "facts": {**target["facts"], "version": s.EVIL}},), cells=())
    with pytest.raises(DataError, match="not a Python version"):
        dict(pages(matrix))


@pytest.fixture(scope="module")
def many() -> dict[str, bytes]:
    """The first page, the table of all and the list of all of three hundred questions."""
    matrix = s.matrix()
    one = matrix.probes[0]
    cells = [cell for cell in matrix.cells if cell.probe == one.id]
    names = [f"{one.id}_{number}" for number in range(300)]
    probes = tuple(replace(one, id=name, text=f"{one.text} {name}") for name in names)
    big = replace(
        matrix, probes=probes, cells=tuple(structs.replace(cell, probe=name) for name in names for cell in cells)
    )
    return {path: html for path, html in pages(big) if path in ("index.html", "all.html", "questions.html")}


def test_pages_of_three_hundred_questions_fit_their_budgets(many: Mapping[str, bytes]) -> None:
    assert many["all.html"].count(b'<th scope="row"><a href="probe/') == 300
    assert many["index.html"].count(b'<th scope="row"><a href="probe/') == FORTY
    assert len(gzip.compress(many["index.html"])) < BUDGET
    assert len(gzip.compress(many["all.html"])) < PAGE_BUDGET


def test_the_first_page_has_every_question_by_name_and_the_list_has_its_sentence(many: Mapping[str, bytes]) -> None:
    first, listed = (Page(many[name].decode()) for name in ("index.html", "questions.html"))
    named, said = ({link.get("href"): link.text for link in page.root.all("a")} for page in (first, listed))
    for number in range(300):
        name = f"{s.matrix().probes[0].name}_{number}"
        question = f"{s.matrix().probes[0].id}_{number}"
        assert question in first.ids
        assert named[f"probe/{question}.html"] == name
        assert said[f"probe/{question}.html"] == f"{s.matrix().probes[0].text} {question}"
