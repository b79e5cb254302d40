"""The order of themes: every theme of the suite has its place, others come last."""

from __future__ import annotations

from dataclasses import replace

from report.model import theme_order
from report.model.matrix_index import index_matrix
from tests.conftest import ROOT
from tests.report import synthetic as s


def test_every_theme_has_one_place() -> None:
    names = sorted(path.stem for path in (ROOT / "probes").glob("*.py") if not path.name.startswith("_"))
    assert sorted(theme_order.ORDER) == names, (
        "ORDER in report/model/theme_order.py has every file of probes/ once: add a new theme where readers meet "
        f"it, remove one that is gone. They differ by {sorted(set(theme_order.ORDER) ^ set(names))}."
    )


def test_a_theme_of_somebody_else_comes_last() -> None:
    assert theme_order.rank("mine") > max(theme_order.rank(name) for name in theme_order.ORDER)


def test_questions_are_read_in_this_order() -> None:
    probes = tuple(s.probe(f"{name}.question", "Does it?") for name in ("apis", "mine", "guard", "defaults", "cost"))
    read = list(index_matrix(replace(s.matrix(), probes=probes, cells=(), sources={})).probes)
    assert read == ["defaults.question", "guard.question", "cost.question", "apis.question", "mine.question"]
