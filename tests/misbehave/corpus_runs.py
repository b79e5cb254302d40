"""Run files that must be refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from typing import Any

from matrix.files import serialize
from tests.misbehave.corpus import MIB, Case, bomb, file, inside, keys, nested, sparse, special
from tests.unit.values import FACTS, MARKERS, run, verdict

RUN = run(verdict("yes"), verdict("no", method="spawn", detail="TypeError"))


def rows() -> list[dict[str, Any]]:
    """The lines of a good run file: header, two verdicts, end."""
    lines = [serialize.line_json(RUN.header), *map(serialize.line_json, RUN.verdicts)]
    return [*lines, {"kind": "end", "verdicts": 2, "complete": True}]


def text(lines: Iterable[dict[str, Any] | str]) -> bytes:
    """The bytes of a run file; a line that is text already is left as it is."""
    return b"".join((line if isinstance(line, str) else json.dumps(line)).encode() + b"\n" for line in lines)


def changed(number: int, **changes: Any) -> bytes:
    """A good run file with one line changed; `...` removes a key."""
    lines = rows()
    lines[number] = {key: part for key, part in (lines[number] | changes).items() if part is not ...}
    return text(lines)


def with_line(line: str, at: int = 1) -> bytes:
    """A good run file with one more line."""
    lines: list[dict[str, Any] | str] = [*rows()]
    lines.insert(at, line)
    return text(lines)


def facts(**changes: Any) -> dict[str, Any]:
    """Facts with some of them changed."""
    return {"facts": FACTS | changes}


HEADER = json.dumps(rows()[0])
VERDICT = json.dumps(rows()[1])
END = json.dumps(rows()[3])

_CONTENTS: list[tuple[str, bytes, str]] = [
    # not JSON Lines in UTF-8
    ("text", b"nonsense\n", "line 1: not JSON"),
    ("web page", b"<!DOCTYPE html><title>404</title>\n", "line 1: not JSON"),
    ("binary", bytes(range(256)) * 40, "line 1: not JSON"),
    ("NUL bytes", bytes(100_000), "line 1: not JSON"),
    ("zip archive", b"PK\x03\x04" + bytes(1000), "line 1: not JSON"),
    ("UTF-8 with a BOM", b"\xef\xbb\xbf" + text(rows()), "line 1: not JSON"),
    ("UTF-16 little", text(rows()).decode().encode("utf-16-le"), "line 1: not JSON"),
    ("UTF-16 with a BOM", text(rows()).decode().encode("utf-16"), "line 1: not JSON"),
    ("UTF-32", text(rows()).decode().encode("utf-32"), "line 1: not JSON"),
    ("Latin-1", with_line('{"kind":"caf\xe9"}').decode().encode("latin-1"), "line 2: not JSON (not UTF-8"),
    ("overlong UTF-8", b'{"kind":"\xc0\xaf"}\n', "not UTF-8"),
    ("surrogate in UTF-8", b'{"kind":"\xed\xa0\x80"}\n', "not UTF-8"),
    ("half a pair", with_line('{"kind":"\\ud800"}'), "lone surrogate"),
    ("half a pair as a key", with_line('{"\\uDFFF":1}'), "lone surrogate"),
    ("raw control character", with_line('{"kind":"\x01"}'), "not JSON"),
    # too much
    ("empty lines", b"\n" * (4 * MIB), "not JSON"),
    ("a million keys", with_line(keys(1_000_000)), "longer than 1 MiB"),
    ("60,000 keys", changed(1, observed={f"k{number}": 0 for number in range(60_000)}), "observed"),
    ("deep lists", with_line(nested("[")), "nested too deeply"),
    ("deep objects", with_line(nested('{"a":')), "nested too deeply"),
    ("halves of lines", text([*rows()[:1], *(["{"] * 100_000)]), "not JSON"),
    ("long number", with_line('{"kind":' + "9" * 900_000 + "}"), "more than 400 digits"),
    ("long text", changed(1, detail="x" * 5000), "detail"),
    ("long stacks", changed(1, stacks="x" * 70_000), "stacks"),
    ("long output", changed(1, output={"text": "x" * 70_000, "bytes": 1, "cut": False}), "text"),
    ("many leaks", changed(1, leaks={"files": ["x"] * 1001}), "files"),
    ("long value list", changed(1, value=[0] * 101), "value"),
    # what is no JSON, or what readers disagree on
    ("duplicate key", with_line('{"kind":"end","kind":"end"}'), "duplicate key"),
    ("duplicate key, spaced", with_line('{"kind" : "end", "kind":"end"}'), "duplicate key"),
    ("duplicate key, escaped", with_line('{"kind":"end","\\u006bind":"end"}'), "duplicate key"),
    ("duplicate key, deep", with_line(VERDICT.replace('"code":', '"code": 0, "code":')), "duplicate key"),
    ("NaN", with_line('{"kind":NaN}'), "NaN is not JSON"),
    ("Infinity", with_line('{"kind":-Infinity}'), "-Infinity is not JSON"),
    ("infinite number", with_line('{"kind":1e999}'), "1e999 is out of range"),
    ("comment", with_line("// a comment"), "not JSON"),
    ("two values in a line", text([HEADER + HEADER]), "line 1: not JSON"),
    # wrong kinds and order
    ("list", b"[]\n", "neither header, verdict nor end"),
    ("number", b"1\n", "neither header, verdict nor end"),
    ("null", b"null\n", "neither header, verdict nor end"),
    ("kind is a list", b'{"kind":[]}\n', "neither header, verdict nor end"),
    ("other kind", b'{"kind":"other"}\n', "neither header, verdict nor end"),
    ("no header", text(rows()[1:]), "without a header"),
    ("end first", text(rows()[3:]), "without a header"),
    ("verdict after the end", text([*rows(), rows()[1]]), "without a header"),
    ("two ends", text([*rows(), rows()[3]]), "without a header"),
    ("half a line in the middle", with_line(VERDICT[:100]), "line 2: not JSON"),
    ("a matrix", json.dumps({"schema": 1, "cells": []}).encode(), "neither header, verdict nor end"),
    ("newer schema", changed(0, schema=2), "newer than this canifork"),
    ("schema 0", changed(0, schema=0), "schema"),
    ("schema is true", changed(0, schema=True), "schema"),
    ("schema is text", changed(0, schema="1"), "schema"),
    ("facts missing", changed(0, facts=...), "facts"),
    ("one fact missing", changed(0, facts={k: v for k, v in FACTS.items() if k != "gil"}), "gil"),
    ("unknown key", changed(0, extra=1), "extra"),
    ("planned is true", changed(0, planned=True), "planned"),
    ("planned is negative", changed(0, planned=-1), "planned"),
    ("no such day", changed(0, started="2026-02-31T07:20:24Z"), "is not a date"),
    ("no date", changed(0, started="yesterday"), "started"),
    ("foreign digits", changed(0, started="\u0662026-11-22T07:20:24Z"), "started"),
    ("version is text", changed(0, **facts(version="three")), "version"),
    ("version has foreign digits", changed(0, **facts(version="\u0663.13.0")), "version"),
    ("version is huge", changed(0, **facts(version="3." + "9" * 300 + ".0")), "version"),
    ("marker missing", changed(0, **facts(markers={"python_version": "3.13"})), "markers"),
    ("marker is no version", changed(0, **facts(markers=MARKERS | {"python_version": "x"})), "python_version"),
    ("system is a path", changed(0, **facts(sys_platform="../../x")), "sys_platform"),
    ("system is markup", changed(0, **facts(sys_platform="<b>")), "sys_platform"),
    ("default method moves the cursor", changed(0, **facts(default_method="\x1b[2J")), "default_method"),
    ("unknown key moves the cursor", changed(0, **{"\x1b[2J": 1}), "\\x1b"),
    ("method is markup", changed(0, **facts(methods=["<b>"])), "methods"),
    ("methods is text", changed(0, **facts(methods="fork")), "methods"),
    # ids that lead elsewhere
    *(
        (f"target {name!r}", changed(0, target=name), "target")
        for name in ("../../etc/passwd", "/etc/passwd", "..", "", "a/b", "a\\b", "c:evil", "a\0b", "good\n", "x" * 121)
    ),
    *(
        (f"probe {name!r}", changed(1, probe=name), "probe")
        for name in ("../x.y", "a.b.c", "a", "<script>", "a.b\n", "\u0430.b", "A.b", "x." + "y" * 100)
    ),
    ("hash is a path", changed(1, source_sha256="../" * 21 + "a"), "source_sha256"),
    ("run id is a path", changed(0, run="../../x"), "run"),
    ("launcher is markup", changed(0, launcher="<b>"), "launcher"),
    # answers nobody can give
    ("unknown outcome", changed(1, outcome="maybe"), "outcome"),
    ("merged outcome", changed(1, outcome="flaky"), "outcome"),
    ("unknown method", changed(1, method="vfork"), "method"),
    ("value is an object", changed(1, value={"a": 1}), "value"),
    ("value is nested", changed(1, value=[[1]]), "value"),
    ("negative duration", changed(1, duration=-1), "duration"),
    ("duration of years", changed(1, duration=1e12), "duration"),
    ("attempt 0", changed(1, attempt=0), "attempt"),
    ("attempt 1.5", changed(1, attempt=1.5), "attempt"),
    ("exit code beyond 32 bits", changed(1, exit={"code": 2**40, "signal": None, "status": None}), "code"),
    ("negative bytes", changed(1, output={"text": "", "bytes": -1, "cut": False}), "bytes"),
    ("bytes beyond belief", changed(1, output={"text": "", "bytes": 10**300, "cut": False}), "bytes"),
    ("unknown leak", changed(1, leaks={"secrets": []}), "leaks"),
    ("output missing", changed(1, output=None), "output"),
    ("complete is text", changed(3, complete="yes"), "complete"),
]

REFUSED_RUNS: list[Case] = [
    *(Case(name=name, make=file(data), says=says, cheap=True) for name, data, says in _CONTENTS),
    Case(name="a gigabyte", make=sparse(2**30, "run.jsonl"), says="larger than 64 MiB"),
    Case(name="63 MiB of spaces", make=file(b" " * MIB, times=63), says="longer than 1 MiB"),
    Case(name="packed gigabyte of spaces", make=file(bomb(b" ", 2**30), "run.jsonl.gz"), says="longer than 1 MiB"),
    Case(name="packed gigabyte of lines", make=file(bomb(b"\n", 2**30), "run.jsonl.gz"), says="not JSON"),
    Case(
        name="packed gigabyte of ends",
        make=file(gzip.compress(text(rows()[:3])) + bomb(END.encode() + b"\n", 2**30), "run.jsonl.gz"),
        says="without a header",
    ),
    Case(name="packed twice", make=file(gzip.compress(gzip.compress(text(rows()))), "run.jsonl.gz"), says="not JSON"),
    Case(
        name="packed and cut",
        make=file(gzip.compress(text(rows()))[:-9], "run.jsonl.gz"),
        says="cannot be decompressed",
    ),
    Case(name="packed in name only", make=file(text(rows()), "run.jsonl.gz"), says="cannot be decompressed"),
    Case(name="packed, unnamed", make=file(gzip.compress(text(rows()))), says="not JSON"),
    Case(
        name="packed with a tail",
        make=file(gzip.compress(text(rows())) + b"tail", "run.jsonl.gz"),
        says="cannot be decompressed",
    ),
    Case(name="folder for a file", make=inside(special("folder")), says="it is a folder"),
    Case(name="FIFO", make=special("fifo"), says="not a regular file", posix=True),
    Case(name="FIFO in a folder", make=inside(special("fifo")), says="not a regular file", posix=True),
    Case(name="socket", make=special("socket"), says="not a regular file", posix=True),
    Case(name="link to itself", make=special("loop"), says="run.jsonl", posix=True),
    Case(name="link to itself in a folder", make=inside(special("loop")), says="Cannot read", posix=True),
    Case(name="link to nowhere", make=special("dangling"), says="does not exist", posix=True),
    Case(name="link to an endless device", make=special("endless"), says="not a regular file", posix=True),
    Case(name="nowhere", make=lambda folder: folder / "nowhere", says="does not exist"),
    Case(name="name with a NUL's neighbour", make=lambda folder: folder / ("x" * 300), says="run"),
]
