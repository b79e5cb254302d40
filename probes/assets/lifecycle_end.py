"""A script that ends while its child runs, and says at the very end what became of the child.

Callbacks run in the reverse order of their registration: `last` is registered before multiprocessing registers
its own, and so runs after it; `first` runs before it.
"""

import atexit
import os
import sys

children = []


def last():
    """What became of the child."""
    for process in children:
        print("child %r" % process.exitcode)
        sys.stdout.flush()


if __name__ == "__main__":
    atexit.register(last)

import multiprocessing  # noqa: E402  its callback must be registered after ours


def first(connection):
    """The main script is at its end: the child runs still, and may end now."""
    print("running %r" % children[0].is_alive())
    sys.stdout.flush()
    connection.send("end")


def hold(connection, end):
    """Stay until told to end; a child that shall be ended is told nothing."""
    connection.send("ready")
    connection.recv()
    if end:
        return
    connection.recv()


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
    process = ctx.Process(target=hold, args=(there, sys.argv[1] == "joined"), daemon=sys.argv[1] == "daemon")
    process.start()
    here.recv()
    children.append(process)
    atexit.register(first, here)


if __name__ == "__main__":
    main()
