"""What crosses the boundary of a process, and what stops there: locks, signals, views, servers, proxies of proxies?"""

import os
import sys
import threading

from _calls import Call
from _modules import needed
from _os_fork import forked, patient
from _places import place
from _probe import (
    LIMIT,
    Unavailable,
    describe,
    main,
    no,
    printed,
    question,
    raise_unexpected,
    run_child,
    run_script,
    unavailable,
    value,
    wait_until,
    yes,
)
from _tasks import Waiting, note, refusals, wait_for
from _waiting import comes

SUBPROCESS = "https://docs.python.org/3/library/subprocess.html#subprocess.Popen"
FORK = "https://docs.python.org/3/library/os.html#os.fork"
REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
UTIL = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/util.py"
A_WHILE = LIMIT / 8  # seconds after which a child goes on that waits for what may never come

# --- forks that are not multiprocessing's


@question(
    "Can preexec_fn of subprocess.Popen take a threading.Lock that another thread of the program holds?",
    why="preexec_fn is Python code in a forked child, before the program is executed. A lock that another thread held "
    "stays locked there: the child waits, and Popen() with it.",
    do="Use start_new_session, process_group, umask, user, group or pass_fds instead of preexec_fn, or a small "
    "launcher program.",
    source=SUBPROCESS,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=(
        "subprocess preexec_fn deadlock",
        "subprocess.Popen hangs in _execute_child os.read(errpipe_read)",
        "preexec_fn is not safe in the presence of threads",
        "W1509 subprocess-popen-preexec-fn",
    ),
)
def preexec_lock():
    import subprocess

    if os.name == "nt":
        return unavailable("there is no preexec_fn on this system")
    lock = threading.Lock()
    reader, writer = os.pipe()

    def look():
        os.write(writer, b"taken" if lock.acquire(timeout=0.3) else b"locked")

    def hold():
        lock.acquire()
        return lock.release

    with Waiting(hold):
        try:
            subprocess.Popen([sys.executable, "-c", ""], preexec_fn=look).wait()
        except OSError as error:
            raise Unavailable(describe(error)) from error
    os.close(writer)
    with open(reader, "rb") as file:
        told = file.read()
    if told not in (b"taken", b"locked"):
        raise RuntimeError("it told %r" % told)
    return yes() if told == b"taken" else no("acquire(timeout=0.3) fails there")


class ForeignThread:
    """A thread that Python knows nothing of: pthread_create() runs pause(), a function of C."""

    def __init__(self):
        ctypes = needed("ctypes")
        try:
            self.c = ctypes.CDLL(None)
            create, start = self.c.pthread_create, ctypes.cast(self.c.pause, ctypes.c_void_p)
        except (AttributeError, OSError, TypeError) as error:
            raise Unavailable(describe(error)) from error
        self.thread = ctypes.c_void_p()
        if create(ctypes.byref(self.thread), None, start, None) != 0:
            raise Unavailable("pthread_create() fails")

    def end(self):
        self.c.pthread_cancel(self.thread)
        self.c.pthread_join(self.thread, None)


@question(
    "Does os.fork() warn of a thread that a C library has started (pthread_create)?",
    why="threading.enumerate() shows the main thread alone, and yet Python 3.12 and later warn: they count the threads "
    "of the system. The threads of NumPy's OpenBLAS and of gRPC are of this kind.",
    do="Look for the thread in /proc/self/task or with a debugger of C (py-spy dump does not show it); use spawn or "
    "forkserver.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=(
        "use of fork() may lead to deadlocks in the child, but there is only one thread",
        "DeprecationWarning multi-threaded fork pytest-xdist execnet only MainThread",
        "This process is multi-threaded although threading.enumerate() shows only MainThread",
        "numpy OpenBLAS threads fork warning",
    ),
    wanted="either",
)
def warning_of_foreign_thread():
    import warnings

    forked(str)  # Unavailable where there is none
    thread = ForeignThread()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            told = forked(lambda: "forked", patient)
    finally:
        thread.end()
    if told != "forked":
        raise RuntimeError("the child told %r" % told)
    warned = [each for each in caught if "multi-threaded" in str(each.message)]
    return yes(warned[0].category.__name__) if warned else no("no warning of it")


@question(
    "Does a child of os.fork() hold the lock that its parent has on a file by fcntl.lockf()?",
    why="Such locks belong to a process: the child has the file, but not the lock. flock() is the other way round.",
    do="Take the lock in the child, or use fcntl.flock() where parent and child shall share it.",
    source="https://man7.org/linux/man-pages/man2/fcntl_locking.2.html",
    documented={'sys_platform == "linux"': "no"},
    methods=(),
    asked=(
        "fcntl lock not inherited by child after fork",
        "SQLite locks are lost after fork",
        "filelock and fork",
    ),
    wanted="either",
)
def record_lock():
    fcntl = needed("fcntl")
    forked(str)  # Unavailable where there is none
    with open(place("locked"), "w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        told = forked(lambda: str(fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)), patient)
    if told == "None":
        return yes()
    if told.startswith(("raised BlockingIOError", "raised PermissionError")):
        return no("locking it raises %s" % told.split()[1].rstrip(":"))
    raise RuntimeError("the child told %r" % told)


# --- signals and ends


def arm(path, end):
    """Ask the system for SIGTERM at the end of the parent, as it sees that; say so, and wait."""
    import ctypes
    import signal

    if ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0) != 0:  # PR_SET_PDEATHSIG
        raise OSError("prctl() fails")
    note(path, "")
    wait_for(end)


@question(
    "Does PR_SET_PDEATHSIG kill a child when the thread that started it ends, while the program runs on?",
    why="Linux sends this signal at the end of the thread that made the child. Workers that were started from a thread "
    "of a pool or of a web server die with that thread; under forkserver, the parent is the server.",
    do="Start such children from the main thread, or let them watch multiprocessing.parent_process().sentinel.",
    source="https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html",
    documented={'fork; sys_platform == "linux"': "yes", 'spawn; sys_platform == "linux"': "yes"},
    asked=(
        "prctl PR_SET_PDEATHSIG child killed although the parent is alive",
        "PR_SET_PDEATHSIG thread exits",
        "kill child process when parent dies Linux prctl",
    ),
    wanted="no",
)
def death_signal_of_thread(ctx):
    ctypes = needed("ctypes")
    if sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "prctl"):
        return unavailable("there is no prctl() here")
    path, end = place("armed"), place("end")
    process = ctx.Process(target=arm, args=(path, end))

    def start():
        process.start()
        if not wait_until(lambda: os.path.exists(path) or process.exitcode is not None, LIMIT):
            raise RuntimeError("the child does not begin")

    thread = Call(start)
    thread.result()
    thread.thread.join()
    killed = comes(lambda: process.exitcode is not None, process.pid)
    note(end, "")
    process.join()
    if process.exitcode not in (0, -15) or killed != (process.exitcode == -15):
        raise RuntimeError("exit code %r" % process.exitcode)
    return yes() if killed else no("it runs on")


@question(
    "Are daemonic children ended before the program waits for the others, at its end?",
    why="A program that ends first terminates its daemonic children, then joins the others. A daemonic logger or "
    "server that the others need is gone while they still work.",
    do="Join the other children before the end of the program.",
    source=UTIL,
    asked=(
        "daemonic process terminated before non-daemonic processes are joined",
        "multiprocessing termination behavior at exit, order",
        "logging process daemon killed too early",
    ),
    deadline=60,
    wanted="either",
)
def daemon_ends_first(ctx):
    env = {"CANIFORK_METHOD": ctx.get_start_method()}
    script = run_script("boundaries_end.py", place("told"), env=env, timeout=2 * LIMIT)
    if script.timed_out or script.status != 0:
        raise RuntimeError("status %r: %s" % (script.status, script.stderr[-300:]))
    with open(place("told")) as file:
        told = file.read()
    if told not in ("ended", "runs"):
        raise RuntimeError("the child told %r" % told)
    return yes() if told == "ended" else no("it runs while the program waits")


def look_for(path, told):
    """The grandchild: whether a callback of its parent runs while it does."""
    note(told, "callback first" if wait_until(lambda: os.path.exists(path), A_WHILE) else "join first")


def register_and_start(method, path, told):
    """The child: a callback, and a child of its own that is not joined."""
    import atexit
    import multiprocessing

    process = multiprocessing.get_context(method).Process(target=look_for, args=(path, told))
    process.start()
    atexit.register(note, path, "")
    return True


@question(
    "Does a child run its atexit callbacks, or join its own children, first?",
    why="In a program, callbacks that were registered after the first start() run first, and can stop children. In a "
    "child, multiprocessing before Python 3.13 joins the children itself before Python calls anything: a callback that "
    "should stop them comes too late (under fork and forkserver, never), and both wait.",
    do="Stop and join children at the end of the target, in a finally block.",
    source="https://github.com/python/cpython/issues/114220",
    asked=(
        "child process hangs at exit, atexit handler not called",
        "multiprocessing _exit_function called before atexit handlers",
        "process with its own children hangs at exit",
    ),
    wanted="either",
)
def callback_of_child(ctx):
    path, told = place("called"), place("told")
    seen = run_child(ctx, register_and_start, ctx.get_start_method(), path, told)
    if not (seen.ok and seen.returned is True):
        raise_unexpected(ctx, seen)
    if not wait_until(lambda: os.path.exists(told), LIMIT):
        raise RuntimeError("the grandchild tells nothing")
    with open(told) as file:
        order = file.read()
    called = os.path.exists(path)
    if order == "callback first":
        return value("callback, join")
    return value("join, callback" if called else "join, no callback")


def when_started(path):
    """Unpickled in the child, ahead of the next argument: whether start() returns meanwhile."""
    return wait_until(lambda: os.path.exists(path), A_WHILE)


class Gate:
    """An argument that the child unpickles slowly; where nothing is pickled it stays what it is."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (when_started, (self.path,))


def returned_before(gate, data):
    """In the child: whether start() had returned before the data were read."""
    if len(data) != 2**20:
        raise RuntimeError("%d bytes came" % len(data))
    return isinstance(gate, Gate) or gate


@question(
    "Does start() return before the child has read 1 MB of arguments?",
    why="Arguments go through a pipe, which holds far less: start() waits until the child's interpreter runs, has "
    "imported the main script and reads. Children with large arguments start one after the other.",
    do="Send large data later, through a Queue, or put them into a file or shared memory.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/popen_spawn_posix.py",
    asked=(
        "Process.start() is slow and blocks with large arguments",
        "worker processes start one after another instead of in parallel",
        "DataLoader workers sequential initialization spawn",
    ),
)
def start_before_reading(ctx):
    path = place("started")
    seen = run_child(ctx, returned_before, Gate(path), b"x" * 2**20, meanwhile=lambda: note(path, ""))
    if not (seen.ok and seen.returned in (True, False)):
        raise_unexpected(ctx, seen)
    return yes() if seen.returned else no("it waits for the child")


# --- objects of the parent


@question(
    "Does a SharedMemory object print a BufferError if it is dropped while a view of its buffer exists?",
    why="The object closes its memory when it is collected, which fails as long as a memoryview, or an array made of "
    "the buffer, is alive. The error is only printed; where a file descriptor stays open, it leaks.",
    do="Delete arrays and views first, then call close(); keep the block as long as its arrays.",
    source="https://github.com/python/cpython/issues/155003",
    methods=(),
    asked=(
        "BufferError: cannot close exported pointers exist",
        "Exception ignored in: <function SharedMemory.__del__",
        "NumPy array of SharedMemory, error at exit",
    ),
    wanted="no",
)
def view_outlives_block():
    needed("mmap")
    import gc
    from multiprocessing.shared_memory import SharedMemory

    block = SharedMemory(create=True, size=16)
    name, view = block.name, memoryview(block.buf)[:8]
    kept = SharedMemory(name)
    try:
        view[0] = 7
        del block
        gc.collect()
        if kept.buf[0] != 7:
            raise RuntimeError("it is another block")
        told = printed()
    finally:
        view.release()
        kept.close()
        kept.unlink()
    return yes("BufferError") if "BufferError" in told else no("nothing is printed")


@question(
    "Can the serve_forever() method of an http.server.HTTPServer be the target of a Process?",
    why="The method takes its server along, which holds a listening socket and a threading.Event: only fork does not "
    "pickle them. Test suites that run a server beside the tests do this.",
    do="Make the server in the child: let the target be a function of a module that makes it and serves; or serve in a "
    "thread.",
    source=REFERENCE + "Process",
    asked=(
        "TypeError: cannot pickle '_thread.lock' object HTTPServer serve_forever",
        "run test server in multiprocessing.Process, Python 3.14 forkserver",
        "Flask or Werkzeug server in Process cannot be pickled",
        "socketserver in a child process",
    ),
)
def server_as_target(ctx):
    needed("socket")
    from http.client import HTTPConnection
    from http.server import BaseHTTPRequestHandler, HTTPServer

    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        process = ctx.Process(target=server.serve_forever)
        try:
            process.start()
        except refusals() as error:
            return no(describe(error))
        connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=LIMIT)
        try:
            connection.request("GET", "/")
            status = connection.getresponse().status
        finally:
            connection.close()
            process.kill()
            process.join()
    if status != 501:  # of a handler without do_GET()
        raise RuntimeError("the status is %r" % status)
    return yes()


# --- connections


@question(
    "Does multiprocessing.connection.wait([], 0.3) wait when there is nothing to wait for?",
    why="Where it returns at once, as on Windows, a loop that waits for whatever connections and processes there are, "
    "with a timeout, spins at full speed while there are none.",
    do="Nothing if yes; else sleep yourself if the list is empty.",
    source="https://github.com/python/cpython/issues/145587",
    methods=(),
    asked=(
        "multiprocessing.connection.wait 100% CPU with empty list",
        "connection.wait returns immediately on Windows",
    ),
)
def wait_for_nothing():
    import time
    from multiprocessing.connection import wait

    start = time.monotonic()
    found = wait([], 0.3)
    took = time.monotonic() - start
    if found != []:
        raise RuntimeError("it found %r" % found)
    return yes() if took > 0.2 else no("it returns at once")


@question(
    "Does Client(address, authkey=…) end if the Listener has no authkey?",
    why="A client with a key waits for the listener's challenge. A listener without a key sends none, and nobody tells "
    "the client: it waits as long as the connection lives.",
    do="Give both sides the same authkey, or neither.",
    source="https://github.com/python/cpython/issues/123736",
    methods=(),
    asked=(
        "multiprocessing.connection.Client hangs authkey",
        "Client deadlocks when connecting to a listener without a password",
    ),
)
def key_of_client_only():
    needed("socket")
    from multiprocessing.connection import Client, Listener

    try:
        listener = Listener(("127.0.0.1", 0))
    except OSError as error:  # WASI has sockets, but may open none
        raise Unavailable(describe(error)) from error
    with listener:
        accepting = Call(listener.accept)
        call = Call(lambda: Client(listener.address, authkey=b"secret"))
        accepted = accepting.result()
        ended = call.ends()
        accepted.close()
        if not ended:
            call.ended.wait(LIMIT)
            return no("it waits for a challenge")
    if call.raised is None:
        call.returned.close()
        return yes("it is connected")
    return yes(describe(call.raised))


class Parent:
    """A shared object that makes another one; a manager gives that to the class again."""

    def __init__(self, made=None):
        self.made = made

    def make(self):
        return Parent()

    def number(self):
        return 7


def made(parent):
    """In the child: use an object that was made through a proxy."""
    return parent.make().number() == 7


@question(
    "Can a child call a method through a proxy that returns another proxy (method_to_typeid)?",
    why="The manager object knows how to make proxies of what methods return. A proxy in a child has lost it, by "
    "pickling or after the fork: such methods work only in the process that has the manager.",
    do="Let the parent make the objects, and pass each proxy to the child; or connect to the manager in the child.",
    source="https://github.com/python/cpython/issues/99595",
    asked=(
        "AttributeError: 'NoneType' object has no attribute '_registry'",
        "method_to_typeid proxy fails in child process",
        "self._manager is None when proxy gets passed between processes",
    ),
)
def proxy_from_proxy(ctx):
    from multiprocessing.managers import BaseManager

    BaseManager.register("Parent", Parent, method_to_typeid={"make": "Parent"})
    with BaseManager(ctx=ctx) as manager:
        parent = manager.Parent()
        if not made(parent):
            raise RuntimeError("not even here")
        seen = run_child(ctx, made, parent)
    if seen.ok and seen.returned is True:
        return yes()
    if seen.stage == "done" and seen.error.startswith("AttributeError"):
        return no(seen.error)
    raise_unexpected(ctx, seen)


class Items:
    """A shared object with special methods."""

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return index

    def __call__(self):
        return 7

    def number(self):
        return 7


@question(
    "Do len(), [] and () work through the proxy of a class of your own, registered without exposed=…?",
    why="A manager makes proxies for public methods only, those without a leading underscore.",
    do="Register the class with exposed=('__len__', '__getitem__', …) and a proxy class that derives from BaseProxy "
    "and calls self._callmethod(); or give the class ordinary methods for it.",
    source=REFERENCE + "managers.BaseManager.register",
    documented={"*": "no"},
    methods=(),
    asked=(
        "TypeError: object of type 'AutoProxy[…]' has no len()",
        "'AutoProxy[…]' object is not callable",
        "'AutoProxy[…]' object is not subscriptable",
        "special methods of a shared object through a manager",
    ),
)
def special_methods():
    from multiprocessing.managers import BaseManager

    BaseManager.register("Items", Items)
    with BaseManager() as manager:
        proxy = manager.Items()
        if proxy.number() != 7:
            raise RuntimeError("the proxy does not work")
        works = [work for work, call in SPECIAL.items() if allowed(call, proxy)]
    if not works:
        return no("TypeError for each")
    if len(works) < len(SPECIAL):
        raise RuntimeError("only these work: %s" % ", ".join(works))
    return yes()


SPECIAL = {"len()": len, "[]": lambda proxy: proxy[1], "()": lambda proxy: proxy()}


def allowed(call, proxy):
    """Whether a call on a proxy is supported."""
    try:
        call(proxy)
    except TypeError:
        return False
    return True


if __name__ == "__main__":
    main()
