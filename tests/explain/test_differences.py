"""Differences without an error: the source must do it, and the answers must differ."""

from __future__ import annotations

import pytest

from matrix.explain import explain_difference
from matrix.explain.source import SHAPES, shapes

LOGGING = "import logging, multiprocessing\nif __name__ == '__main__':\n    logging.basicConfig(level=logging.INFO)\n"
MOCK = "from unittest import mock\nwith mock.patch('urllib.request.urlopen'):\n    start()\n"
GLOBAL = "STATE = {}\ndef setup():\n    STATE['ready'] = True\ndef task(i):\n    return STATE['ready']\n"
POOL = GLOBAL + "def main(ctx):\n    with ctx.Pool(2) as pool:\n        return pool.map(task, [1])\n"
LISTENER = "import logging.handlers\nlistener = logging.handlers.QueueListener(q, handler)\nlistener.start()\n"
NUMPY = "import numpy as np\ndef f():\n    return np.random.rand()\n"
READ = "data = open('x', 'rb')\ndef f():\n    return data.read(12)\n"
SIGNAL = "import signal\nstop = 0\ndef f():\n    global stop\n    stop = 1\nsignal.signal(signal.SIGTERM, f)\n"
THREAD = "import threading\ndef f():\n    threading.Thread(target=print).start()\n"
ENVIRONMENT = """
import os
SEEN = {}
def init(more):
    SEEN.update(more)
def task():
    return SEEN, os.environ.get('CACHE')
def main():
    os.environ.update(CACHE='x')
    Pool(1, init, ({},))
"""
COUNTER = """
class Counter:
    def add(self):
        self.count += 1
counter = Counter()
def task():
    counter.add()
"""
CHILDREN = "import psutil\nprint(len(psutil.Process().children()))\n"


def first(kind: str, source: str, method: str = "forkserver", baseline: str = "fork", text: str = "") -> str:
    found = explain_difference(
        kind, text, sources={"app.py": source}, baseline=baseline, method=method, series="3.14", platform="linux"
    )
    return found[0].question if found else ""


@pytest.mark.parametrize(
    ("kind", "source", "question"),
    [
        ("output differs", LOGGING, "state.logging_configuration"),
        ("output differs", MOCK, "semantics.monkeypatch_seen"),
        ("output differs", GLOBAL, "semantics.parent_global_seen"),
        ("fails", POOL, "workers.early_global"),
        ("output differs", CHILDREN, "forkserver.helpers"),
        ("output differs", "def f():\n    return multiprocessing.active_children()\n", ""),
        ("output differs", READ, "inheritance.shared_offset"),
        ("fails", "def test_it(monkeypatch):\n    monkeypatch.setenv('A', '1')\n", "preload.late_environment"),
        ("fails", "def test_it(monkeypatch):\n    monkeypatch.setattr(a, 'b', c)\n", "semantics.monkeypatch_seen"),
        ("output differs", "a, b = Pipe()\ntry:\n    a.recv()\nexcept EOFError:\n    pass\n", "safety.pipe_end"),
        ("output differs", SIGNAL, "system.signal_handler"),
        ("output differs", THREAD, "threads.go_on"),
        ("output differs", "data = open('x')\n", ""),
        ("output differs", ENVIRONMENT, "preload.late_environment"),
        ("output differs", COUNTER, ""),
        (
            "output differs",
            COUNTER + "def main():\n    counter.add()\n    start(task)\n",
            "semantics.parent_global_seen",
        ),
        ("slower", "", "cost.start_time"),
        ("leaks", "", "forkserver.left_over"),
        ("output differs", "import random\nif __name__ == '__main__':\n    random.seed(3)\n", ""),
        ("output differs", "print('nothing of ours')\n", "guard.main_again"),
        ("output differs", "x = 1\n", ""),
        ("output differs", "not python (", ""),
    ],
)
def test_what_explains_a_difference_from_fork(kind: str, source: str, question: str) -> None:
    assert first(kind, source) == question


def test_large_arguments_are_why_it_is_slower() -> None:
    assert first("slower", "", text="4 starts pickle up to 2.2 MiB and take 2.1 s") == "cost.argument_time"


def test_what_fork_copies_counts_for_fork_only() -> None:
    assert first("output differs", LISTENER, method="fork", baseline="spawn") == "threads.go_on"
    assert first("output differs", LISTENER, method="forkserver", baseline="spawn") != "threads.go_on"


def test_a_forked_child_that_hangs_beside_threads_waits_for_a_lock() -> None:
    assert first("hangs", THREAD, method="fork", baseline="spawn") == "safety.held_lock"


def test_what_works_under_a_method_is_not_why_it_fails() -> None:
    assert first("fails", GLOBAL, method="fork", baseline="spawn") == ""
    assert first("hangs", GLOBAL, method="fork", baseline="spawn") == ""


def test_answers_that_do_not_differ_explain_nothing() -> None:
    assert first("output differs", LOGGING, method="forkserver", baseline="spawn") == ""


def test_generators_that_are_copied_show_in_numbers() -> None:
    assert first("output differs", NUMPY, text="- sample 0.19\n+ sample 0.73") == "pooled.random_numbers"
    assert first("output differs", NUMPY, text="- done") != "pooled.random_numbers"


def test_the_place_is_told() -> None:
    found = explain_difference(
        "fails", "", sources={"a.py": "x = 1\n", "b.py": MOCK}, baseline="fork", method="spawn", series="3.12",
        platform="linux",
    )  # fmt: skip
    assert found[0].matched.endswith("mock.patch (b.py:2)")


def test_what_was_seen_decides_between_two_signs() -> None:
    both = LOGGING + MOCK
    assert first("output differs", both, text="- INFO log message of worker 1") == "state.logging_configuration"


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (GLOBAL, "late global"),
        (POOL, "late global in tasks"),
        ("X = None\ndef f():\n    return X\nif __name__ == '__main__':\n    X = 1\n", "late global"),
        ("def init():\n    global DB\n    DB = 1\ndef f():\n    return DB\n", "late global"),
        ("class A:\n    level = 0\nA.level = 3\n", "class attribute"),
        ("import app\ndef set_up():\n    app.debug = True\ndef f():\n    return app.debug\n", "late global"),
        ("S = Settings()\ndef set_up():\n    S.folder = 1\ndef f():\n    return S.folder\n", "late global"),
        ("import itertools\nIDS = itertools.count()\ndef f():\n    return next(IDS)\n", "late global"),
        ("import logging\ndef add():\n    logging.Logger.trace = print\n", "monkeypatch"),
        ("import app\ndef add():\n    app.Client.get = print\n", "monkeypatch"),
        ("import time\nif __name__ == '__main__':\n    time.time = float\n", "monkeypatch"),
        ("print('again')\n", "top-level code"),
        ("import multiprocessing\nwith multiprocessing.Pool(2) as pool:\n    pass\n", "start at import"),
    ],
)
def test_a_shape_is_seen(text: str, shape: str) -> None:
    assert shape in shapes(text)
    assert shapes(text) <= set(SHAPES)


@pytest.mark.parametrize(
    "text",
    [
        "X = 1\ndef f():\n    return X\n",
        "def f(state):\n    state['a'] = 1\n    return state\n",
        "CACHE = {}\ndef f(key):\n    CACHE[key] = 1\n    return CACHE\n",
        "if __name__ == '__main__':\n    print('once')\n",
        "def main():\n    Pool(2)\n",
        "class A:\n    def f(self):\n        self.x = 1\n",
        "import sys\ndef f():\n    sys.stdout = None\ndef g():\n    return sys.stdout\n",
        "if __name__ == '__main__':\n    x = 1\n    def f():\n        return x\n",
    ],
)
def test_harmless_code_has_no_shape(text: str) -> None:
    assert shapes(text) == frozenset()
