"""Alterations of what the probes of safety observe."""

from tests.probes.mutation import POSIX, child, python

MUTATIONS = (
    child(
        "safety.log_written",
        "fork",
        "    go.recv()\n    watched",
        "    go.recv()\n    handler = logging.getLogger('canifork').handlers[0]\n"
        "    handler.stream = open(handler.stream.fileno(), 'w')\n    watched",
        "no > yes",
    ),
    child(
        "safety.held_import", "fork", '__import__("safety_slow"), waits', '__import__("colorsys"), waits', "no > yes"
    ),
    child(
        "safety.held_lock",
        "fork",
        "    taken = LOCK.acquire(timeout=1)",
        "    LOCK._at_fork_reinit()\n    taken = LOCK.acquire(timeout=1)",
        "no > yes",
    ),
    python(
        "safety.parent_atexit",
        "fork",
        "import atexit, multiprocessing.process as p\natexit._clear = lambda: None\nstart = p.BaseProcess._bootstrap\n"
        "def bootstrap(self, *some, **more):\n    code = start(self, *some, **more)\n    atexit._run_exitfuncs()\n"
        "    return code\np.BaseProcess._bootstrap = bootstrap",
        "no > yes",
    ),
    child(
        "safety.child_atexit",
        "fork",
        '    atexit.register(note, path, "child")\n',
        "    import multiprocessing.util as u; u.Finalize(None, note, (path, 'child'), exitpriority=0)\n",
        "no > yes",
        POSIX + ' and python_version < "3.13"',
    ),
)
