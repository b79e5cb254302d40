"""What may one do with the proxies of a multiprocessing Manager?"""

import os
import re
import threading

from _os_fork import forked
from _probe import (
    LIMIT,
    asset,
    describe,
    judged,
    main,
    no,
    printed,
    question,
    raise_unexpected,
    run_child,
    run_process,
    scratch,
    wait_until,
    yes,
)
from _tasks import note, refusals, report

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers."
PROXIES = "https://docs.python.org/3/library/multiprocessing.html#proxy-objects"
SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/managers.py"
PICKLED = ("spawn", "forkserver")


class Gate:
    """An argument whose unpickling waits for a file."""

    def __init__(self, path):
        self.path = path

    def __getstate__(self):
        return self.path

    def __setstate__(self, path):
        self.path = path
        if not wait_until(lambda: os.path.exists(path), LIMIT):
            raise RuntimeError("no file")


def number_of(shared):
    """What a managed dictionary holds."""
    return shared["number"]


@question(
    "Does Manager().dict() made inside args=(…), and kept nowhere else, reach a child that starts slowly?",
    why="start() drops its references to the arguments. The manager then deletes the object, since no proxy is left, "
    "and the child that unpickles its proxy later finds nothing. PyPy drops a proxy when it collects garbage, as it is "
    "made to here.",
    do="Keep the proxy in a variable until the child has begun.",
    source=PROXIES,
    methods=PICKLED,  # a forked child has the proxy at once, and races with its parent
    asked=("KeyError in multiprocessing managers incref", "RemoteError: KeyError in Server.incref"),
)
def made_in_arguments(ctx):
    import gc

    path = scratch("go")

    def drop():
        gc.collect()
        gc.collect()
        wait_until(lambda: manager._number_of_objects() == kept, LIMIT / 10)
        open(path, "w").close()

    with ctx.Manager() as manager:
        kept = manager._number_of_objects()

        def make(report):
            return ctx.Process(target=answer_number, args=(report, Gate(path), manager.dict(number=1)))

        seen = run_process(make, meanwhile=drop)
    os.remove(path)
    if seen.ok and seen.returned == 1:
        return yes()
    if seen.stage == "child" and seen.exitcode == 1 and "KeyError" in printed():
        return no("the manager raises KeyError: the object is gone")
    raise_unexpected(ctx, seen)


def answer_number(report, gate, shared):
    """The target: tell what the dictionary holds."""
    from _probe import answer

    answer(report, shared["number"])


def hold(report, shared, path):
    """The target: say that the proxy is here, and use it when the parent has dropped its own."""
    from _probe import answer

    open(path + "-begun", "w").close()
    if not wait_until(lambda: os.path.exists(path), LIMIT):
        raise RuntimeError("no file")
    answer(report, shared["number"])


@question(
    "Does a managed object live on when the parent drops its proxy while a child has one?",
    why="The manager counts proxies, and deletes an object with its last one. From Python 3.10 on spawned children do "
    "not count theirs.",
    do="Keep the proxy in the parent as long as a child may use it.",
    source=PROXIES,
    documented={"*": "yes"},
    asked=("manager object deleted when proxy goes out of scope",),
)
def dropped_by_parent(ctx):
    import gc
    import weakref

    path = scratch("go")
    with ctx.Manager() as manager:
        proxies = [manager.dict(number=1)]
        mine = weakref.ref(proxies[0])

        def drop():
            if not wait_until(lambda: os.path.exists(path + "-begun"), LIMIT):
                raise RuntimeError("the child does not begin")
            proxies.clear()
            gc.collect()
            gc.collect()
            if mine() is not None:
                raise RuntimeError("the parent has its proxy still")
            open(path, "w").close()

        seen = run_process(lambda report: ctx.Process(target=hold, args=(report, proxies[0], path)), meanwhile=drop)
    for each in (path, path + "-begun"):
        os.remove(each)
    if seen.ok and seen.returned == 1:
        return yes()
    if seen.stage == "child" and seen.exitcode == 1 and "KeyError" in seen.error:
        return no("the manager raises KeyError: the object is gone")
    raise_unexpected(ctx, seen)


def socket_of(proxy):
    """Which socket this thread's connection to the manager is."""
    proxy.keys()
    status = os.fstat(proxy._tls.connection.fileno())
    return "%d %d" % (status.st_dev, status.st_ino)


@question(
    "Does a proxy open a connection of its own in a child of os.fork()?",
    why="A child of os.fork() has the parent's open connection. If both use it, each may get the answer to the other's "
    "question, or wait for ever. Children of multiprocessing get one of their own.",
    do="Use multiprocessing to start the child, or use the proxy in a new thread of it only: each thread opens a "
    "connection of its own. A new manager object with connect() does not help: its proxies use the parent's too.",
    source="https://github.com/python/cpython/issues/101320",
    methods=(),
    asked=("_pickle.UnpicklingError: invalid load key in a proxy", "manager proxy after os.fork"),
)
def after_os_fork():
    import multiprocessing

    forked(str)  # Unavailable where there is none
    with multiprocessing.get_context("fork").Manager() as manager:
        shared = manager.dict(number=1)
        mine = socket_of(shared)
        its = forked(lambda: socket_of(shared))
    if not re.match(r"\d", its):
        raise RuntimeError("the child told %r" % its)
    return no("it uses its parent's connection") if its == mine else yes()


def receive_and_store(connection):
    """Get a proxy while the child runs, and use it."""
    connection.recv()["child"] = 2
    return True


@question(
    "Can a proxy be sent through a Pipe to a running child?",
    why="Unlike locks and queues of multiprocessing, proxies are mere addresses with a name. The manager deletes an "
    "object when its last proxy is gone: a later call gives RemoteError with a KeyError.",
    do="Nothing if yes; the sender must keep its proxy until the other one has unpickled it.",
    source=PROXIES,
    documented={"*": "yes"},
    asked=("send a manager proxy through a queue",),
)
def sent_on(ctx):
    mine, its = ctx.Pipe()
    with ctx.Manager() as manager:
        shared = manager.dict()
        seen = run_child(ctx, receive_and_store, its, meanwhile=lambda: mine.send(shared))
        if not seen.ok:
            raise_unexpected(ctx, seen)
        found = shared.copy()
    if found != {"child": 2}:
        raise RuntimeError("the dictionary is %r" % found)
    return yes()


def own_key_manager(ctx, address=None):
    """A running manager that was given a key of its own."""
    from multiprocessing.managers import SyncManager

    manager = SyncManager(address=address, authkey=b"a key of its own", ctx=ctx)
    manager.start()
    return manager


@question(
    "Can a child use a proxy, its argument, of a manager that was given its own authkey?",
    why="While a process is being started, a proxy is pickled with its key.",
    do="Pass proxies as Process arguments or through initargs.",
    source=SOURCE,
    asked=("SyncManager(authkey=…) with Process",),
)
def own_authkey(ctx):
    manager = own_key_manager(ctx)
    try:
        shared = manager.dict(number=1)
        seen = run_child(ctx, number_of, shared)
    finally:
        manager.shutdown()
    if seen.ok and seen.returned == 1:
        return yes()
    if seen.error.startswith("AuthenticationError"):
        return no(seen.error)
    return judged(ctx, seen, ())


def receive_number(connection):
    """Get a proxy while the child runs, and use it; how that failed."""
    from multiprocessing import AuthenticationError

    try:
        return connection.recv()["number"]
    except AuthenticationError as error:
        return describe(error)


@question(
    "Can a running child use a proxy sent to it, of a manager that was given its own authkey?",
    why="In a Pipe, a Queue or the arguments of a task a proxy is pickled without its key: the receiver tries "
    "current_process().authkey. As an argument of a Pool task it ends the worker.",
    do="Set multiprocessing.current_process().authkey before the manager and the children are made, instead of "
    "authkey=.",
    source="https://github.com/python/cpython/issues/139801",
    asked=(
        "multiprocessing.context.AuthenticationError: digest sent was rejected",
        "AuthenticationError with SyncManager(authkey=…) in a pool task",
    ),
)
def own_authkey_sent(ctx):
    mine, its = ctx.Pipe()
    manager = own_key_manager(ctx)
    try:
        shared = manager.dict(number=1)
        seen = run_child(ctx, receive_number, its, meanwhile=lambda: mine.send(shared))
    finally:
        manager.shutdown()
    if seen.ok and seen.returned == 1:
        return yes()
    if seen.ok and str(seen.returned).startswith("AuthenticationError"):
        return no(seen.returned)
    raise_unexpected(ctx, seen)


def own_manager(ctx):
    """A running manager that knows a class of its own, Counter."""
    import sys

    folder = os.path.dirname(asset(""))
    if folder not in sys.path:
        sys.path.append(folder)
    from proxies_own import Manager

    manager = Manager(ctx=ctx)
    manager.start()
    return manager


@question(
    "Can attributes of a class of your own be read through its manager's proxy?",
    why="The default proxy passes on public methods only, no attributes.",
    do="Give the class get and set methods, or register a NamespaceProxy with the methods in _exposed_.",
    source=REFERENCE + "BaseManager.register",
    asked=("AttributeError: 'AutoProxy[Counter]' object has no attribute", "BaseManager access attributes of object"),
)
def attribute_of_object(ctx):
    manager = own_manager(ctx)
    try:
        counter = manager.Counter()
        if counter.get() != 1:
            raise RuntimeError("the object does not work")
        try:
            count = counter.count
        except AttributeError as error:
            return no(describe(error))
    finally:
        manager.shutdown()
    return yes() if count == 1 else no("it is %r" % count)


@question(
    "Does an error in a managed object come with the traceback of the manager's process?",
    why="An exception that can be pickled is sent without its traceback, which ends at the call on the proxy: the "
    "place of the error is not told. Tested with KeyError.",
    do="Log exceptions in the methods of the class.",
    source="https://github.com/python/cpython/issues/78279",
    asked=("no traceback from a multiprocessing manager", "_callmethod raise convert_to_error"),
)
def remote_traceback(ctx):
    import traceback

    manager = own_manager(ctx)
    try:
        manager.Counter().fail()
    except KeyError as error:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    finally:
        manager.shutdown()
    return yes() if "get_missing" in text else no("it ends in _callmethod()")


@question(
    "Does a manager serve one client while a method that another one called still runs?",
    why="A manager has a thread for each connection: methods run side by side, and need locks of their own.",
    do="Protect what methods change with a threading.Lock in the class.",
    source=SOURCE,
    asked=("Is multiprocessing.Manager thread-safe?", "BaseManager method blocks other clients"),
)
def calls_at_once(ctx):
    path = scratch("begun")
    manager = own_manager(ctx)
    results = []
    try:
        counter = manager.Counter()
        thread = threading.Thread(target=lambda: results.append(counter.wait(path)))
        thread.start()
        if not wait_until(lambda: os.path.exists(path), LIMIT):
            raise RuntimeError("the first call does not begin")
        counter.go()  # another thread, another connection
        thread.join()
    finally:
        manager.shutdown()
    os.remove(path)
    if results not in ([True], [False]):
        raise RuntimeError("the call returned %r" % results)
    return yes() if results[0] else no("the second call came only after the first")


def take(lock, counter, path):
    """Take a lock, say which thread of the manager has done it, and wait to be killed."""
    lock.acquire()
    note(path, counter.serving())
    threading.Event().wait(LIMIT)


@question(
    "Is a Manager's Lock released when the process that holds it is killed?",
    why="The manager does not know which client has taken the lock; it stays taken.",
    do="Acquire with a timeout; the lock can be released by any process.",
    source=REFERENCE + "SyncManager.Lock",
    asked=("manager lock deadlock after a process was killed",),
)
def lock_of_killed(ctx):
    path = scratch("taken")
    manager = own_manager(ctx)
    try:
        lock, counter = manager.Lock(), manager.Counter()
        process = ctx.Process(target=take, args=(lock, counter, path))
        process.start()
        taken = wait_until(lambda: os.path.exists(path), LIMIT)
        process.kill()
        process.join()
        if not taken:
            raise RuntimeError("the child did not take the lock")
        with open(path) as file:
            thread = file.read()
        os.remove(path)
        if not wait_until(lambda: thread not in counter.threads(), LIMIT):
            raise RuntimeError("the manager does not notice that its client is gone")
        free = lock.acquire(False)
        if not free:
            lock.release()  # it is a lock, and it was taken
            if not lock.acquire(False):
                raise RuntimeError("it cannot be taken after release()")
    finally:
        manager.shutdown()
    return yes() if free else no("it is still taken when the manager has noticed the end")


def put_much(queue):
    """Put 1 MB into a queue."""
    queue.put(bytes(1 << 20))
    return True


@question(
    "Does a child that put 1 MB into a Manager's Queue end if nobody reads the queue?",
    why="The manager's process has taken the item. With a multiprocessing.Queue the child would wait for a reader.",
    do="Use a Manager's Queue where a child must end whether its output is read or not.",
    source=REFERENCE + "SyncManager.Queue",
    asked=("join() hangs with a Queue but not with Manager().Queue()",),
)
def unread_queue(ctx):
    with ctx.Manager() as manager:
        queue = manager.Queue()
        seen = run_child(ctx, put_much, queue, timeout=LIMIT)
        if seen.stage == "hung":
            return no("it waits for a reader")
        if not (seen.ok and seen.returned is True):
            raise_unexpected(ctx, seen)
        if len(queue.get()) != 1 << 20:
            raise RuntimeError("another item")
    return yes()


class Owner:
    """An object that keeps its manager, as many programs do."""

    def __init__(self, manager):
        self.manager = manager
        self.shared = manager.dict(number=1)

    def work(self):
        """A method that needs only the proxy."""
        return self.shared["number"] == 1


@question(
    "Can an object that keeps its Manager in an attribute be passed to a child?",
    why="A manager object owns a process, which only its creator can end, and holds a weak reference that cannot be "
    "pickled. Its proxies can be.",
    do="Keep the manager out of the object, or drop it in __getstate__; keep the proxies.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=(
        "TypeError: cannot pickle 'weakref.ReferenceType' object",
        "TypeError: cannot pickle 'weakref' object",
        "Pickling an AuthenticationString object is disallowed for security reasons",
        "Process subclass with a Manager attribute cannot be started",
    ),
)
def manager_attribute(ctx):
    with ctx.Manager() as manager:
        return judged(ctx, run_child(ctx, Owner(manager).work))


def make_manager(method):
    """A daemonic process makes a manager; how it was refused, or what is in its dictionary."""
    import multiprocessing

    try:
        with multiprocessing.get_context(method).Manager() as manager:
            return manager.dict(number=1)["number"]
    except AssertionError as error:
        return describe(error)


@question(
    "Can a Pool task make a Manager?",
    why="A manager is a process, and Pool workers are daemonic: they may not have children.",
    do="Make the manager in the program and pass its proxies to the tasks.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon",
    documented={"*": "no"},
    asked=("AssertionError: daemonic processes are not allowed to have children Manager",),
)
def manager_in_pool_task(ctx):
    with ctx.Pool(1) as pool:
        seen = pool.apply_async(make_manager, (ctx.get_start_method(),)).get(LIMIT)
    if seen == 1:
        return yes()
    if not isinstance(seen, str):
        raise RuntimeError("the dictionary holds %r" % seen)
    return no(seen)


@question(
    "Is manager.list([1]) == [1]?",
    why="A proxy is compared as itself, not as what it stands for.",
    do="Compare proxy[:], or proxy.copy() of a dictionary.",
    source=PROXIES,
    documented={"*": "no"},
    asked=("compare manager.list() with list", "assertEqual with a ListProxy"),
)
def equality(ctx):
    with ctx.Manager() as manager:
        shared = manager.list([1])
        if list(shared) != [1]:
            raise RuntimeError("it holds %r" % list(shared))
        return yes() if shared == [1] else no("they are different")


@question(
    "Can json.dumps() write a manager.dict()?",
    why="The proxy is not a dict, only something that looks like one.",
    do="Write proxy.copy(); convert proxies inside of it as well.",
    source=PROXIES,
    asked=(
        "TypeError: Object of type DictProxy is not JSON serializable",
        "Object of type ListProxy is not JSON serializable",
    ),
)
def as_json(ctx):
    import json

    with ctx.Manager() as manager:
        try:
            text = json.dumps(manager.dict(number=1))
        except TypeError as error:
            return no(describe(error))
    return yes() if json.loads(text) == {"number": 1} else no("it wrote %s" % text)


@question(
    "Does storing a threading.Lock in a manager.dict() raise?",
    why="Every value is pickled and sent to the manager's process.",
    do="Store manager.Lock() instead.",
    source=PROXIES,
    asked=("TypeError: cannot pickle '_thread.lock' object manager.dict", "store an object in manager.dict"),
)
def unpicklable_value(ctx):
    with ctx.Manager() as manager:
        shared = manager.dict()
        try:
            shared["lock"] = threading.Lock()
        except refusals() as error:
            return yes(describe(error))
    return no("it does not")


class Point:
    """A class of the main script."""

    def __init__(self, number):
        self.number = number


@question(
    "Does an instance of a class of a main script with a main guard come back from a manager.dict()?",
    why="The manager's process unpickles it, for which it must find the class in the script.",
    do="Nothing if yes; put classes into modules if the script has no main guard.",
    source=PROXIES,
    asked=("AttributeError: Can't get attribute in manager server process", "store custom objects in manager.dict()"),
)
def instance_of_main(ctx):
    with ctx.Manager() as manager:
        shared = manager.dict(point=Point(3))
        point = shared["point"]
    if type(point) is not Point or point.number != 3:
        raise RuntimeError("it came back as %r" % (point,))
    return yes()


def connect_and_store(address):
    """Reach a manager by its address."""
    from multiprocessing.managers import SyncManager

    manager = SyncManager(address=address, authkey=b"a key of its own")
    manager.connect()
    manager.dict(number=1)
    return manager.dict(number=3)["number"] == 3


@question(
    "Can a child connect to a manager that listens on TCP, by its address and authkey?",
    why="Processes that were not started by the same program, or run on other machines, reach a manager this way.",
    do="Listen on 127.0.0.1 unless others must connect: who knows the key can run any code there.",
    source="https://docs.python.org/3/library/multiprocessing.html#using-a-remote-manager",
    documented={"*": "yes"},
    asked=("BaseManager remote connect", "share a dict between unrelated python processes"),
)
def over_tcp(ctx):
    manager = own_key_manager(ctx, ("127.0.0.1", 0))
    try:
        stored = report(ctx, connect_and_store, manager.address)
    finally:
        manager.shutdown()
    if stored is not True:
        raise RuntimeError("it holds another value")
    return yes()


if __name__ == "__main__":
    main()
