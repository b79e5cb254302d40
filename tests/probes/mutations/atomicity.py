"""Alterations of what the probes of atomicity observe."""

from tests.probes.mutation import child, python

MUTATIONS = (
    python(
        "atomicity.changed_after_put",
        "none",
        "import copy, multiprocessing.queues as q; put = q.Queue.put\n"
        "q.Queue.put = lambda self, item: put(self, copy.copy(item) if isinstance(item, list) else item)",
        "no > yes",
    ),
    python(
        "atomicity.put_returns",
        "none",
        "import time, multiprocessing.queues as q; put = q.Queue.put\n"
        "q.Queue.put = lambda self, item: (put(self, item), self._reader.poll(5))",
        "no > yes",
    ),
    python(
        "atomicity.rlock_released_elsewhere",
        "spawn",
        "import multiprocessing.context as c; c.BaseContext.RLock = c.BaseContext.Lock",
        "no > yes",
    ),
    child("atomicity.shared_text", "fork", 'text.value == b"text"', "text.value == text", "yes > no"),
    python(
        "atomicity.value_increment",
        "none",
        "import multiprocessing.sharedctypes as s\n"
        "s.Synchronized.get_lock = lambda self: __import__('_thread').allocate_lock() if "
        "self.__dict__.setdefault('held', 1) else 0\n",
        "no > yes",
    ),
    python(
        "atomicity.manager_increment",
        "none",
        "import threading, multiprocessing.managers as m; whole, d = threading.RLock(), m.DictProxy\n"
        "get, put = d.__getitem__, d.__setitem__\n"
        "d.__getitem__ = lambda self, key: (whole.acquire(), get(self, key))[1]\n"
        "d.__setitem__ = lambda self, key, item: (put(self, key, item), whole.release())[0]",
        "no > yes",
    ),
    child(
        "atomicity.lock_released_elsewhere",
        "fork spawn",
        "    lock.release()\n    return True\n",
        "    return True\n",
        "yes > error",
    ),
    python(
        "atomicity.task_done_too_often",
        "none",
        "import multiprocessing.queues as q; q.JoinableQueue.task_done = lambda self: None",
        "yes > no",
    ),
)
