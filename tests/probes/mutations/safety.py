"""Alterations of what the probes of safety observe."""

from tests.probes.mutation import POSIX, child

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
    child(
        "safety.child_atexit",
        "fork",
        '    atexit.register(note, path, "child")\n',
        "    import multiprocessing.util as u; u.Finalize(None, note, (path, 'child'), exitpriority=0)\n",
        "no > yes",
        POSIX + ' and python_version < "3.13"',
    ),
)
