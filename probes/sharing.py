"""By which ways can locks, queues and connections be handed to another process?"""

import os
import sys

from _probe import LIMIT, asset, describe, judged, main, no, question, raise_unexpected, run_child, unavailable, yes

CONTEXTS = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
GUIDELINES = "https://docs.python.org/3/library/multiprocessing.html#all-start-methods"
SPAWN = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
INHERITANCE = (
    "RuntimeError: Lock objects should only be shared between processes through inheritance",
    "RuntimeError: Queue objects should only be shared between processes through inheritance",
    "RuntimeError: SemLock objects should only be shared between processes through inheritance",
)
FOREIGN = (
    "RuntimeError: A SemLock created in a fork context is being shared with a process in a spawn context. "
    "This is not supported. Please use the same context to create multiprocessing objects and Process.",
)

shared_lock = None  # set under the guard by lock_as_global


def release_held(lock):
    """The child cannot take what the parent holds, but it can release it."""
    if lock.acquire(False):
        return "taken"
    lock.release()
    return True


def still_shared(ctx, function, lock, thing):
    """Answer yes if function(thing) in the child releases the lock that this process holds."""
    lock.acquire()
    seen = run_child(ctx, function, thing)
    if seen.ok and seen.returned is True and lock.acquire(False):
        return yes()
    raise_unexpected(ctx, seen)


def refused(action, *args):
    """A `no` if the action raises what multiprocessing raises for objects that must be inherited; else None."""
    try:
        action(*args)
    except RuntimeError as error:
        if "inheritance" not in str(error):  # such as "can't start new thread"
            raise
        return no(describe(error))
    return None


@question(
    "Can a multiprocessing.Lock be pickled with pickle.dumps()?",
    why="Its pickle is meant only for a process that is being started: anywhere else nobody keeps the named "
    "semaphore alive.",
    do="Pass it as a Process argument or in a pool's initargs.",
    source=GUIDELINES,
    asked=INHERITANCE,
)
def lock_in_pickle(ctx):
    import pickle

    return refused(pickle.dumps, ctx.Lock()) or yes()


@question(
    "Can a multiprocessing.Lock be sent over a multiprocessing.Pipe()?",
    why="A lock can be handed over only while a child is being started.",
    do="Make all locks first and pass them when the child starts, or use a Manager's Lock, which can be sent.",
    source=GUIDELINES,
    asked=INHERITANCE,
)
def lock_through_pipe(ctx):
    ours, theirs = ctx.Pipe()
    lock = ctx.Lock()
    with ours, theirs:
        refusal = refused(ours.send, lock)
        if refusal:
            return refusal
        lock.acquire()
        if release_held(theirs.recv()) is True and lock.acquire(False):
            return yes()
        raise RuntimeError("what came out of the pipe is another lock")


def put_item(queue):
    """A pool's task."""
    queue.put("item")


@question(
    "Can a multiprocessing.Queue be an argument of a Pool task?",
    why="Tasks are sent to workers that run already, so that this fails under every start method, fork included.",
    do="Pass the queue with Pool(initializer=…, initargs=(queue,)), or use Manager().Queue().",
    source=GUIDELINES,
    asked=INHERITANCE,
)
def queue_in_pool_task(ctx):
    queue = ctx.Queue()
    with ctx.Pool(1) as pool:
        result = pool.apply_async(put_item, (queue,))
        refusal = refused(result.get, LIMIT)
        if refusal:
            return refusal
        if queue.get(timeout=LIMIT) == "item":
            return yes()
        raise RuntimeError("the worker's queue is another one")


def keep_lock(lock):
    """A pool's initializer."""
    global shared_lock
    shared_lock = lock


def release_kept():
    """A pool's task that uses the lock of the initializer."""
    return release_held(shared_lock)


@question(
    "Can a multiprocessing.Lock be passed to Pool workers through initargs?",
    why="It is the way for locks, queues and values to reach pool workers: arguments of tasks cannot carry them.",
    do="Let the initializer store it in a global of the module, and use that global in the tasks.",
    source="https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.pool",
    asked=INHERITANCE + ("share a lock between pool workers",),
)
def lock_in_pool_initializer(ctx):
    lock = ctx.Lock()
    lock.acquire()
    with ctx.Pool(1, initializer=keep_lock, initargs=(lock,)) as pool:
        released = pool.apply_async(release_kept).get(LIMIT)
    if released is True and lock.acquire(False):
        return yes()
    raise RuntimeError("the worker's lock is another one: %r" % (released,))


@question(
    "Can a Manager's Lock be an argument of a Pool task?",
    why="It is a proxy that knows only an address, so that it can be pickled anywhere; each call costs a round trip.",
    do="Use it where a lock must travel with a task; prefer the pool's initializer where speed matters.",
    source="https://docs.python.org/3/library/multiprocessing.html#proxy-objects",
    documented={"*": "yes"},
    asked=INHERITANCE,
)
def manager_lock_in_pool_task(ctx):
    with ctx.Manager() as manager:
        lock = manager.Lock()
        lock.acquire()
        with ctx.Pool(1) as pool:
            released = pool.apply_async(release_held, (lock,)).get(LIMIT)
        if released is True and lock.acquire(False):
            return yes()
    raise RuntimeError("the worker's lock is another one: %r" % (released,))


def use_received(connection):
    """The child gets a connection over a connection, and uses it."""
    with connection.recv() as received:
        received.send("child")
    return True


@question(
    "Can a connection be sent over another connection to a running child?",
    why="Unlike locks, pipe ends and sockets can be sent later: a thread in the sender hands the descriptor "
    "over on request.",
    do="Keep the sender alive until the connection has been received.",
    documented={"*": "yes"},
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection",
    asked=("send a Connection through a Queue", "pass a socket to a running process"),
)
def connection_through_pipe(ctx):
    ours, theirs = ctx.Pipe()
    kept, sent = ctx.Pipe()
    got = []

    def talk():
        ours.send(sent)
        got.append(kept.recv() if kept.poll(LIMIT) else None)

    with ours, theirs, kept, sent:
        seen = run_child(ctx, use_received, theirs, meanwhile=talk)
        if seen.ok and got == ["child"]:
            return yes()
        raise_unexpected(ctx, seen)


def foreign_lock(ctx, lock):
    """Answer whether a lock that may belong to another context is shared with a child of this context."""
    no_core_dumps()
    lock.acquire()
    seen = run_child(ctx, release_held, lock, timeout=LIMIT)
    if seen.stage == "start" and isinstance(seen.exception, RuntimeError):
        return no(seen.error)
    if seen.ok and seen.returned is True and lock.acquire(False):
        return yes()
    # Before the refusal was built in, the child took an address of the parent's memory for its lock.
    if seen.stage == "done" or (seen.stage == "child" and crashed(seen.exitcode)):
        return no(
            "start() succeeded, but the child crashed or used other memory as its lock",
            exitcode=seen.exitcode,
            raised=seen.error,
        )
    raise_unexpected(ctx, seen)


def crashed(exitcode):
    """Whether a bad access to memory ended the process, and not somebody who killed it."""
    import signal

    return -exitcode in [getattr(signal, name, None) for name in ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL")]


def no_core_dumps():
    """A crash may be the answer: it shall leave no file."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def lock_of(method):
    """A lock of the method's context."""
    import multiprocessing

    return multiprocessing.get_context(method).Lock()


@question(
    "Can a Lock of the fork context be passed to a child of this start method?",
    why="Such a lock has no name, so that only a forked child can use it. Before 3.11.5 the child crashed or "
    "used other memory as its lock; since then start() refuses.",
    do="Make the lock from the same context as the process: ctx = get_context(…); ctx.Lock(); ctx.Process().",
    documented={'sys_platform == "win32"': "unavailable", "fork": "yes", "*": "no"},
    source=CONTEXTS,
    asked=FOREIGN
    + (
        "Segmentation fault when passing a lock to a spawned process",
        "Barrier, Event or Condition of another context crashes the child",
    ),
)
def fork_context_lock(ctx):
    try:
        lock = lock_of("fork")
    except ValueError as error:
        return unavailable(describe(error))
    return foreign_lock(ctx, lock)


@question(
    "Can a Lock of the spawn context be passed to a child of this start method?",
    why="It has a name as long as the lock exists, by which children of every start method can open it.",
    do="If a library cannot know the start method of its users, get_context('spawn').Lock() is the one that fits.",
    source=CONTEXTS,
    asked=("mix start methods multiprocessing lock", "lock for both fork and spawn processes"),
)
def spawn_context_lock(ctx):
    return foreign_lock(ctx, lock_of("spawn"))


@question(
    "Can a Lock of the default context be passed to a child of this start method?",
    why="multiprocessing.Lock and Queue belong to the default context. With get_context('spawn').Process they "
    "fail wherever fork is the default.",
    do="Take everything from one context object, or set the default with set_start_method().",
    documented={
        'spawn; sys_platform == "linux" and python_version < "3.14"': "no",
        'forkserver; sys_platform == "linux" and python_version < "3.14"': "no",
    },
    source=CONTEXTS,
    asked=FOREIGN,
)
def default_context_lock(ctx):
    import multiprocessing

    return foreign_lock(ctx, multiprocessing.Lock())


def has_lock():
    """The child looks for the lock in its global."""
    return "None" if shared_lock is None else release_held(shared_lock)


@question(
    "Can a child use a Lock in a module global that the parent set under the guard?",
    why="Only a forked child has the parent's globals. The others have what the module sets at import, such as None.",
    do="Pass the lock as an argument.",
    documented={"fork": "yes", "spawn": "no", "forkserver": "no"},
    source=GUIDELINES,
    asked=(
        "AttributeError: __enter__",
        "TypeError: 'NoneType' object does not support the context manager protocol",
        "NameError: name 'lock' is not defined in child process",
    ),
)
def lock_as_global(ctx):
    keep_lock(ctx.Lock())
    shared_lock.acquire()
    seen = run_child(ctx, has_lock)
    if seen.ok and seen.returned == "None":
        return no("the child's global is None")
    if seen.ok and seen.returned is True and shared_lock.acquire(False):
        return yes()
    raise_unexpected(ctx, seen)


def take_module_lock():
    """The child imports the module with the lock, or has it already."""
    from sharing_module_lock import lock

    return release_held(lock)


@question(
    "Is a Lock made at a module's top level one lock for parent and child?",
    why="A child that imports the module anew makes a lock of its own. Nothing fails, and nothing is locked.",
    do="Make the lock under the guard and pass it as an argument.",
    documented={"fork": "yes"},
    source=GUIDELINES,
    asked=("global multiprocessing lock does not lock on Windows", "module level Lock not shared with spawn"),
)
def lock_at_module_level(ctx):
    import multiprocessing

    multiprocessing.set_start_method(ctx.get_start_method())
    sys.path.insert(0, os.path.dirname(asset("sharing_module_lock.py")))
    from sharing_module_lock import lock

    lock.acquire()
    seen = run_child(ctx, take_module_lock)
    if seen.ok and seen.returned == "taken":
        return no("the child could take the lock while the parent held it")
    if seen.ok and seen.returned is True and lock.acquire(False):
        return yes()
    raise_unexpected(ctx, seen)


class Account:
    """An object that has a multiprocessing lock."""

    def __init__(self, lock):
        self.lock = lock

    def release(self):
        """A method that uses it."""
        return release_held(self.lock)


def call_release(things):
    """The child finds the object in a container and calls its method."""
    return things["account"][0].release()


@question(
    "Is a Lock deep inside an argument (dict, list, object) one lock for parent and child?",
    why="Everything that the arguments refer to is pickled while the child is being started, so that the lock "
    "may be as deep as you like.",
    do="Keep the lock in your object if the object is passed at the start; do not send that object later.",
    source=SPAWN,
    documented={"fork": "yes"},
    asked=("class with multiprocessing lock attribute",),
)
def lock_in_object(ctx):
    lock = ctx.Lock()
    return still_shared(ctx, call_release, lock, {"account": [Account(lock)]})


def all_ended(connections):
    """The child reads from every connection: all the other ends are closed."""
    ended = 0
    for connection in connections:
        try:
            connection.recv()
        except EOFError:
            ended += 1
    return ended == 300


@question(
    "Can 300 connections be passed to one child?",
    why="The fork server takes at most 256 descriptors, less those it needs itself; the other methods have no "
    "such limit.",
    do="Pass fewer, or send the rest over a connection after the start.",
    source="https://docs.python.org/3/library/multiprocessing.html#connection-objects",
    asked=("ValueError: too many fds",),
)
def many_connections(ctx):
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < 1000:
            resource.setrlimit(resource.RLIMIT_NOFILE, (1000, hard))
    except ImportError:
        pass
    except (ValueError, OSError) as error:
        return unavailable(describe(error))
    readers = []
    try:
        for _ in range(300):
            reader, writer = ctx.Pipe(False)
            writer.close()
            readers.append(reader)
        return judged(ctx, run_child(ctx, all_ended, readers), ("ValueError",))
    finally:
        for reader in readers:
            reader.close()


if __name__ == "__main__":
    main()
