"""Alterations of what the probes of results observe."""

from tests.probes.mutation import child, python

MUTATIONS = (
    child("results.map_order", "none", "    return number\n", "    return 1 - number\n", "yes > no"),
    child(
        "results.typed_task",
        "spawn",
        "pool.submit(task)",
        "pool.submit(int, 42)",
        "no > yes",
        file="assets/results_prompt.py",
    ),
    python(
        "results.pool_callback",
        "none",
        "import multiprocessing.pool as p; old = p.Pool.apply_async\n"
        "p.Pool.apply_async = lambda self, do, callback: callback(old(self, do).get())",
        "no > yes",
    ),
    python(
        "results.unordered", "none", "import multiprocessing.pool as p; p.Pool.imap_unordered = p.Pool.imap", "yes > no"
    ),
    python(
        "results.future_callback",
        "none",
        "import concurrent.futures as f; f.Future.add_done_callback = lambda self, call: call(self)",
        "no > yes",
    ),
    child(
        "results.future_callback", "none", '    return "waited"', '    return "late"', "no > error", file="_tasks.py"
    ),
    python(
        "results.join_without_close",
        "none",
        "import multiprocessing.pool as p; join = p.Pool.join\np.Pool.join = lambda self: self.close() or join(self)",
        "yes > no",
    ),
    child(
        "results.submit_at_exit",
        "none",
        "    atexit.register(submit, pool)\n",
        "    import threading\n\n    threading._register_atexit(submit, pool)\n",
        "no > yes",
        file="assets/results_at_exit.py",
    ),
    python(
        "results.terminate_running",
        "none",
        "import os, signal; signal.signal(signal.SIGTERM, lambda *some: os._exit(0))",
        "yes > error",
    ),
)
