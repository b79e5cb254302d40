"""runs -> Matrix: cells, k of n, and what the documents say. Pure; the order of the runs does not matter."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from packaging.markers import Marker

from matrix.files.serialize import dumps
from matrix.model import FACTS, Cell, Exit, Header, Json, Matrix, Outcome, Output, Probe, Run, Verdict
from matrix.suite.catalog import split_key
from matrix.targets import naming

Said = tuple[Header, Verdict]
"""A verdict and the run it was given in."""

_NAMES = {outcome: str(outcome) for outcome in Outcome}
_NOTHING: Json = {}


def merge(
    runs: Iterable[Run],
    probes: Sequence[Probe],
    sources: Mapping[str, str],
    suite: Mapping[str, Json],
    planned: Iterable[Mapping[str, Json]] = (),
) -> Matrix:
    """All that some runs say of some probes. Verdicts on probes that are no longer there are left out.

    planned: targets that should have answered; those without a run are `untested` throughout.
    """
    by_target: dict[str, list[Run]] = {}
    for run in distinct(runs):
        by_target.setdefault(run.header.target, []).append(run)
    lost = {target["id"]: target for target in planned if target["id"] not in by_target}
    names = sorted({*by_target, *lost}, key=naming.natural_key)
    targets = [lost[name] if name in lost else _target(name, by_target[name]) for name in names]
    cells = [cell for target in targets for cell in _cells(target, by_target.get(target["id"], []), probes)]
    return Matrix(
        targets=tuple(targets),
        probes=tuple(probes),
        cells=tuple(cells),
        sources=sources,
        suite=suite,
        generated=max((run.header.started for runs in by_target.values() for run in runs), default=""),
    )


def distinct(runs: Iterable[Run]) -> list[Run]:
    """Each run once, the oldest first; of two states of one run the longer (a job may have been read while it ran)."""
    best: dict[str, Run] = {}
    for run in runs:
        before = best.setdefault(run.header.run, run)
        if before is not run and _says_more(run, before):
            best[run.header.run] = run
    return sorted(best.values(), key=lambda run: (run.header.started, run.header.run))


def _says_more(run: Run, other: Run) -> bool:
    sizes = [(len(one.verdicts), one.complete) for one in (run, other)]
    return sizes[0] > sizes[1] or (sizes[0] == sizes[1] and repr(run) > repr(other))


def _target(target: str, runs: Sequence[Run]) -> Mapping[str, Json]:
    newest = runs[-1].header
    return {
        "id": target,
        "launcher": newest.launcher,
        "command": newest.command,
        "facts": dict(newest.facts),
        "runs": [
            {
                "run": run.header.run,
                "started": run.header.started,
                "complete": run.complete,
                "planned": run.header.planned,
                "verdicts": len(run.verdicts),
                "suite": dict(run.header.suite),
                "ci": run.header.ci,
            }
            for run in runs
        ],
    }


def _cells(target: Mapping[str, Json], runs: Sequence[Run], probes: Sequence[Probe]) -> Iterable[Cell]:
    said: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)
    for run in runs:
        header = run.header
        for verdict in run.verdicts:
            said[verdict.probe, verdict.method].append((header, verdict))
    markers = target["facts"].get("markers")  # a target that never answered has none
    holds = _holding(markers or {})
    for probe in probes:
        for method in probe.methods or ("none",):
            documented = _documented(probe, method, holds) if markers else None
            possible = not markers or _possible(target["facts"], method)
            yield cell(probe, method, target["id"], said.get((probe.id, method), []), documented, possible=possible)


def _possible(facts: Mapping[str, Json], method: str) -> bool:
    """Whether a target has a method and processes at all: else 'unavailable' says nothing about a question."""
    if facts["sys_platform"] in ("emscripten", "wasi"):
        return False
    return method == "none" or (method in facts["methods"] and method not in facts.get("refused", ()))


def cell(
    probe: Probe, method: str, target: str, said: Sequence[Said], documented: Json, *, possible: bool = True
) -> Cell:
    """One cell from all verdicts on it, the oldest first. possible: the target has the method, and processes.

    Only verdicts on one source of the probe count: the present one, or if it has none the newest; then it is stale.
    Facts that disagree make it `flaky`; an `error` beside facts is no fact, but lowers k of n.
    """
    said = _of_one_source(probe, said)
    if not said:
        return Cell(
            probe=probe.id, method=method, target=target, outcome=Outcome.UNTESTED, value=None, detail="",
            n=0, agree=0, documented=documented, agrees=None, last_verified=None, evidence={},
        )  # fmt: skip
    facts, answers = said, list[str]()
    if len(said) > 1:
        facts = [pair for pair in said if pair[1].outcome in FACTS] or said
        answers = [answer(probe, verdict) for _, verdict in facts]
    header, verdict = facts[-1]
    outcome, value, detail, agree = verdict.outcome, verdict.value, verdict.detail, len(facts)
    if len(set(answers)) > 1:
        counts = Counter(answers)
        chosen = max(counts, key=lambda key: (counts[key], key))
        header, verdict = next(pair for pair, key in zip(facts[::-1], answers[::-1], strict=True) if key == chosen)
        outcome, value, detail, agree = Outcome.FLAKY, None, _shares(counts, len(said)), counts[chosen]
    return Cell(
        probe=probe.id,
        method=method,
        target=target,
        outcome=outcome,
        value=value,
        detail=detail,
        n=len(said),
        agree=agree,
        documented=documented,
        agrees=agrees(probe, outcome, value, documented, possible=possible),
        last_verified=header.started,
        evidence=_evidence(verdict, said),
        stale=verdict.source_sha256 != probe.source_sha256,
    )


def _of_one_source(probe: Probe, said: Sequence[Said]) -> Sequence[Said]:
    if len(said) < 2:
        return said
    current = [pair for pair in said if pair[1].source_sha256 == probe.source_sha256]
    if current:
        return current
    newest = said[-1][1].source_sha256
    return [pair for pair in said if pair[1].source_sha256 == newest]


def answer(probe: Probe, verdict: Verdict) -> str:
    """What two verdicts must have in common to agree: a measured value may differ, a message may too."""
    if verdict.outcome is Outcome.VALUE and not probe.measured:
        return dumps(verdict.value)
    return _NAMES[verdict.outcome]


def _shares(counts: Counter[str], n: int) -> str:
    """'yes 4/5, no 1/5', the commonest first."""
    return ", ".join(
        f"{key} {count}/{n}" for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _evidence(verdict: Verdict, said: Sequence[Said]) -> Mapping[str, Json]:
    """The evidence of the answer shown, and what each attempt said. Parts that are equal may be one object."""
    return {
        "attempts": [
            _plain(header.run, one.attempt, one.outcome, one.detail)
            if one.value is None
            else _attempt(header.run, one.attempt, one.outcome, one.value, one.detail)
            for header, one in said
        ],
        "duration": verdict.duration,
        "exit": _data(verdict.exit),
        "leaks": {kind: list(names) for kind, names in verdict.leaks.items()} if verdict.leaks else _NOTHING,
        "observed": verdict.observed if isinstance(verdict.observed, dict) else dict(verdict.observed),
        "output": _data(verdict.output),
        "source_sha256": verdict.source_sha256,
        "stacks": verdict.stacks,
    }


def _attempt(run: str, attempt: int, outcome: Outcome, value: Json, detail: str) -> Json:
    return {"attempt": attempt, "detail": detail, "outcome": _NAMES[outcome], "run": run, "value": value}


@functools.lru_cache(maxsize=4096, typed=True)
def _plain(run: str, attempt: int, outcome: Outcome, detail: str) -> Json:
    """An attempt without a value: in a run there are few that differ, and many cells."""
    return _attempt(run, attempt, outcome, None, detail)


@functools.lru_cache(maxsize=4096)
def _data(part: Exit | Output) -> Json:
    """As JSON data; of most parts there are many equal ones."""
    return msgspec.structs.asdict(part)


def documented_answer(probe: Probe, method: str, markers: Mapping[str, str]) -> Json:
    """What the documents say for a method on a target: the first key that matches; None if none does."""
    return _documented(probe, method, _holding(markers))


def _documented(probe: Probe, method: str, holds: Callable[[str], bool]) -> Json:
    for key, said in probe.documented:
        wanted, marker = split_key(key)
        if wanted in (None, method) and (marker is None or holds(marker)):
            return said
    return None


def _holding(markers: Mapping[str, str]) -> Callable[[str], bool]:
    """Whether a marker holds on a target; each is evaluated once for it."""
    environment = dict(markers)
    return functools.cache(lambda marker: bool(_marker(marker).evaluate(environment)))


_marker = functools.cache(Marker)


def agrees(probe: Probe, outcome: Outcome, value: Json, documented: Json, *, possible: bool = True) -> bool | None:
    """Whether what was observed is what is documented; None where the two cannot be compared.

    A method that is not there says nothing about a question on what it does: only a probe whose documents
    speak of `unavailable` is about that.
    """
    if documented is None or outcome not in FACTS:
        return None
    silent = not possible or all(said != Outcome.UNAVAILABLE for _, said in probe.documented)
    if outcome is Outcome.UNAVAILABLE and documented != Outcome.UNAVAILABLE and silent:
        return None
    if outcome is Outcome.VALUE:
        return bool(value == documented)
    return bool(outcome == documented)
