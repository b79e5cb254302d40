"""Which multiprocessing objects can be passed as Process arguments, and are they really shared then?"""

import os

from _modules import needed
from _probe import (
    answer,
    describe,
    judged,
    main,
    no,
    question,
    raise_unexpected,
    run_child,
    run_process,
    scratch,
    unavailable,
    wait_until,
    yes,
)
from _tasks import LIMIT, shared

SYNC = "https://docs.python.org/3/library/multiprocessing.html#synchronization-between-processes"
EXCHANGE = "https://docs.python.org/3/library/multiprocessing.html#exchanging-objects-between-processes"
STATE = "https://docs.python.org/3/library/multiprocessing.html#sharing-state-between-processes"
GUIDELINES = "https://docs.python.org/3/library/multiprocessing.html#all-start-methods"
MEMORY = (
    "https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory.SharedMemory"
)
KEEP = "Make it from the same context as the process, and keep a reference to it until the child has started."


def release_held(lock):
    """The child cannot take what the parent holds, but it can release it."""
    taken = lock.acquire(False)
    lock.release()
    return not taken


@question(
    "Is a Lock passed as a Process argument one lock for parent and child?",
    why="It replaces threading.Lock: parent and child contend for one semaphore of the operating system.",
    do=KEEP,
    documented={"*": "yes"},
    source=SYNC,
    asked=(
        "How do I share a lock between processes?",
        "FileNotFoundError: [Errno 2] No such file or directory SemLock",
    ),
)
def lock(ctx):
    lock = ctx.Lock()
    lock.acquire()
    return shared(ctx, release_held, lock, lambda: lock.acquire(False))


def cannot_take(lock):
    """The child cannot take what the parent holds."""
    return not lock.acquire(False)


def can_take(lock):
    """The child can take and release what nobody holds."""
    taken = lock.acquire(False)
    if taken:
        lock.release()
    return taken


@question(
    "Is an RLock passed as a Process argument one lock for parent and child?",
    why="A forked child gets a copy of the count of how often its parent holds the lock, but must not believe "
    "that it holds it itself.",
    do=KEEP,
    documented={"*": "yes"},
    source=SYNC,
    asked=("RLock in child process", "AssertionError: attempt to release recursive lock not owned by thread"),
)
def rlock(ctx):
    lock = ctx.RLock()
    with lock:
        seen = run_child(ctx, cannot_take, lock)
    if not (seen.ok and seen.returned is True):
        raise_unexpected(ctx, seen)
    return shared(ctx, can_take, lock, lambda: True)


def take_one(semaphore):
    """The child takes one of two and keeps it."""
    return semaphore.acquire(False)


@question(
    "Do parent and child share the count of a Semaphore passed as a Process argument?",
    why="It limits how many processes do something at once. What a child does not release stays taken after its end.",
    do="Make it from the same context as the process, and keep a reference to it until the child has started. Workers "
    "of a pool get it through initargs. Use it in a with statement.",
    documented={"*": "yes"},
    source=SYNC,
    asked=("limit number of processes with a semaphore",),
)
def semaphore(ctx):
    semaphore = ctx.Semaphore(2)
    return shared(ctx, take_one, semaphore, lambda: semaphore.acquire(False) and not semaphore.acquire(False))


def set_event(event):
    """The child sets what was not set."""
    before = event.is_set()
    event.set()
    return not before


@question(
    "Does the parent see that a child set an Event passed as a Process argument?",
    why="It replaces threading.Event as a stop flag or a sign of readiness.",
    do="Make it from the same context as the process, and keep a reference to it until the child has started. A child "
    "to be stopped looks at it in its loop: 'while not event.wait(1):'.",
    documented={"*": "yes"},
    source=SYNC,
    asked=("stop a child process with an event",),
)
def event(ctx):
    event = ctx.Event()
    return shared(ctx, set_event, event, event.is_set)


def notify(condition):
    """The child gets the lock once the parent waits, and wakes it."""
    with condition:
        condition.notify()
    return True


@question(
    "Does a child's notify() on a Condition passed as a Process argument wake the parent?",
    why="It consists of a lock and three semaphores, all of which have to reach the child.",
    do=KEEP,
    documented={"*": "yes"},
    source=SYNC,
    asked=("multiprocessing condition wait notify",),
)
def condition(ctx):
    condition = ctx.Condition()
    woken = []
    with condition:
        return shared(ctx, notify, condition, lambda: woken == [True], lambda: woken.append(condition.wait(LIMIT)))


def meet(barrier, parent_came, child_came):
    """The child comes first, then second: its places, and whether the parent had come when it first went on."""
    first = barrier.wait(LIMIT)
    if not os.path.exists(parent_came):
        return [first, False, None]
    if not wait_until(lambda: barrier.n_waiting == 1, LIMIT):
        raise RuntimeError("the parent does not wait")
    open(child_came, "w").close()
    return [first, True, barrier.wait(LIMIT)]


@question(
    "Do parent and child wait for each other at a Barrier for two passed as a Process argument?",
    why="It keeps its state in shared memory, so that it needs more than semaphores. Here they meet twice: the child "
    "comes first, then the parent.",
    do=KEEP,
    documented={"*": "yes"},
    source=SYNC,
    asked=("BrokenBarrierError in child process",),
)
def barrier(ctx):
    import multiprocessing

    barrier = ctx.Barrier(2)
    parent_came, child_came = scratch("parent"), scratch("child-came")
    saw = []

    def meanwhile():
        if wait_until(lambda: barrier.n_waiting == 1 or not multiprocessing.active_children(), LIMIT):
            open(parent_came, "w").close()
        if barrier.n_waiting == 1:
            saw.extend([barrier.wait(LIMIT), barrier.wait(LIMIT), os.path.exists(child_came)])

    try:
        seen = run_child(ctx, meet, barrier, parent_came, child_came, meanwhile=meanwhile)
    finally:
        for path in filter(os.path.exists, (parent_came, child_came)):
            os.remove(path)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    if seen.returned == [0, False, None]:
        return no("the child went on before the parent had come")
    if seen.returned != [0, True, 1] or saw[:2] != [1, 0]:
        raise RuntimeError("the places are %r and %r" % (seen.returned, saw))
    return yes() if saw[2] else no("the parent went on before the child had come")


def send_item(connection):
    """The child sends over its end of the pipe."""
    connection.send("item")
    return True


@question(
    "Can a child send through an end of a Pipe() passed as a Process argument?",
    why="It is the lightest way to talk to one child.",
    do="Close the child's end in the parent after start(), so that the parent sees EOFError when the child is gone.",
    documented={"*": "yes"},
    source=EXCHANGE,
    asked=("pass a pipe connection to a child process",),
)
def connection(ctx):
    ours, theirs = ctx.Pipe()
    with ours, theirs:
        return shared(ctx, send_item, theirs, lambda: ours.poll(LIMIT) and ours.recv() == "item")


def set_value(number):
    """The child changes the value."""
    number.value += 2
    return True


@question(
    "Does the parent see what a child stores in a Value passed as a Process argument?",
    why="A plain int is copied; a Value lives in shared memory.",
    do=KEEP + " Use 'with v.get_lock(): v.value += 1', since += alone is not atomic.",
    documented={"*": "yes"},
    source=STATE,
    asked=("share a counter between processes",),
)
def shared_value(ctx):
    needed("ctypes")
    number = ctx.Value("i", 40)
    return shared(ctx, set_value, number, lambda: number.value == 42)


def set_array(numbers):
    """The child changes one item."""
    numbers[1] = 42
    return True


@question(
    "Does the parent see what a child stores in an Array passed as a Process argument?",
    why="A list is copied; an Array lives in shared memory.",
    do="Make it from the same context as the process, and keep a reference to it until the child has started. "
    "Array('c', size) holds bytes: its value ends at the first NUL, its raw has all.",
    documented={"*": "yes"},
    source=STATE,
    asked=("share an array between processes",),
)
def shared_array(ctx):
    needed("ctypes")
    numbers = ctx.Array("i", [1, 2, 3])
    return shared(ctx, set_array, numbers, lambda: numbers[:] == [1, 42, 3])


@question(
    "Does the parent see what a child stores in a RawArray passed as a Process argument?",
    why="It has no lock: only memory is handed over. A forked child has it already; the others get a file descriptor "
    "on POSIX, and a name on Windows.",
    do="Guard it with a lock of your own where processes write to the same items.",
    documented={"*": "yes"},
    source="https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.sharedctypes",
    asked=("share a numpy array between processes without copying",),
)
def raw_array(ctx):
    needed("ctypes")
    numbers = ctx.RawArray("i", [1, 2, 3])
    return shared(ctx, set_array, numbers, lambda: numbers[:] == [1, 42, 3])


def set_byte(memory):
    """The child changes one byte of the block."""
    memory.buf[1] = 42
    memory.close()
    return True


@question(
    "Does the parent see what a child writes to a SharedMemory passed as an argument?",
    why="Under spawn and forkserver only its name is sent, and the child attaches to the same block; a forked child "
    "has it mapped already.",
    do="close() it in every process, and unlink() it once, in the process that created it.",
    source=MEMORY,
    asked=("pass shared memory to a child process",),
)
def shared_memory(ctx):
    try:
        from multiprocessing.shared_memory import SharedMemory

        memory = SharedMemory(create=True, size=16)
    except (ImportError, OSError) as error:
        return unavailable(describe(error))
    try:
        return shared(ctx, set_byte, memory, lambda: memory.buf[1] == 42)
    finally:
        memory.close()
        memory.unlink()


class Gate:
    """An argument whose unpickling waits until a file exists: it decides the race between child and parent."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return wait_for, (self.path,)


def wait_for(path):
    """What a Gate becomes in the child."""
    if not wait_until(lambda: os.path.exists(path), LIMIT):
        raise RuntimeError("the parent gave no sign")
    return path


def take_and_answer(report, gate, lock):
    """Target of lock_without_reference()."""
    answer(report, lock.acquire(timeout=1))


@question(
    "Does a Lock made inside args=(…), and kept nowhere else, reach a child that starts slowly?",
    why="start() drops its references to the arguments. The parent then frees the lock and its name, and a "
    "child that looks it up only afterwards finds nothing.",
    do="Keep the lock (or queue, or value) in a variable until the child has started.",
    # The guideline says that passing an object as an argument keeps it from being collected.
    documented={"*": "yes"},
    source=GUIDELINES,
    asked=(
        "FileNotFoundError: [Errno 2] No such file or directory",
        "If the parent keeps no reference to a Lock, Value or Queue in Process args, does the child still get it?",
    ),
)
def lock_without_reference(ctx):
    import gc

    path = scratch("dropped-%d" % os.getpid())

    def make(report):
        return ctx.Process(target=take_and_answer, args=(report, Gate(path), ctx.Lock()))

    def drop():
        gc.collect()
        gc.collect()
        with open(path, "w"):
            pass

    try:
        return judged(ctx, run_process(make, meanwhile=drop), ("FileNotFoundError",))
    finally:
        if os.path.exists(path):
            os.remove(path)


if __name__ == "__main__":
    main()
