"""What one cell of the index says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from matrix.model import Cell, Outcome, Probe
from matrix.results.versions import TO, parse
from report.model.cells import MAX_TICKS, CellView, Ticks, cell_view
from report.model.matrix_index import MatrixIndex, index_matrix
from report.model.platforms import Platform, group_platforms, read_interpreter
from report.views.table import coverage
from tests.conftest import ROOT
from tests.report import synthetic as s

Spec = dict[str, Outcome | tuple[Any, ...]]


def places(*rows: dict[str, Any]) -> tuple[Platform, ...]:
    return group_platforms([read_interpreter(row) for row in rows])


def linux(*versions: str) -> list[dict[str, Any]]:
    return [s.target(f"cpython-{version}-linux-x86_64-gnu") for version in versions]


def view(rows: list[dict[str, Any]], answers: Spec, probe: Probe | None = None, **common: Any) -> CellView:
    """The view of one cell; answers: id or version -> outcome, or (outcome, value, agrees)."""
    probe = probe or s.probe("a.b", "?")
    (platform,) = places(*rows)
    cells: dict[str, Cell] = {}
    for row in rows:
        spec = answers.get(row["id"], answers.get(row["facts"]["version"]))
        if spec is not None:
            outcome, value, agrees = (*spec, None, None)[:3] if isinstance(spec, tuple) else (spec, None, None)
            cells[row["id"]] = s.cell("a.b", "fork", row["id"], outcome, value, agrees=agrees, **common)
    known: dict[tuple[str, bool], set[tuple[int, int]]] = {}
    for one in platform.members:
        if one.version.stable:
            known.setdefault(one.kind, set()).add(one.version.series)
    return cell_view(probe, platform, cells, known)


def printed(found: CellView) -> list[str]:
    """Each line of a cell as a reader sees it."""
    lines = []
    for line in found.lines:
        parts = []
        for part in line.segments:
            text = f"{part.state.word} {part.text} {', '.join(part.spans)}{' ≠' if part.differs else ''}"
            parts.append(" ".join(text.split()))
        lines.append((f"[{line.label}] " if line.label else "") + " · ".join(parts))
    return [line.replace(TO, "-") for line in lines]


def strip(found: CellView) -> str:
    """The ticks as letters; the oldest version first."""
    return "".join(tick.css * tick.n for tick in found.ticks)


def test_one_answer_everywhere() -> None:
    found = view(linux("3.8.1", "3.9.1"), {"3.8.1": s.Y, "3.9.1": s.Y})
    assert (printed(found), strip(found), found.css) == (["yes 3.8+"], "yy", "y")


def test_the_cell_has_the_colour_of_the_newest_release() -> None:
    found = view(linux("3.13.0", "3.14.0"), {"3.13.0": s.Y, "3.14.0": s.N})
    assert (printed(found), found.css) == (["yes 3.13 · no 3.14+"], "n")


def test_an_untested_newest_release_does_not_hide_the_colour() -> None:
    found = view(linux("3.13.0", "3.14.0"), {"3.13.0": s.Y, "3.14.0": s.Q})
    assert (printed(found), strip(found), found.css) == (["yes 3.13 · untested 3.14"], "yq", "y")


def test_a_build_without_an_optional_module_says_nothing_of_its_version() -> None:
    rows = linux("3.13.0", "3.14.1")
    lacking = {"detail": "ModuleNotFoundError: No module named 'tkinter'"}
    assert printed(view(rows, {"3.13.0": s.U, "3.14.1": s.U}, **lacking)) == printed(view(rows, {}))
    assert "unavailable" in printed(view(rows, {"3.13.0": s.U, "3.14.1": s.U}))[0]


def test_nothing_known() -> None:
    found = view(linux("3.13.0", "3.14.0"), {})
    assert (printed(found), strip(found), found.css) == (["untested"], "qq", "q")


@pytest.mark.parametrize("outcome", [s.Y, s.N, s.U, s.H, s.C, s.E])
def test_every_outcome_keeps_its_word(outcome: Outcome) -> None:
    assert printed(view(linux("3.14.0"), {"3.14.0": outcome})) == [f"{outcome} 3.14+"]


def test_flaky_says_how_often_and_the_worst_counts() -> None:
    assert printed(view(linux("3.14.0"), {"3.14.0": s.F}, n=9, agree=7)) == ["flaky 7/9 3.14+"]


def test_values_are_answers_of_their_own() -> None:
    answers: Spec = {"3.13.0": (Outcome.VALUE, "fork"), "3.14.0": (Outcome.VALUE, "forkserver")}
    assert printed(view(linux("3.13.0", "3.14.0"), answers)) == ["value fork 3.13 · value forkserver 3.14+"]


def test_measured_values_are_one_answer_with_a_range() -> None:
    probe = s.probe("a.b", "?", unit="seconds", measured=True)
    answers: Spec = {"3.13.0": (Outcome.VALUE, 0.0041), "3.14.0": (Outcome.VALUE, 0.0062)}
    assert printed(view(linux("3.13.0", "3.14.0"), answers, probe)) == ["value 4.1-6.2 ms 3.13+"]


def test_what_differs_from_the_document_is_marked_where_it_does() -> None:
    answers: Spec = {"3.13.0": (s.Y, None, True), "3.14.0": (s.Y, None, False)}
    assert printed(view(linux("3.13.0", "3.14.0"), answers)) == ["yes 3.13 · yes 3.14+ ≠"]


FREE = s.target("cpython-3.14.0+freethreaded-linux-x86_64-gnu")
PYPY = s.target("pypy-3.11.13-linux-x86_64-gnu")
MUSL = s.target("cpython-3.13.0-linux-x86_64-musl", libc="musl")
SMALL = s.target("cpython-3.13.0-linux-i686-gnu", bits=32)
BETA = s.target("cpython-3.15.0b1-linux-x86_64-gnu")
VENV = s.target("cpython-3.13.0-linux-x86_64-gnu-venv", launcher="venv")


@pytest.mark.parametrize(
    ("other", "label", "spans"),
    [
        (FREE, "free-threaded", "3.14+"),
        (PYPY, "PyPy", "3.11+"),
        (MUSL, "musl", "3.13"),
        (SMALL, "i686", "3.13"),
        (BETA, "pre-release", "3.15.0b1"),
        (VENV, "venv", "3.13"),
    ],
)
def test_other_builds_stand_apart_and_speak_only_where_they_differ(
    other: dict[str, Any], label: str, spans: str
) -> None:
    rows = [*linux("3.13.0", "3.14.0"), other]
    same = view(rows, {"3.13.0": s.Y, "3.14.0": s.Y, other["id"]: s.Y})
    assert (printed(same), strip(same)) == (["yes 3.13+"], "yyy")
    differing = view(rows, {"3.13.0": s.Y, "3.14.0": s.Y, other["id"]: s.C})
    ordered = sorted(rows, key=lambda row: parse(row["facts"]["version"]))
    ticks = "".join("c" if row is other else "y" for row in ordered)
    assert (printed(differing), strip(differing)) == (["yes 3.13+", f"[{label}] crash {spans}"], ticks)


def test_a_build_is_compared_with_the_same_release() -> None:
    rows = [*linux("3.13.0", "3.14.0"), FREE]
    assert printed(view(rows, {"3.13.0": s.N, "3.14.0": s.Y, FREE["id"]: s.N})) == [
        "no 3.13 · yes 3.14+",
        "[free-threaded] no 3.14+",
    ]


@pytest.mark.parametrize(
    ("main", "silent"),
    [
        ({"3.10.0": s.N, "3.12.0": s.Y}, s.N),  # 3.11 is compared with 3.10, the nearest below
        ({"3.11.0": s.N, "3.12.0": s.Y}, s.N),
        ({"3.11.0": s.Q, "3.12.0": s.Y}, s.Y),  # nothing tested below: the nearest above
        ({"3.11.0": s.N, "3.11.7": s.Y, "3.12.0": s.H}, s.Y),  # its series is of two minds: either will do
    ],
)
def test_without_the_same_release_the_nearest_series_is_the_counterpart(main: Spec, silent: Outcome) -> None:
    rows = [*linux(*main), PYPY]
    for outcome in (s.Y, s.N, s.H):
        found = printed(view(rows, {**main, PYPY["id"]: outcome}))
        allowed = {silent, s.N} if "3.11.7" in main else {silent}
        assert any(line.startswith("[PyPy]") for line in found) == (outcome not in allowed)


def test_an_untested_build_says_nothing() -> None:
    found = view([*linux("3.12.0", "3.14.0"), MUSL], {"3.12.0": s.Y, "3.14.0": s.Y})
    assert (printed(found), strip(found)) == (["yes 3.12, 3.14+"], "yqy")


def test_without_a_main_line_every_build_speaks() -> None:
    assert printed(view([PYPY, FREE], {PYPY["id"]: s.Y, FREE["id"]: s.Y})) == [
        "[free-threaded] yes 3.14+",
        "[PyPy] yes 3.11+",
    ]


def test_a_run_of_ticks_is_cut_where_the_style_sheet_ends() -> None:
    rows = linux(*(f"3.14.{patch}" for patch in range(MAX_TICKS + 20)))
    found = view(rows, {row["facts"]["version"]: s.Y for row in rows})
    assert [(tick.n, tick.size) for tick in found.ticks] == [(MAX_TICKS, "t9 n9"), (20, "t2 n0")]
    css = (ROOT / "report" / "html" / "static" / "site.css").read_text(encoding="utf-8")
    sizes = {name for n in range(1, MAX_TICKS + 1) for name in Ticks(css="y", n=n).size.split()}
    assert {name for name in sizes if f".{name} {{ --{name[0]}: " not in css} <= {"n1"}


def test_ticks_are_in_the_order_of_the_versions_whatever_the_build() -> None:
    rows = [*linux("3.12.0", "3.14.0"), FREE, MUSL]  # 3.14 and 3.13
    old = {"3.12.0": s.Y, MUSL["id"]: s.Y}
    found = view(rows, {**old, "3.14.0": s.N, FREE["id"]: s.N})
    assert [(tick.css, tick.n) for tick in found.ticks] == [("y", 2), ("n", 2)]


def whole() -> MatrixIndex:
    return index_matrix(s.matrix())


def test_emulations_are_platforms_of_their_own() -> None:
    found = {platform.title: platform.note for platform in whole().platforms}
    assert [*found] == ["Linux", "macOS", "Windows", "Windows under Wine", "Pyodide"]
    assert found["Windows under Wine"] == "emulated, not Windows"
    assert found["Pyodide"]
    assert not found["Windows"]


def test_a_wine_that_calls_itself_base_is_still_wine() -> None:
    row = s.target("cpython-3.13.0-windows-x86_64-none", system="win32", wine="9.0")
    assert places(row)[0].title == "Windows under Wine"


def test_the_commonest_build_is_the_main_line() -> None:
    arm = [s.target(f"cpython-{v}-macos-aarch64-none", system="darwin", machine="arm64") for v in ("3.13.0", "3.14.0")]
    intel = s.target("cpython-3.13.0-macos-x86_64-none", system="darwin")
    (platform,) = places(intel, *arm)
    assert [(build.label, len(build.members)) for build in platform.builds] == [("", 2), ("x86_64", 1)]


def test_another_release_of_a_system_is_a_build_of_its_own() -> None:
    """Also if it was planned and never measured: then nothing but its ID tells."""
    usual = s.target("cpython-3.13.0-macos-aarch64-none", system="darwin", machine="arm64")
    newer = s.target("cpython-3.13.0-macos-aarch64-none-macos26", system="darwin", machine="arm64", os="macOS 26.1")
    lost = s.target(
        "cpython-3.14-macos-aarch64-none-macos26", system="darwin", machine="arm64", version="3.14", os=None
    )
    (platform,) = places(newer, usual, lost)
    assert [(build.label, len(build.members)) for build in platform.builds] == [("", 1), ("macOS 26", 2)]


def test_a_method_is_absent_only_if_all_that_was_tried_was_unavailable() -> None:
    absent = whole().absent
    assert absent["windows"] == ("fork", "forkserver")
    assert absent["pyodide"] == ("fork", "spawn", "forkserver")
    assert absent["linux"] == ()
    matrix = s.matrix()
    cells = tuple(
        structs.replace(cell, outcome=s.N) if (cell.target, cell.probe) == (s.WINDOWS[0], "arguments.lock") else cell
        for cell in matrix.cells
    )
    assert index_matrix(replace(matrix, cells=cells)).absent["windows"] == ()


def test_default_methods_come_from_the_measured_cells_else_from_the_facts() -> None:
    assert {method: spans.replace(TO, "-") for method, spans in whole().defaults["linux"].items()} == {
        "fork": "3.8-3.13",
        "forkserver": "3.14+",
    }
    matrix = s.matrix()
    without = replace(matrix, cells=tuple(c for c in matrix.cells if c.probe != "defaults.start_method"))
    assert index_matrix(without).defaults == whole().defaults


def test_a_processor_that_qemu_emulates_is_always_named() -> None:
    rows = [
        s.target(f"cpython-{version}-linux-{machine}-gnu-qemu", launcher="qemu", machine=machine)
        for version, machine in (("3.13.0", "s390x"), ("3.14.0", "s390x"), ("3.14.0", "aarch64"))
    ]
    (platform,) = group_platforms([read_interpreter(row) for row in rows])
    assert [(build.label, len(build.members)) for build in platform.builds] == [("aarch64", 1), ("s390x", 2)]
    assert coverage(platform) == f"aarch64 3.14, s390x 3.13{TO}3.14"


def test_a_cell_where_nothing_was_asked_has_no_answer_of_its_own() -> None:
    assert CellView(css="q", lines=(), ticks=()).only is None
