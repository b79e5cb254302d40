"""python -m report build matrix.json -o site; python -m report strings"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from matrix.entry import guarded
from matrix.errors import Status
from report import catalogues
from report.build import build


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; an error is one to three lines on stderr. Returns the exit status."""

    def work() -> int:
        given = _parser().parse_args(argv)
        given.work(given)
        return int(Status.DONE)

    return guarded(work)


def _build(given: argparse.Namespace) -> None:
    print(build(given.matrix, given.out, previous=given.previous, as_of=given.as_of or "", url=given.url or ""))


def _strings(_: argparse.Namespace) -> None:
    for line in catalogues.update():
        print(line)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m report", description="Render the matrix as a static site.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("build", help="matrix.json -> site/", description="Render matrix.json into a folder.")
    command.set_defaults(work=_build)
    command.add_argument("matrix", type=Path, nargs="?", default=Path("matrix.json"), help="default: %(default)s")
    command.add_argument("-o", "--out", type=Path, default=Path("site"), help="default: %(default)s")
    command.add_argument(
        "--previous", type=Path, metavar="MATRIX", help="an earlier matrix.json, to show what changed since"
    )
    command.add_argument("--as-of", type=_date, metavar="DATE", help="show the age of the results on YYYY-MM-DD")
    command.add_argument("--url", type=_url, help="address of the site, for absolute links in the feed")
    described = "Update the catalogues of the suite's texts in report/html/locale/questions."
    commands.add_parser("strings", help="probes/ -> catalogues", description=described).set_defaults(work=_strings)
    return parser


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write YYYY-MM-DD") from None


def _url(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise argparse.ArgumentTypeError(f"{text!r} is not a web address; write https://…")
    return text if text.endswith("/") else f"{text}/"
