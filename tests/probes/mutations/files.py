"""Alterations of what the probes of files observe."""

from tests.probes.mutation import CPYTHON, child, python

MUTATIONS = (
    python(
        "files.renamed_while_open",
        "fork",
        "def rename(*some): raise PermissionError(13, 'in use')\nos.rename = rename",
        "yes > no",
    ),
    child(
        "files.rolled_over",
        "fork",
        "logging.handlers.RotatingFileHandler(path, backupCount=1)\n    logger",
        "logging.handlers.WatchedFileHandler(path)\n    logger",
        "no > yes",
    ),
    child(
        "files.appended_lines",
        "fork",
        '    with open(path, "a") as file:\n        for',
        '    with open(path, "w") as file:\n        for',
        "yes > no",
    ),
    child("files.shut_by_child", "fork", "    connection.shutdown(socket.SHUT_RDWR)\n", "", "yes > no"),
    python(
        "files.descriptors_of_pool",
        "fork",
        "import multiprocessing.pool as m; end = m.Pool.join\ndef join(self):\n    end(self)\n"
        "    for queue in (self._inqueue, self._outqueue):\n        queue._reader.close(), queue._writer.close()\n"
        "m.Pool.join = join",
        "8 > 4",
        only=CPYTHON,
    ),
    python(
        "files.descriptors_of_queue",
        "fork",
        "import multiprocessing.queues as q; q.Queue.close = q.Queue.join_thread = lambda self: None",
        "0 > 2",
        only=CPYTHON,
    ),
    python(
        "files.descriptors_of_read_queue",
        "fork",
        "import multiprocessing.queues as q; q.Queue.join_thread = lambda self: None\n"
        "q.Queue.close = lambda self: (self._reader.close(), self._writer.close())",
        "2 > 0",
        only=CPYTHON + ' and python_version >= "3.9"',
    ),
    python(
        "files.block_after_close",
        "none",
        "import multiprocessing.shared_memory as m; old = m.SharedMemory.close\n"
        "m.SharedMemory.close = lambda self: (old(self), self.unlink())\nm.SharedMemory.__del__ = lambda self: None",
        "yes > no",
    ),
    python(
        "files.block_after_failed_attach",
        "none",
        "import multiprocessing.shared_memory as m; m.SharedMemory.unlink = lambda self: None",
        "no > yes",
    ),
    child(
        "files.noise_of_executor",
        "fork",
        "signal.signal(signal.SIGINT, signal.default_int_handler)",
        "signal.signal(signal.SIGINT, lambda *some: os._exit(0))",
        "yes > no",
    ),
)
