"""Alterations of what the probes of semantics observe."""

from tests.probes.mutation import MP, after_fork, child, python

COPIED = (
    MP
    + """
import copy; run = p.BaseProcess.run
p.BaseProcess.run = lambda self: (setattr(self, '_args', copy.deepcopy(self._args)), run(self))
"""
)
"""A child that gets copies of its arguments, also where it is forked."""

THREAD = (
    MP
    + """
import multiprocessing.dummy as d; d.DummyProcess.pid = None
c.ForkContext.Process = c.SpawnContext.Process = d.Process
"""
)
"""A child that is a thread, which shares everything with its parent."""

MUTATIONS = (
    child(
        "semantics.parent_global_seen", "fork", 'return [setting == "changed"', 'return [setting == "other"', "yes > no"
    ),
    child(
        "semantics.change_after_start",
        "spawn",
        "    return last_number(things)\n",
        "    return last_number([2])\n",
        "no > yes",
    ),
    python("semantics.argument_identity", "fork", COPIED, "yes > no"),
    python("semantics.argument_identity", "spawn", THREAD, "no > yes"),
    python("semantics.cache_seen", "fork", after_fork("double.cache_clear()"), "yes > no"),
    python("semantics.cache_seen", "spawn", THREAD, "no > yes"),
    python(
        "semantics.change_before_start",
        "spawn",
        MP + "import copy; init = p.BaseProcess.__init__\n"
        "p.BaseProcess.__init__ = lambda self, *some, args=(), **more: init(\n"
        "    self, *some, args=copy.deepcopy(args), **more)",
        "yes > no",
    ),
    python("semantics.child_global_seen", "spawn", THREAD, "no > yes"),
    python("semantics.class_attribute_seen", "spawn", THREAD, "no > yes"),
    python(
        "semantics.enum_identity",
        "spawn",
        "import http; http.HTTPStatus.__reduce_ex__ = lambda self, protocol: (int, (self.value,))",
        "yes > no",
    ),
    python("semantics.interpreter_copied", "spawn", THREAD, "no > yes"),
    python("semantics.monkeypatch_seen", "spawn", THREAD, "no > yes"),
    python("semantics.parent_import_seen", "spawn", THREAD, "no > yes"),
    python(
        "semantics.same_object_twice",
        "spawn",
        "import multiprocessing.reduction as r\n"
        "def dump(thing, file, protocol=None):\n"
        "    pickler = r.ForkingPickler(file, protocol)\n"
        "    pickler.fast = True\n"
        "    pickler.dump(thing)\n"
        "r.dump = dump",
        "yes > no",
    ),
    python("semantics.sentinel_identity", "fork", COPIED, "yes > no"),
    python("semantics.sentinel_identity", "spawn", THREAD, "no > yes"),
    python(
        "semantics.singleton_identity",
        "spawn",
        "import copyreg; copyreg.pickle(type(Ellipsis), lambda dots: (list, ()))",
        "yes > no",
    ),
)
