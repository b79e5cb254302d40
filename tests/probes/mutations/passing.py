"""Alterations of what the probes of passing observe."""

from tests.probes.mutation import CPYTHON, LINUX, PATHS, child, python

MUTATIONS = (
    # objects that are used in the child
    child("passing.asyncio_lock", "fork", "        async with lock:\n", "        if True:\n", "yes > error"),
    python("passing.popen", "fork", "import subprocess as s; s.Popen.poll = lambda self: None", "yes > error"),
    child("passing.standard_output", "fork", '    stream.write("written")\n', "", "yes > error"),
    child("passing.ctypes_number", "fork spawn", "number.value == 7", "number.value == 8", "yes > error"),
    python(
        "passing.connection_through_queue",
        "fork",
        "import multiprocessing.connection as c, multiprocessing.reduction as r\n"
        "r.register(c.Connection, lambda one: (str, ('a text', )))",
        "yes > no",
    ),
    python(
        "passing.ctypes_pointer",
        "spawn",
        "import copyreg, ctypes as c; copyreg.pickle(c.c_char_p, lambda one: (c.c_char_p, (one.value,)))",
        "no > yes",
    ),
    child(
        "passing.deep_chain",
        "spawn",
        'class Deep:\n    """A chain of objects."""\n',
        "def flat(count):\n    chain = None\n    while count:\n        chain, count = Deep(chain), count - 1\n"
        "    return chain\n"
        "class Deep:\n    def __reduce__(self):\n        return flat, (length(self),)\n",
        "no > yes",
        PATHS,
    ),
    python(
        "passing.dropped_value",
        "spawn",
        "import multiprocessing.context as c; old = c.BaseContext.Value; kept = []\n"
        "c.BaseContext.Value = lambda self, *what: kept.append(old(self, *what)) or kept[-1]",
        "no > yes",
        CPYTHON,
    ),
    python(
        "passing.lock_to_grandchild",
        "spawn",
        "import multiprocessing.synchronize as s; old = s.SemLock.__setstate__\n"
        "def __setstate__(self, state):\n    old(self, state)\n    s.sem_unlink(state[3])\n"
        "s.SemLock.__setstate__ = __setstate__",  # its name can be opened only once
        "yes > no",
        LINUX,
    ),
    python(
        "passing.memory_file",
        "spawn",
        "import copyreg, io\ndef refuse(file):\n    raise TypeError(\"cannot pickle '_io.StringIO' object\")\n"
        "copyreg.pickle(io.StringIO, refuse)",
        "yes > no",
    ),
    python(
        "passing.memory_file",
        "spawn",
        "import copyreg, io; copyreg.pickle(io.BytesIO, lambda file: (io.BytesIO, (file.getvalue(),)))",
        "yes > error",  # it arrives without its position
    ),
    python(
        "passing.queue_through_queue",
        "spawn",
        "import multiprocessing.context as c; c.assert_spawning = lambda thing: None",
        "no > yes",
        LINUX,
    ),
    child(
        "passing.renamed_class",
        "spawn",
        'Renamed = type("Other", (), {})',
        'Renamed = Other = type("Other", (), {})',
        "no > yes",
    ),
)
