"""python -m matrix targets, doctor: list what can be measured, and check whether a command can be."""

from __future__ import annotations

import argparse
import re
import shlex
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from matrix.errors import Status
from matrix.files import serialize
from matrix.model import Json, Target
from matrix.options import Subparsers, command, positive
from matrix.system import terminal
from matrix.targets import doctor as examination
from matrix.targets import identify


def add(commands: Subparsers) -> None:
    """Add `targets` and `doctor`."""
    listing = command(commands, "targets", "list the interpreters of this machine", list_targets)
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.add_argument("--names", action="store_true", help="only the names of their series: 3.13, 3.13t, pypy3.11")

    check = command(commands, "doctor", "check whether a command behaves like an interpreter", doctor)
    check.add_argument("--command", required=True, dest="target_command", metavar="CMD", help="the command, in quotes")
    check.add_argument("--json", action="store_true", help="as JSON")
    foreign(check)


def foreign(group: argparse._ActionsContainer) -> None:
    """Add the options that say how a command differs from an interpreter of this machine; docs/targets.md."""
    group.add_argument(
        "--launcher", type=_name, metavar="NAME", help="suffix of the target's ID, for what its facts do not show"
    )
    group.add_argument(
        "--map",
        action="append",
        default=[],
        type=_pair,
        metavar="HERE=THERE",
        help="a folder that the command sees elsewhere; may be repeated",
    )
    group.add_argument("--time-scale", type=positive(1000), metavar="X", help="multiply every deadline by X")


def _name(text: str) -> str:
    """A launcher is part of a file's name, and of what the run schema allows."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a short name of lower-case letters, digits and hyphens")
    return text


def _pair(text: str) -> tuple[str, str]:
    here, equals, there = text.partition("=")
    if not (here and equals and there):
        raise argparse.ArgumentTypeError(f"{text!r} is not HERE=THERE, as in /home/me/probes=/probes")
    return str(Path(here).absolute()), there


def list_targets(options: argparse.Namespace) -> int:
    """Print the interpreters of this machine."""
    targets = identify.find(None)
    if options.json:
        print(serialize.dumps([_target_row(target) for target in targets]))
        return Status.DONE
    if options.names:
        print("\n".join(dict.fromkeys(identify.series_of(target.facts) for target in targets)))
        return Status.DONE
    table = Table(box=None, pad_edge=False)
    for name in ("target", "version", "launcher", "special", "command"):
        table.add_column(name, no_wrap=True)
    for target in targets:
        row = _target_row(target)
        cells = (row["id"], row["version"], row["launcher"], ", ".join(row["special"]), shlex.join(target.command))
        table.add_row(*map(terminal.line, cells))
    terminal.console(200).print(table)
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
    words = identify.split(options.target_command)
    report = examination.examine(words, options.launcher, options.map, options.time_scale)
    status = Status.DONE if report.qualifies else Status.ERRORS
    if options.json:
        row = _target_row(report.target) if report.target else None
        print(serialize.dumps(asdict(report) | {"target": row, "qualifies": report.qualifies}))
        return status
    for check in report.checks:
        word = "ok  " if check.held else "FAIL" if check.required else "note"
        print(f"{word}  {check.clause}{f': {check.detail}' if check.detail else ''}")
    if report.target and report.seconds:
        print(
            f"      a start takes {report.seconds:g} s: --time-scale {report.time_scale:g} is enough;"
            f" deadlines are now {report.target.time_scale:g} times as long as usual"
        )
    failed = sum(not check.held and check.required for check in report.checks)
    print("It qualifies." if report.qualifies else f"It does not qualify: {failed} checks failed, see docs/targets.md.")
    return status
