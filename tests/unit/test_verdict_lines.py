"""A verdict's line is decoded at once only if the strict reader accepts it too, and makes the same of it.

The types of the model and the published schema say the same: each place where they could differ is tried.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix.errors import DataError
from matrix.files import run_reader, serialize, untrusted_json
from matrix.model import End, Exit, Output, Verdict
from matrix.paths import SCHEMAS
from tests.unit.values import run, verdict

SCHEMA = json.loads((SCHEMAS / "run-1.schema.json").read_text(encoding="utf-8"))
DEFINITIONS = SCHEMA["definitions"]
VALID = jsonschema.Draft7Validator(SCHEMA)
FULL = verdict(
    "value",
    value=[1, "a", None, 0.5, True],
    detail="a\tdetail",
    observed={"a": {"b": [1, 0.25, None]}, "c": ["\x00é😀\\"]},
    exit=Exit(code=-11, signal="SIGSEGV"),
    duration=0.125,
    output=Output(text="some\nlines", bytes=10, cut=True),
    stacks="Thread 1",
    leaks={"files": ("a", "b"), "processes": (), "shared_memory": ("psm_1",)},
)


END = End(verdicts=2, complete=True, seconds=1.5)
GOOD = serialize.line_json(FULL)


def strict(line: bytes) -> Verdict | None:
    """What the strict reader makes of a line; None if it refuses it."""
    try:
        verdict = run_reader._checked(untrusted_json.parse(line), "x")
    except (ValueError, DataError):
        return None
    assert VALID.is_valid(json.loads(line))
    assert isinstance(verdict, Verdict)
    return verdict


def written(data: Any) -> bytes:
    return (json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def agreed(line: bytes) -> Verdict | None:
    """What is decoded at once from a line, which is nothing else than the strict reader makes of it, to the type."""
    quick = run_reader.own_verdict(line)
    if quick is not None:
        assert (quick, repr(quick)) == (strict(line), repr(strict(line)))
    return quick


def test_what_the_runner_writes_is_decoded_at_once() -> None:
    for one in (FULL, verdict("yes"), verdict("crash", method="none")):
        assert agreed(written(serialize.line_json(one))) == one


@pytest.mark.parametrize(
    ("line", "definition"),
    [
        (FULL, DEFINITIONS["verdict"]),
        (FULL.exit, DEFINITIONS["verdict"]["properties"]["exit"]),
        (FULL.output, DEFINITIONS["verdict"]["properties"]["output"]),
        (run(ci={"service": "x"}).header, DEFINITIONS["header"]),
        (END, DEFINITIONS["end"]),
    ],
    ids=lambda part: type(part).__name__,
)
def test_the_model_and_the_schema_have_the_same_keys_in_order(line: Any, definition: Any) -> None:
    assert list(line.__struct_fields__) == sorted(definition["properties"])
    assert not definition["additionalProperties"]
    assert accepts(definition, json.loads(written(serialize.line_json(line))))


TEXT = st.text(max_size=5) | st.sampled_from(["x" * 300, "x" * 301, "x" * 4001, "a.b", "a" * 64, "SIGKILL"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.integers(10**399, 10**401) | TEXT
JSON = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(TEXT, part, max_size=3), max_leaves=6
)


def places(data: Any) -> Iterator[tuple[str, ...]]:
    """Where something else, or more, can be put into JSON data."""
    if isinstance(data, dict):
        yield ("more",)
        for key, part in data.items():
            yield (key,)
            yield from ((key, *place) for place in places(part))


PLACES = list(places(GOOD))


def put(data: Any, place: tuple[str, ...], part: Any) -> Any:
    """JSON data with something else at a place."""
    return data | {place[0]: put(data.get(place[0], {}), place[1:], part) if place[1:] else part}


@settings(max_examples=300)
@given(st.sampled_from(PLACES), JSON)
def test_any_data_anywhere(place: tuple[str, ...], part: Any) -> None:
    try:
        line = written(put(GOOD, place, part))
    except UnicodeEncodeError:
        return
    agreed(line)


@given(st.data())
def test_any_change_of_the_bytes(data: st.DataObject) -> None:
    line = written(GOOD)
    for _ in range(data.draw(st.integers(1, 2))):
        start = data.draw(st.integers(0, len(line)))
        end = data.draw(st.integers(start, min(start + 2, len(line))))
        pieces = (
            b'"',
            b",",
            b"}",
            b"0",
            b"-",
            b"e1",
            b".0",
            b" ",
            b"\r",
            b"\\ud800",
            b"NaN",
            b'"a":1,',
            b"\xed\xa0\x80",
        )
        line = line[:start] + data.draw(st.sampled_from(pieces) | st.binary(max_size=2)) + line[end:]
    agreed(line)


@pytest.mark.parametrize(
    "make",
    [
        lambda line: line.rstrip(b"\n"),
        lambda line: line.replace(b"\n", b"\r\n"),
        lambda line: line.replace(b":", b": "),
        lambda line: b" " + line,
        lambda line: line.replace(b'"attempt":1', b'"attempt":1,"attempt":1'),
        lambda line: line.replace(b'{"code":-11', b'{"code":0,"code":-11'),
        lambda line: line.replace(b'"b":[', b'"b":0,"b":['),
        lambda line: line.replace(b"[1,0.25", b"[1e0,0.25"),
        lambda line: line.replace(b"[1,0.25", b"[1.0,1e999"),
        lambda line: line.replace(b"[1,0.25", b"[NaN,0.25"),
        lambda line: line.replace(b"[1,0.25", b"[" + b"9" * 401 + b",0.25"),
        lambda line: line.replace("é".encode(), b"\\u00e9"),
        lambda line: line.replace("é".encode(), b"\xe9"),
        lambda line: line.replace(b"0.125", b"0.1250"),
        lambda line: line.replace(b"[1,0.25", b"[" * 100_000 + b"[1,0.25"),
    ],
)
def test_what_is_written_in_another_way_is_left_to_the_strict_reader(make: Any) -> None:
    line = written(GOOD)
    changed = make(line)
    assert changed != line
    assert run_reader.own_verdict(changed) is None


KNOWN = {
    "type", "additionalProperties", "required", "properties", "const", "enum", "pattern", "maxLength", "minimum",
    "maximum", "maxProperties", "maxItems", "items", "anyOf", "$ref", "propertyNames", "description",
}  # fmt: skip
OF_TYPE = {"null": None, "boolean": True, "integer": 1, "number": 0.5, "string": "x", "array": [], "object": {}}

EDGES: dict[str, Callable[[int], Any]] = {
    "minimum": lambda bound: bound - 1,
    "maximum": lambda bound: bound + 1,
    "maxLength": lambda bound: "a." + "x" * (bound - 1),
    "maxItems": lambda bound: ["x"] * (bound + 1),
    "maxProperties": lambda bound: {f"k{number}": 0 for number in range(bound + 1)},
}


def beyond(schema: Any, good: Any, definitions: Any = DEFINITIONS) -> Iterator[Any]:
    """Data that a schema refuses, just beyond each of its bounds; good: what it accepts.

    A keyword that is not known here fails: the types of the model may lack it.
    """
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    kinds = schema.get("type", OF_TYPE)
    yield from (one for kind, one in OF_TYPE.items() if kind not in kinds)
    yield from (edge(schema[key]) for key, edge in EDGES.items() if key in schema)
    if "pattern" in schema and isinstance(good, str):
        yield from (good + "\n", good + " ", "\n" + good, good.upper() + "A", "", "\u0430.b")
    if "enum" in schema or "const" in schema:
        yield from (f"{good} ", "", "flaky", "untested")
    for part in schema.get("anyOf", ()):
        yield from (wrong for wrong in beyond(part, good, definitions) if not accepts(schema, wrong, definitions))
    if "items" in schema:
        yield from (
            [wrong]
            for wrong in beyond(schema["items"], "x", definitions)
            if not accepts(schema["items"], wrong, definitions)
        )
    if schema.get("additionalProperties", {}) != {} or "propertyNames" in schema:
        yield good | {"more": 1}
        yield good | {"more": "x" * 301}
    yield from ({name: part for name, part in good.items() if name != key} for key in schema.get("required", ()))
    for key, part in schema.get("properties", {}).items():
        yield from (good | {key: wrong} for wrong in beyond(part, good[key], definitions))


def accepts(schema: Any, data: Any, definitions: Any = DEFINITIONS) -> bool:
    return bool(jsonschema.Draft7Validator(schema | {"definitions": definitions}).is_valid(data))


def test_what_the_schema_refuses_is_never_decoded_at_once() -> None:
    good = json.loads(written(GOOD))
    refused = [data for data in beyond(DEFINITIONS["verdict"], good) if not VALID.is_valid(data)]
    assert len(refused) > 100
    for data in refused:
        assert run_reader.own_verdict(written(data)) is None, str(data)[:300]


def test_at_its_bounds_a_verdict_is_still_decoded_at_once() -> None:
    bounds: dict[str, Any] = {
        "probe": "a." + "x" * 98, "detail": "é" * 4000, "attempt": 100_000, "duration": 1_000_000.0,
        "observed": {f"k{number:03}": number for number in range(100)}, "value": ["x" * 4000] * 100,
        "exit": {"code": -4294967296, "signal": "S" * 30, "status": "N" * 60}, "stacks": "x" * 65536,
        "output": {"text": "x" * 65536, "bytes": 10**15, "cut": False},
        "leaks": {"files": ["x" * 300] * 1000},
    }  # fmt: skip
    for key, part in bounds.items():
        line = written(GOOD | {key: part})
        assert agreed(line) is not None, key


def test_a_file_may_have_lines_of_both_kinds(tmp_path: Path) -> None:
    header = written(serialize.line_json(run().header))
    quick = written(GOOD)
    slow = quick.replace(b":", b": ", 1)
    path = tmp_path / "run.jsonl"
    path.write_bytes(header + quick + slow + b'{"attempt":\n' + header + slow)
    assert [one.verdicts for one in serialize.load_run_file(path)] == [(FULL, FULL), (FULL,)]
    path.write_bytes(quick + header)
    with pytest.raises(DataError, match="line 1: a verdict line without a header"):
        serialize.load_run_file(path)
    path.write_bytes(header + b'{"attempt":\n' + quick)
    with pytest.raises(DataError, match="line 2: not JSON"):
        serialize.load_run_file(path)
