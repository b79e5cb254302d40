"""Run files -> runs, each line checked.

A verdict's line that is written just as canifork writes it is decoded into a Verdict at once. Any other line goes
through the strict reader (untrusted_json, schema_checks), which accepts it or says exactly what is wrong with it.
"""

from __future__ import annotations

import contextlib
import gc
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, overload

import msgspec
from msgspec.structs import force_setattr

from matrix.errors import DataError
from matrix.files import untrusted_json
from matrix.files.schema_checks import RUN_SCHEMA, RUN_VERSION, check, check_date, check_version
from matrix.model import MERGED_OUTCOMES, End, Exit, Header, Json, Outcome, Output, Run, Verdict

Line = Header | Verdict | End
"""What a line of a run file says."""

KEPT = 96 * 2**20
"""Bytes of memory that the verdicts which survey() holds may take."""

_T = TypeVar("_T")

_decode, _encode = msgspec.json.Decoder(Verdict).decode, msgspec.json.Encoder().encode
_REFUSALS = (msgspec.MsgspecError, ValueError, RecursionError)
"""What the decoder or the encoder raises."""

_SHARED = ("detail", "exit", "method", "output", "probe", "source_sha256")
"""Fields that are the same in many verdicts: equal ones become one object."""


def load_runs(paths: Iterable[Path]) -> list[Run]:
    """All runs in some files and folders. Raises DataError."""
    files = run_files(paths)
    with collection_paused():
        return [run for file in files for run in load_run_file(file)]


def survey(paths: Iterable[Path], keep: float = KEPT) -> list[Run]:
    """All runs in some files and folders, in bounded memory. Raises DataError.

    Every line is checked. keep: bytes of memory for verdicts (untrusted_json.weight). When they are used up, each
    further run leaves its verdicts in its file: they are read again each time that somebody goes through them, which
    may raise DataError.
    """
    runs: list[Run] = []
    with collection_paused():
        for file in run_files(paths):
            parts = _load(file, keep)
            keep -= sum(part.size for part in parts)
            runs += _runs(file, parts)
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


def load_run_file(path: Path, keep: float = math.inf) -> list[Run]:
    """The runs in one file, in order; a torn last line of a killed job is dropped. Raises DataError.

    keep: bytes of memory for verdicts, as for survey().
    """
    return _runs(path, _load(path, keep))


def _runs(path: Path, parts: Iterable[_PartialRun]) -> list[Run]:
    return [part.run(path, number) for number, part in enumerate(parts)]


@dataclass(slots=True)
class _PartialRun:
    """A run as far as it was read. size: what the verdicts that are held here weigh; count: of all verdicts."""

    header: Header
    verdicts: list[Verdict] = field(default_factory=list)
    count: int = 0
    size: int = 0
    end: End | None = None
    held: bool = True

    def add(self, verdict: Verdict, size: int) -> None:
        self.count += 1
        if self.held:
            self.verdicts.append(verdict)
            self.size += size

    def leave_in_file(self) -> None:
        """Hold no verdicts from now on."""
        self.verdicts, self.size, self.held = [], 0, False

    def run(self, path: Path, number: int) -> Run:
        """The run, which is the file's n-th."""
        return Run(
            header=self.header,
            verdicts=tuple(self.verdicts) if self.held else FiledVerdicts(path, number, self.header.run, self.count),
            complete=self.end is not None and self.end.complete,
            seconds=self.end.seconds if self.end and self.end.seconds is not msgspec.UNSET else None,
        )


def _load(path: Path, budget: float) -> list[_PartialRun]:
    """The runs in one file; all verdicts that they hold weigh no more than the budget."""
    runs: list[_PartialRun] = []
    for size, line in _sized_lines(path):
        if isinstance(line, Verdict):
            runs[-1].add(line, size)
            if runs[-1].size > budget:
                runs[-1].leave_in_file()
        elif isinstance(line, Header):
            budget -= runs[-1].size if runs else 0
            runs.append(_PartialRun(line))
        else:
            runs[-1].end = line
    return runs


def lines(path: Path) -> Iterator[Line]:
    """What each line of a run file says; a torn last line of a killed job is dropped. Raises DataError."""
    return (line for _, line in _sized_lines(path))


class FiledVerdicts(Sequence[Verdict]):
    """The verdicts of the n-th run in a file, read from it each time: there is no memory for them all."""

    def __init__(self, path: Path, number: int, run: str, count: int) -> None:
        """run: the ID in the header; count: how many verdicts were found valid."""
        self._path, self._number, self._run, self._count = path, number, run, count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Verdict]:
        """Each verdict. Raises DataError if the file is no longer what it was."""
        rest = lines(self._path)
        headers = (line for line in rest if isinstance(line, Header))
        header = next(islice(headers, self._number, None), None)
        count = 0
        if header and header.run == self._run:
            for line in rest:
                if isinstance(line, Header) or count == self._count:
                    break
                if isinstance(line, Verdict):
                    count += 1
                    yield line
        if count < self._count:
            raise DataError(f"{self._path} changed while it was being read. Try again when no run is writing it.")

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, index: int | slice) -> Verdict | Sequence[Verdict]:
        return tuple(self)[index]

    def __repr__(self) -> str:
        """As that of the verdicts: two copies of a run are equal (matrix/results/merge.py)."""
        return repr(tuple(self))


def _sized_lines(path: Path) -> Iterator[tuple[int, Line]]:
    """(weight, what it says) of each line of a run file, valid and in its place. Raises DataError."""
    begun = False
    for number, size, data in untrusted_json.lines(path, own_verdict):
        if begun and isinstance(data, Verdict):
            yield size, data
            continue
        where = f"{path}, line {number}"
        line = data if isinstance(data, Verdict) else _checked(data, where)
        if isinstance(line, Header):
            begun = True
        elif not begun:
            raise DataError(
                f"{where}: a {line.kind} line without a header before it. The file was edited, or joined wrongly."
            )
        elif isinstance(line, End):
            begun = not line.complete
        yield size, line


def own_verdict(line: bytes) -> Verdict | None:
    """The verdict of a line, newline included, that is valid and written as canifork writes it; None for any other.

    Encoded again it has the same bytes. So no key is missing or duplicate, there is no space, and every number is
    spelled as usual.
    """
    try:
        verdict = _decode(line)
        if _encode(verdict) + b"\n" != line or verdict.outcome in MERGED_OUTCOMES:
            return None
    except _REFUSALS:
        return None
    for name in _SHARED:
        force_setattr(verdict, name, _same(getattr(verdict, name)))
    return verdict


@lru_cache(maxsize=4096)
def _same(value: _T) -> _T:
    """One object for all equal values."""
    return value


def _checked(data: Json, where: str) -> Line:
    """What the data of a line say. Raises DataError unless they are valid."""
    kind = data.get("kind") if isinstance(data, dict) else ""
    if not isinstance(kind, str) or kind not in _BY_KIND:
        raise DataError(f"{where}: neither header, verdict nor end. It is not a canifork run file.")
    if kind == "header":
        check_version(data, where, RUN_VERSION)
    check(data, RUN_SCHEMA, kind, where)
    if kind == "header":
        check_date(data["started"], where)
    return _BY_KIND[kind](data)


def _verdict(data: dict[str, Json]) -> Verdict:
    parts: dict[str, Any] = {
        "exit": Exit(**data["exit"]),
        "leaks": {kind: tuple(names) for kind, names in data["leaks"].items()},
        "outcome": Outcome(data["outcome"]),
        "output": Output(**data["output"]),
    }
    return Verdict(**data | parts)


_BY_KIND: Mapping[str, Callable[[dict[str, Json]], Line]] = {
    "header": lambda data: Header(**data),
    "verdict": _verdict,
    "end": lambda data: End(**data),
}
"""What makes a line of its valid data; each kind has a definition of its name in the schema."""
