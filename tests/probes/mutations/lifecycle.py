"""Alterations of what the probes of lifecycle observe."""

from tests.probes.mutation import NOT_DAEMONIC, POSIX, child, python

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
    python(
        "lifecycle.start_again",
        "fork",
        "import multiprocessing.process as p; old = p.BaseProcess.start\n"
        "def start(self):\n"
        "    self.__dict__.update(self.__dict__.setdefault('before', dict(self.__dict__)))\n"
        "    old(self)\n"
        "p.BaseProcess.start = start",
        "no > yes",
    ),
    child(
        "lifecycle.start_at_exit",
        "fork",
        "children = []\n",
        'children = []\n\n\ndef refuse():\n    raise RuntimeError("can\'t fork at interpreter shutdown")\n\n\n'
        "os.fork = refuse\n",
        "yes > no",
        POSIX + ' and python_version != "3.12"',
        file="assets/lifecycle_end.py",
    ),
    python(
        "lifecycle.waitpid",
        "fork spawn",
        "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)",  # nobody becomes a zombie then
        "yes > no",
    ),
)
