"""Is it safe to start a process while locks are held and callbacks are registered?"""

import os
import sys
import threading

from _probe import answer, asset, main, no, question, run_child, run_process, scratch, unavailable, yes
from _tasks import Waiting, double, report

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
HOOK_DOC = "https://docs.python.org/3/library/os.html#os.register_at_fork"
THREADS = "A forked child has only the thread that called fork(), but all the locks that other threads held."
LOCK = threading.Lock()


def take_lock():
    """Whether this module's lock can be taken here."""
    taken = LOCK.acquire(timeout=1)
    if taken:
        LOCK.release()
    return taken


def take(lock):
    """Whether a lock can be taken here."""
    taken = lock.acquire(timeout=1)
    if taken:
        lock.release()
    return taken


def hold(lock):
    """Take a lock; how to release it again."""
    lock.acquire()
    return lock.release


TAKEN = "the lock stays taken: acquire(timeout=1) failed"


@question(
    "Can a child take a module's threading.Lock that another thread held at the start?",
    why=THREADS + " Nobody is left to release them: the child hangs at the first one that it needs.",
    do="Use spawn or forkserver; with fork, start processes before threads, or make new locks in the child.",
    source=METHODS_DOC,
    documented={"fork": "no"},
    asked=("child process hangs after fork", "deadlock fork threading.Lock", "multiprocessing hangs randomly on Linux"),
)
def held_lock(ctx):
    with Waiting(lambda: hold(LOCK)):
        return yes() if report(ctx, take_lock) else no(TAKEN)


@question(
    "Can a forked child take a threading.RLock that another thread held at the fork?",
    why=THREADS,
    do="Use spawn or forkserver, or replace the lock in os.register_at_fork(after_in_child=…).",
    source=METHODS_DOC,
    documented={"fork": "no"},
    methods=("fork",),
    asked=("RLock deadlock after fork",),
)
def held_rlock(ctx):
    lock = threading.RLock()
    with Waiting(lambda: hold(lock)):
        return yes() if report(ctx, take, lock) else no(TAKEN)


@question(
    "Can a forked child take a logging handler's lock that another thread held?",
    why="logging replaces the locks of its handlers after a fork. The file or stream beneath has a lock too, "
    "which is not replaced: a child can still hang if another thread was writing to the log.",
    do="Do not log from threads while processes are forked: use spawn or forkserver, or start the processes first.",
    source="https://docs.python.org/3.8/whatsnew/changelog.html#python-3-8-0-alpha-1",
    documented={"fork": "yes"},
    methods=("fork",),
    asked=("logging deadlock after fork", "child hangs in logging emit"),
)
def held_logging_lock(ctx):
    import logging

    handler = logging.StreamHandler()
    with Waiting(lambda: hold(handler.lock)):
        return yes() if report(ctx, take_handler, handler) else no(TAKEN)


def take_handler(handler):
    """Whether the lock that a logging handler has here can be taken."""
    return take(handler.lock)


def watched(path, act, waits):
    """Report "done" after act(), or "blocked" if it cannot end: waits(frame) is true at every look of a second.

    The thread looks on while this one acts. Not the other way round: a new thread can get the identity of the one
    that is gone, and its locks with it.
    """
    actor, done = threading.get_ident(), threading.Event()

    def watch():
        stuck = 0
        while not done.wait(0.05):
            stuck = stuck + 1 if waits(sys._current_frames().get(actor)) else 0
            if stuck == 20:
                answer(path, "blocked")
                os._exit(0)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    act()
    done.set()
    thread.join()
    answer(path, "done")


def ended(seen):
    """Whether a child's watched() action came to its end."""
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    if seen.returned not in ("done", "blocked"):
        raise RuntimeError("the child said %r" % (seen.returned,))
    return seen.returned == "done"


def log_below(path, go):
    """Log once the parent says so."""
    import logging

    go.recv()
    watched(path, lambda: logging.getLogger("canifork").error("child"), writes_log)


def writes_log(frame):
    """Whether a thread stands in the writing of a log record."""
    return frame is not None and frame.f_code.co_name in ("emit", "flush") and "logging" in frame.f_code.co_filename


@question(
    "Can a forked child log if another thread was writing to the same log?",
    why="The file of a log handler has a lock of its own, which logging does not replace in the child: the child hangs "
    "at its first record. The log is a pipe here.",
    do="Do not log from threads while processes are forked: use spawn or forkserver, or start the processes first.",
    source="https://github.com/python/cpython/issues/50970",
    methods=("fork",),
    asked=("child hangs in logging after fork", "logging FileHandler deadlock multiprocessing threads"),
)
def log_written(ctx):
    import logging

    record = "x" * 300000  # more than a pipe holds
    reader, writer = os.pipe()
    go, here = ctx.Pipe(duplex=False)
    logger = logging.getLogger("canifork")
    logger.propagate = False
    with open(writer, "w") as log:
        logger.addHandler(logging.StreamHandler(log))
        thread = threading.Thread(target=logger.error, args=(record,))
        thread.start()
        left = len(record) + 1 - len(os.read(reader, 1))  # the thread is in write() now, and cannot end it

        def read_all(left):
            while left:
                left -= len(os.read(reader, min(left, 65536)))
            thread.join()
            here.send("the pipe is empty")

        try:
            seen = run_process(
                lambda path: ctx.Process(target=log_below, args=(path, go)), meanwhile=lambda: read_all(left)
            )
        finally:
            logger.handlers.clear()
    done = ended(seen)
    text = os.read(reader, 100)  # the writing end is closed: what is there, or nothing
    os.close(reader)
    if done and text != b"child\n":
        raise RuntimeError("the log holds %r" % text)
    return yes() if done else no("the child waits for a lock of the log file that nobody will release")


def import_slow(path):
    """Import the slow module."""
    sys.modules.pop("safety_gate", None)
    watched(path, lambda: __import__("safety_slow"), waits_for_import)


def waits_for_import(frame):
    """Whether a thread stands in the acquisition of a module's import lock."""
    while frame is not None:
        if frame.f_code.co_name in ("acquire", "_lock_unlock_module") and "importlib" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


@question(
    "Can a child import a module that another thread was importing at the start?",
    why="A forked child has the lock of the half-imported module, but no thread that will finish the import.",
    do="Import everything before you start threads and processes, or use spawn or forkserver.",
    source="https://github.com/apache/airflow/issues/65942",
    asked=(
        "If another thread is importing a module at fork time, can the child import that same module, or does it hang?",
        "fork deadlock in importlib _ModuleLock",
        "child process hangs on import",
    ),
)
def held_import(ctx):
    import types

    sys.path.insert(0, os.path.dirname(asset("")))
    gate = types.ModuleType("safety_gate")
    gate.entered, gate.opened = threading.Event(), threading.Event()
    sys.modules["safety_gate"] = gate
    thread = threading.Thread(target=__import__, args=("safety_slow",))
    thread.start()
    gate.entered.wait()
    try:
        seen = run_process(lambda path: ctx.Process(target=import_slow, args=(path,)))
    finally:
        gate.opened.set()
        thread.join()
    return yes() if ended(seen) else no("the import waits for a lock that nobody will release")


hooks = []


def hooks_run():
    """Which callbacks have run in this process and its past."""
    return hooks


@question(
    "Do the parent's os.register_at_fork() callbacks run when a process is started?",
    why="Libraries replace their locks and reseed their random generators in such callbacks.",
    do="Under spawn and forkserver do the set-up in the child; what it imports is new there anyway.",
    source=HOOK_DOC,
    documented={"fork": "yes", "spawn": "no"},
    asked=(
        "Do os.register_at_fork before/after_in_parent/after_in_child callbacks run when a Process is "
        "started under each method?",
        "os.register_at_fork multiprocessing spawn",
        "after_in_child is not called",
    ),
)
def fork_hooks(ctx):
    if not hasattr(os, "register_at_fork"):
        return unavailable("no os.register_at_fork here")
    os.register_at_fork(
        before=lambda: hooks.append("before"),
        after_in_parent=lambda: hooks.append("parent"),
        after_in_child=lambda: hooks.append("child"),
    )
    child = report(ctx, hooks_run)
    if child == ["before", "child"] and hooks == ["before", "parent"]:
        return yes()
    if not child and not hooks:
        return no("none of them runs")
    raise RuntimeError("in the child %r, in the parent %r" % (child, hooks))


def note(path, word):
    """Leave a line in a file."""
    with open(path, "a") as file:
        file.write("%s %d\n" % (word, os.getpid()))


def note_at_exit(path):
    """Register a callback for the end of this process."""
    import atexit

    atexit.register(note, path, "child")
    return True


def _noted(path):
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


@question(
    "Does an atexit callback of the parent run when a child ends?",
    why="Each child would then remove the parent's temporary files or close its sessions.",
    do="Nothing if no; but a child of your own os.fork() must end with os._exit().",
    source="https://docs.python.org/3/library/atexit.html",
    asked=("atexit handler runs in child process too", "atexit and fork"),
    wanted="either",
)
def parent_atexit(ctx):
    import atexit

    path = scratch("parent-atexit")
    atexit.register(note, path, "parent")
    seen = run_child(ctx, double, 21)
    atexit.unregister(note)
    text = _noted(path)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    if not text:
        return no("it does not run in the child")
    os.remove(path)
    if text != "parent %d\n" % seen.pid:
        raise RuntimeError("the file holds %r" % text)
    return yes()


@question(
    "Does an atexit callback run that the child itself registered?",
    why="Before Python 3.13 forked children left through os._exit(), which skips every library's clean-up at exit.",
    do="Clean up in a finally block of the target.",
    source="https://docs.python.org/3.13/whatsnew/changelog.html#python-3-13-0-beta-1",
    documented={'python_version >= "3.13"': "yes"},
    asked=(
        "Are atexit callbacks registered inside the child run when the child ends, per start method and version?",
        "atexit not called in multiprocessing child",
    ),
)
def child_atexit(ctx):
    path = scratch("child-atexit")
    seen = run_child(ctx, note_at_exit, path)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    text = _noted(path)
    if not text:
        return no("the callback did not run")
    os.remove(path)
    if text != "child %d\n" % seen.pid:
        raise RuntimeError("the file holds %r" % text)
    return yes()


def sees_end(reader, go):
    """Whether the reader reports its end, once the parent has closed the writer."""
    go.recv()
    try:
        if not reader.poll(1):
            return False
        reader.recv()
    except (EOFError, BrokenPipeError):  # poll() raises the second one on Windows
        return True
    raise RuntimeError("there was data")


@question(
    "Does a child see EOF within 1 s when the parent closes its end of a Pipe?",
    why="A forked child has a copy of that end too: it keeps the pipe open itself and waits for ever.",
    do="Close the unneeded end in the child, or send a last message that means the end.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.wait",
    asked=("EOFError is not raised in child", "recv() hangs although the pipe was closed"),
)
def pipe_end(ctx):
    reader, writer = ctx.Pipe(duplex=False)
    go, here = ctx.Pipe(duplex=False)
    seen = run_child(ctx, sees_end, reader, go, meanwhile=lambda: (writer.close(), here.send("closed")))
    for end in (reader, go, here):
        end.close()
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    return yes() if seen.returned else no("poll(1) finds nothing: a copy of the other end is open in the child")


if __name__ == "__main__":
    main()
