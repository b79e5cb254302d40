"""What happens in rarer cases: many clients at once, brief events, restarts, and what late releases have changed?"""

import os
import sys
import threading

from _blocks import exists, remove, shared_memory
from _calls import Call
from _places import place
from _probe import (
    LIMIT,
    WEBASSEMBLY,
    Unavailable,
    describe,
    judged,
    main,
    need_executor,
    no,
    printed,
    processes,
    question,
    raise_unexpected,
    run_child,
    unavailable,
    value,
    wait_until,
    yes,
)
from _tasks import broken, executor, note, report, wait_for

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
MANAGERS = REFERENCE + "managers."
LISTENER = REFERENCE + "connection.Listener"
FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
SHARED = "https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing."
CHANGES = "https://docs.python.org/%s/whatsnew/changelog.html"
SERVER = ("forkserver",)


# --- connections that nobody accepts yet


def waiting_clients(address):
    """How many clients connect to an address where nobody accepts them, until one would have to wait or is refused."""
    import socket

    if isinstance(address, bytes):
        address = address.decode()
    clients = []
    try:
        while len(clients) < 5000:
            client = socket.socket(socket.AF_UNIX)
            clients.append(client)
            client.setblocking(False)
            try:
                client.connect(address)
            except (BlockingIOError, ConnectionRefusedError):
                return len(clients) - 1
        raise RuntimeError("5000 clients connect")
    finally:
        for client in clients:
            client.close()


def need_unix_sockets():
    """Raise Unavailable where there are none, or where the system lets fewer wait than Python asks for."""
    import socket

    if not hasattr(socket, "AF_UNIX") or os.name == "nt":
        raise Unavailable("there are no Unix sockets")
    try:
        with open("/proc/sys/net/core/somaxconn") as file:
            most = int(file.read())
    except OSError:
        return
    if most < 128:
        raise Unavailable("the system allows %d at most" % most)


@question(
    "How many clients can wait for a Manager that accepts none at the moment, before connecting blocks or fails?",
    why="Each thread and process that first uses a proxy makes a connection. When more connect at once than the "
    "system keeps for the manager (backlog), the others block, or are refused.",
    do="Let workers make their first call one after another, or use Python 3.13 or later.",
    source=CHANGES % "3.13",
    methods=(),
    unit="clients",
    wanted="either",
    asked=(
        "BlockingIOError: [Errno 11] Resource temporarily unavailable multiprocessing Manager",
        "ConnectionRefusedError: [Errno 61] Connection refused multiprocessing Manager many processes",
    ),
)
def clients_of_manager():
    from multiprocessing.managers import BaseManager

    need_unix_sockets()
    server = BaseManager(place("manager"), b"key").get_server()  # it listens, and accepts nothing yet
    try:
        return value(waiting_clients(server.address))
    finally:
        server.listener.close()


@question(
    "How many clients can wait for a Listener made without backlog=…, before connecting blocks or fails?",
    why="Linux keeps one client more than the backlog, whose default is 1.",
    do="Give a backlog: Listener(address, backlog=128).",
    source=LISTENER,
    methods=(),
    unit="clients",
    wanted="either",
    asked=("multiprocessing.connection Client connection refused when many connect", "Listener backlog"),
)
def clients_of_listener():
    from multiprocessing.connection import Listener

    need_unix_sockets()
    with Listener(place("listener"), "AF_UNIX") as listener:
        return value(waiting_clients(listener.address))


def accepted(timeout=None):
    """What Listener.accept() raises, or None if it does not end; its socket is given this timeout, if any."""
    from multiprocessing.connection import Client, Listener

    if sys.platform in WEBASSEMBLY:
        raise Unavailable("nothing can listen there")
    with Listener(("127.0.0.1", 0)) as listener:
        if timeout is not None:
            listener._listener._socket.settimeout(timeout)
        call = Call(listener.accept)
        ended = call.ends()
        if not ended:
            Client(listener.address).close()  # it can go on
            call.result().close()
    if ended and call.raised is None:
        raise RuntimeError("it accepted a client")
    return call.raised


@question(
    "Does socket.setdefaulttimeout(0.1), called before Listener(), limit how long Listener.accept() waits?",
    why="accept() has no timeout of its own, and waits until a client comes.",
    do="Wait first: multiprocessing.connection.wait([listener._listener._socket], timeout); that attribute is private.",
    source=LISTENER + ".accept",
    methods=(),
    asked=("multiprocessing.connection.Listener accept timeout", "Listener.accept() blocks forever"),
)
def default_timeout_of_accept():
    import socket

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(0.1)
    try:
        return timed_out(accepted())
    finally:
        socket.setdefaulttimeout(before)


def timed_out(raised):
    """Answer yes if accept() has ended by a timeout of its socket, no if it waits on."""
    import socket

    if raised is None:
        return no("accept() waits on")
    if not isinstance(raised, socket.timeout):
        raise raised
    return yes("it raises socket.timeout")


@question(
    "Does listener._listener._socket.settimeout(0.1) limit how long Listener.accept() waits?",
    why="accept() has no timeout. The socket is an attribute without documentation, which Listeners of pipes on "
    "Windows do not have.",
    do="Use it if yes; or connect to the Listener from another thread to end accept().",
    source=LISTENER + ".accept",
    methods=(),
    asked=("multiprocessing.connection.Listener accept timeout", "how to stop Listener.accept()"),
)
def socket_timeout_of_accept():
    return timed_out(accepted(0.1))


@question(
    "Does send_bytes() accept 4 GiB + 1 byte (only the header is read)?",
    why="Its length does not fit into 32 bits. The tasks and results of pools and executors, and the items of queues, "
    "are sent in the same way.",
    do="Put data of this size into files or shared memory.",
    source=REFERENCE + "connection.Connection.send_bytes",
    methods=(),
    asked=("send more than 4 GiB through a Pipe", "argument larger than 4 GiB"),
)
def four_gibibytes():
    import mmap
    import multiprocessing
    import struct

    if os.name == "nt" or sys.maxsize < 2**32:
        return unavailable("not measured here: messages have no header, or addresses 32 bits")
    if sys.implementation.name != "cpython":
        return unavailable("not measured here: this Python would copy what it sends, which takes 4 GiB")
    size = 2**32 + 1
    reader, writer = multiprocessing.Pipe(duplex=False)
    data = mmap.mmap(-1, size)  # no page of it is touched but those that the pipe takes
    view = memoryview(data)
    raised = []

    def send():
        try:
            writer.send_bytes(view)
        except Exception as error:
            raised.append(describe(error))  # not the error: its traceback would hold the data

    thread = threading.Thread(target=send)
    thread.start()
    try:
        if not wait_until(lambda: raised or reader.poll(), LIMIT):
            raise RuntimeError("nothing came")
        if raised:
            return no(raised[0])
        first = struct.unpack("!i", os.read(reader.fileno(), 4))[0]
        announced = struct.unpack("!Q", os.read(reader.fileno(), 8))[0] if first == -1 else first
    finally:
        reader.close()  # ends the writer, which has sent one buffer
        thread.join()
        view.release()
        data.close()
        writer.close()
    if announced != size or not raised[0].startswith("BrokenPipeError"):
        raise RuntimeError("announced %r, %r" % (announced, raised))
    return yes("its header announces 4 GiB + 1 byte, in eight bytes; the rest was not sent")


# --- moments


class Slow:
    """A lock that its process takes only once a file exists: a waiter that others overtake."""

    def __init__(self, lock, path):
        self.lock = lock
        self.path = path

    def acquire(self):
        """Take the lock, late."""
        wait_for(self.path)
        return self.lock.acquire()

    def __getattr__(self, name):
        return getattr(self.lock, name)


def wait_slowly(event, path):
    """What wait() returns to a process that takes long to go on after it has been woken."""
    condition = event._cond
    condition._lock = Slow(condition._lock, path)
    return event.wait(LIMIT)


def sleeps(condition):
    """Whether a process waits in a Condition."""
    if not condition._sleeping_count.acquire(False):
        return False
    condition._sleeping_count.release()
    return True


@question(
    "Is Event.wait() sure to return True if the event is set and cleared again at once?",
    why="wait() looks at the flag again when it wakes up. Here its process is held back until clear() has returned: "
    "this shows that the gap exists, not how often it is hit. A threading.Event returns True.",
    do="Do not use set() and clear() as a pulse: leave the event set, or use a Condition or a Queue.",
    source=REFERENCE + "Event",
    asked=("multiprocessing Event set then clear misses", "multiprocessing.Event.wait() returns False without timeout"),
)
def brief_event(ctx):
    event, path = ctx.Event(), place("go on")

    def pulse():
        if not wait_until(lambda: sleeps(event._cond), LIMIT):
            raise RuntimeError("it does not wait")
        event.set()
        event.clear()
        note(path, "")

    seen = run_child(ctx, wait_slowly, event, path, meanwhile=pulse)
    if not seen.ok or seen.returned not in (True, False):
        raise_unexpected(ctx, seen)
    return yes() if seen.returned else no("it returns False")


class Addend:
    """One, as a number that is added; while it is asked for the sum, something else is done."""

    def __init__(self, meanwhile):
        self.meanwhile = meanwhile

    def __radd__(self, number):
        self.meanwhile()
        return number + 1


def add_to_item(shared):
    """Another process adds one as well."""
    shared[0] += 1
    shared.shm.close()
    return True


@question(
    "Does list[0] += 1 on a ShareableList keep what another process adds between its read and its write?",
    why="A ShareableList has no lock. Here a child adds one just then: this shows that the gap exists, not how often "
    "it is hit.",
    do="Pass a multiprocessing.Lock along with the list, and hold it for each change.",
    source=SHARED + "shared_memory.ShareableList",
    asked=("Is ShareableList process safe?", "ShareableList race condition", "Does ShareableList need a lock?"),
)
def item_increment(ctx):
    shared_memory()
    from multiprocessing.shared_memory import ShareableList

    shared = ShareableList([0])
    seen = []
    try:
        shared[0] += Addend(lambda: seen.append(run_child(ctx, add_to_item, shared)))
        if not (seen[0].ok and seen[0].returned is True):
            raise_unexpected(ctx, seen[0])
        result = shared[0]
    finally:
        shared.shm.close()
        shared.shm.unlink()
    if result == 2:
        return yes()
    if result != 1:
        raise RuntimeError("%r" % (result,))
    return no("1 instead of 2: what the other process added is lost")


class AtEnd:
    """A value of a thread that holds the thread at its very end, where it is removed."""

    def __init__(self, begun, stop):
        self.begun = begun
        self.stop = stop

    def __del__(self):
        self.begun.set()
        self.stop.wait()


@question(
    "Does join() of a parent's thread return in a child of os.fork() that was forked while that thread was ending?",
    why="The thread is in none of threading's lists then, as its thread-local values are removed (__del__); join() "
    "would wait for it without end if the child took it for alive.",
    do="Nothing if yes; else do not join() threads of the parent in a forked child.",
    source="https://docs.python.org/3/library/os.html#os.fork",
    methods=(),
    asked=("join() of a thread hangs in a forked child", "fork while a thread is exiting"),
)
def ending_thread():
    from _os_fork import forked

    begun, stop, values = threading.Event(), threading.Event(), threading.local()

    def run():
        values.held = AtEnd(begun, stop)

    thread = threading.Thread(target=run)

    def look():
        thread.join(LIMIT / 20)
        return "alive" if thread.is_alive() else "over"

    if sys.implementation.name != "cpython":
        raise Unavailable("thread-local values are not removed at a thread's end here")
    thread.start()
    try:
        if not begun.wait(LIMIT):
            raise RuntimeError("its values are not removed")
        told = forked(look)
    finally:
        stop.set()
        thread.join()
    if told not in ("over", "alive"):
        raise RuntimeError(told)
    return yes() if told == "over" else no("join() does not end")


# --- managers


def started_manager(ctx):
    """A SyncManager that has been started."""
    from multiprocessing.managers import SyncManager

    manager = SyncManager(ctx=ctx)
    manager.start()
    return manager


def refused(start):
    """Answer whether a start() is refused with ProcessError, or another process begins."""
    from multiprocessing import ProcessError

    try:
        start()
    except (ProcessError, AssertionError) as error:
        return describe(error)
    return ""


@question(
    "Does a second start() of a running Manager raise?",
    why="One that started another process would leave the first one, and its objects, to nobody.",
    do="Call start() once; multiprocessing.Manager() has called it already.",
    source=MANAGERS + "BaseManager.start",
    asked=("multiprocessing.context.ProcessError: Already started server",),
)
def manager_started_twice(ctx):
    manager = started_manager(ctx)
    try:
        raised = refused(manager.start)
        items = manager.list([1])
        if list(items) != [1]:
            raise RuntimeError("it does not work")
    finally:
        manager.shutdown()
    return yes(raised) if raised else no("it raises nothing")


@question(
    "Can a Manager be started again after shutdown()?",
    why="A service that is restarted wants its manager back at the same address.",
    do="Make a new manager. For the same address give each one address= and authkey=: the socket of one that chose its "
    "address lies in a folder that is gone after shutdown().",
    source=MANAGERS + "BaseManager.start",
    asked=("multiprocessing.context.ProcessError: Manager has shut down", "restart a multiprocessing Manager"),
)
def manager_started_again(ctx):
    manager = started_manager(ctx)
    manager.shutdown()
    raised = refused(manager.start)
    if raised:
        return no(raised)
    try:
        if list(manager.list([1])) != [1]:
            raise RuntimeError("it does not work")
    finally:
        manager.shutdown()
    return yes()


@question(
    "Has the proxy of Manager().Lock() the method locked()?",
    why="Code that takes a threading.Lock or a managed one may ask for it.",
    do="Before Python 3.14, use acquire(blocking=False).",
    source=MANAGERS + "SyncManager.Lock",
    methods=(),
    asked=("AttributeError: 'AcquirerProxy' object has no attribute 'locked'",),
)
def locked_of_managed_lock():
    import multiprocessing

    with multiprocessing.Manager() as manager:
        lock = manager.Lock()
        try:
            before = lock.locked()
        except AttributeError as error:
            return no(describe(error))
        lock.acquire()
        after = lock.locked()
    if (before, after) != (False, True):
        raise RuntimeError("%r, %r" % (before, after))
    return yes()


def own_manager(path):
    """Make a block with a SharedMemoryManager of this process, and end that once the parent has looked."""
    import multiprocessing
    from multiprocessing.managers import SharedMemoryManager

    context = multiprocessing.get_context()
    with SharedMemoryManager(ctx=context) as manager:
        block = manager.SharedMemory(size=16)
        block.buf[:3] = b"own"
        note(path + "-made", block.name)
        wait_for(path)
        block.close()
    return block.name


@question(
    "Can a child make a SharedMemoryManager of its own, whose block the parent reads, and which removes it?",
    why="A worker may own the blocks that it makes; daemonic ones cannot, since the manager is a process.",
    do="Where it cannot, make the manager in the parent, and the blocks too.",
    source=SHARED + "managers.SharedMemoryManager",
    asked=("SharedMemoryManager in a worker process", "SharedMemoryManager in child"),
)
def manager_of_child(ctx):
    SharedMemory = shared_memory()
    path, held = place("look"), []

    def look():
        if not wait_until(lambda: os.path.exists(path + "-made"), LIMIT):
            return  # what it raised is told
        with open(path + "-made") as file:
            name = file.read()
        block = SharedMemory(name)
        held.append(bytes(block.buf[:3]))
        block.close()
        note(path, "")

    seen = run_child(ctx, own_manager, path, meanwhile=look)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    left = exists(seen.returned.lstrip("/"))
    remove(seen.returned.lstrip("/"))
    if held != [b"own"]:
        raise RuntimeError("the block held %r" % (held,))
    return no("the block is left") if left else yes()


# --- asyncio in children


def serve(path):
    """Serve one client with asyncio, at a port that is told by a file."""
    import asyncio

    async def answer(reader, writer):
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()
        done.set_result(True)

    async def run():
        nonlocal done
        done = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        note(path, "%d" % server.sockets[0].getsockname()[1])
        await done
        server.close()

    done = None
    asyncio.run(run())
    return True


@question(
    "Can a child serve a TCP client with asyncio.start_server(), if a coroutine of its parent started it?",
    why="A forked child has a copy of the parent's loop and of what it watches; asyncio.run() makes another one.",
    do="Nothing if yes; else start the server's process before the loop, or use spawn.",
    source="https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server",
    asked=(
        "asyncio server in a multiprocessing Process",
        "RuntimeError: asyncio.run() cannot be called from a running event loop",
    ),
)
def asyncio_server(ctx):
    import asyncio

    path, said = place("port"), []

    async def ask():
        while not os.path.exists(path):
            await asyncio.sleep(0.01)  # between two looks
        with open(path) as file:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(file.read()))
        writer.write(b"hello\n")
        said.append(await reader.readline())
        writer.close()

    def connect():
        Call(lambda: asyncio.run(asyncio.wait_for(ask(), LIMIT))).result()  # in a thread: the parent's loop is busy

    async def start():
        seen.append(run_child(ctx, serve, path, meanwhile=connect))

    seen = []
    asyncio.run(start())
    if seen[0].stage == "done" and seen[0].error.startswith("RuntimeError"):
        return no(seen[0].error)
    if not (seen[0].ok and seen[0].returned is True):
        raise_unexpected(ctx, seen[0])
    if said != [b"HELLO\n"]:
        raise RuntimeError("%r" % (said,))
    return yes()


def run_in_workers(method):
    """Use an executor from an event loop, in a child."""
    import asyncio
    import multiprocessing

    async def run():
        loop = asyncio.get_running_loop()
        with executor(multiprocessing.get_context(method)) as pool:
            return await loop.run_in_executor(pool, abs, -5)

    return asyncio.run(run()) == 5


@question(
    "Can the event loop of a child run a function in a ProcessPoolExecutor (loop.run_in_executor())?",
    why="The child needs a loop, an executor's thread and workers of its own.",
    do="Nothing if yes; a daemonic child cannot have workers.",
    source="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor",
    asked=("run_in_executor ProcessPoolExecutor inside multiprocessing Process",),
)
def loop_with_workers(ctx):
    need_executor(ctx)
    return judged(ctx, run_child(ctx, run_in_workers, ctx.get_start_method()))


# --- executors and pools


class Falsy(Exception):
    """An exception that is not true."""

    def __bool__(self):
        return False


def raise_falsy():
    """Fail with it."""
    raise Falsy("empty")


@question(
    "Does result() raise a ProcessPoolExecutor task's exception if bool(exception) is False?",
    why="An exception class with __bool__ or __len__, such as one that holds a list of errors, may be false when it "
    "is empty. Where it is passed over, result() returns None, as if the task had succeeded.",
    do="Give exception classes no __len__ and no __bool__, or use Python 3.13.4 or later.",
    source=CHANGES % "3.13",
    asked=(
        "future.result() returns None although the task raised",
        "exception with __len__ ignored ProcessPoolExecutor",
    ),
)
def false_exception(ctx):
    with executor(ctx) as pool:
        future = pool.submit(raise_falsy)
        try:
            got = future.result(LIMIT)
        except Falsy:
            return yes()
    if got is not None:
        raise RuntimeError("it returned %r" % (got,))
    return no("it returns None")


def die_when(path):
    """End without a word, once a file exists."""
    wait_for(path)
    os._exit(7)


@question(
    "Does shutdown() of a ProcessPoolExecutor end if its worker died while an argument of 8 MB was being sent to it?",
    why="A thread writes arguments into a pipe; when nobody reads them any more, and the pipe is kept open, it "
    "waits without end, and shutdown() and the program's end wait for the thread.",
    do="Pass large data by files or shared memory, or use Python 3.11.5 or later.",
    source=CHANGES % "3.11",
    asked=(
        "ProcessPoolExecutor hangs after worker killed",
        "BrokenProcessPool then program hangs at exit",
        "_feed queue thread hang large argument",
    ),
)
def died_while_sending(ctx):
    path = place("die")
    pool = executor(ctx)
    reader = None
    try:
        first = pool.submit(die_when, path)
        second = pool.submit(len, b"8" * 2**23)
        reader = pool._call_queue._reader
        if not wait_until(lambda: first.running() and second.running() and reader.poll(), LIMIT):
            raise RuntimeError("the argument is not being sent")
        note(path, "")
        errors = [type(future.exception(LIMIT)) for future in (first, second)]
        if errors != [broken(), broken()]:
            raise RuntimeError("%r" % (errors,))
        ended = Call(pool.shutdown).ends()
    finally:
        note(path, "")
        if reader is not None and not reader.closed:
            reader.close()  # lets the thread end
        pool.shutdown()
    return yes() if ended else no("it does not return")


@question(
    "Are all file descriptors closed again, after gc.collect(), after eight ProcessPoolExecutors, one after another, "
    "each with one task?",
    why="A program that makes an executor for each job must not run out of descriptors.",
    do="Nothing if yes with CPython. PyPy closes them only when it collects garbage: call gc.collect() now and then, "
    "or use one executor for the whole program.",
    source=FUTURES + "Executor.shutdown",
    asked=("OSError: [Errno 24] Too many open files ProcessPoolExecutor", "many short-lived ProcessPoolExecutor"),
)
def short_lived_executors(ctx):
    import gc

    if not os.path.isdir("/dev/fd") or os.name == "nt":
        raise Unavailable("no list of descriptors here")

    def use():
        with executor(ctx) as pool:
            if pool.submit(abs, -5).result(LIMIT) != 5:
                raise RuntimeError("a wrong result")

    def open_now():
        gc.collect()
        return len(os.listdir("/dev/fd"))

    use()  # helpers stay
    before = open_now()
    for _ in range(8):
        use()
    more = open_now() - before
    return yes() if more <= 0 else no("%d are open" % more)


def second_of_chunk(path):
    """The first task returns at once; the second one, which has a path, when its file exists."""
    if path:
        wait_for(path, path + "-begun")
    return 5


@question(
    "Does executor.map(chunksize=2) yield the first result of a chunk while its second task runs?",
    why="Results of a chunk come together: one slow task holds back those before it, and counts them as unfinished.",
    do="Use chunksize=1, the default, where single results matter or durations differ.",
    source=FUTURES + "Executor.map",
    asked=("executor.map chunksize results late", "progress bar jumps with chunksize"),
)
def chunk_of_executor(ctx):
    path = place("second")
    with executor(ctx) as pool:
        results = pool.map(second_of_chunk, ["", path], chunksize=2)
        call = Call(lambda: next(results))
        try:
            if not wait_until(lambda: os.path.exists(path + "-begun"), LIMIT):
                raise RuntimeError("the second task does not begin")
            came = call.ends(*worker_ids())
        finally:
            note(path, "")
        if [call.result()] + list(results) != [5, 5]:
            raise RuntimeError("wrong results")
    return yes() if came else no("it comes when the second one has ended")


def worker_ids():
    """The IDs of the children of this process."""
    import multiprocessing

    return [child.pid for child in multiprocessing.active_children()]


class Link:
    """One of a chain of objects."""

    def __init__(self, next_one):
        self.next_one = next_one


def length(chain):
    """How long a chain is."""
    count = 0
    while chain is not None:
        chain, count = chain.next_one, count + 1
    return count


def chain_in_pool(method):
    """Send a chain of objects to a Pool's worker: one of the Pool's threads pickles it."""
    import multiprocessing

    chain = None
    for _ in range(5000):
        chain = Link(chain)
    with multiprocessing.get_context(method).Pool(1) as pool:
        return pool.apply_async(length, (chain,)).get(LIMIT)


@question(
    "Can a linked list of 5000 objects be an argument of a Pool task?",
    why="A thread of the Pool pickles it, by recursion. Threads of Alpine Linux (musl) have a small stack: the program "
    "crashes there before Python's own limit is reached.",
    do="Send flat data. On Alpine Linux, call threading.stack_size(8 * 2**20) before the Pool is made: then Python's "
    "own limit comes first, as elsewhere.",
    source="https://docs.python.org/3/library/threading.html#threading.stack_size",
    asked=(
        "Segmentation fault in Alpine multiprocessing Pool",
        "RecursionError: maximum recursion depth exceeded while pickling an object",
    ),
)
def chain_as_task(ctx):
    seen = run_child(ctx, chain_in_pool, ctx.get_start_method())
    if seen.ok and seen.returned == 5000:
        return yes()
    if seen.stage == "child" and seen.exitcode == -11:
        return no("the program crashes (SIGSEGV)")
    if seen.stage == "done" and seen.error.startswith("RecursionError"):
        return no("RecursionError")
    return raise_unexpected(ctx, seen)


# --- what late releases have changed


LEAK = """
from multiprocessing.shared_memory import SharedMemory
print(SharedMemory(create=True, size=16).name, flush=True)
"""


@question(
    "Does the warning of leaked shared_memory objects name them?",
    why="Without names, nobody knows which of a program's blocks was not unlinked.",
    do="Use Python 3.13 or later to find them.",
    source=CHANGES % "3.13",
    methods=(),
    asked=(
        "resource_tracker: There appear to be 1 leaked shared_memory objects to clean up at shutdown: {'/psm_",
        "which shared_memory object is leaked",
    ),
)
def names_of_leaks():
    shared_memory()
    if os.name == "nt":
        raise Unavailable("nothing tracks blocks there")
    name, err = leaked()
    told = [line for line in err.splitlines() if "leaked shared_memory objects" in line]
    if not name or not told:
        raise RuntimeError("%r, %s" % (name, err[-500:]))
    return yes() if name in told[0] else no("it tells their number only")


def leaked():
    """The name of a block that a program leaves, and what it and its resource tracker print on stderr."""
    import subprocess

    command = [sys.executable, "-c", LEAK]
    try:
        program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except (OSError, ImportError, AttributeError, NotImplementedError) as error:
        raise Unavailable("no process can be started: %s" % describe(error)) from error
    out, err = program.communicate()  # to the end of the tracker, which has stderr open
    name = out.decode().strip().lstrip("/")
    remove(name)
    return name, err.decode("utf-8", "backslashreplace")


PRELOADED = """
import sys
ARGUMENTS = list(sys.argv)
"""


def arguments_of_preloaded(name):
    """Whether a module is loaded already, and the sys.argv that it saw."""
    loaded = name in sys.modules
    return [loaded, __import__(name).ARGUMENTS]


@question(
    "Does a module that the fork server preloads see the program's sys.argv?",
    why="Some modules read the command line while they are imported, as tests and command-line frameworks do.",
    do="Where it does not, do not preload such modules.",
    source=CHANGES % "3.14",
    methods=SERVER,
    asked=("sys.argv is ['-c'] in forkserver", "set_forkserver_preload sys.argv"),
)
def arguments_at_preload(ctx):
    folder, name = place(), "canifork_preloaded"
    note(os.path.join(folder, name + ".py"), PRELOADED)
    before = os.environ.get("PYTHONPATH")
    saved = sys.argv
    os.environ["PYTHONPATH"] = folder
    sys.argv = ["my-program", "word"]
    sys.path.append(folder)
    ctx.set_forkserver_preload([name])
    try:
        loaded, arguments = report(ctx, arguments_of_preloaded, name)
    finally:
        sys.argv = saved
        sys.path.remove(folder)
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    if not loaded:
        raise RuntimeError("the module is not preloaded")
    return yes() if arguments == ["my-program", "word"] else no("it sees %r" % (arguments,))


@question(
    "Does set_forkserver_preload(…, on_error='warn') print a warning if Python was given no -W option?",
    why="It is an ImportWarning, and Python ignores these by default; the fork server has the program's options.",
    do="Use on_error='fail', or run the program with -W default::ImportWarning.",
    source=REFERENCE + "set_forkserver_preload",
    methods=SERVER,
    asked=("set_forkserver_preload on_error warn shows nothing",),
)
def warning_of_preload(ctx):
    name = "no_module_of_this_name"
    try:
        ctx.set_forkserver_preload([name], on_error="warn")
    except TypeError as error:
        if "on_error" not in str(error):
            raise
        raise Unavailable("there is no parameter on_error") from error
    seen = run_child(ctx, do_nothing_but)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    return yes() if name in printed() else no("nothing is printed")


def do_nothing_but():
    """Something that ends after the fork server has preloaded."""
    return True


@question(
    "Which code stands after -c in the command line of the fork server (arguments of main() left out)?",
    why="It identifies the server in a list of processes, and is what a frozen application must understand.",
    do="Look for multiprocessing.forkserver.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/forkserver.py",
    methods=SERVER,
    asked=("from multiprocessing.forkserver import main; main(", "PyInstaller forkserver starts the application again"),
    wanted="either",
)
def command_line_of_server(ctx):
    import re

    server = report(ctx, os.getppid)
    line = processes()[server][1]
    begins = re.search(r"-c .*multiprocessing", line)
    if not begins:
        raise RuntimeError("its command line is %r" % line[-300:])
    return value(re.sub(r"main\(.*", "main(…)", line[begins.start() :]))


def made_sentinel():
    """A sentinel of this module, made by the built-in sentinel(); None where there is none."""
    import builtins

    maker = getattr(builtins, "sentinel", None)
    return None if maker is None else maker("MISSING")


MISSING = made_sentinel()


def is_missing(thing):
    """Whether it is this module's sentinel."""
    return thing is MISSING


@question(
    "Does a sentinel made by sentinel() at module level keep its identity as a Process argument?",
    why="Code tests sentinels with 'is'. Those made with object() are other objects in a child that was not forked.",
    do="Nothing if yes; before Python 3.15, use an Enum member as sentinel.",
    source="https://peps.python.org/pep-0661/",
    asked=("PEP 661 sentinel pickle multiprocessing",),
)
def builtin_sentinel(ctx):
    if MISSING is None:
        raise Unavailable("there is no built-in sentinel()")
    return judged(ctx, run_child(ctx, is_missing, MISSING))


def has_items(mapping):
    """Whether it has what was passed, and its type."""
    return type(mapping).__name__ == "frozendict" and mapping["one"] == 1


@question(
    "Can a frozendict be passed as a Process argument?",
    why="It is the read-only mapping of Python 3.15; types.MappingProxyType cannot be pickled.",
    do="Nothing if yes; before Python 3.15, pass dict(mapping).",
    source="https://peps.python.org/pep-0814/",
    asked=("pickle frozendict",),
)
def frozen_dict(ctx):
    import builtins

    maker = getattr(builtins, "frozendict", None)
    if maker is None:
        raise Unavailable("there is no built-in frozendict")
    return judged(ctx, run_child(ctx, has_items, maker(one=1)))


def lazy_imports():
    """Whether imports are lazy here: 'normal', 'all' or 'none'."""
    return sys.get_lazy_imports()


@question(
    "Are imports lazy in a child after sys.set_lazy_imports('all') in the parent?",
    why="A child that imports everything at once starts more slowly, and shows other errors than the parent.",
    do="Use the option -X lazy_imports=all or the variable PYTHON_LAZY_IMPORTS, which children have too.",
    source="https://peps.python.org/pep-0810/",
    wanted="either",
    asked=("lazy imports multiprocessing child", "sys.set_lazy_imports in a child process"),
)
def lazy_imports_mode(ctx):
    if not hasattr(sys, "set_lazy_imports"):
        raise Unavailable("there are no lazy imports")
    before = sys.get_lazy_imports()
    sys.set_lazy_imports("all")
    try:
        mode = report(ctx, lazy_imports)
    finally:
        sys.set_lazy_imports(before)
    return yes() if mode == "all" else no("the mode is %r" % (mode,))


def no_keywords():
    """A target without arguments."""
    return True


@question(
    "Can a Process be made with kwargs=None?",
    why="A wrapper that hands on its own default, None, fails where only a dictionary is accepted.",
    do="Before Python 3.14.1, pass kwargs=kwargs or {}, which gives {} for None.",
    source=REFERENCE + "Process",
    methods=(),
    asked=("TypeError: 'NoneType' object is not iterable Process kwargs=None",),
)
def keywords_none():
    import multiprocessing

    try:
        multiprocessing.Process(target=no_keywords, kwargs=None)
    except TypeError as error:
        return no(describe(error))
    return yes()


@question(
    "What does uuid.uuid1().is_safe say of IDs that several processes make at the same time?",
    why="Such IDs are made of the time and the machine's address; only a service of the system (uuidd) can keep two "
    "processes from making the same one.",
    do="Use uuid.uuid4(), unless it says safe.",
    source="https://docs.python.org/3/library/uuid.html#uuid.UUID.is_safe",
    methods=(),
    wanted="either",
    asked=("uuid1 duplicates multiprocessing", "Is uuid1 multiprocessing safe?"),
)
def safety_of_uuid1():
    import uuid

    return value(uuid.uuid1().is_safe.name)


if __name__ == "__main__":
    main()
