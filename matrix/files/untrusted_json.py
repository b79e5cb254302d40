"""Files of unknown origin -> JSON, line by line: bounded in size, strict in syntax, refused with one message."""

from __future__ import annotations

import functools
import gzip
import json
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from matrix.errors import DataError
from matrix.model import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes of the largest file that is read (uncompressed) and of its longest line. what: the kind of file."""

    file: int
    line: int
    what: str


RUN = Limits(file=64 * 2**20, line=2**20, what="run")

VALUE = 50
"""Bytes of memory that a value takes besides its letters."""

MAX_TORN = 10
"""Truncated lines in a row that a run file may have: each is of a job that was killed."""

MAX_DIGITS = 400
"""Digits of a number: no double needs more, and a long integer takes long to read and to write."""
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def lines(path: Path, known: Callable[[bytes], Json | None]) -> Iterator[tuple[int, int, Json]]:
    """(line number, weight(), JSON data) of a run file, compressed or not. Raises DataError.

    known: called with each line first; if it returns something, that is yielded instead of the data.
    A truncated line is accepted only where a killed job can have left it: before a header, or at the end.
    """
    torn: tuple[int, ValueError] | None = None
    halves = number = 0
    for number, line in raw_lines(path):
        try:
            data = known(line)
            if data is None:
                data = parse(line)
        except ValueError as error:
            torn, halves = torn or (number, error), halves + 1
            if halves > MAX_TORN or not line.startswith(b"{"):
                raise _not_json(path, *torn) from None
            continue
        if torn and not (isinstance(data, dict) and data.get("kind") == "header"):
            raise _not_json(path, *torn)
        torn, halves = None, 0
        yield number, weight(line), data
    if torn and halves == number:
        raise _not_json(path, *torn)


def weight(line: bytes) -> int:
    """Bytes of memory that the data of a line may take, roughly: an empty list takes thirty times its two letters."""
    return len(line) + VALUE * (line.count(b",") + line.count(b"["))


def _not_json(path: Path, number: int, error: ValueError) -> DataError:
    cause = "It is not a run file" if number == 1 else "The file was edited or truncated"
    return DataError(f"{path}, line {number}: not JSON ({error}). {cause}; leave it out, or measure the target again.")


def raw_lines(path: Path, limits: Limits = RUN) -> Iterator[tuple[int, bytes]]:
    """(line number, bytes) of a regular file; one named *.gz is unpacked on the way. Raises DataError."""
    total = 0
    with _opened(path, limits) as file:
        for number, line in enumerate(iter(functools.partial(file.readline, limits.line + 1), b""), 1):
            total += len(line)
            if total > limits.file:
                raise _too_large(path, "decompresses to more than", limits)
            if len(line) > limits.line:
                raise DataError(
                    f"{path}, line {number}: longer than {limits.line >> 20} MiB, the limit for a {limits.what}."
                    " This version of canifork did not write it."
                )
            yield number, line


def head(path: Path, size: int, limits: Limits = RUN) -> bytes:
    """The first bytes of a file, as of one that raw_lines() reads. Raises DataError."""
    with _opened(path, limits) as file:
        return file.read(size)


def whole(path: Path, limits: Limits = RUN) -> bytes:
    """All bytes of a file, as of one that raw_lines() reads. Raises DataError."""
    return b"".join(line for _, line in raw_lines(path, limits))


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[BinaryIO]:
    """A regular file's bytes, uncompressed. Raises DataError for whatever goes wrong while it is open.

    A FIFO or a device is refused before it is opened: it would never end, or never begin.
    """
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            kind = "a folder" if stat.S_ISDIR(state.st_mode) else "not a regular file"
            raise DataError(f"Cannot read {path}: it is {kind}. Name a file that canifork wrote.")
        if state.st_size > limits.file:
            raise _too_large(path, "is larger than", limits)
        with path.open("rb") as raw:
            yield cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path} cannot be decompressed: {error}. It is truncated or not a gzip file; get it again."
        ) from None
    except FileNotFoundError:
        raise DataError(f"{path} does not exist. `nox` or `python -m matrix merge` creates it.") from None
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror or error}.") from None


def _too_large(path: Path, how: str, limits: Limits) -> DataError:
    return DataError(
        f"{path} {how} {limits.file >> 20} MiB, the limit for a {limits.what}. It was not written by canifork."
    )


def parse(line: bytes) -> Json:
    """JSON in UTF-8. Raises ValueError, also for what is not JSON or what readers disagree on: NaN, infinities,
    duplicate keys, lone surrogates.
    """
    try:
        text = line.decode("utf-8")
        data = _STRICT.decode(text)
        if _ESCAPED_SURROGATE.search(line):
            json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("lone surrogate") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return data


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("duplicate key")
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
        raise ValueError(f"{text[:20]} is out of range")
    return number


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_constant, parse_float=_finite, parse_int=_integer)
"""Made once: json.loads() with hooks makes one for each line, which takes as long as the line."""
