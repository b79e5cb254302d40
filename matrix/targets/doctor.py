"""Whether a command behaves like an interpreter: each clause of docs/targets.md, tried with the runner's machinery."""

from __future__ import annotations

import math
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from matrix.errors import TargetError
from matrix.files import untrusted_json
from matrix.model import Json, LaunchSpec, ProcessExit, Target
from matrix.paths import FACTS
from matrix.system import launch, process
from matrix.system.scratch import Scratch
from matrix.targets import identify

SCRIPT = FACTS.with_name("_doctor.py")

WORDS = ("a b", "grün→", 'it\'s "quoted"', "back\\slash\\", "", "--x=y", "*", "$HOME %PATH%", "a;b&c|d")
"""Arguments that a shell in between would change."""

STATUSES = (0, 3, 255)

PATIENCE = 60.0
"""Seconds that one start may take, before the target's time scale: more than any probe gets."""

QUIET = 2.0
"""Seconds without a heartbeat after which a process that had 20 a second is dead."""

SLOWER = 5.0
"""How many times slower than this machine's Python a target may start before deadlines must be longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One clause of the contract (docs/targets.md): whether it held, and what was seen if not.

    A clause that is not required makes answers poorer, not wrong.
    """

    clause: str
    held: bool
    detail: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the doctor saw. target is None if the command did not say what it is; seconds: of one start."""

    target: Target | None
    checks: tuple[Check, ...]
    seconds: float | None = None
    time_scale: float | None = None

    @property
    def qualifies(self) -> bool:
        """Whether the command can be measured."""
        return self.target is not None and all(check.held for check in self.checks if check.required)


def examine(
    command: Sequence[str], launcher: str | None, paths: Sequence[tuple[str, str]], time_scale: float | None
) -> Report:
    """Try every clause on a command. Takes about a dozen starts."""
    clause = "it prints its facts"
    try:
        target = identify.identify(command, launcher, paths, time_scale)
    except TargetError as error:
        return Report(target=None, checks=(Check(clause=clause, held=False, detail=str(error)),))
    with Scratch(launch.temporary_root()) as scratch:
        folder = scratch.folder
        checks = [Check(clause=clause, held=True, detail=target.id), *_told(target, folder)]
        if all(check.held for check in checks[:2]):  # else nothing can be seen of the others
            checks += [_statuses(target, folder), *_killed(target, folder), _together(target, folder)]
        seconds, own = (_start(each, folder) for each in (target, _own(target)))
    return Report(
        target=target,
        checks=tuple(checks),
        seconds=round(seconds, 2),
        time_scale=float(max(1, math.ceil(seconds / own / SLOWER))),
    )


def _own(target: Target) -> Target:
    """This interpreter, to compare with."""
    return Target(id="own", command=(sys.executable,), launcher="base", facts=target.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One run of the script, and what it wrote down; None if nothing that we can read."""

    ended: ProcessExit
    record: Json
    began: float
    launch: LaunchSpec

    @property
    def why(self) -> str:
        """How it ended, and what it printed last."""
        lines = [line for line in self.ended.output.text.strip().splitlines() if not line.startswith("doctor: ")]
        how = "still running" if self.ended.timed_out else f"ended with {self.ended.signal or self.ended.code}"
        told = [line for line in lines if "rror" in line] or lines
        return f"{how} after {self.ended.duration:.1f} s" + (f": {told[-1].strip()[:200]}" if told else "")


def _call(target: Target, folder: Path, question: str, *words: str | Path, deadline: float = PATIENCE) -> _Call:
    """Run the script as the runner runs a probe. Paths among the words are told as the target sees them."""
    private = folder / secrets.token_hex(4)
    private.mkdir()
    temp, record, output = (private / name for name in ("t", "record", "output"))
    temp.mkdir()
    (temp / "doctor-was-here").touch()
    rest = [launch.target_path(word, target.path_map) if isinstance(word, Path) else word for word in words]
    if question == "tell":
        rest.insert(0, launch.target_path(output, target.path_map))
    token = secrets.token_hex(8)
    script, record_there = (launch.target_path(path, target.path_map) for path in (SCRIPT, record))
    plan = LaunchSpec(
        argv=(*target.command, script, question, record_there, *rest),
        env=launch.target_environment(target, os.environ, temp, token),
        cwd=temp, temp=temp, record=record, output=output, token=token,
        deadline=deadline * target.time_scale,
    )  # fmt: skip
    began = time.monotonic()
    ended = process.run(plan, threading.Event())
    assert ended is not None  # nobody cancels
    try:
        written = untrusted_json.parse(record.read_bytes())
    except (OSError, ValueError):
        written = None
    return _Call(ended=ended, record=written, began=began, launch=plan)


def _told(target: Target, folder: Path) -> Iterator[Check]:
    """The clauses that one run of the script can tell."""
    call = _call(target, folder, "tell")
    clause = "the record that it writes is seen here"
    if not isinstance(call.record, dict) or "words" not in call.record:
        hint = "It must see the folder of the suite and the temporary folder; if elsewhere, say so by --map."
        yield Check(clause=clause, held=False, detail=f"no record; it {call.why}. {hint}")
        return
    yield Check(clause=clause, held=True)
    yield _arguments(_call(target, folder, "tell", *WORDS))
    yield _environment(call)
    yield Check(
        clause="it runs in the folder that it was started in",
        held=call.record["here"],
        detail="" if call.record["here"] else "another folder. Scripts of users are found by relative paths.",
    )
    text = call.ended.output.text
    missing = [name for name in ("stdout", "stderr") if f"doctor: to {name}" not in text]
    yield Check(
        clause="what it prints is captured, both streams",
        held=not missing,
        detail=f"{' and '.join(missing)} did not arrive." if missing else "",
    )
    yield Check(
        clause="it can read what it has printed",
        held=call.record["printed"],
        detail=""
        if call.record["printed"]
        else "the file that its output goes to is not seen there, or filled too late.",
    )


def _arguments(call: _Call) -> Check:
    got = call.record.get("words") if isinstance(call.record, dict) else None
    detail = ""
    if got is None:
        detail = f"with blanks and quotes in them it {call.why}. A shell in between?"
    elif got != list(WORDS):
        sent, arrived = next(pair for pair in zip_longest(WORDS, got) if pair[0] != pair[1])
        detail = f"{sent!r} arrived as {arrived!r}. A shell in between?"
    return Check(clause="arguments arrive unchanged", held=not detail, detail=detail)


def _environment(call: _Call) -> Check:
    wanted = {name: text for name, text in call.launch.env.items() if name.startswith(("CANIFORK_", "PYTHON"))}
    got = call.record["env"]
    wrong = sorted(name for name in wanted if got.get(name) != wanted[name])
    if "TMPDIR" in call.launch.env and not call.record["temp"]:
        wrong.append("TMPDIR")
    detail = f"{', '.join(wrong)} did not arrive; docker wants -e NAME for each." if wrong else ""
    return Check(clause="environment variables arrive", held=not wrong, detail=detail)


def _statuses(target: Target, folder: Path) -> Check:
    wrong = []
    for status in STATUSES:
        call = _call(target, folder, "exit", str(status))
        if call.ended.code != status:
            wrong.append(f"{status} arrived as {call.ended.signal or call.ended.code}")
    return Check(clause="its exit status is kept", held=not wrong, detail="; ".join(wrong))


def _killed(target: Target, folder: Path) -> Iterator[Check]:
    """A process that would run on is ended at its deadline, wherever it really runs."""
    beat = folder / "beat"
    began = time.monotonic()
    _call(target, folder, "exit", "0")
    start = time.monotonic() - began
    call = _call(target, folder, "wait", beat, deadline=(3 * start + 3) / target.time_scale)
    before = beat.stat().st_size if beat.exists() else 0
    time.sleep(QUIET)  # absence can only be waited for
    after = beat.stat().st_size if beat.exists() else 0
    clause = "it ends when it is killed"
    if not before:
        yield Check(clause=clause, held=False, detail=f"cannot tell: it gave no sign of life; it {call.why}.")
        return
    alive = after > before or call.ended.stuck
    detail = "it ran on. Killing the command must end what it started: in a container, on another machine too."
    yield Check(clause=clause, held=not alive, detail=detail if alive else "")
    if os.name == "posix" and target.facts["sys_platform"] != "win32":
        stacks = SCRIPT.name in (call.ended.stacks or "")
        yield Check(
            clause="it prints its stacks when it hangs",
            held=stacks,
            required=False,
            detail="" if stacks else "SIGABRT did not reach a Python with faulthandler: hangs will have no stacks.",
        )


def _together(target: Target, folder: Path) -> Check:
    """Two at once: the runner starts as many as there are cores."""
    ends = folder / "meet-a", folder / "meet-b"
    seconds = f"{PATIENCE * target.time_scale / 2:g}"
    with ThreadPoolExecutor(2) as pool:
        calls = list(pool.map(lambda pair: _call(target, folder, "meet", *pair, seconds), (ends, ends[::-1])))
    lone = [call for call in calls if call.record != {"met": True}]
    detail = f"one did not see the other; it {lone[0].why}. Measure it with --jobs 1." if lone else ""
    return Check(clause="two can run at once", held=not lone, detail=detail, required=False)


def _start(target: Target, folder: Path) -> float:
    """Seconds that one start takes: the median of three."""
    return sorted(_call(target, folder, "exit", "0").ended.duration for _ in range(3))[1]
