"""A script that registers a callback and starts a thread while it is imported; a child tells what it has of both."""

import atexit
import multiprocessing
import os
import queue
import threading

LIMIT = 20  # seconds
box = queue.SimpleQueue()


def note(line):
    with open(os.environ["CANIFORK_REPORT"], "a") as file:
        file.write(line + "\n")


def called():
    note("callback %d" % os.getpid())


def serve(ready):
    """Answer who asks, for as long as the process lives."""
    note("thread %d" % os.getpid())
    ready.set()
    while True:
        box.get().set()


def begin():
    """Start the thread, and go on when it does nothing but wait: a fork must not find it in the middle of something."""
    ready = threading.Event()
    server = threading.Thread(target=serve, args=(ready,), daemon=True)
    server.start()
    ready.wait()
    return server


def tell():
    """What a child sees of the thread."""
    seen = "gone"
    if thread.is_alive():
        answer = threading.Event()
        box.put(answer)
        seen = "answers" if answer.wait(LIMIT) else "silent"
    note("child %d %d %s" % (os.getpid(), os.getppid(), seen))


atexit.register(called)
thread = begin()

if __name__ == "__main__":
    child = multiprocessing.get_context(os.environ["CANIFORK_METHOD"]).Process(target=tell)
    child.start()
    child.join()
    print("exit", child.exitcode)
