"""A program of its own that uses a block of shared memory, or a lock, in one of several ways.

Its standard error is a pipe that its resource tracker holds too: the pipe's end is the end of both.
"""

import os
import signal
import sys


def create(name):
    from multiprocessing.shared_memory import SharedMemory

    return SharedMemory(name, create=True, size=16)


def attach(name):
    from multiprocessing.shared_memory import SharedMemory

    SharedMemory(name).close()


def attach_untracked(name):
    from multiprocessing.shared_memory import SharedMemory

    SharedMemory(name, track=False).close()


def leave(name):
    create(name).close()


def crash(name):
    block = create(name)
    print("created")
    sys.stdout.flush()
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    block.close()


def unlink(name):
    block = create(name)
    block.close()
    block.unlink()


def crash_with_lock(method):
    import multiprocessing

    lock = multiprocessing.get_context(method).Lock()
    print("created")
    sys.stdout.flush()
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    lock.acquire()


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2])
    print("done")
