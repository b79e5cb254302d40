"""What makes memory a child's own that it shares with its parent after a fork?"""

import os
import sys

from _probe import Unavailable, main, no, question, raise_unexpected, run_child, unavailable, yes

METHODS = ("fork",)
SIZE = 24 << 20  # bytes that the objects take, more or less
GC = "https://docs.python.org/3/library/gc.html#gc.freeze"
SOURCE = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
SHARED = "A forked child shares its parent's memory until one of both writes; the system then copies the page."


def private_memory():
    """Bytes that no other process shares with this one, None where nobody tells."""
    if os.name == "nt":
        return None
    try:
        with open("/proc/self/smaps_rollup") as file:
            rows = [line.split() for line in file]
    except OSError:
        return None
    return sum(int(row[1]) * 1024 for row in rows if row[0] in ("Private_Clean:", "Private_Dirty:"))


things = []  # what the parent has made before the fork


def measured(act):
    """Run act() in the child: how much of the parent's memory has become its own."""
    import gc

    gc.disable()
    before = private_memory()
    act()
    return [before, private_memory()]


def answered(ctx, act):
    """Answer whether act() in a child makes at least half of the parent's objects its own, or hardly anything."""
    if private_memory() is None:
        raise Unavailable("no /proc/PID/smaps_rollup here")
    seen = run_child(ctx, measured, act)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    before, after = seen.returned
    share = (after - before) / float(SIZE)
    if 0.3 < share < 0.5:
        raise RuntimeError("%d of %d bytes" % (after - before, SIZE))
    return yes() if share >= 0.5 else no("they stay shared")


def read_all():
    """Look at each object, and change nothing."""
    for thing in things[0]:
        thing  # noqa: B018  its reference count goes up and down


@question(
    "Does reading 24 MiB of strings make a forked child's own memory grow by 12 MiB or more?",
    why=SHARED + " CPython counts references inside each object, so that reading one writes to it.",
    do="Keep large data in few objects: array, bytes, NumPy or Arrow arrays, whose contents are not counted.",
    source=SOURCE,
    methods=METHODS,
    exclusive=True,
    asked=(
        "forked workers use more and more memory although they only read",
        "DataLoader workers memory grows copy on write",
        "copy-on-write reference counting fork",
    ),
    wanted="no",
)
def reading_objects(ctx):
    things[:] = [["%050d" % number for number in range(SIZE // 100)]]
    return answered(ctx, read_all)


def read_bytes():
    """Look at each byte."""
    sum(things[0])


@question(
    "Does reading a bytes object of 24 MiB make a forked child's own memory grow by 12 MiB or more?",
    why=SHARED + " A large object has one reference count, beside its data.",
    do="Nothing if no: load such data before the fork.",
    source=SOURCE,
    methods=METHODS,
    exclusive=True,
    asked=("share a large array with forked workers without copying", "numpy array copy on write fork"),
    wanted="no",
)
def reading_bytes(ctx):
    things[:] = [b"8" * SIZE]  # bytes(SIZE) would be pages that nobody has written yet
    return answered(ctx, read_bytes)


def add_up():
    """Look at each number."""
    sum(things[0])


@question(
    "Does adding up an array.array of 24 MiB make a forked child's own memory grow by 12 MiB or more?",
    why=SHARED + " The numbers of an array are no objects: each is made when it is looked at, and nothing is written "
    "to the array. Looking at the objects of a list writes to them: CPython counts references there.",
    do="Use array, NumPy or Arrow for numbers that many forked workers read.",
    source="https://docs.python.org/3/library/array.html",
    methods=METHODS,
    exclusive=True,
    asked=("numpy array in forked workers copied", "list or array copy-on-write multiprocessing"),
    wanted="no",
)
def reading_array(ctx):
    import array

    things[:] = [array.array("d", [1.0]) * (SIZE // 8)]
    return answered(ctx, add_up)


def collect():
    """What the collector does from time to time."""
    import gc

    gc.collect()


def make_lists():
    """Many small objects that the collector looks after."""
    things[:] = [[[number] for number in range(SIZE // (100 if sys.maxsize > 1 << 32 else 55))]]


@question(
    "Does gc.collect() make a forked child's own memory grow by 12 MiB or more, if its parent has 24 MiB of lists?",
    why=SHARED + " The collector keeps its notes beside each object, and so writes to all of them.",
    do="Call gc.freeze() in the parent before the fork (CPython), or gc.disable() in the child.",
    source=GC,
    documented={'implementation_name == "cpython"': "yes"},
    methods=METHODS,
    exclusive=True,
    asked=(
        "garbage collection destroys copy-on-write",
        "gc.freeze before fork memory",
        "gunicorn preload memory grows",
    ),
    wanted="no",
)
def collecting(ctx):
    make_lists()
    return answered(ctx, collect)


@question(
    "After gc.freeze() in the parent, does gc.collect() still make a forked child's own memory grow by 12 MiB or more?",
    why=SHARED + " gc.freeze() takes all objects out of the collector's sight.",
    do="Call gc.disable() early, and gc.freeze() just before the fork; then gc.enable() in the child.",
    source=GC,
    methods=METHODS,
    exclusive=True,
    documented={'implementation_name == "cpython"': "no"},
    asked=("gc.freeze() prefork", "gc.freeze multiprocessing memory"),
    wanted="no",
)
def collecting_frozen(ctx):
    import gc

    if not hasattr(gc, "freeze"):
        return unavailable("there is no gc.freeze()")
    make_lists()
    gc.freeze()
    return answered(ctx, collect)


if __name__ == "__main__":
    main()
