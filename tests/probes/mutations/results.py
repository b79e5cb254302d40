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
)
