"""Alterations of what the probes of sharing observe."""

from tests.probes.mutation import FORK, LINUX, MP, child, python

NOT_SHARED = (
    "import threading as t, multiprocessing.synchronize as s, multiprocessing.managers as m\n"
    "s.Lock.__reduce__ = m.AcquirerProxy.__reduce__ = lambda self: (t.Lock, ())"
)
"""A lock that is pickled becomes another lock."""

PICKLED = MP + "c.assert_spawning = lambda thing: None"
"""Pickling does not ask whether a process is being started."""

MUTATIONS = (
    child(
        "sharing.connection_through_pipe",
        "fork spawn",
        '        received.send("child")\n',
        "        received.send('other')\n",
        "yes > error",
    ),
    python(
        "sharing.default_context_lock",
        "spawn",
        "import multiprocessing as m; m.Lock = m.get_context('spawn').Lock",
        "no > yes",
        FORK,
    ),
    python(
        "sharing.fork_context_lock",
        "spawn",
        "import multiprocessing as m; old = m.get_context\n"
        "m.get_context = lambda method=None: old('spawn' if method == 'fork' else method)",
        "no > yes",
        LINUX,
    ),
    python(
        "sharing.spawn_context_lock",
        "forkserver",
        "import multiprocessing as m; old = m.get_context\n"
        "m.get_context = lambda method=None: old('fork' if method == 'spawn' else method)",
        "yes > no",
        LINUX,
    ),
    python(
        "sharing.lock_as_global",
        "fork",
        "os.register_at_fork(after_in_child=lambda: globals().update(shared_lock=None))",
        "yes > no",
    ),
    python(
        "sharing.lock_at_module_level",
        "fork",
        "os.register_at_fork(after_in_child=lambda: sys.modules.pop('sharing_module_lock', None))",
        "yes > no",
    ),
    python("sharing.lock_in_object", "spawn", NOT_SHARED, "yes > error"),
    python("sharing.lock_in_pickle", "spawn", PICKLED, "no > yes", LINUX),
    python("sharing.lock_in_pool_initializer", "spawn", NOT_SHARED, "yes > error"),
    python("sharing.lock_through_pipe", "spawn", PICKLED, "no > yes", LINUX),
    python("sharing.manager_lock_in_pool_task", "fork", NOT_SHARED, "yes > error"),
    python(
        "sharing.many_connections",
        "spawn",
        "import multiprocessing.util as u; old = u.spawnv_passfds\n"
        "def few(path, some, numbers):\n"
        "    if len(numbers) > 256:\n        raise ValueError('too many fds')\n"
        "    return old(path, some, numbers)\n"
        "u.spawnv_passfds = few",
        "yes > no",
    ),
    python("sharing.queue_in_pool_task", "spawn", PICKLED, "no > yes", LINUX),
)
