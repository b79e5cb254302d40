"""Alterations of what the probes of signals observe."""

from tests.probes.mutation import LINUX, python

IN_CHILD = "import os, signal; in_child = lambda do: os.register_at_fork(after_in_child=do)\n"

MUTATIONS = (
    python(
        "signals.broken_pipe_signal",
        "fork",
        "import signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL)",
        "yes > no",
    ),
    python(
        "signals.child_signal",
        "fork spawn",
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])",
        "yes > no",
    ),
    python(
        "signals.handler_from_thread",
        "fork",
        IN_CHILD
        + "def refuse(*some):\n    raise ValueError('signal only works in main thread of the main interpreter')\n"
        "in_child(lambda: setattr(signal, 'signal', refuse))",
        "yes > no",
    ),
    python(
        "signals.join_in_two_threads",
        "fork spawn",
        "import multiprocessing.popen_fork as p, threading as t; old, one = p.Popen.poll, t.RLock()\n"
        "def poll(self, *flags):\n    with one:\n        return old(self, *flags)\n"
        "p.Popen.poll = poll",
        "no > yes",
    ),
    python(
        "signals.loop_of_parent",
        "fork",
        IN_CHILD + "in_child(lambda: signal.set_wakeup_fd(-1))",
        "yes > no",
        LINUX + ' and python_version < "3.12"',
    ),
    python(
        "signals.loop_of_parent",
        "fork",
        IN_CHILD + "in_child(lambda: setattr(signal, 'set_wakeup_fd', lambda *some: -1))",
        "no > yes",
        LINUX + ' and python_version >= "3.12"',
    ),
    python(
        "signals.own_loop",
        "fork",
        "import asyncio as a, os\nos.register_at_fork(after_in_child=lambda: a._set_running_loop(a.new_event_loop()))",
        "yes > no",
    ),
    python(
        "signals.sentinel_in_loop",
        "fork spawn",
        "import asyncio as a\ndef add_reader(self, *some):\n    raise NotImplementedError\n"
        "a.SelectorEventLoop.add_reader = add_reader",
        "yes > no",
    ),
    python(
        "signals.terminate_with_handler",
        "fork",
        IN_CHILD + "in_child(lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))",
        "no > yes",
    ),
)
