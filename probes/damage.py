"""What is left broken when a process is killed, or dies at the wrong moment?"""

import os
import threading

from _modules import needed
from _probe import (
    LIMIT,
    Unavailable,
    describe,
    main,
    need_executor,
    no,
    processes,
    question,
    run_script,
    value,
    wait_until,
    yes,
)

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
TERMINATE = REFERENCE + "Process.terminate"


def hold(thing, connection):
    """The child takes a lock or a semaphore and is killed with it."""
    thing.acquire()
    connection.send("taken")
    connection.recv()


def killed_with(ctx, thing):
    """Kill a child that has acquired thing."""
    mine, its = ctx.Pipe()
    process = ctx.Process(target=hold, args=(thing, its))
    process.start()
    try:
        if not mine.poll(LIMIT) or mine.recv() != "taken":
            raise RuntimeError("the child has not taken it")
    finally:
        process.kill()
        process.join()
        mine.close()
        its.close()


def freed(thing):
    """Answer whether thing can be acquired here."""
    if thing.acquire(timeout=0.3):
        thing.release()
        return yes()
    return no("acquire(timeout=0.3) returned False: it stays taken")


@question(
    "Is a multiprocessing.Lock released when the process that holds it is killed?",
    why="A killed process cannot release what it holds. All others then wait forever; here acquire() is given 0.3 s.",
    do="Ask children to end (an Event, a message); acquire with a timeout; or use a file lock (fcntl.flock, "
    "msvcrt.locking), which the system releases.",
    source=TERMINATE,
    documented={"*": "no"},
    asked=(
        "deadlock after Process.terminate()",
        "lock not released when process is killed",
        "robust mutex multiprocessing",
    ),
)
def lock_of_killed(ctx):
    lock = ctx.Lock()
    killed_with(ctx, lock)
    return freed(lock)


@question(
    "Is a multiprocessing.Semaphore released when the process that holds it is killed?",
    why="A killed process cannot release what it holds, so that each kill can cost one count. Here acquire() is given "
    "0.3 s.",
    do="Ask children to end, or make a new Semaphore after a kill.",
    source=TERMINATE,
    documented={"*": "no"},
    asked=("semaphore count lost after kill",),
)
def semaphore_of_killed(ctx):
    semaphore = ctx.Semaphore(1)
    killed_with(ctx, semaphore)
    return freed(semaphore)


@question(
    "Can the parent release a multiprocessing.Lock that a killed child held?",
    why="A Lock has no owner: any process may release it. That is a repair if you are sure who held it.",
    do="Call lock.release() after joining the killed child, if no other process can hold the lock.",
    source=REFERENCE + "Lock.release",
    documented={"*": "yes"},
    asked=("release a lock held by a dead process",),
)
def release_for_killed(ctx):
    lock = ctx.Lock()
    killed_with(ctx, lock)
    try:
        lock.release()
    except (ValueError, AssertionError) as error:
        return no(describe(error))
    if not lock.acquire(timeout=LIMIT):
        raise RuntimeError("it is still taken")
    lock.release()
    return yes()


@question(
    "Can the parent release a multiprocessing.RLock that a killed child held?",
    why="An RLock belongs to the process and thread that acquired it.",
    do="Use a Lock where a holder may be killed, or make a new RLock.",
    source=REFERENCE + "RLock.release",
    documented={"*": "no"},
    asked=("AssertionError: attempt to release recursive lock not owned by thread",),
    wanted="either",
)
def release_rlock_for_killed(ctx):
    lock = ctx.RLock()
    killed_with(ctx, lock)
    try:
        lock.release()
    except (ValueError, AssertionError) as error:
        return no(describe(error))
    return yes()


def take(queue, connection):
    """The child waits in get() until it is killed."""
    thread = threading.Thread(target=queue.get, daemon=True)
    thread.start()
    # get() holds the queue's reading lock while it waits: look until that is so
    if not wait_until(lambda: held(queue._rlock), LIMIT):
        raise RuntimeError("get() does not take the lock")
    connection.send("waiting")
    connection.recv()


def held(lock):
    """Whether a lock is taken."""
    if lock.acquire(block=False):
        lock.release()
        return False
    return True


@question(
    "Can a Queue be read after a process waiting in get() was killed?",
    why="get() holds a lock of the queue while it waits. A process killed there leaves the queue locked for all "
    "readers.",
    do="Send workers a message that tells them to end; after a kill, make a new queue.",
    source=TERMINATE,
    documented={"*": "no"},
    asked=("Queue.get hangs after terminating a worker", "queue corrupted after terminate", "_rlock deadlock"),
)
def queue_of_killed_reader(ctx):
    import queue as standard

    mine, its = ctx.Pipe()
    queue = ctx.Queue()
    process = ctx.Process(target=take, args=(queue, its))
    process.start()
    try:
        if not mine.poll(LIMIT) or mine.recv() != "waiting":
            raise RuntimeError("the child does not wait")
    finally:
        process.kill()
        process.join()
        mine.close()
        its.close()
    try:
        queue.put("item")
        if not wait_until(lambda: queue._reader.poll(), LIMIT):
            raise RuntimeError("put() wrote nothing")
        return yes() if queue.get(timeout=0.3) == "item" else no("another item came")
    except standard.Empty:
        return no("an item is there, and get(timeout=0.3) raises Empty: the queue's reading lock stays taken")
    finally:
        queue.close()
        queue.join_thread()


class Slow:
    """An item whose pickling takes long: a thread of the queue is still at it when the child ends."""

    def __reduce__(self):
        threading.Event().wait(LIMIT / 4)
        return (int, ())


def put_slow_and_die(queue):
    """The child ends at once, with an item that the queue's thread cannot have written yet."""
    queue.put(Slow())
    queue.put("item")
    os._exit(0)


@question(
    "Is an item delivered that waits behind one still being pickled when the child calls os._exit()?",
    why="put() hands items to a thread, which has written neither when the process ends. Here the pickling of the "
    "first takes seconds: this shows that put() alone promises nothing, not how often an item is lost.",
    do="Return from the target instead, or call queue.close() and queue.join_thread() first.",
    source=REFERENCE + "Queue.join_thread",
    asked=("multiprocessing.Queue loses items", "item put in queue is lost when process exits"),
)
def put_before_exit(ctx):
    queue = ctx.Queue()
    process = ctx.Process(target=put_slow_and_die, args=(queue,))
    process.start()
    process.join(LIMIT)
    if process.exitcode != 0:
        raise RuntimeError("exit code %r" % process.exitcode)
    arrived = queue._reader.poll(0)
    queue.close()
    return yes() if arrived else no("put() returned, and nothing was ever written")


def send_half(connection):
    """The child writes the beginning of a message and dies."""
    import struct

    connection._send(struct.pack("!i", 100) + b"only this")
    os._exit(0)


@question(
    "Does recv_bytes() raise when the sender dies in the middle of a message?",
    why="A large message is written in pieces; a killed sender leaves part of one. Here the child writes the header "
    "and nine bytes of a message of 100, and ends.",
    do="Treat EOFError and OSError of recv() alike: the message is lost.",
    source=REFERENCE + "connection.Connection.recv",
    asked=("OSError: got end of file during message", "recv hangs after child was killed"),
)
def half_message(ctx):
    if os.name == "nt":
        raise Unavailable("messages are written whole here")
    reader, writer = ctx.Pipe(duplex=False)
    process = ctx.Process(target=send_half, args=(writer,))
    process.start()
    writer.close()
    process.join()
    if process.exitcode != 0:
        raise RuntimeError("exit code %r: no half message was sent" % process.exitcode)
    try:
        reader.recv_bytes()
    except (EOFError, OSError) as error:
        return yes(describe(error))
    finally:
        reader.close()
    return no("it returned")


class Deadly:
    """An argument that ends the process which unpickles it."""

    def __reduce__(self):
        return (os._exit, (7,))


@question(
    "Does start() end within 1 s if the child dies before it has read 1 MB of arguments?",
    why="They go through a pipe whose reading end the parent itself holds open, so it does not notice the child's "
    "end. start() should return or raise.",
    do="Keep arguments small: pass a file name or SharedMemory, or send the data through a Pipe of your own.",
    source="https://github.com/python/cpython/issues/118981",
    documented={
        'spawn; python_full_version >= "3.14.1"': "yes",
        'spawn; python_version == "3.13" and python_full_version >= "3.13.8"': "yes",
    },
    methods=("spawn", "forkserver"),
    asked=("Process.start() hangs", "start() never returns when child crashes at start-up", "large args Process hangs"),
)
def dies_before_arguments(ctx):
    process = ctx.Process(target=int, args=(Deadly(), b"x" * 1000000))
    ended = []

    def start():
        try:
            process.start()
            ended.append("start() returned")
        except (OSError, EOFError) as error:
            ended.append("start() raised %s" % type(error).__name__)

    died = watched_child()
    pipes, make_pipe = [], os.pipe
    os.pipe = lambda: pipes.append(make_pipe()) or pipes[-1]
    thread = threading.Thread(target=start, daemon=True)  # on Windows nobody can end it
    try:
        thread.start()
        if not wait_until(lambda: ended or died(), LIMIT):
            raise RuntimeError("neither does start() end nor the child")
        thread.join(1)
        if ended:
            return yes(ended[0])
        if os.name != "nt":
            drain(thread, pipes)
        return no("the child had ended, and start() still waited 1 s later")
    finally:
        os.pipe = make_pipe


def watched_child():
    """A function that says whether the process that this program has spawned last has ended."""
    spawned = []
    if os.name == "nt":
        import _winapi

        create = _winapi.CreateProcess
        _winapi.CreateProcess = lambda *args: spawned.append(create(*args)) or spawned[-1]
        return lambda: spawned and _winapi.WaitForSingleObject(spawned[-1][0], 0) == _winapi.WAIT_OBJECT_0
    from multiprocessing import util

    spawn = util.spawnv_passfds
    util.spawnv_passfds = lambda *args: spawned.append(spawn(*args)) or spawned[-1]
    return lambda: spawned and spawned[-1] not in processes()


def drain(thread, pipes):
    """Read what a thread writes into one of our pipes, until it has written all."""
    for reader, _ in pipes:
        try:
            os.set_blocking(reader, False)
        except OSError:
            continue  # closed long ago

    def ended():
        for reader, _ in pipes:
            try:
                while os.read(reader, 65536):
                    pass
            except OSError:
                continue  # nothing there, or closed
        return not thread.is_alive()

    if not wait_until(ended, LIMIT):
        raise RuntimeError("start() does not end")


@question(
    "Does a program end if it drops a broken ProcessPoolExecutor, without shutdown(), before the executor's thread "
    "ends?",
    why="On some Pythons the thread then waits for a lock that it holds itself, and the program never ends. It is a "
    "matter of moments, and rare: here the thread is held back until the executor is dropped.",
    do="Use the executor in a with statement, or call shutdown() in a finally block.",
    source="https://github.com/python/cpython/issues/125451",
    documented={"*": "yes"},
    asked=("program hangs at exit after BrokenProcessPool", "ProcessPoolExecutor hangs at interpreter exit"),
)
def dropped_broken_executor(ctx):
    need_executor(ctx)
    script = run_script("damage_dropped.py", env={"CANIFORK_METHOD": ctx.get_start_method()}, timeout=LIMIT)
    if script.status != 0 or script.timed_out:
        raise RuntimeError("%r %s" % (script.stdout, script.stderr[-300:]))
    if script.stdout.split() == ["BrokenProcessPool", "ended"]:
        return yes()
    if script.stdout.split() == ["BrokenProcessPool", "stuck"]:
        return no("the executor's thread waits for a lock that it holds itself, and the program for the thread")
    raise RuntimeError(repr(script.stdout))


@question(
    "What is the exit code of a child that calls os.abort()?",
    why="A crash in an extension module leaves no traceback; the exit code is all there is.",
    do="Negative numbers are signals: -11 is SIGSEGV, -6 SIGABRT, -9 often the out-of-memory killer. Enable "
    "faulthandler in the child to see where it crashed.",
    source="https://docs.python.org/3/library/os.html#os.abort",
    documented={'sys_platform == "win32"': 3},
    asked=("process exit code -6", "exitcode -9 multiprocessing", "child process aborted"),
)
def exit_code_of_abort(ctx):
    process = ctx.Process(target=abort)
    process.start()
    process.join()
    return value(process.exitcode, "after os.abort()")


def abort():
    """End as a program does that has found itself broken."""
    leave_no_traces()
    os.abort()


def leave_no_traces():
    """Let a crash of this process print no stacks and write no core file."""
    import faulthandler

    faulthandler.disable()
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass  # only a core file less or more


@question(
    "What is the exit code of a child after a bad memory access?",
    why="A crash in an extension module leaves no traceback; the exit code is all there is.",
    do="Look at exitcode after join(), or when multiprocessing.connection.wait() returns the process.sentinel, and "
    "start a new Process. -11 is SIGSEGV; on Windows, 3221225477 is an access violation. Enable faulthandler in the "
    "child to see where it crashed.",
    source=REFERENCE + "Process.exitcode",
    documented={'sys_platform == "linux"': -11},
    asked=("process exit code -11", "child process segmentation fault", "exit code 3221225477 0xC0000005"),
)
def exit_code_of_fault(ctx):
    needed("ctypes")
    process = ctx.Process(target=read_nowhere)
    process.start()
    process.join()
    if process.exitcode in (0, 1):
        raise RuntimeError("exit code %r: it did not crash" % process.exitcode)
    return value(process.exitcode)


def read_nowhere():
    """Read from an address at which no program has memory."""
    leave_no_traces()
    import ctypes

    ctypes.c_int.from_address(8).value  # noqa: B018 - the reading is all


if __name__ == "__main__":
    main()
