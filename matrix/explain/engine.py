"""explain(): a text -> the questions that explain it; explain_difference(): a difference without an error."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from matrix import called
from matrix.explain import differences, labelled, measured
from matrix.explain.clues import Clues, clues
from matrix.explain.culprit import culprit
from matrix.explain.differences import Difference
from matrix.explain.explanation import Explanation
from matrix.explain.index import Index, load
from matrix.explain.paste import Paste, parse
from matrix.explain.pickling import carrier_of
from matrix.explain.ranking import Ranked, Told, rank
from matrix.paths import DATA, PROBES

MAX_CULPRIT = 200
"""Characters of the path to what is at fault: an object may be nested thousands of times."""


def explain(
    text: str,
    *,
    series: str | None = None,
    method: str | None = None,
    platform: str | None = None,
    path: str = "",
    inside: Collection[str] = (),
    probes: Path = PROBES,
    data: Path = DATA,
) -> tuple[Explanation, ...]:
    """The questions that explain a traceback or a log, the best first; none if nothing does.

    series ('3.14', '3.13t'), method and platform ('linux', 'macos', 'windows') are taken from the text where nobody
    tells them. path: to what could not be pickled, from the process that was started, if somebody has looked; inside:
    dotted names of the classes of the objects on it. Raises CatalogError or DataError if the questions or the published
    runs cannot be read.
    """
    return explained(
        parse(text), load(probes, data),
        series=series or "", method=method or "", platform=platform or "", path=path, inside=inside,
    )  # fmt: skip


def explained(
    paste: Paste,
    index: Index,
    *,
    series: str,
    method: str,
    platform: str,
    path: str = "",
    inside: Collection[str] = (),
) -> tuple[Explanation, ...]:
    """As `explain`, of what was read already. Pure."""
    seen = clues(paste)
    where = Clues(
        method=method or seen.method, series=series or seen.series, platform=platform or seen.platform or "linux"
    )
    target = measured.nearest(index, series=where.series, platform=where.platform)
    told = Told(method=method, target=target, carrier=carrier_of(path), inside=frozenset(inside))
    ranked = rank(paste, seen, told, index)
    return tuple(_explanation(one, index, where, target) for one in ranked)


def explain_difference(
    difference: str,
    text: str,
    *,
    sources: Mapping[str, str],
    baseline: str,
    method: str,
    series: str,
    platform: str,
    probes: Path = PROBES,
    data: Path = DATA,
) -> tuple[Explanation, ...]:
    """The questions that explain why a program behaves otherwise under a start method, if no error says so.

    difference is 'fails', 'hangs', 'crashes', 'warns', 'output differs', 'slower' or 'leaks'; text: what was seen;
    sources: name -> text of the program's modules. Only what the sources do, and what was measured to differ between
    baseline and method, is named. Raises CatalogError or DataError if the data cannot be read.
    """
    index = load(probes, data)
    where = Clues(method=method, series=series, platform=platform)
    target = measured.nearest(index, series=series, platform=platform)
    seen = Difference(kind=difference, text=text, baseline=baseline, method=method, target=target, sources=sources)
    return tuple(_explanation(one, index, where, target) for one in differences.rank(seen, index))


def _explanation(ranked: Ranked, index: Index, where: Clues, target: str) -> Explanation:
    question = index.questions[ranked.question]
    return Explanation(
        question=question.id,
        text=question.text,
        matched=ranked.matched,
        score=ranked.score,
        label=labelled.word(question, index),
        range=measured.sentence(question, index, platform=where.platform, method=where.method),
        why=question.why,
        do=question.do,
        url=f"probe/{question.id}.html",
        culprit=_short(ranked.path or culprit(ranked.one)),
        evidence=measured.evidence(question, index, target, where.method),
    )


def _short(path: str) -> str:
    return path if len(path) <= MAX_CULPRIT else f"{path[: MAX_CULPRIT - 1]}…"


def probe_command(text: str, program: str) -> str:
    """The command that writes a probe for what no question explains, with a name made of the error.

    program: how canifork was called, as for matrix.called.
    """
    raised = parse(text).raised
    words = re.findall(r"[a-z]+", f"{raised[-1].name} {raised[-1].message}".lower()) if raised else []
    name = "_".join(words[:4])[:40].strip("_") or "new_question"
    return f"{called.line(program, 'new-probe')} reported.{name}"
