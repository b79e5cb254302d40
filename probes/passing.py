"""Which other objects can be passed to a child, and how do they arrive?"""

import os
import sys

from _modules import needed
from _probe import (
    REFUSALS,
    Unavailable,
    can_use,
    describe,
    last_error,
    main,
    no,
    printed,
    question,
    raise_unexpected,
    run_child,
    scratch,
    value,
    wait_until,
    yes,
)
from _tasks import LIMIT, report

PICKLE = "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled"
METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
PICKLED = "Arguments are pickled under spawn and forkserver; a forked child simply has them."


def is_named(thing, name):
    """Whether a thing of that type arrived."""
    return type(thing).__name__ == name


@question(
    "Can a ctypes pointer (c_char_p) be passed as a Process argument?",
    why="An address means nothing in another process; only a forked child has the same memory behind it.",
    do="Pass the data itself, or a multiprocessing.Array.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=(
        "ValueError: ctypes objects containing pointers cannot be pickled",
        "Can a ctypes pointer/struct with pointers (or a CDLL function) be passed as a Process argument under each "
        "method?",
    ),
)
def ctypes_pointer(ctx):
    return can_use(ctx, points_to, needed("ctypes").c_char_p(b"text"), failures=(*REFUSALS, "ValueError"))


def points_to(pointer):
    """Whether the pointer leads to the text."""
    return pointer.value == b"text"


@question(
    "Can a ctypes.c_int be passed as a Process argument?",
    why=PICKLED + " Its bytes are copied. Only c_int is tested, no structure.",
    do="Pass it, or number.value, a plain int.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("pickle ctypes Structure",),
)
def ctypes_number(ctx):
    return can_use(ctx, holds_seven, needed("ctypes").c_int(7))


def holds_seven(number):
    """Whether the C number arrived."""
    return number.value == 7


@question(
    "Can an unused asyncio.Lock be passed as a Process argument, and be taken in the child?",
    why="If it can, the child has a copy: the two locks have nothing to do with each other.",
    do="Use multiprocessing.Lock, and acquire it in a thread: loop.run_in_executor().",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("asyncio.Queue multiprocessing", "TypeError: cannot pickle '_asyncio.Future' object"),
)
def asyncio_lock(ctx):
    import asyncio

    try:
        lock = asyncio.Lock()
    except RuntimeError as error:  # it wants an event loop
        raise Unavailable(describe(error)) from error
    return can_use(ctx, takes_lock, lock)


def takes_lock(lock):
    """Whether the asyncio lock is free, and taken inside of its block."""
    import asyncio

    async def take():
        before = lock.locked()
        async with lock:
            return [before, lock.locked()]

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(take()) == [False, True]
    finally:
        loop.close()


@question(
    "Can a subprocess.Popen of an ended program be passed as a Process argument?",
    why="Only the process that started a program can wait for it. Here it has ended with 3, and the parent has waited "
    "for it; the child calls poll() and wait().",
    do="Pass the pid, or the data that the child needs.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("TypeError: cannot pickle '_thread.lock' object Popen",),
)
def popen(ctx):
    import subprocess

    try:
        process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    except (OSError, NotImplementedError) as error:
        raise Unavailable(describe(error)) from error
    process.wait()
    return can_use(ctx, ended_with_three, process)


def ended_with_three(process):
    """What the object says of the program."""
    return [process.poll(), process.wait()] == [3, 3]


@question(
    "Can sys.stdout be passed as a Process argument, and be written to in the child?",
    why="An object that keeps a stream in an attribute cannot be passed where this fails.",
    do="Use sys.stdout of the child, which usually leads to the same place.",
    source=METHODS_DOC,
    documented={"fork": "yes", "*": "no"},
    asked=("TypeError: cannot pickle '_io.TextIOWrapper' object self.log = sys.stdout",),
)
def standard_output(ctx):
    path, saved = scratch("stdout"), os.dup(1)
    with open(path, "w") as file:
        os.dup2(file.fileno(), 1)
    try:
        answer = can_use(ctx, writes, sys.stdout)
    finally:
        os.dup2(saved, 1)
        os.close(saved)
    with open(path) as file:
        written = file.read()
    wait_until(lambda: removed(path))  # on Windows a child that could not be started holds it for a moment
    if written != ("written" if answer.outcome == "yes" else ""):
        raise RuntimeError("stdout got %r" % written)
    return answer


def removed(path):
    """Remove a file; whether nobody held it open."""
    try:
        os.remove(path)
    except PermissionError:
        return False
    return True


def writes(stream):
    """The child writes to the stream."""
    stream.write("written")
    stream.flush()
    return True


@question(
    "Can an io.BytesIO and an io.StringIO be passed as Process arguments, with their contents and positions?",
    why="They are files in memory, and are copied: the child reads on from the parent's position, whose own does not "
    "move.",
    do="Nothing if yes. What the child writes is not seen by the parent.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("pickle StringIO BytesIO",),
)
def memory_file(ctx):
    import io

    files = [io.BytesIO(b"0123"), io.StringIO("0123")]
    for file in files:
        file.seek(2)
    answer = can_use(ctx, reads_and_writes, files, [b"23", "23"], [b"0123", "0123"])
    if [file.getvalue() for file in files] != [b"0123", "0123"] or [file.tell() for file in files] != [2, 2]:
        raise RuntimeError("the parent's files have changed")
    return answer


def reads_and_writes(files, rests, contents):
    """Whether these files have those contents and are read from the middle on; they are written to as well."""
    read = [file.read() for file in files]
    had = [file.getvalue() for file in files]
    for file, rest in zip(files, rests):
        file.write(rest)
    return [read, had] == [rests, contents]


class Deep:
    """A chain of objects."""

    def __init__(self, behind):
        self.behind = behind


def length(chain):
    """The length of the chain."""
    count = 0
    while chain is not None:
        chain, count = chain.behind, count + 1
    return count


@question(
    "Can a linked list of 5000 objects be passed as a Process argument?",
    why="pickle follows attributes recursively, so that long lists and deep trees reach the recursion limit.",
    do="Keep the objects in a list and link them by index, or call sys.setrecursionlimit() in parent and child.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("RecursionError: maximum recursion depth exceeded while pickling an object",),
)
def deep_chain(ctx):
    chain = None
    for _ in range(5000):
        chain = Deep(chain)
    seen = run_child(ctx, length, chain)
    while chain is not None:  # otherwise it would be taken apart by recursion as well
        chain = chain.behind
    if seen.ok and seen.returned == 5000:
        return yes()
    if seen.error.startswith("RecursionError"):
        return no("RecursionError", raised=seen.error)
    raise RuntimeError(seen.why_not())


Renamed = type("Other", (), {})


@question(
    "Can an instance of Renamed = type('Other', …) be passed as a Process argument?",
    why="pickle looks a class up by the name that it got when it was made.",
    do="Give the class the name of its variable: Renamed = type('Renamed', …).",
    source=PICKLE,
    documented={"spawn": "no", "forkserver": "no"},
    asked=("PicklingError: Can't pickle <class '__main__.B'>: attribute lookup B on __main__ failed",),
)
def renamed_class(ctx):
    return can_use(ctx, is_named, Renamed(), "Other")


class Noted:
    """An object that says in which process it was made anew."""

    asked = []

    def __getstate__(self):
        self.asked.append(os.getpid())
        return {"state": 1}


def nothing(thing):
    """A target that uses its argument."""
    return isinstance(thing, Noted)


@question(
    "How many times does one start() call __getstate__() of an argument?",
    why="Under fork nothing is pickled: code in __getstate__ or __reduce__ that cleans up does not run.",
    do="Keep what a child needs in the state that __getstate__() returns; clean up in the target.",
    source=METHODS_DOC,
    asked=("__getstate__ not called with fork", "__reduce__ multiprocessing"),
)
def getstate_calls(ctx):
    seen = run_child(ctx, nothing, Noted())
    if not (seen.ok and seen.returned):
        raise RuntimeError(seen.why_not())
    return value(Noted.asked.count(os.getpid()))


def through_child(method, lock, path):
    """The child passes a lock on to a child of its own."""
    import multiprocessing

    process = multiprocessing.get_context(method).Process(target=try_lock, args=(lock, path))
    process.start()
    process.join()
    return process.exitcode


def try_lock(lock, path):
    """The grandchild notes whether it gets the lock that the parent holds."""
    with open(path, "w") as file:
        file.write("got" if lock.acquire(timeout=0.2) else "waits")


@question(
    "Can a child pass a Lock that it received on to a child of its own?",
    why="Where it fails it is a bug of the patch release: Python 3.11.5 raised AttributeError about _is_fork_ctx.",
    do="Install another patch release.",
    source=REFERENCE + "Lock",
    asked=(
        "Can a child pass a Lock/Queue it received on to a grandchild process (nested spawn/forkserver)?",
        "AttributeError: 'Lock' object has no attribute '_is_fork_ctx'",
    ),
)
def lock_to_grandchild(ctx):
    lock, path = ctx.Lock(), scratch("grandchild")
    with lock:
        code = report(ctx, through_child, ctx.get_start_method(), lock, path)
    if not os.path.exists(path):
        return no("the grandchild ended with exit code %r" % code)
    with open(path) as file:
        told = file.read()
    os.remove(path)
    if told != "waits":
        raise RuntimeError("%r, exit code %r" % (told, code))
    return yes("it is one lock for all three")


def get_one(queue, answers):
    """The child gets one thing from a queue and says what it is."""
    thing = queue.get(timeout=LIMIT)
    answers.put("%s %s" % (type(thing).__name__, thing.recv() if hasattr(thing, "recv") else ""))
    return True


@question(
    "Can one end of a Pipe be sent through a Queue to a running child?",
    why="A server can give each client a pipe of its own. The receiver fetches the descriptor from a thread of the "
    "sender (resource_sharer): of one that has ended it gets FileNotFoundError or ConnectionRefusedError.",
    do="Keep the connection open, and the sender alive, until the receiver has it. The same holds for a socket.",
    source=REFERENCE + "Pipe",
    asked=("send a Connection through a Queue", "multiprocessing resource_sharer"),
)
def connection_through_queue(ctx):
    queue, answers = ctx.Queue(), ctx.Queue()
    reader, writer = ctx.Pipe(duplex=False)

    def send():
        queue.put(reader)
        writer.send("hello")

    seen = run_child(ctx, get_one, queue, answers, meanwhile=send)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    told = answers.get(timeout=LIMIT)
    for end in (reader, writer):
        end.close()
    return yes() if told.endswith("Connection hello") else no(told)


@question(
    "Can a multiprocessing.Queue be sent through another Queue to a running child, and be used there?",
    why="Queues and locks can only be passed while a child is being started. put() returns, and the item is "
    "dropped in the queue's thread: the child gets only what is put after it.",
    do="Pass queues as Process arguments, or use a Manager's Queue, which can be sent.",
    source=REFERENCE + "Queue",
    documented={"*": "no"},
    asked=(
        "RuntimeError: Queue objects should only be shared between processes through inheritance",
        "Can a Queue (or Pipe Connection) be sent through another Queue to a running process?",
    ),
)
def queue_through_queue(ctx):
    outer, inner = ctx.Queue(), ctx.Queue()
    raised = []

    def send():
        outer._on_queue_feeder_error = lambda error, thing: raised.append(error)
        outer.put(inner)
        outer.put("end")

    seen = run_child(ctx, put_through, outer, meanwhile=send)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    if seen.returned == "Queue":
        if inner.get(timeout=LIMIT) != "item":
            raise RuntimeError("another item")
        return yes()
    if seen.returned != "str" or not raised:
        raise RuntimeError("the child got %r" % (seen.returned,))
    if not isinstance(raised[0], RuntimeError):
        raise raised[0]
    return no(describe(raised[0]))


def put_through(outer):
    """The child gets a queue through a queue, and uses it; the type of what it gets."""
    thing = outer.get(timeout=LIMIT)
    if not isinstance(thing, str):
        thing.put("item")
    return type(thing).__name__


@question(
    "Does a Value made inside args=(…), and kept nowhere else, reach a child that unpickles it late?",
    why="start() drops its references to the arguments; a spawned child then looks for a semaphore that is gone. "
    "Under fork nothing is unpickled. (Not tested: Values of two forked children that nobody keeps can get the same "
    "memory.)",
    do="Keep a reference to the Value until the child has ended.",
    source="https://docs.python.org/3/library/multiprocessing.html#all-start-methods",
    asked=(
        "Does a Value reach a child that unpickles it after the parent's last reference is gone?",
        "If the parent keeps no reference to a Lock/Value/Queue passed in Process args (inline, or a local that goes "
        "out of scope after start()), does the child still get it, under each method?",
        "FileNotFoundError: [Errno 2] No such file or directory in SemLock._rebuild",
    ),
)
def dropped_value(ctx):
    gate_reader, gate_writer = ctx.Pipe(duplex=False)
    process = start_with_local(ctx, gate_reader)
    gate_writer.send("go")  # only now does the child unpickle the value
    process.join(LIMIT)
    for end in (gate_reader, gate_writer):
        end.close()
    if process.exitcode == 7:
        return yes()
    error = last_error(printed())
    if process.exitcode == 1 and error.startswith("FileNotFoundError"):
        return no("FileNotFoundError")
    raise RuntimeError("exit code %r %s" % (process.exitcode, error))


class Gate:
    """An argument whose unpickling waits for a message."""

    def __init__(self, connection):
        self.connection = connection

    def __getstate__(self):
        return self.connection

    def __setstate__(self, connection):
        connection.recv()


def start_with_local(ctx, connection):
    """Start a child with a Value that nobody else knows."""
    process = ctx.Process(target=end_with, args=(Gate(connection), ctx.Value("i", 7)))
    process.start()
    return process


def end_with(gate, number):
    """The child's exit code is the number."""
    os._exit(number.value)


if __name__ == "__main__":
    main()
