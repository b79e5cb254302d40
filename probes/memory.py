"""Who sees a block of shared memory, and how does it behave?"""

import os

from _blocks import end_block, exists, let_end, own_name, remove, shared_memory, tracker_of_child
from _probe import Unavailable, describe, judged, main, no, question, run_child, value, yes
from _tasks import report

REFERENCE = "https://docs.python.org/3/library/multiprocessing.shared_memory.html"
BLOCK = REFERENCE + "#multiprocessing.shared_memory.SharedMemory"


def write_by_name(name):
    """The child attaches to the block, reads and writes."""
    block = shared_memory()(name)
    seen = bytes(block.buf[:3])
    block.buf[:3] = b"two"
    block.close()
    return seen == b"one"


@question(
    "Can a child attach to a SharedMemory block by its name and write to it?",
    why="Only the name has to be passed, a string.",
    do="Pass block.name, attach with SharedMemory(name=…), and close() it in every process. numpy.ndarray(shape, "
    "dtype, buffer=block.buf) is an array in it, without a copy; keep the block object as long as the array.",
    source=BLOCK,
    documented={"*": "yes"},
    asked=("share a numpy array between processes", "FileNotFoundError: [Errno 2] No such file or directory: '/psm_"),
)
def by_name(ctx):
    block = shared_memory()(create=True, size=16)
    try:
        block.buf[:3] = b"one"
        seen = run_child(ctx, write_by_name, block.name)
        if seen.ok and seen.returned is True and bytes(block.buf[:3]) != b"two":
            return no("the parent does not see what the child wrote")
        return judged(ctx, seen, ())
    finally:
        end_block(block)


def attach(name):
    """The child attaches to the block: what it has read, and the pid of its resource tracker."""
    block = shared_memory()(name)
    seen = bytes(block.buf[:3])
    block.close()
    return [seen.decode(), tracker_of_child()]


@question(
    "Is a SharedMemory block still there after a child attached to it and ended?",
    why="Each process that attaches reports the block to a resource tracker, which removes at its own end what is "
    "left. Parent and children normally share one tracker. Here the parent makes the block before the child starts.",
    do="Create blocks in the parent before the first child is started, and unlink() them there.",
    source=BLOCK,
    documented={'sys_platform == "win32"': "yes"},
    asked=("shared memory disappears when a child process exits", "resource_tracker unlinks shared memory too early"),
)
def after_child(ctx):
    block = shared_memory()(create=True, size=16)
    try:
        block.buf[:3] = b"one"
        read, tracker = report(ctx, attach, block.name)
        if read != "one":
            raise RuntimeError("the child read %r" % read)
        let_end(tracker)
        return yes() if exists(block.name) else no("it was removed")
    finally:
        end_block(block)


@question(
    "Can the name of a SharedMemory block have 40 characters?",
    why="macOS allows about 30, so that names which work on Linux fail there.",
    do="Let SharedMemory choose the name, which is short.",
    source=BLOCK,
    methods=(),
    asked=("OSError: [Errno 63] File name too long", "macOS shared memory name length"),
)
def long_name():
    try:
        block = shared_memory()(own_name("x" * 40)[:40], create=True, size=16)
    except OSError as error:
        import errno

        if error.errno != errno.ENAMETOOLONG:
            raise
        return no("OSError: ENAMETOOLONG")
    end_block(block)
    return yes()


@question(
    "What size does a SharedMemory block created with size=10 have for its creator?",
    why="Some systems allocate whole pages, and a process that attaches may see more than the creator: an array "
    "over the whole buffer is then longer than expected.",
    do="Pass the size along, and slice: block.buf[:size].",
    source=BLOCK,
    methods=(),
    unit="bytes",
    asked=("SharedMemory.size is larger than requested", "attached SharedMemory has size 4096, page size"),
)
def size_of_block():
    block = shared_memory()(create=True, size=10)
    try:
        return value(block.size)
    finally:
        end_block(block)


TOO_LARGE = 2**42  # bytes: 4 TiB, within the addresses of any 64-bit system


def machines_memory():
    """Bytes, or 0 where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0


@question(
    "Is creating a SharedMemory block of 4 TiB, more than the machine's memory, refused?",
    why="If not, memory is allocated page by page as it is written, and a write beyond what /dev/shm can hold "
    "ends the process with SIGBUS, long after the block was created.",
    do="Compare with shutil.disk_usage('/dev/shm').free before creating a large block. Give a container more: "
    "docker run --shm-size=2g.",
    source="https://github.com/python/cpython/issues/83765",
    methods=(),
    asked=(
        "What happens when SharedMemory is created bigger than available memory or /dev/shm: error at creation, "
        "SIGBUS on write, or crash?",
        "Bus error (core dumped) shared memory",
        "DataLoader worker (pid) is killed by signal: Bus error. Its workers are out of shared memory",
        "exit code -7 SIGBUS /dev/shm docker",
        "OSError: [WinError 1455] The paging file is too small for this operation to complete",
    ),
)
def more_than_there_is():
    if machines_memory() > TOO_LARGE:
        raise Unavailable("this machine has more")
    try:
        block = shared_memory()(create=True, size=TOO_LARGE)
    except (OSError, OverflowError, ValueError) as error:
        return yes(describe(error))
    try:
        if block.size < TOO_LARGE:
            raise RuntimeError("a block of %d bytes" % block.size)
    finally:
        end_block(block)
    return no("it was made; no page of it was written to")


@question(
    "Can a SharedMemory block be closed while a memoryview of it exists?",
    why="The memory would vanish under the view, so close() refuses. A NumPy array over block.buf is such a view.",
    do="Delete arrays and views of block.buf before close().",
    source=BLOCK,
    methods=(),
    asked=("BufferError: cannot close exported pointers exist",),
)
def close_with_view():
    block = shared_memory()(create=True, size=16)
    view = block.buf[:4]
    try:
        block.close()
    except BufferError as error:
        view.release()
        return no(describe(error))
    finally:
        view.release()
        end_block(block)
    return yes()


@question(
    "Does ShareableList keep two null bytes at the end of a bytes item?",
    why="Items are padded with null bytes, and all trailing ones are stripped when an item is read.",
    do="Append a byte that is not null to each item, and cut it off again after reading.",
    source=REFERENCE + "#multiprocessing.shared_memory.ShareableList",
    documented={'python_version >= "3.11"': "no"},  # the note came in July 2023
    methods=(),
    asked=("ShareableList strips trailing nulls",),
)
def trailing_null():
    shared_memory()
    from multiprocessing.shared_memory import ShareableList

    items = ShareableList([b"data\0\0"])
    try:
        seen = items[0]
    finally:
        end_block(items.shm)
    if seen not in (b"data", b"data\0\0"):
        raise RuntimeError("it gives %r" % (seen,))
    return yes() if seen == b"data\0\0" else no("b'data\\x00\\x00' comes back as %r" % (seen,))


@question(
    "Does SharedMemoryManager remove its blocks at the end of the with statement?",
    why="It calls unlink() for all its blocks at the end of the with statement, at the price of a process. One block "
    "is tested.",
    do="Use it instead of try … finally with unlink().",
    source=REFERENCE + "#multiprocessing.managers.SharedMemoryManager",
    documented={"*": "yes"},
)
def manager_removes(ctx):
    shared_memory()
    from multiprocessing.managers import SharedMemoryManager

    with SharedMemoryManager(ctx=ctx) as manager:
        block = manager.SharedMemory(size=16)
        name = block.name.lstrip("/")
        there = exists(name)
        block.close()
    try:
        if not there:
            raise RuntimeError("there was no block %r" % name)
        return no("it is still there") if exists(name) else yes()
    finally:
        remove(name)


def make_block(manager):
    """The child makes a block by the manager, and leaves it."""
    block = manager.SharedMemory(size=16)
    block.buf[:3] = b"one"
    block.close()
    return block.name


@question(
    "Can a child make a block with its parent's SharedMemoryManager, passed as a Process argument?",
    why="The block then lives until the parent's with statement ends, whichever child made it.",
    do="Where it cannot be passed, make the blocks in the parent, and pass them or their names.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=(
        "SharedMemoryManager in a child process",
        "TypeError: cannot pickle 'weakref.ReferenceType' object SharedMemoryManager",
    ),
)
def manager_in_child(ctx):
    SharedMemory = shared_memory()
    from multiprocessing.managers import SharedMemoryManager

    with SharedMemoryManager(ctx=ctx) as manager:
        seen = run_child(ctx, make_block, manager)
        if not seen.ok:
            return judged(ctx, seen)
        block = SharedMemory(seen.returned)
        held = bytes(block.buf[:3])
        block.close()
    name = seen.returned.lstrip("/")
    left = exists(name)
    remove(name)
    if held != b"one" or left:
        raise RuntimeError("the block held %r, and is %s" % (held, "left" if left else "gone"))
    return yes("the parent sees what is in it, and it is gone when the manager ends")


if __name__ == "__main__":
    main()
