"""Programs that end in several ways, and say what happened then."""

import atexit
import multiprocessing
import os
import sys
import threading
import time

LIMIT = 20
paths = []


def say(word):
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def registered_before():
    say("earlier")
    for path in paths:
        os.remove(path)


def wait_for(path):
    """The child of `order`: it ends when the later callback has run."""
    end = time.monotonic() + LIMIT
    while not os.path.exists(path) and time.monotonic() < end:
        time.sleep(0.01)  # between two looks
    say("child")


def order(ctx):
    import tempfile

    path = os.path.join(tempfile.gettempdir(), "later-%d" % os.getpid())
    paths.append(path)

    def registered_after():
        say("later")
        open(path, "w").close()

    atexit.register(registered_before)
    ctx.Process(target=wait_for, args=(path,)).start()  # multiprocessing registers its own callback now
    atexit.register(registered_after)


def reply(connection):
    """The child of `thread`: it answers until it is ended."""
    while connection.poll(LIMIT):
        connection.send(connection.recv())


def position():
    """Where the main thread is in threading._shutdown(), with which the end of a program begins; None before that."""
    frame = sys._current_frames().get(threading.main_thread().ident)
    while frame is not None and frame.f_code.co_name != "_shutdown":
        frame = frame.f_back
    return frame and frame.f_lasti


def wait_for_end():
    """Return when the main thread waits for this one.

    Not by joining it: some Pythons, when they end, take a thread that has just joined the main one for a fault, and
    wait for none.
    """
    before, looks = None, 0
    while looks < 20:
        now = position()
        looks = looks + 1 if now is not None and now == before else 0
        before = now
        time.sleep(0.01)  # between two looks


def look(mine):
    """In a thread, after the main thread's end: whether the daemonic child runs."""
    wait_for_end()
    try:
        mine.send("late")
        runs = mine.recv() == "late"
    except (EOFError, OSError):
        runs = False
    say("runs" if runs else "ended")


def thread(ctx):
    mine, its = ctx.Pipe()
    process = ctx.Process(target=reply, args=(its,), daemon=True)
    process.start()
    its.close()
    mine.send("early")
    if mine.recv() != "early":
        raise SystemError("no reply")
    threading.Thread(target=look, args=(mine,)).start()


def do_late(action):
    wait_for_end()
    try:
        action()
    except (RuntimeError, ChildProcessError) as error:
        say("%s: %s" % (type(error).__name__, error))
    else:
        say("worked")


def run_process(ctx, target):
    child = ctx.Process(target=target)
    child.start()
    child.join()
    if child.exitcode != 0:
        raise ChildProcessError("exit code %r" % child.exitcode)


def start_late(ctx, target):
    ctx.Pipe()  # so that all of it is loaded
    threading.Thread(target=do_late, args=(lambda: run_process(ctx, target),)).start()


def process(ctx):
    start_late(ctx, int)


def own():
    """A target that is a function of this script."""


def own_function(ctx):
    start_late(ctx, own)


def submit(ctx):
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor(1, mp_context=ctx)
    pool.submit(int).result()
    threading.Thread(target=do_late, args=(lambda: pool.submit(int).result(LIMIT),)).start()


def leave(ctx):
    from multiprocessing.connection import Listener

    listener = Listener()  # its socket lies in the folder
    say("listens")
    os._exit(5)
    del listener


if __name__ == "__main__":
    actions = {
        "order": order,
        "thread": thread,
        "process": process,
        "own": own_function,
        "submit": submit,
        "exit": leave,
    }
    actions[sys.argv[1]](multiprocessing.get_context(os.environ["CANIFORK_METHOD"]))
