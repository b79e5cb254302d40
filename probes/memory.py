"""How long does shared memory live, who sees it, and who cleans it up?"""

import os
import sys

from _probe import (
    Unavailable,
    asset,
    can_use,
    describe,
    judged,
    last_error,
    main,
    no,
    processes,
    question,
    run_child,
    unavailable,
    value,
    wait_until,
    yes,
)

REFERENCE = "https://docs.python.org/3/library/multiprocessing.shared_memory.html"
BLOCK = REFERENCE + "#multiprocessing.shared_memory.SharedMemory"
TRACKER = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
LIMIT = 20  # seconds for what must come


def shared_memory():
    """The class; Unavailable where the interpreter has no shared memory."""
    try:
        from multiprocessing.shared_memory import SharedMemory
    except ImportError as error:
        raise Unavailable(describe(error)) from error
    return SharedMemory


def own_name(suffix=""):
    """A name for a block that nobody else uses; macOS takes 30 characters at most."""
    return "cf%d%s" % (os.getpid(), suffix)


def exists(name):
    """Whether there is a block of this name. Looking must not change its fate: it is not left tracked."""
    shared_memory()
    try:
        import _posixshmem
    except ImportError:
        return exists_on_windows(name)
    try:
        descriptor = _posixshmem.shm_open("/" + name, os.O_RDWR, mode=0o600)
    except FileNotFoundError:
        return False
    os.close(descriptor)
    return True


def exists_on_windows(name):
    """There, a block ends with its last handle, and nothing tracks it."""
    try:
        shared_memory()(name).close()
    except FileNotFoundError:
        return False
    return True


def remove(name):
    """Remove a block, if it is there."""
    try:
        import _posixshmem

        _posixshmem.shm_unlink("/" + name)
    except (ImportError, FileNotFoundError):
        pass


def end_block(block):
    """Close and remove a block of ours, whatever has become of it."""
    block.close()
    try:
        block.unlink()
    except FileNotFoundError:
        pass


def write_by_name(name):
    """The child attaches to the block, reads and writes."""
    block = shared_memory()(name)
    seen = bytes(block.buf[:3])
    block.buf[:3] = b"two"
    block.close()
    return seen == b"one"


@question(
    "Can a child attach to a SharedMemory block by its name?",
    why="A name is all that must travel: it works for pool tasks and for processes started by other means.",
    do="Pass block.name, attach with SharedMemory(name=…), and close() it in every process.",
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


@question(
    "Is a block still there when a child that has attached to it has ended?",
    why="Each process that attaches reports the block to a resource tracker, which removes what is left at its end; "
    "parent and children normally share one tracker.",
    do="Create blocks in the parent, before the first child is started, and unlink() them there.",
    source=BLOCK,
    asked=("shared memory disappears when a child process exits", "resource_tracker unlinks shared memory too early"),
)
def after_child(ctx):
    block = shared_memory()(create=True, size=16)
    try:
        block.buf[:3] = b"one"
        seen = run_child(ctx, write_by_name, block.name)
        if not (seen.ok and seen.returned is True):
            return judged(ctx, seen, ())
        return yes() if exists(block.name) else no("it was removed")
    finally:
        end_block(block)


def create_here(name):
    """The child creates a block and leaves it; the pid of the resource tracker that it has started, if any."""
    block = shared_memory()(name, create=True, size=16)
    block.close()
    if os.name == "nt":
        return None
    from multiprocessing.resource_tracker import _resource_tracker

    return _resource_tracker._pid


@question(
    "Is a block still there that a child has created, when the child has ended?",
    why="A forked child that finds no resource tracker starts one of its own, which removes the block when the child "
    "ends; spawned children use their parent's.",
    do="Create the block in the parent, or call multiprocessing.resource_tracker.ensure_running() before you fork.",
    source=BLOCK,
    asked=("FileNotFoundError for shared memory created in a child", "return shared memory from a worker process"),
)
def created_by_child(ctx):
    name = own_name()
    shared_memory()
    try:
        seen = run_child(ctx, create_here, name)
        if not seen.ok:
            return judged(ctx, seen, ())
        tracker = seen.returned
        if tracker and processes().get(tracker, (os.getpid(),))[0] != os.getpid():
            if not wait_until(lambda: tracker not in processes(), LIMIT):
                raise RuntimeError("the child's resource tracker does not end")
        if exists(name):
            return yes()
        return no("it was removed when the child ended")
    finally:
        remove(name)
        forget(name)


def forget(name):
    """Tell our resource tracker that a block is gone that a child has reported to it."""
    if os.name == "nt":
        return
    from multiprocessing import resource_tracker

    resource_tracker.register("/" + name, "shared_memory")
    resource_tracker.unregister("/" + name, "shared_memory")


def launch(case, argument):
    """Run the script to its end and that of its resource tracker: status, output, errors."""
    import subprocess

    shared_memory()
    command = [sys.executable, asset("memory_script.py"), case, argument]
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except (OSError, ImportError, AttributeError, NotImplementedError) as error:
        raise Unavailable("no process can be started: %s" % describe(error)) from error
    try:
        out, err = process.communicate(timeout=LIMIT)
    finally:
        process.kill()
    return process.returncode, out.decode().split(), err.decode("utf-8", "replace")


def after_another_program(case):
    """Answer whether a block is there after a program that is no child of multiprocessing has attached to it."""
    block = shared_memory()(own_name(), create=True, size=16)
    try:
        status, out, err = launch(case, block.name)
        if last_error(err).startswith("TypeError") and "track" in last_error(err):
            return unavailable(last_error(err))
        if status != 0 or out != ["done"]:
            raise RuntimeError("status %r: %s" % (status, err[-500:]))
        return yes() if exists(block.name) else no("it was removed when the other program ended")
    finally:
        end_block(block)


@question(
    "Is a block still there when another Python program that has attached to it has ended?",
    why="The other program's resource tracker takes the block for a leak of that program and removes it.",
    do="Pass track=False where you only attach (Python 3.13 and later); before, call resource_tracker.unregister().",
    source=BLOCK,
    methods=(),
    asked=(
        "resource_tracker destroys shared memory segments",
        "shared memory is deleted when an unrelated process exits",
        "UserWarning: resource_tracker: There appear to be 1 leaked shared_memory objects to clean up at shutdown",
    ),
)
def after_other_program():
    return after_another_program("attach")


@question(
    "Does track=False keep a block when another Python program that has attached to it has ended?",
    why="It tells the resource tracker of that program to leave the block alone.",
    do="Pass track=False wherever you attach to a block that somebody else will unlink().",
    source=BLOCK,
    documented={'python_version >= "3.13"': "yes", "*": "unavailable"},
    methods=(),
    asked=("TypeError: SharedMemory.__init__() got an unexpected keyword argument 'track'",),
)
def untracked():
    return after_another_program("attach_untracked")


def after_leak(case):
    """Whether a block is there that a program has created and left, and what was printed."""
    name = own_name()
    try:
        status, out, err = launch(case, name)
        if out not in (["done"], ["created"]):
            raise RuntimeError("status %r: %s" % (status, err[-500:]))
        return exists(name), err
    finally:
        remove(name)


@question(
    "Is a block removed that a program has created and not unlinked, when the program ends?",
    why="Otherwise shared memory fills up until the machine is restarted.",
    do="Do not rely on it where the block shall stay: then create it with track=False (Python 3.13 and later).",
    source=TRACKER,
    documented={"*": "yes"},
    methods=(),
    asked=("Does shared memory survive the program?", "/dev/shm fills up with psm_ files"),
)
def removed_at_end():
    there, _ = after_leak("leave")
    return no("it is still there") if there else yes()


@question(
    "Does a warning say that a program has left a block of shared memory?",
    why="It is the only sign of a missing unlink().",
    do="Call close() in every process, and unlink() once, in the process that created the block.",
    source=TRACKER,
    methods=(),
    asked=("UserWarning: resource_tracker: There appear to be 1 leaked shared_memory objects to clean up at shutdown",),
)
def leak_warning():
    _, err = after_leak("leave")
    return yes("UserWarning") if "leaked shared_memory" in err else no("nothing was printed", stderr=err[-500:])


@question(
    "Is a block removed whose creator is killed?",
    why="A killed program cannot clean up, but the resource tracker is a process of its own and lives on to do it.",
    do="When you end a program by force, spare its resource tracker: do not kill the whole process group with SIGKILL.",
    source=TRACKER,
    documented={"*": "yes"},
    methods=(),
    asked=("shared memory not cleaned up after kill -9", "leftover psm_ files in /dev/shm"),
)
def removed_after_kill():
    there, _ = after_leak("crash")
    return no("it is still there") if there else yes()


@question(
    "Does a warning about leaked semaphores follow when a program that has a Lock is killed?",
    why="Under spawn and forkserver a lock has a name that must be removed; under fork it has none any more.",
    do="Look for what killed the program: the warning is a consequence and no cause.",
    source=TRACKER,
    asked=(
        "UserWarning: resource_tracker: There appear to be 1 leaked semaphore objects to clean up at shutdown",
        "leaked semaphore objects",
    ),
    wanted="no",
)
def semaphore_warning(ctx):
    status, out, err = launch("crash_with_lock", ctx.get_start_method())
    if out != ["created"]:
        raise RuntimeError("status %r: %s" % (status, err[-500:]))
    return yes("UserWarning") if "leaked semaphore" in err else no("nothing was printed", stderr=err[-500:])


@question(
    "Can the name of a block have a colon?",
    why="The resource tracker of many versions separates its messages by colons, and fails on such a name.",
    do="Let SharedMemory choose the name, or use letters, digits and underscores.",
    source="https://github.com/python/cpython/issues/98896",
    methods=(),
    asked=("ValueError: not enough values to unpack in resource_tracker", "ValueError: too many values to unpack"),
)
def colon_in_name():
    name = own_name("a:b")
    try:
        status, out, err = launch("unlink", name)
    finally:
        remove(name)
    if status == 0 and out == ["done"] and not err:
        return yes()
    if last_error(err).startswith(("ValueError", "OSError")):
        return no("%s is printed" % last_error(err).partition(":")[0], error=last_error(err))
    raise RuntimeError("status %r: %s" % (status, err[-500:]))


@question(
    "Can the name of a block have 40 characters?",
    why="macOS takes 30 at most, so that names which work on Linux fail there.",
    do="Let SharedMemory choose the name: it is short enough everywhere.",
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
    "Which size has a block that was created with size=10?",
    why="Some systems give out whole pages only; an array over the whole buffer is then longer than expected.",
    do="Keep the size yourself, and slice: block.buf[:size].",
    source=BLOCK,
    methods=(),
    unit="bytes",
    asked=("SharedMemory.size is larger than requested",),
)
def size_of_block():
    block = shared_memory()(create=True, size=10)
    try:
        return value(block.size)
    finally:
        end_block(block)


@question(
    "Can a block be closed while a memoryview or an array of it is in use?",
    why="The memory would vanish under the array, so close() refuses.",
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
    "Does ShareableList keep null bytes at the end of an item?",
    why="Items are padded with null bytes and stripped on the way out, so that binary data comes back shorter.",
    do="Append a byte that is not null to each item, and cut it off again after reading.",
    source=REFERENCE + "#multiprocessing.shared_memory.ShareableList",
    documented={"*": "no"},
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


def write_to_map(memory):
    """The child writes to the memory."""
    memory[:5] = b"child"
    return True


@question(
    "Can anonymous memory, mmap.mmap(-1, size), be shared with a child as a Process argument?",
    why="It has no name by which another process could find it, so only a forked child shares it.",
    do="Use multiprocessing.shared_memory.SharedMemory, or multiprocessing.Array.",
    source="https://docs.python.org/3/library/mmap.html#mmap.mmap",
    documented={"fork": "yes"},
    asked=("TypeError: cannot pickle 'mmap.mmap' object", "share an anonymous mmap between processes"),
)
def anonymous_map(ctx):
    import mmap

    memory = mmap.mmap(-1, 16)
    answer = can_use(ctx, write_to_map, memory)
    if answer.outcome == "yes" and memory[:5] != b"child":
        return no("the parent does not see what the child wrote")
    return answer


@question(
    "Does SharedMemoryManager remove its blocks at the end of its with block?",
    why="It makes sure of unlink() whatever happens, at the price of a process.",
    do="Use it in place of many try … finally with unlink().",
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


if __name__ == "__main__":
    main()
