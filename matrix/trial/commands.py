"""`try`: the edge, where trials meet the command line, the disk and the screen."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from matrix import called, options
from matrix.errors import Status, UsageError, WriteError
from matrix.files import atomic_write, schema_checks
from matrix.system import terminal
from matrix.system.ahead import Ahead
from matrix.trial import command as commands
from matrix.trial import formats, known, moves, printable, pythons
from matrix.trial.model import Report

METHODS = ("fork", "spawn", "forkserver")

SLOWER = 5.0
"""How many times as long something must take to be a finding, unless --slower says."""

DESCRIPTION = """\
Run a command under each start method and tell what differs. Nothing of the project is changed: the default method of
multiprocessing is set from outside, by a temporary folder on PYTHONPATH.

  try -- pytest tests            also: python app.py ARG…, python -m package, package.module:function
  try --as linux-3.14 -- pytest  what will differ when you move there, seen on the Python you have
"""


def add(found: options.Subparsers, program: str) -> None:
    """Add `try`. program: as for matrix.called."""
    sub = found.add_parser(
        "try", prog=called.line(program, "try"), allow_abbrev=False,
        help="run a command under each start method: what differs?",
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    sub.add_argument("words", nargs="*", metavar="COMMAND", help="behind `--`")
    which = sub.add_argument_group("what")
    which.add_argument(
        "--method", action="append", default=[], type=_methods, metavar="M[,M]", help="only these (default: all)"
    )
    which.add_argument(
        "--python", action="append", default=[], metavar="PATH",
        help="this interpreter, may be repeated (default: that of the command)",
    )  # fmt: skip
    which.add_argument(
        "--pythons", metavar="X.Y-X.Y", help="these series, in environments that uv makes and canifork keeps"
    )
    which.add_argument(
        "--with", action="append", default=[], dest="requirements", metavar="REQ",
        help="what is installed there (default: the project, and pytest if that is the command): --with .[test]",
    )  # fmt: skip
    which.add_argument(
        "--as", dest="moved_to", type=moves.destination, metavar="SYSTEM", help="linux-3.14, macos, windows"
    )
    which.add_argument(
        "--override-explicit", action="store_true", help="also where the program names a method: get_context('fork')"
    )
    how = sub.add_argument_group("how")
    how.add_argument(
        "--repeat", type=options.whole_number(1000), default=1, metavar="N", help="run each method N times"
    )
    how.add_argument(
        "--timeout", type=options.positive(86400, " seconds"), metavar="S",
        help="seconds for each test, or for a command without tests (default: 10 times what the baseline took)",
    )  # fmt: skip
    how.add_argument(
        "--slower",
        type=_factor,
        default=SLOWER,
        metavar="K",
        help="a finding is K times as slow (default: %(default)g)",
    )
    what = sub.add_argument_group("report")
    what.add_argument(
        "--format", action="append", default=[], type=formats.wanted, metavar="F[=FILE]",
        help=f"{', '.join(formats.NAMES)}; may be repeated (default: text)",
    )  # fmt: skip
    what.add_argument(
        "--baseline", type=Path, metavar="FILE", help="a JSON report: what it has is known, and no finding"
    )
    what.add_argument(
        "--site",
        type=_site,
        default="",
        metavar="URL",
        help="address of a published matrix, for links to its questions",
    )
    sub.set_defaults(do=attempt)


def _methods(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(METHODS)}")
    return names


def _site(text: str) -> str:
    if text and not text.startswith(("https://", "http://")):
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is no address: https://…")
    return text and text.rstrip("/") + "/"


def _factor(text: str) -> float:
    number = options.positive(1e6)(text)
    if number <= 1:
        raise argparse.ArgumentTypeError("must be more than 1")
    return number


def attempt(given: argparse.Namespace) -> int:
    """Run the trials, report, and say by the status whether anything differs."""
    began = time.monotonic()
    silenced = known.load(given.baseline) if given.baseline else frozenset()
    interpreters = _interpreters(given)
    with Ahead(lambda cancelled: [pythons.python_at(path, cancelled) for path in interpreters]) as asked:
        from matrix.trial import trials  # while the Pythons answer: it needs much

        schema_checks.prepare(schema_checks.RUN_SCHEMA, "facts")  # by which their answers are checked
        console = terminal.console(name="stderr")
        forms = [(name, formats.form(name), path) for name, path in given.format or [("text", None)]]
        chosen = asked.result()
    compared, interrupted = trials.run(chosen, given, console)
    if interrupted and not compared:
        console.print("Interrupted before anything could be compared.")
        return Status.INTERRUPTED
    report = Report(
        program=given.program,
        options=_needed(given),
        words=tuple(given.words),
        cwd=Path.cwd(),
        compared=compared,
        moved_to=given.moved_to.name if given.moved_to else "",
        site=given.site,
        seconds=time.monotonic() - began,
    )
    report = known.silence(printable.printable(report), silenced)
    for name, form, path in forms:
        _write(form.render(report), path, terminal.raw() if name in ("text", "github") else sys.stdout)
        if name == "github":
            _summarize(report)
    return Status.INTERRUPTED if interrupted else status(report)


def _needed(given: argparse.Namespace) -> Mapping[str, Sequence[str]]:
    """The options without which another call would try something else; what each is followed by."""
    found: dict[str, Sequence[str]] = {
        "--python": given.python,
        "--pythons": [given.pythons] if given.pythons else [],
        "--with": given.requirements,
        "--timeout": [f"{given.timeout:g}"] if given.timeout else [],
    }
    return {key: texts for key, texts in found.items() if texts} | (
        {"--override-explicit": [""]} if given.override_explicit else {}
    )


def status(report: Report) -> int:
    """0: nothing differs; 1: something does; 4: what was not tested may."""
    if report.findings:
        return Status.ERRORS
    return Status.INCOMPLETE if report.untested else Status.DONE


def _summarize(report: Report) -> None:
    """Add the report to the summary of the job, if this is one on GitHub. Raises WriteError."""
    from matrix.trial.output import github

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(github.summary(report))
    except OSError as error:
        raise WriteError(f"Cannot write {path}: {error.strerror}.") from None


def _write(text: str, path: Path | None, stdout: TextIO) -> None:
    if path is None:
        stdout.write(text)
        return
    atomic_write.write_text(path, [text])


def _interpreters(given: argparse.Namespace) -> Sequence[str]:
    """Paths of the Pythons that are wanted. Raises UsageError, TargetError."""
    if not given.words:
        raise UsageError("Nothing to run. Put the command behind `--`: try -- pytest tests")
    if not given.pythons:
        return given.python or [commands.interpreter(given.words)]
    if given.python:
        raise UsageError("Either --python or --pythons: the one names interpreters, the other makes environments.")
    from matrix.trial import environments

    console = terminal.console(name="stderr")
    return environments.make(given.pythons, given.requirements, given.words, Path.cwd(), console)
