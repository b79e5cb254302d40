"""What of a program's output is the same from run to run: no times, addresses, process numbers, temporary names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

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
)
_NUMBER = re.compile(r"\b\d+\.\d{2,}\b|\b\d{5,}\b")
CHANCE = 5
"""Significant digits from which a number that two runs print alike is a result, and no time or process by chance."""


def stable(line: str, fixed: Collection[str] = ()) -> str:
    """A line without what differs between two runs of the same program. fixed: numbers that are known not to."""
    for pattern, instead in _NOISE:
        line = pattern.sub(instead, line)
    return _NUMBER.sub(lambda found: found[0] if found[0] in fixed else "…", line).rstrip()


def fixed_numbers(texts: Sequence[str]) -> frozenset[str]:
    """The numbers that all of several texts have, and not by chance; none of a single one, which cannot tell.

    Those are long ones, and all of a line that is printed alike if they are long together.
    """
    if len(texts) < 2:
        return frozenset()
    alike = set.intersection(*(set(_NUMBER.findall(text)) for text in texts))
    found = {number for number in alike if _digits(number) >= CHANCE}
    for line in _common(texts):
        numbers = _NUMBER.findall(line)
        if sum(map(_digits, numbers)) >= CHANCE:
            found.update(numbers)
    return frozenset(found)


def _digits(number: str) -> int:
    return len(number.replace(".", "").lstrip("0"))


def differing(baseline: Sequence[str], text: str) -> tuple[list[str], list[str]]:
    """(lines that every run of the baseline printed and this text lacks, lines of this text that no run printed).

    So are lines that are printed more often, if all runs of the baseline printed them equally often; not so lines that
    are like those in which the runs of the baseline differ. They are compared by what is stable of them, and told as
    they were printed.
    """
    fixed = fixed_numbers(baseline)
    same = _common([*baseline, text]) if baseline else Counter[str]()
    before = [_lines(one, same, fixed) for one in baseline]
    agreed = before[0].copy() if before else Counter[str]()
    for one in before[1:]:
        agreed &= one
    here, moving = _lines(text, same, fixed), {_loose(line) for one in before for line in one - agreed}
    gone = agreed - here
    come = [
        line
        for line, count in here.items()
        if all(count > one[line] == agreed[line] for one in before) and _loose(line) not in moving
    ]
    return _printed(baseline[0] if baseline else "", gone, fixed), _printed(text, come, fixed)


def _common(texts: Sequence[str]) -> Counter[str]:
    """The lines, as printed, that all of some texts have, as often as all have them: they cannot differ."""
    first, *others = (Counter(text.splitlines()) for text in texts)
    for one in others:
        first &= one
    return first


def _lines(text: str, same: Counter[str], fixed: Collection[str]) -> Counter[str]:
    """The stable lines of a text with how often each occurs; their order is not kept, since processes interleave.

    same: lines that are left out, since they are known not to differ: to make a line stable takes a while.
    """
    left = Counter(text.splitlines())
    left.subtract(same)
    found: Counter[str] = Counter()
    for line, count in left.items():
        if count and (one := stable(line, fixed)):
            found[one] += count
    return found


def _loose(line: str) -> str:
    """A line without its numbers: random ones differ in any two runs."""
    return re.sub(r"\b[0-9a-f]{8,}\b|\d+(?:\.\d+)?", "#", line)


def _printed(text: str, wanted: Iterable[str], fixed: Collection[str]) -> list[str]:
    """The first line as printed for each wanted stable line, in the order of the text."""
    left = set(wanted)
    found = []
    for line in text.splitlines():
        name = stable(line, fixed)
        if name in left:
            left.discard(name)
            found.append(line.rstrip())
    return found
