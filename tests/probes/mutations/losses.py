"""Alterations of what the probes of losses observe."""

from tests.probes.mutation import CPYTHON, EXECUTOR, LINUX, POSIX, child, python

MUTATIONS = (
    child("losses.server_socket_removed", "forkserver", "    os.unlink(address)\n", "", "no > yes"),
    child("losses.manager_socket_removed", "fork", "    os.unlink(address)\n", "", "no > yes"),
    child("losses.sharer_socket_removed", "fork", "    os.unlink(address)\n", "", "no > yes"),
    child(
        "losses.lock_name_removed", "spawn", "        sem_unlink(name)\n", "        pass\n", "no > error", only=LINUX
    ),
    python(
        "losses.replacement_refused",
        "fork",
        "import multiprocessing.pool as m\n"
        "start = m.Pool._repopulate_pool_static\n"
        "def patient(*args):\n    try:\n        start(*args)\n    except OSError:\n        start(*args)\n"
        "m.Pool._repopulate_pool_static = staticmethod(patient)",
        "no > yes",
    ),
    python(
        "losses.executor_replacement_refused",
        "spawn",
        EXECUTOR + "spawn = e._spawn_process\n"
        "def patient(self):\n    try:\n        spawn(self)\n    except OSError:\n        spawn(self)\n"
        "e._spawn_process = patient",
        "no > yes",
        only=CPYTHON + ' and python_version >= "3.11" and python_version < "3.14"',
    ),
    python(
        "losses.output_of_helpers",
        "spawn",
        "import multiprocessing.util as u, os\nspawn = u.spawnv_passfds\n"
        "def quiet(*args):\n    kept = os.dup(1)\n    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)\n"
        "    try:\n        return spawn(*args)\n    finally:\n        os.dup2(kept, 1)\n        os.close(kept)\n"
        "u.spawnv_passfds = quiet",
        "yes > no",
    ),
    child(
        "losses.input_of_program",
        "fork",
        "    if begun:\n        open(begun",
        "    os.closerange(3, 50)\n    if begun:\n        open(begun",
        "no > yes",
        file="_tasks.py",
    ),
    child("losses.poll_at_end", "fork", "meanwhile=its.close", "meanwhile=its.fileno", "yes > no"),
    child(
        "losses.unread_queue_of_program",
        "none",
        "2**20)\nif",
        "2**20)\nqueue.cancel_join_thread()\nif",
        "no > yes",
    ),
    python(
        "losses.join_thread_after_terminate",
        "fork",
        "import multiprocessing.queues as q; q.Queue.join_thread = lambda self: self.cancel_join_thread()",
        "no > yes",
        only=POSIX + ' and python_version >= "3.9"',
    ),
    child(
        "losses.child_after_exec",
        "fork",
        '    replace("child", path, str',
        '    process.kill()\n    process.join()\n    replace("child", path, str',
        "yes > no",
        file="assets/losses_exec.py",
    ),
    child(
        "losses.block_after_exec",
        "none",
        '    replace("block", path',
        "    from multiprocessing.resource_tracker import unregister\n    unregister(made._name, 'shared_memory')\n"
        '    replace("block", path',
        "no > yes",
        only=LINUX,
        file="assets/losses_exec.py",
    ),
)
