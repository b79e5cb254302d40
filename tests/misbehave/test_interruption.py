"""A runner that is interrupted, terminated or killed: nothing stays behind, and the rest can be asked later."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from matrix.system import interrupts
from tests.conftest import FAULTS, PYTHONS, lines
from tests.misbehave.runs import Room, merged, posix, room, undisturbed, wait_for, with_token, words

pytestmark = posix

SIGNALS = [signal.SIGINT] * 10 + [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGKILL]


@pytest.fixture
def own_room() -> Iterator[Room]:
    with room() as made:
        yield made


def disturbed(python: str, folder: Path, own_room: Room) -> tuple[subprocess.Popen[str], psutil.Process]:
    """A runner with one probe that has a verdict and one that ignores signals forever; returns after the verdict."""
    arguments = words(python, folder, "well_behaved", "ignores_signals")
    runner = own_room.start(*arguments, "--jobs", "2")
    assert runner.stdout
    for line in runner.stdout:
        if line.startswith("faults.well_behaved"):
            break
    head = psutil.Process(runner.pid)
    stubborn = wait_for(
        lambda: [child for child in head.children(recursive=True) if "ignores_signals" in child.cmdline()]
    )
    return runner, stubborn[0]


@pytest.mark.parametrize(
    "numbers",
    [
        [signal.SIGINT, signal.SIGINT],
        *([getattr(signal, name)] for name in interrupts.NAMES if hasattr(signal, name)),
    ],
    ids=lambda numbers: "-".join(number.name for number in numbers),
)
def test_an_interrupt_ends_everything_and_keeps_the_verdicts(
    tmp_path: Path, python: str, numbers: list[signal.Signals], own_room: Room
) -> None:
    runner, stubborn = disturbed(python, tmp_path, own_room)
    try:
        token = stubborn.environ()["CANIFORK_TOKEN"]
        for number in numbers:
            runner.send_signal(number)
        rest, _ = runner.communicate(timeout=60)
    finally:
        runner.kill()
    assert runner.returncode == 130, rest
    assert "Interrupted: 1 of 2 verdicts" in rest
    assert not with_token(token)
    assert not own_room.leftovers()
    assert [line["kind"] for line in lines(tmp_path)] == ["header", "verdict", "end"]
    assert lines(tmp_path)[-1]["complete"] is False


def test_after_a_killed_runner_the_next_one_clears_up_and_goes_on(tmp_path: Path, python: str, own_room: Room) -> None:
    runner, stubborn = disturbed(python, tmp_path, own_room)
    runner.kill()
    runner.communicate()
    cells = merged(tmp_path, "--probes", str(FAULTS))
    assert cells["faults.well_behaved", "none"]["outcome"] == "yes"
    assert cells["faults.ignores_signals", "none"]["outcome"] == "untested"
    assert stubborn.is_running()  # nobody was there to end it

    options = ["--resume", "--no-retry"]
    arguments = words(python, tmp_path, "well_behaved", "ignores_signals", deadline=2)
    done = own_room.run(*arguments, *options)
    assert "Removed what a killed run had left: canifork-" in done.out
    assert "faults.ignores_signals: hang" in done.out
    assert "faults.well_behaved" not in done.out
    assert not own_room.leftovers()


def test_a_launcher_of_a_killed_run_is_removed_too(tmp_path: Path, python: str, own_room: Room) -> None:
    """It is in a folder of its own, beside that of the probes."""
    arguments = [*words(python, tmp_path, "well_behaved", "ignores_signals"), "--via", "venv", "--no-retry"]
    runner = own_room.start(*arguments)
    assert runner.stdout
    for line in runner.stdout:
        if line.startswith("faults.well_behaved"):
            break
    runner.kill()
    runner.communicate()
    assert len([*own_room.folder.iterdir()]) == 2
    done = own_room.run(*words(python, tmp_path / "next", "well_behaved"))
    assert done.out.count("Removed what a killed run had left: canifork-") == 2, done
    assert not own_room.leftovers()


def test_a_run_that_lives_is_left_alone(tmp_path: Path, python: str, own_room: Room) -> None:
    runner, stubborn = disturbed(python, tmp_path / "one", own_room)
    try:
        done = own_room.run(*words(python, tmp_path / "two", "well_behaved"))
        assert "Removed what" not in done.out
        assert stubborn.is_running()
        runner.send_signal(signal.SIGINT)
        rest, _ = runner.communicate(timeout=60)
    finally:
        runner.kill()
    assert "Interrupted: 1 of 2 verdicts" in rest
    assert not own_room.leftovers()


def test_two_runs_do_not_write_one_file(tmp_path: Path, python: str, own_room: Room) -> None:
    runner, _ = disturbed(python, tmp_path, own_room)
    try:
        done = own_room.run(*words(python, tmp_path, "says_no"))
    finally:
        runner.send_signal(signal.SIGINT)
        runner.communicate(timeout=60)
    assert done.status == 74
    assert "is being written by another run" in done.err
    assert [line["kind"] for line in lines(tmp_path)] == ["header", "verdict", "end"]


def answers(folder: Path) -> dict[tuple[str, str], Any]:
    """What a matrix says, without what may differ each time: measured values, times, evidence."""
    kept = ("outcome", "value", "detail", "runs", "documented", "agrees")
    return {key: [cell[name] for name in kept] for key, cell in merged(folder).items() if key[0].startswith("primit")}


def disturb(runner: subprocess.Popen[str], number: signal.Signals, chance: random.Random) -> int:
    """Send a signal at a random moment: after some lines, and some time; returns the exit status."""
    assert runner.stdout
    for _ in range(chance.randint(1, 4)):
        runner.stdout.readline()
    time.sleep(chance.uniform(0, 0.2))  # the random moment itself
    runner.send_signal(number)
    runner.communicate(timeout=60)
    return runner.returncode


@undisturbed
def test_nothing_is_left_and_nothing_is_lost_whatever_happens(tmp_path: Path, own_room: Room) -> None:
    """Ctrl-C ten times, SIGTERM, SIGHUP, SIGKILL twice: the result is the matrix of an undisturbed run."""
    series = max((name for name in PYTHONS if name.replace(".", "").isdigit()), key=lambda name: int(name[2:]))
    chance = random.Random(os.environ.get("CANIFORK_SEED", "4"))
    options = ["run", "--python", PYTHONS[series], "--probe", "primitives", "--jobs", "2"]
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    done = own_room.run(*options, "--out", str(calm))
    assert done.status == 0, done.err
    assert not own_room.leftovers()

    for number in chance.sample(SIGNALS, len(SIGNALS)):
        runner = own_room.start(*options, "--out", str(rough), "--resume")
        status = disturb(runner, number, chance)
        assert status in (130, 0, -signal.SIGKILL), status
        if number != signal.SIGKILL:
            assert not own_room.leftovers(), number
    done = own_room.run(*options, "--out", str(rough), "--resume")
    assert done.status == 0, done.err
    assert not own_room.leftovers()
    assert answers(rough) == answers(calm)
