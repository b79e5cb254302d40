"""python -m matrix targets, doctor: what there is to measure, and whether a command can be."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from matrix.errors import Status
from matrix.files import serialize
from matrix.model import Json, Target
from matrix.targets import doctor as examination
from matrix.targets import identify

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: Subparsers) -> None:
    """Add `targets` and `doctor`."""
    found = commands.add_parser("targets", help="list the interpreters of this machine", allow_abbrev=False)
    found.add_argument("--json", action="store_true", help="as JSON")
    found.add_argument("--names", action="store_true", help="only what nox calls them: 3.13, 3.13t, pypy3.11")
    found.set_defaults(do=list_targets)

    examined = commands.add_parser("doctor", help="does a command behave like an interpreter?", allow_abbrev=False)
    examined.add_argument(
        "--command", required=True, dest="target_command", metavar="CMD", help="the command, in quotes"
    )
    examined.add_argument("--json", action="store_true", help="as JSON")
    foreign(examined)
    examined.set_defaults(do=doctor)


def foreign(group: argparse._ActionsContainer) -> None:
    """How a command differs from an interpreter of this machine; docs/targets.md."""
    group.add_argument(
        "--launcher", type=_name, metavar="NAME", help="suffix of the target's id, for what its facts do not show"
    )
    group.add_argument(
        "--map",
        action="append",
        default=[],
        type=_pair,
        metavar="HERE=THERE",
        help="a folder that the command sees elsewhere, may be repeated",
    )
    group.add_argument("--time-scale", type=_factor, metavar="X", help="make every deadline X times as long")


def _name(text: str) -> str:
    """A launcher is part of a file's name, and of what the run schema allows."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a short name of small letters, digits and hyphens")
    return text


def _pair(text: str) -> tuple[str, str]:
    here, equals, there = text.partition("=")
    if not (here and equals and there):
        raise argparse.ArgumentTypeError(f"{text!r} is not HERE=THERE, as in /home/me/probes=/probes")
    return str(Path(here).absolute()), there


def _factor(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 < number <= 1000:
        raise argparse.ArgumentTypeError("must be more than 0, and at most 1000")
    return number


def list_targets(options: argparse.Namespace) -> int:
    """Print the interpreters that are found on this machine."""
    found = identify.find(None)
    if options.json:
        print(serialize.dumps([_target_row(target) for target in found]))
        return Status.DONE
    if options.names:
        print("\n".join(dict.fromkeys(identify.series_of(target.facts) for target in found)))
        return Status.DONE
    table = Table(box=None, pad_edge=False)
    for name in ("target", "version", "launcher", "what is special", "command"):
        table.add_column(name, no_wrap=True)
    for target in found:
        row = _target_row(target)
        table.add_row(row["id"], row["version"], row["launcher"], ", ".join(row["special"]), shlex.join(target.command))
    Console(highlight=False, markup=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200).print(table)
    return Status.DONE


def _target_row(target: Target) -> dict[str, Json]:
    return {
        "id": target.id,
        "version": target.facts["version"],
        "series": identify.series_of(target.facts),
        "command": list(target.command),
        "launcher": target.launcher,
        "special": identify.specials(target.facts),
        "time_scale": target.time_scale,
        "facts": dict(target.facts),
    }


def doctor(options: argparse.Namespace) -> int:
    """Print whether a command behaves like an interpreter, clause by clause."""
    command = identify.split(options.target_command)
    report = examination.examine(command, options.launcher, options.map, options.time_scale)
    status = Status.DONE if report.qualifies else Status.ERRORS
    if options.json:
        row = _target_row(report.target) if report.target else None
        print(serialize.dumps(asdict(report) | {"target": row, "qualifies": report.qualifies}))
        return status
    for check in report.checks:
        word = "ok  " if check.held else "FAIL" if check.required else "note"
        print(f"{word}  {check.clause}{f': {check.detail}' if check.detail else ''}")
    if report.target and report.seconds:
        used = f"deadlines are {report.target.time_scale:g} times as long as usual"
        print(f"      a start takes {report.seconds:g} s: --time-scale {report.time_scale:g} would do; now {used}")
    broken = sum(not check.held and check.required for check in report.checks)
    print("It qualifies." if report.qualifies else f"It does not qualify: {broken} broken, see docs/targets.md.")
    return status
