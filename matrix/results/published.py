"""data/: the published runs, one compressed file for each target; what may go in, and how own runs override it."""

from __future__ import annotations

import gzip
import json
import platform
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matrix.answers import CellKey
from matrix.errors import DataError
from matrix.files import atomic_write, run_reader, serialize
from matrix.model import Outcome, Probe, Run, Verdict
from matrix.paths import home
from matrix.suite import plan

LIMIT = 2 * 2**20
"""Bytes that one compressed file may have: the repository carries it in its history."""


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
    """Published and own runs as one list, without the published verdicts on cells that were measured again here.

    Otherwise two machines that share a target's ID would make each other's answers look flaky. A verdict on an older
    source of the probe replaces nothing.
    """
    current = {probe.id: probe.source_sha256 for probe in probes}
    measured: dict[str, set[CellKey]] = {}
    for run in own:
        cells = {_cell(verdict) for verdict in run.verdicts if verdict.source_sha256 == current.get(verdict.probe)}
        measured.setdefault(run.header.target, set()).update(cells)
    rest = (_without(run, measured.get(run.header.target, ()), _cell) for run in published)
    return (*(run for run in rest if run.verdicts), *own)


def _cell(verdict: Verdict) -> CellKey:
    return verdict.probe, verdict.method


def _without(run: Run, dropped: Container[object], key: Callable[[Verdict], object]) -> Run:
    """The run without the verdicts whose key is among the dropped."""
    if not dropped:
        return run
    return replace(run, verdicts=tuple(verdict for verdict in run.verdicts if key(verdict) not in dropped))


def collect(files: Iterable[Path], folder: Path, probes: Sequence[Probe], *, force: bool) -> tuple[Collected, ...]:
    """Compress run files into a folder, replacing what it has of their targets; files with faults only if `force`.

    A verdict on an older source of a probe is left out where the present one was answered too, as after `--resume`.
    Raises DataError, WriteError.
    """
    return tuple(_collect(file, folder, probes, force=force) for file in files)


def _collect(file: Path, folder: Path, probes: Sequence[Probe], *, force: bool) -> Collected:
    runs = serialize.load_run_file(file)
    superseded = _superseded(runs, probes)
    text = _text(run_reader.lines(file), superseded)
    collected = examine([_without(run, superseded, _source) for run in runs], text, probes)
    packed = gzip.compress(text.encode(), 9, mtime=0)  # equal runs give equal bytes
    if len(packed) > LIMIT:
        collected = replace(collected, faults=(*collected.faults, f"{len(packed)} bytes compressed are too many"))
    if force or not collected.faults:
        atomic_write.write_bytes(folder / f"{collected.target}.jsonl.gz", [packed])
    return collected


_Source = tuple[str, str, str]
"""(probe, method, hash of the probe's source): what a verdict answers."""


def _source(verdict: Verdict) -> _Source:
    return verdict.probe, verdict.method, verdict.source_sha256


def _superseded(runs: Sequence[Run], probes: Sequence[Probe]) -> frozenset[_Source]:
    """Older sources of probes whose present source was answered too, under the same method."""
    current = {probe.id: probe.source_sha256 for probe in probes}
    answered = {_source(verdict) for run in runs for verdict in run.verdicts}
    anew = {(probe, method) for probe, method, source in answered if source == current.get(probe)}
    return frozenset(source for source in answered if source[:2] in anew and source[2] != current[source[0]])


def _text(lines: Iterable[run_reader.Line], dropped: Container[_Source]) -> str:
    """The lines of a run file as canifork writes them, without the verdicts on dropped sources."""
    kept = (line for line in lines if not isinstance(line, Verdict) or _source(line) not in dropped)
    return "".join(serialize.dumps(serialize.line_json(line)) + "\n" for line in kept)


def examine(runs: Sequence[Run], text: str, probes: Sequence[Probe]) -> Collected:
    """Counts of some runs of one target, and what speaks against publishing them. text: of their file.

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
        yield f"{len(old)} probes have changed since, or are gone: {_some(old)}"
    missing = {f"{job.probe.id} {job.method}" for job in plan.remaining(plan.plan(probes), runs)}
    if missing:
        yield f"{len(missing)} cells were not measured: {_some(missing)}"
    wrong = {f"{verdict.probe} {verdict.method}" for verdict in verdicts if verdict.outcome is Outcome.ERROR}
    if wrong:
        yield f"{len(wrong)} cells are `error`, a fault of the probe or of canifork: {_some(wrong)}"
    names = (str(home() or ""), platform.node())
    private = [name for name in names if len(name) > 3 and json.dumps(name, ensure_ascii=False)[1:-1] in text]
    if private:
        yield f"it contains {' and '.join(private)}: a path or the name of this machine"


def _some(names: Iterable[str]) -> str:
    names = sorted(names)
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
