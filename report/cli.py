"""python -m report build matrix.json -o site"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from matrix.errors import CaniforkError, Status
from report.build import build


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; errors are said in one to three lines."""
    options = _parser().parse_args(argv)
    try:
        print(build(options.matrix, options.out))
    except CaniforkError as error:
        print(error, file=sys.stderr)
        return int(error.status)
    return int(Status.DONE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m report", description="Render the matrix as a static site.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("build", help="matrix.json -> site/", description="Render matrix.json into a folder.")
    command.add_argument("matrix", type=Path, nargs="?", default=Path("matrix.json"), help="default: %(default)s")
    command.add_argument("-o", "--out", type=Path, default=Path("site"), help="default: %(default)s")
    return parser
