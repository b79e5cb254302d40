"""Which functions, methods and parameters does this Python's multiprocessing have?"""

import os
import sys
import threading

from _probe import LIMIT, Unavailable, describe, main, no, question, unavailable, yes

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
NEWS = "https://docs.python.org/3/whatsnew/"
SINCE = "Code that must run on several Pythons needs to know from which one on a feature is there."


def since(version, **others):
    """Documented answers of a feature that came with a version."""
    return dict(others, **{'python_version >= "%s"' % version: "yes", "*": "no"})


def works(call, *failures):
    """Answer yes if call() returns true, no if it raises one of the named exceptions (default AttributeError)."""
    try:
        result = call()
    except failures or AttributeError as error:
        return no(describe(error))
    if result is not True:
        raise RuntimeError("it returned %r" % (result,))
    return yes()


def multiprocessing():
    """The module, imported late."""
    import multiprocessing

    return multiprocessing


def started_manager():
    """A Manager that runs; Unavailable where there are no pipes, as under WASI."""
    if not hasattr(os, "pipe"):
        raise Unavailable("there is no os.pipe()")
    return multiprocessing().Manager()


@question(
    "Does multiprocessing.Lock have the method locked()?",
    why=SINCE,
    do="On older Pythons, try acquire(block=False) and release it again.",
    source=REFERENCE + "Lock.locked",
    documented=since("3.14"),
    methods=(),
    asked=(
        "AttributeError: 'Lock' object has no attribute 'locked'",
        "how to check if a multiprocessing.Lock is locked",
    ),
)
def lock_locked():
    def locked():
        lock = multiprocessing().Lock()
        free = lock.locked()
        lock.acquire()
        taken = lock.locked()
        lock.release()
        return (free, taken) == (False, True)

    return works(locked)


@question(
    "Can multiprocessing.Queue be subscripted, as in multiprocessing.Queue[int]?",
    why="Otherwise the annotation must be a string, or importing the module fails.",
    do='Write "multiprocessing.Queue[int]" in quotes, or annotate multiprocessing.queues.Queue[int].',
    source=NEWS + "changelog.html",
    methods=(),
    asked=("TypeError: 'method' object is not subscriptable", "type hint for multiprocessing.Queue"),
)
def queue_subscript():
    return works(lambda: "int" in repr(multiprocessing().Queue[int]), TypeError)


@question(
    "Can multiprocessing.queues.Queue be subscripted, as in Queue[int]?",
    why="multiprocessing.Queue is a method, not a class; this is the class that type checkers mean.",
    do="On older Pythons, put the annotation in quotes.",
    source=NEWS + "changelog.html",
    methods=(),
    asked=("TypeError: 'type' object is not subscriptable",),
)
def queue_class_subscript():
    import multiprocessing.queues

    return works(lambda: "int" in repr(multiprocessing.queues.Queue[int]), TypeError)


@question(
    "Does isinstance(x, multiprocessing.Queue) work?",
    why="Queue, Lock, Event, Pool and Manager are methods of the default context, not classes.",
    do="Use the classes: multiprocessing.queues.Queue, multiprocessing.synchronize.Lock, multiprocessing.pool.Pool.",
    source=REFERENCE + "Queue",
    methods=(),
    asked=(
        "TypeError: isinstance() arg 2 must be a type or tuple of types",
        "isinstance(x, multiprocessing.Queue)",
        "TypeError: method expected 2 arguments when subclassing multiprocessing.Queue",
    ),
    wanted="either",
)
def queue_is_class():
    queue = multiprocessing().Queue()
    try:
        return works(lambda: isinstance(queue, multiprocessing().Queue), TypeError)
    finally:
        queue.close()
        queue.join_thread()


@question(
    "Does repr() of an Event show whether it is set?",
    why="A log then shows what a process is waiting for.",
    do="On older Pythons, log event.is_set().",
    source=NEWS + "changelog.html",
    methods=(),
    asked=("repr of multiprocessing.Event",),
)
def event_repr():
    event = multiprocessing().Event()
    unset = repr(event)
    event.set()
    return yes() if (" unset" in unset and " set" in repr(event)) else no("it shows the class and the address only")


@question(
    "Does ProcessPoolExecutor have the methods terminate_workers() and kill_workers()?",
    why="They stop tasks that would never finish. Each is called here on an executor without workers, which then takes "
    "no task any more; executor.terminate_workers calls the first while a task runs.",
    do="On older Pythons, terminate the processes in executor._processes yourself, or run the task in a separate "
    "Process.",
    source=FUTURES + "ProcessPoolExecutor.terminate_workers",
    documented=since("3.14"),
    methods=(),
    asked=("AttributeError: 'ProcessPoolExecutor' object has no attribute 'terminate_workers'", "kill_workers"),
)
def terminate_workers():
    from concurrent.futures import ProcessPoolExecutor as Executor

    return works(lambda: closes(Executor, Executor.terminate_workers) and closes(Executor, Executor.kill_workers))


def closes(executor_class, method):
    """Whether an executor takes no task any more after a method was called."""
    executor = executor_class(1)
    method(executor)
    try:
        executor.submit(int)
    except RuntimeError:
        return True
    executor.shutdown()
    return False


@question(
    "Does Process have a method interrupt() that raises KeyboardInterrupt in a child?",
    why="It sends SIGINT, as Ctrl+C does, so that the child can clean up. On Windows the method is there, and fails.",
    do="On older Pythons, use os.kill(process.pid, signal.SIGINT) on POSIX.",
    source=REFERENCE + "Process.interrupt",
    documented={'sys_platform != "win32" and python_version >= "3.14"': "yes", 'python_version < "3.14"': "no"},
    methods=(),
    asked=("AttributeError: 'Process' object has no attribute 'interrupt'",),
)
def process_interrupt():
    return works(lambda: interrupts(multiprocessing().Process.interrupt))


def interrupts(method):
    """Whether a method that is called on a running child raises KeyboardInterrupt in it."""
    import signal

    runs = multiprocessing().Event()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background may ignore it
    process = multiprocessing().Process(target=wait_for_interrupt, args=(runs,))
    process.start()
    try:
        if not runs.wait(LIMIT):
            raise RuntimeError("the child does not run")
        method(process)
    except BaseException:
        process.kill()
        raise
    finally:
        process.join(LIMIT)
    return process.exitcode == 7


def wait_for_interrupt(runs):
    """The child says that it runs, and ends with 7 if it is interrupted."""
    try:
        runs.set()
        threading.Event().wait(LIMIT)
    except KeyboardInterrupt:
        sys.exit(7)


def takes(call):
    """Answer yes if call() returns, no if it raises TypeError: there is no such parameter."""
    try:
        call()
    except TypeError as error:
        return no(describe(error))
    return yes()


@question(
    "Does ProcessPoolExecutor() have the parameter max_tasks_per_child?",
    why="It replaces workers that leak memory. Here an executor is made with it, and runs no task: some Pythons leave "
    "tasks waiting (executor.workers_replaced).",
    do="On older Pythons, use multiprocessing.Pool with maxtasksperchild.",
    source=FUTURES + "ProcessPoolExecutor",
    documented=since("3.11"),
    methods=(),
    asked=("TypeError: __init__() got an unexpected keyword argument 'max_tasks_per_child'",),
)
def max_tasks_per_child():
    from concurrent.futures import ProcessPoolExecutor

    return takes(lambda: ProcessPoolExecutor(1, max_tasks_per_child=1).shutdown())


@question(
    "Does ProcessPoolExecutor.shutdown() have the parameter cancel_futures?",
    why="Without it, a program waits at exit for every task that it has submitted. Here an executor without tasks is "
    "shut down with it; executor.cancel_futures has tasks that wait.",
    do="On older Pythons, call cancel() on every future.",
    source=FUTURES + "Executor.shutdown",
    documented=since("3.9"),
    methods=(),
    asked=("TypeError: shutdown() got an unexpected keyword argument 'cancel_futures'",),
)
def cancel_futures():
    from concurrent.futures import ProcessPoolExecutor

    return takes(lambda: ProcessPoolExecutor(1).shutdown(cancel_futures=True))


@question(
    "Does ProcessPoolExecutor.map() have the parameter buffersize?",
    why="Without it, map() reads the whole iterable first and never returns for an endless one.",
    do="On older Pythons, submit a few tasks at a time and wait for the first to finish.",
    source=FUTURES + "Executor.map",
    documented=since("3.14"),
    methods=(),
    asked=("TypeError: map() got an unexpected keyword argument 'buffersize'",),
)
def map_buffersize():
    from concurrent.futures import ProcessPoolExecutor

    try:
        with ProcessPoolExecutor(1) as executor:
            list(executor.map(int, [], buffersize=1))  # no item: no process is started
    except TypeError as error:
        return no(describe(error))
    except (ImportError, NotImplementedError, OSError) as error:
        return unavailable(describe(error))
    return yes()


@question(
    "Does SharedMemory() have the parameter track?",
    why="track=False keeps the resource tracker from removing a block that another program owns. Here a block is made "
    "with it, used and removed; tracker.untracked looks at what the tracker does.",
    do="On older Pythons, call multiprocessing.resource_tracker.unregister(shm._name, 'shared_memory') after "
    "attaching, but not in a child of multiprocessing: it shares its parent's tracker.",
    source="https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory.SharedMemory",
    documented=since("3.13"),
    methods=(),
    asked=("TypeError: SharedMemory.__init__() got an unexpected keyword argument 'track'",),
)
def shared_memory_track():
    try:
        from multiprocessing.shared_memory import SharedMemory
    except ImportError as error:
        return unavailable(describe(error))

    def use():
        block = SharedMemory(create=True, size=1, track=False)
        block.buf[0] = 7
        block.close()
        block.unlink()

    return takes(use)


@question(
    "Does set_forkserver_preload() have the parameter on_error?",
    why="Without it a failed preload is silent: every child imports the module itself, or fails later. Here it is set, "
    "with no module; preload.on_error sees what it does.",
    do="On older Pythons, import the module once in the program to see whether it can be imported.",
    source=REFERENCE + "set_forkserver_preload",
    documented=since("3.15"),
    methods=(),
    asked=("TypeError: set_forkserver_preload() got an unexpected keyword argument 'on_error'",),
)
def preload_on_error():
    return takes(lambda: multiprocessing().get_context().set_forkserver_preload([], on_error="warn"))


@question(
    "Does BaseManager() have the parameter shutdown_timeout?",
    why="It sets how long shutdown() waits for the manager's process before it terminates it. Here a manager is made "
    "with it, and not started.",
    do="Nothing on older Pythons: shutdown() waits one second.",
    source=REFERENCE + "managers.BaseManager",
    documented=since("3.11"),
    methods=(),
    asked=("TypeError: BaseManager.__init__() got an unexpected keyword argument 'shutdown_timeout'",),
)
def manager_timeout():
    from multiprocessing.managers import BaseManager

    return takes(lambda: BaseManager(shutdown_timeout=0.5))


@question(
    "Does a Manager have the method set()?",
    why="It makes a shared set; without it, a program uses a dict and ignores its values.",
    do="On older Pythons, use manager.dict(), or register set with BaseManager.register().",
    source=REFERENCE + "managers.SyncManager.set",
    documented=since("3.14"),
    methods=(),
    asked=("AttributeError: 'SyncManager' object has no attribute 'set'",),
)
def manager_set():
    from multiprocessing.managers import SyncManager

    def use(method):
        with started_manager() as manager:
            shared = method(manager, [1, 2])
            return len(shared) == 2 and 2 in shared

    return works(lambda: use(SyncManager.set))


@question(
    "Does manager.list() have the method clear()?",
    why="A proxy has only the methods that are exposed for its type.",
    do="On older Pythons, use del proxy[:].",
    source=NEWS + "3.14.html#multiprocessing",
    documented=since("3.14"),
    methods=(),
    asked=("AttributeError: 'ListProxy' object has no attribute 'clear'",),
)
def manager_list_clear():
    from multiprocessing.managers import ListProxy

    def use(method):
        with started_manager() as manager:
            shared = manager.list([1, 2])
            method(shared)
            return len(shared) == 0

    return works(lambda: use(ListProxy.clear))


@question(
    "Does manager.dict() have the operators | and |=?",
    why="A proxy has only the methods that are exposed for its type.",
    do="On older Pythons, use proxy.update(other).",
    source=NEWS + "3.14.html#multiprocessing",
    documented=since("3.14"),
    methods=(),
    asked=("TypeError: unsupported operand type(s) for |: 'DictProxy' and 'dict'",),
)
def manager_dict_merge():
    from multiprocessing.managers import DictProxy

    def use(_):
        with started_manager() as manager:
            shared = manager.dict(a=1)
            merged = shared | {"b": 2}
            shared |= {"c": 3}
            return merged == {"a": 1, "b": 2} and shared.copy() == {"a": 1, "c": 3}

    return works(lambda: use(DictProxy.__ior__))  # | would be found in every class: it makes unions of types


@question(
    "Is the class of manager.dict() a MutableMapping?",
    why="Libraries that check for a mapping reject the proxy otherwise.",
    do="Where it is not, pass a copy: proxy.copy().",
    source="https://docs.python.org/3.14/whatsnew/changelog.html#python-3-14-0-alpha-2",
    documented={'python_version >= "3.14"': "yes"},
    methods=(),
    asked=("isinstance(manager.dict(), Mapping)", "DictProxy is not a Mapping"),
)
def manager_dict_mapping():
    from collections.abc import MutableMapping
    from multiprocessing.managers import DictProxy

    return yes() if issubclass(DictProxy, MutableMapping) else no("DictProxy is not registered as one")


@question(
    "Does RawValue('y', 1), with an unknown type code, raise TypeError?",
    why="Type codes are those of the array module; a wrong letter must not pass unnoticed.",
    do="Use a type of ctypes, Value(ctypes.c_int), or one of the codes of the array module.",
    source=REFERENCE + "Value",
    methods=(),
    asked=("TypeError: this type has no size", "TypeError: bad typecode (must be one of"),
)
def bad_type_code():
    try:
        multiprocessing().RawValue("y", 1)
    except TypeError as error:
        return yes(describe(error))
    return no("it was accepted")


@question(
    "Does the error of RawArray('y', 1) list the valid type codes?",
    why="The old message, 'this type has no size', does not say what is wrong. The probe looks for b, h, i, l, q, f "
    "and d.",
    do="See the table of type codes of the array module.",
    source=NEWS + "changelog.html",
    methods=(),
    asked=("multiprocessing Value typecode error message",),
)
def type_codes_told():
    import re

    try:
        multiprocessing().RawArray("y", 1)
    except TypeError as error:
        told = set("bhilqfd") <= set(re.findall(r"\b[a-zA-Z]\b", str(error)))
        return yes(describe(error)) if told else no(describe(error))
    raise RuntimeError("it was accepted")


@question(
    "Does Pool's constructor raise ValueError for maxtasksperchild=0?",
    why="Zero tasks per worker make no sense. Where it does not raise, each worker fails at once, and no task is ever "
    "done.",
    do="Use None for no limit.",
    source="https://docs.python.org/3.12/whatsnew/changelog.html#python-3-12-0-alpha-1",
    documented={'python_version >= "3.12"': "yes"},
    methods=(),
    asked=("ValueError: maxtasksperchild must be a positive int or None",),
)
def zero_tasks():
    try:
        pool = multiprocessing().Pool(1, maxtasksperchild=0)
    except ValueError as error:
        return yes(describe(error))
    pool.terminate()
    pool.join()
    return no("a pool was made")


if __name__ == "__main__":
    main()
