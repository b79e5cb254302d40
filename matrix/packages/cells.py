"""Verdicts of one version on one target -> cells, and the sentence that decides. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from matrix.answers import CellKey
from matrix.model import Outcome, Verdict
from matrix.packages.measurement import Measurement, PackageCell

WORKS = "works"
SPAWNED = ("own_object", "spawn")
"""The control of whatever has none of its own: the recipe in a fresh interpreter."""

FACTS = ("thread_count", "fork_handlers", "start_method", "default_method", "imported_thread")
"""Questions without a right answer."""

OF_HOSTS = ("process", "pool")
"""Questions whose start methods are what is compared: none is the control of another."""

_ENDS = {Outcome.HANG: "parent hangs", Outcome.CRASH: "parent crashes", Outcome.ERROR: "error"}
RACES = ("forked_while_busy", "shared_use")
"""Questions whose answer depends on the moment; they have controls of their own."""

_STACKS = 8000
"""Characters of stacks that are kept."""


def merged(verdicts: Iterable[Verdict]) -> tuple[PackageCell, ...]:
    """One cell for each question and start method, in the order in which they were first asked."""
    attempts: dict[CellKey, list[Verdict]] = {}
    for verdict in verdicts:
        attempts.setdefault((verdict.probe.partition(".")[2], verdict.method), []).append(verdict)
    words = {key: Counter(word(verdict) for verdict in several) for key, several in attempts.items()}
    return tuple(
        _cell(key, several, words[key], fact=_is_fact(key, words)) for key, several in sorted(attempts.items())
    )


def word(verdict: Verdict) -> str:
    """What one attempt showed: the recipe's word, or how the parent itself ended."""
    if verdict.outcome is Outcome.VALUE:
        return str(verdict.value)
    return _ENDS.get(verdict.outcome, str(verdict.outcome))


def _is_fact(key: CellKey, words: Mapping[CellKey, Counter[str]]) -> bool:
    """Whether the answer says something of the start method: it works, or its control under spawn always does."""
    question, method = key
    if question in (*FACTS, *OF_HOSTS) or set(words[key]) == {WORKS}:
        return True
    control = (question, "spawn") if question in RACES and method != "spawn" else SPAWNED
    return set(words.get(control, ())) == {WORKS}


def _cell(key: CellKey, attempts: Sequence[Verdict], words: Counter[str], *, fact: bool) -> PackageCell:
    failing = words.copy()
    if key[0] in RACES:  # k of n by nature: one that fails is the answer
        failing.pop(WORKS, None)
    answer, agree = (failing or words).most_common(1)[0]
    flaky = len(words) > 1 and (key[0] not in RACES or "error" in words)  # an attempt without an answer is told
    shown = next(verdict for verdict in attempts if word(verdict) == answer)
    return PackageCell(
        question=key[0],
        method=key[1],
        answer="flaky" if flaky else answer,
        detail=", ".join(f"{name} {n}" for name, n in sorted(words.items())) if flaky else told(shown),
        n=len(attempts),
        agree=agree,
        children=_total("children", attempts),
        failed=_total("failed", attempts),
        fact=fact,
        stacks=re.sub(r"0x[0-9a-f]+", "0x…", _stacks(shown))[:_STACKS],
    )


def told(verdict: Verdict) -> str:
    """What one attempt says besides its word; of a parent that hung, where."""
    return verdict.detail if verdict.outcome is not Outcome.HANG else _innermost(_stacks(verdict))


def _stacks(verdict: Verdict) -> str:
    """The stacks of the child that hung, else of the process that asked."""
    return str(verdict.observed.get("stacks") or verdict.stacks or "")


def _innermost(stacks: str) -> str:
    """The innermost Python function of the thread that printed its stacks: 'in _launch, popen_fork.py'."""
    stacks = stacks[max(0, stacks.find("Current thread")) :]
    found = re.search(r'File "[^"]*?([^"/\\\\]+)", line \d+,? in (\S+)', stacks)
    return f"in {found[2]}, {found[1]}" if found else "no Python stack"


def _total(name: str, attempts: Iterable[Verdict]) -> int:
    """The sum of a number that each attempt observed."""
    numbers = (verdict.observed.get(name) for verdict in attempts)
    return sum(number for number in numbers if isinstance(number, int))


ADVICE = {
    "works": "works",
    "idle": "fork only while no other thread uses it",
    "own": "make a new object in each process",
    "early": "start processes before you use it",
    "spawn": "use spawn or forkserver",
    "broken": "broken under spawn too",
    "unknown": "not known: the recipe fails",
    "no wheel": "no wheel for this Python",
    "any method": "every start method works",
    "fork only": "only fork works",
    "some": "some start methods work",
    "no method": "no start method works",
}
"""The sentences that decide, by what fails under fork; from the best to the worst."""


_LEVELS = (
    ("spawn", ("first_use",)),
    ("early", ("own_object",)),
    ("own", ("parent_object", "let_go", "shared_use")),
    ("idle", ("forked_while_busy",)),
)
"""Sentences for fork, the worst first, and the questions that decide for each."""


def advice(measurement: Measurement) -> str:
    """The key in ADVICE: the least that a program must do for fork to be safe."""
    if not measurement.wheel:
        return "no wheel"
    cells = {(cell.question, cell.method): cell for cell in measurement.cells}
    if any(question in OF_HOSTS for question, _ in cells):
        return _host_advice(measurement.cells)

    if any(cell.answer == "error" for cell in measurement.cells):
        return "unknown"
    spawned = cells.get(SPAWNED)
    if spawned is None or spawned.answer != WORKS:
        return "broken"
    for key, questions in _LEVELS:
        failing = [cell for name in questions if (cell := cells.get((name, "fork"))) and cell.answer != WORKS]
        if failing:  # what fails under spawn too says nothing of fork: less than this is not known to do
            return key if any(cell.fact for cell in failing) else "unknown"
    return "works"


def series(measurement: Measurement) -> str:
    """The series of the Python of a measurement: 3.13, 3.13t."""
    number, _, build = measurement.target.split("-")[1].partition("+")
    return ".".join(number.split(".")[:2]) + ("t" if build == "freethreaded" else "")


def _host_advice(cells: Iterable[PackageCell]) -> str:
    """The key in ADVICE for a host: under which start methods both a process and a pool work."""
    works: dict[str, bool] = {}
    for cell in cells:
        if cell.question in OF_HOSTS:
            works[cell.method] = works.get(cell.method, True) and cell.answer == WORKS
    good = [method for method, fine in works.items() if fine]
    if len(good) in (0, len(works)):
        return "any method" if good else "no method"
    return "fork only" if good == ["fork"] else "some"
