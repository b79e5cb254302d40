"""Texts of strangers are inert on a terminal, and in the log of a CI service."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from matrix.system import terminal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext →", "plain\n\ttext →"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("\x9b31m", "\\u009b31m"),
        ("a\rb\x07\x00\x7f", "a\\u000db\\u0007\\u0000\\u007f"),
        ("\u202ertl\u2028", "\\u202ertl\\u2028"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\udb40\\udc01"),
    ],
)
def test_safe(text: str, shown: str) -> None:
    assert terminal.safe(text) == shown


@given(st.text())
def test_any_text_is_inert_and_one_line_stays_one(text: str) -> None:
    assert all(c.isprintable() or c in "\n\t" for c in terminal.safe(text))
    assert terminal.line(text).isprintable()


@given(st.recursive(st.none() | st.text(), st.lists))
def test_json_keeps_its_meaning(data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False)
    assert json.loads(terminal.safe(text)) == data


def test_commands_of_a_ci_service_are_inert_there(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "::error::x\n  ::warning::y\na ##[error]z"
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert terminal.safe(text) == text
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert terminal.safe(text) == "\\::error::x\n  \\::warning::y\na ##\\[error]z"


def test_all_that_is_printed_inside_the_block_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    with terminal.safe_streams():
        print("\x1b[2J→")
        table = Table("\x1b]0;title\x07")
        table.add_row("[bold]\x1b[31m")
        terminal.console(80).print(table)
    out.flush()
    text = out.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]
    assert "\\u001b[2J→" in text
    assert "[bold]\\u001b[31m" in text
    assert "\x1b" not in text
