"""Alterations of what the probes of lifecycle observe."""

from tests.probes.mutation import NOT_DAEMONIC, child

NO_EXIT = (
    "    here.recv()\n    from multiprocessing.util import _exit_function as end; atexit.unregister(end)\n    children"
)

MUTATIONS = (
    child("lifecycle.child_of_daemon", "fork spawn", "    import multiprocessing\n", NOT_DAEMONIC, "no > yes"),
    child(
        "lifecycle.daemon_at_exit",
        "fork",
        "    here.recv()\n    children",
        NO_EXIT,
        "yes > no",
        file="assets/lifecycle_end.py",
    ),
    child(
        "lifecycle.joined_at_exit",
        "fork",
        "    here.recv()\n    children",
        NO_EXIT,
        "yes > no",
        file="assets/lifecycle_end.py",
    ),
    child(
        "lifecycle.callback_of_script",
        "spawn",
        "atexit.register(called)\n",
        "if __name__ == '__main__':\n    atexit.register(called)\n",
        "yes > no",
        file="assets/lifecycle_import.py",
    ),
    child(
        "lifecycle.thread_of_script",
        "spawn",
        "thread = begin()\n",
        "thread = begin() if __name__ == '__main__' else threading.Thread()\n",
        "yes > error",
        file="assets/lifecycle_import.py",
    ),
)
