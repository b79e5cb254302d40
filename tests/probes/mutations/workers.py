"""Alterations of what the probes of workers observe."""

from tests.probes.mutation import BRIEF, CPYTHON, EXECUTOR, MP, NEW, python

CATCH_ALL = "import multiprocessing.pool as p; p.Exception = BaseException"  # what a worker catches and sends

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
    python(
        "workers.cancel_running",
        "fork",
        "import concurrent.futures as c, multiprocessing as m\n"
        "c.Future.cancel = lambda self: [child.kill() or child.join() for child in m.active_children()] != []",
        "no > yes",
    ),
    python(
        "workers.cancel_running",
        "fork",
        EXECUTOR + "import concurrent.futures as c; c.Future.cancel = lambda self: False\n"
        "old = e.submit; e.submit = lambda self, do, *some: old(self, int)",
        "no > error",
    ),
    python(
        "workers.context_by_name",
        "none",
        EXECUTOR + "import multiprocessing as m; old = e.__init__\n"
        "e.__init__ = lambda self, count, mp_context: old(self, count, mp_context=m.get_context(mp_context))",
        "no > yes",
    ),
    python(
        "workers.daemonic_executor",
        "fork",
        MP + "old = p.BaseProcess.__init__\n"
        "p.BaseProcess.__init__ = lambda self, *some, **more: old(self, *some, **dict(more, daemon=True))",
        "no > yes",
    ),
    python(
        "workers.daemonic_pool",
        "fork spawn",
        MP + "p.BaseProcess.daemon = property(lambda self: False, lambda self, on: None)",
        "yes > no",
    ),
    python(
        "workers.early_global",
        "fork",
        "os.register_at_fork(after_in_child=lambda: globals().update(setting='initial'))",
        "yes > no",
    ),
    python("workers.exit_in_pool", "fork spawn", CATCH_ALL, "no > yes"),
    python("workers.interrupt_in_pool", "fork spawn", CATCH_ALL, "no > yes"),
    python(
        "workers.failing_callback",
        "fork",
        "import multiprocessing.pool as p; old = p.ApplyResult._set\n"
        "def _set(self, *result):\n    try:\n        old(self, *result)\n    except ValueError:\n        pass\n"
        "p.ApplyResult._set = _set",
        "no > yes",
    ),
    python(
        "workers.file_in_task",
        "fork spawn",
        "import copyreg, io; copyreg.pickle(io.TextIOWrapper, lambda file: (open, (file.name,)))",
        "no > yes",
    ),
    python(
        "workers.file_in_task",
        "fork",
        "import copyreg, io, os; copyreg.pickle(io.TextIOWrapper, lambda file: (open, (os.devnull,)))",
        "no > error",
    ),
    python(
        "workers.replaced_during_import",
        "fork",
        "import os; real = os._exit\nos.register_at_fork(after_in_child=lambda: setattr(os, '_exit',\n"
        "    lambda code: real(0 if code == 9 else code)))\n" + BRIEF,
        "no > error",
    ),
    python(
        "workers.replaced_during_import",
        "fork",
        "import _frozen_importlib as i\n"
        "def anew():\n    sys.modules.pop('workers_slow_module', None)\n    i._module_locks.clear()\n"
        "os.register_at_fork(after_in_child=anew)",
        "no > yes",
        CPYTHON,
    ),
    python(
        "workers.replaced_under_lock",
        "fork",
        "os.register_at_fork(after_in_child=lambda: globals().update(LOCK=threading.Lock()))",
        "no > yes",
    ),
    python(
        "workers.unseen_refusal",
        "fork spawn",
        "import multiprocessing.pool as p, multiprocessing.reduction as r; old = p.Pool.apply_async\n"
        "p.Pool.apply_async = lambda self, do, some: r.ForkingPickler.dumps(some) and old(self, do, some)",
        "no > yes",
    ),
)
