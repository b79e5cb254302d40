"""Alterations of what the probes of tasks observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child("tasks.late_global", "fork spawn", "    return setting\n", '    return "changed"\n', "no > yes"),
    child(
        "tasks.pool_result", "fork", "    return threading.Lock()\n", "    return 1\n", "yes > error", file="_tasks.py"
    ),
)
