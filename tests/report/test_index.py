"""What the first page and its companions are made of: releases, rows, labels, full views, the scripts' data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec import structs

from matrix.model import Matrix
from matrix.results.versions import parse
from matrix.suite.essentials import FIRST, NUMBER
from matrix.suite.sightings import Sighting
from report.build import constant, pages
from report.exports.js_data import MAX_SHARED, answers, messages, search_index
from report.model.labels import labels
from report.model.matrix_index import index_matrix
from report.model.pending import Promise, pending_platforms, promises
from report.model.shown import START
from report.model.support_calendar import ENDED, FIXES, PRE, SECURITY, ends, state, support
from report.views.all import AllPage, all_page, theme_pages
from report.views.changes import changes_pages
from report.views.column import FullPage, full_pages
from report.views.index import FirstPage, breaking_order, first_page, taken_away
from report.views.table import Row
from tests.report import synthetic as s
from tests.report.pages import Page

DAY = "2026-11-22T07:20:24Z"


@pytest.mark.parametrize(
    ("version", "day", "expected"),
    [
        ("3.8.20", DAY, ENDED),
        ("3.10.13", "2026-10-31", SECURITY),
        ("3.10.13", "2026-11-01", ENDED),
        ("3.13.0", "2026-10-31", FIXES),
        ("3.13.0", "2026-11-01", SECURITY),
        ("3.15.2", DAY, FIXES),
        ("3.15.0b1", DAY, PRE),
        ("3.99.0", DAY, ""),
        ("3.8.20", "", ""),
    ],
)
def test_how_a_release_is_looked_after(version: str, day: str, expected: str) -> None:
    assert state(parse(version), day) == expected


def test_series_are_told_by_their_state_and_a_gap_is_no_range() -> None:
    versions = [parse(one) for one in ("3.8.1", "3.9.1", "3.11.2", "3.11.7", "3.13.0", "3.15.0b1", "3.14.1")]
    assert [(one.state, one.series) for one in support(versions, DAY)] == [
        (FIXES, "3.14"), (SECURITY, "3.11, 3.13"), (ENDED, "3.8–3.9"),
    ]  # fmt: skip
    assert ends(parse("3.14.1")) == "2030-10"
    assert ends(parse("3.99.1")) == ""


def everything(matrix: Matrix) -> AllPage:
    index = index_matrix(matrix)
    return all_page(index, labels(index))


def front(matrix: Matrix) -> FirstPage:
    index = index_matrix(matrix)
    return first_page(everything(matrix).table, index, changes_pages(index))


def rows(matrix: Matrix) -> dict[str, Row]:
    return {row.probe.id: row for theme in everything(matrix).table.themes for row in theme.rows}


def test_a_row_has_the_classes_that_the_filters_ask_for() -> None:
    found = {name: set(row.css.split()) for name, row in rows(s.matrix()).items()}
    assert found["arguments.lock"] == {"l-depends", "changed", "differs"}
    assert found["defaults.listed"] == {
        "l-information", "any"
    }  # the value differs from platform to platform, not from version to version  # fmt: skip
    assert found["defaults.start_method"] == {"l-information", "any", "changed", "differs"}


def test_a_row_is_the_same_only_if_everything_was_tested_and_agrees() -> None:
    matrix = s.matrix()
    yes = tuple(structs.replace(cell, outcome=s.Y, value=None, agrees=None) for cell in matrix.cells)
    themes = everything(replace(matrix, cells=yes)).table.themes
    assert {row.css for theme in themes for row in theme.rows} == {"l-portable same", "l-portable any same"}
    assert [sum(row.same for row in theme.rows) for theme in themes] == [3, 3]
    hole = structs.replace(yes[0], outcome=s.Q)
    assert rows(replace(matrix, cells=(hole, *yes[1:])))[hole.probe].css == "l-portable"


def test_only_platforms_that_start_processes_have_columns_and_emulations_only_where_the_real_system_is_missing() -> (
    None
):
    matrix = s.matrix()
    asked = replace(matrix.probes[0], id=START)
    starts = tuple(
        s.cell(START, method, row["id"], s.U if row["id"] == s.PYODIDE else s.Y)
        for row in matrix.targets
        for method in asked.methods
    )

    def shown(wanted: Callable[[str], bool]) -> tuple[list[str], ...]:
        targets = tuple(row for row in matrix.targets if wanted(row["id"]))
        cells = tuple(cell for cell in (*matrix.cells, *starts) if wanted(cell.target))
        view = front(replace(matrix, targets=targets, probes=(*matrix.probes, asked), cells=cells))
        heads = (view.table.heads, view.processless, view.emulated)
        return tuple([head.platform.title for head in part] for part in heads)

    assert shown(lambda name: True) == (["Linux", "macOS", "Windows"], ["Pyodide"], ["Windows under Wine"])
    assert shown(lambda name: "windows" not in name or name == s.WINE)[0] == ["Linux", "macOS", "Windows under Wine"]
    assert shown(lambda name: name == s.PYODIDE) == (["Pyodide"], [], [])  # rather than nothing


def without(matrix: Matrix, *systems: str) -> Matrix:
    """A matrix without the targets of some systems."""
    gone = {row["id"] for row in matrix.targets if row["facts"]["sys_platform"] in systems and row["id"] != s.WINE}
    targets = tuple(row for row in matrix.targets if row["id"] not in gone)
    return replace(matrix, targets=targets, cells=tuple(cell for cell in matrix.cells if cell.target not in gone))


def test_a_platform_that_nobody_measured_shows_what_documents_say_and_no_answer() -> None:
    assert everything(s.matrix()).table.pending == ()
    matrix = without(s.matrix(), "darwin", "win32")  # Wine is left, and does not speak for Windows
    table = everything(matrix).table
    assert [platform.title for platform in table.pending] == ["macOS", "Windows"]
    lock = rows(matrix)["arguments.lock"]
    assert lock.promises == (
        (Promise(methods=("fork",), text="yes"), Promise(methods=("spawn", "forkserver"), text="no")),
        (Promise(methods=(), text="no"),),
    )
    assert all(slot.column.platform.title != "macOS" for slot in lock.slots)
    page = Page(dict(pages(matrix))["probe/arguments.lock.html"].decode()).root
    glance = next(each for each in page.all("table") if "glance" in each.get("class"))
    assert "macOSnot measured yetdocs: fork yes; spawn, forkserver no" in glance.text
    assert "not measured yet" not in dict(pages(s.matrix()))["probe/arguments.lock.html"].decode()
    assert str(lock.label) == str(rows(s.matrix())["arguments.lock"].label) == "Depends"


def test_documents_are_asked_about_the_platform_and_not_about_the_target_that_is_there() -> None:
    documented = (('sys_platform == "darwin"', "spawn"), ('sys_platform == "linux"', "fork"))
    index = index_matrix(without(s.matrix(), "darwin"))
    (macos,) = pending_platforms(index)
    probe = replace(index.probes["defaults.start_method"], documented=documented)
    assert promises(probe, macos) == (Promise(methods=(), text="spawn"),)
    assert promises(replace(probe, documented=()), macos) == ()


def test_the_first_page_begins_with_what_breaks_programs_and_lists_every_question_once() -> None:
    page = front(s.matrix())
    assert page.rows[0].probe.id == "defaults.start_method"
    assert {row.probe.id for row in page.rows} == {probe.id for probe in s.matrix().probes}
    many = tuple(replace(s.matrix().probes[0], id=f"arguments.n{number}") for number in range(90))
    page = front(replace(s.matrix(), probes=many, cells=()))
    assert len(page.rows) == NUMBER
    links = [link for theme in page.themes for link in theme.rows]
    assert sum(not link.listed for link in links) == len(many) - NUMBER


@pytest.mark.parametrize(
    ("reported", "taken", "expected"),
    [
        ({}, "", "a b c"),
        ({"a": 1, "b": 2, "c": 3}, "", "c b a"),
        ({"a": 2, "b": 2, "c": 3}, "", "c a b"),
        ({"a": 1, "b": 2, "c": 3}, "b", "b c a"),
        ({"a": 3, "b": 2, "c": 1}, "c", "a b c"),
        ({"a": 3, "b": 2, "c": 1}, "a b c", "a b c"),
        ({"a": 1}, "b", "a b c"),
    ],
    ids=["none", "by projects", "ties stay", "taken away counts twice", "2 is not more than 2", "all", "twice 0 is 0"],
)
def test_the_order_of_what_breaks_programs(reported: dict[str, int], taken: str, expected: str) -> None:
    found = breaking_order((*FIRST, "a", "b", "c"), reported, frozenset(taken.split()))
    assert found == (*FIRST, *expected.split())


def test_what_an_upgrade_takes_away_is_read_from_the_matrix() -> None:
    pages = changes_pages(index_matrix(s.matrix()))
    assert taken_away(pages) == {"arguments.lock"}
    assert taken_away(page for page in pages if not page.switches) == frozenset()


def test_what_was_reported_comes_before_what_was_not() -> None:
    index = index_matrix(s.matrix())
    one = Sighting(url="https://a.b/c", project="a", date="2020-01", questions=("defaults.time", "gone.question"))
    page = first_page(everything(s.matrix()).table, index, (), (one,))
    assert [row.probe.id for row in page.rows][:2] == ["defaults.start_method", "defaults.time"]
    assert len(page.rows) == len(s.matrix().probes)


def test_every_theme_has_a_page_with_its_neighbours() -> None:
    pages = list(theme_pages(everything(s.matrix()).table))
    assert [(page.name, page.before, page.after) for page in pages] == [
        ("defaults", "", "arguments"), ("arguments", "defaults", ""),
    ]  # fmt: skip
    assert [len(page.table.themes[0].rows) for page in pages] == [3, 3]


def test_a_full_view_has_a_place_for_every_target() -> None:
    found = {page.name: page for page in full_pages(index_matrix(s.matrix()))}
    assert set(found) == {
        "linux-fork", "linux-spawn", "linux-forkserver", "macos-fork", "macos-spawn", "macos-forkserver",
        "windows-spawn", "windows-wine-spawn", "pyodide-none",
    }  # fmt: skip
    for page in found.values():
        assert all(len(row.cells) == len(page.columns) for theme in page.themes for row in theme.rows)
    fork = {row.probe.id: row for theme in found["linux-fork"].themes for row in theme.rows}
    assert "arguments.only_spawn" not in fork
    assert fork["defaults.listed"].method == "none"
    lock = dict(
        zip((column.target.id for column in found["linux-spawn"].columns), _words(found["linux-spawn"]), strict=True)
    )
    assert (lock[s.LINUX[5]], lock[s.LINUX[6]]) == ("no", "yes")


def _words(page: FullPage) -> list[str]:
    (row,) = (row for theme in page.themes for row in theme.rows if row.probe.id == "arguments.lock")
    return [cell.state.word for cell in row.cells]


def test_the_answers_for_the_scripts_are_those_of_the_matrix() -> None:
    matrix = s.matrix()
    data = answers(index_matrix(matrix))
    letters = {
        "yes": "y",
        "no": "n",
        "value": "v",
        "unavailable": "u",
        "hang": "h",
        "crash": "c",
        "flaky": "f",
        "error": "e",
        "untested": "q",
    }
    for cell in matrix.cells:
        said = data["cells"][f"{cell.probe} {cell.method}"]
        at = data["targets"].index(cell.target)
        assert said[0][at] == letters[cell.outcome]
        if cell.probe == "defaults.start_method":
            assert said[1][at] == cell.value
    assert len(data["cells"]["defaults.time fork"]) == 1  # a measured time is another one everywhere


def test_the_search_index_holds_what_people_see() -> None:
    matrix = s.matrix()
    index = index_matrix(matrix)
    data = search_index(index, labels(index))
    found = {entry[0]: entry for entry in data["questions"]}
    assert found["arguments.lock"][1:] == [
        "Can a threading.Lock be passed as a Process argument?", "What can be passed to a child?",
        ["TypeError: cannot pickle"],
        ["TypeError: cannot pickle '_thread.lock' object", "ValueError: cannot find context"], "Depends",
    ]  # fmt: skip


def test_messages_that_differ_in_numbers_are_one() -> None:
    matrix = s.matrix()
    numbered = tuple(
        structs.replace(cell, outcome=s.N, detail=f"at 0x{at:x}, {at}") for at, cell in enumerate(matrix.cells)
    )
    assert len(messages(index_matrix(replace(matrix, cells=numbered)))[matrix.probes[0].id]) == 1


def test_a_message_that_very_many_questions_have_is_not_searched_for() -> None:
    matrix = s.matrix()
    cells = [cell for cell in matrix.cells if cell.probe == "arguments.lock"]
    for number, found in ((MAX_SHARED, True), (MAX_SHARED + 1, False)):
        names = [f"arguments.n{each}" for each in range(number)]
        probes = tuple(replace(matrix.probes[0], id=name) for name in names)
        copies = tuple(structs.replace(cell, probe=name) for name in names for cell in cells)
        seen = messages(index_matrix(replace(matrix, probes=probes, cells=copies)))
        assert all(("TypeError: cannot pickle '_thread.lock' object" in seen[name]) is found for name in names)


def test_data_in_a_script_is_json() -> None:
    text = constant("X", [s.EVIL, "\u2028"])
    assert json.loads(text.removeprefix("const X = ").removesuffix(";\n")) == [s.EVIL, "\u2028"]
