"""Alterations of what the probes of apis observe."""

from tests.probes.mutation import EXECUTOR, MP, NEW, OLD, POSIX, python

MUTATIONS = (
    python(
        "apis.process_interrupt",
        "none",
        "import os, signal, multiprocessing.process as p\n"
        "p.BaseProcess.interrupt = lambda self: os.kill(self.pid, signal.SIGINT)",
        "no > yes",
        OLD,
    ),
    python(
        "apis.lock_locked",
        "none",
        "import multiprocessing.synchronize as s; s.Lock.locked = lambda self: self._semlock._is_zero()",
        "no > yes",
        OLD,
    ),
    python("apis.queue_subscript", "none", MP + "multiprocessing.Queue = list", "no > yes", OLD),
    python(
        "apis.queue_is_class",
        "none",
        MP + "class Q:\n    close = join_thread = lambda self: None\nmultiprocessing.Queue = Q",
        "no > yes",
    ),
    python(
        "apis.event_repr",
        "none",
        "import multiprocessing.synchronize as s; s.Event.__repr__ = object.__repr__",
        "yes > no",
        NEW,
    ),
    python(
        "apis.terminate_workers",
        "none",
        EXECUTOR + "e.terminate_workers = e.kill_workers = e.shutdown",
        "no > yes",
        OLD,
    ),
    python("apis.max_tasks_per_child", "none", EXECUTOR + "e.__init__ = lambda self, workers: None", "yes > no", NEW),
    python("apis.cancel_futures", "none", EXECUTOR + "e.shutdown = lambda self: None", "yes > no"),
    python(
        "apis.zero_tasks",
        "none",
        "import multiprocessing.pool as p; init = p.Pool.__init__\n"
        "p.Pool.__init__ = lambda self, processes, *some, context: init(self, processes, context=context)",
        "yes > no",
        POSIX + ' and python_version >= "3.12"',
    ),
    python(
        "apis.map_buffersize", "none", EXECUTOR + "e.map = lambda self, do, *items, buffersize=0: []", "no > yes", OLD
    ),
    python(
        "apis.shared_memory_track",
        "none",
        "import multiprocessing.shared_memory as s; init = s.SharedMemory.__init__\n"
        "s.SharedMemory.__init__ = lambda self, create, size, track: init(self, create=create, size=size)",
        "no > yes",
        OLD,
    ),
    python(
        "apis.preload_on_error",
        "none",
        MP + "c.BaseContext.set_forkserver_preload = lambda self, names, on_error: None",
        "no > yes",
        OLD,
    ),
    python(
        "apis.manager_timeout",
        "none",
        "import multiprocessing.managers as m; m.BaseManager.__init__ = lambda self: None",
        "yes > no",
        NEW,
    ),
    python(
        "apis.manager_set",
        "none",
        "import multiprocessing.managers as m\n"
        "m.SyncManager.register('set', set, m.MakeProxyType('SetProxy', ('__contains__', '__len__')))",
        "no > yes",
        OLD,
    ),
    python(
        "apis.manager_list_clear",
        "none",
        "import multiprocessing.managers as m; m.ListProxy.clear = lambda self: self.__delitem__(slice(None))",
        "no > yes",
        OLD,
    ),
    python(
        "apis.manager_dict_merge",
        "none",
        "import multiprocessing.managers as m; m.DictProxy.__or__ = lambda self, more: {**self.copy(), **more}\n"
        "m.DictProxy.__ior__ = lambda self, more: self.update(more) or self",
        "no > yes",
        OLD,
    ),
    python(
        "apis.manager_dict_mapping",
        "none",
        "import collections.abc as a, multiprocessing.managers as m; a.MutableMapping.register(m.DictProxy)",
        "no > yes",
        OLD,
    ),
    python("apis.bad_type_code", "none", MP + "multiprocessing.RawValue = lambda *some: None", "yes > no"),
    python(
        "apis.type_codes_told",
        "none",
        MP + "def refuse(*some):\n    raise TypeError('b h i l q f d')\nmultiprocessing.RawArray = refuse",
        "no > yes",
        OLD,
    ),
    python(
        "apis.queue_class_subscript",
        "none",
        "import multiprocessing.queues as q\nq.Queue.__class_getitem__ = classmethod(lambda *parts: repr(parts))",
        "no > yes",
        POSIX + ' and python_version < "3.12"',
    ),
)
