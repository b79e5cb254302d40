"""What is lost if somebody removes a file that processes need, a start is refused, or a program is replaced?"""

import os
import sys

from _calls import Call
from _modules import needed
from _places import place
from _probe import (
    LIMIT,
    Unavailable,
    describe,
    main,
    no,
    question,
    raise_unexpected,
    run_child,
    run_process,
    run_script,
    wait_until,
    yes,
)
from _tasks import double, executor, pid, wait_for
from _waiting import comes

SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/"
CLEANER = (
    "The socket is a file in a folder pymp-… of the temporary folder. Cleaners of temporary folders remove what has "
    "not changed for days, and a program that has run for long "
)
EXCLUDE = (
    "Set TMPDIR to a folder of the program's own, or exclude pymp-* from the cleaning (in tmpfiles.d: x /tmp/pymp-*)."
)
NOT_FOUND = ("FileNotFoundError",)


# --- files that are removed


def remove_socket(address):
    """Remove a socket's file, as a cleaner does; Unavailable where the address is none."""
    if not isinstance(address, str) or address.startswith(("\0", "\\")):
        raise Unavailable("its address is no file")
    os.unlink(address)


def must_start(ctx):
    """A child that merely runs, before anything is removed."""
    seen = run_child(ctx, double, 1)
    if not seen.ok:
        raise_unexpected(ctx, seen)


@question(
    "Can a Process be started after the socket of the fork server was removed, as cleaners of /tmp do?",
    why=CLEANER + "can then start no more processes: the server runs, but nobody can reach it. systemd-tmpfiles spares "
    "a socket in use only under the program's own path: not with PrivateTmp= or in containers.",
    do=EXCLUDE + " The folder needs a short path. Exclude the path that the cleaner sees: with PrivateTmp=, "
    "x /tmp/systemd-private-*/tmp/pymp-*. Or use spawn.",
    source=SOURCE + "forkserver.py",
    methods=("forkserver",),
    asked=(
        "FileNotFoundError: [Errno 2] No such file or directory in forkserver.py connect_to_new_process",
        "systemd-tmpfiles deletes python multiprocessing sockets",
        "forkserver fails after days, /tmp/pymp- is gone",
    ),
)
def server_socket_removed(ctx):
    must_start(ctx)
    from multiprocessing.forkserver import _forkserver

    remove_socket(_forkserver._forkserver_address)
    seen = run_child(ctx, double, 1)
    if seen.ok:
        return yes()
    if seen.stage != "start" or not seen.error.startswith(NOT_FOUND):
        raise_unexpected(ctx, seen)
    return no("start() raises " + seen.error)


def set_item(proxy):
    """Use a proxy in the child."""
    proxy["key"] = 1
    return True


@question(
    "Can a child use a proxy that it got as an argument after the socket of the Manager was removed, as cleaners of "
    "/tmp do?",
    why=CLEANER + "finds that connections which are open still work, but no new one can be made. Each process, and "
    "each thread, makes its own. systemd-tmpfiles spares a socket in use only under the program's own path.",
    do=EXCLUDE + " The folder needs a short path. Exclude the path that the cleaner sees: with PrivateTmp=, "
    "x /tmp/systemd-private-*/tmp/pymp-*. Or give the manager an address on TCP.",
    source=SOURCE + "managers.py",
    asked=(
        "FileNotFoundError: [Errno 2] No such file or directory in SocketClient, manager proxy",
        "multiprocessing manager listener- socket deleted from /tmp",
    ),
)
def manager_socket_removed(ctx):
    needed("socket")
    manager = ctx.Manager()
    try:
        proxy = manager.dict()
        remove_socket(manager.address)
        seen = run_child(ctx, set_item, proxy)
    finally:
        manager._process.terminate()  # shutdown() would look for the socket, in vain, and wait for a second
        manager.shutdown()
    if seen.ok:
        return yes()
    if not seen.error.startswith(NOT_FOUND):
        raise_unexpected(ctx, seen)
    return no(seen.error)


def receive_two(report, connection):
    """In the child: receive two connections, and tell how the second came."""
    from _probe import answer

    connection.recv().close()
    connection.send("received")
    try:
        connection.recv().close()
        answer(report, "received")
    except OSError as error:
        answer(report, describe(error))


@question(
    "Can a second connection be sent to a running child after the socket that served the first was removed from /tmp?",
    why="Connections, sockets and descriptors that go through a Pipe or a Queue to a running process are fetched from "
    "the sender, through a socket of its own (PyTorch sends tensors so), a file in a folder pymp-… of the temporary "
    "folder. It is gone when the sender has ended, or when a cleaner of temporary folders removed it, as what has not "
    "changed for days.",
    do=EXCLUDE + " The folder needs a short path. Exclude the path that the cleaner sees: with PrivateTmp=, "
    "x /tmp/systemd-private-*/tmp/pymp-*.",
    source=SOURCE + "resource_sharer.py",
    asked=(
        "FileNotFoundError in resource_sharer.py get_connection",
        "DataLoader FileNotFoundError: [Errno 2] No such file or directory after many epochs",
        "rebuild_storage_fd FileNotFoundError",
    ),
)
def sharer_socket_removed(ctx):
    needed("socket")
    mine, its = ctx.Pipe()
    sent = [ctx.Pipe() for _ in range(2)]

    def make(report):
        return ctx.Process(target=receive_two, args=(report, its))

    def send_both():
        from multiprocessing.resource_sharer import _resource_sharer

        mine.send(sent[0][0])
        if not mine.poll(LIMIT) or mine.recv() != "received":
            raise RuntimeError("the first connection does not come")
        if not _resource_sharer._address:  # on Windows, handles go through the message itself
            raise Unavailable("there is no such file")
        remove_socket(_resource_sharer._address)
        mine.send(sent[1][0])

    seen = run_process(make, meanwhile=send_both)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    if seen.returned == "received":
        return yes()
    if not seen.returned.startswith(NOT_FOUND):
        raise RuntimeError("the child saw %s" % seen.returned)
    return no(seen.returned)


def take_lock(lock):
    """Take a lock in the child."""
    return lock.acquire(timeout=LIMIT)


@question(
    "Can a child take a Lock, its argument, whose name was removed from /dev/shm, as systemd does at a logout?",
    why="A child that is not forked opens the semaphore by its name. With RemoveIPC=yes, systemd-logind's default, "
    "all names of a user are removed when the last session ends: programs under nohup, cron, mpirun or ssh lose them. "
    "Queues, Events, Pools and executors have such locks too.",
    do="Set RemoveIPC=no in logind.conf, or loginctl enable-linger for the user, run as a system user, or use fork.",
    source=SOURCE + "synchronize.py",
    asked=(
        "FileNotFoundError: [Errno 2] No such file or directory in SemLock._rebuild",
        "RemoveIPC systemd python multiprocessing",
        "semaphores in /dev/shm deleted after logout",
    ),
)
def lock_name_removed(ctx):
    try:
        from _multiprocessing import SemLock, sem_unlink
    except ImportError as error:
        raise Unavailable(describe(error)) from error
    if os.name == "nt":
        raise Unavailable("semaphores have no names there")
    lock = ctx.Lock()
    name = lock._semlock.name
    removed = name is not None  # a Lock of fork needs none once it is made
    if removed:
        sem_unlink(name)
    try:
        seen = run_child(ctx, take_lock, lock)
    finally:
        if removed:
            SemLock(0, 1, 1, name, False)  # for those who remove it at the end
    if seen.ok and seen.returned is True:
        return yes("" if removed else "it has no name there")
    if not seen.error.startswith(NOT_FOUND):
        raise_unexpected(ctx, seen)
    return no(seen.error)


# --- starts that are refused


@question(
    "Does a Pool run its next task after the system has refused to start one replacement worker (refusal simulated)?",
    why="A worker that has done its share (maxtasksperchild) or has died is replaced by a thread of the pool. When no "
    "process can be started, for lack of memory or by a limit (EAGAIN, ENOMEM), that thread ends: no worker is ever "
    "started again; get(), map() and then terminate() wait for ever.",
    do="Give the pool fewer workers and no maxtasksperchild, or use ProcessPoolExecutor.",
    source=SOURCE + "pool.py",
    asked=(
        "Exception in thread _handle_workers OSError: [Errno 12] Cannot allocate memory",
        "BlockingIOError: [Errno 11] Resource temporarily unavailable in _repopulate_pool",
        "Pool hangs after fork failed",
    ),
)
def replacement_refused(ctx):
    with RefusedOnce(ctx) as refused:
        pool = ctx.Pool(1, maxtasksperchild=1)
        refused.expected = True
        try:
            worker = pool.apply_async(pid).get(LIMIT)
            if not wait_until(lambda: refused.happened, LIMIT):
                raise RuntimeError("the worker is not replaced")
            result = pool.apply_async(pid)
            if not wait_until(lambda: result.ready() or not pool._worker_handler.is_alive(), LIMIT):
                raise RuntimeError("nothing happens")
            if result.ready():
                return yes() if result.get() != worker else no("the old worker ran it")
            return no("the thread that starts workers has ended; get() would wait for ever")
        finally:
            if not pool._worker_handler.is_alive():
                pool._taskqueue.put(None)  # as that thread does at its end: terminate() waits for it
            pool.terminate()


class RefusedOnce:
    """A system that refuses to start one process, once this is expected."""

    def __init__(self, ctx):
        self.process_class = ctx.Process
        self.start = ctx.Process._Popen
        self.expected = self.happened = False

    def __enter__(self):
        self.process_class._Popen = staticmethod(self.popen)
        return self

    def popen(self, process):
        if self.expected and not self.happened:
            import errno

            self.happened = True
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return self.start(process)

    def __exit__(self, *error):
        self.process_class._Popen = staticmethod(self.start)


@question(
    "Do the futures of a ProcessPoolExecutor(1, max_tasks_per_child=1) end if the system refuses to start a "
    "replacement worker (simulated)?",
    why="Workers that have done their share are replaced by the executor's thread. When no process can be started, for "
    "lack of memory or by a limit (EAGAIN, ENOMEM), that thread may end: the futures then never do.",
    do="Use the newest release of Python 3.14, or 3.15, where they fail with BrokenProcessPool; before, do without "
    "max_tasks_per_child, or wait with result(timeout).",
    source=SOURCE.replace("multiprocessing/", "concurrent/futures/process.py"),
    asked=(
        "Exception in thread ExecutorManagerThread BlockingIOError: [Errno 11] Resource temporarily unavailable",
        "ProcessPoolExecutor hangs after Cannot allocate memory",
    ),
)
def executor_replacement_refused(ctx):
    try:
        pool = executor(ctx, max_tasks_per_child=1)
    except (TypeError, ValueError) as error:
        raise Unavailable(describe(error)) from error
    with RefusedOnce(ctx) as refused:
        path = place("go-on")
        first, second = pool.submit(wait_for, path), pool.submit(double, 2)
        thread = pool._executor_manager_thread
        refused.expected = True
        open(path, "w").close()
        if first.result(LIMIT) != "waited":
            raise RuntimeError("the first task returned something else")
        if not wait_until(lambda: second.done() or not thread.is_alive(), LIMIT):
            raise RuntimeError("nothing happens")
        done = second.done()
    pool.shutdown(wait=False)
    if not refused.happened:
        raise RuntimeError("no start was refused")
    if not done:
        return no("the executor's thread has ended; result() would wait for ever")
    return yes("with its result" if second.exception() is None else "with " + type(second.exception()).__name__)


# --- pipes that stay open


def ended(reader):
    """Whether nobody can write into a pipe any more."""
    import select

    return bool(select.select([reader], [], [], 0)[0]) and os.read(reader, 100) == b""


@question(
    "Do helper processes keep the program's standard output open after its only child was joined?",
    why="Who reads the output through a pipe, as subprocess.run(capture_output=True) or a log collector does, waits "
    "for its end. Fork server and resource tracker have a copy of the descriptors 0 to 2 of the moment when they were "
    "started, and end with the program. Here its standard output is the pipe when they start.",
    do="Do not wait for the end of a program's output while it runs. Who redirects its own output to a pipe for a "
    "while: start the helpers before, with a child. A Lock starts the resource tracker only, no fork server.",
    source=SOURCE + "resource_tracker.py",
    asked=(
        "subprocess hangs because resource_tracker keeps stdout open",
        "multiprocessing resource_tracker inherits pipe, reader gets no EOF",
        "capture_output hangs with multiprocessing forkserver",
    ),
    wanted="no",
)
def output_of_helpers(ctx):
    if os.name == "nt":
        raise Unavailable("select() knows no pipes there")
    reader, writer = os.pipe()
    kept = os.dup(1)
    os.dup2(writer, 1)
    os.close(writer)
    try:
        must_start(ctx)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    try:
        return no("the reader gets the end of the output") if ended(reader) else yes()
    finally:
        os.close(reader)


@question(
    "Does a program started by subprocess see the end of its input when the parent closes the pipe, while a child runs "
    "that was started after the program?",
    why="A forked child has all descriptors of its parent, also the writing end of the pipe: the program waits for "
    "more input after the parent has closed it, and communicate() hangs.",
    do="Start children before such programs, close the pipe in the child, or use another method than fork.",
    source="https://docs.python.org/3/library/os.html#inheritance-of-file-descriptors",
    asked=(
        "subprocess communicate() hangs with multiprocessing fork",
        "Popen stdin.close() no EOF because a forked process has the pipe",
    ),
)
def input_of_program(ctx):
    import subprocess

    path, begun = place("go-on"), place("begun")
    command = [sys.executable, "-c", "import sys; sys.exit(len(sys.stdin.read()))"]
    try:
        program = subprocess.Popen(command, stdin=subprocess.PIPE)
    except (OSError, ImportError, AttributeError, NotImplementedError) as error:
        raise Unavailable("no program can be started: %s" % describe(error)) from error

    def close():
        if not wait_until(lambda: os.path.exists(begun), LIMIT):
            raise RuntimeError("the child does not begin")
        program.stdin.write(b"seven")
        program.stdin.close()
        patient = ctx.get_start_method() != "fork"  # the program may be slow to start; under fork it does not end
        early = patient and wait_until(lambda: program.poll() is not None, LIMIT / 4)
        seen.append(early or comes(lambda: program.poll() is not None, program.pid))
        open(path, "w").close()

    seen = []
    try:
        child = run_child(ctx, wait_for, path, begun, meanwhile=close)
        if not child.ok:
            raise_unexpected(ctx, child)
        if program.wait(LIMIT) != 5:
            raise RuntimeError("the program read something else")
    finally:
        program.kill()
        program.wait()
    return yes() if seen == [True] else no("it waits for more until the child ends")


def close_end(connection):
    """The child closes its end of a pipe."""
    connection.close()
    return True


@question(
    "Does poll() of a Connection return True when the child that had the other end has ended?",
    why="True says that recv() does not wait: it raises EOFError. Where poll() raises instead, a loop that waits for "
    "data breaks at the end of the sender. The parent has closed its own copy of the child's end here; else poll() "
    "returns False for ever.",
    do="Put poll() and recv() into one try block, and catch EOFError and OSError.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection.poll",
    asked=(
        "multiprocessing.Connection.poll raises BrokenPipeError on Windows",
        "BrokenPipeError: [WinError 109] The pipe has been ended in _poll PeekNamedPipe",
        "poll() returns True but recv() raises EOFError",
    ),
)
def poll_at_end(ctx):
    mine, its = ctx.Pipe()
    seen = run_child(ctx, close_end, its, meanwhile=its.close)
    if not (seen.ok and seen.returned is True):
        raise_unexpected(ctx, seen)
    try:
        readable = mine.poll()
    except OSError as error:
        return no(describe(error))
    finally:
        mine.close()
    return yes() if readable else no("it returns False")


# --- queues that nobody reads

UNREAD = """
import multiprocessing, sys
queue = multiprocessing.Queue()
queue.put(b"x" * 2**20)
if not queue._reader.poll(%r):
    sys.exit(3)
print("end", flush=True)
"""


@question(
    "Does a program end that has put 1 MB into a Queue which nobody reads?",
    why="At its end, a program waits for the thread that writes the queue's items into a pipe, and the pipe is full: "
    "also when all workers have ended before they had read everything, or a test has left items in a queue.",
    do="Call queue.cancel_join_thread() before the program ends, or read the queue to its end.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue.cancel_join_thread",
    documented={"*": "no"},
    methods=(),
    asked=(
        "multiprocessing.Queue prevents program exit",
        "program hangs at exit in _finalize_join",
        "python does not exit after queue.put, _run_finalizers thread.join",
    ),
)
def unread_queue_of_program():
    needed("_multiprocessing")
    import subprocess

    try:
        program = subprocess.Popen([sys.executable, "-c", UNREAD % LIMIT], stdout=subprocess.PIPE)
    except (OSError, ImportError, AttributeError, NotImplementedError) as error:
        raise Unavailable("no program can be started: %s" % describe(error)) from error
    try:
        line = program.stdout.readline().strip()
        if line != b"end":
            raise RuntimeError("it printed %r" % line)
        if comes(lambda: program.poll() is not None, program.pid):
            return yes()
        return no("it waits for a reader")
    finally:
        program.kill()
        program.communicate()


def hold(queue, path, begun):
    """A child that has the queue, but never reads it."""
    wait_for(path, begun)
    queue.close()


@question(
    "Does Queue.join_thread() return after the only reader of an item of 1 MB was terminated?",
    why="The parent has the pipe's reading end too, so that its writing thread gets no error (Python 3.8 closes that "
    "end in close()). Programs hang when they clean up after workers that they have terminated.",
    do="Call cancel_join_thread() before close(), once nobody reads any more.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue.join_thread",
    asked=(
        "queue.close() and join_thread() hang after terminate",
        "join_thread blocks forever after workers were killed",
    ),
)
def join_thread_after_terminate(ctx):
    queue = ctx.Queue()
    begun = place("begun")
    process = ctx.Process(target=hold, args=(queue, place("never"), begun))
    process.start()
    try:
        if not wait_until(lambda: os.path.exists(begun), LIMIT):
            raise RuntimeError("the child does not begin")
        queue.put(b"x" * 2**20)
        if not queue._reader.poll(LIMIT):
            raise RuntimeError("nothing is written")
    finally:
        process.terminate()
        process.join()
    queue.close()
    call = Call(queue.join_thread)
    if call.ends():
        call.result()
        return yes()
    try:
        queue._reader.recv_bytes()
    except OSError:  # the writing thread closes it once it has written all
        pass
    call.result()
    return no("it waits for a reader")


# --- programs that are replaced


def replaced(kind, method):
    """What a program of losses_exec.py sees after os.execv()."""
    if os.name == "nt":
        raise Unavailable("os.execv() starts another process there")
    script = run_script("losses_exec.py", kind, place("go-on"), env={"CANIFORK_METHOD": method}, timeout=2 * LIMIT)
    if script.timed_out or script.status != 0:
        raise RuntimeError("status %r: %s" % (script.status, script.stderr[-300:]))
    return script.stdout.strip()


@question(
    "Does a daemonic child run on when its program replaces itself with os.execv()?",
    why="Programs restart themselves so, as reloaders do. os.execv() runs no clean-up, and the new program knows of no "
    "children: it neither ends nor joins them, and their ports, locks and descriptors stay taken.",
    do="End and join children before os.execv(), or let another process start the program again.",
    source="https://docs.python.org/3/library/os.html#os.execl",
    asked=(
        "os.execv restart leaves child processes running",
        "auto reload os.execv multiprocessing workers still alive",
        "port already in use after os.execv restart",
    ),
    wanted="no",
)
def child_after_exec(ctx):
    told = replaced("child", ctx.get_start_method())
    if told not in ("alive", "ended"):
        raise RuntimeError("it told %r" % told)
    return yes() if told == "alive" else no("it has ended")


@question(
    "Is a SharedMemory block still there after its program replaced itself with os.execv()?",
    why="The connection to the resource tracker is closed by os.execv(): the tracker takes the program for ended, "
    "warns, and removes what it had registered.",
    do="Make the block again, or unregister it before: SharedMemory(track=False) of Python 3.13.",
    source=SOURCE + "resource_tracker.py",
    methods=(),
    asked=(
        "shared memory gone after os.execv",
        "resource_tracker: There appear to be leaked shared_memory objects after restart with exec",
    ),
    wanted="either",
)
def block_after_exec():
    from _blocks import shared_memory

    shared_memory()
    told = replaced("block", "spawn")
    if told not in ("there", "removed"):
        raise RuntimeError("it told %r" % told)
    return yes() if told == "there" else no("it is removed")


if __name__ == "__main__":
    main()
