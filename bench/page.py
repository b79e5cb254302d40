"""The first page in a real browser: first paint, and the scripting of each keystroke in the search field."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

from bench.pairs import Ratio, Took, ratio

BUDGET = 0.1
"""Seconds of scripting that a keystroke may take."""

KEYS = ("l", "lo", "loc", "lock", "lock q", "")
TYPE = """
(() => {{
  const field = document.querySelector('#q');
  const begin = performance.now();
  field.value = {text!r};
  field.dispatchEvent(new Event('input', {{bubbles: true}}));
  return performance.now() - begin;
}})()
"""


def measure(folder: Path, site: Path, loads: int) -> list[Ratio]:
    """Ratios to the budget of a keystroke (0.1 s of scripting) and, unbounded, to one second for the first paint."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        return []
    from tests.browser.chrome import Chrome

    paints, strokes = [], []
    with Chrome(chromium, folder / "profile") as chrome:
        chrome.call("Performance.enable", timeDomain="threadTicks")
        for _ in range(loads):
            chrome.open((site / "index.html").resolve().as_uri(), width=1280, height=900, scheme="light")
            found = chrome.evaluate(
                "JSON.stringify(performance.getEntriesByType('paint').map(entry => entry.startTime))"
            )
            paints += [float(text) / 1000 for text in found.strip("[]").split(",") if text][:1]
            slowest = 0.0
            for text in KEYS:
                before = _scripted(chrome)
                chrome.evaluate(TYPE.format(text=text))
                chrome.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
                slowest = max(slowest, _scripted(chrome) - before)
            strokes.append(slowest)
    budget = Took(wall=1.0, cpu=BUDGET)
    rows = [ratio("page: slowest keystroke's scripting / 100 ms", _pairs(strokes, budget), "cpu", 1.0)]
    if paints:
        rows.append(ratio("page: first paint / 1 s", _pairs(paints, budget), "wall"))
    return rows


def _pairs(times: list[float], against: Took) -> list[tuple[Took, Took]]:
    return [(Took(wall=time, cpu=time), against) for time in times]


def _scripted(chrome: object) -> float:
    """Seconds of script so far, in the page's own processor time."""
    metrics = chrome.call("Performance.getMetrics")["metrics"]  # type: ignore[attr-defined]
    return float(statistics.fsum(metric["value"] for metric in metrics if metric["name"] == "ScriptDuration"))
