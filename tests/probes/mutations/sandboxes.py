"""Alterations of what the probes of sandboxes observe."""

from tests.probes.mutation import LINUX, child, python

MUTATIONS = (
    child(
        "sandboxes.block_larger_than_shm",
        "none",
        "    status = os.statvfs",
        "    import multiprocessing.shared_memory as m\n\n"
        "    m.SharedMemory.__init__ = lambda *some, **more: open(os.devnull + '/')\n"
        "    status = os.statvfs",
        "no > yes",
        only=LINUX,
        refusable=True,
    ),
    child(
        "sandboxes.write_beyond_shm",
        "spawn",
        "    for place in range(0, MUCH, 4096):\n",
        "    for place in range(0, 4096, 4096):\n",
        "-7 > 0",
        only=LINUX,
        refusable=True,
    ),
    child(
        "sandboxes.lock_in_full_shm",
        "none",
        "            while file.write(bytes(4096)):\n",
        "            while file.write(bytes(0)):\n",
        "no > yes",
        only=LINUX,
        refusable=True,
    ),
    child(
        "sandboxes.lock_in_readonly_shm",
        "none",
        "    small_shm(MS_RDONLY)\n",
        "    small_shm()\n",
        "no > yes",
        only=LINUX,
        refusable=True,
    ),
    child(
        "sandboxes.process_in_readonly_tmp",
        "fork",
        "target=os._exit, args=(7,)",
        "target=os._exit, args=(8,)",
        "yes > error",
        only=LINUX,
        refusable=True,
    ),
    python(
        "sandboxes.manager_in_readonly_tmp",
        "fork",
        "import multiprocessing.managers as m; start = m.BaseManager.start\ndef begin(self, *some):\n"
        "    self._address = ('127.0.0.1', 0)\n    start(self, *some)\nm.BaseManager.start = begin",
        "no > yes",
        only=LINUX,
        refusable=True,
    ),
)
