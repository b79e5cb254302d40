"""Alterations of what the probes of primitives observe."""

from tests.probes.mutation import BRIEF, LINUX, MP, child, python

MUTATIONS = (
    child(
        "primitives.lock", "spawn", "    lock.release()\n    return not taken", "    return not taken", "yes > error"
    ),
    child("primitives.semaphore", "fork", "    return semaphore.acquire(False)\n", "    return True\n", "yes > error"),
    python(
        "primitives.barrier",
        "fork",
        "import threading as t; t.Barrier._wait = lambda self, timeout: None",  # who comes first does not wait
        "yes > no",
    ),
    python(
        "primitives.barrier",
        "fork",
        BRIEF + MP + "import threading as t\nc.BaseContext.Barrier = lambda self, parties: t.Barrier(parties)",
        "yes > error",
    ),
    python(
        "primitives.condition",
        "fork",
        "import multiprocessing.synchronize as s; k = s.Condition; old = k.wait\n"
        "k.notify = lambda self, n=1: None; k.wait = lambda self, timeout: old(self, 0.2)",
        "yes > error",
    ),
    python(
        "primitives.connection",
        "fork spawn",
        "import multiprocessing.connection as n; old = n.Connection.send\n"
        "n.Connection.send = lambda self, thing: old(self, None)",
        "yes > error",
    ),
    python(
        "primitives.event",
        "fork spawn",
        "import multiprocessing.synchronize as s; s.Event.set = lambda self: None",
        "yes > error",
    ),
    python(
        "primitives.lock_without_reference",
        "spawn",
        MP + "old = c.BaseContext.Lock; kept = []\n"
        "c.BaseContext.Lock = lambda self: kept.append(old(self)) or kept[-1]",
        "no > yes",
        LINUX,
    ),
    python(
        "primitives.raw_array",
        "fork",
        MP + "import ctypes as k\nc.BaseContext.RawArray = lambda self, kind, items: (k.c_int * len(items))(*items)",
        "yes > error",
    ),
    python(
        "primitives.rlock",
        "fork",
        MP + "import threading as t\nc.BaseContext.RLock = lambda self: t.RLock()",
        "yes > error",
    ),
    python(
        "primitives.shared_array",
        "fork",
        MP + "import ctypes as k\nc.BaseContext.Array = lambda self, kind, items: (k.c_int * len(items))(*items)",
        "yes > error",
    ),
    python(
        "primitives.shared_memory",
        "fork spawn",
        "import multiprocessing.shared_memory as s; "
        "s.SharedMemory.buf = property(lambda self: memoryview(bytearray(self._buf)))",
        "yes > error",
    ),
    python(
        "primitives.shared_value",
        "fork",
        MP + "import ctypes as k\nc.BaseContext.Value = lambda self, kind, number: k.c_int(number)",
        "yes > error",
    ),
)
