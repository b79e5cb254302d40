"""Alterations of what the probes of pools observe."""

from tests.probes.mutation import LINUX, NOT_DAEMONIC, OLD, POSIX, child, python

MUTATIONS = (
    child(
        "pools.one_task_each", "fork spawn", "    return os.getpid()\n", "    return 1\n", "yes > no", file="_tasks.py"
    ),
    child("pools.nested_pool", "fork", "    import multiprocessing\n", NOT_DAEMONIC, "no > yes"),
    python(
        "pools.processor_count",
        "none",
        "import multiprocessing.pool as p; init = p.Pool.__init__\n"
        "p.Pool.__init__ = lambda self, *some, **more: init(self, p.os.cpu_count(), **more)",
        "'os.process_cpu_count' > 'os.cpu_count'",
        POSIX + ' and python_version >= "3.13"',
    ),
    python(
        "pools.processor_count",
        "none",
        "import multiprocessing.pool as p; init = p.Pool.__init__\n"
        "p.Pool.__init__ = lambda self, *some, **more: init(self, 1, **more)",
        "'os.cpu_count' > 'os.process_cpu_count'",
        OLD,
    ),
    python(
        "pools.affinity_respected",
        "none",
        "import multiprocessing.pool as p; init = p.Pool.__init__\n"
        "p.Pool.__init__ = lambda self, count, *some, **more: init(self, len(os.sched_getaffinity(0)), *some, **more)",
        "no > yes",
        LINUX + ' and python_version < "3.13"',
        refusable=True,
    ),
    python(
        "pools.affinity_respected",
        "none",
        "import os; os.process_cpu_count = os.cpu_count",
        "yes > no",
        LINUX + ' and python_version >= "3.13" and platform_python_implementation == "CPython"',
        refusable=True,
    ),
    python(
        "pools.after_with",
        "none",
        "import multiprocessing.pool as p; p.Pool.__exit__ = lambda self, *error: None",
        "no > yes",
    ),
    python(
        "pools.dropped",
        "fork",
        "import multiprocessing.pool as p; p.Pool.__del__ = lambda self, *more: None",
        "yes > no",
    ),
    python(
        "pools.end_of_with",
        "fork",
        "import multiprocessing.pool as p, os\n"
        "def leave(self, *error):\n"
        "    open(os.path.join(os.environ['TMPDIR'], 'go'), 'w').close()\n"  # so that the task ends, and soon
        "    self.close()\n    self.join()\n"
        "p.Pool.__exit__ = leave",
        "no > yes",
    ),
    python(
        "pools.imap_lazy",
        "fork",
        "import multiprocessing.pool as p\n"
        "class lazy:\n"
        "    def __init__(self, pool, do, items):\n        self.pool, self.do, self.items = pool, do, items\n"
        "    def next(self, timeout):\n        return self.pool.apply(self.do, (next(self.items),))\n"
        "p.Pool.imap = lambda *some: lazy(*some)",
        "no > yes",
    ),
    child(
        "pools.left_open",
        "fork",
        "    print(pool.apply(abs, (-3,)))",
        "    print(pool.apply(abs, (-3,)), flush=True)\n    os.kill(os.getpid(), 9)",
        "yes > no",
        file="assets/pools_open.py",
    ),
)
