"""Alterations of what the probes of threads observe."""

from tests.probes.mutation import MP, POSIX, child, python

MUTATIONS = (
    python(
        "threads.warning",
        "fork",
        MP + "import warnings\ns = p.BaseProcess.start\ndef start(self):\n"
        "    warnings.warn('multi-threaded', DeprecationWarning)\n    s(self)\np.BaseProcess.start = start",
        "no > yes",
        POSIX + ' and python_version < "3.12"',
    ),
    # threads beside a start
    python(
        "threads.running",
        "fork spawn",
        MP + "start = p.BaseProcess.start\ndef refuse(self):\n    import threading\n"
        "    if threading.active_count() > 1:\n        raise RuntimeError('threads')\n    start(self)\n"
        "p.BaseProcess.start = refuse",
        "yes > no",
    ),
    child(
        "threads.go_on",
        "fork",
        "    try:\n        asked.release()\n",
        "    import multiprocessing\n    if multiprocessing.parent_process():\n"
        "        threading.Thread(target=answer_when_asked).start()\n    try:\n        asked.release()\n",
        "no > yes",
    ),
)
