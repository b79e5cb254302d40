"""Alterations of what the probes of forkserver observe."""

from tests.probes.mutation import child, python

MUTATIONS = (
    child(
        "forkserver.one_server",
        "forkserver",
        "    return os.getppid()\n",
        "    return -os.getpid()\n",
        "yes > no",
        file="_tasks.py",
    ),
    python(
        "forkserver.left_over",
        "fork",
        "import multiprocessing.resource_tracker as r; r.ensure_running()",
        "'none' > 'tracker'",
    ),
    child(
        "forkserver.nested_server",
        "forkserver",
        "    return [os.getppid(), inner",
        "    return [inner, inner",
        "no > yes",
    ),
)
