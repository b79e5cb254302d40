"""Alterations of what the probes of subclasses observe."""

from tests.probes.mutation import MP, PICKLE_LOCK, child, python

MUTATIONS = (
    python(
        "subclasses.process_subclass",
        "spawn",
        MP + "def reduce_no_worker(self, protocol):\n"
        "    if type(self).__name__ == 'Worker':\n        raise TypeError('no subclasses')\n"
        "    return object.__reduce_ex__(self, protocol)\n"
        "p.BaseProcess.__reduce_ex__ = reduce_no_worker",
        "yes > no",
    ),
    python(
        "subclasses.local_subclass",
        "spawn",
        "import multiprocessing.reduction as r\n"
        "def reduce_local(self, thing):\n"
        "    if isinstance(thing, type) and thing.__name__ == 'Local':\n"
        "        return type, ('Local', thing.__bases__, {})\n"
        "    return NotImplemented\n"
        "r.ForkingPickler.reducer_override = reduce_local",
        "no > yes",
    ),
    python("subclasses.lock_made_in_init", "spawn", PICKLE_LOCK, "no > yes"),
    child(
        "subclasses.lock_made_in_run", "spawn", "class LateWorker(Worker)", "class LateWorker(LockedWorker)", "yes > no"
    ),
    python(
        "subclasses.missing_super_init",
        "fork",
        MP + "def make_initialised(cls, *some, **more):\n"
        "    made = object.__new__(cls)\n"
        "    p.BaseProcess.__init__(made)\n"
        "    return made\n"
        "p.BaseProcess.__new__ = make_initialised",
        "no > yes",
    ),
    python(
        "subclasses.attribute_set_in_run",
        "fork",
        MP + "b = p.BaseProcess; b.start = lambda self: self.run(); b.join = lambda self, timeout: None\n"
        "b.exitcode, b.pid = 0, None",
        "no > yes",
    ),
    python(
        "subclasses.attribute_set_before_start",
        "spawn",
        MP + "p.BaseProcess.__getstate__ = lambda self: {k: v for k, v in vars(self).items() if k != 'option'}",
        "yes > no",
    ),
    python(
        "subclasses.unstarted_process",
        "spawn",
        MP + "def reduce_unnamed(self, protocol):\n"
        "    if self.name == 'passed':\n        raise TypeError('no processes')\n"
        "    return object.__reduce_ex__(self, protocol)\n"
        "p.BaseProcess.__reduce_ex__ = reduce_unnamed",
        "yes > no",
    ),
    python(
        "subclasses.started_process",
        "spawn",
        MP + "p.BaseProcess.__getstate__ = lambda self: dict(vars(self), _popen=None)",
        "no > yes",
    ),
    python(
        "subclasses.pool_attribute",
        "spawn",
        "import multiprocessing.pool as p; p.Pool.__reduce__ = lambda self: (list, ())",
        "no > yes",
    ),
    python(
        "subclasses.executor_attribute",
        "spawn",
        "import concurrent.futures.thread as f; f.ThreadPoolExecutor.__reduce__ = lambda self: (type(self), (1,))",
        "no > yes",
    ),
)
