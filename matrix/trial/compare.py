"""Trials of one Python -> what differs from the baseline. Pure: no file is read and no process started."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matrix.trial import conduct, places, stable_text, starts
from matrix.trial.model import Compared, Difference, Finding, Frame, Python, Start, TestRun, Trial

FAILED = frozenset({"failed", "hang", "crash"})
LEAST_SLOWER = 2.0
"""Seconds by which something must be slower to be called so."""

BIG_START = 0.3
"""Seconds by which all starts of one place together must be slower, if they pickle much."""

BIG_PICKLE = 2**20
"""Bytes that one start pickles, from which its size is the reason of its time."""

NO_TESTS = 5
"""Exit status by which pytest, and unittest since 3.12, say that there was no test."""

SHOWN = 96
"""Lines of output that are evidence: a traceback is whole in them."""

_WARNING = re.compile(r"\b\w*Warning: ")
_TROUBLE = re.compile(
    r"Traceback \(most recent|^\s*\w*(\.\w+)*(Error|Exception|Interrupt)\b.*|^Exception (ignored )?in|Fatal Python"
)
_WORKER_DIED = re.compile(r"worker '?gw\d+'? crashed|crashed while running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all comparisons of a Python share. slower: how many times as long something must take to be a finding."""

    python: Python
    cwd: Path
    slower: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """All trials of one method beside those of the baseline."""

    ground: Ground
    method: str
    trials: tuple[Trial, ...]
    baseline: tuple[Trial, ...]


def compare(ground: Ground, baseline: str, trials: Sequence[Trial]) -> Compared:
    """What the trials of one Python show."""
    by_method: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        by_method[trial.method].append(trial)
    base = tuple(by_method.pop(baseline, ()))
    groups = [
        _Group(ground=ground, method=method, trials=tuple(found), baseline=base) for method, found in by_method.items()
    ]
    everyone = [*base, *(trial for group in groups for trial in group.trials)]
    return Compared(
        python=ground.python,
        baseline=baseline,
        trials=tuple(trials),
        findings=(*_of_baseline(ground, base, groups), *(finding for group in groups for finding in _findings(group))),
        own=tuple(_own(ground, base, everyone)),
        flaky=dict(_flaky(base)),
        untested=tuple(dict.fromkeys((*_unjudged(ground, base), *_untested(everyone)))),
        nothing=_nothing(everyone),
    )


def _own(ground: Ground, base: Sequence[Trial], trials: Sequence[Trial]) -> Iterator[Finding]:
    """What fails in each trial in which it ran: tests, and the command itself, as the first of them shows it.

    What the baseline does not name, it did not fail in: the setup of a class has a name only where it fails.
    """
    for name in dict.fromkeys(name for trial in base for name in trial.tests):
        ran = [trial for trial in trials if name in trial.tests]
        if all(trial.tests[name].outcome in FAILED for trial in ran):
            test = ran[0].tests[name]
            yield _finding(ground, ran[0], name, _WORDS[test.outcome], headline(test.text), test.text, len(ran))
    if any(trial.tests or _selected_nothing(trial) for trial in trials):
        return
    if trials and all(_bad_end(trial) for trial in trials):
        first = trials[0]
        yield _finding(ground, first, "", _how_bad(first), end(first), _whole_evidence(first), len(trials))


def _flaky(baseline: Sequence[Trial]) -> Iterator[tuple[str, tuple[int, int]]]:
    """(test, (k, n)): k of n runs of the baseline failed, neither none nor all."""
    for name in dict.fromkeys(name for trial in baseline for name in trial.tests):
        outcomes = [trial.tests[name].outcome for trial in baseline if name in trial.tests]
        failed = sum(outcome in FAILED for outcome in outcomes)
        if 0 < failed < len(outcomes):
            yield name, (failed, len(outcomes))
    ended = [_bad_end(trial) for trial in baseline if not trial.tests]
    if 0 < sum(ended) < len(ended):
        yield "", (sum(ended), len(ended))


def _unjudged(ground: Ground, baseline: Sequence[Trial]) -> Iterator[str]:
    """Why a command without tests cannot be judged at all: its baseline both fails and does not."""
    for name, (failed, runs) in _flaky(baseline):
        if not name:
            where = f"Python {ground.python.series}, {baseline[0].method}"
            yield f"{where}: the command failed in {failed} of {runs} runs, so nothing can be compared with them"


def _untested(trials: Iterable[Trial]) -> Iterator[str]:
    for trial in trials:
        where = f"Python {trial.python.series}, {trial.method}"
        for why in trial.untested:
            yield f"{where}: {why}"
        if not trial.complete:
            yield f"{where}: given up after {conduct.RESUMED} hangs and crashes"
        cut = sum(test.outcome == "cut off" for test in trial.tests.values())
        if cut:
            yield f"{where}: {cut} tests did not get their turn"
        if trial.output_cut and not _bad_end(trial):
            yield f"{where}: only the first {conduct.KEPT >> 20} MiB of the output were compared"


def _nothing(trials: Sequence[Trial]) -> str:
    """Why nothing was tested, where no trial came as far as a test that passes or the start of a process; else ''."""
    if not trials or any(trial.starts for trial in trials):
        return ""
    where, first = f"Python {trials[0].python.series}", trials[0]
    outcomes = {test.outcome for trial in trials for test in trial.tests.values()}
    of_tests = bool(outcomes) or first.kind in ("pytest", "unittest")
    if of_tests and not any(trial.begun for trial in trials):
        why = "they cannot be imported" if FAILED & outcomes else "nothing is selected, probably"
        return f"{where}: no test was run, since {why} ({_last_words(first)})"
    if of_tests and outcomes <= {*FAILED, "skipped", "cut off"}:
        how = "skipped" if outcomes == {"skipped"} else "failing or skipped"
        return f"{where}: every test is {how} under every method, and none starts a process"
    if not of_tests and all(_bad_end(trial) for trial in trials):
        return f"{where}: the command fails under every method before it starts a process"
    return ""


def _selected_nothing(trial: Trial) -> bool:
    """Whether a test runner says that there was no test to run: that is no failure."""
    return trial.kind in ("pytest", "unittest") and trial.exit.code == NO_TESTS


def _last_words(trial: Trial) -> str:
    """How a command of which no test was run ended, with the error that it told, or else its last line."""
    errors = [headline(test.text) for test in trial.tests.values() if test.text]
    said = errors[0] if errors else _last(trial.output).strip("= ")
    return conduct.how(trial.exit) + (f": {said}" if said else "")


def _last(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def _bad_end(trial: Trial) -> bool:
    return (
        trial.exit.timed_out
        or trial.exit.flooded
        or bool(trial.exit.signal or trial.exit.status)
        or bool(trial.exit.code)
    )


def _of_baseline(ground: Ground, base: Sequence[Trial], groups: Sequence[_Group]) -> Iterator[Finding]:
    """What fails in each run of the baseline, and never under another method: the default is at fault already."""
    others = [trial for group in groups for trial in group.trials]
    for test in base[0].tests.values() if base else ():
        said = [one.tests[test.id].outcome for one in base if test.id in one.tests]
        elsewhere = {
            trial.method for trial in others if test.id in trial.tests and trial.tests[test.id].outcome not in FAILED
        }
        if elsewhere and len(said) == len(base) and all(outcome in FAILED for outcome in said):
            evidence = "\n".join(filter(None, (test.text, test.output)))
            detail = f"{headline(test.text)} (not under {' and '.join(sorted(elsewhere))})"
            yield _finding(ground, base[0], test.id, _WORDS[test.outcome], detail, evidence, len(base))
    elsewhere = {trial.method for trial in others if not trial.tests and not _bad_end(trial)}
    if elsewhere and base and all(not trial.tests and _bad_end(trial) for trial in base):
        detail = f"{end(base[0])} (not under {' and '.join(sorted(elsewhere))})"
        yield _finding(ground, base[0], "", _how_bad(base[0]), detail, _whole_evidence(base[0]), len(base))


# --- findings ------------------------------------------------------------------------------------------------------


def _findings(group: _Group) -> Iterator[Finding]:
    """All of one method; what several of its trials show is told once, with k of n."""
    merged: dict[str, list[Finding]] = defaultdict(list)
    for trial in group.trials:
        for key, found in {one.key: one for one in _of_trial(group, trial)}.items():
            merged[key].append(found)
    for same in merged.values():
        yield replace(same[0], k=len(same), n=len(group.trials))


def _of_trial(group: _Group, trial: Trial) -> Iterator[Finding]:
    of_tests = [one for test in trial.tests.values() for one in _of_test(group, trial, test)]
    yield from of_tests
    yield from _of_whole(group, trial, any(one.difference in _BROKEN for one in of_tests))
    yield from _leaks(group, trial)
    yield from _big_starts(group, trial)


_BROKEN = frozenset({Difference.FAILS, Difference.HANGS, Difference.CRASHES})
_WORDS = {"failed": Difference.FAILS, "hang": Difference.HANGS, "crash": Difference.CRASHES}


def _of_test(group: _Group, trial: Trial, test: TestRun) -> Iterator[Finding]:
    known = [one.tests[test.id] for one in group.baseline if test.id in one.tests]
    if any(one.outcome in FAILED for one in known):
        return  # its own fault, or flaky
    if test.outcome in FAILED:
        difference = _WORDS[test.outcome]
        if _WORKER_DIED.search(test.text):
            difference = Difference.CRASHES
        evidence = "\n".join(filter(None, (test.text, test.output)))
        found = _finding(group.ground, trial, test.id, difference, headline(test.text), evidence)
        yield replace(found, follows=test.follows)
        return
    if not known:
        return
    before = {stable_text.stable(line) for one in known for line in one.warnings}
    new = sorted(line for line in test.warnings if stable_text.stable(line) not in before)
    if new:
        yield _finding(group.ground, trial, test.id, Difference.WARNS, _without_place(new[0]), "\n".join(new))
    gone, come = stable_text.differing([one.output for one in known], test.output)
    trouble = [line for line in come if _TROUBLE.search(line)]
    if trouble:
        yield _finding(group.ground, trial, test.id, Difference.OUTPUT, trouble[-1], _shown(gone, come))
    yield from _slower(group, trial, test.id, test.seconds, [one.seconds for one in known])


def _without_place(warning: str) -> str:
    return warning.partition(": ")[2] or warning


def _of_whole(group: _Group, trial: Trial, explained: bool) -> Iterator[Finding]:
    """Of the command's end, output and duration, as far as its tests do not tell."""
    ends = [_bad_end(one) for one in group.baseline]
    if _bad_end(trial) and not explained and not any(ends):
        yield _finding(group.ground, trial, "", _how_bad(trial), end(trial), _whole_evidence(trial))
        return
    if trial.tests or any(one.output_cut for one in (trial, *group.baseline)):
        return
    if ends and all(ends) and (not _bad_end(trial) or all(map(_raised, (trial, *group.baseline)))):
        return  # the baseline is at fault, and that is told of it; two errors are worded otherwise
    if any(one.exit.timed_out for one in (trial, *group.baseline)):
        return  # what was cut off has printed as much as it came to
    yield from _of_output(group, trial)
    yield from _slower(group, trial, "", trial.exit.duration, [one.exit.duration for one in group.baseline])


def failed(trial: Trial, test: str) -> bool:
    """Whether a test failed in a trial; '' is the command as a whole."""
    return trial.tests[test].outcome in FAILED if test in trial.tests else not test and _bad_end(trial)


def _raised(trial: Trial) -> bool:
    return "Traceback (most recent call last)" in trial.output


def _how_bad(trial: Trial) -> Difference:
    if trial.exit.timed_out:
        return Difference.HANGS
    if trial.exit.flooded:
        return Difference.FAILS
    crashed = trial.exit.signal or trial.exit.status or (trial.exit.code or 0) < 0
    return Difference.CRASHES if crashed else Difference.FAILS


def end(trial: Trial) -> str:
    """How a command ended, with the line of its output that says why: 'exit status 1: OSError: …'."""
    said = "" if trial.exit.timed_out else headline(trial.output)
    return conduct.how(trial.exit) + (f": {said}" if said else "")


def _whole_evidence(trial: Trial) -> str:
    return "\n".join(filter(None, (trial.output[-20_000:], trial.exit.stacks)))


def _of_output(group: _Group, trial: Trial) -> Iterator[Finding]:
    gone, come = stable_text.differing([one.output for one in group.baseline], trial.output)
    warned = [line for line in come if _WARNING.search(line)]
    if warned:
        yield _finding(group.ground, trial, "", Difference.WARNS, warned[0], "\n".join(warned[:SHOWN]))
    follow = _following(come, warned)
    rest = [line for line in come if line not in warned and line not in follow]
    if any(_tells(line, framed=_raised(trial) and all(map(_raised, group.baseline))) for line in (*rest, *gone)):
        detail = _trouble("new", rest) or _trouble("missing", gone) or _told(gone, rest)
        yield _finding(group.ground, trial, "", Difference.OUTPUT, detail, _shown(gone, rest))


def _tells(line: str, *, framed: bool) -> bool:
    """Whether a line may differ in meaning; framed: both have tracebacks, whose frames differ by start method."""
    return not (framed and line.startswith("  "))


def _trouble(word: str, lines: Sequence[str]) -> str:
    """'new: OSError: …' if there is an error among some lines, else ''."""
    return f"{word}: {headline(chr(10).join(lines))}" if any(_TROUBLE.search(line) for line in lines) else ""


def _following(come: Sequence[str], warned: Sequence[str]) -> set[str]:
    """The lines of source that Python prints below a warning."""
    return {after for line, after in itertools.pairwise(come) if line in warned and after.startswith("  ")}


def _told(gone: Sequence[str], come: Sequence[str]) -> str:
    """The first line that differs, both ways if there are both."""
    if gone and come:
        return f"{gone[0]!r} became {come[0]!r}"
    return f"missing: {gone[0]}" if gone else f"new: {come[0]}"


def _shown(gone: Sequence[str], come: Sequence[str]) -> str:
    """Lines as in a diff."""
    return "\n".join([*(f"- {line}" for line in gone[:SHOWN]), *(f"+ {line}" for line in come[:SHOWN])])


def _slower(group: _Group, trial: Trial, test: str, seconds: float, before: Sequence[float]) -> Iterator[Finding]:
    most = max(before, default=0.0)
    least = LEAST_SLOWER * group.ground.python.time_scale
    if before and seconds > group.ground.slower * most and seconds - most > least:
        detail = f"{seconds:.2g} s, {group.baseline[0].method} {most:.2g} s: {seconds / max(most, 0.01):.0f} times"
        yield _finding(group.ground, trial, test, Difference.SLOWER, detail, "")


def _leaks(group: _Group, trial: Trial) -> Iterator[Finding]:
    if trial.exit.timed_out or trial.exit.signal:
        return  # what is cut off cannot clear up
    for kind, names in trial.exit.leaks.items():
        before = {name for one in group.baseline for name in one.exit.leaks.get(kind, ())}
        new = sorted(set(names) - before)
        if new and kind != "files":
            detail = f"{kind}: {', '.join(new)}"
            yield _finding(group.ground, trial, "", Difference.LEAKS, detail, f"left behind: {detail}")


def _big_starts(group: _Group, trial: Trial) -> Iterator[Finding]:
    """Places where pickling a big object makes the start of a process slow."""
    before = {place: found for one in group.baseline for place, found in starts.by_place(one.starts).items()}
    for place, found in starts.by_place(trial.starts).items():
        size = max((start.size or 0 for start in found), default=0)
        took, took_before = _total(found), _total(before.get(place, ()))
        if (
            size < BIG_PICKLE
            or place not in before
            or took - took_before < BIG_START
            or took < group.ground.slower * took_before
        ):
            continue
        times = f"{took:.2g} s, {group.baseline[0].method} {took_before:.2g} s"
        text = f"{len(found)} starts pickle up to {size / 2**20:.1f} MiB and take {times}"
        evidence = f"{text}: a big argument is pickled for each child"
        finding = _finding(group.ground, trial, "", Difference.SLOWER, text, evidence)
        yield replace(finding, place=place)


def _total(found: Sequence[Start]) -> float:
    return sum(start.seconds or 0.0 for start in found)


def _finding(  # noqa: PLR0917
    ground: Ground, trial: Trial, test: str, difference: Difference, detail: str, evidence: str, runs: int = 1
) -> Finding:
    return Finding(
        python=ground.python.series,
        method=trial.method,
        test=test,
        difference=difference,
        detail=detail[:300],
        evidence=evidence,
        place=places.in_project(evidence, ground.cwd) or (_failed_start(trial) if difference in _BROKEN else None),
        k=runs,
        n=runs,
    )


def _failed_start(trial: Trial) -> Frame | None:
    """The place of the only start that failed."""
    failed = {frame for start in trial.starts if start.error and (frame := places.of_start(start))}
    return failed.pop() if len(failed) == 1 else None


_ERROR = re.compile(r"[\w.]*(Error|Exception|Interrupt|Warning|Exit|Empty|Full|Timeout\w*)\b|Failed: |ERROR: ")
_NAMED = re.compile(r"[A-Za-z_][\w.]*(: .*)?$")


def headline(text: str) -> str:
    """The line of a traceback that says what happened: the last error that is named; pytest's begin with E."""
    found, inside = "", False
    for line in text.splitlines():
        bare = line.removeprefix("E  ").strip()
        ends = inside and bool(bare) and not line.startswith(" ")
        if (_ERROR.match(bare) or (ends and _NAMED.match(bare))) and "RemoteTraceback" not in bare:
            found = bare
        inside = line.startswith("Traceback (most recent") or (inside and not ends)
    return (
        found
        or next((line.removeprefix("E ").strip() for line in text.splitlines() if line.startswith("E ")), "")
        or _first(text)
    )


def _first(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


Origins = Mapping[tuple[str, int, str], str]
"""(file, line, method) of starts -> 'default' or 'explicit'."""


def origins(trials: Iterable[Trial]) -> Origins:
    """Who chose the method of the starts of a place, by what it does when the default changes.

    Within one process a context that was asked for by name and the resolved default are the same object; two trials
    tell them apart: a method that a place uses although another one is forced is explicit.
    """
    seen: dict[tuple[str, int], set[tuple[str, str]]] = defaultdict(set)
    for trial in trials:
        for start in trial.starts:
            frame = places.of_start(start)
            if frame and start.origin != "fork":
                seen[frame.file, frame.line].add((trial.method, start.method))
    found = {}
    for (file, line), pairs in seen.items():
        if len({forced for forced, _ in pairs}) > 1:
            for _, used in pairs:
                own = any(method == used != forced for forced, method in pairs)
                found[file, line, used] = "explicit" if own else "default"
    return found
