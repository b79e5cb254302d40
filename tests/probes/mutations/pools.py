"""Alterations of what the probes of pools observe."""

from tests.probes.mutation import NOT_DAEMONIC, OLD, POSIX, child, python

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
)
