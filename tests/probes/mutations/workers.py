"""Alterations of what the probes of workers observe."""

from tests.probes.mutation import NEW, python

MUTATIONS = (
    python(
        "workers.timeout_of_get",
        "fork spawn",
        "import multiprocessing.pool as p\ndef get(self, seconds):\n"
        "    [(worker.kill(), worker.join()) for worker in self._pool._pool]\n"
        "    raise p.TimeoutError\np.ApplyResult.get = get",
        "yes > no",
        NEW,
    ),
)
