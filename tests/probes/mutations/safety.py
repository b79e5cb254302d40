"""Alterations of what the probes of safety observe."""

from tests.probes.mutation import POSIX, child, python

MUTATIONS = (
    child(
        "safety.log_written",
        "fork",
        "    go.recv()\n    watched",
        "    go.recv()\n    handler = logging.getLogger('canifork').handlers[0]\n"
        "    handler.stream = open(handler.stream.fileno(), 'w')\n    watched",
        "no > yes",
    ),
    child(
        "safety.held_import", "fork", '__import__("safety_slow"), waits', '__import__("colorsys"), waits', "no > yes"
    ),
    child(
        "safety.held_lock",
        "fork",
        "    taken = LOCK.acquire(timeout=1)",
        "    LOCK._at_fork_reinit()\n    taken = LOCK.acquire(timeout=1)",
        "no > yes",
    ),
    python(
        "safety.parent_atexit",
        "fork",
        "import atexit, multiprocessing.process as p\natexit._clear = lambda: None\nstart = p.BaseProcess._bootstrap\n"
        "def bootstrap(self, *some, **more):\n    code = start(self, *some, **more)\n    atexit._run_exitfuncs()\n"
        "    return code\np.BaseProcess._bootstrap = bootstrap",
        "no > yes",
    ),
    child(
        "safety.child_atexit",
        "fork",
        '    atexit.register(note, path, "child")\n',
        "    import multiprocessing.util as u; u.Finalize(None, note, (path, 'child'), exitpriority=0)\n",
        "no > yes",
        POSIX + ' and python_version < "3.13"',
    ),
    python("safety.fork_hooks", "fork", "import os; os.register_at_fork = lambda **hooks: None", "yes > no"),
    python(
        "safety.held_logging_lock",
        "fork",
        "import logging; logging._register_at_fork_reinit_lock = lambda handler: None",
        "yes > no",
    ),
    python(
        "safety.held_rlock",
        "fork",
        "import os, threading as t; make_rlock = t.RLock\n"
        "def make_known():\n"
        "    lock = make_rlock()\n"
        "    os.register_at_fork(after_in_child=lock._at_fork_reinit)\n"
        "    return lock\n"
        "t.RLock = make_known",
        "no > yes",
    ),
    python(
        "safety.pipe_end",
        "fork",
        "import os, multiprocessing.connection as n; make_pipe = n.Pipe\n"
        "def make_closing(duplex):\n"
        "    reader, writer = make_pipe(duplex)\n"
        "    os.register_at_fork(after_in_child=writer.close)\n"
        "    return reader, writer\n"
        "n.Pipe = make_closing",
        "no > yes",
    ),
    child(
        "safety.pipe_end",
        "spawn",
        "    go.recv()\n    try:",
        "    go.recv()\n    reader = type(reader)(os.pipe()[0], writable=False)\n    try:",
        "yes > no",
    ),
)
