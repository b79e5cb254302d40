"""The page of `try` in a browser: it stands alone, is read in the dark and on a phone, and axe finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix.trial.output import html
from tests.browser.chrome import Chrome
from tests.browser.test_audits import SCHEMES, WIDTHS, validate, violations
from tests.trial.reports import everything


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report with everything in it, hostile texts too."""
    path = tmp_path_factory.mktemp("trial") / "report.html"
    path.write_text(html.render(everything()), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(chrome: Chrome, packages: Path, page: Path, width: int, scheme: str) -> None:
    chrome.open(page.as_uri(), width=width, height=900, scheme=scheme)
    chrome.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert violations(chrome, packages) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_stands_alone_and_fits_the_window(chrome: Chrome, page: Path, width: int, scheme: str) -> None:
    chrome.open(page.as_uri(), width=width, height=900, scheme=scheme)
    assert chrome.evaluate("document.documentElement.scrollWidth") <= width
    assert chrome.requests() == [page.as_uri()]
    background = chrome.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    light = sum(map(int, background.strip("rgba()").split(",")[:3])) > 382
    assert light == (scheme == "light")


def test_html_validate_finds_nothing(packages: Path, page: Path) -> None:
    done = validate(packages, page)
    assert done.returncode == 0, done.stdout[:3000]
