"""matrix.json as text: one cell a line, so that it is written, read and refused piece by piece."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from matrix.canonical_json import dumps
from matrix.errors import DataError
from matrix.files import untrusted_json
from matrix.model import Json

LISTS = ("cells", "probes", "targets")
"""Parts of the document that have one item a line; and so has `sources`, a key with its text."""

MAX_ITEMS = {"cells": 5_000_000, "probes": 20_000, "targets": 20_000, "sources": 20_000}
"""Items of each part that are read."""

LIMITS = untrusted_json.Limits(file=2**29, line=4 * 2**20, what="matrix")
"""What is read line by line."""

WHOLE = 4 * 2**20
"""Bytes of a document in another layout that is read at once."""

FRAME = 2**16
"""Bytes of what stands between the items."""

Check = Callable[[str, Json], None]
"""Told a part's name and an item of it, but first of all '' and what names the schema; raises DataError."""

_FIRST = re.compile(rb'\{"schema":([0-9]{1,9}),"cells":\[\r?\n?')
_OPENS = re.compile(rb'"([a-z]+)":[\[{]$')
_AGAIN = "Create it again with `python -m matrix merge`."

TOGETHER = 32
"""Items in a piece of the text: each piece costs time, and memory as long as it is."""

SMALL, LARGE = 1e-4, 1e16
"""Between these a number is written without an exponent by everybody."""

_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (untrusted_json.MAX_DIGITS + 1))

_PLAIN = {str, int, bool, type(None)}


def pieces(data: Mapping[str, Json]) -> Iterator[str]:
    """The text of a document, piece by piece: the schema, then the keys in order, every list with one item a line."""
    yield f'{{"schema":{dumps(data["schema"])}'
    for key in sorted(data.keys() - {"schema"}):
        yield f",{dumps(key)}:"
        if key in LISTS:
            yield from _items("[", map(encoded_cell if key == "cells" else _encoded, data[key]), "]")
        elif key == "sources":
            pairs = (_encoded(name) + b":" + _encoded(text) for name, text in sorted(data[key].items()))
            yield from _items("{", pairs, "}")
        else:
            yield dumps(data[key])
    yield "}\n"


def _encoded(data: Json) -> bytes:
    return dumps(data).encode("utf-8")


def encoded_cell(cell: Json) -> bytes:
    """dumps(cell) in UTF-8 and a quarter of the time: few of the many have a number that msgspec spells otherwise.

    Such are only in what a probe says; all others are counts and texts.
    """
    try:
        evidence = cell["evidence"]
        said = [cell["value"], cell["documented"], *evidence.get("observed", {}).values()]
        said += [attempt["value"] for attempt in evidence.get("attempts", ())]
        if _spelled_alike([evidence.get("duration")]) and (_PLAIN.issuperset(map(type, said)) or _spelled_alike(said)):
            return _quick()(cell)
    except (LookupError, AttributeError, TypeError, ValueError, OverflowError):
        pass  # it is no cell, or has what msgspec does not write
    return _encoded(cell)


def _spelled_alike(parts: list[Json]) -> bool:
    """Whether no number in JSON data needs an exponent, or is none."""
    for part in parts:  # which grows
        kind = type(part)
        if kind is dict:
            parts += part.values()
        elif kind is list:
            parts += part
        elif kind is float and part and not SMALL <= abs(part) < LARGE:
            return False
    return True


@functools.cache
def _quick_decoder() -> Callable[[bytes], Json]:
    import msgspec

    return msgspec.json.Decoder().decode


@functools.cache
def _quick() -> Callable[[Json], bytes]:
    import msgspec

    return msgspec.json.Encoder(order="sorted").encode


def _items(opening: str, items: Iterator[bytes], closing: str) -> Iterator[str]:
    end = opening + "\n"
    while some := list(islice(items, TOGETHER)):
        yield end + b",\n".join(some).decode("utf-8")
        end = ",\n"
    yield ("\n" if end[0] == "," else end) + closing


def read(path: Path, check: Check) -> Json:
    """The data of a document; `check` sees each item before the next is read. Raises DataError."""
    lines = untrusted_json.raw_lines(path, LIMITS)
    first = next(lines, (1, b""))
    begins = _FIRST.fullmatch(first[1])
    if begins:
        check("", {"schema": int(begins[1])})
        return _by_line(path, first[1], lines, check)
    data = _whole(path)
    if isinstance(data, dict):
        check("", data)
        for name in LISTS:
            for item in data[name] if isinstance(data.get(name), list) else ():
                check(name, item)
    return data


def _whole(path: Path) -> Json:
    """A document in another layout: somebody's editor, or another program, wrote it again."""
    text = untrusted_json.head(path, WHOLE + 1, LIMITS)
    if len(text) > WHOLE:
        raise DataError(f"{path} is large and not laid out as canifork does: one cell a line. {_AGAIN}")
    try:
        return untrusted_json.parse(text)
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}. {_AGAIN}") from None


def _by_line(path: Path, first: bytes, lines: Iterator[tuple[int, bytes]], check: Check) -> Json:
    frame, part, closed = bytearray(first), "cells", True
    found: dict[str, list[Json]] = {"cells": []}
    number = 1
    try:
        for number, raw in lines:  # noqa: B007 - the error says where
            line = raw.rstrip(b"\r\n")
            ends = line.startswith((b"]", b"}"))
            if found[part] and ends is not closed:
                raise ValueError("a comma is missing or superfluous")
            if ends:
                frame += line
                if len(frame) > FRAME:
                    raise ValueError("not in the layout of canifork")
                opened = _OPENS.search(line)
                part = opened[1].decode() if opened else ""
                found.setdefault(part, [])
            else:
                closed = not line.endswith(b",")
                _add(found[part], part, line.removesuffix(b","), check)
        return _joined(untrusted_json.parse(bytes(frame)), found)
    except (ValueError, KeyError) as error:
        raise DataError(f"{path}, line {number}: {error}. The file was edited or truncated. {_AGAIN}") from None


def _add(items: list[Json], part: str, line: bytes, check: Check) -> None:
    if part not in MAX_ITEMS:
        raise ValueError("not in the layout of canifork")
    if len(items) >= MAX_ITEMS[part]:
        raise ValueError(f"more than {MAX_ITEMS[part]:,} {part}")
    item = (
        own_line(line) if part == "cells" else untrusted_json.parse(b"{" + line + b"}" if part == "sources" else line)
    )
    if part == "sources":
        items += item.items()
    else:
        check(part, item)
        items.append(item)


def own_line(line: bytes) -> Json:
    """source.parse(line) in half the time, for a line just as we write it: no key stands twice, no number is odd."""
    try:
        item = None if _LONG_NUMBER.search(line) else _quick_decoder()(line)
        if _quick()(item) == line:
            return item
    except (ValueError, OverflowError, RecursionError):
        pass  # the other parser says why
    return untrusted_json.parse(line)


def _joined(frame: Json, found: Mapping[str, list[Json]]) -> Json:
    """The frame, in which each part is empty, with the items of the parts."""
    for part, items in found.items():
        if not part:
            continue
        if frame.get(part) not in ([], {}):
            raise ValueError(f"{part} is not in the layout of canifork")
        frame[part] = items if part != "sources" else dict(items)
        if len(frame[part]) != len(items):
            raise ValueError("duplicate key")
    return frame
