"""Probes and targets that a command line selects."""

from __future__ import annotations

import argparse
import difflib
import shlex
from pathlib import Path

from matrix.errors import NothingSelectedError, UsageError
from matrix.model import Probe, Target
from matrix.suite import catalog, plan
from matrix.targets import identify


def probes(options: argparse.Namespace) -> tuple[Probe, ...]:
    """The selected probes. Raises NothingSelectedError."""
    if not all(word.strip() for word in (*options.probe, *options.words)):
        raise UsageError("--probe and -k need words: --probe arguments, -k 'lock and not queue'.")
    only_ids = options.probe and not options.words
    themes = {name.partition(".")[0] for name in options.probe} if only_ids else None
    chosen = plan.select(catalog.load(options.probes, themes), options.probe, options.words)
    known = {probe.id for probe in chosen} | {probe.theme for probe in chosen}
    unknown = [name for name in options.probe if name not in known]
    if unknown and only_ids:
        raise NothingSelectedError(f"No probe named {', '.join(unknown)}.{_similar(unknown, options.probes)}")
    if not chosen:
        raise NothingSelectedError("The selection matches no probe. See `python -m matrix list`.")
    return chosen


def _similar(unknown: list[str], folder: Path) -> str:
    """A hint for the first of some names that no probe and no theme has."""
    names = [name for probe in catalog.load(folder) for name in (probe.id, probe.theme)]
    similar = difflib.get_close_matches(unknown[0], dict.fromkeys(names), n=3)
    return f" Did you mean {' or '.join(similar)}?" if similar else " See `python -m matrix list`."


def _check_different(targets: list[Target]) -> None:
    """Raise UsageError if two targets have the same ID: they would write the same run file."""
    commands: dict[str, str] = {}
    for target in targets:
        name = shlex.join(target.command)
        if target.id in commands:
            raise UsageError(
                f"{commands[target.id]} and {name} are both {target.id}, and so have the same run file.\n"
                "Run them one by one: with another --out, or with --launcher to name what is different."
            )
        commands[target.id] = name


def targets(options: argparse.Namespace) -> list[Target]:
    """The selected targets, by default all interpreters of this machine. Raises NothingSelectedError, TargetError."""
    commands = [[path] for path in options.python] + [identify.split(line) for line in options.target_command]
    if options.map and not commands:
        raise UsageError("--map describes how a command sees the folders of this machine: name it with --command.")
    named = [identify.identify(command, options.launcher, options.map, options.time_scale) for command in commands]
    if commands:
        for target in named:
            identify.check(target, options.series)
        _check_different(named)
        return named
    for series in options.series or [None]:
        named += identify.find(series)
    if not named:
        names = f" {' or '.join(options.series)}" if options.series else ""
        raise NothingSelectedError(
            f"No Python{names} found on this machine. Install one, or name it with --python PATH."
        )
    return named
