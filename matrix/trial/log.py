"""What the processes of a trial wrote down -> starts, tests, and where the injection did not take. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from matrix.model import Json
from matrix.trial.event_files import Event, Events
from matrix.trial.model import Frame, Start, TestRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Processes:
    """What was written down of processes. pythons: their versions; faults: what was not watched and why, in words.

    resources: names of shared memory and semaphores that the processes made.
    """

    count: int
    pythons: frozenset[str]
    swapped: bool
    starts: tuple[Start, ...]
    faults: tuple[str, ...]
    resources: frozenset[str]


def processes(events: Events, argv: Sequence[str]) -> Processes:
    """What a trial's processes did; argv says why, if nothing was written at all."""
    found = events.found
    more = (f"the log of its processes could not be read whole: {events.fault}",) if events.fault else ()
    hellos = [event for event in found if event["event"] == "hello"]
    began = {event["pid"]: event["at"] for event in found if event["event"] == "began"}
    starts = [_start(event, began) for event in found if event["event"] in ("start", "fork")]
    swaps = [event for event in found if event["event"] == "swap"]
    return Processes(
        count=len(hellos) + sum(event["event"] == "forked" for event in found),
        pythons=frozenset(str(event.get("python", "")) for event in hellos),
        swapped=any(event.get("ok") for event in swaps),
        starts=tuple(starts),
        faults=(*more, *_faults(found, argv)),
        resources=frozenset(str(event.get("name", "")).lstrip("/") for event in found if event["event"] == "resource"),
    )


def fruitless(events: Sequence[Event], patience: float) -> tuple[int, int]:
    """(how many processes were started, how many of them came to nothing: failed, or never began their work).

    patience: seconds in which a process that is alive must have begun.
    """
    began = {event["pid"] for event in events if event["event"] == "began"}
    failed = {event["pid"] for event in events if event["event"] == "failed"}
    starts = [event for event in events if event["event"] == "start" and event.get("child")]
    now = max((event["at"] for event in events), default=0.0)
    lost = sum(
        one["child"] in failed or (one["child"] not in began and now - one["began"] > patience) for one in starts
    )
    return len(starts), lost


def _start(event: Event, began: Mapping[int, float]) -> Start:
    stack = tuple(Frame(file=file, line=line, function=function) for file, line, function in event.get("stack", ()))
    if event["event"] == "fork":
        return Start(
            method="fork", origin="fork", library="os", interface="os.fork", threads=event.get("threads"), stack=stack
        )
    seen = began.get(event.get("child") or -1)
    until = seen - event["began"] if seen is not None and seen >= event["began"] else event.get("seconds")
    return Start(
        method=str(event.get("method", "")),
        origin=str(event.get("origin", "")),
        library=str(event.get("library", "")),
        interface=str(event.get("interface", "")),
        kind=str(event.get("kind", "")),
        target=str(event.get("target", "")),
        threads=event.get("threads"),
        size=event.get("bytes"),
        seconds=round(until, 4) if isinstance(until, int | float) else None,
        error=event.get("error"),
        unpicklable=str(event.get("unpicklable") or ""),
        inside=frozenset(str(event.get("inside") or "").split()),
        stack=stack,
    )


def _faults(found: Sequence[Event], argv: Sequence[str]) -> Iterator[str]:
    """Where the injection did not take, and why."""
    if not any(event["event"] == "hello" for event in found):
        yield f"no process took the injection: {_why_none(argv)}"
        return
    for event in found:
        if event["event"] == "swap" and not event.get("ok"):
            yield f"the default could not be changed: {event.get('why')}"
        elif event["event"] == "fault":
            yield f"{event.get('where')} could not be watched: {event.get('why')}"
    missed: Counter[tuple[str, str]] = Counter()
    for event in found:
        why = (
            event.get("unwatched") if event["event"] == "start" else event["event"] == "unwatched" and event.get("why")
        )
        if why:
            missed[str(why), _place(event.get("stack", ()))] += 1
    for (why, place), count in missed.items():
        what = "a Python was started that is" if count == 1 else f"{count} Pythons were started that are"
        yield f"{what} not tried: {why}{place}"


def _place(stack: Sequence[Json]) -> str:
    return f" ({Path(str(stack[0][0])).name}:{stack[0][1]})" if stack else ""


def _why_none(argv: Sequence[str]) -> str:
    for word in argv[1:]:
        if not word.startswith("-") or word in ("-c", "-m"):
            break
        if word[1:2] not in ("-", "W", "X") and set(word[1:]) & set("IES"):
            return f"{word} keeps Python from it"
    return "the command is no Python, a frozen one, or it ended before its first line"


# --- tests ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Gathered:
    phases: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    texts: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    finished: bool = False


def tests(found: Iterable[Event]) -> tuple[dict[str, TestRun], frozenset[str]]:
    """(tests by id, ids of those that have begun and not ended), without those of a pytest inside of a test."""
    gathered: dict[str, _Gathered] = {}
    for event in _outermost(found):
        one = gathered.setdefault(str(event.get("id") or ""), _Gathered())
        if event["event"] == "warning":
            one.warnings.append(
                f"{event.get('file')}:{event.get('line')}: {event.get('category')}: {event.get('message')}"
            )
        elif event["do"] == "start":
            gathered[str(event["id"])] = _Gathered(warnings=one.warnings)
        elif event["do"] == "finish":
            one.finished = True
        else:
            _add(one, event)
    done = {name: _test(name, one) for name, one in gathered.items() if name}
    return done, frozenset(name for name, one in gathered.items() if name and not one.finished and not _is_whole(one))


def begun(found: Iterable[Event]) -> int:
    """How many tests began."""
    return sum(event["event"] == "test" and event["do"] == "start" for event in found)


def _add(one: _Gathered, event: Event) -> None:
    one.phases[event.get("when", "")] = event.get("outcome", "")
    one.seconds += event.get("seconds") or 0.0
    one.texts.append(event.get("text", ""))
    one.outputs.append(event.get("output", ""))


def _is_whole(one: _Gathered) -> bool:
    """Whether a report stands for itself: an error of collection, or of a class's setup, begins and ends nothing."""
    return "collect" in one.phases or (len(one.phases) == 1 and one.phases.get("setup") == "failed")


def _test(name: str, one: _Gathered) -> TestRun:
    said = list(one.phases.values())
    outcome = next((word for word in ("failed", "xpassed", "xfailed", "skipped") if word in said), "passed")
    return TestRun(
        id=name,
        outcome=outcome,
        seconds=round(one.seconds, 4),
        text="\n".join(filter(None, one.texts)),
        output="".join(one.outputs),
        warnings=tuple(sorted(set(one.warnings))),
    )


def _outermost(found: Iterable[Event]) -> Iterator[Event]:
    """Test events without those of a process whose first came while a test ran in another one."""
    open_in: dict[str, int] = {}
    nested: dict[int, bool] = {}
    for event in found:
        if event["event"] not in ("test", "warning"):
            continue
        pid = event["pid"]
        if pid not in nested:
            nested[pid] = any(owner != pid for owner in open_in.values())
        if nested[pid]:
            continue
        told = event.get("do") if event["event"] == "test" else None  # a program may write any field into a warning
        if told == "start":
            open_in[str(event["id"])] = pid
        elif told == "finish":
            open_in.pop(str(event["id"]), None)
        yield event


def ended(test: TestRun, outcome: str, text: str) -> TestRun:
    """A test that has begun and not ended, with what is known of its end."""
    return replace(test, outcome=outcome, text=text)
