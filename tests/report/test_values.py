"""Values as people read them, and the commands that reproduce a cell."""

from __future__ import annotations

from typing import Any

import pytest

from matrix.results.versions import TO
from report.html.render import highlighted
from report.model.platforms import read_interpreter
from report.model.reproduce import hand_command, nox_command
from report.model.values import is_number, number_range, shorten, value_text
from tests.report import synthetic as s


@pytest.mark.parametrize(
    ("values", "unit", "text"),
    [
        ([0.0043], "seconds", "4.3 ms"),
        ([0.0041, 0.0062], "seconds", "4.1-6.2 ms"),
        ([0.0421, 0.0619], "seconds", "42-62 ms"),
        ([0.0421, 0.0424], "seconds", "42 ms"),  # they print alike
        ([1.25], "s", "1.2 s"),
        ([0.000021], "seconds", "21 µs"),
        ([0], "seconds", "0 s"),
        ([1048576, 3145728], "bytes", "1-3 MiB"),
        ([512], "bytes", "512 bytes"),
        ([12.34], "MiB", "12 MiB"),
        ([3], "descriptors", "3 descriptors"),
        ([-15], None, "-15"),
        ([-15, 9], None, "-15 to 9"),
        ([1234567], None, "1234567"),
    ],
)
def test_numbers(values: list[float], unit: str | None, text: str) -> None:
    assert number_range(values, unit).replace(TO, "-") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("forkserver", "forkserver"),
        ("", '""'),
        (" ", '" "'),
        (True, "true"),
        (None, "null"),
        (["fork", "spawn"], "fork, spawn"),
        ([], "[]"),
        ([["a"]], '[["a"]]'),
        ({"b": 1, "a": 2}, '{"a": 2, "b": 1}'),
        (-15, "-15"),
    ],
)
def test_values(value: Any, text: str) -> None:
    assert value_text(value) == text


def test_shorten_keeps_the_limit() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "ab…"


PROBE = s.probe("arguments.lock", "?")


@pytest.mark.parametrize(
    ("target", "nox", "hand"),
    [
        (
            s.target("cpython-3.13.0-linux-x86_64-gnu"),
            "nox -s probe-3.13 -- --probe arguments.lock --method spawn",
            "python3.13 probes/arguments.py lock --method spawn",
        ),
        (
            s.target("cpython-3.14.2+freethreaded-linux-x86_64-gnu"),
            "nox -s probe-3.14t -- --probe arguments.lock --method spawn",
            "python3.14t probes/arguments.py lock --method spawn",
        ),
        (
            s.target("pypy-3.11.13-linux-x86_64-gnu"),
            "nox -s probe-pypy3.11 -- --probe arguments.lock --method spawn",
            "pypy3.11 probes/arguments.py lock --method spawn",
        ),
        (
            s.target("cpython-3.13.0-windows-x86_64-none", system="win32"),
            "nox -s probe-3.13 -- --probe arguments.lock --method spawn",
            "py -3.13 probes/arguments.py lock --method spawn",
        ),
        (
            s.target("cpython-3.13.0-windows-x86_64-none-wine", system="win32", launcher="wine")
            | {"command": "wine python.exe"},
            'python -m matrix run --command "wine python.exe" --probe arguments.lock --method spawn',
            "wine python.exe probes/arguments.py lock --method spawn",
        ),
        (
            s.target("cpython-3.13.0-linux-aarch64-gnu-qemu", launcher="qemu") | {"command": "/home/me/python"},
            'python -m matrix run --command "python3.13" --probe arguments.lock --method spawn',
            "python3.13 probes/arguments.py lock --method spawn",
        ),
    ],
)
def test_commands(target: dict[str, Any], nox: str, hand: str) -> None:
    one = read_interpreter(target)
    assert (nox_command(one, PROBE, "spawn"), hand_command(one, PROBE, "spawn")) == (nox, hand)


def test_a_question_without_a_method_is_asked_without_one() -> None:
    one = read_interpreter(s.target("cpython-3.13.0-linux-x86_64-gnu"))
    assert hand_command(one, PROBE, "none") == "python3.13 probes/arguments.py lock"


def test_a_number_that_no_float_can_have_is_shown_as_it_is() -> None:
    assert value_text(10**399, "seconds") == str(10**399)
    assert not is_number(10**399)
    assert is_number(5e-324)


def test_source_that_no_question_has_is_not_highlighted() -> None:
    """The highlighter would take minutes."""
    assert highlighted("\n <" * 20_000, 1) == "<pre>" + "\n &lt;" * 20_000 + "</pre>"
    assert "class" in highlighted("x = 1\n" * 10, 1)
