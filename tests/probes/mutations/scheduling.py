"""Alterations of what the probes of scheduling observe."""

from tests.probes.mutation import EXECUTOR, LINUX, NEW, POSIX, child, python

MUTATIONS = (
    python(
        "scheduling.submitted_while_busy",
        "fork",
        EXECUTOR + "f._ThreadWakeup.clear = lambda self: None",
        "yes > no",
        only=LINUX + ' and python_version >= "3.11"',
    ),
    python(
        "scheduling.cancelled_before_shutdown",
        "fork",
        EXECUTOR + "import threading\n"
        "def stay(self):\n    self._shutdown_thread = True\n    self._executor_manager_thread_wakeup.wakeup()\n"
        "    threading.Event().wait(10)\ne.shutdown = stay",
        "yes > no",
        only=NEW,
    ),
    child(
        "scheduling.dropped_with_task_limit",
        "spawn",
        "    return [pool.submit(wait_for, path)] +",
        "    global kept\n    kept = pool\n    return [pool.submit(wait_for, path)] +",
        "no > yes",
        only=NEW,
        file="assets/scheduling_left.py",
    ),
    child(
        "scheduling.death_after_shutdown",
        "fork",
        "    os._exit(7)",
        "    return 7",
        "yes > error",
        only=NEW,
        file="assets/scheduling_left.py",
    ),
    python(
        "scheduling.timeout_before_end",
        "fork",
        EXECUTOR + "e.__exit__ = lambda self, *error: self.shutdown(wait=False)",
        "yes > no",
    ),
    python(
        "scheduling.iterator_after_with",
        "fork",
        "import multiprocessing.pool as q\ndef gone(self):\n    raise RuntimeError('gone')\n"
        "q.IMapIterator.__next__ = gone",
        "no > yes",
    ),
    python(
        "scheduling.map_reads_all",
        "fork",
        "import multiprocessing.pool as q\nclass Lazy:\n    def __init__(self, *args):\n        self.args = args\n"
        "    def get(self, limit):\n        return q.Pool.map(*self.args)\n"
        "q.Pool.map_async = lambda self, function, items: Lazy(self, function, items)",
        "yes > no",
    ),
    python(
        "scheduling.variable_of_initializer",
        "spawn",
        "import os; os.environ['CANIFORK_SET_BY_INITIALIZER'] = '1'",
        "no > yes",
    ),
    python(
        "scheduling.thread_pool_after_target",
        "fork",
        "import threading; threading._register_atexit = lambda function: None",
        "no > yes",
        only=POSIX + ' and python_version >= "3.9"',
    ),
    child(
        "scheduling.processor_variable",
        "none",
        'env={"PYTHON_CPU_COUNT": str(wanted)}',
        "env={}",
        "yes > no",
        only='python_version >= "3.13"',
    ),
    python(
        "scheduling.processor_variable",
        "none",
        "import os; os.cpu_count = lambda: 5\nimport _probe; run = _probe.run_script\n"
        "class Three:\n    status, stdout = 0, '3'\n_probe.run_script = lambda *args, **options: Three",
        "no > yes",
        only='python_version < "3.13"',
    ),
)
