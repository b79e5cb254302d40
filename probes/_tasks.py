"""What the children of several themes do, and how their parents ask them.

Every spawned child that is asked such a thing imports this again, so that it stays light; see _probe.py.
"""

import os

from _probe import LIMIT, need_executor, no, raise_unexpected, run_child, stable, wait_until, yes

# --- what a child does


def double(number):
    """Something that shows that the argument arrived."""
    return 2 * number


def pid(_=None):
    """Which process this is."""
    return os.getpid()


def parent_pid():
    """Which process is the parent of this one."""
    return os.getppid()


def own_method():
    """The start method that this process says it has."""
    import multiprocessing

    return multiprocessing.get_start_method(allow_none=True)


def mask():
    """This process's umask."""
    before = os.umask(0)
    os.umask(before)
    return before


def put_item(queue):
    """Put one item into a queue."""
    queue.put("item")
    return True


def note(path, text):
    """Write a file, whole or not at all."""
    part = "%s.%d" % (path, os.getpid())
    with open(part, "w") as file:
        file.write(text)
    os.replace(part, path)


def wait_for(path, begun=None):
    """Say by a file that it has begun, and go on until another file exists."""
    if begun:
        open(begun, "w").close()
    if not wait_until(lambda: os.path.exists(path), LIMIT):
        raise RuntimeError("no file")
    return "waited"


def look_up():
    """Fail with an exception that pickle can send."""
    return {}["missing"]


class Refused(Exception):
    """It takes more arguments than it hands to Exception, so that pickle cannot make it again."""

    def __init__(self, reason, status):
        super().__init__(reason)
        self.status = status


def refuse():
    """Fail with an exception that pickle cannot make again."""
    raise Refused("not today", 503)


def make_lock():
    """Return what cannot be pickled."""
    import threading

    return threading.Lock()


def fail_at_start(path=None):
    """An initializer that notes its run, if asked to, and fails."""
    if path:
        with open(path, "a") as file:
            file.write("run\n")
    raise ValueError("initializer failed")


# --- what the parent does


def report(ctx, function, *args):
    """What function(*args) returns in a child; if it does not return, RuntimeError says how."""
    seen = run_child(ctx, function, *args)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    return seen.returned


def inherited(ctx, wanted, function, *args):
    """Answer whether function(*args) returns in a child what the parent has."""
    seen = run_child(ctx, function, *args)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    return yes() if seen.returned == wanted else no(stable("the child has %r" % (seen.returned,)), saw=seen.returned)


def shared(ctx, function, thing, evidence, meanwhile=None):
    """Answer yes if function(thing) is True in the child and evidence() is True in the parent afterwards."""
    seen = run_child(ctx, function, thing, meanwhile=meanwhile)
    if not (seen.ok and seen.returned is True):
        raise_unexpected(ctx, seen)
    if evidence():
        return yes()
    raise RuntimeError("the child used it, but the parent saw no effect")


class Waiting:
    """A thread that runs a function, then waits until the block ends."""

    def __init__(self, first=None):
        import threading

        self.ready = threading.Event()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(first,), name="waiting")

    def run(self, first):
        undo = first() if first else None
        self.ready.set()
        self.stop.wait()
        if undo:
            undo()

    def __enter__(self):
        self.thread.start()
        self.ready.wait()
        return self

    def __exit__(self, *error):
        self.stop.set()
        self.thread.join()


def executor(ctx, workers=1, **options):
    """An executor whose workers start with this method."""
    from concurrent.futures import ProcessPoolExecutor

    need_executor(ctx)
    return ProcessPoolExecutor(workers, mp_context=ctx, **options)


def refusals():
    """What pickle raises, by type and by version."""
    import pickle

    return TypeError, AttributeError, pickle.PicklingError


def broken():
    """What an executor raises that has lost a worker."""
    from concurrent.futures.process import BrokenProcessPool

    return BrokenProcessPool
