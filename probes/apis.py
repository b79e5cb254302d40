"""Which functions, methods and parameters does this Python's multiprocessing have?"""

from _probe import describe, main, no, question, unavailable, yes

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
    why="They stop tasks that would never finish. Only their presence is checked here; executor.terminate_workers "
    "calls the first.",
    do="On older Pythons, terminate the processes in executor._processes yourself, or run the task in a separate "
    "Process.",
    source=FUTURES + "ProcessPoolExecutor.terminate_workers",
    documented=since("3.14"),
    methods=(),
    asked=("AttributeError: 'ProcessPoolExecutor' object has no attribute 'terminate_workers'", "kill_workers"),
)
def terminate_workers():
    from concurrent.futures import ProcessPoolExecutor

    return works(lambda: callable(ProcessPoolExecutor.terminate_workers) and callable(ProcessPoolExecutor.kill_workers))


@question(
    "Does Process have the method interrupt()?",
    why="It sends SIGINT, as Ctrl+C does, so that the child can clean up. Only its presence is checked here; "
    "exits.finally_at_interrupt calls it.",
    do="On older Pythons, use os.kill(process.pid, signal.SIGINT) on POSIX.",
    source=REFERENCE + "Process.interrupt",
    documented=since("3.14"),
    methods=(),
    asked=("AttributeError: 'Process' object has no attribute 'interrupt'",),
)
def process_interrupt():
    return works(lambda: callable(multiprocessing().Process.interrupt))


def accepts(function, name):
    """Whether a function has a parameter of that name."""
    import inspect

    return name in inspect.signature(function).parameters


@question(
    "Does ProcessPoolExecutor() have the parameter max_tasks_per_child?",
    why="It replaces workers that leak memory. Only its presence is checked here: some Pythons have it, and still "
    "leave tasks waiting (executor.workers_replaced).",
    do="On older Pythons, use multiprocessing.Pool with maxtasksperchild.",
    source=FUTURES + "ProcessPoolExecutor",
    documented=since("3.11"),
    methods=(),
    asked=("TypeError: __init__() got an unexpected keyword argument 'max_tasks_per_child'",),
)
def max_tasks_per_child():
    from concurrent.futures import ProcessPoolExecutor

    return yes() if accepts(ProcessPoolExecutor, "max_tasks_per_child") else no("there is no such parameter")


@question(
    "Does ProcessPoolExecutor.shutdown() have the parameter cancel_futures?",
    why="Without it, a program waits at exit for every task that it has submitted. Only its presence is checked here; "
    "executor.cancel_futures uses it.",
    do="On older Pythons, call cancel() on every future.",
    source=FUTURES + "Executor.shutdown",
    documented=since("3.9"),
    methods=(),
    asked=("TypeError: shutdown() got an unexpected keyword argument 'cancel_futures'",),
)
def cancel_futures():
    from concurrent.futures import ProcessPoolExecutor

    return yes() if accepts(ProcessPoolExecutor.shutdown, "cancel_futures") else no("there is no such parameter")


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
    why="track=False keeps the resource tracker from removing a block that another program owns. Only its presence is "
    "checked here; tracker.untracked uses it.",
    do="On older Pythons, call multiprocessing.resource_tracker.unregister(shm._name, 'shared_memory') after "
    "attaching.",
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
    return yes() if accepts(SharedMemory, "track") else no("there is no such parameter")


@question(
    "Does set_forkserver_preload() have the parameter on_error?",
    why="Without it a failed preload is silent: every child imports the module itself, or fails later. Only its "
    "presence is checked here; preload.on_error uses it.",
    do="On older Pythons, import the module once in the program to see whether it can be imported.",
    source=REFERENCE + "set_forkserver_preload",
    documented=since("3.15"),
    methods=(),
    asked=("TypeError: set_forkserver_preload() got an unexpected keyword argument 'on_error'",),
)
def preload_on_error():
    import multiprocessing.context

    named = accepts(multiprocessing.context.BaseContext.set_forkserver_preload, "on_error")
    return yes() if named else no("there is no such parameter")


@question(
    "Does BaseManager() have the parameter shutdown_timeout?",
    why="It sets how long shutdown() waits for the manager's process before it terminates it. Only its presence is "
    "checked; no manager is started.",
    do="Nothing on older Pythons: shutdown() waits one second.",
    source=REFERENCE + "managers.BaseManager",
    documented=since("3.11"),
    methods=(),
    asked=("TypeError: BaseManager.__init__() got an unexpected keyword argument 'shutdown_timeout'",),
)
def manager_timeout():
    from multiprocessing.managers import BaseManager

    return yes() if accepts(BaseManager, "shutdown_timeout") else no("there is no such parameter")


@question(
    "Does SyncManager, the class of a Manager, have the method set()?",
    why="It makes a shared set; without it, a program uses a dict and ignores its values. No manager is started here.",
    do="On older Pythons, use manager.dict(), or register set with BaseManager.register().",
    source=REFERENCE + "managers.SyncManager.set",
    documented=since("3.14"),
    methods=(),
    asked=("AttributeError: 'SyncManager' object has no attribute 'set'",),
)
def manager_set():
    from multiprocessing.managers import SyncManager

    return works(lambda: callable(SyncManager.set))


@question(
    "Does ListProxy, the class of manager.list(), have the method clear()?",
    why="A proxy has only the methods that are exposed for its type. No manager is started here.",
    do="On older Pythons, use del proxy[:].",
    source=NEWS + "3.14.html#multiprocessing",
    documented=since("3.14"),
    methods=(),
    asked=("AttributeError: 'ListProxy' object has no attribute 'clear'",),
)
def manager_list_clear():
    from multiprocessing.managers import ListProxy

    return works(lambda: callable(ListProxy.clear))


@question(
    "Does DictProxy, the class of manager.dict(), have the operators | and |=?",
    why="A proxy has only the methods that are exposed for its type. No manager is started here.",
    do="On older Pythons, use proxy.update(other).",
    source=NEWS + "3.14.html#multiprocessing",
    documented=since("3.14"),
    methods=(),
    asked=("TypeError: unsupported operand type(s) for |: 'DictProxy' and 'dict'",),
)
def manager_dict_merge():
    from multiprocessing.managers import DictProxy

    return works(lambda: callable(DictProxy.__or__) and callable(DictProxy.__ior__), AttributeError)


@question(
    "Is the class of manager.dict() a MutableMapping?",
    why="Libraries that check for a mapping reject the proxy otherwise.",
    do="Where it is not, pass a copy: dict(proxy).",
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
    "Does Pool's constructor raise ValueError for maxtasksperchild=0 (tested with a ThreadPool)?",
    why="Zero tasks per worker make no sense. Where it does not raise, each worker fails at once, and no task is ever "
    "done. The workers are threads here: the check is in Pool's constructor, before any process.",
    do="Use None for no limit.",
    source="https://docs.python.org/3.12/whatsnew/changelog.html#python-3-12-0-alpha-1",
    documented={'python_version >= "3.12"': "yes"},
    methods=(),
    asked=("ValueError: maxtasksperchild must be a positive int or None",),
)
def zero_tasks():
    from multiprocessing.pool import ThreadPool

    class Checked(ThreadPool):
        """A pool whose workers are threads, and which takes the parameter of Pool: the check is the same."""

        def __init__(self):
            from multiprocessing.pool import Pool

            Pool.__init__(self, 1, None, (), 0)

    try:
        pool = Checked()
    except ValueError as error:
        return yes(describe(error))
    pool.terminate()
    pool.join()  # its threads fail and print; who still does at the interpreter's end makes that abort
    return no("a pool was made")


if __name__ == "__main__":
    main()
