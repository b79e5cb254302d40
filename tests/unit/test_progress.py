"""What a run says of its progress: one bar over all Pythons, and how long the rest takes."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from matrix.run.progress import Bar, about

LONGEST = "cpython-3.13.5+freethreaded-linux-x86_64-gnu"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "about 10 seconds"),
        (42, "about 40 seconds"),
        (89, "about 90 seconds"),
        (90, "about 2 minutes"),
        (1000, "about 17 minutes"),
        (10_000, "about 3 hours"),
    ],
)
def test_a_time_is_told_in_its_unit(seconds: float, text: str) -> None:
    assert about(seconds) == text


def shown(planned: list[int], advanced: int) -> str:
    """The bar of a terminal of 80 columns, while the first run goes on."""
    console = Console(width=80, file=io.StringIO(), color_system=None)
    bar = Bar(console, planned)
    bar.begin(SimpleNamespace(id=LONGEST), planned[0])  # type: ignore[arg-type]
    for _ in range(advanced):
        bar.advance()
    console.print(bar.progress)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_a_bar_is_over_all_pythons_and_fits_a_terminal() -> None:
    text = shown([1365] * 7, 300)
    assert text.startswith("cpython-3.13.5+freethreaded (1 of 7) ")
    assert "300/9555" in text
    assert text.count("\n") == 1


def test_the_bar_of_one_python_names_it_whole() -> None:
    assert shown([3], 1).startswith(LONGEST)


def test_a_bar_grows_with_retries_and_with_runs_that_nobody_planned() -> None:
    console = Console(width=200, file=io.StringIO(), color_system=None)
    bar = Bar(console, [])
    bar.begin(SimpleNamespace(id=LONGEST), 3)  # type: ignore[arg-type]
    bar.grow()
    console.print(bar.progress)
    assert "0/4" in console.file.getvalue()  # type: ignore[attr-defined]
