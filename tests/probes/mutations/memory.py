"""Alterations of what the probes of memory observe."""

from tests.probes.mutation import child, python

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
)
