"""Alterations of what the probes of tasks observe."""

from tests.probes.mutation import LOCAL_FUNCTIONS, PICKLE_LOCK, child, python

PICKLE_ANYTHING = """
import multiprocessing.reduction
def rebuild(name):
    return type(name, (), {})()
def override(self, thing):
    name = type(thing).__name__
    known = name in ("Local", "generator", "TextIOWrapper", "lock", "Thread", "memoryview", "dict_keys")
    if known or name == "function" and "<" in thing.__qualname__:
        return rebuild, (name,)
    return NotImplemented
multiprocessing.reduction.ForkingPickler.reducer_override = override
"""
"""A Python that sends anything as an empty object whose class has the same name."""

MUTATIONS = (
    child("tasks.late_global", "fork spawn", "    return setting\n", '    return "changed"\n', "no > yes"),
    child(
        "tasks.pool_result", "fork", "    return threading.Lock()\n", "    return 1\n", "yes > error", file="_tasks.py"
    ),
    python("tasks.executor_argument", "fork spawn", PICKLE_LOCK, "yes > error"),
    python("tasks.executor_initializer", "spawn forkserver", LOCAL_FUNCTIONS, "no > yes"),
    python("tasks.executor_result", "fork spawn", PICKLE_LOCK, "yes > error"),
    python("tasks.fork_only_in_executor", "fork spawn", PICKLE_ANYTHING, "no > yes"),
    python("tasks.fork_only_in_pool", "fork spawn", PICKLE_ANYTHING, "no > yes"),
    python("tasks.lambda_in_executor", "fork spawn", LOCAL_FUNCTIONS, "no > yes"),
    python("tasks.lambda_in_pool", "fork spawn", LOCAL_FUNCTIONS, "no > yes"),
    python("tasks.local_in_pool", "fork spawn", LOCAL_FUNCTIONS, "no > yes"),
    python(
        "tasks.method_of_owner",
        "fork spawn",
        "import multiprocessing.pool as o; o.Pool.__reduce__ = lambda self: (int, ())",
        "no > yes",
    ),
    python("tasks.pool_initializer", "spawn forkserver", LOCAL_FUNCTIONS, "no > yes"),
)
