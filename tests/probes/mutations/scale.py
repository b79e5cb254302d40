"""Alterations of what the probes of scale observe."""

from tests.probes.mutation import child

DOUBLE = "    return 2 * number\n", "    return 1\n"

MUTATIONS = (
    child("scale.workers_of_pool", "fork", "    return os.getpid()\n", "    return 1\n", "yes > error"),
    child("scale.workers_of_executor", "fork", "    return os.getpid()\n", "    return 1\n", "yes > error"),
    child("scale.tasks_of_pool", "fork", *DOUBLE, "yes > error", file="_tasks.py"),
    child("scale.tasks_of_executor", "fork", *DOUBLE, "yes > error", file="_tasks.py"),
)
