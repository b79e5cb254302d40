"""What becomes of files, sockets and descriptors that several processes use?"""

import os

from _blocks import exists, own_name, remove, shared_memory
from _modules import needed
from _places import place
from _probe import (
    LIMIT,
    Unavailable,
    main,
    no,
    printed,
    processes,
    question,
    raise_unexpected,
    run_child,
    value,
    wait_until,
    yes,
)
from _tasks import double, executor, note, pid, put_item, wait_for

COOKBOOK = "https://docs.python.org/3/howto/logging-cookbook.html#logging-to-a-single-file-from-multiple-processes"
SOCKET = "https://docs.python.org/3/library/socket.html#socket.socket."
MEMORY = (
    "https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory.SharedMemory."
)
REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
SHORT = LIMIT / 20  # seconds after which what is due at once is taken not to come


def keep_open(path, opened, path_of_end):
    """Have a file open until the parent has done what it does to it; then write to it."""
    with open(path, "a") as file:
        note(opened, "")
        wait_for(path_of_end)
        file.write("late\n")


def beside(ctx, target, path, act):
    """What act() returns or raises (OSError) while a child has a file open; the child then goes on to its end."""
    opened, go_on = place("opened"), place("go-on")
    process = ctx.Process(target=target, args=(path, opened, go_on))
    process.start()
    try:
        if not wait_until(lambda: os.path.exists(opened), LIMIT):
            raise RuntimeError("the child does not open it")
        try:
            return act()
        except OSError as error:
            return error
    finally:
        note(go_on, "")
        process.join()
        if process.exitcode != 0:
            raise RuntimeError("exit code %r" % process.exitcode)


@question(
    "Can the parent rename a file that a child has open?",
    why="Log rotation renames the file. Windows refuses that while a process has it open by Python's open().",
    do="Let one process write each file: send log records to it with QueueHandler.",
    source="https://docs.python.org/3/library/os.html#os.rename",
    asked=(
        "PermissionError: [WinError 32] The process cannot access the file because it is being used by another process",
        "RotatingFileHandler doRollover PermissionError worker processes",
        "TimedRotatingFileHandler multiprocessing Windows",
    ),
)
def renamed_while_open(ctx):
    path, new = place("file"), place("file.1")
    done = beside(ctx, keep_open, path, lambda: os.rename(path, new))
    return no(type(done).__name__) if done else yes()


def log_later(path, opened, path_of_end):
    """Log to a file, and again when the parent has rolled it over."""
    import logging.handlers

    handler = logging.handlers.RotatingFileHandler(path, backupCount=1)
    logger = logging.Logger("files")
    logger.addHandler(handler)
    logger.warning("early")
    note(opened, "")
    wait_for(path_of_end)
    logger.warning("late")
    handler.close()


@question(
    "Does a child's RotatingFileHandler write to the new file after the parent's has rolled it over?",
    why="Each process has its own handler and its own open file. It goes on with the file that it has, which has been "
    "renamed; on Windows the renaming fails.",
    do="Let one process write the file: QueueHandler and QueueListener; or, except on Windows, let a "
    "WatchedFileHandler of each process notice that the file is another.",
    source=COOKBOOK,
    asked=(
        "RotatingFileHandler multiprocessing writes to the old file",
        "log rotation with several worker processes loses records",
        "logging to one file from multiple processes rotation",
    ),
)
def rolled_over(ctx):
    import logging.handlers

    path = place("log")
    handler = logging.handlers.RotatingFileHandler(path, backupCount=1)
    try:
        failed = beside(ctx, log_later, path, handler.doRollover)
    finally:
        handler.close()
    if failed:
        return no("it cannot be rolled over: %s" % type(failed).__name__)
    with open(path) as new, open(path + ".1") as old:
        lines = new.read().split(), old.read().split()
    if lines == (["late"], ["early"]):
        return yes()
    if lines != ([], ["early", "late"]):
        raise RuntimeError("the files have %r" % (lines,))
    return no("it writes to the old file")


def append(path, letter, go):
    """Append lines, each flushed, when the others are ready too."""
    note(go + letter, "")
    if not wait_until(lambda: os.path.exists(go), LIMIT):
        raise RuntimeError("nobody says go")
    with open(path, "a") as file:
        for _ in range(300):
            file.write(letter * 99 + "\n")
            file.flush()
    return True


@question(
    "Do lines that three processes append to one file, with flush() after each, all arrive whole?",
    why="Where the system appends each write as one, short lines are not mixed; without flush() lines are cut where "
    "the buffer ends. On Windows the end of the file is found first, and lines can be lost. Tested with 300 lines of "
    "100 characters from each.",
    do="If no, or on network file systems, use a lock, or let one process write. Under python -u or "
    "PYTHONUNBUFFERED, print() writes text and end apart: hold a Lock around it, or print(text + '\\n', end='', "
    "flush=True).",
    source=COOKBOOK,
    asked=(
        "several processes write to the same file lines interleaved",
        "logging from multiple processes to one file garbled lines",
        "multiprocessing safely writing to a file",
    ),
)
def appended_lines(ctx):
    if os.name == "nt":  # Python finds the end of the file first, and writes then
        raise Unavailable("whether lines are lost is a matter of luck")
    path, go = place("lines"), place("go")
    children = [ctx.Process(target=append, args=(path, letter, go)) for letter in "abc"]
    for child in children:
        child.start()
    ready = wait_until(lambda: all(os.path.exists(go + letter) for letter in "abc"), LIMIT)
    note(go, "")
    for child in children:
        child.join()
    if not ready or any(child.exitcode for child in children):
        raise RuntimeError("exit codes %r" % [child.exitcode for child in children])
    with open(path) as file:
        lines = file.read().split("\n")
    whole = sorted(line for line in lines if len(line) == 99 and len(set(line)) == 1)
    if len(whole) == 900 and lines[-1] == "" and len(lines) == 901:
        return yes()
    return no("lines are lost or mixed", whole=len(whole))


def shut(connection):
    """End a connection that the parent has too."""
    import socket

    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def goes_on(ctx, target):
    """Answer whether the parent's connection is at its end after a child has had it."""
    socket = needed("socket")
    mine, other = socket.socketpair()
    try:
        seen = run_child(ctx, target, mine)
        if not seen.ok:
            raise_unexpected(ctx, seen)
        other.settimeout(SHORT)
        try:
            mine.send(b"x")
            return no("the parent goes on sending") if other.recv(1) == b"x" else yes("its other end sees the end")
        except OSError as error:
            return yes(type(error).__name__)
    finally:
        mine.close()
        other.close()


@question(
    "Does shutdown() of a socket in a child end the connection of the parent, which passed the socket to it?",
    why="Both have copies of one connection. shutdown() ends it for all; so does a database driver that says good-bye "
    "to the server when a child ends.",
    do="Open connections in the process that uses them; in a child, close() what it does not use.",
    source=SOCKET + "shutdown",
    asked=(
        "server closed the connection unexpectedly after fork",
        "database connection opened before fork gunicorn preload",
        "SSL connection has been closed unexpectedly in the parent",
        "MySQL server has gone away multiprocessing",
    ),
    wanted="no",
)
def shut_by_child(ctx):
    return goes_on(ctx, shut)


def descriptors():
    """The file descriptors that are open here."""
    if os.name == "nt":
        raise Unavailable("there are handles here, not descriptors")
    found = set()
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.add(number)
    return found


def left_open(use):
    """How many more descriptors are open after use(), which is called once before: helpers stay."""
    import gc

    kept = [use()]  # what is kept shows that it does not hold them
    gc.collect()
    before = descriptors()
    kept.append(use())
    gc.collect()
    return value(len(descriptors() - before))


MANY = ("OSError: [Errno 24] Too many open files",)


@question(
    "How many file descriptors stay open after close() and join() of a Pool(1), while the Pool is kept?",
    why="A program that keeps its closed pools, in a list or by a reference cycle, runs out of descriptors.",
    do="Drop closed pools, or use one pool for the whole program.",
    source=REFERENCE + "pool.Pool.join",
    asked=MANY + ("too many open files multiprocessing Pool in tests", "Pool leaks file descriptors"),
    unit="descriptors",
    wanted="either",
)
def descriptors_of_pool(ctx):
    def use():
        pool = ctx.Pool(1)
        pool.apply_async(pid).get(LIMIT)
        pool.close()
        pool.join()
        return pool

    return left_open(use)


@question(
    "How many file descriptors does a Queue keep after put(), get(), close() and join_thread() in one process?",
    why="Each Queue has a pipe. A process that has put something closes both ends; files.descriptors_of_read_queue "
    "asks of one that has only read.",
    do="Drop queues after use.",
    source=REFERENCE + "Queue.close",
    asked=MANY + ("multiprocessing.Queue leaks file descriptors", "Pipe and Queue per session too many open files"),
    unit="descriptors",
    wanted="either",
)
def descriptors_of_queue(ctx):
    def use():
        queue = ctx.Queue()
        queue.put(double(1))
        if queue.get(timeout=LIMIT) != 2:
            raise RuntimeError("another item came")
        queue.close()
        queue.join_thread()
        return queue

    return left_open(use)


@question(
    "How many file descriptors does a Queue keep after get(), close() and join_thread() where only a child has put?",
    why="Each Queue has a pipe, whose ends are closed by the thread that the first put() of a process starts. A "
    "process that only reads keeps both as long as it keeps the Queue; with Python 3.8 it keeps the writing end.",
    do="Drop queues after use, or let each task answer through one Queue that all share.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/queues.py",
    asked=MANY
    + ("consumer of a multiprocessing.Queue leaks file descriptors", "Queue.close() does not close the pipe"),
    unit="descriptors",
    wanted="either",
)
def descriptors_of_read_queue(ctx):
    def use():
        queue = ctx.Queue()
        child = ctx.Process(target=put_item, args=(queue,))
        child.start()
        if queue.get(timeout=LIMIT) != "item":
            raise RuntimeError("another item came")
        child.join()
        child.close()  # its own descriptors
        queue.close()
        queue.join_thread()
        return queue

    return left_open(use)


@question(
    "Is a SharedMemory block still there after close() of the only object that has it open?",
    why="On POSIX systems a block stays until unlink(). On Windows it ends with its last handle: a producer that "
    "closes it before the consumer has opened it loses the data.",
    do="Keep the object open until the other process has attached.",
    source=MEMORY + "unlink",
    documented={'sys_platform == "win32"': "no"},
    methods=(),
    asked=(
        "SharedMemory.close() destroys memory on Windows",
        "FileNotFoundError: [WinError 2] shared memory closed before the other process attaches",
    ),
)
def block_after_close():
    block = shared_memory()(own_name(), create=True, size=100)
    name = block.name
    block.close()
    there = exists(name)
    remove(name)
    return yes() if there else no("it is gone")


@question(
    "Is a SharedMemory block still there after another object failed to attach to it in mmap() (simulated)?",
    why="A process that is short of memory cannot map the block. The clean-up of a failed attempt removes the name, "
    "for everybody.",
    do="Leave enough memory; treat FileNotFoundError of a block that was there as this.",
    source="https://github.com/python/cpython/issues/153279",
    methods=(),
    asked=(
        "failed attach unlinks another process's shared memory",
        "OSError: [Errno 12] Cannot allocate memory SharedMemory",
    ),
)
def block_after_failed_attach():
    from unittest import mock

    make = shared_memory()
    block = make(own_name(), create=True, size=100)
    try:
        with mock.patch("multiprocessing.shared_memory.mmap.mmap", side_effect=OSError(12, "Cannot allocate memory")):
            try:
                make(block.name)
            except OSError as error:
                if error.errno != 12:
                    raise
            else:
                raise RuntimeError("it attached")
        there = exists(block.name)
    finally:
        block.close()
        remove(own_name())
    return yes() if there else no("it is gone")


def interruptible():
    """An initializer: take SIGINT as a program at a terminal does."""
    import signal

    signal.signal(signal.SIGINT, signal.default_int_handler)


def noise(worker, idle):
    """Answer whether a worker prints a traceback when SIGINT reaches it while it waits for tasks."""
    import signal

    if not wait_until(idle):
        raise RuntimeError("the worker does not wait for tasks")
    for _ in range(5):  # one that comes just before the worker waits in read() is not seen until something else comes
        os.kill(worker, signal.SIGINT)
        ended = wait_until(lambda: worker not in processes(), SHORT)
        if ended:
            break
    printed_it = wait_until(lambda: "KeyboardInterrupt" in printed(), SHORT)
    if not ended and printed_it:
        raise RuntimeError("it printed, and goes on")
    return yes() if printed_it else no("it prints nothing")


def taken(lock):
    """Whether a lock is taken."""
    free = lock.acquire(False)
    if free:
        lock.release()
    return not free


def need_signals():
    """Raise Unavailable where SIGINT cannot be sent to one process."""
    if os.name == "nt":
        raise Unavailable("SIGINT cannot be sent to one process")


CTRL_C = "Ctrl+C reaches all processes of the terminal's foreground. "


@question(
    "Does an idle ProcessPoolExecutor worker print a traceback when SIGINT reaches it?",
    why=CTRL_C + "A program that handles it and ends in good order prints tracebacks of its workers all the same.",
    do="Ignore SIGINT in the initializer: signal.signal(signal.SIGINT, signal.SIG_IGN).",
    source="https://github.com/python/cpython/blob/main/Lib/concurrent/futures/process.py",
    asked=(
        "Process SpawnProcess-1 Traceback KeyboardInterrupt call_queue.get",
        "traceback spam at Ctrl+C executor workers",
    ),
    wanted="no",
)
def noise_of_executor(ctx):
    need_signals()
    with executor(ctx, initializer=interruptible) as pool:
        worker = pool.submit(pid).result(LIMIT)
        return noise(worker, lambda: taken(pool._call_queue._rlock))


if __name__ == "__main__":
    main()
