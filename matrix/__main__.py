"""python -m matrix: list, targets, doctor, run, merge, collect, diff, stability, new-probe, ci."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from matrix import commands
from matrix.ci import commands as ci_commands
from matrix.errors import CaniforkError, Status
from matrix.model import METHODS
from matrix.paths import PROBES
from matrix.results import commands as data_commands
from matrix.run import command as run_command
from matrix.system import interrupts
from matrix.targets import commands as target_commands
from matrix.targets import launchers

DAY = 86400


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns an exit status (matrix.errors.Status)."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    interrupts.throw()  # a job that is cancelled cleans up as after Ctrl-C
    options = parser().parse_args(argv)
    do: Callable[[argparse.Namespace], int] = options.do
    try:
        return do(options)
    except CaniforkError as error:
        print(f"canifork: {error}", file=sys.stderr)
        return int(error.status)
    except KeyboardInterrupt:
        return int(Status.INTERRUPTED)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m matrix", description=__doc__, allow_abbrev=False)
    commands_of = top.add_subparsers(metavar="COMMAND", required=True)

    listing = commands_of.add_parser("list", help="list the probes", allow_abbrev=False)
    _selection(listing)
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.add_argument(
        "--ci", nargs="?", const="all", choices=("all", "few"), help="instead: the jobs of a CI run as JSON"
    )
    listing.set_defaults(do=commands.list_probes)

    run = commands_of.add_parser("run", help="probe interpreters, one run file each", allow_abbrev=False)
    _selection(run)
    _run_options(run)
    run.set_defaults(do=run_command.run)

    merge = commands_of.add_parser("merge", help="merge run files into matrix.json", allow_abbrev=False)
    merge.add_argument(
        "runs", nargs="*", type=Path, help="files and folders (default: data, with the answers in results laid over)"
    )
    merge.add_argument("-o", "--output", type=Path, default=Path("matrix.json"), help="default: %(default)s")
    merge.add_argument("--planned", type=Path, metavar="FILE", help="targets that should be there: untested if not")
    _suite(merge)
    merge.set_defaults(do=commands.merge)

    diff = commands_of.add_parser("diff", help="what changed from one matrix.json to another", allow_abbrev=False)
    diff.add_argument("old", type=Path)
    diff.add_argument("new", type=Path)
    diff.set_defaults(do=commands.diff)

    stable = commands_of.add_parser("stability", help="which repeated cells did not stay the same", allow_abbrev=False)
    stable.add_argument("runs", nargs="+", type=Path, help="files and folders of runs with --repeat")
    _suite(stable)
    stable.set_defaults(do=commands.stability)

    new = commands_of.add_parser("new-probe", help="write the skeleton of a new probe", allow_abbrev=False)
    new.add_argument("id", help="theme.name; the theme may be a new one")
    _suite(new)
    new.set_defaults(do=commands.new_probe)

    ci_commands.add(commands_of, PROBES)
    data_commands.add(commands_of, PROBES)
    target_commands.add(commands_of)
    return top


def _suite(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--probes", type=Path, default=PROBES, metavar="DIR", help="folder of probe scripts")


def _selection(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--probe", action="append", default=[], metavar="ID", help="a probe or a theme, may be repeated")
    sub.add_argument(
        "-k",
        action="append",
        default=[],
        dest="words",
        metavar="EXPR",
        help="words of id or question: 'lock and not queue'",
    )
    sub.add_argument(
        "--method", action="append", default=[], choices=METHODS, help="only this start method, may be repeated"
    )
    _suite(sub)


def _run_options(sub: argparse.ArgumentParser) -> None:
    which = sub.add_argument_group("which interpreters (default: all of this machine)")
    which.add_argument(
        "--python", action="append", default=[], metavar="PATH", help="this interpreter, may be repeated"
    )
    which.add_argument(
        "--series", action="append", default=[], metavar="X.Y", help="all found of a series: 3.13, 3.13t, pypy3.11"
    )
    which.add_argument(
        "--command",
        action="append",
        default=[],
        dest="target_command",
        metavar="CMD",
        help="a command that behaves like an interpreter",
    )
    target_commands.foreign(which)
    which.add_argument(
        "--through",
        action="append",
        default=[],
        choices=launchers.KINDS,
        help="start each of them another way, may be repeated: the targets' ids end in it",
    )
    how = sub.add_argument_group("how")
    how.add_argument("--repeat", type=_up_to(10_000), default=1, metavar="N", help="ask each cell N times")
    how.add_argument(
        "--jobs", type=_up_to(1000), default=os.cpu_count() or 1, metavar="N", help="cells at a time (default: cores)"
    )
    how.add_argument("--deadline", type=_seconds, metavar="S", help="seconds for each probe instead of its own")
    how.add_argument(
        "--busy", type=_up_to(100), default=0, metavar="N", help="keep N busy loops per core running meanwhile"
    )
    how.add_argument("--resume", action="store_true", help="ask only what the run file does not answer yet")
    how.add_argument("--once", action="store_true", help="do not ask again by itself what is in doubt")
    how.add_argument(
        "--expect", type=Path, metavar="MATRIX", help="ask again what differs from it (default: what data/ says)"
    )
    how.add_argument(
        "--out", type=Path, default=Path("results"), metavar="DIR", help="folder of run files (default: results)"
    )


def _up_to(most: int) -> Callable[[str], int]:
    """A reader of whole numbers from 1: a slip of the hand must not take all memory or all processes."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number") from None
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(f"must be 1 or more, and at most {most}")
        return number

    return read


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number") from None
    if not 0 < number <= DAY:
        raise argparse.ArgumentTypeError(f"must be more than 0 seconds, and at most {DAY}")
    return number


if __name__ == "__main__":
    sys.exit(main())
