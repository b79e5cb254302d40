"""Alterations of what the probes of scale observe."""

from tests.probes.mutation import child, python

DOUBLE = "    return 2 * number\n", "    return 1\n"

AS_ON_WINDOWS = (
    "import multiprocessing.pool as m; before = m.wait\ndef wait(objects, timeout=None):\n"
    "    if len(objects) > 63: raise ValueError('need at most 63 handles')\n"
    "    return before(objects, timeout)\nm.wait = wait"
)

MUTATIONS = (
    child("scale.workers_of_pool", "fork", "    return os.getpid()\n", "    return 1\n", "yes > error"),
    python("scale.workers_of_pool", "fork", AS_ON_WINDOWS, "yes > no"),
    child("scale.workers_of_executor", "fork", "    return os.getpid()\n", "    return 1\n", "yes > error"),
    child("scale.tasks_of_pool", "fork", *DOUBLE, "yes > error", file="_tasks.py"),
    child("scale.tasks_of_executor", "fork", *DOUBLE, "yes > error", file="_tasks.py"),
)
