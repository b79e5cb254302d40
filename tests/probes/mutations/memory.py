"""Alterations of what the probes of memory observe."""

from tests.probes.mutation import LINUX, child, python

MUTATIONS = (
    child("memory.by_name", "spawn", '    block.buf[:3] = b"two"\n', "", "yes > no"),
    python(
        "memory.trailing_null",
        "none",
        "import multiprocessing.shared_memory as m; m.ShareableList.__getitem__ = lambda self, place: b'data\\0\\0'",
        "no > yes",
    ),
    child("memory.more_than_there_is", "none", "2**42", "2**70", "no > yes", "sys_platform == 'linux'"),
    child(
        "memory.manager_in_child",
        "fork",
        "    block = manager.SharedMemory(size=16)\n    block.buf",
        "    block = shared_memory()(create=True, size=16)\n    block.buf",
        "yes > error",
    ),
    python(
        "memory.after_child",
        "fork",
        "import os, multiprocessing.resource_tracker as r\n"
        "os.register_at_fork(after_in_child=r._resource_tracker.__init__)",
        "yes > no",
        LINUX,
    ),
    python(
        "memory.close_with_view",
        "none",
        "import multiprocessing.shared_memory as m; m.SharedMemory.close = lambda self: None",
        "no > yes",
    ),
    python(
        "memory.long_name",
        "none",
        "import errno, _posixshmem as s\nreal = s.shm_open\ndef shm_open(path, *some, **more):\n"
        "    if len(path) > 31:\n        raise OSError(errno.ENAMETOOLONG, 'too long')\n"
        "    return real(path, *some, **more)\ns.shm_open = shm_open",
        "yes > no",
        LINUX,
    ),
    python(
        "memory.manager_removes",
        "fork spawn",
        "import multiprocessing.shared_memory as m; m.SharedMemory.unlink = lambda self: None",
        "yes > no",
    ),
)
