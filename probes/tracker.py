"""What does the resource tracker remove, and what does it warn of?"""

import sys

from _blocks import end_block, exists, forget, let_end, own_name, remove, shared_memory, tracker_of_child
from _probe import (
    Unavailable,
    asset,
    describe,
    judged,
    last_error,
    main,
    no,
    question,
    run_child,
    unavailable,
    yes,
)
from _tasks import LIMIT

REFERENCE = "https://docs.python.org/3/library/multiprocessing.shared_memory.html"
BLOCK = REFERENCE + "#multiprocessing.shared_memory.SharedMemory"
TRACKER = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"


def create_here(name):
    """The child creates a block and leaves it; the pid of the resource tracker that it has started, if any."""
    block = shared_memory()(name, create=True, size=16)
    block.close()
    return tracker_of_child()


@question(
    "If a child creates the first SharedMemory block, is it still there after the child?",
    why="If the parent has used no shared memory yet, a forked child starts a resource tracker of its own, which "
    "removes the block when the child ends; spawned children use their parent's. On Windows there is no tracker: a "
    "block goes with its last handle.",
    do="Create the block in the parent, or call multiprocessing.resource_tracker.ensure_running() before you fork.",
    source=BLOCK,
    documented={'sys_platform == "win32"': "no"},
    asked=("FileNotFoundError for shared memory created in a child", "return shared memory from a worker process"),
)
def created_by_child(ctx):
    name = own_name()
    shared_memory()
    try:
        seen = run_child(ctx, create_here, name)
        if not seen.ok:
            return judged(ctx, seen, ())
        let_end(seen.returned)
        if exists(name):
            return yes()
        return no("it was removed when the child ended")
    finally:
        remove(name)
        forget(name)


def launch(case, argument):
    """Run the script to its end and that of its resource tracker: status, output, errors."""
    import subprocess

    shared_memory()
    command = [sys.executable, asset("tracker_script.py"), case, argument]
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
    "Is a SharedMemory block still there after another Python program attached and ended?",
    why="The other program's resource tracker takes the block for a leak of that program and removes it.",
    do="Pass track=False where you only attach (3.13 and later). Before, call resource_tracker.unregister() "
    "after attaching, but not in a child of multiprocessing: it shares its parent's tracker, which then prints a "
    "KeyError.",
    source=BLOCK,
    documented={'sys_platform == "win32"': "yes", "*": "no"},
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
    "Does a block stay after another Python program attached with track=False and ended?",
    why="It tells that program's resource tracker to leave the block alone.",
    do="Pass track=False wherever you attach to a block that another process will unlink().",
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
        if (out, status == 0) != ((["created"], False) if case == "crash" else (["done"], True)):
            raise RuntimeError("status %r: %s" % (status, err[-500:]))
        return exists(name), err
    finally:
        remove(name)


@question(
    "Is a SharedMemory block that a program did not unlink removed when the program ends?",
    why="Otherwise shared memory fills up until the machine is restarted.",
    do="Do not rely on it. If the block is to stay, create it with track=False (Python 3.13 and later).",
    source=TRACKER,
    documented={"*": "yes"},
    methods=(),
    asked=("Does shared memory survive the program?", "/dev/shm fills up with psm_ files"),
)
def removed_at_end():
    there, _ = after_leak("leave")
    return no("it is still there") if there else yes()


@question(
    "Does a program that did not unlink a SharedMemory block print a warning at its end?",
    why="It is the only sign of a missing unlink().",
    do="Call close() in every process, and unlink() once, in the process that created the block.",
    source=TRACKER,
    methods=(),
    asked=(
        "Does exiting without unlink() of a SharedMemory block print a resource_tracker leak warning, "
        "and is the block removed?",
        "UserWarning: resource_tracker: There appear to be 1 leaked shared_memory objects to clean up at shutdown",
    ),
)
def leak_warning():
    _, err = after_leak("leave")
    return warned(err, "leaked shared_memory")


def warned(err, words):
    """Answer whether a program has printed a warning with these words; anything else that it prints is an error."""
    if words in err:
        return yes("UserWarning")
    if err.strip():
        raise RuntimeError("printed: %s" % err[-500:])
    return no("nothing was printed")


@question(
    "Is a SharedMemory block removed after its creator was killed?",
    why="A killed program cannot clean up, but its resource tracker is a separate process that outlives it.",
    do="When you kill a program, spare its resource tracker: do not SIGKILL the whole process group.",
    source=TRACKER,
    documented={"*": "yes"},
    methods=(),
    asked=(
        "If the creator of a SharedMemory block is SIGKILLed, is the block cleaned up afterwards?",
        "shared memory not cleaned up after kill -9",
        "leftover psm_ files in /dev/shm",
    ),
)
def removed_after_kill():
    there, _ = after_leak("crash")
    return no("it is still there") if there else yes()


@question(
    "Does killing a program that has a Lock lead to a warning about leaked semaphores?",
    why="Under spawn and forkserver a lock has a name that must be removed; under fork its name is gone already.",
    do="Find out what killed the program: the warning is a consequence, not a cause. The semaphores themselves are "
    "removed by the tracker that warns.",
    source=TRACKER,
    asked=(
        "UserWarning: resource_tracker: There appear to be 1 leaked semaphore objects to clean up at shutdown",
        "leaked semaphore objects",
    ),
    wanted="either",
)
def semaphore_warning(ctx):
    status, out, err = launch("crash_with_lock", ctx.get_start_method())
    if out != ["created"] or status == 0:
        raise RuntimeError("status %r: %s" % (status, err[-500:]))
    return warned(err, "leaked semaphore")


@question(
    "Can the name of a SharedMemory block contain a colon?",
    why="The resource tracker of many versions separates the fields of its messages by colons, and fails on "
    "such a name.",
    do="Let SharedMemory choose the name, or use letters, digits and underscores.",
    source="https://docs.python.org/3.14/whatsnew/changelog.html#python-3-14-0-final",
    documented={'python_version >= "3.14" and implementation_name == "cpython"': "yes"},
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


if __name__ == "__main__":
    main()
