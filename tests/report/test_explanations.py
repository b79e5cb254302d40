"""docs/findings.md as the page of differences reads it."""

from __future__ import annotations

from matrix.suite.catalog import load
from report.build import FINDINGS
from report.model.explanations import as_html, explanations
from tests.conftest import ROOT

TABLE = """
| cell | seen | explanation |
| --- | --- | --- |
| `a.one`, fork, `--flag x`; `two`, and `b.three` | x | since [gh-1](https://example.org/1) `code` <b>raw</b> |
| `four` | x | belongs to no theme |
| plain | x | names nothing |

| `not.a_table` |
"""


def test_the_names_of_the_first_column_lead_to_the_last() -> None:
    found = explanations(TABLE)
    assert set(found) == {"a.one", "a.two", "b.three"}
    assert found["a.two"].context == "a.one finding"
    assert as_html(found["a.two"].english) == (
        'since <a href="https://example.org/1">gh-1</a> <code>code</code> &lt;b&gt;raw&lt;/b&gt;'
    )


def test_a_link_that_is_none_stays_text() -> None:
    found = explanations(TABLE.replace("https://example.org/1", "javascript:alert(1)"))
    assert "href" not in as_html(found["a.one"].english)


def test_what_the_findings_name_exists() -> None:
    known = {probe.id for probe in load(ROOT / "probes")}
    named = set(explanations(FINDINGS.read_text(encoding="utf-8")))
    assert len(named & known) > 5
    assert named - known == set(), "the first column names what is no question"
