"""Alterations of what the probes of helpers observe."""

from tests.probes.mutation import FORK, LINUX, MP, POSIX, child, python

MUTATIONS = (
    child(
        "helpers.noise_after_fork",
        "none",
        "if not child:\n",
        "if not child:\n    sys.stderr.write('Exception ignored in ResourceTracker')\n",
        "no > yes",
        POSIX + ' and python_version < "3.12"',
    ),
    python(
        "helpers.locks_without_dev_shm",
        "none",
        "import multiprocessing; multiprocessing.Lock = lambda: None",
        "no > error",
        LINUX,
        refusable=True,
    ),
    child(
        "helpers.process_without_dev_shm",
        "fork spawn",
        'connection.send("said")',
        'connection.send("other")',
        "yes > error",
        LINUX,
        refusable=True,
    ),
    python(
        "helpers.lock_without_semaphores", "none", MP + "multiprocessing.Lock = multiprocessing.cpu_count", "no > yes"
    ),
    python(
        "helpers.helper_of_lock",
        "fork",
        "import multiprocessing.resource_tracker as r; r.ensure_running()",
        "'none' > error",
    ),
    python(
        "helpers.helper_of_thread_pool",
        "none",
        "import multiprocessing.resource_tracker as r; r.ensure_running()",
        "'none' > 'resource_tracker'",
        FORK,
    ),
    python(
        "helpers.same_tracker", "fork", "import multiprocessing.resource_tracker as r; r.ensure_running()", "no > yes"
    ),
    child(
        "helpers.noise_at_end",
        "fork spawn",
        "    lock.release()\n    del lock\n",
        "    lock.release()\n    del lock\n    sys.stderr.write('noise')\n",
        "no > yes",
    ),
    child(
        "helpers.noise_at_end",
        "spawn",
        "    lock.release()\n    del lock\n",
        "    lock.release()\n    del lock\n    import multiprocessing.resource_tracker as r\n"
        "    r._resource_tracker._pid = r._resource_tracker._pid or os.getppid()\n"
        "    import atexit; atexit.register(r._resource_tracker._stop)\n",
        "no > yes",
        LINUX + ' and python_version >= "3.9"',
    ),
    child(
        "helpers.zombie_tracker",
        "none",
        "print(resource_tracker._resource_tracker._pid)\n",
        "print(resource_tracker._resource_tracker._pid)\nresource_tracker._resource_tracker._stop()\n",
        "yes > no",
        LINUX + ' and python_version < "3.13"',
    ),
    child(
        "helpers.pool_without_semaphores", "none", "    without_semaphores()\n    answers", "    answers", "no > error"
    ),
    child(
        "helpers.process_without_semaphores",
        "fork spawn",
        'connection.send("said")',
        'connection.send("other")',
        "yes > error",
    ),
    python(
        "helpers.many_locks",
        "none",
        MP + "def refuse(self):\n    raise OSError(24, 'too many')\nc.BaseContext.Lock = refuse",
        "yes > no",
    ),
    python(
        "helpers.bounded_release",
        "none",
        MP + "multiprocessing.BoundedSemaphore = multiprocessing.Semaphore",
        "yes > no",
    ),
    python(
        "helpers.name_of_lock",
        "spawn",
        "import _multiprocessing as m, multiprocessing.synchronize; make = m.SemLock\n"
        "m.SemLock = lambda kind, value, most, name, unlinked: make(kind, value, most, name, True)\n"
        "m.sem_unlink = lambda name: None",
        "yes > no",
        LINUX,
    ),
)
