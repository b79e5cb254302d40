"""What of a program's output is the same from run to run: no times, addresses, process numbers, temporary names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_NOISE = (
    (re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\\x1b\[[0-9;?]*[A-Za-z]"), ""),
    (re.compile(r"0x[0-9a-fA-F]{4,}"), "0x…"),
    (re.compile(r"\b(Fork|Spawn|ForkServer)?(Process|PoolWorker|SyncManager)-[\d:]+"), "Process-…"),
    (re.compile(r"\b(Fork|Spawn|ForkServer)(Process|Context|PoolWorker)\b"), r"\2"),
    (re.compile(r"\b(fork|spawn|forkserver)\b"), "…"),
    (re.compile(r"\b(pid|PID|process|ident)([ =:#(]+)\d+"), r"\1\2…"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "…"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([.,]\d+)?\S*"), "…"),
    (re.compile(r"\b\d\d:\d\d:\d\d([.,]\d+)?\b"), "…"),
    # tried at the beginning of a word only, or a line without blanks would take a time that grows with its square
    (re.compile(r"(?<![^\s'\":,(])[^\s'\":,(]*canifork-run-\w+/\w+"), "…/…"),
    (re.compile(r"(/tmp|/var/folders)/[^\s'\":,)]+"), "…/…"),
    (re.compile(r"\b\d+(\.\d+)?(e-?\d+)? ?(s|ms|us|µs|ns|sec|secs|seconds?|minutes?)\b"), "… s"),
    (re.compile(r"\b\d+\.\d{2,}\b"), "…"),
    (re.compile(r"\b\d{5,}\b"), "…"),
)


def stable(line: str) -> str:
    """A line without what differs between two runs of the same program."""
    for pattern, instead in _NOISE:
        line = pattern.sub(instead, line)
    return line.rstrip()


def lines(text: str) -> Counter[str]:
    """The stable lines of a text with how often each occurs; their order is not kept, since processes interleave."""
    return Counter(one for line in text.splitlines() if (one := stable(line)))


def differing(baseline: Sequence[str], text: str) -> tuple[list[str], list[str]]:
    """(lines that every run of the baseline printed and this text lacks, lines of this text that no run printed).

    So are lines that are printed more often, if all runs of the baseline printed them equally often; not so lines that
    are like those in which the runs of the baseline differ. They are compared by what is stable of them, and told as
    they were printed.
    """
    before = [lines(one) for one in baseline]
    agreed = before[0].copy() if before else Counter[str]()
    for one in before[1:]:
        agreed &= one
    here, moving = lines(text), {_loose(line) for one in before for line in one - agreed}
    gone = agreed - here
    come = [
        line
        for line, count in here.items()
        if all(count > one[line] == agreed[line] for one in before) and _loose(line) not in moving
    ]
    return _printed(baseline[0] if baseline else "", gone), _printed(text, come)


def _loose(line: str) -> str:
    """A line without its numbers: random ones differ in any two runs."""
    return re.sub(r"\b[0-9a-f]{8,}\b|\d+(?:\.\d+)?", "#", line)


def _printed(text: str, wanted: Iterable[str]) -> list[str]:
    """The first line as printed for each wanted stable line, in the order of the text."""
    left = set(wanted)
    found = []
    for line in text.splitlines():
        name = stable(line)
        if name in left:
            left.discard(name)
            found.append(line.rstrip())
    return found
