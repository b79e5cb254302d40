"""The one door to matrix/explain: a finding -> the questions of the matrix that explain it.

What an exception, a warning or a printed line says comes first; else what the project's source does before it starts a
process, if that was measured to differ between the two methods.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from matrix import explain
from matrix.explain import Explanation, explain_difference, measured
from matrix.explain.answers import Answer
from matrix.explain.index import Index, load
from matrix.paths import DATA, PROBES
from matrix.suite.words import Question
from matrix.trial import imports, near, places, systems
from matrix.trial.model import Change, Difference, Finding, Python, Reason, Start, Trial

MOST = 2
"""Questions that are told for one finding."""

MOST_FILES, MOST_BYTES = 12, 200_000
"""Files of the project that are read for one finding, and bytes of each."""

_BROKEN = (Difference.FAILS, Difference.HANGS, Difference.CRASHES)

SURE = 0.75
"""From which score a text explains more than the project's source does."""


def explained(finding: Finding, trial: Trial, baseline: str, cwd: Path, launched: str = "") -> Finding:
    """The finding with what the matrix says of it; nothing of what follows from another one.

    launched: how the program was, as a prompt shows it, if that tells anything.
    """
    if finding.follows:
        return finding
    gone = "\n".join(line[2:] for line in finding.evidence.splitlines() if line.startswith("- "))
    texts = ((_come(finding), finding.method), (gone, baseline))
    failed = _failed(finding, trial, cwd)
    said = [_by_text(finding, f"{launched}\n{text}", method, trial.python, failed) for text, method in texts]
    sure = next((found for found in said if found and found[0].score >= SURE), ())
    sure = () if _afterwards(finding) else sure
    found = sure or _by_source(finding, trial, baseline, cwd) or said[0] or said[1]
    return replace(finding, reasons=tuple(_reason(one, failed) for one in found[:MOST]))


def _come(finding: Finding) -> str:
    """What there is to explain under the method of a finding: of output that differs, what is new there."""
    if finding.difference != Difference.OUTPUT:
        return symptom(finding)
    come = [line for line in finding.evidence.splitlines() if not line.startswith("- ")]
    return "\n".join((*come, finding.detail)) if come else ""


def _afterwards(finding: Finding) -> bool:
    """Whether a finding only tells what was left at the end: that is a consequence, and the source may say of what."""
    lines = [line for line in finding.evidence.splitlines() if line.strip()]
    quiet = finding.difference in (Difference.WARNS, Difference.OUTPUT)
    return quiet and bool(lines) and all("leaked" in line or "resource_tracker" in line for line in lines)


def explained_by_error(finding: Finding, trial: Trial, cwd: Path, launched: str = "") -> Finding:
    """A failure under all methods, with what is known of its error alone: no difference points to the source."""
    failed = _failed(finding, trial, cwd)
    said = _by_text(finding, f"{launched}\n{symptom(finding)}", finding.method, trial.python, failed)
    sure = [one for one in said if one.score >= SURE]
    return replace(finding, reasons=tuple(_reason(one, failed) for one in sure[:MOST]))


def _failed(finding: Finding, trial: Trial, cwd: Path) -> Start | None:
    """The start in a finding's traceback that knows what could not be pickled; None if none does.

    pytest names files relative to the folder in which it was called, and a start does not.
    """
    named = {(os.path.normpath(cwd / frame.file), frame.line) for frame, _ in places.in_text(finding.evidence)}
    for start in trial.starts:
        places_of = {(os.path.normpath(cwd / frame.file), frame.line) for frame in start.stack}
        if start.unpicklable and named & places_of:
            return start
    return None


_OF_WORKER = {"args[2]": "initializer", "args[3]": "initargs"}
"""What a pool's, and an executor's, worker is started with, as their caller wrote it."""


def _path(start: Start | None) -> str:
    """The path to what could not be pickled, in the words of whoever called."""
    found = start.unpicklable if start else ""
    if start is None or start.interface not in ("Pool", "ProcessPoolExecutor"):
        return found
    return next((word + found[len(own) :] for own, word in _OF_WORKER.items() if found.startswith(own)), found)


def symptom(finding: Finding) -> str:
    """What there is to explain, in words; without what is said only because the processes ended as they did."""
    lines = finding.evidence.splitlines()
    if finding.difference in _BROKEN:
        after = ("resource_tracker", "Fatal Python error: Aborted", "leaked")
        told = [line for line in lines if not any(word in line for word in after)]
        lines = told if finding.difference == Difference.HANGS or "Traceback (most" in finding.evidence else lines
    return "\n".join(filter(None, (*lines, finding.detail)))


def probe_command(finding: Finding, program: str) -> str:
    """The command that writes a probe for what no question explains. program: as for matrix.called."""
    return explain.probe_command(symptom(finding), program)


def _by_text(finding: Finding, text: str, method: str, python: Python, failed: Start | None) -> Sequence[Explanation]:
    known = failed if failed and failed.interface == "Process" else None  # a pool has arguments of its own
    if finding.difference == Difference.SLOWER:
        return ()
    return explain.explain(
        text,
        series=python.series,
        method=method,
        platform=systems.name(python.platform),
        path=known.unpicklable if known else "",
        inside=known.inside if known else frozenset(),
    )


def _by_source(finding: Finding, trial: Trial, baseline: str, cwd: Path) -> Sequence[Explanation]:
    """What the project's files do that was measured to differ between the two methods, or what starts cost.

    Those near the finding come first; what they import is read if those tell nothing, and has to be more sure.
    """
    if finding.difference == Difference.UNTESTED:
        return ()
    files = _files(finding, trial, cwd)
    sources = {path: near.of_test(_text(path), finding.test) for path in files}
    found = _of_sources(finding, trial, baseline, sources, cwd)
    if found:
        return found
    further = dict.fromkeys(
        one for path in files for one in imports.own(path, sources[path], cwd) if one not in sources
    )
    more = {path: _text(path) for path in [*further][:MOST_FILES]}
    if not more:
        return ()
    return [one for one in _of_sources(finding, trial, baseline, sources | more, cwd) if one.score >= SURE]


def _of_sources(
    finding: Finding, trial: Trial, baseline: str, sources: Mapping[Path, str], cwd: Path
) -> Sequence[Explanation]:
    return explain_difference(
        str(finding.difference),
        symptom(finding),
        sources={places.shown(path, cwd): text for path, text in sources.items()},
        baseline=baseline,
        method=finding.method,
        series=trial.python.series,
        platform=systems.name(trial.python.platform),
    )


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


def _reason(one: Explanation, failed: Start | None) -> Reason:
    return Reason(
        question=one.question, text=one.text, because=one.matched, label=one.label, range=one.range, why=one.why,
        do=one.do, url=one.url, culprit=_path(failed) or one.culprit,
    )  # fmt: skip


# --- moving


def changed(
    python: Python, system: str, series: str, touched: Callable[[Question], bool], methods: tuple[str, ...]
) -> tuple[Change, ...] | None:
    """The answers to the questions that are touched which differ between a Python and another.

    None if either was not measured; each is the newest release of its series that was measured on its system. What
    does not exist here cannot be in use, and is left out. What gets worse comes first, what does not exist there last.
    """
    index = load(PROBES, DATA)
    here, there = _place(index, python.series, systems.name(python.platform)), _place(index, series, system)
    if here is None or there is None:
        return None
    found: list[Change] = []
    for question in index.questions.values():
        if not question.measured and touched(question):
            for method in methods if question.methods else ("none",):
                found += _change(index, question, method, (here, there))
    return tuple(
        sorted(found, key=lambda one: (one.after == "unavailable", one.after == index.questions[one.question].wanted))
    )


def unmeasured(python: Python, system: str, series: str) -> str:
    """Why `changed` knows nothing, as a sentence that names the series that were measured on a system."""
    index = load(PROBES, DATA)
    there = [place for place in index.places.values() if place.usual and place.platform == system]
    known = [f"{major}.{minor}" for major, minor in sorted({place.version.series for place in there})]
    if not known:
        return f"{systems.title(system)} was not measured by anybody yet."
    if _place(index, series, system) is None:
        these = f"these were: {', '.join(known)} (as in --as {system}-{known[-1]})"
        return f"Python {series} on {systems.title(system)} was not measured; {these}."
    return f"Python {python.series} on {systems.title(python.platform)} was not measured."


def _place(index: Index, series: str, system: str) -> str | None:
    place = index.places.get(measured.nearest(index, series=series, platform=system))
    return place.id if place and (place.series, place.platform) == (series, system) else None


def _change(index: Index, question: Question, method: str, targets: tuple[str, str]) -> Iterator[Change]:
    answers = index.answers.get((question.id, method), {})
    before, after = (_answer(answers.get(target)) for target in targets)
    if before and after and before not in (after, "unavailable"):
        yield Change(
            question=question.id,
            text=question.text,
            method=method,
            before=before,
            after=after,
            do=question.do,
            url=f"probe/{question.id}.html",
        )


def _answer(answer: Answer | None) -> str:
    """'no', or the value; '' if nobody asked."""
    if answer is None:
        return ""
    return str(answer.value) if answer.outcome == "value" else str(answer.outcome)
