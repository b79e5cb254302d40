"""matrix.json as text: one item a line, so that it is written, read and refused piece by piece."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from matrix.canonical_json import dumps, encoded
from matrix.errors import DataError
from matrix.files import untrusted_json
from matrix.files.schema_checks import EDITED
from matrix.model import Json

LISTS = ("cells", "probes", "rows", "targets")
"""Parts of a document that have one item a line; and so has `sources`, a key with its text. `cells`: in schema 1."""

MAX_ITEMS = {"cells": 5_000_000, "rows": 100_000, "probes": 20_000, "targets": 20_000, "sources": 20_000}
"""Items of each part that are read."""

LIMITS = untrusted_json.Limits(file=2**29, line=4 * 2**20, what="matrix")
"""What is read line by line."""

MAX_WHOLE = 4 * 2**20
"""Bytes of a document in another layout, which is read at once."""

MAX_FRAME = 2**16
"""Bytes of what is between the items."""

ReadItem = Callable[[int, str, bytes | Json], Any]
"""(version of the schema, part, an item's text or data) -> the item. Raises ValueError or DataError."""

_FIRST = re.compile(rb'\{"schema":([0-9]{1,9}),"(cells|rows)":\[\r?\n?')
_OPENS = re.compile(rb'"([a-z]+)":[\[{]$')
_AGAIN = "Create it again with `python -m matrix merge`."
_LAYOUT = "not in the layout of canifork"

_TOGETHER = 32
"""Items in a piece of the text: each piece costs time, and memory in proportion to its length."""


def pieces(schema: int, parts: Mapping[str, Any]) -> Iterator[bytes]:
    """The text of a document, piece by piece: the schema, the rows, then the other parts in order of their names.

    A list may be any iterable of JSON data and Structs. Raises DataError where the document gets too large to be read.
    """
    size = 0
    for piece in _pieces(schema, parts):
        size += len(piece)
        if size > LIMITS.file:
            raise DataError(f"The matrix has more than {LIMITS.file >> 20} MiB. Merge fewer targets at a time.")
        yield piece


def _pieces(schema: int, parts: Mapping[str, Any]) -> Iterator[bytes]:
    yield b'{"schema":%d' % schema
    for name in sorted(parts, key=lambda name: (name not in ("cells", "rows"), name)):
        yield f",{dumps(name)}:".encode()
        if name in LISTS:
            yield from _items(b"[", map(encoded, parts[name]), b"]")
        elif name == "sources":
            pairs = (encoded(file) + b":" + encoded(text) for file, text in sorted(parts[name].items()))
            yield from _items(b"{", pairs, b"}")
        else:
            yield encoded(parts[name])
    yield b"}\n"


def _items(opening: bytes, items: Iterable[bytes], closing: bytes) -> Iterator[bytes]:
    items, end = iter(items), opening + b"\n"
    while some := list(islice(items, _TOGETHER)):
        if any(len(item) > LIMITS.line - 2 for item in some):
            raise DataError(f"An item of the matrix has more than {LIMITS.line >> 20} MiB. Merge fewer targets.")
        yield end + b",\n".join(some)
        end = b",\n"
    yield (b"\n" if end == b",\n" else end) + closing


def read(path: Path, check_version: Callable[[Json], None], read_item: ReadItem) -> dict[str, Any]:
    """A document's parts by their names; each item is what read_item made of it, before the next was read.

    check_version is called first, with data that have the key `schema`. Raises DataError.
    """
    lines = untrusted_json.raw_lines(path, LIMITS)
    first = next(lines, (1, b""))
    begins = _FIRST.fullmatch(first[1])
    if begins:
        check_version({"schema": int(begins[1])})
        return _by_line(path, first[1], begins, lines, read_item)
    data = _whole(path)
    if not isinstance(data, dict):
        raise DataError(f"{path}: data must be object. {EDITED}")
    check_version(data)
    for name in LISTS:
        if isinstance(data.get(name), list):
            data[name] = [read_item(data.get("schema", 0), name, item) for item in data[name]]
    return data


def _whole(path: Path) -> Json:
    """A document in another layout: an editor, or another program, wrote it again."""
    text = untrusted_json.head(path, MAX_WHOLE + 1, LIMITS)
    if len(text) > MAX_WHOLE:
        raise DataError(f"{path} is large and not laid out as canifork does: one item a line. {_AGAIN}")
    try:
        return untrusted_json.parse(text)
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}. {_AGAIN}") from None


def _by_line(
    path: Path, first: bytes, begins: re.Match[bytes], lines: Iterator[tuple[int, bytes]], read_item: ReadItem
) -> dict[str, Any]:
    schema, part = int(begins[1]), begins[2].decode()
    frame, closed = bytearray(first), True
    found: dict[str, list[Any]] = {part: []}
    number = 1
    try:
        for number, raw in lines:  # noqa: B007 - the error says where
            line = raw.rstrip(b"\r\n")
            ends = line.startswith((b"]", b"}"))
            if found[part] and ends is not closed:
                raise ValueError("a comma is missing or superfluous")
            if ends:
                frame += line
                if len(frame) > MAX_FRAME:
                    raise ValueError(_LAYOUT)
                opened = _OPENS.search(line)
                part = opened[1].decode() if opened else ""
                found.setdefault(part, [])
            else:
                closed = not line.endswith(b",")
                _add(found[part], schema, part, line.removesuffix(b","), read_item)
        return _joined(untrusted_json.parse(bytes(frame)), found)
    except (ValueError, KeyError) as error:
        raise DataError(f"{path}, line {number}: {error}. The file was edited or truncated. {_AGAIN}") from None


def _add(items: list[Any], schema: int, part: str, line: bytes, read_item: ReadItem) -> None:
    if part not in MAX_ITEMS:
        raise ValueError(_LAYOUT)
    if len(items) >= MAX_ITEMS[part]:
        raise ValueError(f"more than {MAX_ITEMS[part]:,} {part}")
    if part == "sources":
        items += untrusted_json.parse(b"{" + line + b"}").items()
    else:
        items.append(read_item(schema, part, line))


def _joined(frame: dict[str, Any], found: Mapping[str, list[Any]]) -> dict[str, Any]:
    """The frame, in which each part is empty, with the items of the parts."""
    for part, items in found.items():
        if not part:
            continue
        if frame.get(part) not in ([], {}):
            raise ValueError(f"{part} is {_LAYOUT}")
        frame[part] = items if part != "sources" else dict(items)
        if len(frame[part]) != len(items):
            raise ValueError("duplicate key")
    return frame
