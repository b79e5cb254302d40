"""The one door to matrix/explain: a finding -> the questions of the matrix that explain it.

What an exception, a warning or a printed line says comes first; else what the log of starts measured; else what the
project's source does before it starts a process, if that was measured to differ between the two methods.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from matrix.explain import explain, measured
from matrix.explain.answers import Answer
from matrix.explain.index import Index, load
from matrix.paths import DATA, PROBES
from matrix.suite.words import Question
from matrix.trial import places
from matrix.trial.model import Change, Difference, Finding, Python, Reason, Trial
from matrix.trial.source_clues import clues

_PLATFORMS = {"darwin": "macos", "win32": "windows"}

MOST = 2
"""Questions that are told for one finding."""

MOST_FILES, MOST_BYTES = 12, 200_000
"""Files of the project that are read for one finding, and bytes of each."""

_BY_LOG = {"big argument": ("cost.argument_time",), "slow": ("cost.start_time", "cost.first_start_time")}


def explained(finding: Finding, trial: Trial, baseline: str, cwd: Path) -> Finding:
    """The finding with what the matrix says of it."""
    found = (
        _by_text(finding, trial.python, baseline)
        or _by_log(finding, trial)
        or _by_source(finding, trial, baseline, cwd)
    )
    return replace(finding, reasons=tuple(found[:MOST]))


def _by_text(finding: Finding, python: Python, baseline: str) -> Sequence[Reason]:
    if finding.difference == Difference.SLOWER:
        return ()
    new = "\n".join(filter(None, (finding.evidence, finding.detail)))
    found = _ask(new, python, finding.method)
    if not found and finding.difference == Difference.OUTPUT:
        gone = "\n".join(line[2:] for line in finding.evidence.splitlines() if line.startswith("- "))
        found = _ask(gone, python, baseline)
    return found


def _ask(text: str, python: Python, method: str) -> Sequence[Reason]:
    return [
        Reason(
            question=one.question, text=one.text, because=one.matched, range=one.range, why=one.why, do=one.do,
            url=one.url, culprit=one.culprit,
        )
        for one in explain(text, series=python.series, method=method, platform=_platform(python))
    ]  # fmt: skip


def _by_log(finding: Finding, trial: Trial) -> Sequence[Reason]:
    """What is slow is explained by what starts cost."""
    if finding.difference != Difference.SLOWER:
        return ()
    names = _BY_LOG["big argument" if "big argument" in finding.evidence else "slow"]
    return [_reason(name, "the log of starts", trial.python, finding.method) for name in names]


def _by_source(finding: Finding, trial: Trial, baseline: str, cwd: Path) -> Sequence[Reason]:
    """What the project's files do that a child does not see, or sees otherwise, under the finding's method."""
    found: dict[str, Reason] = {}
    for path in _files(finding, trial, cwd):
        for clue in clues(_text(path)):
            for name in clue.questions:
                if _differs(name, trial.python, (baseline, finding.method)):
                    because = f"{clue.found} ({path.name}:{clue.line})"
                    found.setdefault(name, _reason(name, because, trial.python, finding.method))
    return list(found.values())


def _files(finding: Finding, trial: Trial, cwd: Path) -> list[Path]:
    """The project's files near a finding: that of the test, those of its traceback, those that start processes."""
    named = [finding.test.partition("::")[0]] if "::" in finding.test else []
    named += [frame.file for frame, _ in places.in_text(finding.evidence)]
    if not finding.test:
        named += [frame.file for start in trial.starts for frame in start.stack]
    own = [cwd / name for name in dict.fromkeys(named) if places.is_own(name) and places.is_below(name, cwd)]
    return [path for path in own if path.is_file()][:MOST_FILES]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _differs(name: str, python: Python, methods: Sequence[str]) -> bool:
    """Whether a question was answered differently under two methods by what is like this Python; costs always are."""
    index = load(PROBES, DATA)
    question = index.questions.get(name)
    if question is None:
        return False
    target = measured.nearest(index, series=python.series, platform=_platform(python))
    told = {_answer(index.answers.get((name, method), {}).get(target)) for method in methods}
    return len(told) > 1 or name in _ALWAYS


_ALWAYS = frozenset({"threads.go_on"})
"""Answered alike under all methods, and a reason still: a fork's copies go on without the thread that served them."""


def _reason(name: str, because: str, python: Python, method: str) -> Reason:
    index = load(PROBES, DATA)
    question = index.questions[name]
    return Reason(
        question=name,
        text=question.text,
        because=because,
        range=measured.sentence(question, index, platform=_platform(python), method=method),
        why=question.why,
        do=question.do,
        url=_url(name),
    )


def _platform(python: Python) -> str:
    return _PLATFORMS.get(python.platform, python.platform)


def _url(name: str) -> str:
    return f"probe/{name}.html"


# --- moving


def changed(
    python: Python, system: str, series: str, themes: frozenset[str], methods: tuple[str, ...]
) -> tuple[Change, ...] | None:
    """The answers of some themes that differ between a Python and another; None if either was not measured.

    Each is the newest release of its series that was measured on its system.
    """
    index = load(PROBES, DATA)
    here, there = _place(index, python.series, _platform(python)), _place(index, series, system)
    if here is None or there is None:
        return None
    found: list[Change] = []
    for question in index.questions.values():
        if question.id.partition(".")[0] in themes and not question.measured:
            for method in methods if question.methods else ("none",):
                found += _change(index, question, method, (here, there))
    return tuple(found)


def _place(index: Index, series: str, system: str) -> str | None:
    place = index.places.get(measured.nearest(index, series=series, platform=system))
    return place.id if place and (place.series, place.platform) == (series, system) else None


def _change(index: Index, question: Question, method: str, targets: tuple[str, str]) -> Iterator[Change]:
    answers = index.answers.get((question.id, method), {})
    before, after = (_answer(answers.get(target)) for target in targets)
    if before and after and before != after:
        yield Change(
            question=question.id,
            text=question.text,
            method=method,
            before=before,
            after=after,
            do=question.do,
            url=_url(question.id),
        )


def _answer(answer: Answer | None) -> str:
    """'no', or the value; '' if nobody asked."""
    if answer is None:
        return ""
    return str(answer.value) if answer.outcome == "value" else str(answer.outcome)
