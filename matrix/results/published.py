"""data/: the published runs, one compressed file for each target; what may go in, and what one's own runs change."""

from __future__ import annotations

import contextlib
import gzip
import json
import platform
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matrix.errors import DataError
from matrix.files import atomic_write, serialize
from matrix.model import Outcome, Probe, Run, Verdict
from matrix.suite import plan

LIMIT = 2 * 2**20
"""Bytes that one compressed file may have: the repository carries it for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """One target's run file: counts of its answers, and why it is not fit to be published (empty: it is).

    seconds: wall time of its runs; None where one of them does not say.
    """

    target: str
    counts: Counter[Outcome]
    seconds: float | None
    faults: tuple[str, ...]


def overlay(published: Iterable[Run], own: Sequence[Run], probes: Sequence[Probe]) -> tuple[Run, ...]:
    """Published runs and one's own as one list: where a cell was asked anew here, the published answer gives way.

    Otherwise two machines that share a target's id would make each other's answers look flaky. An answer of an
    older source of the probe replaces nothing.
    """
    current = {probe.id: probe.source_sha256 for probe in probes}
    asked: dict[str, set[tuple[str, str]]] = {}
    for run in own:
        said = {_cell(one) for one in run.verdicts if one.source_sha256 == current.get(one.probe)}
        asked.setdefault(run.header.target, set()).update(said)
    rest = (_without(run, asked.get(run.header.target, ()), _cell) for run in published)
    return (*(run for run in rest if run.verdicts), *own)


def _cell(said: Verdict) -> tuple[str, str]:
    return said.probe, said.method


def _without(run: Run, dropped: Container[object], key: Callable[[Verdict], object]) -> Run:
    """The run without the verdicts whose key is among the dropped."""
    return replace(run, verdicts=tuple(said for said in run.verdicts if key(said) not in dropped)) if dropped else run


def collect(files: Iterable[Path], folder: Path, probes: Sequence[Probe], *, force: bool) -> tuple[Collected, ...]:
    """Compress run files into a folder, replacing what it has of their targets; files with faults only if `force`.

    An answer to an older text of a question is left out where the present one was answered too, as after `--resume`.
    Raises DataError, WriteError.
    """
    done = []
    for file in files:
        data = file.read_bytes()
        if file.suffix == ".gz":
            data = gzip.decompress(data)
        runs = serialize.load_run_file(file)
        superseded = _superseded(runs, probes)
        data = b"".join(line for line in data.splitlines(keepends=True) if _names(line) not in superseded)
        runs = [_without(run, superseded, _given) for run in runs]
        found = examine(runs, data.decode("utf-8", "replace"), probes)
        packed = gzip.compress(data, 9, mtime=0)  # equal runs give equal bytes
        if len(packed) > LIMIT:
            found = replace(found, faults=(*found.faults, f"{len(packed)} bytes compressed are too many"))
        if force or not found.faults:
            atomic_write.write_bytes(folder / f"{found.target}.jsonl.gz", [packed])
        done.append(found)
    return tuple(done)


_Given = tuple[str, str, str]
"""(probe, method, hash of its source): a question as it was put."""


def _given(said: Verdict) -> _Given:
    return said.probe, said.method, said.source_sha256


def _superseded(runs: Sequence[Run], probes: Sequence[Probe]) -> frozenset[_Given]:
    """What was answered of questions whose present text has been answered too, under the same method."""
    current = {probe.id: probe.source_sha256 for probe in probes}
    given = {_given(said) for run in runs for said in run.verdicts}
    anew = {(probe, method) for probe, method, source in given if source == current.get(probe)}
    return frozenset(one for one in given if one[:2] in anew and one[2] != current[one[0]])


def _names(line: bytes) -> _Given | None:
    """The question that a line of a run file answers; None if it is no verdict, or torn."""
    with contextlib.suppress(ValueError):
        said = json.loads(line)
        if isinstance(said, dict) and said.get("kind") == "verdict":
            return said["probe"], said["method"], said["source_sha256"]
    return None


def examine(runs: Sequence[Run], text: str, probes: Sequence[Probe]) -> Collected:
    """What some runs of one target say, and what speaks against publishing them. text: of their file.

    Raises DataError if there is no run, or runs of several targets.
    """
    targets = {run.header.target for run in runs}
    if len(targets) != 1:
        raise DataError(f"A file of {len(targets)} targets cannot be published: one file has the runs of one target.")
    seconds = [run.seconds for run in runs]
    return Collected(
        target=targets.pop(),
        counts=Counter(verdict.outcome for run in runs for verdict in run.verdicts),
        seconds=None if None in seconds else sum(part for part in seconds if part is not None),
        faults=tuple(_faults(runs, text, probes)),
    )


def _faults(runs: Sequence[Run], text: str, probes: Sequence[Probe]) -> Iterable[str]:
    current = {probe.id: probe.source_sha256 for probe in probes}
    verdicts = [verdict for run in runs for verdict in run.verdicts]
    old = {verdict.probe for verdict in verdicts if verdict.source_sha256 != current.get(verdict.probe)}
    if old:
        yield f"{len(old)} questions have changed since, or are gone: {_some(old)}"
    missing = {f"{job.probe.id} {job.method}" for job in plan.remaining(plan.plan(probes), runs)}
    if missing:
        yield f"{len(missing)} cells were not asked: {_some(missing)}"
    wrong = {f"{verdict.probe} {verdict.method}" for verdict in verdicts if verdict.outcome is Outcome.ERROR}
    if wrong:
        yield f"{len(wrong)} cells are `error`, a fault of ours: {_some(wrong)}"
    private = [name for name in (str(Path.home()), platform.node()) if len(name) > 3 and name in text]
    if private:
        yield f"it has {' and '.join(private)} in it: a path or a name of this machine"


def _some(names: Iterable[str]) -> str:
    names = sorted(names)
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
