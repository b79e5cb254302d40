"""Alterations of what the probes of damage observe."""

from tests.probes.mutation import POSIX, child, python

MUTATIONS = (
    child(
        "damage.exit_code_of_fault",
        "fork spawn",
        "    ctypes.c_int.from_address(8).value",
        "    os.abort()",
        "-11 > -6",
    ),
    child(
        "damage.dies_before_arguments",
        "spawn",
        "return (os._exit, (7,))",
        "return (int, (7,))",
        "no > yes",
        POSIX + ' and python_version < "3.13"',
    ),
    child("damage.lock_of_killed", "fork spawn", "    thing.acquire()\n", "    thing.locked = True\n", "no > yes"),
    child("damage.half_message", "fork", '.pack("!i", 100) + b"only this"', '.pack("!i", 4) + b"only"', "yes > no"),
    python(
        "damage.semaphore_of_killed",
        "fork",
        "import multiprocessing.synchronize as s; old = s.Semaphore.__init__\n"
        "s.Semaphore.__init__ = lambda self, value, *, ctx: old(self, value + 1, ctx=ctx)",
        "no > yes",
    ),
    child(
        "damage.release_for_killed", "fork spawn", "    thing.acquire()\n    connection", "    connection", "yes > no"
    ),
    python(
        "damage.release_rlock_for_killed",
        "fork",
        "import multiprocessing.context as c; c.BaseContext.RLock = c.BaseContext.Lock",
        "no > yes",
    ),
    python(
        "damage.put_before_exit",
        "fork spawn",
        "import multiprocessing.queues as q\n"
        "q.Queue.put = lambda self, item: self._writer.send_bytes(q._ForkingPickler.dumps(item))",
        "no > yes",
    ),
    child("damage.half_message", "fork spawn", '100) + b"only this")', '9) + b"only this")', "yes > no"),
    child("damage.exit_code_of_abort", "fork spawn", "    os.abort()\n", "    os._exit(3)\n", "-6 > 3"),
    child(
        "damage.dropped_broken_executor",
        "fork",
        "def run():\n",
        "import concurrent.futures.process\n\n"
        "Manager = concurrent.futures.process._ExecutorManagerThread\n"
        "broken, join = Manager.terminate_broken, Manager.join_executor_internals\n\n\n"
        "def terminate_broken(self, cause):\n"
        "    broken(self, cause)\n\n\n"
        "Manager.terminate_broken = terminate_broken\n"
        "Manager.join_executor_internals = lambda self: (join(self), self.shutdown_lock.acquire())\n\n\n"
        "def run():\n",
        "yes > no",
        POSIX + ' and python_version < "3.12"',
        file="assets/damage_dropped.py",
    ),
    python(
        "damage.queue_of_killed_reader",
        "fork",
        "import multiprocessing.queues as q; get = q.Queue.get\n"
        "q.Queue.get = lambda self, timeout=None: (\n"
        "    q._ForkingPickler.loads(self._recv_bytes()) if timeout else get(self))",
        "no > yes",
    ),
)
