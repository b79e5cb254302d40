"""filelock: a lock between processes, in a file."""

import os
import tempfile

NAME = "filelock"
IMPORTS = ("filelock",)
REQUIRES = ("filelock>=3.4",)
STANCE = "unsafe"
SAYS = "A lock that was inherited across a fork is refused: the child constructs a new instance (4.3.1)."
ADDRESS = "https://github.com/tox-dev/filelock/issues/635"
THREADS = (
    (
        "Make ReadWriteLock connection lifecycle fork-safe",
        "https://github.com/tox-dev/filelock/issues/635",
    ),
    (
        "fix(sqlite): isolate forked connections",
        "https://github.com/tox-dev/filelock/pull/657",
    ),
)


def make():
    import filelock

    return filelock.FileLock(os.path.join(tempfile.gettempdir(), "scratch-lock"), timeout=2)


def use(lock):
    with lock:
        return lock.is_locked and os.path.exists(lock.lock_file)


def close(lock):
    lock.release()
