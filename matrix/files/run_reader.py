"""Run files -> runs, each line checked."""

from __future__ import annotations

import contextlib
import gc
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import overload

from matrix.errors import DataError
from matrix.files import fast_reader, untrusted_json
from matrix.files.schema_checks import RUN_SCHEMA, check, check_date, check_version
from matrix.model import Header, Json, Outcome, Output, ProcessExit, Run, Verdict

LINES = ("header", "verdict", "end")
"""The kinds of line in a run file; each has a definition of its name in the schema."""

KEPT = 32 * 2**20
"""Bytes of lines whose verdicts survey() holds in memory."""

_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_SILENT, _NOTHING = {"text": "", "bytes": 0, "cut": False}, Output()


def load_runs(paths: Iterable[Path]) -> list[Run]:
    """All runs in some files and folders. Raises DataError."""
    files = run_files(paths)
    with collection_paused():
        return [run for file in files for run in load_run_file(file)]


def survey(paths: Iterable[Path], keep: float = KEPT) -> list[Run]:
    """All runs in some files and folders, in bounded memory. Raises DataError.

    Every line is checked. When so many bytes of them are kept, the first run of each further file (most have one)
    leaves its verdicts there: they are read again each time that somebody goes through them, which may raise DataError.
    """
    runs: list[Run] = []
    with collection_paused():
        for file in run_files(paths):
            found, size = _load(file, keep)
            runs += found
            keep -= size
    return runs


@contextlib.contextmanager
def collection_paused() -> Iterator[None]:
    """What is read and merged is kept and nothing of it refers back: there is no garbage to look for meanwhile."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def run_files(paths: Iterable[Path]) -> list[Path]:
    """The files that are named, and each *.jsonl and *.jsonl.gz in the folders that are. Raises DataError."""
    files: list[Path] = []
    for path in paths:
        try:
            path.stat()
            if path.is_dir():
                files += sorted([*path.glob("*.jsonl"), *path.glob("*.jsonl.gz")])
            else:
                files.append(path)
        except FileNotFoundError:
            raise DataError(
                f"{path} does not exist. Run `nox -s probe` first, or name a folder of run files."
            ) from None
        except OSError as error:
            raise DataError(f"Cannot read {path}: {error.strerror}. Name a file or a folder of run files.") from None
    return files


def load_run_file(path: Path) -> list[Run]:
    """The runs in one file, in order; a torn last line of a killed job is dropped. Raises DataError."""
    return _load(path, math.inf)[0]


@dataclass(slots=True)
class _Found:
    """A run as far as it was read; size: bytes of the lines whose verdicts are here."""

    header: Header
    verdicts: list[Verdict] = field(default_factory=list)
    count: int = 0
    size: int = 0
    end: Json = field(default_factory=dict)


def _load(path: Path, room: float) -> tuple[list[Run], int]:
    """The runs in one file, and the bytes of the lines that are kept; the first run has no more than there is room."""
    runs: list[_Found] = []
    for kind, size, data in _entries(path):
        if kind == "verdict":
            run = runs[-1]
            run.count += 1
            if run.size + size <= room or len(runs) > 1:
                run.size += size
                run.verdicts.append(_verdict(data))
            else:
                run.verdicts, room = [], 0
        elif kind == "header":
            runs.append(_Found(_header(data)))
        else:
            runs[-1].end = data
    return [_run(path, run) for run in runs], sum(run.size for run in runs if len(run.verdicts) == run.count)


def _run(path: Path, found: _Found) -> Run:
    whole = len(found.verdicts) == found.count
    verdicts = tuple(found.verdicts) if whole else Filed(path, found.header.run, found.count)
    return Run(
        header=found.header,
        verdicts=verdicts,
        complete=bool(found.end.get("complete")),
        seconds=found.end.get("seconds"),
    )


class Filed(Sequence[Verdict]):
    """The verdicts of the first run in a file, read from it each time: there is no memory for them all."""

    def __init__(self, path: Path, run: str, count: int) -> None:
        """run: the id in the header; count: how many verdicts were found valid."""
        self._path, self._header, self._count = path, run, count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Verdict]:
        """Each verdict. Raises DataError if the file is no longer what it was."""
        entries = _entries(self._path)
        nothing: tuple[str, int, Json] = ("", 0, None)
        kind, _, data = next(entries, nothing)
        found = 0
        if kind == "header" and data["run"] == self._header:
            for kind, _, data in entries:
                if kind == "header" or found == self._count:
                    break
                if kind == "verdict":
                    found += 1
                    yield _verdict(data)
        if found < self._count:
            raise DataError(f"{self._path} was changed while it was read. Do it again when nothing writes it.")

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, index: int | slice) -> Verdict | Sequence[Verdict]:
        return tuple(self)[index]

    def __repr__(self) -> str:
        """As that of the verdicts: two copies of a run are equal (matrix/results/merge.py)."""
        return repr(tuple(self))


def _entries(path: Path) -> Iterator[tuple[str, int, Json]]:
    """(kind, bytes, data) of each line of a run file, valid and in its place. Raises DataError."""
    begun = False
    for number, size, data in untrusted_json.lines(path, fast_reader.line):
        if begun and isinstance(data, fast_reader.Line):
            yield "verdict", size, data
            continue
        where = f"{path}, line {number}"
        kind = _kind(data, where)
        if kind == "header":
            begun = True
        elif not begun:
            raise DataError(
                f"{where}: a {kind} line without a header before it. The file was edited or joined wrongly."
            )
        elif kind == "end":
            begun = not data["complete"]
        yield kind, size, data


def _kind(data: Json, where: str) -> str:
    """What a line is. Raises DataError unless it is valid."""
    if isinstance(data, fast_reader.Line):
        return "verdict"
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind not in LINES:
        raise DataError(f"{where}: neither header, verdict nor end. It is no run file of canifork.")
    if kind == "header":
        check_version(data, where)
    if not isinstance(data, fast_reader.Valid):
        check(data, RUN_SCHEMA, kind, where)
    if kind == "header":
        check_date(data["started"], where)
    return str(kind)


def _header(data: Json) -> Header:
    return Header(**{key: part for key, part in data.items() if key not in ("kind", "schema")})


def _verdict(data: Json) -> Verdict:
    """The verdict of a valid line. Its fields are named one by one: there are many lines."""
    if isinstance(data, fast_reader.Line):
        return fast_reader.verdict(data)
    end, said = data["exit"], data["output"]
    return Verdict(
        probe=data["probe"],
        source_sha256=data["source_sha256"],
        method=data["method"],
        outcome=_OUTCOMES[data["outcome"]],
        value=data["value"],
        detail=data["detail"],
        observed=data["observed"],
        attempt=data["attempt"],
        ended=ProcessExit(
            code=end["code"],
            signal=end["signal"],
            status=end["status"],
            duration=data["duration"],
            output=Output(text=said["text"], bytes=said["bytes"], cut=said["cut"]) if said != _SILENT else _NOTHING,
            stacks=data["stacks"],
            leaks={kind: tuple(names) for kind, names in data["leaks"].items()},
        ),
    )
