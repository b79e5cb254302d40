"""What the log of a trial's processes tells while it runs: whether they come to anything."""

from __future__ import annotations

import pytest

from matrix.model import Json
from matrix.trial import log

PATIENCE = 15.0
MANY = 60


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
    ("events", "lost"),
    [
        ([], 0),
        (starts(MANY), MANY - 31),
        (starts(MANY, "began", "failed"), MANY),
        (starts(MANY, "began"), 0),
        (starts(MANY, every=0.01), 0),
    ],
    ids=["nothing", "none begins", "all fail", "all work", "all at once"],
)
def test_processes_that_come_to_nothing(events: list[Json], lost: int) -> None:
    found = log.fruitless(events, PATIENCE)
    assert found == (sum(event["event"] == "start" for event in events), lost)
