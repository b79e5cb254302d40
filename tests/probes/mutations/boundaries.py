"""Alterations of what the probes of boundaries observe."""

from tests.probes.mutation import CPYTHON, LINUX, PICKLE_LOCK, POSIX, child, python

MUTATIONS = (
    child(
        "boundaries.preexec_lock",
        "none",
        "        lock.acquire()\n        return lock.release",
        "        return int",
        "no > yes",
    ),
    child(
        "boundaries.warning_of_foreign_thread",
        "none",
        "    thread = ForeignThread()\n",
        "    thread = ForeignThread()\n    thread.end()\n    thread.end = int\n",
        "yes > no",
        only=CPYTHON + ' and python_version >= "3.12"',
    ),
    child("boundaries.record_lock", "none", "        fcntl.lockf(file", "        fcntl.flock(file", "no > yes"),
    child(
        "boundaries.death_signal_of_thread",
        "fork spawn",
        "prctl(1, signal.SIGTERM",
        "prctl(1, 0",
        "yes > no",
        only=LINUX,
    ),
    child("boundaries.daemon_ends_first", "fork", ", daemon=True", "", "yes > no", file="assets/boundaries_end.py"),
    child(
        "boundaries.callback_of_child",
        "fork",
        '    atexit.register(note, path, "")',
        "    del atexit",
        "'callback, join' > 'join, no callback'",
        only=POSIX + ' and python_version >= "3.13"',
    ),
    child(
        "boundaries.callback_of_child",
        "spawn",
        '    atexit.register(note, path, "")',
        "    del atexit",
        "'join, callback' > 'join, no callback'",
        only=POSIX + ' and python_version < "3.13"',
    ),
    child("boundaries.start_before_reading", "fork", "isinstance(gate, Gate) or gate", "gate is True", "yes > no"),
    child(
        "boundaries.start_before_reading",
        "spawn",
        "    return wait_until(lambda: os.path.exists(path), A_WHILE)",
        "    return True",
        "no > yes",
    ),
    child(
        "boundaries.view_outlives_block",
        "none",
        "        del block\n",
        "        kept.other = block\n        del block\n",
        "yes > no",
    ),
    python("boundaries.server_as_target", "spawn", PICKLE_LOCK, "no > yes"),
    python(
        "boundaries.wait_for_nothing",
        "none",
        "import multiprocessing.connection as c; c.wait = lambda objects, timeout: []",
        "yes > no",
    ),
    child("boundaries.key_of_client_only", "none", ', authkey=b"secret"', "", "no > yes"),
    python(
        "boundaries.proxy_from_proxy",
        "fork",
        "import multiprocessing.managers as m; a = m.BaseProxy._after_fork\n"
        "def keep(self):\n    kept = self._manager\n    a(self)\n    self._manager = kept\n"
        "m.BaseProxy._after_fork = keep",
        "no > yes",
    ),
    child(
        "boundaries.special_methods",
        "none",
        'register("Items", Items)',
        'register("Items", Items, exposed=("__len__", "__getitem__", "__call__", "number"))',
        "no > yes",
    ),
)
