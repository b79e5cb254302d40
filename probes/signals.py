"""What do signals do to children, to their parent and to event loops?"""

import os
import signal
import threading

from _probe import (
    Unavailable,
    describe,
    main,
    no,
    question,
    raise_unexpected,
    run_child,
    scratch,
    unavailable,
    value,
    wait_until,
    yes,
)
from _tasks import LIMIT, note, report

SIGNAL = "https://docs.python.org/3/library/signal.html"
REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."


def stay(connection):
    """The child is ready, and stays until it is told to end or is ended."""
    connection.send("ready")
    if connection.poll(LIMIT):
        connection.recv()


class Ready:
    """A child that is ready for signals."""

    def __init__(self, ctx, target=stay, *args):
        if os.name == "nt":
            raise Unavailable("there are no signals between processes")
        self.mine, its = ctx.Pipe()
        self.process = ctx.Process(target=target, args=(its,) + args)
        self.its = its

    def __enter__(self):
        self.process.start()
        if not self.mine.poll(LIMIT) or self.mine.recv() != "ready":
            self.process.kill()
            raise RuntimeError("the child is not ready")
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.join()
        self.mine.close()
        self.its.close()


def ignore(*_):
    """A handler that only counts."""
    ignore.count += 1


ignore.count = 0


@question(
    "Does terminate() end a child within 0.5 s if the parent's SIGTERM handler just returns?",
    why="A forked child has the handler too: it runs there, and the child goes on. Servers that shut down "
    "gracefully find that their pools do not end.",
    do="Call signal.signal(signal.SIGTERM, signal.SIG_DFL) in the target or initializer, or use kill(). A signal that "
    "comes before that line still meets the handler.",
    source=SIGNAL + "#signal.signal",
    asked=(
        "Process.terminate() does not work",
        "pool.terminate hangs with a signal handler",
        "child processes inherit the SIGTERM handler",
    ),
)
def terminate_with_handler(ctx):
    signal.signal(signal.SIGTERM, ignore)
    with Ready(ctx) as child:
        child.process.terminate()
        child.process.join(0.5)
        if child.process.exitcode is not None:
            return yes("exit code %r" % child.process.exitcode)
        child.mine.send("end")
        child.process.join(LIMIT)
        code = child.process.exitcode
    if code != 0:
        raise RuntimeError("it ended with %r" % code)
    return no("the child ran the handler and went on until it was told to end")


@question(
    "Is the parent's SIGCHLD handler called when a child ends?",
    why="Servers count and replace their workers there. A child of the fork server is not a child of the program.",
    do="Wait for process.sentinel instead, which works under every method.",
    source=SIGNAL + "#signal.SIGCHLD",
    documented={'sys_platform == "win32"': "unavailable"},
    asked=("SIGCHLD multiprocessing", "SIGCHLD handler not called with forkserver"),
)
def child_signal(ctx):
    if not hasattr(signal, "SIGCHLD"):
        return unavailable("there is no SIGCHLD")
    process = ctx.Process(target=int)
    process.start()  # helpers are started by now
    process.join()
    signal.signal(signal.SIGCHLD, ignore)
    before = ignore.count
    process = ctx.Process(target=int)
    process.start()
    process.join()
    called = ignore.count > before
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return yes() if called else no("the child has ended, and the handler was not called")


@question(
    "What is the exitcode of a child whose status the program took with os.waitpid()?",
    why="os.waitpid() and os.wait() take the status away from multiprocessing.",
    do="Wait with process.join() or for process.sentinel, never with os.wait() or os.waitpid().",
    source=REFERENCE + "Process.exitcode",
    methods=("fork", "spawn"),
    asked=(
        "If the program reaps children itself (os.wait / SIGCHLD=SIG_IGN), what do Process.join() and exitcode report "
        "under each method?",
        "exitcode None after join",
        "ChildProcessError: [Errno 10] No child processes",
    ),
)
def waited_elsewhere(ctx):
    if not hasattr(os, "waitpid") or os.name == "nt":
        return unavailable("there is no os.wait()")
    process = ctx.Process(target=os._exit, args=(3,))
    process.start()
    status = os.waitpid(process.pid, 0)[1]
    process.join()
    if status != 3 << 8:
        raise RuntimeError("status %r" % status)
    return value(str(process.exitcode), "it called os._exit(3); is_alive() is %s" % process.is_alive())


@question(
    "Is exitcode set after join() if another thread's join() is just reaping the child?",
    why="Every start() and active_children() polls all children, and only one thread can reap each of them. Here the "
    "other thread's os.waitpid() is held back after it has reaped, so that the two meet.",
    do="Start and join processes in one thread, or read exitcode again.",
    source="https://github.com/python/cpython/issues/130895",
    documented={"*": "yes"},
    methods=("fork", "spawn"),
    asked=(
        "Is p.exitcode always set after p.join() when processes are handled from two threads?",
        "exitcode is None after join()",
    ),
)
def join_in_two_threads(ctx):
    if os.name == "nt":
        return unavailable("processes are not waited for like this")
    process = ctx.Process(target=int)
    process.start()
    real, reaped, go = os.waitpid, threading.Event(), threading.Event()

    def slow(pid, flags):
        result = real(pid, flags)
        if threading.current_thread() is other and result[0] == pid:
            reaped.set()  # the status is taken, and not yet stored
            go.wait(LIMIT)
        return result

    other = threading.Thread(target=process.join)
    os.waitpid = slow
    try:
        other.start()
        if not reaped.wait(LIMIT):
            raise RuntimeError("the other thread has not waited")
        watch = threading.Timer(0.5, go.set)  # if join() waits for the other thread, as it should
        watch.start()
        process.join()
        code = process.exitcode
        go.set()
        other.join()
        watch.cancel()
    finally:
        os.waitpid = real
    if process.exitcode != 0:
        raise RuntimeError("exit code %r" % process.exitcode)
    return yes() if code == 0 else no("join() returned, and exitcode was None for a moment")


def signal_self(connection):
    """The child gets the signal that the parent's loop listens for."""
    if signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL:
        signal.signal(signal.SIGUSR1, ignore)
    os.kill(os.getpid(), signal.SIGUSR1)
    return True


@question(
    "Does a signal sent to a child run the handler of its parent's asyncio loop?",
    why="Before Python 3.12 a forked child keeps the loop's wake-up socket: it writes the signal's number there, "
    "and the parent believes that the signal was its own. A server shuts down because one of its workers was told "
    "to.",
    do="In the child, call signal.set_wakeup_fd(-1) and set the handlers again; or use spawn or forkserver.",
    source="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.add_signal_handler",
    documented={'sys_platform == "win32"': "unavailable"},
    asked=(
        "asyncio signal handler called in parent when child receives SIGTERM",
        "uvicorn multiprocessing child SIGTERM stops parent",
        "set_wakeup_fd fork",
    ),
)
def loop_of_parent(ctx):
    import asyncio

    if not hasattr(signal, "SIGUSR1"):
        return unavailable("there is no SIGUSR1")

    async def run():
        loop, came = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, came.set)
        seen = run_child(ctx, signal_self, None)
        if not seen.ok:
            raise RuntimeError(seen.why_not())
        try:
            await asyncio.wait_for(came.wait(), 0.3)  # what was written is there by now
            return True
        except asyncio.TimeoutError:
            return False

    return yes("the parent's handler ran") if asyncio.run(run()) else no("the parent's handler did not run")


def run_loop():
    """The child runs an event loop of its own."""
    import asyncio

    async def answer():
        await asyncio.sleep(0)
        return 42

    return asyncio.run(answer())


@question(
    "Can a child that was started from a coroutine call asyncio.run()?",
    why="A forked child has a copy of the parent's running loop, which must not count as its own.",
    do="Nothing if yes; otherwise use spawn.",
    source="https://docs.python.org/3/library/asyncio-runner.html#asyncio.run",
    asked=("RuntimeError: asyncio.run() cannot be called from a running event loop in child process",),
)
def own_loop(ctx):
    import asyncio

    async def run():
        return run_child(ctx, run_loop)

    seen = asyncio.run(run())
    if seen.ok and seen.returned == 42:
        return yes()
    if seen.stage == "done" and "running event loop" in seen.error:
        return no(seen.error)
    return raise_unexpected(ctx, seen)


@question(
    "Can an asyncio loop wait for a child with loop.add_reader(process.sentinel)?",
    why="It needs no thread, while join() would block the loop.",
    do="On Windows use loop.run_in_executor(None, process.join).",
    source="https://docs.python.org/3/library/asyncio-platforms.html#windows",
    documented={'sys_platform == "win32"': "no"},
    asked=("await multiprocessing.Process", "asyncio join process without blocking"),
)
def sentinel_in_loop(ctx):
    import asyncio

    process = ctx.Process(target=int)

    async def run():
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(process.sentinel, ended.set)
        await asyncio.wait_for(ended.wait(), LIMIT)
        asyncio.get_running_loop().remove_reader(process.sentinel)

    process.start()
    try:
        asyncio.run(run())
    except NotImplementedError as error:
        return no(describe(error))
    finally:
        process.join()
    return yes()


def wait_forever(connection, path):
    """The child waits; Ctrl+C ends it with KeyboardInterrupt."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        connection.send("ready")
        # In short waits: a signal that comes just before a long one begins is noticed only when that is over.
        wait_until(connection.poll, LIMIT)
    except KeyboardInterrupt:
        note(path, "KeyboardInterrupt")
        raise


@question(
    "What is the exit code of a child that KeyboardInterrupt ends?",
    why="Ctrl+C in a terminal reaches all processes of the program; each prints a traceback of its own.",
    do="Ignore SIGINT in children, and end them from the parent: an Event at which they look between two pieces of "
    "work lets them finish one.",
    source=SIGNAL + "#signal.SIGINT",
    asked=(
        "exit code of child after Ctrl+C",
        "KeyboardInterrupt traceback of every child process",
        "graceful shutdown on Ctrl+C",
    ),
)
def interrupted_child(ctx):
    path = scratch("interrupted")
    with Ready(ctx, wait_forever, path) as child:
        os.kill(child.process.pid, signal.SIGINT)
        child.process.join(LIMIT)
        code = child.process.exitcode
    if not wait_until(lambda: os.path.exists(path), 1):
        raise RuntimeError("no KeyboardInterrupt, exit code %r" % code)
    os.remove(path)
    return value(code, "the child had KeyboardInterrupt")


def pipe_signal():
    """What the child does when it writes to a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        os.write(writer, b"x")
    except OSError as error:
        return "BrokenPipeError" if isinstance(error, BrokenPipeError) else describe(error)
    return "nothing"


@question(
    "Does a child that writes to a pipe without reader get BrokenPipeError?",
    why="Python ignores SIGPIPE; a child that did not would end without a word, with exit code -13.",
    do="On Windows catch OSError: there the C library reports EINVAL.",
    source=SIGNAL + "#note-on-sigpipe",
    documented={'os_name == "posix"': "yes"},
    asked=("exitcode -13 SIGPIPE", "BrokenPipeError in child process", "OSError: [Errno 22] Invalid argument"),
)
def broken_pipe_signal(ctx):
    seen = run_child(ctx, pipe_signal)
    if seen.ok:
        return yes() if seen.returned == "BrokenPipeError" else no(seen.returned)
    if hasattr(signal, "SIGPIPE") and seen.exitcode == -signal.SIGPIPE:
        return no("SIGPIPE ended the child without a word")
    return raise_unexpected(ctx, seen)


def can_set_handler():
    """Whether this child may install a signal handler."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    except ValueError as error:
        return describe(error)
    return ""


@question(
    "Can a child install a signal handler if another thread than the main one started it?",
    why="Python allows handlers in the main thread only. In a forked child that is the thread that forked.",
    do="Nothing if yes.",
    source=SIGNAL + "#signals-and-threads",
    asked=("ValueError: signal only works in main thread of the main interpreter",),
)
def handler_from_thread(ctx):
    told = []

    def start():
        try:
            told.append(report(ctx, can_set_handler))
        except Exception as error:
            told.append(error)

    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
    if isinstance(told[0], Exception):
        raise told[0]
    return no(told[0]) if told[0] else yes()


if __name__ == "__main__":
    main()
