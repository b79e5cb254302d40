"""Audits by others than ourselves: axe-core, html-validate; and what a visit weighs."""

from __future__ import annotations

import gzip
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser.chrome import Chrome
from tests.browser.conftest import ARTIFACTS, kinds
from tests.conftest import ROOT, skip

SCHEMES = ("light", "dark")
WIDTHS = (1280, 390)
INDEX_LIMIT = 40 * 1024
"""Bytes of the first page and what it loads to be seen, gzipped: HTML, style, picture."""

PAGE_LIMIT = 60 * 1024
SCRIPT_LIMIT = 12 * 1024
ELEMENTS = 3000
AXE = """
globalThis.rules = {"target-size": {enabled: true}};
axe.run(document, {rules, resultTypes: ["violations"], preload: false}).then(found => found.violations.map(one =>
  one.id + ": " + one.nodes.slice(0, 3).map(
    node => node.target.join(" ") + " " + (node.any[0]?.message ?? "")).join("; ")))
"""


def violations(chrome: Chrome, packages: Path) -> list[str]:
    """What axe-core finds wrong with the page."""
    chrome.evaluate((packages / "axe-core" / "axe.min.js").read_text(encoding="utf-8") + ";0")
    found: list[str] = chrome.evaluate(AXE)
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [*(("en", width, scheme) for width in WIDTHS for scheme in SCHEMES), ("zh-Hans", 390, "dark")],
)
def test_axe_finds_nothing(chrome: Chrome, site: Path, packages: Path, language: str, width: int, scheme: str) -> None:
    found = {}
    for page in kinds(site):
        if page.startswith("zh-Hans/") == (language == "zh-Hans"):
            chrome.open((site / page).as_uri(), width=width, height=900, scheme=scheme)
            found[page] = violations(chrome, packages)
    assert len(found) >= 8
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("address", ["?need=1", "?q=lock", "?python=3.9-3.12&os=linux,windows&method=spawn&changed=1"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_what_scripts_make(
    chrome: Chrome, site: Path, packages: Path, address: str, scheme: str
) -> None:
    chrome.open((site / "all.html").as_uri() + address, width=1280, height=900, scheme=scheme)
    chrome.evaluate("canifork.search()")
    assert violations(chrome, packages) == []


def test_axe_can_find_something(chrome: Chrome, packages: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text(
        "<!DOCTYPE html><title>x</title><img src='x.png'><button></button>", encoding="utf-8"
    )
    chrome.open((tmp_path / "bad.html").as_uri(), width=800, height=600, scheme="light")
    assert {"button-name", "html-has-lang", "image-alt"} <= {
        one.partition(":")[0] for one in violations(chrome, packages)
    }


def validate(packages: Path, *paths: Path) -> subprocess.CompletedProcess[str]:
    """Run html-validate."""
    node = shutil.which("node")
    if not node:
        skip("npm", "there is no node here")
    program = packages / "html-validate" / "bin" / "html-validate.mjs"
    config = ROOT / "tests" / "browser" / "htmlvalidate.json"
    return subprocess.run(
        [str(node), str(program), "--config", str(config), "--formatter", "text", *map(str, paths)],
        capture_output=True, encoding="utf-8", check=False, timeout=250,
    )  # fmt: skip


def test_html_validate_finds_nothing(site: Path, packages: Path) -> None:
    done = validate(packages, *(site / page for page in kinds(site)))
    assert done.returncode == 0, done.stdout[:4000] + done.stderr[:1000]


def test_html_validate_can_find_something(packages: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text(
        "<!DOCTYPE html><html lang=en><title>x</title><p><div></p></html>", encoding="utf-8"
    )
    assert validate(packages, tmp_path / "bad.html").returncode == 1


def weight(site: Path, page: str, *, index: bool) -> int:
    """Bytes of a page, gzipped; of the first page with the style and the picture it needs without scripts."""
    parts = [site / page, *([site / "static" / "site.css", site / "static" / "mark.svg"] if index else [])]
    return sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in parts)


def test_the_measured_site_fits_its_budgets(real: Path) -> None:
    weights = {
        path.relative_to(real).as_posix(): weight(
            real, path.relative_to(real).as_posix(), index=path.name == "index.html"
        )
        for path in real.rglob("*.html")
    }
    scripts = {path.name: len(gzip.compress(path.read_bytes(), mtime=0)) for path in (real / "static").iterdir()}
    ARTIFACTS.mkdir(exist_ok=True)
    heavy = {page: weights[page] for page in kinds(real)} | scripts
    (ARTIFACTS / "weights.json").write_text(json.dumps(heavy, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    indexes = {page: size for page, size in weights.items() if page.rpartition("/")[2] == "index.html"}
    assert {
        page: size
        for page, size in indexes.items()
        if page in ("index.html", "zh-Hans/index.html") and size > INDEX_LIMIT
    } == {}
    assert {page: size for page, size in weights.items() if size > PAGE_LIMIT} == {}


ID = re.compile(r'\bid="([^"]*)"')
LINK = re.compile(r'<(?:a|link|script)\b[^>]*?\b(?:href|src)="([^"]*)"')


def dead_links(site: Path) -> set[str]:
    """What leads nowhere, in all pages: read by pattern, since a measured site has forty megabytes of them."""
    texts = {path.resolve(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    ids = {path: {html.unescape(one) for one in ID.findall(text)} for path, text in texts.items()}
    dead: set[str] = set()
    for path, text in texts.items():
        for link in {html.unescape(one) for one in LINK.findall(text)}:
            parts = urlsplit(link)
            goal = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            found = goal in ids or (not parts.scheme and goal.is_file())
            if not parts.scheme and (
                not found or (parts.fragment and unquote(parts.fragment) not in ids.get(goal, ()))
            ):
                dead.add(f"{path.relative_to(site.resolve())}: {link}")
    return dead


def test_the_measured_first_page_has_few_elements(real: Path) -> None:
    """So many that a phone lays them out at once."""
    assert len(re.findall(r"<[a-z]", (real / "index.html").read_text(encoding="utf-8"))) <= ELEMENTS


def test_no_script_of_ours_is_heavy(real: Path) -> None:
    sizes = {path.name: len(gzip.compress(path.read_bytes(), mtime=0)) for path in (real / "static").glob("*.js")}
    data = {name for name in sizes if name.startswith("search-")} | {"answers.js"}
    assert {name: size for name, size in sizes.items() if name not in data and size > SCRIPT_LIMIT} == {}


def test_every_link_of_the_measured_site_leads_somewhere(real: Path) -> None:
    assert dead_links(real) == set()


def test_the_search_for_dead_links_can_fail(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<a class="x" href="b.html">1</a><a href="#no">2</a><p id="yes"><a href="#yes">3</a>', encoding="utf-8"
    )
    assert dead_links(tmp_path) == {"a.html: b.html", "a.html: #no"}


def test_the_measured_first_page_passes_axe(chrome: Chrome, real: Path, packages: Path) -> None:
    for scheme in SCHEMES:
        chrome.open((real / "index.html").as_uri(), width=1280, height=900, scheme=scheme)
        assert violations(chrome, packages) == []
        assert chrome.complaints() == []


def test_the_measured_pages_are_valid(real: Path, packages: Path) -> None:
    done = validate(packages, *(real / page for page in kinds(real)))
    assert done.returncode == 0, done.stdout[:4000] + done.stderr[:1000]
