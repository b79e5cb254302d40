"""The built site in a real browser, from file://, in both colour schemes and at both widths."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from tests.browser.chrome import Chrome
from tests.browser.conftest import ARTIFACTS
from tests.report import synthetic as s

PAGES = (
    "index.html",
    "zh-Hans/index.html",
    "all.html",
    "questions.html",
    "method.html",
    "cost.html",
    "packages/index.html",
    "try.html",
    "theme/arguments.html",
    "probe/arguments.odd.html",
    f"target/{s.LINUX[5]}.html",
    "full/linux-spawn.html",
    "changes/3.13-3.14.html",
    "zh-Hans/changes/index.html",
    "changes/latest.html",
    "differs/index.html",
    "api/index.html",
)
SCHEMES = ("light", "dark")
WIDTHS = (1280, 390)
ENOUGH = 50
"""Different colours that only a page with text and cells has."""


CONTRAST = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const behind = element => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    const [a, b] = [rgba(getComputedStyle(element).color), behind(element)].map(light);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...poor];
})()
"""
"""Text whose contrast with what is behind it is below 4.5:1."""


def colours(png: bytes) -> int:
    """How many different pixels a PNG has, up to about ENOUGH; as Chromium writes it: 8 bits, no interlace."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, _, depth, kind, *_, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    assert (depth, kind in (2, 6), interlaced) == (8, True, 0)
    size = 3 if kind == 2 else 4
    data, at = b"", 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    return len(_pixels(zlib.decompress(data), width * size, size))


def _pixels(raw: bytes, stride: int, size: int) -> set[bytes]:
    found: set[bytes] = set()
    above = bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        line = bytearray(raw[start + 1 : start + 1 + stride])
        _unfilter(raw[start], line, above, size)
        found.update(bytes(line[i : i + size]) for i in range(0, stride, size))
        above = line
        if len(found) > ENOUGH:
            break
    return found


def _unfilter(kind: int, line: bytearray, above: bytearray, size: int) -> None:
    for i in range(len(line)):
        left = line[i - size] if i >= size else 0
        corner = above[i - size] if i >= size else 0
        if kind == 1:
            line[i] = (line[i] + left) & 255
        elif kind == 2:
            line[i] = (line[i] + above[i]) & 255
        elif kind == 3:
            line[i] = (line[i] + (left + above[i]) // 2) & 255
        elif kind == 4:
            guess = left + above[i] - corner
            nearest = min((left, above[i], corner), key=lambda value: abs(guess - value))
            line[i] = (line[i] + nearest) & 255


def test_the_pixel_count_sees_a_blank_page(chrome: Chrome) -> None:
    chrome.open("about:blank", width=200, height=100, scheme="light")
    assert colours(chrome.screenshot()) == 1


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES)
def test_a_page(chrome: Chrome, site: Path, page: str, width: int, scheme: str) -> None:
    chrome.open((site / page).as_uri(), width=width, height=900, scheme=scheme)
    picture = chrome.screenshot()
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / f"{page.removesuffix('.html').replace('/', '-')}-{width}-{scheme}.png").write_bytes(picture)
    assert colours(picture) > ENOUGH
    assert chrome.complaints() == []
    assert all(url.startswith("file://") for url in chrome.requests())
    assert chrome.requests()
    assert chrome.evaluate(CONTRAST) == []
    if width == 390:
        assert chrome.evaluate("document.documentElement.scrollWidth") == 390


IN_VIEW = """
[...document.querySelectorAll("h1, .lead, #q, .doors a, .first-heading, .key > summary, tbody tr:first-child *")]
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.bottom > innerHeight || box.right > innerWidth)
  .map(([one]) => one.outerHTML.slice(0, 80))
"""
"""What of the first screen lies below or beside it."""


@pytest.mark.parametrize("page", ["index.html", "zh-Hans/index.html"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_has_search_doors_and_the_first_row(
    chrome: Chrome, real: Path, page: str, width: int, height: int
) -> None:
    chrome.open((real / page).as_uri(), width=width, height=height, scheme="light")
    assert chrome.evaluate("document.querySelectorAll('.doors > p > a').length") == 3
    assert chrome.evaluate("document.getElementById('q').checkVisibility()")
    assert chrome.evaluate("document.querySelector('.key').open") is False
    assert chrome.evaluate(IN_VIEW) == []
    chrome.evaluate("document.body.style.paddingTop = '100vh'; 0")
    assert len(chrome.evaluate(IN_VIEW)) >= 6, "the check can fail"


def test_numbers_in_pictures_are_legible_on_a_phone(chrome: Chrome, site: Path) -> None:
    chrome.open((site / "cost.html").as_uri(), width=390, height=844, scheme="light")
    heights = chrome.evaluate(
        "[...document.querySelectorAll('svg text')].map(one => one.getBoundingClientRect().height)"
    )
    assert heights
    assert min(heights) >= 11


def test_the_contrast_check_can_fail(chrome: Chrome, tmp_path: Path) -> None:
    (tmp_path / "grey.html").write_text(
        '<body style="background:#fff;color:#999">grey<p style="color:#111">black', encoding="utf-8"
    )
    chrome.open((tmp_path / "grey.html").as_uri(), width=200, height=100, scheme="light")
    assert chrome.evaluate(CONTRAST) == ["BODY. 2.85"]


def test_the_schemes_differ(chrome: Chrome, site: Path) -> None:
    backgrounds = []
    for scheme in SCHEMES:
        chrome.open((site / "index.html").as_uri(), width=1280, height=900, scheme=scheme)
        backgrounds.append(chrome.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert len(set(backgrounds)) == 2


def test_head_and_first_column_stay_when_the_table_scrolls(chrome: Chrome, site: Path) -> None:
    chrome.open((site / "all.html").as_uri(), width=900, height=500, scheme="light")
    chrome.evaluate("document.getElementById('arguments.odd').scrollIntoView(); scrollBy(200, 100)")
    assert chrome.evaluate("scrollX") == 200
    assert chrome.evaluate("document.querySelector('thead').getBoundingClientRect().top") == 0
    assert chrome.evaluate("document.querySelector('tbody th[scope=row]').getBoundingClientRect().left") == 0


def test_on_a_phone_a_row_is_a_card_with_its_labels(chrome: Chrome, site: Path) -> None:
    chrome.open((site / "all.html").as_uri(), width=390, height=900, scheme="light")
    cell = "document.querySelector('[id=\"arguments.lock\"] td')"
    assert chrome.evaluate(f"getComputedStyle({cell}, '::before').content") == '"Linux fork"'
    assert chrome.evaluate(f"{cell}.getBoundingClientRect().width") > 300


@pytest.mark.parametrize(
    ("row", "column", "anchor"),
    [
        ("arguments.lock", 2, "linux-forkserver"),
        ("arguments.lock", 6, "windows-spawn"),
        ("defaults.listed", 1, "macos-none"),
        ("defaults.listed", 3, "pyodide-none"),
    ],
)
def test_a_click_on_a_cell_leads_to_it(chrome: Chrome, site: Path, row: str, column: int, anchor: str) -> None:
    chrome.open((site / "all.html").as_uri(), width=1280, height=900, scheme="light")
    chrome.events.clear()
    chrome.evaluate(f"document.getElementById('{row}').querySelectorAll('td')[{column}].click()")
    chrome.loaded()
    assert chrome.evaluate("location.href") == (site / f"probe/{row}.html").as_uri() + f"#{anchor}"
    assert chrome.evaluate("document.querySelector(':target').tagName") == "TD"
