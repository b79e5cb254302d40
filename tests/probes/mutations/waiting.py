"""Alterations of what the probes of waiting observe."""

from tests.probes.mutation import child, python

HASTY = (  # notify() that wakes, and does not wait until they are awake
    "import multiprocessing.synchronize as s\ndef notify(self, n=1):\n"
    "    while n and self._sleeping_count.acquire(False):\n"
    "        self._wait_semaphore.release()\n        n -= 1\ns.Condition.notify = notify"
)

MUTATIONS = (
    python(
        "waiting.queue_of_dead_writer",
        "fork",
        "import multiprocessing.queues as q; get = q.Queue.get\n"
        "q.Queue.get = lambda self, block=True, timeout=None: get(self, block, timeout or 0.1)",
        "no > yes",
    ),
    child("waiting.half_item", "fork", 'queue.put(b"x" * 2**20)', 'queue.put(b"x")', "no > error"),
    python("waiting.condition_of_dead_sleeper", "fork", HASTY, "no > yes"),
    python("waiting.event_of_dead_sleeper", "fork", HASTY, "no > yes"),
    python("waiting.barrier_of_dead_party", "fork", HASTY, "no > yes"),
    python("waiting.event_in_handler", "fork", HASTY, "no > yes"),
    child(
        "waiting.joinable_of_dead_worker",
        "fork",
        "    queue.get()\n",
        "    queue.get(), queue.task_done()\n",
        "no > yes",
    ),
    python(
        "waiting.result_of_terminated_pool",
        "fork",
        "import multiprocessing.pool as m; old = m.Pool.terminate\ndef terminate(self):\n"
        "    [one._set(0, (False, OSError())) for one in list(self._cache.values())]\n    old(self)\n"
        "m.Pool.terminate = terminate",
        "no > yes",
    ),
    python(
        "waiting.iterator_of_dropped_pool",
        "fork",
        "import multiprocessing.pool as m; m.Pool.imap = lambda self, *some: m.IMapIterator(self)",
        "yes > no",
    ),
    child("waiting.proxy_after_shutdown", "fork", '        proxy["used"] = 2\n', "        pass\n", "yes > error"),
)
