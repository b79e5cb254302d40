"""What changed, in a real browser: rows have addresses, and old results say that they are old."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chrome import Chrome

ROW = "default-linux-regressed-arguments.lock"


@pytest.mark.parametrize(("width", "folder"), [(1280, "changes"), (390, "zh-Hans/changes")])
def test_a_row_of_a_change_has_an_address(chrome: Chrome, site: Path, width: int, folder: str) -> None:
    page = (site / folder / "3.13-3.14.html").as_uri()
    chrome.open(f"{page}#{ROW}", width=width, height=900, scheme="light")
    assert chrome.evaluate("document.querySelector(':target').id") == ROW
    assert 0 <= chrome.evaluate("document.querySelector(':target').getBoundingClientRect().top") < 900


@pytest.mark.parametrize(("day", "hidden"), [("new Date().toISOString().slice(0, 10)", True), ("'2020-01-01'", False)])
def test_the_page_says_when_its_results_have_grown_old(chrome: Chrome, site: Path, day: str, hidden: bool) -> None:
    today = chrome.evaluate(day)
    html = (site / "index.html").read_text(encoding="utf-8")
    old = html.replace('data-from="2026-11-22"', f'data-from="{today}"')
    assert old != html or today == "2026-11-22"
    (site / "aged.html").write_text(old, encoding="utf-8")
    try:
        chrome.open((site / "aged.html").as_uri(), width=1280, height=900, scheme="light")
        assert chrome.evaluate("document.querySelector('.stale').hidden") is hidden
        days = int(chrome.evaluate("document.querySelector('.stale b').textContent"))
        assert days == 0 if hidden else days > 2500
    finally:
        (site / "aged.html").unlink()
