"""matrix.json files that must be refused."""

from __future__ import annotations

import json
from typing import Any

from matrix.files import serialize
from matrix.files.matrix_file import pieces
from matrix.results.merge import merge
from tests import flat
from tests.misbehave.corpus import MIB, Case, file, flood, keys, sparse, special
from tests.misbehave.corpus_runs import RUN, rows, text
from tests.unit.values import FACTS, probe

MATRIX = merge([RUN], [probe()], {"theme.py": "x = 1\n"}, {"commit": None, "dirty": False})


def document(**changes: Any) -> dict[str, Any]:
    """A good matrix with some of its parts changed."""
    data: dict[str, Any] = json.loads(json.dumps(serialize.matrix_json(MATRIX)))
    return {key: part for key, part in (data | changes).items() if part is not ...}


def old(**changes: Any) -> dict[str, Any]:
    """A good matrix of schema 1 with some of its parts changed."""
    return {key: part for key, part in (flat.document(MATRIX) | changes).items() if part is not ...}


def parts(name: str, *items: dict[str, Any]) -> bytes:
    """A good matrix with one list replaced, each item a good one with changes."""
    (good, *_) = document()[name]
    return laid_out(document(**{name: [good | item for item in items]}))


def laid_out(data: dict[str, Any]) -> bytes:
    """As canifork writes it."""
    return b"".join(pieces(data["schema"], {key: part for key, part in data.items() if key != "schema"}))


def edited(old: bytes, new: bytes) -> bytes:
    """A good matrix in which somebody replaced something."""
    text = laid_out(document())
    assert old in text
    return text.replace(old, new, 1)


def row(**changes: Any) -> bytes:
    """A good matrix whose first row is changed."""
    first, *others = document()["rows"]
    return laid_out(document(rows=[first | changes, *others]))


def answer(**changes: Any) -> bytes:
    """A good matrix whose first answer is changed; `...` removes a key."""
    good = document()["rows"][0]["answers"][0]
    return row(answers=[{key: part for key, part in (good | changes).items() if part is not ...}])


def evidence(**changes: Any) -> bytes:
    """A good matrix whose first evidence is changed."""
    return row(evidence=[document()["rows"][0]["evidence"][0] | changes])


def old_cell(**changes: Any) -> bytes:
    """A good matrix of schema 1 whose first cell is changed."""
    first, *others = old()["cells"]
    return laid_out(old(cells=[first | changes, *others]))


TARGET = MATRIX.targets[0]["id"]
GIVEN = {"detail": "", "outcome": "no", "value": None}
OPENING = b'{"schema":2,"rows":[\n'

_MATRICES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "is not JSON"),
    ("blank", b" \n\n", "is not JSON"),
    ("list", b"[]", "must be object"),
    ("number", b"7", "must be object"),
    ("web page", b"<!DOCTYPE html>", "is not JSON"),
    ("run file", text(rows()), "is not JSON"),
    ("BOM", b"\xef\xbb\xbf" + laid_out(document()), "is not JSON"),
    ("UTF-16", laid_out(document()).decode().encode("utf-16"), "is not JSON"),
    ("newer schema", laid_out(document(schema=3, rows=[{"new": 1}])), "newer than this canifork"),
    ("newer schema, other layout", json.dumps(document(schema=3, rows=[{}])).encode(), "newer than this canifork"),
    ("schema is text", json.dumps(document(schema="2")).encode(), "schema"),
    ("no rows", json.dumps(document(rows=...)).encode(), "rows"),
    ("rows is an object", json.dumps(document(rows={})).encode(), "rows"),
    ("cells in schema 2", json.dumps(document(cells=old()["cells"])).encode(), "cell"),
    ("rows in schema 1", json.dumps(old(rows=document()["rows"])).encode(), "rows"),
    ("unknown part", json.dumps(document(extra=1)).encode(), "extra"),
    ("cut in a line", laid_out(document())[:300], "edited or truncated"),
    ("cut after a line", OPENING, "edited or truncated"),
    ("comma too many", edited(b"\n],", b",\n],"), "comma"),
    ("comma too few", edited(b"},\n", b"}\n"), "comma"),
    ("two parts joined", edited(b'],"generated"', b'],"rows":[\n],"generated"'), "duplicate key"),
    ("duplicate key", edited(b'"schema":2', b'"schema":2,"schema":2'), "duplicate key"),
    ("duplicate key in a row", edited(b'"detail":', b'"detail":"","detail":'), "duplicate key"),
    ("duplicate source", edited(b'"theme.py":"x = 1\\n"', b'"theme.py":"",\n"theme.py":""'), "duplicate key"),
    ("NaN", edited(b",0.1]", b",NaN]"), "NaN is not JSON"),
    ("infinite number", edited(b",0.1]", b",1e999]"), "out of range"),
    ("half a pair", edited(b'"detail":""', b'"detail":"\\ud800"'), "lone surrogate"),
    ("deep", b"[" * 100_000, "nested too deeply"),
    ("deep in a row", edited(b'"value":null', b'"value":' + b"[" * 100_000), "nested too deeply"),
    ("300,000 keys", keys(300_000).encode(), "must contain"),
    ("path for a probe", parts("probes", {"id": "../../x.y"}), "id"),
    ("markup for a probe", parts("probes", {"id": "<b>.c"}), "id"),
    ("probes by case", parts("probes", {"id": "theme.name"}, {"id": "Theme.name"}), "id"),
    ("probe twice", parts("probes", {}, {}), "duplicate probe"),
    ("path for a target", parts("targets", {"id": "../../x"}), "id"),
    ("target with a line end", parts("targets", {"id": "cpython\n"}), "id"),
    (
        "targets by case",
        parts("targets", {}, {"id": MATRIX.targets[0]["id"].replace("x86", "X86")}),
        "differs only in case",
    ),
    ("target without facts", parts("targets", {"facts": []}), "facts"),
    ("version is text", parts("targets", {"facts": FACTS | {"version": "x"}}), "version"),
    ("launcher is markup", parts("targets", {"launcher": "<b>"}), "launcher"),
    ("no such probe", row(probe="theme.other"), "theme.other"),
    ("no such target", row(cells=[[0, 0, 1], None]), "is not about the targets"),
    ("no such answer", row(cells=[[7, 0, 1]]), "refers to what is not there"),
    ("no such run", row(cells=[[0, 7, 1]]), "refers to what is not there"),
    ("no such evidence", answer(evidence=7), "refers to what is not there"),
    ("no such attempt", row(attempts={TARGET: [[7, 0]]}), "refers to what is not there"),
    ("run of an attempt", row(attempts={TARGET: [[0, 7]]}, given=[GIVEN]), "refers to what is not there"),
    ("negative answer", row(cells=[[-1, 0, 1]]), "cells"),
    ("cell of two parts", row(cells=[[0, 0]]), "cells"),
    ("cell is an object", row(cells=[{}]), "cells"),
    ("row twice", laid_out(document(rows=[*document()["rows"], document()["rows"][0]])), "duplicate cell"),
    ("unknown outcome", answer(outcome="maybe"), "outcome"),
    ("unknown method", row(method="vfork"), "method"),
    ("negative runs", answer(n=-1), "n"),
    ("runs beyond belief", answer(n=10**300), "n"),
    ("detail is a list", answer(detail=[]), "detail"),
    ("answer without evidence", answer(evidence=...), "evidence"),
    ("evidence is text", answer(evidence="x"), "evidence"),
    ("exit code beyond 32 bits", evidence(exit={"code": 2**40, "signal": None, "status": None}), "code"),
    ("long output", evidence(output={"text": "x" * 70_000, "bytes": 1, "cut": False}), "text"),
    ("leaks are numbers", evidence(leaks={"files": [1]}), "leaks"),
    ("attempts are text", row(attempts={TARGET: "x"}), "attempts"),
    ("schema 1: no such target", old_cell(target="cpython-1.0.0-linux-x86_64-gnu"), "cpython-1.0.0"),
    ("schema 1: no such probe", old_cell(probe="theme.other"), "theme.other"),
    ("schema 1: cell twice", laid_out(old(cells=[*old()["cells"], old()["cells"][0]])), "duplicate cell"),
    ("schema 1: unknown outcome", old_cell(outcome="maybe"), "outcome"),
    ("schema 1: runs beyond belief", old_cell(runs={"n": 10**300, "agree": 0}), "n"),
    ("schema 1: evidence is text", old_cell(evidence="x"), "evidence"),
    ("schema 1: leaks are a number", old_cell(evidence={"leaks": {"files": 1}}), "evidence"),
    ("negative line", parts("probes", {"line": -5}), "line"),
    ("line beyond belief", parts("probes", {"line": 10**30}), "line"),
    ("source is a list", laid_out(document(sources={"theme.py": []})), "sources"),
    ("no such day", laid_out(document(generated="9999-99-99T99:99:99Z")), "is not a date"),
    ("date is markup", laid_out(document(generated="<b>")), "generated"),
]

REFUSED_MATRICES: list[Case] = [
    *(Case(name=name, make=file(data, "matrix.json"), says=says, cheap=True) for name, data, says in _MATRICES),
    Case(name="a gigabyte", make=sparse(2**30, "matrix.json"), says="larger than 512 MiB"),
    Case(name="500 MiB of nothing", make=sparse(500 * MIB, "matrix.json"), says="longer than 4 MiB"),
    Case(name="spaces", make=file(b" " * MIB, "matrix.json", times=100), says="longer than 4 MiB"),
    Case(name="empty lines", make=file(b"\n" * MIB, "matrix.json", times=20), says="not laid out"),
    Case(name="a million keys", make=file(keys(1_000_000).encode(), "matrix.json"), says="longer than 4 MiB"),
    Case(
        name="a million keys, one a line",
        make=flood(b'"key %d":0,\n', 1_000_000, b"{", b'"last":0}'),
        says="not laid out",
    ),
    Case(
        name="a million cells of one key",
        make=flood(b'{"key %d":0},\n', 1_000_000, OPENING, b'{}\n],"targets":[\n]}'),
        says="must contain",
    ),
    Case(
        name="a million sources",
        make=flood(b'"%d":"",\n', 1_000_000, OPENING + b'],"sources":{\n', b'"x":""\n}}'),
        says="more than 20,000 sources",
    ),
    Case(
        name="a million parts",
        make=flood(b'],"x":[\n', 1_000_000, OPENING, b"]}"),
        says="edited or truncated",
    ),
    Case(name="folder", make=special("folder", "matrix.json"), says="it is a folder"),
    Case(name="FIFO", make=special("fifo", "matrix.json"), says="not a regular file", posix=True),
    Case(name="link to itself", make=special("loop", "matrix.json"), says="Cannot read", posix=True),
    Case(name="endless device", make=special("endless", "matrix.json"), says="not a regular file", posix=True),
    Case(name="nowhere", make=lambda folder: folder / "matrix.json", says="does not exist"),
]
