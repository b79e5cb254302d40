"""What changed: neighbours, events, the page of 3.13 to 3.14, the last two runs, the feed."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from matrix.model import Cell, Matrix, Outcome
from report.build import files, pages
from report.exports.feed import clean, feed
from report.model.matrix_index import index_matrix
from report.model.platforms import group_platforms, read_interpreter
from report.model.version_pairs import long_pairs, page_order, version_pairs
from report.views.changes import ChangesPage, changes_pages
from report.views.history import histories
from report.views.latest import MAX_CELLS, age, latest_page
from tests.report import synthetic as s
from tests.report.pages import Page

ATOM = "{http://www.w3.org/2005/Atom}"
LAST = s.LINUX[-1]


def linux(*versions: str) -> list[str]:
    """The pairs between CPythons on Linux."""
    rows = [s.target(f"cpython-{version}-linux-x86_64-gnu") for version in versions]
    return [pair.slug for pair in version_pairs(group_platforms([read_interpreter(row) for row in rows]))]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([], []),
        (["3.13.0"], []),
        (["3.13.0", "3.14.2"], ["3.13-3.14"]),
        (["3.14.2", "3.9.1", "3.13.0"], ["3.9-3.13", "3.13-3.14"]),
        (["3.11.2", "3.11.7", "3.12.1"], ["3.11-3.12", "3.11.2-3.11.7"]),
        (["3.11.2", "3.11.7", "3.11.9"], ["3.11.2-3.11.7", "3.11.7-3.11.9"]),
        (["3.14.2", "3.15.0b1"], ["3.14-3.15"]),
        (["3.15.0b1", "3.15.0b2"], []),
        (["3.13.0", "3.13.0+freethreaded"], []),
        (["3.13.0", "3.13.0+freethreaded", "3.14.0+freethreaded"], ["3.13-3.14"]),
    ],
)
def test_neighbours(versions: list[str], expected: list[str]) -> None:
    assert linux(*versions) == expected


def test_neighbours_are_of_one_build_and_the_newest_of_their_series() -> None:
    found = version_pairs(group_platforms([read_interpreter(row) for row in s.targets()]))
    pairs = {(pair.old.id, pair.new.id) for pair in found}
    assert ("cpython-3.13.18-linux-x86_64-gnu", LAST) in pairs
    assert ("cpython-3.13.0-linux-x86_64-gnu", LAST) not in pairs
    assert (LAST, s.BETA) in pairs
    lone = {s.MUSL, s.PYPY, s.FREE, s.WINE, s.PYODIDE}
    assert not {one for pair in pairs for one in pair} & lone


@given(st.lists(st.tuples(st.integers(8, 15), st.integers(0, 20)), max_size=12))
def test_every_step_goes_up_to_the_next(versions: list[tuple[int, int]]) -> None:
    rows = [s.target(f"cpython-3.{minor}.{patch}-linux-x86_64-gnu") for minor, patch in versions]
    found = version_pairs(group_platforms([read_interpreter(row) for row in rows]))
    assert all(pair.old.version < pair.new.version for pair in found)
    assert len({pair.slug for pair in found}) == len(found)
    minors = {minor for minor, _ in versions}
    assert len([pair for pair in found if not pair.within]) == max(0, len(minors) - 1)
    assert len(found) == max(0, len(set(versions)) - 1)


def test_pages_are_in_the_order_of_versions() -> None:
    assert sorted(["3.13-3.14", "3.9-3.10", "3.11.2-3.11.7"], key=page_order) == [
        "3.9-3.10", "3.11.2-3.11.7", "3.13-3.14",
    ]  # fmt: skip


def changed(change: Callable[[Cell], Cell]) -> Matrix:
    """The synthetic matrix with some cells made otherwise."""
    matrix = s.matrix()
    return replace(matrix, cells=tuple(change(cell) for cell in matrix.cells))


def page_of(matrix: Matrix, slug: str) -> ChangesPage:
    return next(page for page in changes_pages(index_matrix(matrix)) if page.slug == slug)


def test_the_page_of_a_new_default_compares_the_defaults() -> None:
    page = page_of(s.matrix(), "3.13-3.14")
    ((place, switch),) = page.switches
    assert (place.title, switch.was, switch.now) == ("Linux", "fork", "forkserver")
    (stops,) = switch.of("regressed")
    (row,) = stops.themes[0].rows
    assert row.probe.id == "arguments.lock"
    assert (row.before.method, row.before.state.word) == ("fork", "yes")
    assert (row.after.method, row.after.state.word) == ("forkserver", "no")
    assert row.goal == f"probe/arguments.lock.html#{LAST}-forkserver"
    assert switch.kept == 0
    # 3.13.18, the newest, answers yes under every method: naming spawn or forkserver is worse on 3.14 too
    (group,) = [group for part in page.platforms if part.platform.slug == "linux" for group in part.kinds
                if group.kind == "regressed"]  # fmt: skip
    (by_name,) = [row for theme in group.themes for row in theme.rows if row.probe.id == "arguments.lock"]
    assert by_name.methods == ("spawn", "forkserver")


def test_what_got_worse_for_those_who_name_the_old_method_is_counted() -> None:
    def worse(cell: Cell) -> Cell:
        hit = (cell.probe, cell.method, cell.target) == ("arguments.lock", "fork", LAST)
        return structs.replace(cell, outcome=Outcome.HANG) if hit else cell

    assert page_of(changed(worse), "3.13-3.14").switches[0][1].kept == 1


@pytest.mark.parametrize("outcome", [Outcome.UNTESTED, Outcome.ERROR])
def test_what_is_not_known_on_one_side_is_no_change(outcome: Outcome) -> None:
    def hidden(cell: Cell) -> Cell:
        return structs.replace(cell, outcome=outcome) if (cell.probe, cell.target) == ("arguments.lock", LAST) else cell

    page = page_of(changed(hidden), "3.13-3.14")
    assert not page.switches[0][1].of("regressed")
    linux = page.platforms[0]
    before = page_of(s.matrix(), "3.13-3.14").platforms[0]
    assert (linux.both, linux.holes) == (before.both - 3, before.holes + 3)


def test_measured_values_are_costs_and_no_change() -> None:
    matrix = s.matrix()
    probes = tuple(replace(p, methods=("fork", "spawn", "forkserver")) if p.measured else p for p in matrix.probes)
    more = tuple(
        structs.replace(c, method="forkserver")
        for c in matrix.cells
        if c.probe == "defaults.time" and c.method == "fork"
    )
    page = page_of(replace(matrix, probes=probes, cells=(*matrix.cells, *more)), "3.13-3.14")
    (cost,) = page.switches[0][1].costs
    assert (cost.probe.id, cost.before, cost.after) == ("defaults.time", "4.6 ms", "4.6 ms")
    changed = [row.probe.id for part in page.platforms for g in part.kinds for t in g.themes for row in t.rows]
    assert "defaults.time" not in changed


def test_builds_that_change_alike_are_said_once() -> None:
    matrix = s.matrix()
    ids = {f"cpython-{v}-linux-x86_64-gnu": f"cpython-{v}-linux-x86_64-musl" for v in ("3.13.18", "3.14.2")}
    twins = [s.target(new, libc="musl", default="forkserver" if "3.14" in new else "fork") for new in ids.values()]
    cells = tuple(structs.replace(cell, target=ids[cell.target]) for cell in matrix.cells if cell.target in ids)
    both = replace(matrix, targets=(*matrix.targets, *twins), cells=(*matrix.cells, *cells))
    page = page_of(both, "3.13-3.14")
    rows = [row for g in page.switches[0][1].kinds for t in g.themes for row in t.rows]
    assert rows
    assert all(row.everywhere and row.builds == ("", "musl") for row in rows)

    def other(cell: Cell) -> Cell:
        hit = cell.target == ids[LAST] and cell.probe == "arguments.lock" and cell.method == "forkserver"
        return structs.replace(cell, outcome=Outcome.CRASH) if hit else cell

    page = page_of(replace(both, cells=tuple(map(other, both.cells))), "3.13-3.14")
    apart = [
        row for g in page.switches[0][1].kinds for t in g.themes for row in t.rows if row.probe.id == "arguments.lock"
    ]
    assert [(row.builds, row.after.state.word) for row in apart] == [(("",), "no"), (("musl",), "crash")]


def test_the_page_says_it_without_a_click() -> None:
    page = Page(dict(pages(s.matrix()))["changes/3.13-3.14.html"].decode())
    text = page.root.all("main")[0].text
    assert "On Linux a program that does not name a start method gets forkserver instead of fork" in text
    row = next(each for each in page.root.all("tr") if each.get("id") == "default-linux-regressed-arguments.lock")
    question, before, after, do = (each.text for each in row.children)
    assert question.startswith("Can a threading.Lock be passed as a Process argument?")
    assert "Because it stops programs." in question
    assert (before, do) == ("✓ yes", "Name the method.")
    assert after == "✗ noTypeError: cannot pickle '_thread.lock' object"
    assert not page.root.all("details")


def test_what_got_better_has_no_advice() -> None:
    def better(cell: Cell) -> Cell:
        """What stopped working with 3.14 starts to work with it."""
        turned = {Outcome.YES: Outcome.NO, Outcome.NO: Outcome.YES}.get(cell.outcome, cell.outcome)
        return structs.replace(cell, outcome=turned) if cell.probe == "arguments.lock" else cell

    page = Page(dict(pages(changed(better)))["changes/3.13-3.14.html"].decode())
    (row,) = [each for each in page.root.all("tr") if each.get("id") == "default-linux-fixed-arguments.lock"]
    question, before, after = (each.text for each in row.children)
    assert question == "Can a threading.Lock be passed as a Process argument?"
    assert (before[:4], after[:5]) == ("✗ no", "✓ yes")


def test_two_runs_that_agree_have_no_events() -> None:
    found = latest_page(s.matrix(), index_matrix(s.matrix()))
    assert (found.kinds, found.events, found.arrived, found.left) == ((), (), (), ())


def test_a_new_column_is_named_and_makes_no_event() -> None:
    matrix = s.matrix()
    less = replace(matrix, targets=tuple(t for t in matrix.targets if t["id"] != LAST),
                   cells=tuple(c for c in matrix.cells if c.target != LAST))  # fmt: skip
    found = latest_page(less, index_matrix(matrix))
    assert (found.events, found.arrived, found.left) == ((), (LAST,), ())
    back = latest_page(matrix, index_matrix(less))
    assert (back.events, back.arrived, back.left) == ((), (), (LAST,))


def worse_everywhere(cell: Cell) -> Cell:
    """What worked under fork does not."""
    hit = cell.probe == "arguments.lock" and cell.method == "fork" and cell.outcome is Outcome.YES
    return structs.replace(cell, outcome=Outcome.NO, detail=s.EVIL + "\x1b[0m") if hit else cell


def test_cells_that_change_alike_are_one_row() -> None:
    new = changed(worse_everywhere)
    found = latest_page(s.matrix(), index_matrix(new))
    (part,) = found.kinds
    (row,) = part.rows
    assert (part.kind, row.probe.id, row.before, row.after) == ("regressed", "arguments.lock", "yes", "no")
    assert row.n == len(found.events) > MAX_CELLS == len(row.cells)
    text = Page(dict(pages(new, s.matrix()))["changes/latest.html"].decode()).root.all("main")[0].text
    assert f"and {row.n - MAX_CELLS} more" in text


def test_targets_that_were_not_run_for_long_are_named() -> None:
    matrix = s.matrix()
    old, *rest = matrix.targets
    old = {**old, "runs": [{**old["runs"][0], "started": "2026-10-01T00:00:00Z"}]}
    found = latest_page(None, index_matrix(replace(matrix, targets=(old, *rest))))
    assert [one.id for one in found.old] == [old["id"]]


@pytest.mark.parametrize(("as_of", "hidden"), [("", True), ("2026-12-22", True), ("2026-12-23", False)])
def test_a_banner_says_that_results_are_old(as_of: str, hidden: bool) -> None:
    for path, html in pages(s.matrix(), as_of=as_of):
        (banner,) = [each for each in Page(html.decode()).root.all("p") if each.get("class") == "stale"]
        assert ("hidden" in banner.attributes) == hidden, path
        assert hidden or " 31 " in banner.text, path


def test_age_is_in_days() -> None:
    assert age("2026-11-22T23:59:59Z", "2026-12-01") == 9


def atom(matrix: Matrix, previous: Matrix | None, url: str = "") -> ET.Element:
    return ET.fromstring(dict(files(matrix, previous, url=url))["changes/feed.xml"])


@pytest.mark.parametrize("previous", [None, s.matrix()])
@pytest.mark.parametrize("url", ["", "https://example.org/canifork/"])
def test_the_feed_is_valid_atom(previous: Matrix | None, url: str) -> None:
    root = atom(changed(worse_everywhere), previous, url)
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 8 + (previous is not None)  # a pair of versions each, and one event
    for each in (root, *entries):
        for name in ("id", "title", "updated"):  # RFC 4287, 4.1.1 and 4.1.2: exactly one of each
            (found,) = each.findall(f"{ATOM}{name}")
            assert found.text
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", each.findtext(f"{ATOM}id", ""))
        stamp = each.findtext(f"{ATOM}updated", "")
        assert datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S%z")  # RFC 3339
        links = {(link.get("rel"), link.get("type")) for link in each.findall(f"{ATOM}link")}
        assert ("alternate", "text/html") in links
        assert len(links) == len(each.findall(f"{ATOM}link"))  # 4.1.1: none twice with one type
        assert all((link.get("href") or "").startswith(url) for link in each.findall(f"{ATOM}link"))
    assert root.findtext(f"{ATOM}author/{ATOM}name")  # the feed's author is that of its entries
    assert ("self", "application/atom+xml") in {(x.get("rel"), x.get("type")) for x in root.findall(f"{ATOM}link")}
    assert all(each.findtext(f"{ATOM}summary") for each in entries)
    ids = [each.findtext(f"{ATOM}id") for each in (root, *entries)]
    assert len(set(ids)) == len(ids)
    stamps = [each.findtext(f"{ATOM}updated", "") for each in entries]
    assert stamps == sorted(stamps, reverse=True)
    assert root.findtext(f"{ATOM}updated") == stamps[0]


def test_an_entry_keeps_its_id_while_it_is_about_the_same() -> None:
    def ids(matrix: Matrix) -> set[str | None]:
        return {each.findtext(f"{ATOM}id") for each in atom(matrix, s.matrix()).findall(f"{ATOM}entry")}

    first, later = changed(worse_everywhere), replace(changed(worse_everywhere), generated="2026-12-01T00:00:00Z")
    assert ids(first) == ids(first)
    assert len(ids(first) & ids(later)) == 8  # another day's event is another event


def test_a_feed_of_nothing_is_valid_too() -> None:
    empty = replace(s.matrix(), targets=(), cells=(), probes=(), generated="")
    found = feed(latest_page(None, index_matrix(empty)), ())
    assert (found.updated, found.entries) == ("1970-01-01T00:00:00Z", ())


@given(st.text())
def test_no_text_breaks_the_feed(text: str) -> None:
    ET.fromstring(f"<a>{clean(text).replace('&', '&amp;').replace('<', '&lt;').replace(']]>', ']]&gt;')}</a>")


def test_longer_upgrades_lead_from_supported_series_to_the_newest_two() -> None:
    rows = [s.target(f"cpython-3.{minor}.1-linux-x86_64-gnu") for minor in (9, 11, 12, 13, 14, 15)]
    pairs = long_pairs(group_platforms([read_interpreter(row) for row in rows]), "2026-11-22T07:20:24Z")
    assert [pair.slug for pair in pairs] == ["3.11-3.14", "3.12-3.14", "3.11-3.15", "3.12-3.15", "3.13-3.15"]
    assert all(pair.long for pair in pairs)


def test_a_longer_upgrade_has_a_page_and_no_line_in_the_history_of_a_question() -> None:
    matrix = s.matrix()
    pages = changes_pages(index_matrix(matrix))
    longer = next(page for page in pages if page.slug == "3.12-3.14")
    assert longer.long
    assert [switch.now for _, switch in longer.switches] == ["forkserver"]
    told = histories(pages, latest_page(None, index_matrix(matrix)))
    assert "3.12 → 3.14" not in {each.title for history in told.values() for each in history.versions}
