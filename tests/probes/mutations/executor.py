"""Alterations of what the probes of executor observe."""

from tests.probes.mutation import EXECUTOR, NEW, POSIX, child, python

MUTATIONS = (
    python("executor.map_eager", "fork", EXECUTOR + "e.map = lambda self, do, *items: map(do, *items)", "yes > no"),
    child(
        "executor.from_event_loop",
        "fork",
        "    return os.getpid()\n",
        "    return os.getppid()\n",
        "yes > error",
        file="_tasks.py",
    ),
    child("executor.nested", "fork spawn", "    return inner != os.getpid()\n", "    return False\n", "yes > error"),
    python(
        "executor.shutdown_at_once",
        "fork",
        EXECUTOR + "old = e.shutdown\ne.shutdown = lambda self, wait=True: old(self, wait, cancel_futures=True)",
        "yes > error",
        NEW,
    ),
    child("executor.started_workers", "fork", "with executor(ctx, 3) as", "with executor(ctx, 2) as", "3 > 2"),
    child(
        "executor.workers_replaced",
        "spawn",
        "max_tasks_per_child=2)",
        "max_tasks_per_child=9)",
        "no > yes",
        NEW + ' and python_version < "3.14"',
        file="assets/executor_replaced.py",
    ),
    python(
        "executor.cancel_futures",
        "fork",
        EXECUTOR + "old = e.shutdown\ne.shutdown = lambda self, wait=True, cancel_futures=False: old(self, wait)",
        "yes > no",
        NEW,
    ),
    python(
        "executor.cancel_futures",
        "fork",
        EXECUTOR + "import concurrent.futures as c; old = e.shutdown; futures = []; submit = e.submit\n"
        "def submitted(self, *task):\n    futures.append(submit(self, *task))\n    return futures[-1]\n"
        "e.submit = submitted\n"
        "def shutdown(self, wait=True, cancel_futures=False):\n"
        "    futures[-1].cancelled = lambda: True\n    old(self, wait)\n"
        "e.shutdown = shutdown",  # it says that it is cancelled, and runs all the same
        "yes > error",
        NEW,
    ),
    python(
        "executor.map_buffersize",
        "fork",
        EXECUTOR + "old = e.map\ne.map = lambda self, do, *items, buffersize=None: old(self, do, *items)",
        "yes > no",
        POSIX + ' and python_version >= "3.14"',
    ),
    python(
        "executor.terminate_workers",
        "fork",
        EXECUTOR + "import os; never = os.path.join(os.environ['TMPDIR'], 'never')\n"
        "e.terminate_workers = lambda self: open(never, 'w').close()",  # the task ends by itself
        "yes > error",
        POSIX + ' and python_version >= "3.14"',
    ),
)
