"""Command-line options that several commands share, and the readers of their values."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from matrix.model import METHODS
from matrix.paths import PROBES

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def command(
    commands: Subparsers, name: str, summary: str, do: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Add a command. do gets the parsed options and returns an exit status (matrix.errors.Status)."""
    parser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", allow_abbrev=False
    )
    parser.set_defaults(do=do)
    return parser


def path(text: str) -> Path:
    """A reader of paths: an empty one, as of a variable that is not set, would be the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("an empty path")
    return Path(text)


def suite(parser: argparse.ArgumentParser) -> None:
    """--probes: which suite."""
    parser.add_argument("--probes", type=path, default=PROBES, metavar="DIR", help="folder of probe scripts")


def output(parser: argparse.ArgumentParser, default: Path, metavar: str = "FILE") -> None:
    """-o: where the result goes."""
    parser.add_argument("-o", "--output", type=path, default=default, metavar=metavar, help="default: %(default)s")


def selection(parser: argparse.ArgumentParser) -> None:
    """--probe, -k, --method and --probes: which cells."""
    parser.add_argument(
        "--probe", action="append", default=[], metavar="ID", help="a probe or a theme; may be repeated"
    )
    parser.add_argument(
        "-k", action="append", default=[], dest="words", metavar="EXPR",
        help="words of the ID or the question: 'lock and not queue'",
    )  # fmt: skip
    parser.add_argument(
        "--method", action="append", default=[], choices=METHODS, help="only this start method; may be repeated"
    )
    suite(parser)


def whole_number(most: int) -> Callable[[str], int]:
    """A reader of whole numbers from 1 to most: a typing error must not take all memory or all processes."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number") from None
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(f"must be 1 or more, and at most {most}")
        return number

    return read


def positive(most: float, unit: str = "") -> Callable[[str], float]:
    """A reader of numbers above 0, up to most."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number") from None
        if not 0 < number <= most:
            raise argparse.ArgumentTypeError(f"must be more than 0{unit}, and at most {most:g}")
        return number

    return read
