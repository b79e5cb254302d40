"""All trials of a call, Python by Python and method by method, and what differs in each."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from matrix.errors import TargetError, UsageError
from matrix.system import interrupts, launch, scratch
from matrix.trial import anchors, compare, conduct, followers, moves, progress, pythons
from matrix.trial import command as commands
from matrix.trial.deadlines import Deadlines
from matrix.trial.model import Command, Compared, Finding, Python, Trial

if TYPE_CHECKING:
    from rich.console import Console

BASELINE_RUNS = 2
"""Two that agree are what others are compared with: what differs between them is flaky."""

PYTEST_USAGE = 4
"""Exit status by which pytest says that it cannot run what it is told to."""

MOST_INPUT = 2**24
"""Bytes of a program on standard input."""


def run(chosen: Sequence[Python], given: argparse.Namespace, console: Console) -> tuple[tuple[Compared, ...], bool]:
    """(every Python's trials, as far as they could be compared; whether they were interrupted)."""
    root = launch.temporary_root()
    for name, reason in scratch.clear(root):
        console.print(f"Cannot remove {name}: {reason}." if reason else f"Removed what a killed run had left: {name}")
    plans = [(python, *planned(python, given)) for python in chosen]
    runs = sum(_runs(python, methods, given.repeat) for python, methods, _ in plans)
    found = []
    with (
        scratch.Scratch(root) as folders,
        interrupts.Interrupts() as cancelled,
        progress.Display(console, runs) as display,
    ):
        ground = conduct.Ground(
            folders=folders, host=_host(), cancelled=cancelled, given=_standard_input(given.words), said=display.said
        )
        for python, methods, missing in plans:
            trials = _trials(python, methods, given, ground, display)
            if cancelled.is_set() and all(trial.method == python.default for trial in trials):
                break
            untested = (*missing, *_cut_off(python, methods, given, trials))
            command = commands.command(given.words, python.path, Path.cwd())
            found.append(_anchored(_compared(python, trials, untested, given), command))
            if cancelled.is_set():
                break
    return tuple(found), cancelled.is_set()


def _cut_off(
    python: Python, methods: Sequence[str], given: argparse.Namespace, trials: Sequence[Trial]
) -> Iterator[str]:
    """What an interruption left out, in words; of the Pythons that would have come next, nothing is told."""
    done = Counter(trial.method for trial in trials)
    for method in methods:
        if method != python.default and done[method] < given.repeat:
            again = f" after {done[method]} of {given.repeat} runs" if done[method] else ""
            yield f"Python {python.series}, {method}: interrupted{again}"


def planned(python: Python, given: argparse.Namespace) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(methods, the baseline first; why what was wanted cannot be tried). Raises UsageError, TargetError."""
    wanted = [name for names in given.method for name in names]
    if given.moved_to:
        if wanted:
            raise UsageError("Either --method or --as: the latter says which method is the default there.")
        wanted = [given.moved_to.method]
    methods, missing = pythons.methods(python, wanted)
    if missing and given.moved_to:
        raise TargetError(
            f"{given.moved_to.name} cannot be tried with Python {python.version} on {python.platform}: the default "
            f"there is {missing[0]}, and this Python only has {', '.join(python.methods)}. Try it on Linux, or in WSL."
        )
    if len(methods) == 1 and missing:
        raise TargetError(
            f"Python {python.version} on {python.platform} has no start method {missing[0]}: "
            f"it only has {', '.join(python.methods)}."
        )
    return methods, tuple(f"Python {python.series} has no start method {name}" for name in missing)


def _runs(python: Python, methods: Sequence[str], repeat: int) -> int:
    """A single method is compared with nothing: one run is enough for its log of starts."""
    return repeat if len(methods) == 1 else max(BASELINE_RUNS, repeat) + repeat * (len(methods) - 1)


def _trials(
    python: Python,
    methods: Sequence[str],
    given: argparse.Namespace,
    ground: conduct.Ground,
    display: progress.Display,
) -> list[Trial]:
    """All trials of a Python; those before an interruption if there was one."""
    command = commands.command(given.words, python.path, Path.cwd())
    done: list[Trial] = []
    for method in methods:
        base = method == python.default
        times = given.repeat if len(methods) == 1 or not base else max(BASELINE_RUNS, given.repeat)
        for number in range(1, times + 1):
            deadlines = _deadlines(done, python, given.timeout)
            display.begin(python.series, method, number)
            plan = conduct.Plan(
                command=command,
                python=python,
                method=method,
                number=number,
                override=given.override_explicit,
                deadlines=deadlines,
            )
            trial = conduct.conduct(plan, ground)
            if trial is None:
                return done
            display.end(trial)
            if not done:
                _refuse_unusable(trial, given.words)
                _refuse_other(trial, given.words)
            done.append(trial if base else _with_followers(trial, done, plan, ground))
    return done


def _with_followers(trial: Trial, baseline: Sequence[Trial], plan: conduct.Plan, ground: conduct.Ground) -> Trial:
    """The trial, with those of its failures marked that follow from the first: they pass without it."""
    found = followers.suspects(trial, [one for one in baseline if one.method == one.python.default])
    if found is None:
        return trial
    return followers.marked(trial, found, conduct.alone(plan, ground, trial.tests, found.tests))


def _refuse_unusable(trial: Trial, words: Sequence[str]) -> None:
    """Raises UsageError if there is nothing that the command could run, whatever the start method."""
    if trial.kind == "function" and trial.exit.code == commands.NO_SUCH:
        said = [line for line in trial.output.splitlines() if line.startswith(commands.SAID)]
        if said:
            reason = said[-1].removeprefix(commands.SAID)
            raise UsageError(f"{reason}. Name it as MODULE:FUNCTION, in the project's folder.")
    if trial.kind == "pytest" and trial.exit.code == PYTEST_USAGE and not trial.tests:
        raise UsageError(
            f"pytest refuses the command: {compare.headline(trial.output)}\n"
            f"A wrong name or folder, probably. Let it run by itself first: {shlex.join(words)}"
        )


def _refuse_other(trial: Trial, words: Sequence[str]) -> None:
    """Raises UsageError if the command ran on another Python than the one that the report would name."""
    wanted = ".".join(re.findall(r"\d+", trial.python.version)[:3])
    if trial.pythons and wanted not in trial.pythons:
        raise UsageError(
            f"{words[0]} runs on Python {', '.join(sorted(trial.pythons))}, not on {trial.python.version} "
            f"({trial.python.path}).\n"
            f"Install it there, or say what that Python is to run: canifork try -- python -m {Path(words[0]).name}"
        )


def _standard_input(words: Sequence[str]) -> bytes:
    """The program, if the command reads it from standard input: it is read once, and each trial gets it.

    Raises UsageError where there is no program.
    """
    if not commands.reads_program(words):
        return b""
    if not sys.stdin or sys.stdin.isatty():
        raise UsageError(f"{words[0]} reads its program from standard input, and there is none. Name a file: app.py")
    program = sys.stdin.buffer.read(MOST_INPUT + 1)
    if not program.strip():
        raise UsageError(f"{words[0]} reads its program from standard input, which is empty. Name a file: app.py")
    if len(program) > MOST_INPUT:
        raise UsageError(f"The program on standard input is longer than {MOST_INPUT >> 20} MiB. Name a file: app.py")
    return program


def _host() -> Mapping[str, str]:
    """The user's environment, less what belongs to how canifork itself was started."""
    return {key: text for key, text in os.environ.items() if key not in ("CANIFORK_TOKEN", "NOX_CURRENT_SESSION")}


def _deadlines(done: Iterable[Trial], python: Python, timeout: float | None) -> Deadlines:
    """From the baseline's trials; the longest counts."""
    base = [trial for trial in done if trial.method == python.default]
    tests: dict[str, float] = {}
    for trial in base:
        for name, test in trial.tests.items():
            tests[name] = max(tests.get(name, 0.0), test.seconds)
    ended = [trial for trial in base if not trial.exit.timed_out]
    return Deadlines(
        timeout=timeout,
        scale=python.time_scale,
        tests=tests,
        gap=max((trial.longest_gap for trial in base), default=None),
        processes=max((trial.processes for trial in ended), default=None),
    )


def _compared(python: Python, trials: Sequence[Trial], untested: Sequence[str], given: argparse.Namespace) -> Compared:
    ground = compare.Ground(python=python, cwd=Path.cwd(), slower=given.slower)
    found = compare.compare(ground, python.default, trials)
    changes = moves.changes(python, given.moved_to, trials) if given.moved_to else ()
    found = replace(found, untested=(*untested, *found.untested), changes=changes)
    return _explained(found, commands.how_launched(given.words)) if found.findings or found.own else found


def _anchored(found: Compared, command: Command) -> Compared:
    findings = tuple(replace(one, anchor=anchors.anchor(one, command)) for one in found.findings)
    return replace(found, findings=findings)


def _explained(found: Compared, launched: str) -> Compared:
    """With what the matrix says of it. Reading the matrix takes a while, and most programs do not need it."""
    from matrix.trial import reasons

    first = {trial.method: trial for trial in reversed(found.trials)}
    cwd = Path.cwd()
    own = tuple(reasons.explained_by_error(one, first[one.method], cwd, launched) for one in found.own)
    findings = tuple(
        reasons.explained(one, first[one.method], beside(one, found), cwd, launched) for one in found.findings
    )
    return replace(found, findings=findings, own=own)


def beside(finding: Finding, found: Compared) -> str:
    """The method that a finding differs from: the default, or if that is at fault, the first under which it passes."""
    default = found.python.default
    if finding.method != default:
        return default
    return next((one.method for one in found.trials if not compare.failed(one, finding.test)), default)
