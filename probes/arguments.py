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
    why="Objects that carry a lock (clients, caches, loggers) are what stops most programs when the start method "
    "changes.",
    do="Pass a multiprocessing.Lock from the same context, or make the lock inside the child. "
    "Under fork the child gets a copy that locks nobody out.",
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
    why="An RLock hides in many library objects, and the error names its inner type rather than the attribute that "
    "holds it.",
    do="Make the RLock inside the child, or pass a multiprocessing.RLock of the same context.",
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
    why="A thread condition can only wake threads of its own process, so a copy in the child never hears from the "
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
    why="Stop flags are often thread events. Where the event can be passed, setting it in the parent still does not "
    "reach the child.",
    do="Use a multiprocessing.Event of the same context: it is shared.",
    documented=RESOURCE,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_thread.lock' object", "stop event is never set in the child process"),
)
def threading_event(ctx):
    return can_use(ctx, event_works, threading.Event())


@question(
    "Can a threading.Semaphore be passed as a Process argument?",
    why="A thread semaphore limits only the threads of one process, so a copy in each child limits nothing.",
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
    "Can a threading.Thread that was not started yet be passed as a Process argument and started in the child?",
    why="A worker object that prepares its threads in __init__ works only where nothing is pickled, "
    "and in 3.13.0 to 3.13.3 not even there.",
    do="Make and start threads inside the child.",
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
    why="Database and web libraries keep their connections in one, often as an attribute of the object you pass.",
    do="Make the thread-local in the child, or leave it out in __getstate__.",
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
    "Can an open text file be passed as a Process argument?",
    why="A log or result file opened in the parent is a natural argument. A forked child shares its position with "
    "the parent.",
    do="Pass the path and open the file in the child.",
    documented=RESOURCE,
    source=METHODS,
    asked=("TypeError: cannot pickle '_io.TextIOWrapper' object", "TypeError: cannot pickle 'TextIOWrapper' instances"),
)
def text_file(ctx):
    return open_file(ctx, "r")


@question(
    "Can a file opened in binary mode be passed as a Process argument?",
    why="A binary file has no text layer but is tied to a descriptor of this process all the same.",
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
    "Does a bytes argument of 16 MiB arrive whole in the child?",
    why="Large data is no matter of what is possible but of time: fork copies nothing, the other methods send it all "
    "through a pipe.",
    do="Pass large data once per child rather than per task, or put it into shared memory.",
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
    "Does the parent see a change that the child made to an argument?",
    why="A list that the child fills stays empty in the parent, without any error: the commonest surprise of all "
    "start methods.",
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
    "Can arguments be passed by name, with Process(kwargs={...})?",
    why="It is the way to skip defaults, and arguments by name go through pickle like all others.",
    do="Use kwargs= for a dictionary of named arguments, or functools.partial.",
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
    why="Without a comma the brackets make no tuple. The string is taken apart into characters, and only the child "
    "notices.",
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
    "Can the target be given as the first positional argument, Process(f)?",
    why="The first parameter is group, which exists only to look like threading.Thread and must be None.",
    do="Always name it: Process(target=f).",
    documented={"*": "no"},
    source=PROCESS,
    methods=(),
    asked=("AssertionError: group argument must be None for now",),
)
def positional_target():
    import multiprocessing

    try:
        multiprocessing.Process(take_one)
    except AssertionError as error:
        return no(describe(error))
    return yes("accepted as group")


@question(
    "What does Process(target=f, agrs=(x,)) say about the misspelt keyword?",
    why="The error comes from the constructor, before anything is started, so it is the same for every start method.",
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
