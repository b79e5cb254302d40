"""A script that ends while its child runs, and says at the very end what became of the child.

Callbacks run in the reverse order of their registration: `last` is registered before multiprocessing registers
its own, and so runs after it; `first` runs before it.
"""

import atexit
import os
import sys
import threading
import time

children = []
kept = []


def last():
    """What became of the child."""
    for process in children:
        print("child %r" % process.exitcode)
        sys.stdout.flush()


if __name__ == "__main__":
    atexit.register(last)

import multiprocessing  # noqa: E402  its callback must be registered after ours


def first():
    """The main script is at its end: the child runs still."""
    print("running %r" % children[0].is_alive())
    sys.stdout.flush()


def hold(connection):
    """Stay until told to end; a child that shall be ended is told nothing."""
    connection.send("ready")
    connection.recv()


def tell(connection, thread):
    """Let the child end as soon as a thread waits for it, in the callback of multiprocessing, and not before."""
    while not waits(sys._current_frames().get(thread)):
        time.sleep(0.01)  # between two looks
    connection.send("end")


def waits(frame):
    """Whether a thread stands in join(), called by multiprocessing's callback."""
    names = []
    while frame is not None:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return "join" in names and "_exit_function" in names


def say():
    """The target of a child that is started at the end."""
    print("said")
    sys.stdout.flush()


def start(ctx):
    """Start a process from an atexit callback."""
    process = ctx.Process(target=say)
    try:
        process.start()
    except Exception as error:
        print("start() raised %s: %s" % (type(error).__name__, error))
    else:
        children.append(process)
        process.join()
    sys.stdout.flush()


def main():
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    if sys.argv[1] == "start":
        ctx.Pipe()  # so that all of multiprocessing is loaded before the end
        atexit.register(start, ctx)
        return
    here, there = ctx.Pipe()
    process = ctx.Process(target=hold, args=(there,), daemon=sys.argv[1] == "daemon")
    process.start()
    here.recv()
    children.append(process)
    if sys.argv[1] == "joined":
        threading.Thread(target=tell, args=(here, threading.get_ident()), daemon=True).start()
    atexit.register(first)
    kept.append(here)  # it must be open at the end still


if __name__ == "__main__":
    main()
