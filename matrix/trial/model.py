"""The values of trials: what was run, what was seen, what differs. Frozen, and known to nobody below."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matrix import called
from matrix.model import ProcessExit


class Difference(enum.StrEnum):
    """How a trial differs from the baseline's."""

    FAILS = "fails"
    HANGS = "hangs"
    CRASHES = "crashes"
    WARNS = "warns"
    OUTPUT = "output differs"
    SLOWER = "slower"
    LEAKS = "leaks"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """An interpreter that trials use. default: its own default start method; methods: those it has."""

    path: str
    series: str
    version: str
    platform: str
    target: str
    default: str
    methods: tuple[str, ...]
    path_map: tuple[tuple[str, str], ...] = ()
    time_scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What is run. words: as the user wrote them; argv: with the interpreter.

    kind: 'pytest', 'unittest', 'function' or 'command'. script: the file that it runs, as it was written; '' where the
    words name none.
    """

    words: tuple[str, ...]
    argv: tuple[str, ...]
    kind: str
    cwd: Path
    script: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A place in a source: absolute or relative path as Python told it, line from 1, name of the function."""

    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One start of a process.

    origin: 'default', 'set' (by set_start_method), 'explicit', 'either' of the first and last, 'fork' for os.fork().
    threads: of the parent as the system counts them, at a fork. size: bytes that were pickled. seconds: until the
    child ran, or until start() returned where nobody saw the child. unpicklable: path to the part that could not be
    pickled, such as `self.session['lock']`; inside: classes of the objects on that path, dotted. stack: frames outside
    the library, innermost first.
    """

    method: str
    origin: str
    library: str = "multiprocessing"
    interface: str = "Process"
    kind: str = ""
    target: str = ""
    threads: int | None = None
    size: int | None = None
    seconds: float | None = None
    error: str | None = None
    unpicklable: str = ""
    inside: frozenset[str] = frozenset()
    stack: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """One test in one trial. outcome: 'passed', 'failed', 'skipped', 'xfailed', 'xpassed', 'hang', 'crash', 'cut off'.

    seconds: of the test with its fixtures. text: traceback or stacks; output: what it printed. follows: the test whose
    failure brings about this one's, '' if none is known to.
    """

    __test__ = False

    id: str
    outcome: str
    seconds: float = 0.0
    text: str = ""
    output: str = ""
    warnings: tuple[str, ...] = ()
    follows: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One command run once under one start method of one Python.

    number: counted from 1 among those of the same method. untested: why nothing, or not all, can be concluded.
    swapped: whether any process took the method as its default; False where none imported multiprocessing.
    kind: of the command. pythons: versions of those that ran. begun: how many tests have begun, each time they did.
    longest_gap: seconds, the longest time in which no test began or ended. output: what was printed, if it can be
    compared; output_cut: there was more.
    """

    python: Python
    method: str
    number: int
    exit: ProcessExit
    kind: str = "command"
    pythons: frozenset[str] = frozenset()
    begun: int = 0
    tests: Mapping[str, TestRun] = field(default_factory=dict)
    starts: tuple[Start, ...] = ()
    untested: tuple[str, ...] = ()
    swapped: bool = False
    complete: bool = True
    longest_gap: float = 0.0
    processes: int = 0
    output: str = ""
    output_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What the matrix says of a finding: a question that was measured, with its label, its range and its page."""

    question: str
    text: str
    because: str
    label: str
    range: str
    why: str
    do: str
    url: str
    culprit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A difference between a trial and the baseline.

    test: id of the test, or '' for the command as a whole. evidence: traceback, stacks or lines. place: where in the
    project it happened, as its traceback or a start tells; anchor: where it is shown, if no place is known. k of n
    trials of that method showed it. follows: as of TestRun.
    """

    python: str
    method: str
    test: str
    difference: Difference
    detail: str
    evidence: str = ""
    place: Frame | None = None
    anchor: Frame | None = None
    k: int = 1
    n: int = 1
    reasons: tuple[Reason, ...] = ()
    follows: str = ""

    @property
    def key(self) -> str:
        """What names it from run to run, whatever else changes."""
        return "|".join((self.python, self.method, self.test, self.difference))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A measured answer that differs between the Python here and the one that is moved to."""

    question: str
    text: str
    method: str
    before: str
    after: str
    do: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What the trials of one Python show together.

    own: what fails under all methods; flaky: id -> (k, n), k of n baseline runs failed. nothing: why nothing was tested
    at all, '' if something was. changes: measured answers that differ where --as leads to; None if nobody has measured
    them there.
    """

    python: Python
    baseline: str
    trials: tuple[Trial, ...]
    findings: tuple[Finding, ...]
    own: tuple[Finding, ...] = ()
    flaky: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    untested: tuple[str, ...] = ()
    nothing: str = ""
    changes: Sequence[Change] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of one `try`.

    program: how canifork was called, as for matrix.called. options: those that another call needs to try the same, such
    as --python, each with what follows it. known: findings that a baseline file silences. moved_to: the target of --as.
    site: address of the question's pages, ending in a slash; '' if nobody said.
    """

    words: tuple[str, ...]
    cwd: Path
    compared: tuple[Compared, ...]
    program: str = called.INSTALLED
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    known: tuple[Finding, ...] = ()
    moved_to: str = ""
    site: str = ""
    seconds: float = 0.0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all Pythons."""
        return tuple(finding for one in self.compared for finding in one.findings)

    @property
    def untested(self) -> tuple[str, ...]:
        """Why the answer is not complete; empty if it is."""
        return tuple(dict.fromkeys(why for one in self.compared for why in (*one.untested, one.nothing) if why))
