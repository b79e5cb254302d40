"""What is one step, and what happens later than it seems?"""

import multiprocessing
import threading

from _modules import needed
from _probe import can_use, main, no, question, raise_unexpected, run_child, yes
from _tasks import LIMIT

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."


class Addend:
    """One, as a number that is added; while it is asked for the sum, something else is done."""

    def __init__(self, meanwhile):
        self.meanwhile = meanwhile

    def __radd__(self, number):
        self.meanwhile()
        return number + 1


def add_one(number, got):
    """Another thread adds one as well, if it gets the lock."""
    if number.get_lock().acquire(timeout=1):
        number.value += 1
        number.get_lock().release()
        got.append(True)


@question(
    "Does value += 1 on a multiprocessing.Value keep what is added between its read and its write?",
    why="+= reads, adds and writes; the lock is held for the read and for the write, not in between. Here a second "
    "thread adds one just then: this shows that the gap exists, not how often it is hit.",
    do="Hold the lock throughout: with counter.get_lock(): counter.value += 1.",
    source=REFERENCE + "Value",
    documented={"*": "no"},
    methods=(),
    asked=(
        "Is counter.value += 1 atomic on a multiprocessing.Value?",
        "multiprocessing.Value counter loses increments",
        "Is Value += 1 atomic?",
        "shared counter is wrong",
    ),
)
def value_increment():
    number, got = multiprocessing.Value("i", 0), []

    def meanwhile():
        other = threading.Thread(target=add_one, args=(number, got))
        other.start()
        other.join()

    number.value += Addend(meanwhile)
    if (number.value, got) == (1, []):
        return yes()
    if (number.value, got) != (1, [True]):
        raise RuntimeError("%r, %r" % (number.value, got))
    return no("1 instead of 2: what another thread added meanwhile is lost")


@question(
    "Does d['n'] += 1 on a Manager's dict keep what is added between its read and its write?",
    why="It is two messages to the manager, a read and a write. Here another thread adds one just then: this shows "
    "that the gap exists, not how often it is hit.",
    do="Hold a manager.Lock() around it, or let the manager do it: register a class of your own with a method add().",
    source="https://docs.python.org/3/library/multiprocessing.html#proxy-objects",
    methods=(),
    asked=(
        "Is d['n'] += 1 atomic on a Manager's dict?",
        "manager.dict increment race condition",
        "Are operations on a Manager dict atomic?",
    ),
)
def manager_increment():
    with multiprocessing.Manager() as manager:
        shared = manager.dict(n=0)

        def add():
            shared["n"] = shared["n"] + 1

        other = threading.Thread(target=add)

        def meanwhile():
            other.start()
            other.join(LIMIT / 4)  # if it is kept waiting, it adds later

        shared["n"] += Addend(meanwhile)
        other.join()
        number = shared["n"]
    if number not in (1, 2):
        raise RuntimeError("it is %r" % number)
    return yes() if number == 2 else no("1 instead of 2: what was added meanwhile is lost")


class Slow:
    """An object that is pickled as the number 42 as soon as it may."""

    def __init__(self):
        self.may = threading.Event()

    def __reduce__(self):
        self.may.wait(2)
        return int, (42,)


@question(
    "Is an item in a Queue when put() returns (with pickling delayed)?",
    why="A thread pickles and sends it later. Right after put(), empty() may return True and get_nowait() may raise "
    "queue.Empty, even in the same process.",
    do="Wait with get() or get(timeout=…). Never use empty() to decide that all is done: put an item that marks the "
    "end, such as None, one for each reader. No method clears a Queue: take its items until such a mark comes.",
    source=REFERENCE + "Queue",
    documented={"*": "no"},
    methods=(),
    asked=(
        "queue.Empty right after put multiprocessing",
        "Queue.empty() returns True although items were put",
        "queue reported empty without being empty",
    ),
)
def put_returns():
    import queue

    channel, slow = multiprocessing.Queue(), Slow()
    channel.put(slow)
    empty = channel.empty()
    try:
        channel.get_nowait()
        raised = False
    except queue.Empty:
        raised = True
    slow.may.set()
    if empty != raised:
        raise RuntimeError("empty() says %r, get_nowait() raised: %r" % (empty, raised))
    if raised and channel.get(timeout=LIMIT) != 42:
        raise RuntimeError("another item")
    return no("empty() says True, and get_nowait() raises queue.Empty") if raised else yes()


@question(
    "Does Queue.put() send an object as it was at the call (with pickling delayed)?",
    why="The queue's thread pickles it later, so changes that the sender makes in the meantime are sent too: a list "
    "that was cleared arrives empty.",
    do="Put a copy, or make a new object for each put(). SimpleQueue pickles immediately.",
    source=REFERENCE + "Queue",
    documented={"*": "no"},
    methods=(),
    asked=("queue.put(list) then list.clear() arrives empty", "multiprocessing Queue sends modified object"),
)
def changed_after_put():
    channel, slow, item = multiprocessing.Queue(), Slow(), ["before"]
    channel.put(slow)
    channel.put(item)
    item.append("after")
    slow.may.set()
    first, second = channel.get(timeout=LIMIT), channel.get(timeout=LIMIT)
    if first != 42 or second not in (["before"], ["before", "after"]):
        raise RuntimeError("%r, %r" % (first, second))
    return yes() if len(second) == 1 else no("it gets the change that was made after put()")


def releases(lock):
    """The child releases what its parent has acquired."""
    lock.release()
    return True


@question(
    "Can a child release a multiprocessing.Lock that its parent acquired?",
    why="A Lock has no owner: a release() in the wrong process lets two processes in, without an error.",
    do="Acquire and release it in one process, by a with statement; or use an RLock, which has an owner.",
    source=REFERENCE + "Lock.release",
    documented={"*": "yes"},
    asked=("release a lock from another process", "Does multiprocessing.Lock have an owner?"),
    wanted="either",
)
def lock_released_elsewhere(ctx):
    lock = ctx.Lock()
    lock.acquire()
    seen = can_use(ctx, releases, lock, failures=("ValueError", "AssertionError"))
    if (seen.outcome == "yes") is not lock.acquire(False):
        raise RuntimeError("%s, but the lock says otherwise" % seen.outcome)
    return seen


@question(
    "Can a child release a multiprocessing.RLock that its parent acquired?",
    why="An RLock belongs to the process and thread that acquired it.",
    do="Release it where it was acquired.",
    source=REFERENCE + "RLock.release",
    documented={"*": "no"},
    asked=("AssertionError: attempt to release recursive lock not owned by thread",),
    wanted="either",
)
def rlock_released_elsewhere(ctx):
    lock = ctx.RLock()
    lock.acquire()
    return can_use(ctx, releases, lock, failures=("AssertionError",))


def reads_text(text):
    """Whether the text behind the pointer is there."""
    return text.value == b"text"


@question(
    "Can a child read Value(ctypes.c_char_p, b'text') where addresses are randomized (ASLR)?",
    why="Only the address of the text is shared, not the text. Only a forked child has the text at that address; in "
    "any other it leads to unrelated memory or to a crash. Without ASLR it might be there by chance.",
    do="Use Array('c', b'text'), which holds the bytes themselves.",
    source="https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.sharedctypes",
    documented={"spawn": "no", "forkserver": "no"},
    asked=("share a string with multiprocessing.Value", "Value(c_char_p) segmentation fault in child"),
)
def shared_text(ctx):
    text = b"text"
    seen = run_child(ctx, reads_text, ctx.Value(needed("ctypes").c_char_p, text))
    if seen.ok and seen.returned is True:
        return yes()
    died = seen.stage == "child" and seen.exitcode not in (0, 1)
    strange = seen.ok and seen.returned is False
    if not (died or strange):
        raise_unexpected(ctx, seen)
    return no("its address leads elsewhere in the child", died=died)


@question(
    "Does JoinableQueue.task_done() raise ValueError when no item is unfinished?",
    why="An unbalanced count would make join() return too early, or never.",
    do="Call task_done() once for each item that you get.",
    source=REFERENCE + "JoinableQueue.task_done",
    documented={"*": "yes"},
    methods=(),
    asked=("ValueError: task_done() called too many times",),
)
def task_done_too_often():
    try:
        multiprocessing.JoinableQueue().task_done()
    except ValueError as error:
        return yes(str(error))
    return no("it returns")


if __name__ == "__main__":
    main()
