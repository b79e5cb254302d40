"""What happens beside a fork, in a coroutine, between siblings, and at the very end of a program?"""

import functools
import os

from _os_fork import forked, patient
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
    scratch,
    unavailable,
    value,
    wait_until,
    yes,
)
from _tasks import executor, report, wait_for
from _waiting import comes

FORK = "https://docs.python.org/3/library/os.html#os.fork"
METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
UTIL = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/util.py"
ENDS = "https://docs.python.org/3/library/atexit.html"


@question(
    "Can a child of os.fork() call asyncio.run() if its parent forked in a coroutine?",
    why="The child is a copy in the middle of a running loop. asyncio forgets the loop after a fork, but returning "
    "from the coroutine would go on in the copy, whose selector is the parent's.",
    do="Fork before the loop runs, or end the child with os._exit() before its coroutine returns.",
    source="https://github.com/python/cpython/issues/66285",
    methods=(),
    asked=(
        "RuntimeError: asyncio.run() cannot be called from a running event loop after os.fork",
        "os.fork() in a coroutine",
        "OSError: [Errno 9] Bad file descriptor asyncio fork",
    ),
)
def fork_in_coroutine():
    import asyncio

    forked(str)  # Unavailable where there is none

    async def seven():
        await asyncio.sleep(0)
        return "7"

    async def fork():
        return forked(lambda: asyncio.run(seven()), patient)

    told = asyncio.run(fork())
    if told == "7":
        return yes()
    if told.startswith("raised RuntimeError"):
        return no(told[len("raised ") :])
    raise RuntimeError("the child told %r" % told)


@question(
    "Does unregistering from a select.epoll in a forked child unregister for the parent too?",
    why="An epoll is one object of the kernel, whoever forks. A child that tidies its copy of an event loop silences "
    "the parent's.",
    do="End the child with os._exit(), or use spawn or forkserver.",
    source="https://man7.org/linux/man-pages/man7/epoll.7.html",
    methods=(),
    asked=("epoll shared after fork", "event loop of the parent stops after a fork"),
    wanted="no",
)
def shared_epoll():
    import select

    if not hasattr(select, "epoll"):
        return unavailable("there is no select.epoll here")
    reader, writer = os.pipe()
    with select.epoll() as poller:
        poller.register(reader, select.EPOLLIN)
        os.write(writer, b"x")
        if not poller.poll(LIMIT):
            raise RuntimeError("the poller does not work")
        told = forked(lambda: str(poller.unregister(reader)), patient)
        ready = poller.poll(0)
    os.close(reader)
    os.close(writer)
    if told != "None":
        raise RuntimeError("the child told %r" % told)
    return no("the parent sees its pipe as before") if ready else yes()


@question(
    "Can a forked child call faulthandler.cancel_dump_traceback_later() if its parent has armed it?",
    why="The watchdog is a thread, which does not exist in the child; cancelling waits for its end. pytest arms it "
    "around each test with faulthandler_timeout.",
    do="Cancel it before forking, or use spawn or forkserver.",
    source="https://docs.python.org/3/library/faulthandler.html#faulthandler.dump_traceback_later",
    methods=(),
    asked=("faulthandler.dump_traceback_later and fork", "pytest faulthandler_timeout multiprocessing hang"),
)
def watchdog_cancelled():
    import faulthandler

    if not hasattr(faulthandler, "dump_traceback_later"):
        return unavailable("there is no dump_traceback_later()")
    forked(str)  # Unavailable where there is none
    faulthandler.dump_traceback_later(10 * LIMIT)
    try:
        told = forked(lambda: str(faulthandler.cancel_dump_traceback_later()), comes)
    finally:
        faulthandler.cancel_dump_traceback_later()
    if told == "None":
        return yes()
    if told:
        raise RuntimeError("the child told %r" % told)
    return no("the call does not return")


class Listed:
    """A handler of log records that keeps them."""

    def __init__(self):
        self.level = 0
        self.messages = []

    def handle(self, record):
        """Keep a record."""
        self.messages.append("%s %d" % (record.getMessage(), record.process))


def log(name, text):
    """Log a text."""
    import logging

    logging.getLogger(name).error(text)
    return os.getpid()


@question(
    "Does a QueueListener's thread write what a forked child logs into its queue.Queue?",
    why="The thread exists in the parent only, and the child's queue is a copy: its records stay there, and nobody "
    "writes them. Frameworks set logging up like this.",
    do="Start a listener in each child, or use a multiprocessing.Queue, which parent and child share.",
    source="https://docs.python.org/3/library/logging.handlers.html#queuehandler",
    methods=("fork",),
    asked=(
        "QueueHandler logs nothing in forked worker process",
        "forked processes do not log because queue listener thread is not running",
        "structlog QueueListener gunicorn workers log nothing",
    ),
)
def queue_listener(ctx):
    import logging
    import logging.handlers
    import queue

    records = queue.Queue()
    written = Listed()
    listener = logging.handlers.QueueListener(records, written)
    logger = logging.getLogger("moments")
    logger.propagate = False
    logger.addHandler(logging.handlers.QueueHandler(records))
    listener.start()
    log("moments", "parent")
    seen = run_child(ctx, log, "moments", "child")
    listener.stop()
    if not seen.ok:
        raise_unexpected(ctx, seen)
    if "parent %d" % os.getpid() not in written.messages:
        raise RuntimeError("the listener wrote %r" % written.messages)
    return yes() if "child %d" % seen.returned in written.messages else no("it writes only what the parent logs")


def is_open(number, inode):
    """Whether a descriptor number leads to the same file here."""
    try:
        return os.fstat(number).st_ino == inode
    except OSError:
        return False


class Inherited:
    """An open pipe that may be inherited; number and inode are those of its reading end."""

    def __init__(self):
        self.number, self.other = os.pipe()
        os.set_inheritable(self.number, True)
        self.inode = os.fstat(self.number).st_ino

    def close(self):
        """Close both ends."""
        os.close(self.number)
        os.close(self.other)


def need_descriptors():
    """Raise Unavailable where descriptors are not inherited by number."""
    if os.name == "nt":
        raise Unavailable("descriptors are not inherited there")


@question(
    "Is a pipe that was opened after ProcessPoolExecutor(), before submit(), open in its worker?",
    why="An executor starts its workers at submit(): forked ones have all that the program has opened until then, and "
    "keep pipes, ports and database connections open. The pipe is marked as inheritable.",
    do="Submit a first task as soon as the executor is made, or use spawn or forkserver.",
    source="https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor",
    asked=("worker processes keep the port open", "file descriptors leak into ProcessPoolExecutor workers"),
    wanted="no",
)
def opened_after_executor(ctx):
    need_descriptors()
    with executor(ctx) as pool:
        pipe = Inherited()
        try:
            seen = pool.submit(is_open, pipe.number, pipe.inode).result(LIMIT)
        finally:
            pipe.close()
    return yes() if seen else no("it is not")


@question(
    "Is a pipe that was opened after Pool() open in its worker?",
    why="A Pool starts its workers at once; those that replace others are forked later, with all that is open then. "
    "The pipe is marked as inheritable.",
    do="Make pools early, before connections are opened.",
    source="https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.pool",
    asked=("file descriptors leak into Pool workers",),
    wanted="no",
)
def opened_after_pool(ctx):
    need_descriptors()
    with ctx.Pool(1) as pool:
        pipe = Inherited()
        try:
            seen = pool.apply_async(is_open, (pipe.number, pipe.inode)).get(LIMIT)
        finally:
            pipe.close()
    return yes() if seen else no("it is not")


class Running:
    """A child that has begun, and runs until end()."""

    def __init__(self, ctx):
        self.go, self.begun = scratch("go"), scratch("begun")
        self.process = ctx.Process(target=wait_for, args=(self.go, self.begun))
        self.process.start()
        # a spawned child has what the parent has until it runs the interpreter: start() need not wait for that
        if not wait_until(lambda: os.path.exists(self.begun), LIMIT):
            raise RuntimeError("the child does not begin")

    def end(self):
        """Let it end."""
        open(self.go, "w").close()
        self.process.join()
        os.remove(self.go)
        os.remove(self.begun)


def at_end(reader):
    """Whether a connection is at its end; nothing else may come."""
    try:
        if not reader.poll():
            return False
        raise RuntimeError("another message: %r" % reader.recv())
    except (EOFError, BrokenPipeError):  # the second on Windows, by poll() itself
        return True


def hello(connection):
    """A child that writes and ends."""
    connection.send("hello")
    connection.close()


@question(
    "Is there EOF in a Pipe once its writer has ended, if a child that was started while it was open still runs?",
    why="A child forked while the pipe was open has a copy of the writing end, and keeps the pipe open as long as it "
    "lives: recv() waits for ever instead of raising EOFError.",
    do="Close the writing end in the parent before the next process is started, or send a last message.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection.recv",
    asked=("recv() does not raise EOFError after the child ended", "pipe not closed because of another process"),
)
def pipe_end_of_sibling(ctx):
    reader, writer = ctx.Pipe(duplex=False)
    sibling = Running(ctx)  # the writing end is open in the parent now
    process = ctx.Process(target=hello, args=(writer,))
    process.start()
    writer.close()
    process.join()
    if not reader.poll(LIMIT) or reader.recv() != "hello":
        raise RuntimeError("nothing came")
    ended = at_end(reader)  # the writer is gone, and whatever it had open: there is no need to wait
    sibling.end()
    if not ended and not at_end(reader):
        raise RuntimeError("there is no EOF after the sibling's end either")
    return yes() if ended else no("EOF comes only when that child ends")


@question(
    "Can a server listen again on a port that it closed, if a child that was started while it listened still runs?",
    why="A forked child has a copy of the listening socket, and holds the port until it ends: a restart fails, or "
    "clients connect to nobody.",
    do="Close the socket in the child, or start children before listening.",
    source="https://docs.python.org/3/library/socket.html#socket.socket.close",
    asked=("OSError: [Errno 98] Address already in use after restart", "port stays open because of a child process"),
)
def port_of_parent(ctx):
    import socket

    listening = socket.socket()
    try:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
    except OSError as error:
        raise Unavailable(describe(error)) from error
    address = listening.getsockname()
    child = Running(ctx)
    listening.close()
    again = socket.socket()
    try:
        again.bind(address)
        again.listen(1)
        failed = None
    except OSError as error:
        failed = error
    finally:
        again.close()
        child.end()
    if failed is None:
        return yes()
    import errno

    if failed.errno != errno.EADDRINUSE:
        raise failed
    return no("OSError: EADDRINUSE while the child runs")


def ended(ctx, kind):
    """What a script of moments_end.py prints, line by line."""
    script = run_script("moments_end.py", kind, env={"CANIFORK_METHOD": ctx.get_start_method()}, timeout=LIMIT)
    if script.timed_out:
        raise RuntimeError("it did not end: %s" % script.stderr[-300:])
    return script


@question(
    "In which order do a program's own atexit callbacks and multiprocessing's joining of children run?",
    why="Callbacks run in the reverse order of their registration. multiprocessing registers its own not when it is "
    "imported but with the first process, lock or queue: only a callback registered later can still stop children.",
    do="Register callbacks that stop children after the first process was started.",
    source=ENDS,
    asked=("atexit handler runs before or after multiprocessing joins", "program hangs at exit before atexit handler"),
    wanted="either",
)
def order_at_exit(ctx):
    script = ended(ctx, "order")
    words = script.stdout.split()
    if sorted(words) != ["child", "earlier", "later"] or script.status != 0:
        raise RuntimeError("it printed %r: %s" % (words, script.stderr[-300:]))
    return value("; ".join(words), "later: registered after the first start(); child: its end; earlier: before it")


@question(
    "Does a daemonic child run on while a non-daemon thread of the program runs, after its main thread's end?",
    why="The program first waits for its threads, and only then ends daemonic children and calls atexit callbacks.",
    do="Let threads end when the main thread does, or make them daemonic.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon",
    asked=("daemon process and non-daemon thread at exit", "program does not exit while a thread runs"),
    wanted="either",
)
def daemon_beside_thread(ctx):
    script = ended(ctx, "thread")
    words = script.stdout.split()
    if words not in (["runs"], ["ended"]) or script.status != 0:
        raise RuntimeError("it printed %r: %s" % (words, script.stderr[-300:]))
    return yes() if words == ["runs"] else no("it had ended")


@question(
    "Does a child of os.fork() have its parent's pipe to the resource tracker open?",
    why="The tracker ends, and removes what was left behind, when the last copy of that pipe is closed: a program that "
    "forks itself into the background keeps it. Where a program waits for its tracker at its end, it then waits as "
    "long as the child runs.",
    do="Fork before the first lock, queue or process is made; or close in the child "
    "multiprocessing.resource_tracker._resource_tracker._fd.",
    source="https://github.com/python/cpython/issues/146313",
    methods=(),
    asked=("program hangs at exit after os.fork resource_tracker", "ResourceTracker.__del__ waitpid hangs"),
    wanted="no",
)
def tracker_of_fork():
    need_descriptors()
    forked(str)  # Unavailable where there is none
    from multiprocessing.resource_tracker import _resource_tracker as tracker

    tracker.ensure_running()
    number = tracker._fd
    told = forked(functools.partial(told_open, number, os.fstat(number).st_ino), patient)
    if told not in ("yes", "no"):
        raise RuntimeError("the child told %r" % told)
    return yes() if told == "yes" else no("it is closed")


def told_open(number, inode):
    """Whether a descriptor leads to the same file here, as a word."""
    return "yes" if is_open(number, inode) else "no"


def after_main(ctx, kind):
    """Answer whether a thread can do something with processes after the main thread's end."""
    script = ended(ctx, kind)
    said = script.stdout.strip()
    if said == "worked":
        return yes()
    if said == "ChildProcessError: exit code 1" and "AttributeError: " in script.stderr:
        return no("AttributeError in the child: it does not find the function")
    if not said.startswith(("RuntimeError: ", "PythonFinalizationError: ")):
        raise RuntimeError("it printed %r: %s" % (said, script.stderr[-300:]))
    return no(said)


@question(
    "Can a non-daemon thread start a Process whose target is imported after the main thread has ended?",
    why="The interpreter then waits for its threads, and is about to end: 3.12 refuses to fork. Asked with a builtin "
    "function; with one of the main script it is moments.own_function_after_main.",
    do="Keep the main thread waiting: thread.join().",
    source="https://github.com/python/cpython/issues/113964",
    asked=("can't create new thread at interpreter shutdown", "start a process from a thread at exit"),
)
def start_after_main(ctx):
    return after_main(ctx, "process")


@question(
    "After the main thread has ended, can a non-daemon thread start a Process whose target is a function of the main "
    "script (python script.py)?",
    why="CPython has then forgotten the path of a script that was started by its path: a new interpreter does not "
    "import it, and does not find the function. start() raises nothing.",
    do="Keep the main thread waiting: thread.join(); or take the target from an imported module, or run the script "
    "with python -m.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/spawn.py",
    asked=(
        "AttributeError: Can't get attribute on <module '__main__' (built-in)>",
        "Can't get attribute on <module '__main__' (<class '_frozen_importlib.BuiltinImporter'>)>",
        "AttributeError: module '__main__' has no attribute in a thread after main has ended",
        "process started by a background thread does not find its target",
    ),
)
def own_function_after_main(ctx):
    return after_main(ctx, "own")


@question(
    "Can a non-daemon thread submit a ProcessPoolExecutor task after the main thread has ended?",
    why="Since Python 3.9, executors refuse tasks from the main thread's end on, although threads still run. Asked "
    "with a builtin function and a worker that runs already: a new one would not find a function of the main script.",
    do="Keep the main thread waiting: thread.join().",
    source="https://github.com/python/cpython/issues/148280",
    asked=(
        "RuntimeError: cannot schedule new futures after interpreter shutdown",
        "RuntimeError: cannot schedule new futures after shutdown, in a thread",
    ),
)
def submit_after_main(ctx):
    from _probe import need_executor

    need_executor(ctx)
    return after_main(ctx, "submit")


@question(
    "Does a program with a multiprocessing.connection.Listener that calls os._exit() leave its folder, pymp-…?",
    why="Sockets of listeners, managers and the fork server lie in folders that are removed at a process's normal end "
    "only: os._exit(), crashes and kill leave them.",
    do="End programs normally; remove old folders pymp-* where programs are killed often.",
    source=UTIL,
    methods=(),
    asked=("pymp- directories in /tmp", "leftover /tmp/pymp-xxxx folders", "listener-xxxx socket left in /tmp"),
    wanted="no",
)
def folder_after_os_exit():
    import shutil

    folder = scratch("t")
    os.mkdir(folder)
    changes = {name: folder for name in ("TMPDIR", "TEMP", "TMP")}
    changes["CANIFORK_METHOD"] = "spawn"  # nothing is started
    try:
        script = run_script("moments_end.py", "exit", env=changes, timeout=LIMIT)
        left = [name for name in os.listdir(folder) if name.startswith("pymp-")]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if script.timed_out or script.status != 5 or script.stdout.split() != ["listens"]:
        raise RuntimeError("status %r, printed %r: %s" % (script.status, script.stdout, script.stderr[-300:]))
    return yes() if left else no("there is none")


def leave_block(name):
    """Make a block of shared memory, and end at once."""
    from multiprocessing.shared_memory import SharedMemory

    block = SharedMemory(name, create=True, size=16)
    block.buf[0] = 1
    os._exit(0)


@question(
    "Does a SharedMemory block outlive the child that made it and called os._exit(), if the parent made one before?",
    why="The block is known to the parent's resource tracker, which the child uses too: it removes the block when the "
    "program ends, not when the child does. On Windows, where no tracker is needed, a block ends with its last handle.",
    do="Call unlink() where the block is no longer needed.",
    source="https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory.SharedMemory",
    asked=("shared memory of a crashed process", "SharedMemory after os._exit"),
    wanted="either",
)
def block_after_os_exit(ctx):
    from _blocks import end_block, exists, own_name, shared_memory

    block = shared_memory()(own_name("a"), create=True, size=16)  # starts the tracker
    process = ctx.Process(target=leave_block, args=(own_name("b"),))
    process.start()
    process.join()
    there = exists(own_name("b"))
    if there:
        end_block(shared_memory()(own_name("b")))
    end_block(block)
    if process.exitcode != 0:
        raise RuntimeError("exit code %r" % process.exitcode)
    return yes() if there else no("it is gone")


def attach_and_unregister(name):
    """Use a block of the parent, and tell the resource tracker to forget it, as advice for Python 3.12 says."""
    from multiprocessing import resource_tracker
    from multiprocessing.shared_memory import SharedMemory

    block = SharedMemory(name)
    resource_tracker.unregister(block._name, "shared_memory")
    seen = block.buf[0] == 1
    block.close()
    return seen


@question(
    "Does unlink() give a KeyError of the resource tracker if a child has unregistered the block?",
    why="Children of multiprocessing use their parent's resource tracker: one that calls "
    "resource_tracker.unregister() after it attached takes the entry of the creator away. The tracker prints a "
    "traceback, and the program goes on.",
    do="Call unregister() only in programs that were started otherwise, or pass track=False, from Python 3.13 on.",
    source="https://github.com/wool-labs/wool/issues/336",
    asked=(
        "cache[rtype].remove(name) KeyError: '/psm_",
        "resource_tracker KeyError traceback when attaching shared memory in workers",
    ),
    wanted="no",
)
def unregistered_by_child(ctx):
    from _blocks import end_block, own_name, shared_memory

    if os.name == "nt":
        return unavailable("there is no resource tracker")
    from multiprocessing import resource_tracker

    block = shared_memory()(own_name(), create=True, size=16)
    block.buf[0] = 1
    used = report(ctx, attach_and_unregister, own_name())
    end_block(block)
    if used is not True:
        raise RuntimeError("the child saw another block")

    def complains():
        """Send what the tracker complains of, again and again: that of PyPy 3.9 keeps what it prints in a buffer."""
        resource_tracker.register(own_name("x"), "nonsense")
        return "unknown resource type" in printed()

    if not wait_until(complains, LIMIT):
        raise RuntimeError("the tracker does not answer")
    return yes("the tracker prints it") if "KeyError: '/%s'" % own_name() in printed() else no("nothing is printed")


if __name__ == "__main__":
    main()
