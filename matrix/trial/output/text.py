"""The report for a terminal: the tests that differ, what explains them, the starts, one sentence, one command."""

from __future__ import annotations

import io
import shlex
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from matrix import called
from matrix.system import terminal
from matrix.trial import compare, moves, places, stable_text, starts, systems
from matrix.trial.model import Compared, Difference, Finding, Reason, Report

STYLES = {
    Difference.FAILS: "magenta",
    Difference.HANGS: "yellow",
    Difference.CRASHES: "yellow",
    Difference.WARNS: "cyan",
    Difference.OUTPUT: "cyan",
    Difference.SLOWER: "cyan",
    Difference.LEAKS: "cyan",
}
WIDTH = 120
"""Columns where there is no terminal."""

MOST_CHANGES = 12
MOST_STARTS = 6
MOST_OWN = 3
WHOLE = "the command"
"""What a finding is about that no test tells."""


def render(report: Report) -> str:
    """The whole report."""
    console = terminal.console(WIDTH, file=io.StringIO(), force_terminal=sys.stdout.isatty())
    if report.findings:
        console.print(table(report))
        _reasons(console, report)
    for one in report.compared:
        _starts(console, one)
        _changes(console, one, report)
    for line in notes(report):
        _print(console, line)
    _print(console, "")
    _print(console, closing(report))
    _print(console, next_command(report))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _print(console: Console, line: str, style: str = "") -> None:
    console.print(line, markup=False, emoji=False, soft_wrap=True, style=style)


def columns(report: Report) -> list[tuple[str, str]]:
    """(Python, method) of all that was compared with a baseline; the baseline too if it is at fault itself."""
    at_fault = {(finding.python, finding.method) for finding in report.findings}
    found = ((one, trial.method) for one in report.compared for trial in one.trials)
    pairs = (
        (one.python.series, method)
        for one, method in found
        if method != one.baseline or (one.python.series, method) in at_fault
    )
    return list(dict.fromkeys(pairs))


def table(report: Report) -> Table:
    """A row for each test that differs, a column for each Python and method."""
    several = len(report.compared) > 1
    found: dict[str, dict[tuple[str, str], list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in report.findings:
        found[finding.test][finding.python, finding.method].append(finding)
    shown = Table(pad_edge=False, show_edge=False)
    shown.add_column(
        "differs from " + " and ".join(dict.fromkeys(one.baseline for one in report.compared)), overflow="fold"
    )
    for series, method in columns(report):
        shown.add_column(f"{series} {method}" if several else method)
    for test, cells in found.items():
        row = (_cell(cells.get(column, ()), unchanged(report, test, column)) for column in columns(report))
        shown.add_row(Text(terminal.safe(test or WHOLE)), *row)
    return shown


def unchanged(report: Report, test: str, column: tuple[str, str]) -> str:
    """What a cell without a finding says: 'same'; where the default itself is at fault, 'passes' or 'fails too'."""
    series, method = column
    one = next(one for one in report.compared if one.python.series == series)
    default = test, series, one.baseline
    if all((finding.test, finding.python, finding.method) != default for finding in report.findings):
        return "same"
    failed = (compare.failed(trial, test) for trial in one.trials if trial.method == method)
    return "fails too" if any(failed) else "passes"


def _cell(findings: Sequence[Finding], without: str) -> Text:
    text = Text()
    for finding in findings:
        text.append(("\n" if text else "") + terminal.safe(said(finding)), style=STYLES.get(finding.difference, ""))
    return text or Text(without, style="dim")


def said(finding: Finding) -> str:
    """'fails', 'fails 2 of 3'."""
    return f"{finding.difference} {finding.k} of {finding.n}" if finding.k != finding.n else str(finding.difference)


def grouped(report: Report) -> list[tuple[Reason | None, str, list[Finding]]]:
    """Findings by what explains them: (the question, what happened, those), the most frequent first.

    Those that follow from another one are left out: they are no matter of their own.
    """
    found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if finding.follows:
            continue
        first = reason_of(finding)
        found[first.question if first else "", first.culprit if first else stable_text.stable(finding.detail)].append(
            finding
        )
    rows = [(reason_of(group[0]), group[0].detail, group) for group in found.values()]
    return sorted(rows, key=lambda row: (row[0] is None, -len(row[2])))


def _reasons(console: Console, report: Report) -> None:
    for _, detail, findings in grouped(report):
        _print(console, "")
        one = findings[0]
        methods = ", ".join(dict.fromkeys(finding.method for finding in findings))
        tests = dict.fromkeys(finding.test for finding in findings)
        subject = (next(iter(tests)) or WHOLE) if len(tests) == 1 else f"{len(tests)} tests"
        _print(console, f"{subject} · {methods}: {detail}", style="bold")
        if one.place:
            _print(console, f"  at {places.relative(one.place, report.cwd)}")
        for line in why(one, report):
            _print(console, f"  {line}")


def reason_of(finding: Finding) -> Reason | None:
    """The question that explains a finding best."""
    return finding.reasons[0] if finding.reasons else None


def answer(reason: Reason) -> str:
    """What was measured, for people; the module that says it reads the matrix, so it is imported for findings only."""
    from matrix.explain.explanation import answer as measured

    return measured(reason)


def why(finding: Finding, report: Report) -> Iterator[str]:
    """The lines that explain a finding: what is at fault, the question, its range, why, what to do, its page."""
    reason = reason_of(finding)
    if finding.follows:
        yield f"It follows from {finding.follows}, and passes where that and its like are left out."
        return
    if reason is None:
        from matrix.trial import reasons

        yield f"No question explains this. This writes a probe for it: {reasons.probe_command(finding, report.program)}"
        return
    if reason.culprit:
        yield f"at fault: {reason.culprit}"
    yield f"{reason.text}  {answer(reason)}"
    if reason.because:
        yield f"seen: {reason.because}"
    yield f"why: {reason.why}"
    yield f"do:  {reason.do}"
    yield f"{report.site}{reason.url}" if report.site else f"question {reason.question}"


def _starts(console: Console, one: Compared) -> None:
    base = [trial for trial in one.trials if trial.method == one.baseline]
    if not base:
        return
    rows = starts.rows(base[0].starts, compare.origins(one.trials))
    _print(console, "")
    if not rows:
        _print(
            console,
            f"Python {one.python.series}: no process was started through multiprocessing, and none by os.fork().",
        )
        return
    _print(console, f"Starts, Python {one.python.series}, default {one.baseline}:", style="bold")
    for line in starts.sentences(rows):
        _print(console, f"  {line}")
    for row in rows[:MOST_STARTS]:
        _print(console, f"    {place_line(row)}")
    if len(rows) > MOST_STARTS:
        _print(console, f"    and {len(rows) - MOST_STARTS} more places; --format json has them all")
    if any(row.threaded for row in rows):
        _print(
            console,
            "  A fork from a process with threads may hang or crash later: that it went well here proves nothing.",
        )


def place_line(row: starts.Row) -> str:
    """'store.py:88  Pool  4 fork, explicit, 3 threads, 5.1 ms'."""
    place = (
        f"{row.place.file.replace(chr(92), '/').rpartition('/')[2]}:{row.place.line}"
        if row.place
        else "a thread of the library"
    )
    parts = [f"{row.count} {row.method}", "os.fork()" if row.origin == "fork" else row.origin]
    parts += [f"{row.threads} threads"] if row.threads > 1 else []
    parts += [f"{row.size / 1024:.1f} KiB pickled"] if row.size else []
    parts += [f"{row.seconds * 1000:.0f} ms"] if row.origin != "fork" else []
    parts += [f"raised {', '.join(row.errors)}"] if row.errors else []
    return f"{place}  {row.interface}  {', '.join(parts)}"


def _changes(console: Console, one: Compared, report: Report) -> None:
    if not report.moved_to:
        return
    _print(console, "")
    _print(
        console, f"Only the default method of {report.moved_to} is simulated; the Python is still {one.python.version}."
    )
    if one.changes is None:
        _print(console, f"What else changes is not known. {moves.unknown(one.python, report.moved_to)}")
    if not one.changes:
        return
    count = len(one.changes)
    _print(
        console,
        f"{count} measured answers about such starts change from {one.python.series} to {report.moved_to}:",
        style="bold",
    )
    for change in one.changes[:MOST_CHANGES]:
        method = "" if change.method == "none" else f"{change.method}: "
        _print(console, f"  {change.text}  {method}{change.before} → {change.after}  ({change.question})")
    if count > MOST_CHANGES:
        _print(console, f"  and {count - MOST_CHANGES} more; --format json has them all")


def notes(report: Report) -> Iterator[str]:
    """What is no finding and has to be said: own failures, flaky tests, what was not tested, what is known."""
    yield from _following(report)
    for one in report.compared:
        if one.own:
            names = [finding.test or _broken(finding, report) for finding in one.own]
            several = len({trial.method for trial in one.trials}) > 1
            fails = "Fails under every method, so the choice of one is not at fault" if several else "Fails"
            yield f"{fails}: {_some(names)}"
            yield from _own(one.own)
        for name, (k, n) in one.flaky.items():
            if name:  # a command that is flaky is untested, and told so below
                yield f"Flaky, so not judged: {name} failed in {k} of {n} runs of the baseline"
        if len({trial.method for trial in one.trials}) == 1 and one.trials:
            yield _alone(one)
    for why in report.untested:
        yield f"Untested: {why}"
    if report.known:
        yield f"Known, by --baseline: {len(report.known)} findings"


def _following(report: Report) -> Iterator[str]:
    """Which failures follow from which other one."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for finding in report.findings:
        if finding.follows:
            found[finding.follows, finding.method].append(finding.test)
    for (cause, method), tests in found.items():
        count = "1 failure follows" if len(tests) == 1 else f"{len(tests)} failures follow"
        yield f"{count} from {cause} under {method}, gone where that and its like are left out: {_some(tests)}"


def _broken(finding: Finding, report: Report) -> str:
    """'the command (exit status 1: OSError: … at app.py:3)'."""
    place = f" at {places.relative(finding.place, report.cwd)}" if finding.place else ""
    return f"{WHOLE} ({finding.detail}{place})"


def _own(found: Sequence[Finding]) -> Iterator[str]:
    """What the matrix knows of failures that no start method avoids."""
    known = {reason.question: (reason, finding) for finding in found if (reason := reason_of(finding))}
    for reason, finding in [*known.values()][:MOST_OWN]:
        yield f"  {finding.detail}"
        yield f"    {reason.text}  {answer(reason)}"
        yield f"    do: {reason.do}"


def _alone(one: Compared) -> str:
    if one.python.methods == (one.baseline,):
        return (
            f"{systems.title(one.python.platform)} has one start method, {one.baseline}: "
            "there is nothing to compare with. "
            "What remains is the log of starts; run it on Linux for the others."
        )
    return f"Only {one.baseline} was run, the default here: nothing was compared. Add --method with another one."


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def closing(report: Report) -> str:
    """The one sentence."""
    methods = sorted({method for _, method in columns(report)})
    whole = f"{' and '.join(methods)} beside {' and '.join(dict.fromkeys(one.baseline for one in report.compared))}"
    if not report.findings:
        if report.compared and all(one.nothing for one in report.compared):
            return "Nothing was tested."
        if report.untested:
            return "Incomplete: nothing differs in what was tested, and not everything was."
        broken = any(not finding.test for one in report.compared for finding in one.own)
        found = f"Nothing differs, but {WHOLE} fails under every method" if broken else "Nothing differs"
        return f"{found}: {whole}, in {report.seconds:.0f} s." if methods else f"Done in {report.seconds:.0f} s."
    tests = len({finding.test for finding in report.findings})
    what = f"{tests} tests differ" if tests != 1 else f"{next(iter(report.findings)).test or WHOLE} differs"
    target = (
        f" when you move to {report.moved_to}"
        if report.moved_to
        else f" under {' and '.join(sorted({f.method for f in report.findings}))}"
    )
    return f"{what}{target}; compared {whole}, in {report.seconds:.0f} s."


def next_command(report: Report) -> str:
    """What to do now."""
    findings, program = report.findings, called.line(report.program, "try")
    if findings:
        first = next((one for one in findings if "::" in one.test), None)
        words = [report.words[0], first.test] if first and _selects(report.words) else list(report.words)
        one = first or findings[0]
        return f"Next: {program}{_again(report, one)} --method {one.method} -- {shlex.join(words)}"
    if report.compared and all(one.nothing for one in report.compared):
        return f"Next, by itself: {shlex.join(report.words)}"
    if report.untested:
        return f"Next: {program}{_again(report)} --format json -- {shlex.join(report.words)}"
    return f"Next: {program}{_again(report)} {_further(report)} -- {shlex.join(report.words)}"


def _again(report: Report, finding: Finding | None = None) -> str:
    """The options that another call needs, each with a blank before it; for a finding, its Python alone."""
    found = dict(report.options)
    if finding and "--pythons" in found:
        found["--pythons"] = [finding.python]
    if finding and "--python" in found:
        found["--python"] = [one.python.path for one in report.compared if one.python.series == finding.python][:1]
    return "".join(
        f" {key}" + (f" {shlex.quote(text)}" if text else "") for key, texts in found.items() for text in texts
    )


def _further(report: Report) -> str:
    """What else can be tried of a program in which nothing differs."""
    if "--override-explicit" not in report.options and any(
        start.origin in ("explicit", "either")
        for one in report.compared
        for trial in one.trials[:1]
        for start in trial.starts
    ):
        return "--override-explicit"
    can_move = all("forkserver" in one.python.methods for one in report.compared)
    return "--as linux-3.14" if can_move and not report.moved_to else "--repeat 5"


def _selects(words: Sequence[str]) -> bool:
    """Whether pytest was called with nothing but paths, so that a test may be named in their place."""
    return words[0] in ("pytest", "py.test") and not any(word.startswith("-") for word in words)
