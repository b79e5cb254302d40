"""`explain`: what a pasted traceback means."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from matrix import called, options
from matrix.errors import DataError, Status, UsageError
from matrix.explain.engine import explain, probe_command
from matrix.explain.explanation import Explanation, answer, as_json
from matrix.explain.paste import MAX_TEXT
from matrix.model import METHODS
from matrix.system import safe_read
from matrix.targets import naming

WIDTH = 100

MAX_READ = 2**30
"""Bytes of a text that are read: it may have no end."""


def add(commands: options.Subparsers) -> None:
    """Add `explain`."""
    parser = options.command(commands, "explain", "explain a pasted traceback or log by what was measured", run)
    parser.add_argument("file", nargs="?", type=Path, help="text to explain (default: standard input)")
    parser.add_argument(
        "--python", type=_series, metavar="SERIES", help="the Python it comes from: 3.14, 3.13t, pypy3.11"
    )
    parser.add_argument("--method", choices=METHODS[:3], help="the start method in force")
    parser.add_argument("--platform", metavar="P", help="linux, macos, windows")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")


def _series(text: str) -> str:
    try:
        return str(naming.series(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(given: argparse.Namespace) -> int:
    """Print what explains a text; status 3 if nothing does."""
    text = _read(given.file, given.program)
    found = explain(text, series=given.python, method=given.method, platform=given.platform)
    command = probe_command(text, given.program)
    if given.format == "json":
        print(json.dumps(as_json(found, command), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(found, command)))
    return Status.DONE if found else Status.NOTHING


def _read(file: Path | None, program: str) -> str:
    try:
        text = _text_of(file) if file else _text(sys.stdin.buffer) if sys.stdin else ""  # closed
    except (OSError, safe_read.UnsafeFileError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"it is {error}"
        raise DataError(
            f"Cannot read {file or 'the input'}: {reason}. Name a text file, or pipe the text in."
        ) from None
    if not text.strip():
        raise UsageError(
            f"There is no text to explain. Pipe a traceback in: python app.py 2>&1 | {called.line(program, 'explain')}"
        )
    return text


def _text_of(file: Path) -> str:
    with safe_read.open_named(file) as stream:
        return _text(stream)


def _text(stream: BinaryIO) -> str:
    """The end of a stream: of a longer log only that is looked at."""
    if stream.isatty():
        print("Paste a traceback or a log, then end the input (Ctrl+D, on Windows Ctrl+Z and Enter):", file=sys.stderr)
    mark = stream.read(4)
    encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(mark[:2], "utf-8")  # PowerShell's `>`
    return (mark + safe_read.tail(stream, 4 * MAX_TEXT, MAX_READ)).decode(encoding, "replace")


def lines(found: Sequence[Explanation], next_command: str) -> Iterator[str]:
    """What a terminal shows. The first explanation is told whole, the others in a line."""
    if not found:
        yield "No question explains this. If start methods are at fault, write a probe for it:"
        yield f"  {next_command}"
        return
    best, *others = found
    yield f"{best.text}  [{best.question}]"
    yield f"  {answer(best)}"
    yield f"  seen: {best.matched}"
    if best.culprit:
        yield f"  at fault: {best.culprit}"
    yield from _paragraph("why: ", best.why)
    yield from _paragraph("do: ", best.do)
    for part in best.evidence[:1]:
        detail = f": {part.detail}" if part.detail else ""
        yield f"  measured: {part.outcome} under {part.method} on {part.target}{detail}"
    yield f"  {best.url}"
    if others:
        yield ""
        yield "Also possible:"
        for one in others[:4]:
            yield f"  {one.text}  [{one.question}] {answer(one)}"


def _paragraph(label: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent=f"  {label}", subsequent_indent="  " + " " * len(label))
