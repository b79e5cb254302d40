"""The first page in use: by keyboard, by address, without scripts, on paper; search, requirement, this machine."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matrix.files.serialize import save_matrix
from report.build import build, copies, pages, scripts
from report.model.matrix_index import index_matrix
from tests.browser.chrome import Chrome
from tests.browser.conftest import ARTIFACTS
from tests.report import big
from tests.report import synthetic as s

ROWS = "[...document.querySelectorAll('#matrix tbody tr[id]')].filter(row => row.checkVisibility()).map(row => row.id)"
"""The questions that are to be seen."""

FOCUS = """
(() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const ring = [at, at.closest("label")].some(one => one && getComputedStyle(one).outlineStyle !== "none");
  const top = document.elementFromPoint(box.x + box.width / 2, Math.min(box.y + box.height / 2, innerHeight - 1));
  const seen = at.tagName === "BODY" || (top !== null && (at.contains(top) || top.contains(at)
    || Boolean(at.closest("label")?.contains(top))));
  return [at.tagName.toLowerCase(), at.id || at.name || at.getAttribute("href") || "", ring, seen];
})()
"""
"""What has the focus: tag, name, whether a ring shows it, whether anything lies over it."""


def start(chrome: Chrome, site: Path, address: str = "", width: int = 1280, page: str = "all.html") -> None:
    """Open a page and wait until its scripts have done what the address says."""
    chrome.open((site / page).as_uri() + address, width=width, height=900, scheme="light")
    chrome.evaluate("canifork.search()")


def rows(chrome: Chrome) -> set[str]:
    return set(chrome.evaluate(ROWS))


EVERY = {probe.id for probe in s.matrix().probes}


def test_the_keyboard_reaches_everything_and_always_sees_where_it_is(chrome: Chrome, site: Path) -> None:
    start(chrome, site)
    walk: list[list[Any]] = []
    for _ in range(200):
        chrome.press("Tab")
        at = chrome.evaluate(FOCUS)
        if at[0] == "body":
            break
        walk.append(at)
    names = [name for _, name, _, _ in walk]
    assert names[0] == "#main"
    for wanted in ("q", "os", "method", "from", "to", "theme", "label", "differs", "changed", "fold", "need", "run"):
        assert wanted in names
    assert names.index("q") < names.index("os") < names.index("need") < names.index("full/linux-fork.html")
    assert {f"probe/{probe}.html" for probe in EVERY} <= set(names)
    assert [at for at in walk if not at[2]] == [], "no ring"
    hidden = [at[1] for at in walk if not at[3]]
    assert hidden == [], "hidden behind something"


def test_the_keyboard_filters_and_finds(chrome: Chrome, site: Path) -> None:
    start(chrome, site)
    chrome.evaluate("document.getElementById('differs').focus()")
    chrome.press(" ")
    assert rows(chrome) == {"arguments.lock", "arguments.only_spawn", "defaults.start_method"}
    assert "differs=1" in chrome.evaluate("location.search")
    chrome.press(" ")
    assert rows(chrome) == EVERY
    chrome.evaluate("document.getElementById('q').focus()")
    chrome.type("threading lock")
    chrome.evaluate("canifork.search()")
    chrome.press("Enter")
    assert chrome.evaluate("document.activeElement.getAttribute('href')") == "probe/arguments.lock.html"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", EVERY),
        ("?theme=defaults", {"defaults.start_method", "defaults.time", "defaults.listed"}),
        ("?changed=1&python=3.8-3.13&os=linux", {"arguments.lock", "arguments.odd", "arguments.only_spawn"}),
        ("?changed=1&python=3.14-3.14", set()),
        ("?differs=1&python=3.14-3.14&os=linux,macos", {"defaults.start_method"}),
        ("?method=spawn&theme=arguments", {"arguments.lock", "arguments.odd", "arguments.only_spawn"}),
        ("?method=fork&theme=arguments", {"arguments.lock", "arguments.odd"}),
        ("?label=information", {"defaults.start_method", "defaults.time", "defaults.listed"}),
        ("?os=none", set()),
        ("?q=threading.Lock", {"arguments.lock"}),
        ("?theme=<script>&label=x&python=9.9-x&os=%00&method=a&q=", set()),
    ],
)
def test_an_address_is_a_view(chrome: Chrome, site: Path, address: str, expected: set[str]) -> None:
    start(chrome, site, address)
    assert rows(chrome) == expected
    assert chrome.complaints() == []
    seen = chrome.evaluate("location.search")
    start(chrome, site, seen)
    assert rows(chrome) == expected, "the address that the page made for itself shows something else"
    assert chrome.evaluate("location.search") == seen


def test_columns_go_and_the_table_stays_whole(chrome: Chrome, site: Path) -> None:
    start(chrome, site, "?os=macos,windows&method=spawn")
    widths = chrome.evaluate("""[...document.querySelectorAll('#matrix tr[id], #matrix thead tr:last-child')].map(row =>
        [...row.querySelectorAll('td, [data-at]')].filter(cell => cell.checkVisibility())
          .reduce((sum, cell) => sum + cell.colSpan, 0))""")
    assert set(widths) == {3}  # macOS spawn, Windows spawn, and what Windows has not


def test_a_range_of_versions_hides_what_lies_outside(chrome: Chrome, site: Path) -> None:
    start(chrome, site, "?python=3.8-3.12")
    cell = "document.querySelector('[id=\"arguments.lock\"] td:nth-of-type(2)').innerText"
    assert re.sub(r"\s+", " ", chrome.evaluate(cell)).strip() == "✗ no 3.8–3.13.0, 3.14+"
    chrome.evaluate("document.querySelector('[type=reset]').click()")
    assert "✓ yes 3.13.18" in re.sub(r"\s+", " ", chrome.evaluate(cell))
    assert chrome.evaluate("location.search") == ""


def test_a_cell_leads_to_its_answer_in_a_filtered_table_too(chrome: Chrome, site: Path) -> None:
    start(chrome, site, "?os=windows")
    chrome.events.clear()
    chrome.evaluate("document.querySelector('[id=\"arguments.lock\"] td[data-label^=Windows]').click()")
    chrome.loaded()
    assert chrome.evaluate("location.href").endswith("probe/arguments.lock.html#windows-spawn")


def test_a_requirement_is_answered(chrome: Chrome, site: Path) -> None:
    start(chrome, site, "?os=linux,macos&method=fork&python=3.12-3.14&need=1")
    said = chrome.evaluate("document.getElementById('answer').innerText")
    assert "On Linux and macOS, with fork, Python 3.12 to 3.14:" in said
    parts = chrome.evaluate("""[...document.querySelectorAll('#answer .parts > div')].map(part =>
        [...part.querySelectorAll('a')].map(link => link.getAttribute('href')))""")
    assert parts[0] == []
    assert {"probe/arguments.lock.html", "probe/arguments.odd.html"} <= set(parts[1])  # patches untested; a crash
    assert parts[2] == []
    start(chrome, site, "?os=macos&method=fork&need=1&theme=arguments")
    links = (
        "[...document.querySelectorAll('#answer .parts > div:first-child a')].map(link => link.getAttribute('href'))"
    )
    assert chrome.evaluate(links) == ["probe/arguments.lock.html", "probe/arguments.odd.html"]
    start(chrome, site, "?os=macos&method=spawn&need=1&theme=arguments")
    parts = chrome.evaluate("[...document.querySelectorAll('#answer .parts > div')].map(part => part.innerText)")
    assert "threading.Lock" in parts[2]
    assert "threading.Lock" not in parts[0]
    start(chrome, site, "?os=none&need=1")
    assert "Choose at least one platform" in chrome.evaluate("document.getElementById('answer').innerText")


def test_a_series_that_a_whole_column_lacks_is_untested_in_requirements(chrome: Chrome, tmp_path: Path) -> None:
    whole, gone = s.matrix(), s.MAC[1]  # 3.13, between 3.12 and 3.14
    less = replace(
        whole,
        targets=tuple(target for target in whole.targets if target["id"] != gone),
        cells=tuple(cell for cell in whole.cells if cell.target != gone),
    )
    save_matrix(less, tmp_path / "matrix.json")
    made = build(tmp_path / "matrix.json", tmp_path / "site").parent
    start(chrome, made, "?os=macos&method=fork&need=1&theme=arguments")
    said = "[...document.querySelectorAll('#answer .parts > div')].map(part => part.innerText)"
    everywhere, depends, _ = chrome.evaluate(said)
    assert "threading.Lock" not in everywhere
    assert "macOS fork: ? untested 3.13" in depends
    cell = 'document.querySelector(\'[id="arguments.lock"] td[data-label="macOS fork"]\').innerText'
    assert "untested" not in chrome.evaluate(cell)
    start(chrome, made, "?os=macos&method=fork&python=3.14-3.15&need=1&theme=arguments")
    assert "threading.Lock" in chrome.evaluate(said)[0]


def run_file(*verdicts: dict[str, Any], target: str = s.LINUX[5], **header: Any) -> str:
    lines = [{"kind": "header", "schema": 1, "target": target, "facts": {}} | header, *verdicts]
    return "\n".join(json.dumps(line) for line in lines)


def opened(chrome: Chrome, text: str) -> str:
    """What the page says of a run file."""
    call = f"canifork.open(new File([{json.dumps(text)}], 'mine.jsonl'))"
    said: str = chrome.evaluate(f"{call}.then(() => document.getElementById('answer').innerText)")
    return said


def verdict(probe: str, method: str, outcome: str, **more: Any) -> dict[str, Any]:
    return {"kind": "verdict", "probe": probe, "method": method, "outcome": outcome, "value": None, "detail": ""} | more


def test_this_machine_is_compared_with_the_published_one(chrome: Chrome, site: Path) -> None:
    start(chrome, site)
    said = opened(chrome, run_file(
        verdict("arguments.lock", "fork", "yes"),
        verdict("arguments.lock", "spawn", "yes"),
        verdict("defaults.start_method", "none", "value", value="fork"),
        verdict("defaults.time", "fork", "value", value=9.9),
        verdict("defaults.listed", "none", "value", value=["fork"]),
        verdict("arguments.unknown", "fork", "no"),
    ))  # fmt: skip
    assert "2 answers differ, 3 are the same, 1 are not published" in said
    found = chrome.evaluate("[...document.querySelectorAll('#answer tbody tr')].map(row => row.innerText)")
    assert next(line.split("\t")[1:] for line in found) == ["spawn", "✓ yes", "✗ no"]
    assert all(url.startswith("file://") for url in chrome.requests())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is not a run file header of schema 1"),
        ("not json", "Line 1 is not JSON"),
        ("null\n{}", "is not a run file header of schema 1"),
        ("[]", "is not a run file header of schema 1"),
        (run_file(schema=2), "is not a run file header of schema 1"),
        ("{}\n" * 20_001, "more lines than any run"),
    ],
)
def test_a_file_that_is_no_run_is_refused(chrome: Chrome, site: Path, text: str, expected: str) -> None:
    start(chrome, site)
    assert expected in opened(chrome, text)


def test_a_hostile_run_is_shown_as_text(chrome: Chrome, site: Path) -> None:
    start(chrome, site)
    evil = "<img src=x onerror=\"document.title='owned'\">"
    said = opened(chrome, run_file(
        verdict("arguments.lock", "spawn", "yes", detail=evil), verdict("arguments.lock", "__proto__", "no"),
        verdict("__proto__", "fork", "constructor"), verdict("constructor", "none", "no"),
        verdict("defaults.start_method", "none", "value", value=evil * 1000),
        {"kind": "verdict", "probe": {"a": 1}, "method": ["fork"], "outcome": None}, target=evil,
    ))  # fmt: skip
    assert evil in said
    assert len(said) < 20_000
    assert chrome.evaluate("document.querySelectorAll('#answer img').length") == 0
    assert chrome.evaluate("document.title") != "owned"
    assert chrome.complaints() == []


TRACEBACK = """Traceback (most recent call last):
  File "/srv/app/main.py", line 31, in <module>
    process.start()
  File "/usr/lib/python3.12/multiprocessing/reduction.py", line 60, in dump
    ForkingPickler(file, protocol).dump(obj)
TypeError: cannot pickle '_thread.lock' object"""


@pytest.mark.parametrize("query", [TRACEBACK, "TypeError: cannot pickle '_thread.lock' object", "passed lock"])
def test_a_pasted_error_leads_to_its_question(chrome: Chrome, site: Path, query: str) -> None:
    start(chrome, site)
    chrome.evaluate(f"""(() => {{
      const data = new DataTransfer();
      data.setData("text/plain", {json.dumps(query)});
      const field = document.getElementById("q");
      if (field.dispatchEvent(new ClipboardEvent("paste", {{clipboardData: data, cancelable: true, bubbles: true}})))
        field.value = {json.dumps(query)};
    }})()""")
    first = "canifork.search().then(() => document.querySelector('#answer .best a')?.getAttribute('href'))"
    assert chrome.evaluate(first) == "probe/arguments.lock.html"


@pytest.mark.parametrize(
    ("query", "question"),
    [
        ("TypeError: cannot pickle '_thread.lock' object", "arguments.threading_lock"),
        (TRACEBACK, "arguments.threading_lock"),
        (
            "An attempt has been made to start a new process before the current process has finished its",
            "guard.unguarded_script",
        ),
        ("RuntimeError: current process has finished its bootstrapping phase", "guard.unguarded_script"),
        ("AttributeError: Can't pickle local object 'main.<locals>.inner'", "callables.nested_function"),
        ("daemonic processes are not allowed to have children", "lifecycle.child_of_daemon"),
        ("OSError: AF_UNIX path too long", "availability.long_tempdir"),
        ("ValueError: cannot find context for 'fork'", "availability.starts"),
    ],
)
def test_in_the_measured_site_an_error_leads_to_its_question(
    chrome: Chrome, real: Path, query: str, question: str
) -> None:
    start(chrome, real)
    found = chrome.evaluate(f"canifork.rank({json.dumps(query)}).then(ids => ids.slice(0, 3))")
    assert question in found


def test_everything_is_there_without_scripts(chrome: Chrome, site: Path) -> None:
    chrome.scripts(enabled=False)
    try:
        chrome.open((site / "all.html").as_uri(), width=1280, height=900, scheme="light")
        assert rows(chrome) == EVERY
        assert (
            chrome.evaluate("[...document.querySelectorAll('.js-only')].some(each => each.checkVisibility())") is False
        )
        chrome.evaluate("document.getElementById('differs').focus()")
        chrome.press(" ")  # the style sheet does this
        assert rows(chrome) == {"arguments.lock", "arguments.only_spawn", "defaults.start_method"}
        ARTIFACTS.mkdir(exist_ok=True)
        (ARTIFACTS / "index-without-scripts.png").write_bytes(chrome.screenshot())
    finally:
        chrome.scripts(enabled=True)


def test_in_chinese_what_has_no_translation_is_english_and_says_so(chrome: Chrome, site: Path) -> None:
    start(chrome, site, "?os=linux&need=1", page="zh-Hans/all.html")
    said = chrome.evaluate("document.getElementById('answer').innerText")
    assert "在 Linux 上" in said
    for place in ("#answer", "tr[id] th"):
        assert chrome.evaluate(f"document.querySelector('{place} a[href$=\"/arguments.lock.html\"]').lang") == "en"
    assert chrome.complaints() == []


@pytest.mark.parametrize(
    ("query", "question"),
    [
        ("fork 之后子进程死锁", "safety.held_lock"),
        ("TypeError: cannot pickle '_thread.lock' object 怎么解决", "arguments.threading_lock"),
    ],
)
def test_in_chinese_a_question_is_found_and_shown_in_chinese(
    chrome: Chrome, real: Path, query: str, question: str
) -> None:
    start(chrome, real, page="zh-Hans/index.html")
    chrome.evaluate(f"document.getElementById('q').value = {json.dumps(query)}")
    chrome.evaluate("canifork.search()")
    hits = chrome.evaluate(
        "[...document.querySelectorAll('#answer .best a')].map(a => [a.getAttribute('href'), a.textContent, a.lang])"
    )
    texts = {href: (text, lang) for href, text, lang in hits}
    text, lang = texts[f"probe/{question}.html"]
    assert re.search(r"[\u4e00-\u9fff]", text)
    assert lang == ""
    assert chrome.complaints() == []


def biggest_table(folder: Path) -> Path:
    """The page of all questions of the biggest matrix, and what it loads: the rest of that site takes a minute."""
    matrix = big.matrix(big.SOON)
    (folder / "none.json").touch()
    first = itertools.takewhile(lambda one: not one[0].startswith("theme/"), pages(matrix))
    for name, content in itertools.chain(first, scripts(index_matrix(matrix)), copies(folder / "none.json")):
        path = folder / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / "site"


BLOCKED = 100
"""Milliseconds that a keystroke may block the page, at best: a busy machine makes it slow, never fast."""


@pytest.mark.timeout(900)
def test_a_keystroke_in_the_biggest_table_does_not_block(chrome: Chrome, tmp_path: Path) -> None:
    start(chrome, biggest_table(tmp_path), "?changed=1&method=spawn,fork", page="all.html")
    chrome.evaluate("canifork.rank('lock')")  # the index is loaded
    times = [
        chrome.evaluate(f"""(async () => {{
          document.getElementById("q").value = {json.dumps("process lock"[: length + 1])};
          const from = performance.now();
          await canifork.search();
          return performance.now() - from;
        }})()""")
        for length in range(12)
    ]
    assert min(times) < BLOCKED
    assert sorted(times)[len(times) // 2] < 2 * BLOCKED, times


def test_on_paper_there_are_answers_and_no_controls(chrome: Chrome, site: Path) -> None:
    start(chrome, site)
    chrome.media(media="print")
    try:
        assert chrome.evaluate("document.getElementById('tools').checkVisibility()") is False
        assert rows(chrome) == EVERY
        assert chrome.evaluate("getComputedStyle(document.querySelector('#matrix thead')).position") == "static"
        (ARTIFACTS / "index-print.png").write_bytes(chrome.screenshot())
    finally:
        chrome.media()


def test_nothing_moves_for_who_wants_no_motion(chrome: Chrome, site: Path) -> None:
    start(chrome, site)
    chrome.media(prefers_reduced_motion="reduce")
    try:
        moving = """[...document.querySelectorAll('*')].filter(each => {
          const {animationName, transitionDuration, scrollBehavior} = getComputedStyle(each);
          return animationName !== 'none' || transitionDuration !== '0s' || scrollBehavior === 'smooth';
        }).length"""
        assert chrome.evaluate(moving) == 0
    finally:
        chrome.media()
