"""Pictures of numbers: round axes, marks where the numbers are, names that do not cover each other."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from matrix.model import Evidence
from report.build import pages
from report.model.matrix_index import index_matrix
from report.views.plot import (
    BOTTOM,
    BUILD_LINES,
    HEIGHT,
    LEFT,
    LETTER,
    LINE_HEIGHT,
    RIGHT,
    SIGNS,
    TOP,
    WIDTH,
    cost_page,
    scale,
)
from tests.report import synthetic as s


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [(4, (0, 1, 2, 3, 4)), (0.0106, (0, 0.005, 0.01, 0.015)), (97, (0, 25, 50, 75, 100)), (0, (0,)), (-3, (0,))],
)
def test_an_axis_has_round_steps(highest: float, ticks: tuple[float, ...]) -> None:
    assert scale(highest)[1] == pytest.approx(ticks)


@given(st.floats(min_value=1e-9, max_value=1e12))
def test_an_axis_reaches_over_the_highest_number_and_not_far(highest: float) -> None:
    top, ticks = scale(highest)
    assert highest <= top * (1 + 1e-9)
    assert top <= highest * 2.01
    assert 2 <= len(ticks) <= 6


def test_there_is_a_picture_for_each_platform_with_numbers() -> None:
    (section,) = cost_page(index_matrix(s.matrix())).sections
    assert section.probe.id == "defaults.time"
    assert [panel.platform.slug for panel in section.panels] == ["linux", "macos", "windows", "windows-wine"]
    linux = section.panels[0]
    assert linux.methods == ("fork", "spawn")
    assert [len(curve.marks) for curve in linux.curves] == [12, 12]
    assert [len(curve.paths) for curve in linux.curves] == [
        1,
        1,
    ]  # the eight of the main line; other builds stand alone
    assert linux.rows[0].texts[0] == ("4.6 ms", "", "")
    assert section.panels[2].methods == ("spawn",)


def test_every_mark_is_in_the_picture_and_higher_numbers_stand_higher() -> None:
    for panel in cost_page(index_matrix(s.matrix())).sections[0].panels:
        for curve in panel.curves:
            for mark in curve.marks:
                assert LEFT <= mark.x <= WIDTH - RIGHT
                assert TOP <= mark.y_high <= mark.y <= mark.y_low <= HEIGHT - BOTTOM
        names = sorted(curve.label_y for curve in panel.curves)
        assert all(after - before >= LINE_HEIGHT for before, after in itertools.pairwise(names))
        if len(panel.curves) == 2:
            fork, spawn = panel.curves
            assert all(low.y > high.y for low, high in zip(fork.marks, spawn.marks, strict=True))


def test_the_spread_is_that_of_the_samples() -> None:
    matrix = s.matrix()
    samples = {"samples": [0.001, 0.009, "evil", None]}
    cells = tuple(
        structs.replace(cell, evidence=Evidence(observed=samples)) if cell.probe == "defaults.time" else cell
        for cell in matrix.cells
    )
    panel = cost_page(index_matrix(replace(matrix, cells=cells))).sections[0].panels[0]
    assert panel.rows[0].texts[0] == ("4.6 ms", "1–9 ms", "")
    assert panel.curves[0].marks[0].y_high < panel.curves[0].marks[0].y < panel.curves[0].marks[0].y_low


def test_a_matrix_without_numbers_has_no_pictures() -> None:
    matrix = s.matrix()
    assert cost_page(index_matrix(replace(matrix, cells=()))).sections == ()


def test_numbers_have_their_ratio_to_fork() -> None:
    (section,) = cost_page(index_matrix(s.matrix())).sections
    row = section.panels[0].rows[0]
    fork, spawn = row.texts
    assert fork is not None
    assert spawn is not None
    assert (fork.ratio, spawn.ratio) == ("", "2")


def test_a_constant_has_no_picture_and_what_is_no_cost_is_not_there() -> None:
    matrix = s.matrix()
    same = tuple(
        structs.replace(cell, value=7.0, evidence={}) if cell.probe == "defaults.time" else cell
        for cell in matrix.cells
    )
    (section,) = cost_page(index_matrix(replace(matrix, cells=same))).sections
    assert all(panel.constant for panel in section.panels)
    capacity = tuple(replace(probe, unit="bytes") if probe.measured else probe for probe in matrix.probes)
    assert cost_page(index_matrix(replace(matrix, probes=capacity))).sections == ()


def test_a_target_whose_start_up_files_were_left_out_is_marked_and_the_files_are_named() -> None:
    matrix = s.matrix()
    cells = tuple(
        structs.replace(cell, detail="without evil.pth" if cell.target == s.LINUX[2] else "")
        if cell.probe == "defaults.time"
        else cell
        for cell in matrix.cells
    )
    marked = replace(matrix, cells=cells)
    panel = cost_page(index_matrix(marked)).sections[0].panels[0]
    assert {row.target.id: row.sign for row in panel.rows if row.sign} == {s.LINUX[2]: SIGNS[0]}
    assert panel.remarks == ((SIGNS[0], "without evil.pth"),)
    page = dict(pages(marked))["cost.html"].decode()
    assert f"{SIGNS[0]} <span>without evil.pth</span>" in page


def test_labels_of_builds_do_not_cover_each_other() -> None:
    for panel in (panel for section in cost_page(index_matrix(s.matrix())).sections for panel in section.panels):
        for line in BUILD_LINES:
            for one, other in itertools.pairwise(label for label in panel.builds if label.y == line):
                assert other.x - one.x >= len(one.text) * LETTER
