"""What GitHub shows: text stays text, and everything fits."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.ci import markdown, regressions
from matrix.model import Matrix
from matrix.results.diff import CellDiff, ChangeKind
from matrix.results.merge import merge
from tests.unit import values

NASTY = [
    "<script>alert(1)</script>",
    "a | b",
    "@everyone see #1 and GH-2",
    "](https://example.org) ![x](y)",
    "`code` **bold** ~~gone~~",
    "line\nline\r\n## head",
    "</code></td>",
    "&lt;b&gt;",
    "\u202egnp.exe\x1b[31m\x00",
    "::error::x",
    "https://example.org",
]


def event(**changes: object) -> CellDiff:
    fields = {"kind": ChangeKind.REGRESSED, "probe": "theme.name", "method": "fork", "target": "t", "before": "yes"}
    return CellDiff(**(fields | {"after": "no"} | changes))  # type: ignore[arg-type]


def matrix(*outcomes: str, **changes: object) -> Matrix:
    verdicts = [
        values.verdict(outcome, method=method, **changes)
        for outcome, method in zip(outcomes, ("fork", "spawn"), strict=False)
    ]
    return merge([values.run(*verdicts)], [values.probe()], {}, {"commit": None, "dirty": False})


@given(st.text() | st.sampled_from(NASTY))
def test_text_can_end_nothing_and_name_nobody(said: str) -> None:
    shown = markdown.text(said, 10_000)
    if shown:
        inner = re.fullmatch("<code>(.*)</code>", shown)
        assert inner
        assert re.fullmatch(r"(?:[\w …]|&#[0-9]+;)*", inner[1])
        assert all(char.isprintable() for char in html.unescape(inner[1]))


@pytest.mark.parametrize("said", NASTY)
def test_what_was_said_is_still_to_be_read(said: str) -> None:
    words = re.findall(r"\w+", said)
    shown = html.unescape(markdown.text(said))
    assert [word for word in words if word not in shown] == []


def test_long_text_is_cut() -> None:
    assert len(html.unescape(markdown.text("x" * 1000, 50))) == len("<code></code>…") + 50


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n")), max_size=50), st.integers(200, 2000))
def test_what_does_not_fit_is_left_out_and_counted(lines: list[str], limit: int) -> None:
    page = markdown.fit(lines, limit)
    assert len(page.encode()) <= limit
    left = re.search(r"… (\d+) more lines", page)
    whole = len("\n".join(lines).encode())
    assert bool(left) or whole <= limit or not lines
    if left and "more lines" not in "".join(lines):
        assert page.count("\n") == len(lines) - int(left[1]) + 2


def test_a_comment_has_changed_cells_only_the_worst_first() -> None:
    page = markdown.comment(
        [event(kind=ChangeKind.FIXED), event(), event(kind=ChangeKind.CHANGED, rewritten=True)], ["t"], ["u"]
    )
    rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| ") and line[2] in "rcf"]
    assert rows == ["| regressed", "| changed (question rewritten)", "| fixed"]
    assert "3 changed" in page
    assert "1 regressed, 1 changed, 1 fixed" in page
    assert "Not compared" in page


@pytest.mark.parametrize("said", NASTY)
def test_a_stranger_writes_no_markdown_into_a_comment(said: str) -> None:
    page = markdown.comment([event(before=said, after=said, target=said)], [], [said])
    plain = markdown.comment([event(before="x", after="x", target="x")], [], ["x"])
    assert page.count("\n") == plain.count("\n")
    assert len(re.findall(r"(?<!\\)\|", page)) == len(re.findall(r"\|", plain))
    assert set(re.findall(r"<[^>]*>", page)) == {"<code>", "</code>"}
    assert "@" not in page
    assert "https:" not in page


def test_ten_thousand_changed_cells_fit_into_a_comment_and_a_summary() -> None:
    events = [event(before="é" * 200, after="|" * 200)] * 10_000
    assert len(markdown.comment(events, [], [])) <= 65_536
    assert len(markdown.job_summary(matrix("yes"), events, compared=True).encode()) <= 2**20


def test_a_summary_has_the_counts_the_errors_and_every_answer() -> None:
    page = markdown.job_summary(matrix("no", "error", detail="why | not"), [], compared=True)
    assert "Changed since the published matrix: 0" in page
    assert "Errors: 1" in page
    assert "✗ no" in page
    assert "! error" in page
    assert "why &#124; not" in page
    assert "Changed since" not in markdown.job_summary(matrix("no"), [], compared=False)


def test_annotations_are_few_and_cannot_give_other_commands() -> None:
    events = [event(probe="a.b", after="no\n::set-output name=x::y%")] * 30
    lines = markdown.notes(matrix("error", detail="100% x\r\n::stop-commands::t"), events)
    assert [line.partition(" ")[0] for line in lines] == ["::error"] + ["::warning"] * 10
    assert lines[-1].endswith("21 more; see the summary of the job")
    assert lines[0].endswith("100%25 x%0D%0A::stop-commands::t")
    assert all("\n" not in line and "\r" not in line for line in lines)
    assert lines[1].startswith("::warning title=regressed%3A a.b fork::t: yes -> no%0A::set")


def test_the_issue_says_what_regressed_or_that_nothing_did() -> None:
    runs = [values.run(values.verdict(outcome), number=number) for number, outcome in enumerate(("yes", "no", "no"), 1)]
    page = markdown.issue(regressions.regressions(runs, [values.probe()]))
    assert "1 cells were worse than before" in page
    assert "theme&#46;name" in page
    assert "no cell is worse" in markdown.issue(())
