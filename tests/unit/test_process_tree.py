"""Birth times of processes: cached, and not taken for those of another process with the same ID."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from matrix.system import process_tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")


def test_a_birth_is_counted_from_boot() -> None:
    seconds = process_tree._Births().of(os.getpid()) / os.sysconf("SC_CLK_TCK")
    assert abs(psutil.boot_time() + seconds - psutil.Process().create_time()) < 0.1


def test_a_later_process_was_born_later_or_in_the_same_tick() -> None:
    births = process_tree._Births()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert births.of(child.pid) >= births.of(os.getpid()) > 0
    child.communicate()
    assert births.of(child.pid) == 0, "there is no such process any more"


def test_an_id_that_is_used_again_is_looked_up_again() -> None:
    births = process_tree._Births()
    true = births.of(os.getpid())
    entry, _ = births._known[os.getpid()]
    births._known[os.getpid()] = (entry, 7)
    assert births.of(os.getpid()) == 7, "kept"
    births._known[os.getpid()] = (entry + 1, 7)
    assert births.of(os.getpid()) == true


def test_who_was_born_since() -> None:
    births = process_tree._Births()
    own = births.of(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert {os.getpid(), child.pid} <= set(births.since(own))
        assert os.getpid() not in births.since(births.of(child.pid) + 1)
        assert child.pid in births.since(births.of(child.pid))
        births._known[child.pid] = (births._known[child.pid][0], 0)
        assert child.pid not in births.since(own), "kept: the listing tells the same inode as a look at one process"
    assert child.pid not in births.since(0)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_tree, "MANY", 2)
    births = process_tree._Births()
    for pid in psutil.pids():
        births.of(pid)
        assert len(births._known) <= 3


STARTS_ANOTHER = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"])
print(child.pid, flush=True)
child.wait()
"""


def test_twelve_families_look_at_all_processes_a_few_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS, where each look asks for every process of the machine."""
    lists = 0
    real = psutil.process_iter

    def counted() -> Iterator[psutil.Process]:
        nonlocal lists
        lists += 1
        return real()

    now = 100.0
    monkeypatch.setattr(psutil, "process_iter", counted)
    monkeypatch.setattr(process_tree, "_LINUX", False)
    monkeypatch.setattr(process_tree, "_parents", process_tree.Parents(lambda: now))
    child = subprocess.Popen([sys.executable, "-c", STARTS_ANOTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout
    grandchild = int(child.stdout.readline())
    families = [process_tree.Family(child, f"token-{number}", None) for number in range(12)]
    try:
        for _ in range(10):
            now += 0.1
            for family in families:
                family.look()
        assert lists <= 4, "not 120"
        assert all(grandchild in family._seen for family in families)
    finally:
        child.communicate(b"\n")


STARTS_IN_A_THREAD = """
import subprocess, sys, threading
def start():
    child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
    print(child.pid, child.stdout.readline().decode(), flush=True)
    child.wait()
threading.Thread(target=start).start()
"""


def test_the_kernel_lists_descendants_of_all_threads_as_psutil_finds_them() -> None:
    command = [sys.executable, "-c", STARTS_IN_A_THREAD, STARTS_ANOTHER]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout
        started = [int(number) for number in child.stdout.readline().split()]
        assert sorted(process_tree._listed_descendants(child.pid)) == sorted(started)
        assert {one.pid for one in psutil.Process(child.pid).children(recursive=True)} == {*started}
    finally:
        child.communicate(b"\n")
    with pytest.raises(FileNotFoundError):
        process_tree._listed_descendants(child.pid)
