"""Alterations of what the probes of rawfork observe."""

from tests.probes.mutation import MP, after_fork, child, python

MUTATIONS = (
    child(
        "rawfork.printing",
        "none",
        '    sys.stdout.buffer.write(b"y")\n',
        '    open(os.devnull, "wb").write(b"y")\n',
        "no > yes",
    ),
    python("rawfork.alarm", "none", after_fork("signal.alarm(50)"), "no > yes"),
    child(
        "rawfork.atexit_callbacks",
        "none",
        "import atexit, os; atexit.register",
        "import atexit, os; os.register_at_fork(after_in_child=atexit._clear); atexit.register",
        "yes > no",
    ),
    python(
        "rawfork.dead_threads",
        "none",
        "import threading as t; t.Thread.is_alive = lambda self: True",
        "yes > no",
    ),
    python("rawfork.file_lock", "none", "import fcntl; fcntl.flock = fcntl.lockf", "yes > no"),
    python(
        "rawfork.known_as_child",
        "none",
        MP
        + "class Parent:\n    pid = os.getpid()\n"
        + after_fork("(setattr(p, '_parent_process', Parent), setattr(p.current_process(), 'name', 'Child'))"),
        "no > yes",
    ),
    python(
        "rawfork.main_thread",
        "none",
        "import threading as t; first = t.main_thread()\n" + after_fork("setattr(t, '_main_thread', first)"),
        "yes > no",
    ),
    python(
        "rawfork.random_numbers",
        "none",
        "import random as r; kept = []\n"
        + after_fork("r.setstate(kept[-1])")
        + "\nos.register_at_fork(before=lambda: kept.append(r.getstate()))",
        "no > yes",
    ),
    child(
        "rawfork.stdout_buffer",
        "none",
        "sys.stdout.write('x'); os.fork()",
        "sys.stdout.write('x'); os.register_at_fork(before=sys.stdout.flush); os.fork()",
        "yes > no",
    ),
    child(
        "rawfork.temporary_directory",
        "none",
        "folder = tempfile.TemporaryDirectory(); pid",
        "folder = tempfile.TemporaryDirectory(); os.register_at_fork(after_in_child=folder._finalizer.detach); pid",
        "yes > no",
    ),
    python(
        "rawfork.thread_pool",
        "none",
        "import concurrent.futures.thread as f, threading as t; submit = f.ThreadPoolExecutor.submit\n"
        "def submit_to_living(self, do):\n"
        "    self._threads = {one for one in self._threads if one.is_alive()}\n"
        "    self._idle_semaphore = t.Semaphore(len(self._threads))\n"
        "    return submit(self, do)\n"
        "f.ThreadPoolExecutor.submit = submit_to_living",
        "no > yes",
    ),
    child(
        "rawfork.tkinter_twice",
        "none",
        '"    pid = os.fork()\\n"\n        "    pid or',
        '"    os.kill(os.getpid(), 9)\\n"\n        "    pid or',
        "yes > no",
        refusable=True,
    ),
    child("rawfork.tkinter_twice", "none", "pid or os._exit(0)", "pid or os._exit(1)", "yes > no", refusable=True),
    python(
        "rawfork.unique_ids",
        "none",
        "import os, random; os.urandom = random.Random(42).randbytes",
        "yes > no",
    ),
    python("rawfork.unique_ids", "none", "import uuid; one = uuid.UUID(int=7); uuid.uuid4 = lambda: one", "yes > no"),
)
