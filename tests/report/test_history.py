"""The history of a question; a target beside its peer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from matrix.model import Cell, Outcome
from report.build import pages
from report.model.matrix_index import index_matrix
from report.model.shown import START
from report.views.peer import peer_comparison
from tests.report import synthetic as s
from tests.report.pages import Page
from tests.report.test_changes import changed, worse_everywhere


def test_a_question_page_tells_what_changed_between_versions_and_since_the_previous_run() -> None:
    html = dict(pages(changed(worse_everywhere), s.matrix()))
    page = Page(html["probe/arguments.lock.html"].decode())
    section = next(each for each in page.root.all("section") if each.get("id") == "history")
    assert "Since the results of 2026-11-22: ▼ yes → no" in section.text
    links = [each.get("href") for each in section.all("a")]
    goals = [link.partition("#")[2] for link in links if link.startswith("../changes/3.13-3.14.html")]
    assert goals
    assert set(goals) <= set(Page(html["changes/3.13-3.14.html"].decode()).ids)
    calm = Page(html["probe/defaults.listed.html"].decode()).root
    assert "Since the results of 2026-11-22: nothing changed." in calm.text
    assert "The same answer in all tested versions." in calm.text


def differing(target: str) -> tuple[str, set[tuple[str, str]]]:
    """(the other target, what the two answer differently) of a target."""
    everything = index_matrix(s.matrix())
    place, one = next((p, m) for p in everything.platforms for m in p.members if m.id == target)
    found = peer_comparison(one, place, everything)
    assert found
    return found.other.id, {(row.probe.name, method) for row in found.changes for method in row.methods}


@pytest.mark.parametrize(
    ("target", "other"),
    [
        (s.FREE, s.LINUX[-1]),  # the same release of the main line
        (s.MUSL, s.LINUX[5]),
        (s.PYPY, s.LINUX[3]),  # the same series
        (s.BETA, s.LINUX[-1]),  # the nearest below
        (s.LINUX[1], s.LINUX[0]),  # the main line of the first platform: the release before
        (s.WINDOWS[1], s.LINUX[-1]),  # another platform's main line
        (s.WINE, s.LINUX[5]),
    ],
)
def test_a_target_is_compared_with_the_one_people_know(target: str, other: str) -> None:
    assert differing(target)[0] == other


def test_a_peer_comparison_has_what_differs_and_can_be_asked() -> None:
    assert differing(s.FREE)[1] == {("odd", "fork"), ("odd", "spawn"), ("odd", "forkserver")}
    windows = differing(s.WINDOWS[1])[1]
    assert ("start_method", "none") in windows
    assert not [method for _, method in windows if method in ("fork", "forkserver")]


def test_where_no_process_can_be_started_what_is_unavailable_is_only_counted() -> None:
    matrix = s.matrix()
    asked = replace(matrix.probes[0], id=START, methods=())
    starts = tuple(
        s.cell(START, method, row["id"], s.U if row["id"] == s.PYODIDE else s.Y)
        for row in matrix.targets
        for method in ("fork", "none")
    )
    matrix = replace(matrix, probes=(*matrix.probes, asked), cells=(*matrix.cells, *starts))
    everything = index_matrix(matrix)
    place = next(platform for platform in everything.platforms if platform.slug == "pyodide")
    found = peer_comparison(place.members[0], place, everything)
    assert found
    assert found.unavailable == 1
    assert START not in {change.probe.id for change in found.changes}
    page = dict(pages(matrix))[f"target/{s.PYODIDE}.html"].decode()
    assert "left out because no process can be started here: 1 question" in page


def test_the_first_of_all_has_nothing_beside_it() -> None:
    everything = index_matrix(s.matrix())
    place = everything.platforms[0]
    assert peer_comparison(place.members[0], place, everything) is None


def test_targets_that_agree_say_so() -> None:
    def same(cell: Cell) -> Cell:
        return structs.replace(cell, outcome=Outcome.YES, value=None)

    text = Page(dict(pages(changed(same)))[f"target/{s.FREE}.html"].decode()).root.text
    assert "The same answers to every question that both were asked." in text
