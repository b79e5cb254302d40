"""Pasted text -> what is in it: exceptions with their frames and notes, warnings, stacks of threads. Pure.

People paste whole logs: with colours, prefixes of a log or of pytest, boxes, quotations, several exceptions in one. No
line is expected anywhere; each is looked at for what it can be.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_TEXT, MAX_LINE, MAX_PREFIXES = 500_000, 2000, 10
"""Characters that are read: of a longer text its end, where the error stands; of a longer line its beginning.

And kinds of prefix that are taken off the lines.
"""

MAX_MESSAGE_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One line of a stack: 'multiprocessing.process', 'start', its source line if it is there."""

    module: str
    function: str
    source: str = ""

    def __str__(self) -> str:
        return f"{self.module}:{self.function}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """One exception or warning. name is the class without its module; notes are those of pickle, the innermost first.

    process is the name before 'Traceback' in `Process SpawnProcess-1:`, '' where none is told. handling: it came while
    another one was handled, which the text has before it.
    """

    name: str
    message: str
    frames: tuple[Frame, ...] = ()
    notes: tuple[str, ...] = ()
    process: str = ""
    handling: bool = False

    @property
    def warning(self) -> bool:
        """A warning, which ends nothing by itself."""
        return self.name.endswith("Warning")

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Paste:
    """What a text holds. stacks are those of threads, innermost frame first; frames are all there are, of both."""

    text: str
    raised: tuple[Raised, ...]
    stacks: tuple[tuple[Frame, ...], ...]

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Every frame, of exceptions and of threads."""
        return (*(f for one in self.raised for f in one.frames), *(f for stack in self.stacks for f in stack))


_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]")
_PREFIX = re.compile(r"^(?:\ufeff|\s*[│┃╎]\s?|\s*\|\s(?=\s*(?:File|Traceback)))")
_PREFIXED = re.compile(
    r"^(?P<prefix>[^\n]{1,120}?[ \t])(?:Traceback \(most recent|(?:Current t|T)hread 0x.*\(most recent call f)",
    re.MULTILINE,
)
_SUFFIX = re.compile(r"[│┃╎]$")
_PYTEST = re.compile(r"^E(?:\s{1,3}|$)")

_FILE = re.compile(r"""File "([^"\n]+)", line \d+(?:,? in (.+))?""")
_OTHER_FRAMES = (
    re.compile(
        r"^(?:File )?(?P<file>(?:[A-Za-z]:)?[^\s:()]+\.pyx?|<[\w .\-]+>)(?::\d+)?,? in (?P<function>[\w.<>]+)\("
    ),
    re.compile(r"^(?P<file>(?:[A-Za-z]:)?[^\s:]+\.pyx?):\d+:? in (?P<function>[\w.<>]+)"),
    re.compile(r"^(?P<file>(?:[A-Za-z]:)?[^\s:]+\.pyx?):\d+:(?P<function>)\s*(?:\w+)?$"),
    re.compile(r"^(?P<function>[\w.<>]+) \((?P<file>[^()\s]+\.pyx?):\d+\)$"),
)
_STACK = re.compile(r"^(?:Current thread|Thread|Stack).*(?:most recent call first|\((?:idle|active)\))", re.IGNORECASE)
_PROCESS = re.compile(r"\bProcess ([\w.:\- ]{1,80}?):$")
_SUFFIXES = (
    r"Error|Exception|Warning|Interrupt|NotReady|BrokenProcessPool|BrokenExecutor|BrokenThreadPool|ImproperlyConfigured"
    r"|BdbQuit|SystemExit|RemoteTraceback|TimeoutExpired|(?<=\.)error(?=:)"
)
_RAISED = re.compile(rf"(?<![\w.'\"(])(?P<name>(?:[A-Za-z_]\w*\.)*\w*(?:{_SUFFIXES}))(?P<rest>:\s?.*|\s+\S.*|\s*)$")
_EXCEPTION = re.compile(rf"(?:\w+\.)*\w*(?:{_SUFFIXES})")
_ANY_NAME = re.compile(r"(?P<name>(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?P<rest>:\s.*|)$")
_IN_SOURCE = re.compile(r"\b(?:raise|except|import|class|isinstance|return|from|assert|with)\s[^:]*$")
_NOTE = re.compile(r"^when (?:un)?(?:serializing|pickling) ")
_HANDLING = "During handling of the above exception, another exception occurred"
_NEXT = re.compile(
    r"^\s*(?:Traceback \(|During handling|The above exception|File \"|Process \S+:$|FAILED |ERROR "
    r"|-{10,}|={3,}|_{5,}|\"\"\")"
)
_MARKS = re.compile(r"^[\s~^]+$")


def parse(text: str) -> Paste:
    """All that a pasted text holds."""
    lines = tuple(_clean(text))
    raised, stacks = _Reader(lines).read()
    return Paste(text="\n".join(lines), raised=raised, stacks=stacks)


def _clean(text: str) -> Iterator[str]:
    text = _COLOURS.sub("", text[-MAX_TEXT:]).replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(line[:MAX_LINE] for line in text.split("\n"))
    found = (match["prefix"].strip() for match in _PREFIXED.finditer(text))
    prefixes = dict.fromkeys(_shape(prefix) for prefix in found if prefix and not _EXCEPTION.fullmatch(prefix))
    for prefix in [*prefixes][:MAX_PREFIXES]:
        text = re.sub(f"^{prefix}", "", text, flags=re.MULTILINE)
    for line in text.split("\n"):
        yield _SUFFIX.sub("", _PREFIX.sub("", line).rstrip()).rstrip()


def _shape(prefix: str) -> str:
    """A pattern for what stands before each line: the same but for its numbers, as in the time of a log."""
    return re.sub(r"\d+", r"\\d+", re.escape(prefix.rstrip())) + " ?"


@dataclass(slots=True)
class _Reader:
    """Goes through the lines once. frames: seen since the last exception; stack: of the thread that is being read."""

    lines: tuple[str, ...]
    frames: list[Frame] = field(default_factory=list)
    stack: list[Frame] | None = None
    process: str = ""
    handling: bool = False
    raised: list[Raised] = field(default_factory=list)
    stacks: list[tuple[Frame, ...]] = field(default_factory=list)

    def read(self) -> tuple[tuple[Raised, ...], tuple[tuple[Frame, ...], ...]]:
        at = 0
        while at < len(self.lines):
            at = self._line(at)
        self._end_stack()
        return tuple(self.raised), tuple(self.stacks)

    def _line(self, at: int) -> int:
        """Take what begins in a line; returns the number of the next."""
        line = self.lines[at]
        bare = _PYTEST.sub("", line)
        if _STACK.match(bare.strip()):
            self._end_stack()
            self.stack = []
            return at + 1
        if frame := _frame(bare):
            source = self._source(at) if self.stack is None else ""
            (self.frames if self.stack is None else self.stack).append(
                Frame(module=frame.module, function=frame.function, source=source.strip())
            )
            return at + 1 + bool(source)
        if not bare.strip():
            self._end_stack()
            return at + 1
        if _HANDLING in line:
            self.handling = True
            return at + 1
        if named := _PROCESS.search(line):
            self.process = named[1]
            return at + 1
        return self._exception(at)

    def _source(self, at: int) -> str:
        """The source line of the frame in a line; '' where none follows."""
        if at + 1 >= len(self.lines):
            return ""
        line, after = self.lines[at], self.lines[at + 1]
        deeper = _indent(after) > _indent(line) and after.strip()
        return after if deeper and not _frame(after) and not _PYTEST.match(after) else ""

    def _exception(self, at: int) -> int:
        pytest = bool(_PYTEST.match(self.lines[at]))
        line = _PYTEST.sub("", self.lines[at])
        found = _RAISED.search(line)
        if found and found["rest"].startswith((" ", "\t")) and not _is_exception(found["name"]):
            found = None  # prose
        if (found and _IN_SOURCE.search(line[: found.start()])) or _MARKS.match(line):
            found = None
        elif not found and self.frames and not line.startswith(" "):
            found = _ANY_NAME.match(line)
        if not found:
            return at + 1
        self._end_stack()
        message, notes, after = self._message(at, found["rest"], pytest=pytest)
        name = found["name"].rpartition(".")[2]
        one = Raised(
            name=name, message=message, frames=tuple(self.frames), notes=notes,
            process=self.process, handling=self.handling,
        )  # fmt: skip
        self.raised.append(one)
        self.frames, self.process, self.handling = [], "", False
        return after

    def _message(self, at: int, rest: str, *, pytest: bool) -> tuple[str, tuple[str, ...], int]:
        """(message, notes, number of the next line): a message may go on, further in; notes follow it."""
        message, notes = [rest.removeprefix(":").strip()], list[str]()
        margin, after = _indent(_PYTEST.sub("", self.lines[at])), at + 1
        while after < len(self.lines) and after - at <= MAX_MESSAGE_LINES + len(notes):
            line = self.lines[after]
            if bool(_PYTEST.match(line)) is not pytest or _NEXT.match(line) or _frame(line):
                break
            line = _PYTEST.sub("", line)
            if _NOTE.match(line.strip()):
                notes.append(line.strip())
            elif line.strip() and (notes or _indent(line) <= margin or _MARKS.match(line)):
                break
            elif not notes:
                message.append(line.strip())
            after += 1
        return " ".join(part for part in message if part), tuple(notes), after

    def _end_stack(self) -> None:
        if self.stack:
            self.stacks.append(tuple(self.stack))
        self.stack = None


def _is_exception(name: str) -> bool:
    """Whether everybody knows it as an exception: `print(type(error).__name__, error)` puts no colon after it."""
    return name.rpartition(".")[2] in _KNOWN


_KNOWN = frozenset(name for name in dir(builtins) if isinstance(getattr(builtins, name), type)) | {
    "PicklingError", "UnpicklingError", "BrokenProcessPool", "MaybeEncodingError", "RemoteError", "AuthenticationError",
}  # fmt: skip


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _frame(line: str) -> Frame | None:
    if found := _FILE.search(line):
        return Frame(module=_module(found[1]), function=_function(found[2] or ""))
    for pattern in _OTHER_FRAMES:
        if found := pattern.match(line.strip()):
            return Frame(module=_module(found["file"]), function=_function(found["function"]))
    return None


def _function(text: str) -> str:
    """'start' of 'BaseProcess.start(self)' and of 'start'."""
    name = text.strip().partition("(")[0]
    return name if name.startswith("<") else name.rpartition(".")[2]


_PLACES = re.compile(
    r".*(?:/site-packages/|/dist-packages/|/lib(?:64)?/(?:python|pypy)[\d.]+t?/|/lib-python/[\d.]+/|/Lib/)",
    re.IGNORECASE,
)
_LIBRARY = re.compile(r"(?:^|/)((?:multiprocess(?:ing)?|concurrent/futures|billiard|asyncio|importlib|logging)/.*)$")


def _module(path: str) -> str:
    """The dotted name by which the file of a frame would be imported, as far as its path tells."""
    if path.startswith("<"):
        return path.strip("<>").removeprefix("frozen ")
    path = path.replace("\\", "/").removesuffix(".py").removesuffix(".pyx")
    known = _PLACES.match(path)
    part = path[known.end() :] if known else path
    inner = _LIBRARY.search(part) or _LIBRARY.search(path)
    part = inner[1] if inner else part if known else part.rpartition("/")[2]
    return part.removesuffix("/__init__").replace("/", ".")
