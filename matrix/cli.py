"""python -m matrix COMMAND: list, targets, doctor, run, merge, collect, diff, stability, new-probe, explain, ci."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from matrix import called, options

DAY = 86400
DESCRIPTION = "Measure what works under each start method of Python, try a program under all, explain what broke."


def run(argv: Sequence[str] | None, program: str) -> int:
    """Run one command; returns an exit status. program: one of those of `called`. Raises CaniforkError."""
    words = sys.argv[1:] if argv is None else argv
    given = _parser(program, words[0] if words else "").parse_args(words)
    do: Callable[[argparse.Namespace], int] = given.do
    return do(given)


def _parser(program: str, first: str) -> argparse.ArgumentParser:
    """The command line. `try` and `explain`, if they are its first word, need none of the other commands' modules."""
    top = argparse.ArgumentParser(prog=program, description=DESCRIPTION, allow_abbrev=False)
    top.set_defaults(program=program)
    commands_of = top.add_subparsers(metavar="COMMAND", required=True)
    if first == "try":
        _add_try(commands_of, program)
    elif first == "explain":
        _add_explain(commands_of)
    else:
        _add_all(commands_of, program)
    return top


def _add_try(commands_of: options.Subparsers, program: str) -> None:
    from matrix.trial import commands

    commands.add(commands_of, program)


def _add_explain(commands_of: options.Subparsers) -> None:
    from matrix.explain import commands

    commands.add(commands_of)


def _add_all(commands_of: options.Subparsers, program: str) -> None:
    from matrix import commands
    from matrix.ci import commands as ci_commands
    from matrix.packages import commands as package_commands
    from matrix.packages import deps as deps_command
    from matrix.packages import receive as receive_command
    from matrix.results import commands as data_commands
    from matrix.run import command as run_command
    from matrix.targets import commands as target_commands

    listing = options.command(commands_of, "list", "list the probes", commands.list_probes)
    options.selection(listing)
    listing.add_argument("--json", action="store_true", help="as JSON")

    runs = options.command(commands_of, "run", "probe interpreters: one run file for each", run_command.run)
    options.selection(runs)
    _run_options(runs)

    merge = options.command(commands_of, "merge", "merge run files into matrix.json", commands.merge)
    merge.add_argument("runs", nargs="*", type=options.path, help="files and folders (default: results, --over data)")
    merge.add_argument(
        "--over", type=options.path, metavar="DIR", help="published runs: they count only where RUNS have no verdict"
    )
    options.output(merge, Path("matrix.json"))
    merge.add_argument(
        "--planned", type=options.path, metavar="FILE", help="targets that are expected: untested if missing"
    )
    options.suite(merge)

    diff = options.command(commands_of, "diff", "list what changed between two matrix.json files", commands.diff)
    diff.add_argument("old", type=options.path)
    diff.add_argument("new", type=options.path)

    stable = options.command(
        commands_of, "stability", "list repeated cells whose verdicts disagree", commands.stability
    )
    stable.add_argument("runs", nargs="+", type=options.path, help="files and folders of runs with --repeat")
    options.suite(stable)

    new = options.command(commands_of, "new-probe", "write the skeleton of a new probe", commands.new_probe)
    new.add_argument("id", help="theme.name; the theme may be a new one")
    options.suite(new)

    _add_explain(commands_of)
    ci_commands.add(commands_of)
    data_commands.add(commands_of)
    target_commands.add(commands_of)
    _add_try(commands_of, program)
    package_commands.add(commands_of)
    deps_command.add(commands_of)
    receive_command.add(commands_of)
    if program == called.INSTALLED:  # the installed command has it besides these: it is the report's
        commands_of.add_parser("site", help="render the matrix as a static site")


def _run_options(sub: argparse.ArgumentParser) -> None:
    from matrix.targets import commands as target_commands
    from matrix.targets import naming

    which = sub.add_argument_group("which interpreters (default: all on this machine)")
    which.add_argument(
        "--python", action="append", default=[], metavar="PATH", help="this interpreter; may be repeated"
    )
    which.add_argument(
        "--series", action="append", default=[], metavar="X.Y", help="all of a series: 3.13, 3.13t, pypy3.11"
    )
    which.add_argument(
        "--command", action="append", default=[], dest="target_command", metavar="CMD",
        help="a command that behaves like an interpreter",
    )  # fmt: skip
    target_commands.foreign(which)
    which.add_argument(
        "--via", action="append", default=[], choices=naming.LAUNCHERS,
        help="start each of them via this launcher; may be repeated: target IDs end in its name",
    )  # fmt: skip
    how = sub.add_argument_group("how")
    how.add_argument(
        "--repeat", type=options.whole_number(10_000), default=1, metavar="N", help="ask each cell N times"
    )
    how.add_argument(
        "--jobs", type=options.whole_number(1000), default=os.cpu_count() or 1, metavar="N",
        help="cells at a time (default: the number of cores)",
    )  # fmt: skip
    how.add_argument(
        "--deadline",
        type=options.positive(DAY, " seconds"),
        metavar="S",
        help="seconds for each probe instead of its own",
    )
    how.add_argument(
        "--busy", type=options.whole_number(100), default=0, metavar="N", help="run N busy loops per core meanwhile"
    )
    how.add_argument("--resume", action="store_true", help="ask only what the run file has no verdict on")
    how.add_argument("--no-retry", action="store_true", help="do not repeat doubtful cells")
    how.add_argument("--allow-errors", action="store_true", help="exit with 0 even if verdicts are `error`")
    how.add_argument(
        "--expect",
        type=options.path,
        metavar="MATRIX",
        help="repeat what differs from this matrix (default: from data/)",
    )
    how.add_argument(
        "--out",
        type=options.path,
        default=Path("results"),
        metavar="DIR",
        help="folder of run files (default: results)",
    )
