"""runs -> Matrix: cells, k of n, and what the documents say. Pure; the order of the runs does not matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from matrix import answers, documented
from matrix.answers import RunVerdict
from matrix.model import FACTS, Attempt, Cell, Evidence, Json, Matrix, Outcome, Probe, Run
from matrix.targets import naming


def merge(
    runs: Iterable[Run],
    probes: Sequence[Probe],
    sources: Mapping[str, str],
    suite: Mapping[str, Json],
    planned: Iterable[Mapping[str, Json]] = (),
) -> Matrix:
    """All cells of some probes on the targets of some runs. Verdicts on other probes are left out.

    planned: targets that should have been measured; those without a run are `untested` throughout.
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
        if before is not run and _is_longer(run, before):
            best[run.header.run] = run
    return sorted(best.values(), key=lambda run: (run.header.started, run.header.run))


def _is_longer(run: Run, other: Run) -> bool:
    sizes = [(len(state.verdicts), state.complete) for state in (run, other)]
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
    attempts = answers.attempts(runs)
    markers = target["facts"].get("markers")  # a target that never answered has none
    holds = documented.holding(markers or {})
    for probe in probes:
        for method in probe.methods or ("none",):
            stated = documented.documented_answer(probe, method, holds) if markers else None
            possible = not markers or _possible(target["facts"], method)
            yield cell(probe, method, target["id"], attempts.get((probe.id, method), []), stated, possible=possible)


def _possible(facts: Mapping[str, Json], method: str) -> bool:
    """Whether a target has a method and processes at all: else 'unavailable' says nothing about a question."""
    if facts["sys_platform"] in ("emscripten", "wasi"):
        return False
    return method == "none" or (method in facts["methods"] and method not in facts.get("refused", ()))


def cell(
    probe: Probe, method: str, target: str, attempts: Sequence[RunVerdict], stated: Json, *, possible: bool = True
) -> Cell:
    """One cell from all attempts at it, the oldest first.

    stated: what documents say; possible: the target has the method, and processes.
    Only attempts at one source of the probe count: the present one, or if it has none the newest; then it is stale.
    Facts that disagree make it `flaky`; an `error` beside facts is no fact, but lowers k of n.
    """
    attempts = _of_one_source(probe, attempts)
    if not attempts:
        return Cell(probe=probe.id, method=method, target=target, outcome=Outcome.UNTESTED, documented=stated)
    facts, said = attempts, list[str]()
    if len(attempts) > 1:
        facts = [attempt for attempt in attempts if attempt[1].outcome in FACTS] or attempts
        said = [answers.answer(probe, verdict) for _, verdict in facts]
    header, verdict = facts[-1]
    outcome, value, detail, agree = verdict.outcome, verdict.value, verdict.detail, len(facts)
    if len(set(said)) > 1:
        counts = Counter(said)
        chosen = max(counts, key=lambda key: (counts[key], key))
        header, verdict = next(attempt for attempt, key in zip(facts[::-1], said[::-1], strict=True) if key == chosen)
        outcome, value, detail, agree = Outcome.FLAKY, None, _shares(counts, len(attempts)), counts[chosen]
    return Cell(
        probe=probe.id,
        method=method,
        target=target,
        outcome=outcome,
        value=value,
        detail=detail,
        n=len(attempts),
        agree=agree,
        documented=stated,
        agrees=agrees(probe, outcome, value, stated, possible=possible),
        run=header.run,
        last_verified=header.started,
        duration=verdict.duration,
        attempts=_told(attempts),
        evidence=Evidence(
            exit=verdict.exit,
            leaks=verdict.leaks,
            observed=verdict.observed,
            output=verdict.output,
            source_sha256=verdict.source_sha256,
            stacks=verdict.stacks,
        ),
        stale=verdict.source_sha256 != probe.source_sha256,
    )


def _of_one_source(probe: Probe, attempts: Sequence[RunVerdict]) -> Sequence[RunVerdict]:
    if len(attempts) < 2:
        return attempts
    current = [attempt for attempt in attempts if attempt[1].source_sha256 == probe.source_sha256]
    if current:
        return current
    newest = attempts[-1][1].source_sha256
    return [attempt for attempt in attempts if attempt[1].source_sha256 == newest]


def _shares(counts: Counter[str], n: int) -> str:
    """'yes 4/5, no 1/5', the commonest first."""
    return ", ".join(
        f"{key} {count}/{n}" for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _told(attempts: Sequence[RunVerdict]) -> tuple[Attempt, ...]:
    """Each attempt if they differ; of equal ones the cell tells all."""
    if answers.alike([verdict for _, verdict in attempts]):
        return ()
    return tuple(
        Attempt(detail=verdict.detail, outcome=verdict.outcome, run=header.run, value=verdict.value)
        for header, verdict in attempts
    )


def agrees(probe: Probe, outcome: Outcome, value: Json, stated: Json, *, possible: bool = True) -> bool | None:
    """Whether what was observed is what is documented; None where the two cannot be compared.

    A method that is not there says nothing about a question on what it does: only a probe whose documents
    speak of `unavailable` is about that.
    """
    if stated is None or outcome not in FACTS:
        return None
    silent = not possible or all(answer != Outcome.UNAVAILABLE for _, answer in probe.documented)
    if outcome is Outcome.UNAVAILABLE and stated != Outcome.UNAVAILABLE and silent:
        return None
    if outcome is Outcome.VALUE:
        return bool(value == stated)
    return bool(outcome == stated)
