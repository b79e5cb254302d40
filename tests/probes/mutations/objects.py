"""Alterations of what the probes of objects observe."""

from tests.probes.mutation import PICKLE_LOCK, child, python

REDUCE = "import copyreg, multiprocessing.reduction as r\n"

MUTATIONS = (
    python("objects.instance_with_lock", "spawn", PICKLE_LOCK, "no > yes"),
    child("objects.local_class_instance", "fork", "    return thing.x == 7", "    return thing.x == 8", "yes > error"),
    child(
        "objects.class_instance",
        "spawn forkserver",
        '\nif __name__ == "__main__":',
        '\nif __name__ != "__main__":\n    del Point\nif __name__ == "__main__":',
        "yes > no",
    ),
    python("objects.dict_keys", "spawn forkserver", "import multiprocessing.managers", "no > yes"),
    python(
        "objects.exception_with_init",
        "spawn forkserver",
        REDUCE + "def override(self, thing):\n    if not isinstance(thing, Exception):\n        return NotImplemented\n"
        "    return copyreg.__newobj__, (type(thing), *thing.args), vars(thing)\n"
        "r.ForkingPickler.reducer_override = override",
        "no > yes",
    ),
    python(
        "objects.forkserver_like_spawn",
        "forkserver",
        "import copyreg, multiprocessing.context as c, types\ndef reduce(numbers):\n"
        "    if c.get_spawning_popen().method == 'spawn':\n        raise TypeError('generator')\n"
        "    return iter, (list(numbers),)\ncopyreg.pickle(types.GeneratorType, reduce)",
        "yes > no",
    ),
    python(
        "objects.generator",
        "spawn forkserver",
        "import copyreg, types; copyreg.pickle(types.GeneratorType, lambda numbers: (iter, (list(numbers),)))",
        "no > yes",
    ),
    python(
        "objects.instance_with_getstate",
        "spawn forkserver",
        REDUCE + "def override(self, thing):\n    if not hasattr(thing, 'lock'):\n        return NotImplemented\n"
        "    return copyreg.__newobj__, (type(thing),), vars(thing)\n"
        "r.ForkingPickler.reducer_override = override",
        "yes > no",
    ),
    python(
        "objects.list_iterator",
        "spawn forkserver",
        "import copyreg\ndef refuse(numbers):\n    raise TypeError('list_iterator')\n"
        "copyreg.pickle(type(iter([])), refuse)",
        "yes > no",
    ),
    python(
        "objects.mapping_proxy",
        "spawn forkserver",
        "import copyreg, types; copyreg.pickle(types.MappingProxyType, lambda mapping: (dict, (dict(mapping),)))",
        "no > yes",
    ),
    python(
        "objects.memory_view",
        "spawn forkserver",
        "import copyreg; copyreg.pickle(memoryview, lambda view: (memoryview, (bytes(view),)))",
        "no > yes",
    ),
    python(
        "objects.module",
        "spawn forkserver",
        "import copyreg, importlib\n"
        "copyreg.pickle(type(importlib), lambda module: (importlib.import_module, (module.__name__,)))",
        "no > yes",
    ),
    python(
        "objects.plain_data",
        "spawn",
        "import copyreg; copyreg.pickle(complex, lambda number: (complex, (number.real,)))",
        "yes > error",
    ),
    python(
        "objects.weak_reference",
        "spawn forkserver",
        "import copyreg, weakref\nkept = []\ndef refer(thing):\n    kept.append(thing)\n    return weakref.ref(thing)\n"
        "copyreg.pickle(weakref.ref, lambda reference: (refer, (reference(),)))",
        "no > yes",
    ),
)
