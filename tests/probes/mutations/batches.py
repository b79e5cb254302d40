"""Alterations of what the probes of batches observe."""

from tests.probes.mutation import EXECUTOR, POSIX, child, python

POOLS = "import multiprocessing.pool as q\n"
OLD_GLOBAL = ("    before, word = word, new", "    before, _ = word, new")
SIGNAL_OF_SYSTEM = ("signal.default_int_handler)", "signal.SIG_DFL)")


def kept(of: str) -> str:
    """Code for python(): no object of a class is ever dropped."""
    return (
        f"kept = []; first = {of}.__init__\ndef init(self, *args, **options):\n    first(self, *args, **options)\n"
        f"    kept.append(self)\n{of}.__init__ = init"
    )


MUTATIONS = (
    child(
        "batches.object_of_chunk",
        "fork",
        "        self.calls += 1\n        return self.calls",
        "        return self.calls + 1",
        "yes > no",
    ),
    python(
        "batches.first_of_chunk",
        "fork",
        POOLS + "i = q.Pool.imap\nq.Pool.imap = lambda self, function, items, chunksize: i(self, function, items)",
        "no > yes",
    ),
    child("batches.global_of_pool_task", "fork", *OLD_GLOBAL, "yes > no"),
    child("batches.global_of_executor_task", "fork", *OLD_GLOBAL, "yes > no"),
    python(
        "batches.error_callback",
        "fork",
        POOLS + "a = q.Pool.apply_async\n"
        "q.Pool.apply_async = lambda self, function, args, error_callback: a(self, function, args)",
        "yes > no",
    ),
    python("batches.timeout_of_pool", "fork", POOLS + "q.TimeoutError = TimeoutError", "no > yes"),
    python(
        "batches.timeout_of_executor",
        "fork",
        "import concurrent.futures._base as b\nb.TimeoutError = type('TimeoutError', (Exception,), {})",
        "yes > no",
        only=POSIX + ' and python_version >= "3.11"',
    ),
    python(
        "batches.timeout_of_executor",
        "fork",
        "import concurrent.futures._base as b\nb.TimeoutError = TimeoutError",
        "no > yes",
        only=POSIX + ' and python_version < "3.11"',
    ),
    python("batches.dropped_pool", "fork", POOLS + kept("q.Pool"), "yes > no"),
    python("batches.dropped_executor", "fork", EXECUTOR + kept("e"), "yes > no"),
    child("batches.interrupt_in_map", "fork", *SIGNAL_OF_SYSTEM, "yes > error", file="assets/batches_interrupt.py"),
    child("batches.interrupt_in_result", "fork", *SIGNAL_OF_SYSTEM, "yes > error", file="assets/batches_interrupt.py"),
)
