"""Files of unknown origin -> lines of JSON: bounded in size, strict in syntax, refused in one line."""

from __future__ import annotations

import gzip
import json
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

from matrix.errors import DataError
from matrix.model import Json

MAX_FILE = 64 * 2**20
"""Bytes of the largest run file that is read; of a compressed one, of what it unpacks to."""

MAX_LINE = 2**20
"""Bytes of the longest line in it."""

MAX_TORN = 10
"""Halves of lines, one after the other, that a run file may have: each is a job that was killed."""

MAX_DIGITS = 400
"""Of a number: no double needs more, and a long integer costs time to read and to write."""
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (MAX_DIGITS + 1))
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def lines(path: Path) -> Iterator[tuple[int, Json]]:
    """(line number, JSON data) of a run file, compressed or not. Raises DataError.

    Half a line is excused only where a killed job can have left it: before a header, or at the end.
    """
    torn: tuple[int, ValueError] | None = None
    halves = 0
    for number, line in raw_lines(path):
        try:
            data = parse(line)
        except ValueError as error:
            torn, halves = torn or (number, error), halves + 1
            if halves > MAX_TORN or torn[0] == 1:
                raise _not_json(path, *torn) from None
            continue
        if torn and not (isinstance(data, dict) and data.get("kind") == "header"):
            raise _not_json(path, *torn)
        torn, halves = None, 0
        yield number, data


def _not_json(path: Path, number: int, error: ValueError) -> DataError:
    cause = "It is no run file" if number == 1 else "The file was edited or cut"
    return DataError(f"{path}, line {number}: not JSON ({error}). {cause}; leave it out, or run the target again.")


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(line number, bytes) of a regular file; one named *.gz is unpacked on the way. Raises DataError."""
    total = 0
    try:
        with ExitStack() as stack:
            file = _opened(path, stack)
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), 1):
                total += len(line)
                if total > MAX_FILE:
                    raise DataError(f"{path} unpacks to more than {MAX_FILE >> 20} MiB. No run does; leave it out.")
                if len(line) > MAX_LINE:
                    raise DataError(
                        f"{path}, line {number}: longer than {MAX_LINE >> 20} MiB. No verdict is; leave the file out."
                    )
                yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} cannot be unpacked: {error}. It was cut or is no gzip file; get it again.") from None
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror or error}.") from None


def _opened(path: Path, stack: ExitStack) -> BinaryIO:
    """The file's bytes. A FIFO or a device is refused before it is opened: it would never end, or never begin."""
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        kind = "a folder" if stat.S_ISDIR(state.st_mode) else "no ordinary file"
        raise DataError(f"Cannot read {path}: it is {kind}. Name a file that canifork wrote.")
    if state.st_size > MAX_FILE:
        raise DataError(f"{path} is larger than {MAX_FILE >> 20} MiB. No run is; it was not written by canifork.")
    raw = stack.enter_context(path.open("rb"))
    return cast(BinaryIO, stack.enter_context(gzip.open(raw))) if path.suffix == ".gz" else raw


def parse(line: bytes) -> Json:
    """JSON in UTF-8 without what JSON does not have or readers disagree on: NaN, infinities, a key that stands twice,
    halves of characters. Raises ValueError.
    """
    integer = _integer if _LONG_NUMBER.search(line) else None  # digits in a text are no number
    try:
        data = json.loads(
            line.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_constant,
            parse_float=_finite,
            parse_int=integer,
        )
        if _ESCAPED_SURROGATE.search(line):
            json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("half a surrogate pair") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return data


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key stands twice")
    return data


def _constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError(f"{text[:20]} is too large for a number")
    return number
