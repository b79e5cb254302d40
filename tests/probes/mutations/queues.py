"""Alterations of what the probes of queues observe."""

from tests.probes.mutation import LINUX, PICKLE_LOCK, python

Q = "import multiprocessing.queues as q; Q = q.Queue\n"

MUTATIONS = (
    python(
        "queues.cancel_join_thread",
        "fork",
        "import os; os.environ['CANIFORK_TIME_SCALE'] = '0.25'  # what never ends is ended sooner\n"
        + Q
        + "Q.cancel_join_thread = lambda self: None",
        "yes > error",
    ),
    python(
        "queues.join_before_get",
        "fork",
        Q + "old = Q.put\nQ.put = lambda self, item: (self.cancel_join_thread(), old(self, item))",
        "no > yes",
    ),
    python("queues.joinable_queue", "fork spawn", Q + "q.JoinableQueue.put = Q.put", "yes > error"),
    python(
        "queues.put_after_close",
        "none",
        Q
        + "old = Q.put\ndef put(self, item):\n    try:\n        old(self, item)\n    except ValueError:\n        pass\n"
        "Q.put = put",
        "yes > no",
    ),
    python(
        "queues.qsize",
        "none",
        Q + "def qsize(self):\n    raise NotImplementedError\nQ.qsize = qsize",
        "yes > no",
        LINUX,
    ),
    python(
        "queues.queue", "fork spawn", Q + "old = Q.put\nQ.put = lambda self, item: old(self, 'other')", "yes > error"
    ),
    python(
        "queues.simple_queue",
        "fork spawn",
        Q + "old = q.SimpleQueue.put\nq.SimpleQueue.put = lambda self, item: old(self, 'other')",
        "yes > error",
    ),
    python("queues.simple_queue_close", "none", Q + "del q.SimpleQueue.close", "yes > no"),
    python(
        "queues.unpicklable_put",
        "fork",
        Q + "old = Q.put\nQ.put = lambda self, item: q._ForkingPickler.dumps(item) and old(self, item)",
        "no > yes",
    ),
    python("queues.unpicklable_simple_put", "fork spawn", PICKLE_LOCK, "yes > no"),
)
