"""Birth times of processes: cached, and not taken for those of another process with the same ID."""

from __future__ import annotations

import os
import subprocess
import sys

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
