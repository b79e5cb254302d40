"""Alterations of what the probes of threads observe."""

from tests.probes.mutation import MP, POSIX, child, python

SILENT = POSIX + ' and python_version < "3.12"'
WARNING = POSIX + ' and python_version >= "3.12"'
THREADED = "assets/threads_threaded.py"


def calling(name: str, before: str) -> str:
    """A Python whose function of os does something before it does its work."""
    return f"import os, warnings\nreal = os.{name}\ndef call():\n    {before}\n    return real()\nos.{name} = call\n"


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
    python(
        "threads.from_thread",
        "fork spawn",
        MP + "start = p.BaseProcess.start\ndef refuse(self):\n    import threading\n"
        "    if threading.current_thread() is not threading.main_thread():\n        raise RuntimeError('thread')\n"
        "    start(self)\np.BaseProcess.start = refuse",
        "yes > no",
    ),
    python(
        "threads.from_thread",
        "fork",
        "import os, threading as t; first = t.main_thread()\n"
        "os.register_at_fork(after_in_child=lambda: setattr(t, '_main_thread', first))",
        "yes > error",
    ),
    *(
        python(f"threads.{probe}", "none", calling(name, f"warnings.{code}"), answers, only)
        for probe, name in (("os_fork_warning", "fork"), ("forkpty_warning", "forkpty"))
        for code, answers, only in (
            ("warn('multi-threaded', DeprecationWarning)", "no > yes", SILENT),
            ("simplefilter('ignore')", "yes > no", WARNING),
        )
    ),
    python(
        "threads.second_pool_warning",
        "fork spawn",
        MP + "import threading, warnings\nstart = p.BaseProcess.start\ndef warn(self):\n"
        "    if threading.active_count() > 1:\n        warnings.warn('multi-threaded', DeprecationWarning)\n"
        "    start(self)\np.BaseProcess.start = warn",
        "no > yes",
        SILENT,
    ),
    python(
        "threads.second_pool_warning",
        "fork",
        calling("fork", "warnings.simplefilter('ignore')"),
        "yes > no",
        WARNING,
    ),
    child(
        "threads.warning_as_error",
        "fork",
        "import threading\n",
        "import threading\n\nreal = os.fork\n\n\ndef fork():\n    number = real()\n    if number:\n"
        "        raise DeprecationWarning\n    return number\n\n\nos.fork = fork\n",
        "no > yes",
        POSIX + ' and python_version < "3.15"',
        file=THREADED,
    ),
    child(
        "threads.warning_shown",
        "fork",
        "import threading\n",
        "import threading\n" + calling("fork", "warnings.warn('multi-threaded', UserWarning)"),
        "no > yes",
        file=THREADED,
    ),
)
