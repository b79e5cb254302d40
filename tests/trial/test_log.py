"""What the log of a trial's processes tells while it runs: whether they come to anything."""

from __future__ import annotations

import pytest

from matrix.model import Json
from matrix.trial import log
from matrix.trial.deadlines import MORE_STARTS

PATIENCE = 15.0
MANY = 3 * MORE_STARTS


def start(child: int, at: float) -> Json:
    return {"event": "start", "pid": 1, "at": at, "began": at, "child": child}


def seen(event: str, pid: int, at: float) -> Json:
    return {"event": event, "pid": pid, "at": at}


def starts(count: int, *later: str, every: float = 0.5) -> list[Json]:
    """Some processes, one after the other, and what each of them did a little later."""
    found = []
    for number in range(count):
        at, child = every * number, 100 + number
        found += [start(child, at), *(seen(event, child, at + 0.1) for event in later)]
    return found


@pytest.mark.parametrize(
    ("events", "endless"),
    [
        ([], False),
        (starts(MANY), True),
        (starts(MANY, "began", "failed"), True),
        (starts(MANY, "began"), False),
        (starts(MANY, every=0.01), False),
        (starts(MORE_STARTS, "began", "failed"), False),
        (starts(MANY, "began", "failed")[: 3 * MORE_STARTS] + starts(2 * MANY, "began"), False),
    ],
    ids=["nothing", "none begins", "all fail", "all work", "all at once", "few", "some fail"],
)
def test_processes_that_are_started_for_ever(events: list[Json], endless: bool) -> None:
    assert log.endless(events, PATIENCE) is endless
