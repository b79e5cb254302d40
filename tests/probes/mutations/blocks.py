"""Alterations of what the probes of blocks observe."""

from tests.probes.mutation import OLD, python

MUTATIONS = (
    python(
        "blocks.zeros",
        "none",
        "import multiprocessing.shared_memory as s; old = s.SharedMemory.__init__\n"
        "def init(self, *a, **k):\n    old(self, *a, **k)\n    self.buf[7] = 7\n"
        "s.SharedMemory.__init__ = init",
        "yes > no",
    ),
    python(
        "blocks.buffer_after_object",
        "none",
        "import multiprocessing.shared_memory as s; s.SharedMemory.__del__ = lambda self: None",
        "no > yes",
    ),
    python(
        "blocks.nul_in_name",
        "none",
        "import multiprocessing.shared_memory as s; old = s._posixshmem\n"
        "class cut:\n"
        "    shm_open = lambda name, *a, **k: old.shm_open(name.partition(chr(0))[0], *a, **k)\n"
        "    shm_unlink = lambda name: old.shm_unlink(name.partition(chr(0))[0])\n"
        "s._posixshmem = cut",
        "yes > no",
        'sys_platform != "win32" and python_version >= "3.13"',
    ),
    python(
        "blocks.name_taken",
        "none",
        "import multiprocessing.shared_memory as s; old = s.SharedMemory.__init__\n"
        "def init(self, name=None, create=False, size=0):\n    try:\n        old(self, name, create, size)\n"
        "    except FileExistsError:\n        self._flags = 2\n        old(self, name)\ns.SharedMemory.__init__ = init",
        "yes > no",
        OLD,
    ),
    python(
        "blocks.size_zero",
        "none",
        "import multiprocessing.shared_memory as s; old = s.SharedMemory.__init__\n"
        "s.SharedMemory.__init__ = lambda self, create, size: old(self, None, create, size or 1)",
        "yes > no",
        OLD,
    ),
    python(
        "blocks.used_after_unlink",
        "none",
        "import multiprocessing.shared_memory as s; "
        "s.SharedMemory.buf = property(lambda self: memoryview(bytearray(self._buf)))",
        "yes > no",
    ),
    python(
        "blocks.second_unlink",
        "none",
        "import multiprocessing.shared_memory as s; old = s.SharedMemory.unlink\ndef unlink(self):\n"
        "    try:\n        old(self)\n    except FileNotFoundError:\n        pass\n"
        "s.SharedMemory.unlink = unlink",
        "yes > no",
    ),
    python(
        "blocks.longer_item",
        "none",
        "import multiprocessing.shared_memory as s; l = s.ShareableList\n"
        "l.__setitem__ = lambda self, at, text: setattr(self, 'kept', text)\n"
        "l.__getitem__ = lambda self, at: self.kept",
        "no > yes",
    ),
)
