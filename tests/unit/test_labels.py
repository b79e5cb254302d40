"""The label of a question: a truth table, and what holds whatever was measured."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.model import Outcome
from matrix.results.labels import Label, LabelKind, Measured, good, label

ENDED = (3, 10)
"""Series up to this one are no longer supported."""


def cells(text: str) -> Iterator[Measured]:
    """'linux fork 3.10+ 3.11- 3.12+; windows spawn 3.12-' -> cells: + is the wanted answer."""
    for column in filter(None, text.split(";")):
        platform, method, *answers = column.split()
        for answer in answers:
            major, minor = answer[:-1].split(".")
            series = int(major), int(minor)
            yield Measured(
                platform=platform, method=method, series=series, supported=series > ENDED, good=answer[-1] == "+"
            )


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ("", ""),
        ("linux fork 3.8+ 3.10-", ""),  # nothing on a supported release
        ("linux fork 3.11+ 3.12+; linux spawn 3.11+ 3.12+", "Portable"),
        ("linux fork 3.10- 3.11+ 3.12+", "Portable"),  # what is no longer supported does not count
        ("linux fork 3.11- 3.12-", "Never"),
        ("linux fork 3.11- 3.12+; linux spawn 3.11- 3.12+", "Since 3.12"),
        ("linux fork 3.11- 3.13+; windows spawn 3.12+", "Since 3.12"),
        ("linux fork 3.9- 3.11+ 3.12-", "Depends"),
        ("linux fork 3.11+ 3.12-; linux spawn 3.11+ 3.12-", "Until 3.11"),
        ("linux fork 3.10+ 3.11- 3.12-", "Until 3.10"),
        ("linux fork 3.11+ 3.12+; linux spawn 3.11- 3.12+", "Depends"),
        ("linux fork 3.11+; linux spawn 3.11-; linux forkserver 3.11-; windows spawn 3.11-", "Fork only"),
        ("linux fork 3.11-; linux spawn 3.11+; linux forkserver 3.11-; windows spawn 3.11+", "Spawn only"),
        ("linux fork 3.11-; linux spawn 3.11+; linux forkserver 3.11+", "Not under fork"),
        ("linux fork 3.11+; linux spawn 3.11+; windows spawn 3.11-; windows fork 3.11+", "Not under spawn on windows"),
        ("linux fork 3.11+; linux spawn 3.11+; windows spawn 3.11-", "Not on windows"),
        ("linux none 3.11+; windows none 3.11-", "Not on windows"),
        ("linux none 3.11+; windows none 3.11+ 3.12-", "Until 3.11"),
        (
            "linux fork 3.11+; linux spawn 3.11-; linux forkserver 3.11-; macos spawn 3.11+; macos forkserver 3.11+",
            "Not under spawn, forkserver on linux",
        ),
        (
            "linux fork 3.11-; linux spawn 3.11+; macos fork 3.11+; macos spawn 3.11-; bsd fork 3.11+; bsd spawn 3.11+",
            "Depends",
        ),
    ],
)
def test_label(measured: str, expected: str) -> None:
    assert str(label([*cells(measured)], wanted="yes")) == expected


@pytest.mark.parametrize("wanted", ["either", "no"])
def test_a_question_whose_wanted_answer_is_not_yes_is_information(wanted: str) -> None:
    assert label([*cells("linux fork 3.12+")], wanted=wanted) == Label(kind=LabelKind.INFORMATION)


@pytest.mark.parametrize("outcome", Outcome)
def test_only_yes_counts_and_what_says_nothing_does_not(outcome: Outcome) -> None:
    says_nothing = outcome in (Outcome.ERROR, Outcome.UNTESTED)
    assert good(outcome) is (None if says_nothing else outcome is Outcome.YES)


MEASURED = st.builds(
    Measured,
    platform=st.sampled_from(["linux", "macos", "windows"]),
    method=st.sampled_from(["fork", "spawn", "forkserver"]),
    series=st.sampled_from([(3, minor) for minor in range(8, 15)]),
    supported=st.just(True),
    good=st.booleans(),
)


@given(st.lists(MEASURED, max_size=12))
def test_a_label_claims_nothing_that_a_cell_denies(measured: list[Measured]) -> None:
    found = label(measured, wanted="yes")
    excepted = {
        LabelKind.PORTABLE: lambda cell: False,
        LabelKind.NEVER: lambda cell: True,
        LabelKind.ONLY: lambda cell: cell.method not in found.methods,
        LabelKind.NOT_ON: lambda cell: cell.platform in found.platforms,
        LabelKind.NOT_UNDER: lambda cell: (
            cell.method in found.methods and (not found.platforms or cell.platform in found.platforms)
        ),
        LabelKind.SINCE: lambda cell: f"{cell.series[1]:02}" < f"{int(found.series.split('.')[1]):02}",
        LabelKind.UNTIL: lambda cell: f"{cell.series[1]:02}" > f"{int(found.series.split('.')[1]):02}",
    }.get(found.kind)
    assert bool(measured) == (found.kind is not LabelKind.UNKNOWN)
    if excepted:
        assert all(cell.good != excepted(cell) for cell in measured)
