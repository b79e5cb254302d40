"""Run files and matrix.json: what is written can be read, what cannot be true is refused in a line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.errors import DataError, WriteError
from matrix.files import run_writer, serialize, untrusted_json
from matrix.model import Output
from matrix.paths import SCHEMAS
from matrix.results.merge import merge
from matrix.system.printing import printable
from tests.unit.values import probe, run, verdict

RUN_SCHEMA = json.loads((SCHEMAS / "run-1.schema.json").read_text(encoding="utf-8"))
VALID = jsonschema.Draft7Validator(RUN_SCHEMA)
MATRIX_SCHEMA = json.loads((SCHEMAS / "matrix-2.schema.json").read_text(encoding="utf-8"))
RUN = run(verdict("yes"), verdict("value", value=[1, "a"], method="none", observed={"a": {"b": [1]}}))


def write(path: Path, *, append: bool = False, complete: bool = True) -> Path:
    with run_writer.RunWriter(path, append=append) as writer:
        writer.header(RUN.header)
        for item in RUN.verdicts:
            writer.verdict(item)
        writer.end(complete=complete)
    return path


def test_round_trip(tmp_path: Path) -> None:
    assert serialize.load_run_file(write(tmp_path / "run.jsonl")) == [RUN]


def test_runs_follow_each_other_in_one_file(tmp_path: Path) -> None:
    path = write(tmp_path / "run.jsonl")
    write(path, append=True)
    assert serialize.load_run_file(path) == [RUN, RUN]


def test_equal_answers_give_equal_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_writer, "time", SimpleNamespace(monotonic=lambda: 0.0))  # a run tells its seconds
    assert write(tmp_path / "a.jsonl").read_bytes() == write(tmp_path / "b.jsonl").read_bytes()


def test_every_line_is_valid_by_an_independent_validator(tmp_path: Path) -> None:
    for line in write(tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines():
        jsonschema.validate(json.loads(line), RUN_SCHEMA)


def test_the_matrix_is_valid_by_an_independent_validator_and_comes_back(tmp_path: Path) -> None:
    matrix = merge([RUN], [probe()], {"theme.py": "x = 1\n"}, {"commit": None, "dirty": True})
    serialize.save_matrix(matrix, tmp_path / "matrix.json")
    jsonschema.validate(json.loads((tmp_path / "matrix.json").read_bytes()), MATRIX_SCHEMA)
    assert serialize.load_matrix(tmp_path / "matrix.json") == matrix


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_killed_job_loses_only_its_last_line(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path / "run.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:cut])
    (found,) = serialize.load_run_file(path)
    assert (len(found.verdicts), found.complete) == (1, False)
    write(path, append=True)
    assert [len(one.verdicts) for one in serialize.load_run_file(path)] == [1, 2]


def changed(line: int, **changes: Any) -> list[str]:
    rows = [
        serialize.line_json(RUN.header),
        *map(serialize.line_json, RUN.verdicts),
        {"kind": "end", "verdicts": 2, "complete": True},
    ]
    rows[line] = {key: part for key, part in (rows[line] | changes).items() if part is not ...}
    return [json.dumps(row) for row in rows]


def lines() -> list[str]:
    return changed(0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (["nonsense"], "line 1: not JSON"),
        (["[]"], "line 1: neither header, verdict nor end"),
        (['{"kind": "other"}'], "neither header, verdict nor end"),
        (lines()[1:], "line 1: a verdict line without a header"),
        ([*lines(), lines()[1]], "line 5: a verdict line without a header"),
        ([lines()[0], "{", *lines()[1:]], "line 2: not JSON"),
        ([lines()[0], '{"kind": "end", "kind": "end"}', lines()[3]], "duplicate key"),
        ([lines()[0], '{"kind": NaN}', lines()[3]], "NaN is not JSON"),
        ([lines()[0], '{"kind": 1e999}', lines()[3]], "1e999 is out of range"),
        ([lines()[0], '{"kind": ' + "9" * 5000 + "}", lines()[3]], "more than 400 digits"),
        ([lines()[0], '{"kind": "\\uD800"}', lines()[3]], "lone surrogate"),
        ([lines()[0], "[" * 100_000, lines()[3]], "nested too deeply"),
        (changed(0, schema=2), "schema 2 is newer than this canifork, which reads up to 1. Update"),
        (changed(0, target="../../etc/passwd"), "target must match pattern"),
        (changed(0, started="yesterday"), "started must match pattern"),
        (changed(0, facts=...), "must contain ['facts']"),
        (changed(0, extra=1), "must not contain {'extra'} properties"),
        (changed(0, planned=True), "planned must be integer"),
        (changed(1, outcome="flaky"), "outcome must be one of"),
        (changed(1, probe="<script>"), "probe must match pattern"),
        (changed(1, method="vfork"), "method must be one of"),
        (changed(1, detail="x" * 5000), "detail must be shorter"),
        (changed(1, attempt=0), "attempt must be bigger"),
        (changed(1, value={"a": 1}), "value cannot be validated"),
        (changed(1, output=None), "output must be object"),
        (changed(3, complete="yes"), "complete must be boolean"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_broken_run_file_is_refused_in_a_line(tmp_path: Path, content: list[str], message: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("\n".join(content) + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        serialize.load_run_file(path)
    assert message in str(caught.value)
    assert str(caught.value).count("\n") == 0
    assert len(str(caught.value)) < 600


def test_an_endless_line_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b" " * (untrusted_json.RUN.line + 10))
    with pytest.raises(DataError, match="longer than 1 MiB"):
        serialize.load_run_file(path)


def test_a_giant_file_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with path.open("wb") as file:
        file.truncate(untrusted_json.RUN.file + 1)
    with pytest.raises(DataError, match="larger than 64 MiB"):
        serialize.load_run_file(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        ("", "is not JSON"),
        ("[]", "must be object"),
        ('{"schema": 3}', "newer than this canifork"),
        ('{"schema": 1}', "must contain"),
        ('{"schema": 2}', "must contain"),
    ],
)
def test_a_broken_matrix_is_refused_in_a_line(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "matrix.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        serialize.load_matrix(path)


def test_results_that_cannot_be_written_say_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WriteError, match="Cannot write"):
        run_writer.RunWriter(tmp_path / "file" / "run.jsonl", append=False)


@pytest.mark.skipif("sys.platform == 'win32'", reason="no lock there yet")
@pytest.mark.parametrize("append", [False, True])
def test_two_runs_do_not_write_one_file(tmp_path: Path, append: bool) -> None:
    path = write(tmp_path / "run.jsonl")
    before = path.read_bytes()
    with run_writer.RunWriter(path, append=True):
        with pytest.raises(WriteError, match="is being written by another run"):
            run_writer.RunWriter(path, append=append)
        assert path.read_bytes() == before
    run_writer.RunWriter(path, append=append).__exit__(None, None, None)


@given(st.one_of(st.binary(max_size=3000), st.integers(0, 9**2000).map(lambda number: b"%d" % number)))
def test_any_output_gives_a_valid_line(data: bytes) -> None:
    text = printable(data)
    assert all(c.isprintable() or c in "\n\t" for c in text)
    line = serialize.dumps(serialize.line_json(verdict(output=Output(text=text, bytes=len(data)))))
    parsed = untrusted_json.parse(line.encode("utf-8"))
    VALID.validate(parsed)
    assert parsed["output"]["text"] == text


def compressed(path: Path, data: bytes) -> Path:
    path.write_bytes(gzip.compress(data))
    return path


def test_a_compressed_run_file_is_read_as_the_file_itself(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.jsonl")
    packed = compressed(tmp_path / "b.jsonl.gz", plain.read_bytes())
    assert serialize.load_run_file(packed) == [RUN]
    assert serialize.load_runs([tmp_path]) == [RUN, RUN]


@pytest.mark.parametrize("filler", [b" ", b"\n", b'{"kind":"other"}\n', b"[" * 1000 + b"\n"])
def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, filler: bytes) -> None:
    path = compressed(tmp_path / "run.jsonl.gz", filler * (untrusted_json.RUN.line // len(filler)))
    path.write_bytes(path.read_bytes() * (2 * untrusted_json.RUN.file // untrusted_json.RUN.line))
    with pytest.raises(DataError):
        serialize.load_run_file(path)


@pytest.mark.parametrize("broken", [b"", b"\x1f\x8b", b"plain text\n"], ids=["cut", "head", "plain"])
def test_what_is_no_gzip_file_is_refused_in_a_line(tmp_path: Path, broken: bytes) -> None:
    path = compressed(tmp_path / "run.jsonl.gz", write(tmp_path / "a.jsonl").read_bytes())
    path.write_bytes(broken or path.read_bytes()[:-20])
    with pytest.raises(DataError, match="cannot be decompressed"):
        serialize.load_run_file(path)


def test_a_run_that_unpacks_to_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    path = compressed(tmp_path / "run.jsonl.gz", write(tmp_path / "a.jsonl").read_bytes())
    small = untrusted_json.Limits(file=1000, line=1000, what="run")
    with pytest.raises(DataError, match="decompresses to more"):
        list(untrusted_json.raw_lines(path, small))


KEYS = st.text('ab\\": \t{}[],', max_size=4)


class Pairs(list[Any]):
    """An object as it stands in the text: a key may stand twice."""


def pairs(part: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.tuples(KEYS, part), max_size=4).map(Pairs)


VALUES = st.recursive(st.integers(0, 9) | KEYS, lambda part: st.lists(part, max_size=3) | pairs(part), max_leaves=12)


def written(data: Any, colon: str) -> str:
    if isinstance(data, Pairs):
        return "{" + ",".join(f"{json.dumps(key)}{colon}{written(part, colon)}" for key, part in data) + "}"
    if isinstance(data, list):
        return "[" + ",".join(written(part, colon) for part in data) + "]"
    return json.dumps(data)


def twice(data: Any) -> bool:
    if isinstance(data, Pairs):
        return len({key for key, _ in data}) < len(data) or any(twice(part) for _, part in data)
    return isinstance(data, list) and any(twice(part) for part in data)


@given(pairs(VALUES), st.sampled_from([":", " :", "\t:", ": ", " \t : "]))
def test_a_key_that_stands_twice_is_always_found_and_never_imagined(data: Any, colon: str) -> None:
    text = written(data, colon)
    if twice(data):
        with pytest.raises(ValueError, match="duplicate key"):
            untrusted_json.parse(text.encode())
    else:
        assert untrusted_json.parse(text.encode()) == json.loads(text)
