"""Can locks and files be passed to a child as arguments, and how are arguments given?"""

import os
import threading

from _probe import (
    LIMIT,
    answer,
    can_use,
    describe,
    judged,
    main,
    no,
    question,
    run_child,
    run_process,
    scratch,
    value,
    yes,
)

PICKLABLE = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
METHODS = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
PROCESS = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process"
PICKLE = "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled"
# The start methods say that a forked child has all that its parent has; pickle lists what it can pickle.
RESOURCE = {"fork": "yes", "*": "no"}


def lock_works(lock):
    """The child can take and release what it got."""
    taken = lock.acquire(timeout=1)
    if taken:
        lock.release()
    return taken


@question(
    "Can a threading.Lock be passed as a Process argument?",
    why="Objects that hold a lock (clients, caches, loggers) often stop a program when its start method changes.",
    do="Pass a multiprocessing.Lock of the same context, or create the lock in the child. Under fork the child gets "
    "a copy that excludes no other process.",
    documented=RESOURCE,
    source=PICKLABLE,
    asked=(
        "Can a threading.Lock (or an object containing one) be passed as a Process argument under each method?",
        "TypeError: cannot pickle '_thread.lock' object",
        "TypeError: can't pickle _thread.lock objects",
        "Can an object that contains a threading.Lock be passed to a process?",
    ),
)
def threading_lock(ctx):
    return can_use(ctx, lock_works, threading.Lock())


@question(
    "Can a threading.RLock be passed as a Process argument?",
    why="Many library objects hold an RLock. Before Python 3.14 the error names its type only, and not the attribute "
    "that holds it.",
    do="Create the RLock in the child, or pass a multiprocessing.RLock of the same context.",
    documented=RESOURCE,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_thread.RLock' object",),
)
def threading_rlock(ctx):
    return can_use(ctx, lock_works, threading.RLock())


def condition_works(condition):
    """The child can enter it and notify nobody."""
    with condition:
        condition.notify_all()
    return True


@question(
    "Can a threading.Condition be passed as a Process argument?",
    why="A threading.Condition wakes only threads of its own process, so a copy in the child never hears from the "
    "parent.",
    do="Use a multiprocessing.Condition of the same context.",
    documented=RESOURCE,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_thread.RLock' object",),
)
def threading_condition(ctx):
    return can_use(ctx, condition_works, threading.Condition())


def event_works(event):
    """The child gets it unset, sets it, and sees it set."""
    before = event.is_set()
    event.set()
    return not before and event.wait(1)


@question(
    "Can a threading.Event be passed as a Process argument?",
    why="Stop flags are often threading events. Even where one can be passed, setting it in the parent does not "
    "reach the child.",
    do="Use a multiprocessing.Event of the same context, which is shared.",
    documented=RESOURCE,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_thread.lock' object", "stop event is never set in the child process"),
)
def threading_event(ctx):
    return can_use(ctx, event_works, threading.Event())


@question(
    "Can a threading.Semaphore be passed as a Process argument?",
    why="A threading.Semaphore limits only the threads of one process; a copy in each child limits nothing across "
    "processes.",
    do="Use a multiprocessing.Semaphore of the same context.",
    documented=RESOURCE,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_thread.lock' object",),
)
def threading_semaphore(ctx):
    return can_use(ctx, lock_works, threading.Semaphore(1))


def set_flag(flags):
    """The target of a thread."""
    flags.append(True)


def thread_works(thread, flags):
    """The child can start and join the thread that it got, and the thread ran; or says why not."""
    try:
        thread.start()
    except RuntimeError as error:
        own = threading.Thread(target=set_flag, args=([],))
        own.start()  # where no thread can be started at all, this raises: no answer
        own.join()
        return describe(error)
    thread.join(LIMIT)
    return flags == [True]


@question(
    "Can an unstarted threading.Thread be passed as a Process argument?",
    why="An object that creates its threads in __init__ works only where nothing is pickled, and in 3.13.0 to "
    "3.13.3 not even there. Here the child starts and joins the thread.",
    do="Create and start threads in the child.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=(
        "TypeError: cannot pickle '_thread._ThreadHandle' object",
        "TypeError: cannot pickle '_thread.lock' object",
        "RuntimeError: thread already started",
    ),
)
def thread(ctx):
    flags = []
    unstarted = threading.Thread(target=set_flag, args=(flags,))
    seen = run_child(ctx, thread_works, unstarted, flags)
    if seen.ok and isinstance(seen.returned, str):
        return no(seen.returned)
    return judged(ctx, seen)


def local_works(local):
    """The child finds the attribute that the parent's main thread had set."""
    return local.name == "parent"


@question(
    "Can a threading.local be passed as a Process argument?",
    why="Database and web libraries keep their connections in one, often as an attribute of an object that you pass.",
    do="Create the thread-local in the child, or leave it out in __getstate__.",
    documented=RESOURCE,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_thread._local' object",),
)
def thread_local(ctx):
    local = threading.local()
    local.name = "parent"
    return can_use(ctx, local_works, local)


def reads_line(file):
    """The child can read from the open file."""
    return file.read() in ("line", b"line")


def open_file(ctx, mode):
    """Ask with a file that holds one word, open for reading in this mode."""
    path = scratch("argument.txt")
    with open(path, "w") as file:
        file.write("line")
    try:
        with open(path, mode) as file:
            return can_use(ctx, reads_line, file)
    finally:
        os.remove(path)


@question(
    "Can a text file opened for reading be passed as a Process argument?",
    why="An open log or result file is a natural argument. Under fork, parent and child share its position.",
    do="Pass the path and open the file in the child.",
    documented=RESOURCE,
    source=METHODS,
    asked=("TypeError: cannot pickle '_io.TextIOWrapper' object", "TypeError: cannot pickle 'TextIOWrapper' instances"),
)
def text_file(ctx):
    return open_file(ctx, "r")


@question(
    "Can a binary file opened for reading be passed as a Process argument?",
    why="A binary file has no text layer, but it too is tied to a descriptor of this process.",
    do="Pass the path and open the file in the child.",
    documented=RESOURCE,
    source=METHODS,
    asked=(
        "TypeError: cannot pickle '_io.BufferedReader' object",
        "TypeError: cannot pickle 'BufferedReader' instances",
    ),
)
def binary_file(ctx):
    return open_file(ctx, "rb")


def digest(data):
    """Length and hash of what the child got."""
    import hashlib

    return [len(data), hashlib.sha256(data).hexdigest()]


@question(
    "Does a bytes argument of 16 MiB arrive intact in the child?",
    why="Large arguments cost time: fork copies nothing up front, the other methods send everything through a pipe.",
    do="Pass large data once per child instead of once per task, or put it into shared memory.",
    documented={"*": "yes"},
    source=PICKLE,
    asked=("Can a large array be passed to a child process?", "how large can Process args be"),
)
def large_bytes(ctx):
    data = bytes(bytearray(range(256))) * 65536
    seen = run_child(ctx, digest, data)
    if seen.ok and seen.returned == digest(data):
        return yes()
    return judged(ctx, seen, ())


def add_two(numbers):
    """Change the argument, and say what it is now."""
    numbers.append(2)
    return numbers


@question(
    "Does the parent see what a child appends to a list argument?",
    why="A list that the child fills stays empty in the parent, and no error is raised.",
    do="Send results back: a Queue, a Pipe, a pool's return value, or shared objects such as Value, Array and "
    "Manager proxies.",
    source="https://docs.python.org/3/library/multiprocessing.html#sharing-state-between-processes",
    asked=(
        "Is a change made by the child to an ordinary object (list/dict/attribute passed as argument, or"
        " a global) visible in the parent under any start method?",
        "list is empty after the process has ended",
        "multiprocessing changes to a dict are not visible in the parent",
        "Is a change made by the child to a list or dict passed as an argument visible in the parent?",
    ),
    wanted="either",
)
def mutation_seen_by_parent(ctx):
    numbers = [1]
    seen = run_child(ctx, add_two, numbers)
    if not (seen.ok and seen.returned == [1, 2]):
        return judged(ctx, seen, ())
    if numbers == [1, 2]:
        return yes("the parent's list is [1, 2]")
    return no("the child's list was [1, 2], the parent's is still %r" % (numbers,))


def answer_keyword(report, left=None, right=None):
    """Target that wants its arguments by name."""
    answer(report, [left, right] == ["a", "b"])


@question(
    "Can arguments be passed by keyword, with Process(kwargs={...})?",
    why="It lets you skip parameters with defaults. Keyword arguments are sent like all others.",
    do="Pass kwargs= a dictionary of named arguments, or use functools.partial.",
    documented={"*": "yes"},
    source=PROCESS,
    asked=("How do I pass keyword arguments to multiprocessing.Process?",),
)
def keyword_arguments(ctx):
    names = {"left": "a", "right": "b"}
    return judged(ctx, run_process(lambda path: ctx.Process(target=answer_keyword, args=(path,), kwargs=names)))


def take_one(name):
    """Target that wants one argument."""
    answer(os.environ["CANIFORK_REPORT"], name == "bob")


@question(
    'Does args=("bob") pass the string "bob" to the target?',
    why="Without a comma the parentheses make no tuple: the string is split into three characters here, and only the "
    "child fails.",
    do='Write args=("bob",) with the comma, or args=["bob"].',
    documented={"*": "no"},
    source=PROCESS,
    asked=(
        "TypeError: f() takes 1 positional argument but 3 were given",
        "multiprocessing args string split into characters",
    ),
    wanted="either",
)
def string_for_tuple(ctx):
    def make(report):
        os.environ["CANIFORK_REPORT"] = report
        return ctx.Process(target=take_one, args=("bob"))

    return judged(ctx, run_process(make), ("TypeError",))


@question(
    "Can the target be the first positional argument, as in Process(f)?",
    why="The first parameter is group, which exists only for compatibility with threading.Thread and must be None.",
    do="Always name it: Process(target=f).",
    documented={"*": "no"},
    source=PROCESS,
    methods=(),
    asked=("AssertionError: group argument must be None for now",),
    wanted="either",
)
def positional_target():
    import multiprocessing

    try:
        multiprocessing.Process(take_one)
    except AssertionError as error:
        return no(describe(error))
    return yes("accepted as group")


@question(
    "Which error does Process(target=f, agrs=(x,)) raise?",
    why="The constructor raises it before anything is started, so it is the same under every start method.",
    do="Read the name in the message: the keywords are target, name, args, kwargs and daemon.",
    source=PROCESS,
    methods=(),
    asked=(
        "TypeError: __init__() got an unexpected keyword argument 'agrs'",
        "TypeError: BaseProcess.__init__() got an unexpected keyword argument 'agrs'",
    ),
)
def misspelt_keyword():
    import multiprocessing

    try:
        multiprocessing.Process(target=take_one, agrs=(1,))
    except TypeError as error:
        return value(describe(error))
    return value("accepted")


if __name__ == "__main__":
    main()
