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
    "Can a Lock or Semaphore be asked whether it is taken, with locked()?",
    why=SINCE,
    do="Before, try acquire(block=False) and release it again.",
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
    "Can a Queue be subscripted in an annotation, multiprocessing.Queue[int]?",
    why="Without it an annotation must be a text, or the module fails to import.",
    do='Write "multiprocessing.Queue[int]" in quotes, or annotate multiprocessing.queues.Queue[int].',
    source=NEWS + "changelog.html",
    methods=(),
    asked=("TypeError: 'method' object is not subscriptable", "type hint for multiprocessing.Queue"),
)
def queue_subscript():
    return works(lambda: "int" in repr(multiprocessing().Queue[int]), TypeError)


@question(
    "Can the class multiprocessing.queues.Queue be subscripted, Queue[int]?",
    why="multiprocessing.Queue is a method and no class; this is the class that type checkers mean.",
    do="Put the annotation into quotes on older Pythons.",
    source=NEWS + "changelog.html",
    methods=(),
    asked=("TypeError: 'type' object is not subscriptable",),
)
def queue_class_subscript():
    import multiprocessing.queues

    return works(lambda: "int" in repr(multiprocessing.queues.Queue[int]), TypeError)


@question(
    "Is multiprocessing.Queue a class, for isinstance() and annotations?",
    why="Queue, Lock, Event, Pool and Manager are methods of the default context.",
    do="Use the classes: multiprocessing.queues.Queue, multiprocessing.synchronize.Lock, multiprocessing.pool.Pool.",
    source=REFERENCE + "Queue",
    methods=(),
    asked=(
        "TypeError: isinstance() arg 2 must be a type or tuple of types",
        "isinstance(x, multiprocessing.Queue)",
        "TypeError: method expected 2 arguments when subclassing multiprocessing.Queue",
    ),
)
def queue_is_class():
    queue = multiprocessing().Queue()
    try:
        return works(lambda: isinstance(queue, multiprocessing().Queue), TypeError)
    finally:
        queue.close()
        queue.join_thread()


@question(
    "Does repr() of an Event say whether it is set?",
    why="It helps to see in a log what a process waits for.",
    do="Log event.is_set() on older Pythons.",
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
    "Has ProcessPoolExecutor the methods terminate_workers() and kill_workers()?",
    why="They end tasks that would run for ever.",
    do="Before, end the processes in executor._processes yourself, or run the task in a Process of its own.",
    source=FUTURES + "ProcessPoolExecutor.terminate_workers",
    documented=since("3.14"),
    methods=(),
    asked=("AttributeError: 'ProcessPoolExecutor' object has no attribute 'terminate_workers'", "kill_workers"),
)
def terminate_workers():
    from concurrent.futures import ProcessPoolExecutor

    return works(lambda: callable(ProcessPoolExecutor.terminate_workers) and callable(ProcessPoolExecutor.kill_workers))


@question(
    "Has Process the method interrupt()?",
    why="It ends a child as Ctrl+C does: the child can tidy up.",
    do="Before, os.kill(process.pid, signal.SIGINT) on POSIX.",
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
    "Has ProcessPoolExecutor the parameter max_tasks_per_child?",
    why="It replaces workers that leak memory.",
    do="Before, use multiprocessing.Pool with maxtasksperchild.",
    source=FUTURES + "ProcessPoolExecutor",
    documented=since("3.11"),
    methods=(),
    asked=("TypeError: __init__() got an unexpected keyword argument 'max_tasks_per_child'",),
)
def max_tasks_per_child():
    from concurrent.futures import ProcessPoolExecutor

    return yes() if accepts(ProcessPoolExecutor, "max_tasks_per_child") else no("there is no such parameter")


@question(
    "Has Executor.shutdown() the parameter cancel_futures?",
    why="Without it a program waits at its end for all tasks that it has submitted.",
    do="Before, call cancel() of every future.",
    source=FUTURES + "Executor.shutdown",
    documented=since("3.9"),
    methods=(),
    asked=("TypeError: shutdown() got an unexpected keyword argument 'cancel_futures'",),
)
def cancel_futures():
    from concurrent.futures import ProcessPoolExecutor

    return yes() if accepts(ProcessPoolExecutor.shutdown, "cancel_futures") else no("there is no such parameter")


@question(
    "Has Executor.map() the parameter buffersize?",
    why="Without it map() takes all items at once, which an endless iterable does not survive.",
    do="Before, submit a few tasks at a time and wait for the first that is done.",
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
    "Has SharedMemory the parameter track?",
    why="track=False keeps the resource tracker from removing a block that another program owns.",
    do="Before, call multiprocessing.resource_tracker.unregister(shm._name, 'shared_memory') after attaching.",
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
    "Has set_forkserver_preload() the parameter on_error?",
    why="Failed preloads are silent, and every child imports the module again, or fails later.",
    do="Before, import the module once in the program itself to see whether it can be imported.",
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
    "Has BaseManager the parameter shutdown_timeout?",
    why="It says how long shutdown() waits for the manager's process before it ends it.",
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
    "Can a Manager make a set, manager.set()?",
    why="Without it a program needs a dictionary whose values mean nothing.",
    do="Before, use manager.dict(), or register set with BaseManager.register().",
    source=REFERENCE + "managers.SyncManager.set",
    documented=since("3.14"),
    methods=(),
    asked=("AttributeError: 'SyncManager' object has no attribute 'set'",),
)
def manager_set():
    from multiprocessing.managers import SyncManager

    return works(lambda: callable(SyncManager.set))


@question(
    "Have a Manager's lists the method clear()?",
    why="A proxy has only the methods that are listed for it.",
    do="Before: del proxy[:].",
    source=NEWS + "3.14.html#multiprocessing",
    documented=since("3.14"),
    methods=(),
    asked=("AttributeError: 'ListProxy' object has no attribute 'clear'",),
)
def manager_list_clear():
    from multiprocessing.managers import ListProxy

    return works(lambda: callable(ListProxy.clear))


@question(
    "Can a Manager's dictionaries be merged with the operator |?",
    why="A proxy has only the methods that are listed for it.",
    do="Before: proxy.update(other).",
    source=NEWS + "3.14.html#multiprocessing",
    documented=since("3.14"),
    methods=(),
    asked=("TypeError: unsupported operand type(s) for |: 'DictProxy' and 'dict'",),
)
def manager_dict_merge():
    from multiprocessing.managers import DictProxy

    return works(lambda: callable(DictProxy.__or__) and callable(DictProxy.__ior__), AttributeError)


@question(
    "Is a Manager's dictionary a MutableMapping for isinstance()?",
    why="Libraries that check for mappings refuse the proxy.",
    do="Copy it with dict(proxy) where a mapping is wanted.",
    source=NEWS + "3.14.html#multiprocessing",
    methods=(),
    asked=("isinstance(manager.dict(), Mapping)", "DictProxy is not a Mapping"),
)
def manager_dict_mapping():
    from collections.abc import MutableMapping
    from multiprocessing.managers import DictProxy

    return yes() if issubclass(DictProxy, MutableMapping) else no("DictProxy is not registered as one")


@question(
    "Is an unknown type code refused, Value('y', 1)?",
    why="Type codes are those of the array module; a wrong letter must not pass silently.",
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
    "Are the valid codes told when Value() or Array() is given a bad type code?",
    why="The old message, 'this type has no size', does not say what is wrong.",
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
    "Does Pool(maxtasksperchild=0) raise?",
    why="Zero tasks for each worker makes no sense; older Pythons took it for no limit.",
    do="Use None for no limit.",
    source=REFERENCE + "pool.Pool",
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
