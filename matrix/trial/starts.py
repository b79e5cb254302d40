"""What the log of starts says: how many, by which method, chosen by whom, from a process with threads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matrix.trial import places
from matrix.trial.model import Frame, Start


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The starts of one place by one method. threaded: forks from a process with more than one thread."""

    place: Frame | None
    method: str
    origin: str
    interface: str
    kind: str
    count: int
    threaded: int
    threads: int
    seconds: float
    size: int
    errors: tuple[str, ...]


def by_place(starts: Iterable[Start]) -> dict[Frame, list[Start]]:
    """Starts by the place in the project that made them; those without one are left out."""
    found: dict[Frame, list[Start]] = defaultdict(list)
    for start in starts:
        frame = places.of_start(start)
        if frame:
            found[frame].append(start)
    return dict(found)


def rows(starts: Iterable[Start], origins: Mapping[tuple[str, int, str], str]) -> tuple[Row, ...]:
    """One row for each place, method and origin; the most frequent first."""
    groups: dict[tuple[Frame | None, str, str, str], list[Start]] = defaultdict(list)
    for start in starts:
        frame = places.of_start(start)
        origin = origins.get((frame.file, frame.line, start.method), start.origin) if frame else start.origin
        origin = start.origin if start.origin in ("fork", "set") else origin
        groups[frame, start.method, origin, start.interface].append(start)
    found = [_row(*key, group) for key, group in groups.items()]
    return tuple(sorted(found, key=lambda row: -row.count))


def _row(frame: Frame | None, method: str, origin: str, interface: str, group: Sequence[Start]) -> Row:
    threaded = [start.threads or 0 for start in group if (start.threads or 0) > 1 and start.method == "fork"]
    return Row(
        place=frame,
        method=method,
        origin=origin,
        interface=interface,
        kind=group[0].kind,
        count=len(group),
        threaded=len(threaded),
        threads=max(threaded, default=0),
        seconds=sum(start.seconds or 0.0 for start in group) / len(group),
        size=max(start.size or 0 for start in group),
        errors=tuple(sorted({start.error for start in group if start.error})),
    )


_CHOSEN = {
    "default": "by the default",
    "set": "by set_start_method()",
    "either": "explicit or by the default",
}


def sentences(found: Sequence[Row]) -> list[str]:
    """'27 of 28 starts are explicit fork, 14 from a process with threads', one for each way of choosing."""
    total = sum(row.count for row in found)
    counts: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in found:
        counts[row.origin, row.method].append(row)
    lines = []
    for (origin, method), group in sorted(counts.items(), key=lambda pair: -sum(row.count for row in pair[1])):
        count, threaded = sum(row.count for row in group), sum(row.threaded for row in group)
        words = {"fork": "os.fork()", "explicit": f"explicit {method}"}.get(
            origin, f"{method} {_CHOSEN.get(origin, origin)}"
        )
        line = (
            f"the only start is {words}"
            if total == 1
            else f"{count} of {total} starts {'is' if count == 1 else 'are'} {words}"
        )
        lines.append(line + (f", {threaded} from a process with threads" if threaded else ""))
    return lines
