"""What works in a container with little or no room in /dev/shm, or with a temporary folder that is read-only?"""

import os
import sys

from _mounts import MS_BIND, MS_RDONLY, MS_REMOUNT, libc_call, own_mounts
from _os_fork import forked
from _probe import (
    LIMIT,
    Unavailable,
    describe,
    main,
    no,
    printed,
    question,
    run_child,
    scratch,
    stable,
    value,
    wait_until,
    yes,
)

SHARED_MEMORY = "https://docs.python.org/3/library/multiprocessing.shared_memory.html"
SYNCHRONIZE = "https://docs.python.org/3/library/multiprocessing.html#synchronization-primitives"
ROOM = 64 << 10  # bytes of the small /dev/shm
MUCH = 1 << 20


def small_shm(flags=0):
    """Give this process, and those that it starts, a /dev/shm of 64 KiB; Unavailable where that is not allowed."""
    if sys.platform != "linux" or not os.path.isdir("/dev/shm"):
        raise Unavailable("there is no /dev/shm here")
    own_mounts()
    libc_call("mount", b"tmpfs", b"/dev/shm", b"tmpfs", flags, b"size=%d" % ROOM)
    status = os.statvfs("/dev/shm")
    if status.f_frsize * status.f_blocks != ROOM:
        raise RuntimeError("/dev/shm has %d bytes" % (status.f_frsize * status.f_blocks))


DOCKER = (
    "docker --shm-size multiprocessing",
    "DataLoader worker is killed by signal: Bus error. Dataloader's workers are out of shared memory",
)


@question(
    "Does SharedMemory() raise if the block is larger than /dev/shm (64 KiB here)?",
    why="A container has 64 MiB unless told otherwise. The system gives room only when it is written to, so that the "
    "block can be made, and a later write ends the program.",
    do="Start the container with --shm-size or --ipc=host, and compare the size with os.statvfs('/dev/shm').",
    source=SHARED_MEMORY,
    methods=(),
    asked=DOCKER + ("OSError: [Errno 28] No space left on device SharedMemory",),
)
def block_larger_than_shm():
    from _blocks import shared_memory

    made = shared_memory()
    small_shm()
    try:
        block = made(create=True, size=MUCH)
    except OSError as error:
        return yes(describe(error))
    size = block.size
    block.close()
    block.unlink()
    if size < MUCH:
        raise RuntimeError("the block has %d bytes" % size)
    return no("a block of 1 MiB was made")


def write_all():
    """Fill a block that is larger than its file system."""
    from multiprocessing.shared_memory import SharedMemory

    block = SharedMemory(create=True, size=MUCH)
    block.unlink()
    for place in range(0, MUCH, 4096):
        block.buf[place] = 1
    block.close()
    return True


@question(
    "What is the exit code of a child that writes more to a SharedMemory block than /dev/shm has room?",
    why="There is no page for what is written: the system sends SIGBUS, which no exception handler sees.",
    do="Start the container with --shm-size or --ipc=host.",
    source="https://man7.org/linux/man-pages/man7/shm_overview.7.html",
    asked=DOCKER + ("SIGBUS shared memory", "exit code -7", "Bus error (core dumped) shared memory"),
    wanted="either",
)
def write_beyond_shm(ctx):
    from _blocks import shared_memory

    shared_memory()
    small_shm()
    seen = run_child(ctx, write_all)
    if seen.ok:
        return value(0, "there was room")
    if seen.stage != "child" or not seen.exitcode or seen.exitcode > 0:
        raise RuntimeError(seen.why_not())
    return value(seen.exitcode)


def lock_made():
    """Answer whether a lock can be made and used."""
    import multiprocessing

    try:
        lock = multiprocessing.get_context("fork").Lock()
    except OSError as error:
        return no(stable(describe(error)))
    if not lock.acquire(False):
        raise RuntimeError("it cannot be taken")
    return yes()


@question(
    "Can a multiprocessing.Lock be made when /dev/shm is full?",
    why="A semaphore is a small file there. Blocks that killed programs left fill it until the machine starts anew. A "
    "lock of the fork context is made here.",
    do="Look into /dev/shm, remove what nobody uses, or give the container more room.",
    source=SYNCHRONIZE,
    methods=(),
    asked=("OSError: [Errno 28] No space left on device SemLock", "multiprocessing.Queue: No space left on device"),
)
def lock_in_full_shm():
    small_shm()
    with open("/dev/shm/full", "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    return lock_made()


@question(
    "Can a multiprocessing.Lock be made when /dev/shm is read-only?",
    why="A semaphore is a file there. Containers with a read-only root, and some job runners, have it so. A lock of "
    "the fork context is made here.",
    do="Mount a small tmpfs at /dev/shm; Process and Pipe need none.",
    source=SYNCHRONIZE,
    methods=(),
    asked=("OSError: [Errno 30] Read-only file system SemLock", "PermissionError: [Errno 13] SemLock"),
)
def lock_in_readonly_shm():
    small_shm(MS_RDONLY)
    return lock_made()


def apart(look):
    """What look() returns, as a text, in a forked child for which every temporary folder is read-only."""
    if sys.platform != "linux" or not hasattr(os, "fork"):
        raise Unavailable("there are no such mounts here")

    def within():
        try:
            make_readonly()
            return look()
        except Unavailable as error:
            return "unavailable " + str(error)

    told = forked(within)
    if told.startswith("unavailable "):
        raise Unavailable(told.partition(" ")[2])
    return told


def make_readonly():
    """Make all folders that tempfile would try read-only for this process, whatever they hold stays visible."""
    import tempfile

    folders = {scratch(), "/tmp", "/var/tmp", "/usr/tmp"}
    own_mounts()
    for folder in sorted({os.path.realpath(folder) for folder in folders if os.path.isdir(folder)}):
        path = os.fsencode(folder)
        libc_call("mount", path, path, None, MS_BIND, None)
        libc_call("mount", None, path, None, MS_BIND | MS_REMOUNT | MS_RDONLY, None)
    os.chdir("/tmp")
    tempfile.tempdir = None
    try:
        raise RuntimeError("%s is usable" % tempfile.gettempdir())
    except FileNotFoundError:
        pass  # as it has to be


def started(ctx):
    """The exit code of a child, as a text."""
    process = ctx.Process(target=os._exit, args=(7,))
    process.start()
    process.join(LIMIT)
    return str(process.exitcode)


NO_FOLDER = "FileNotFoundError: No usable temporary directory found"
READ_ONLY = (
    "FileNotFoundError: [Errno 2] No usable temporary directory found",
    "multiprocessing on a read-only file system",
)


def refused(told, wanted):
    """Answer from what the forked child tells."""
    if told == wanted:
        return yes()
    if told.startswith("raised FileNotFoundError"):
        return no(NO_FOLDER)
    if told == "raised EOFError" and wait_until(lambda: "No usable temporary directory" in printed()):
        return no("EOFError; the manager's process ended with " + NO_FOLDER)
    raise RuntimeError("it told %r" % told)


@question(
    "Can a Process be started when every temporary folder is read-only?",
    why="The fork server's socket lies in a temporary folder. Containers and services may have a read-only root.",
    do="Mount a tmpfs at /tmp, set TMPDIR to a folder that can be written, or use spawn.",
    source="https://github.com/python/cpython/issues/155717",
    asked=READ_ONLY + ("forkserver requires a writable temp file system",),
)
def process_in_readonly_tmp(ctx):
    return refused(apart(lambda: started(ctx)), "7")


def managed(ctx):
    """What a manager's dictionary holds, as a text."""
    with ctx.Manager() as manager:
        return str(manager.dict(number=1)["number"])


@question(
    "Can a Manager be started when every temporary folder is read-only?",
    why="Its socket lies in a temporary folder, under every start method.",
    do="Mount a tmpfs at /tmp; or, with fork or spawn, give the manager an address of its own: "
    "SyncManager(address=('127.0.0.1', 0)).",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Manager",
    asked=READ_ONLY + ("multiprocessing.Manager on a read-only file system",),
)
def manager_in_readonly_tmp(ctx):
    return refused(apart(lambda: managed(ctx)), "1")


if __name__ == "__main__":
    main()
