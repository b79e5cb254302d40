"""The values that flow through canifork, all of them immutable.

What stands in files is a msgspec Struct with the keys, the order and the bounds of its JSON; the rest are dataclasses.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Json = Any
"""What json.loads returns."""

MAX_NAMES, MAX_NAME = 1000, 300
"""How many leaks of a kind are named, and in how many characters each."""

MAX_TEXT, MAX_OUTPUT = 4000, 65_536
"""Characters of a detail or a value, and of printed text."""

METHODS = ("fork", "spawn", "forkserver", "none")
"""Start methods in the order of display; `none` is for a probe that is not about one method."""


class Outcome(enum.StrEnum):
    """What a cell can say. Only a probe says the first four; the runner and the merge say the others."""

    YES = "yes"
    NO = "no"
    VALUE = "value"
    UNAVAILABLE = "unavailable"
    HANG = "hang"
    CRASH = "crash"
    ERROR = "error"
    FLAKY = "flaky"
    UNTESTED = "untested"


PROBE_OUTCOMES = frozenset({Outcome.YES, Outcome.NO, Outcome.VALUE, Outcome.UNAVAILABLE})
"""What a record may say besides `error`."""

MERGED_OUTCOMES = frozenset({Outcome.FLAKY, Outcome.UNTESTED})
"""What a cell can say, and no single verdict."""

FACTS = frozenset({*PROBE_OUTCOMES, Outcome.HANG, Outcome.CRASH})
"""Outcomes that are facts about Python on a target, and so can be compared with a document."""


WANTED = ("yes", "no", "either")
"""What programs hope that a question's answer is: without it a change from yes to no could not be called worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question about starting processes, as `--list` tells it.

    id is 'theme.name'; documented is in order, the first key that matches counts; deadline is in seconds;
    source_sha256 covers the probe's file, and the helpers and assets that it names; wanted is one of WANTED.
    """

    id: str
    text: str
    why: str
    do: str
    source: str
    documented: tuple[tuple[str, Json], ...]
    methods: tuple[str, ...]
    asked: tuple[str, ...]
    deadline: float
    exclusive: bool
    unit: str | None
    measured: bool
    file: str
    line: int
    end: int
    source_sha256: str
    wanted: str = "yes"

    @property
    def theme(self) -> str:
        """The file's name: what the probe is about."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The function's name: what the probe's script is asked for."""
        return self.id.partition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One interpreter on one platform, or a command that behaves like one.

    command is what a script's path and arguments are appended to; facts are what the interpreter says about itself;
    time_scale multiplies every deadline (emulators are slow). path_map: pairs of absolute paths (on this machine, as
    the target sees it). private_paths: pairs (a path of this machine, what is published instead of it).
    """

    id: str
    command: tuple[str, ...]
    launcher: str
    facts: Mapping[str, Json]
    time_scale: float = 1.0
    path_map: tuple[tuple[str, str], ...] = ()
    private_paths: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One cell to measure once; attempt counts from 1."""

    probe: Probe
    method: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSpec:
    """All that starting one process takes.

    deadline is in seconds from the start; output_limit is in bytes, and who prints more is ended.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    temp: Path
    record: Path
    output: Path
    token: str
    deadline: float
    output_limit: int = 8 * 2**20


_ShortText = Annotated[str, Meta(max_length=MAX_NAME)]
_Text = Annotated[str, Meta(max_length=MAX_TEXT)]
_LongText = Annotated[str, Meta(max_length=MAX_OUTPUT)]
_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_Scalar = None | bool | _Int64 | float | _Text
_AnyScalar = None | bool | _Int64 | float | str
_Inner = _AnyScalar | list[_AnyScalar] | dict[str, _AnyScalar]
_Observation = _AnyScalar | list[_Inner] | dict[str, _Inner]
"""JSON that is not nested deeply: a line of a stranger may have 100,000 brackets."""
_Method = Annotated[str, Meta(pattern=r"^(fork|spawn|forkserver|none)\Z")]
_LeakKind = Annotated[str, Meta(pattern=r"^(files|processes|shared_memory)\Z")]


class Exit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """How a process ended: its status, the name of a signal, the name of an NTSTATUS; at most one of the last two."""

    code: Annotated[int, Meta(ge=-(2**32), le=2**32)] | None = None
    signal: Annotated[str, Meta(max_length=30)] | None = None
    status: Annotated[str, Meta(max_length=60)] | None = None


class Output(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What the processes of a probe printed: printable text, the number of bytes, whether its middle is cut out."""

    bytes: Annotated[int, Meta(ge=0, le=10**15)] = 0
    cut: bool = False
    text: _LongText = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessExit:
    """How the processes of one probe ended, seen from outside.

    code, signal and status are as in Exit. timed_out: the deadline passed; flooded: it printed more than the limit;
    stuck: it survived SIGKILL.
    leaks: what it left behind, by kind; stacks: printed by its processes when asked at the deadline.
    """

    code: int | None = None
    signal: str | None = None
    status: str | None = None
    timed_out: bool = False
    flooded: bool = False
    stuck: bool = False
    duration: float = 0.0
    output: Output = field(default_factory=Output)
    stacks: str | None = None
    leaks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Verdict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What one target answered to one probe under one method, with the evidence.

    It is a line of a run file as it stands there: the same keys in the same order, and the bounds of
    run-1.schema.json, so that a line is decoded into it at once (matrix/files/run_reader.py). duration is in seconds.
    """

    attempt: Annotated[int, Meta(ge=1, le=100_000)] = 1
    detail: _Text = ""
    duration: Annotated[int, Meta(ge=0, le=1_000_000)] | Annotated[float, Meta(ge=0, le=1_000_000)] = 0.0
    exit: Exit = Exit()
    kind: Literal["verdict"] = "verdict"
    leaks: Mapping[_LeakKind, Annotated[tuple[_ShortText, ...], Meta(max_length=MAX_NAMES)]] = {}
    method: _Method
    observed: Annotated[Mapping[str, _Observation], Meta(max_length=100)] = {}
    outcome: Outcome
    output: Output = Output()
    probe: Annotated[str, Meta(max_length=100, pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")]
    source_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    stacks: _LongText | None = None
    value: _Scalar | Annotated[list[_Scalar], Meta(max_length=100)] = None


class Header(Struct, frozen=True, kw_only=True):
    """The first line of a run: who answered, to which suite, when. It stands in a run file as it is here.

    started is UTC, 'YYYY-MM-DDTHH:MM:SSZ'; planned is the number of verdicts that a complete run has.
    """

    ci: Mapping[str, Json] | None = None
    command: str
    facts: Mapping[str, Json]
    kind: Literal["header"] = "header"
    launcher: str
    planned: int
    run: str
    schema: int = 1
    started: str
    suite: Mapping[str, Json]
    target: str


class End(Struct, frozen=True, kw_only=True):
    """The last line of a run. verdicts: how many it has; seconds: its wall time, which older runs do not tell."""

    complete: bool
    kind: Literal["end"] = "end"
    seconds: float | UnsetType = UNSET
    verdicts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one job saw on one target. seconds: its wall time, if it says."""

    header: Header
    verdicts: Sequence[Verdict]
    complete: bool
    seconds: float | None = field(default=None, compare=False)


class Evidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What an answer is based on: the parts of a verdict that are often equal on many targets."""

    exit: Exit = Exit()
    leaks: Mapping[str, tuple[str, ...]] = {}
    observed: Mapping[str, Json] = {}
    output: Output = Output()
    source_sha256: str = ""
    stacks: str | None = None


class Attempt(Struct, frozen=True, kw_only=True, gc=False):
    """What one of several attempts at a cell gave. run: the ID of its run, None if it is not known."""

    detail: str
    outcome: Outcome
    run: str | None
    value: Json


class Cell(Struct, frozen=True, kw_only=True, gc=False):
    """One probe under one method on one target, derived from all runs.

    n verdicts were given to this source of the probe, agree of them are the answer shown.
    documented is None where no document says anything, agrees is None where nothing can be compared.
    run is the ID of the newest run with the answer shown, last_verified its start; duration is in seconds.
    attempts has all attempts, the oldest first, if they differ in outcome, value or detail; else n says how many there
    were. evidence is None where nothing was measured.
    stale: the question has changed since it was answered, and nobody has asked the new one yet.
    """

    probe: str
    method: str
    target: str
    outcome: Outcome
    value: Json = None
    detail: str = ""
    n: int = 0
    agree: int = 0
    documented: Json = None
    agrees: bool | None = None
    run: str | None = None
    last_verified: str | None = None
    duration: float | None = None
    attempts: tuple[Attempt, ...] = ()
    evidence: Evidence | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All there is to show. sources holds the text of each probe file; suite names the commit."""

    targets: tuple[Mapping[str, Json], ...]
    probes: tuple[Probe, ...]
    cells: tuple[Cell, ...]
    sources: Mapping[str, str]
    suite: Mapping[str, Json]
    generated: str
