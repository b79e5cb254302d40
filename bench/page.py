"""The first page in a real browser: first paint, and the scripting of each keystroke in the search field."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

from bench.pairs import Ratio, Took, ratio
from tests.browser.chrome import Chrome

BUDGET = 0.1
"""Seconds of scripting that a keystroke may take."""

KEYS = ("l", "lo", "loc", "lock", "lock q", "")
TYPE = """
new Promise(done => {{
  const field = document.querySelector('#q');
  field.value = {text!r};
  field.dispatchEvent(new Event('input', {{bubbles: true}}));
  const rows = () => [...document.querySelectorAll('tbody tr[id]')].filter(row => row.getClientRects().length).length;
  setTimeout(() => requestAnimationFrame(() => setTimeout(() => done(rows()))), {settle});
}})
"""
SETTLE = 500
"""Milliseconds after which even a delayed filter has begun; they are not counted, only scripting is."""


def measure(folder: Path, site: Path, loads: int) -> list[Ratio]:
    """Ratios to the budget of a keystroke (0.1 s of scripting) and, unbounded, to one second for the first paint."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        return []
    paints, strokes = [], []
    with Chrome(chromium, folder / "profile") as chrome:
        chrome.call("Performance.enable", timeDomain="threadTicks")
        for _ in range(loads):
            chrome.open((site / "index.html").resolve().as_uri(), width=1280, height=900, scheme="light")
            found = chrome.evaluate(
                "JSON.stringify(performance.getEntriesByType('paint').map(entry => entry.startTime))"
            )
            paints += [float(text) / 1000 for text in found.strip("[]").split(",") if text][:1]
            slowest, shown = 0.0, set()
            for text in KEYS:
                before = _scripted(chrome)
                shown.add(_typed(chrome, text))
                slowest = max(slowest, _scripted(chrome) - before)
            if len(shown) < 2:
                raise RuntimeError("typing filters no row: there is nothing to measure")
            strokes.append(slowest)
    budget = Took(wall=1.0, cpu=BUDGET)
    rows = [ratio("page: slowest keystroke's scripting / 100 ms", _pairs(strokes, budget), "cpu", 1.0)]
    if paints:
        rows.append(ratio("page: first paint / 1 s", _pairs(paints, budget), "wall"))
    return rows


def _pairs(times: list[float], against: Took) -> list[tuple[Took, Took]]:
    return [(Took(wall=time, cpu=time), against) for time in times]


def _typed(chrome: Chrome, text: str) -> int:
    """Type a text, wait for what it brings about, and say how many rows are to be seen then."""
    expression = TYPE.format(text=text, settle=SETTLE)
    answer = chrome.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
    if "exceptionDetails" in answer:
        raise RuntimeError(f"the page failed: {answer['exceptionDetails']['exception'].get('description')}")
    return int(answer["result"]["value"])


def _scripted(chrome: Chrome) -> float:
    """Seconds of script so far, in the page's own processor time."""
    metrics = chrome.call("Performance.getMetrics")["metrics"]
    return float(statistics.fsum(metric["value"] for metric in metrics if metric["name"] == "ScriptDuration"))
