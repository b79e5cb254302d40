"""What do locks, semaphores and the resource tracker need, start and leave behind?"""

import os
import sys

from _mounts import MS_BIND, MS_MOVE, libc_call, own_mounts
from _probe import (
    LIMIT,
    Unavailable,
    describe,
    main,
    no,
    processes,
    question,
    run_child,
    run_script,
    scratch,
    unavailable,
    value,
    wait_until,
    yes,
)
from _tasks import report

SYNCHRONIZE = "https://docs.python.org/3/library/multiprocessing.html#synchronization-primitives"
METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
SHARED_MEMORY = "https://docs.python.org/3/library/multiprocessing.shared_memory.html"


def kind(command):
    """What a helper process is, by its command line."""
    for word in ("resource_tracker", "forkserver"):
        if word in command:
            return word
    return "child"


def helpers():
    """The kinds of the processes that this one has as children, once each is the program that it is to be.

    Between fork and exec a process has the command line of its parent: ours, which says the method's name.
    """
    rows = {}

    def commands():
        return [command for parent, command in rows.values() if parent == os.getpid()]

    def settled():
        rows.clear()
        rows.update(processes())
        return all(command not in ("", rows[os.getpid()][1]) for command in commands())

    wait_until(settled)
    return sorted(map(kind, commands()))


def started_by(make):
    """Which helper processes a call has started, as a value: 'none', 'resource_tracker', …"""
    if helpers():
        raise RuntimeError("there are helpers already")
    thing = make()
    found = helpers()
    del thing
    return value(", ".join(found) or "none")


@question(
    "Which helper process does a Lock start before any Process?",
    why="Even a program that only uses ThreadPool or tqdm may have a child process, and warnings about it at exit.",
    do="Nothing: the resource tracker removes semaphores that a killed program leaves behind. Under fork, locks "
    "need none.",
    source=METHODS_DOC,
    documented={"fork": "none", "*": "resource_tracker"},
    asked=(
        "Does ThreadPool (or a bare Lock/Queue) start a helper process under spawn/forkserver, without any Process "
        "being started?",
        "python -c from multiprocessing.resource_tracker import main",
        "tqdm starts a process",
    ),
)
def helper_of_lock(ctx):
    processes()
    return started_by(ctx.Lock)


@question(
    "Which helper process does a ThreadPool start?",
    why="It uses only threads, yet it is a subclass of the Pool of processes. A helper is a Python started by "
    "sys.executable: a frozen application that does not call freeze_support() starts itself again.",
    do="Use concurrent.futures.ThreadPoolExecutor, which does not use multiprocessing.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.ThreadPool",
    methods=(),
    asked=("multiprocessing.pool.ThreadPool starts a process", "multiprocessing.dummy"),
)
def helper_of_thread_pool():
    from multiprocessing.pool import ThreadPool

    processes()
    with ThreadPool(1):
        return value(", ".join(helpers()) or "none")


@question(
    "Which helper process does a SharedMemory block start?",
    why="The tracker removes the block if the program dies, even if the program uses no Process.",
    do="Nothing; with track=False (Python 3.13) there is none.",
    source=SHARED_MEMORY + "#multiprocessing.shared_memory.SharedMemory",
    documented={'sys_platform != "win32"': "resource_tracker"},
    methods=(),
    asked=("SharedMemory resource_tracker process",),
)
def helper_of_shared_memory():
    try:
        from multiprocessing.shared_memory import SharedMemory
    except ImportError as error:
        return unavailable(describe(error))
    processes()
    block = SharedMemory(create=True, size=1)
    try:
        return value(", ".join(helpers()) or "none")
    finally:
        block.close()
        block.unlink()


def shared_tracker(pid):
    """Whether this child uses the tracker of its parent: it starts none of its own for a Lock."""
    import multiprocessing

    lock = multiprocessing.get_context("spawn").Lock()
    found = helpers()
    del lock
    return "resource_tracker" not in found


@question(
    "Do parent and child share one resource tracker, if none ran before start()?",
    why="If a child has a tracker of its own, what the child has created is removed when it ends.",
    do="Under fork, create shared memory and locks in the parent, or call "
    "multiprocessing.resource_tracker.ensure_running() before the first start.",
    source=SHARED_MEMORY + "#multiprocessing.shared_memory.SharedMemory",
    documented={'sys_platform != "win32"': "yes"},
    asked=(
        "Does a child use its parent's resource tracker?",
        "resource_tracker: process died unexpectedly, relaunching",
        "shared memory vanishes when child exits",
    ),
)
def same_tracker(ctx):
    processes()
    return (
        yes()
        if report(ctx, shared_tracker, os.getpid())
        else no("the child starts a tracker of its own, since the parent had none when it forked")
    )


def use_lock_and_end(ctx=None):
    """Make and drop what the tracker is told of: in the parent, which starts it, and in the child."""
    import multiprocessing

    lock = (ctx or multiprocessing).Lock()
    lock.acquire()
    lock.release()
    del lock
    try:
        from multiprocessing.shared_memory import SharedMemory
    except ImportError:
        return True
    block = SharedMemory(create=True, size=1)
    block.close()
    block.unlink()
    return True


@question(
    "Does a Process whose parent runs a resource tracker print on stderr if it uses a lock and a SharedMemory block?",
    why="A child of os.fork() does so on some releases: 'Exception ignored in ResourceTracker.__del__', "
    "ChildProcessError (helpers.noise_after_fork). Under fork and forkserver a Process leaves by os._exit(), which "
    "skips that destructor.",
    do="Nothing if no; else ignore it, or install a newer patch release.",
    source="https://github.com/python/cpython/issues/88887",
    documented={"*": "no"},
    asked=(
        "Does a child that used the inherited resource tracker print 'Exception ignored in: "
        "ResourceTracker.__del__' at exit on this patch release?",
        "Exception ignored in: <function ResourceTracker.__del__",
        "ChildProcessError: [Errno 10] No child processes in resource_tracker",
        "AttributeError: '_thread.RLock' object has no attribute '_recursion_count'",
    ),
    wanted="no",
)
def noise_at_end(ctx):
    import multiprocessing

    use_lock_and_end(multiprocessing.get_context("spawn"))
    seen = run_child(ctx, use_lock_and_end)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    text = seen.stderr.strip()
    return yes(text.splitlines()[-1]) if text else no("nothing on stderr, exit code 0")


ZOMBIE = """
import os, sys
from multiprocessing import resource_tracker
resource_tracker.ensure_running()
print(resource_tracker._resource_tracker._pid)
"""


FORKED = """
import os, sys
from multiprocessing import resource_tracker
resource_tracker.ensure_running()
child = os.fork()
if not child:
    sys.exit(0)
print(os.waitpid(child, 0)[1])
"""


@question(
    "Does a child of os.fork() print an error of the resource tracker?",
    why="Some releases wait there for a tracker that is not the child's own: 'Exception ignored in: "
    "ResourceTracker.__del__', ChildProcessError.",
    do="Ignore it, end the child with os._exit(), or install a newer patch release.",
    source="https://github.com/python/cpython/issues/88887",
    methods=(),
    asked=(
        "Exception ignored in: <function ResourceTracker.__del__",
        "ChildProcessError: [Errno 10] No child processes in resource_tracker",
    ),
    wanted="no",
)
def noise_after_fork():
    if not hasattr(os, "fork"):
        return unavailable("there is no os.fork() here")
    script = run_script(None, "-W", "ignore", "-c", FORKED, timeout=LIMIT)
    if script.status != 0 or script.stdout.strip() != "0":
        raise RuntimeError("%r %s" % (script.stdout, script.stderr[-300:]))
    if not script.stderr.strip():
        return no("nothing on stderr, exit code 0")
    if "ResourceTracker" not in script.stderr:
        raise RuntimeError(script.stderr[-300:])
    return yes(script.error)


@question(
    "Does a program end without waiting for its resource tracker?",
    why="In a container whose first process does not reap, a program that does not wait leaves a zombie behind.",
    do="Run the container with an init process (docker run --init).",
    source="https://github.com/python/cpython/issues/88887",
    methods=(),
    asked=(
        "Does the resource_tracker process end up as a zombie when a process that started it exits/forks?",
        "zombie python processes in docker multiprocessing",
        "[python] <defunct>",
    ),
    wanted="no",
)
def zombie_tracker():
    try:
        import _posixshmem  # noqa: F401  without it there is no tracker
    except ImportError as error:
        return unavailable(describe(error))
    if not os.path.exists("/proc/self/stat"):
        return unavailable("only seen where /proc is")
    adopt_orphans()
    script = run_script(None, "-c", ZOMBIE, timeout=LIMIT)
    if script.status != 0:
        raise RuntimeError(script.stderr[-300:])
    tracker = int(script.stdout)
    try:
        os.waitpid(tracker, 0)  # an orphan is our child now
    except ChildProcessError:
        return no("the program has waited for it")
    return yes("the program has ended without waiting for it")


def adopt_orphans():
    """Become the parent of processes whose parent ends (Linux)."""
    try:
        import ctypes

        if ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0) != 0:  # PR_SET_CHILD_SUBREAPER
            raise Unavailable("prctl() refuses")
    except (ImportError, AttributeError, OSError) as error:
        raise Unavailable(describe(error)) from error


def without_semaphores():
    """multiprocessing as it is where the system has no sem_open(), as on Android before Python 3.13."""
    if "multiprocessing.synchronize" in sys.modules:
        raise RuntimeError("too late")
    try:
        import _multiprocessing
    except ImportError as error:
        raise Unavailable(describe(error)) from error
    if hasattr(_multiprocessing, "SemLock"):
        del _multiprocessing.SemLock
    if hasattr(_multiprocessing, "sem_unlink"):
        del _multiprocessing.sem_unlink


def refusal(call):
    """How a call is refused that needs semaphores; Answer."""
    try:
        call()
    except (ImportError, NotImplementedError, OSError) as error:
        return no(type(error).__name__, raised=describe(error))
    return yes()


@question(
    "Can a multiprocessing.Lock be made without semaphores (simulated)?",
    why="A Python can be built without them, as Python for Android was before 3.13.",
    do="Use Process with Pipe, which need no semaphores (with Python 3.8 and 3.9 only under fork).",
    source=SYNCHRONIZE,
    documented={"*": "no"},
    methods=(),
    asked=(
        "ImportError: This platform lacks a functioning sem_open implementation",
        "Which multiprocessing primitives (Process, Pipe, Lock, Queue, Pool, ProcessPoolExecutor) work on "
        "Android/Termux?",
    ),
)
def lock_without_semaphores():
    import multiprocessing

    without_semaphores()
    return refusal(multiprocessing.Lock)


@question(
    "Can a Pool or an executor be made without semaphores (simulated)?",
    why="A Python can be built without them, as Python for Android was before 3.13.",
    do="Start Process objects with a Pipe each (with Python 3.8 and 3.9 under fork), or use threads.",
    source=SYNCHRONIZE,
    documented={"*": "no"},
    methods=(),
    asked=(
        "NotImplementedError: This Python build lacks multiprocessing.synchronize",
        "Pool on Android",
    ),
)
def pool_without_semaphores():
    import multiprocessing

    without_semaphores()
    answers = [refusal(lambda: multiprocessing.Pool(1).terminate()), refusal(executor)]
    told = ["%s: %s" % (name, answer.detail or "made") for name, answer in zip(("Pool", "executor"), answers)]
    outcomes = [answer.outcome for answer in answers]
    if outcomes == ["no", "no"]:
        return no("; ".join(told))
    raise RuntimeError("; ".join(told))


def executor():
    """Make an executor and let go of it."""
    from concurrent.futures import ProcessPoolExecutor

    ProcessPoolExecutor(1).shutdown()


def say(connection):
    """The child sends one message."""
    connection.send("said")


@question(
    "Can a Process send through a Pipe without semaphores (simulated)?",
    why="A Python can be built without them, as Python for Android was before 3.13. Processes themselves need none, "
    "but spawn and forkserver start a resource tracker, which in Python 3.8 and 3.9 fails without them.",
    do="Give each Process one end of a Pipe, instead of a Queue that all share.",
    source=SYNCHRONIZE,
    asked=(
        "multiprocessing without semaphores",
        "multiprocessing on Android with Pipe",
    ),
)
def process_without_semaphores(ctx):
    without_semaphores()
    return sends(ctx)


def sends(ctx):
    """Answer whether a child of this context can be started, and sends through a Pipe."""
    reader, writer = ctx.Pipe(duplex=False)
    process = ctx.Process(target=say, args=(writer,))
    try:
        process.start()
    except AttributeError as error:
        if "sem_unlink" in str(error):  # the tracker of Python 3.8 wants it
            return no(describe(error))
        raise
    said = reader.recv() if reader.poll(LIMIT) else None
    process.join()
    reader.close()
    writer.close()
    if said != "said" or process.exitcode != 0:
        raise RuntimeError("%r, exit code %r" % (said, process.exitcode))
    return yes()


def without_dev_shm():
    """Give this process a /dev of its own in which there is no /dev/shm; Unavailable where that is not allowed."""
    if sys.platform != "linux" or not os.path.isdir("/dev/shm"):
        raise Unavailable("there is no /dev/shm here")
    folder = scratch("dev")
    if folder.startswith("/dev/"):
        raise Unavailable("the temporary folder is in /dev")
    os.mkdir(folder)
    try:
        own_mounts()
        libc_call("mount", b"tmpfs", os.fsencode(folder), b"tmpfs", 0, None)
        for name in ("null", "random", "urandom", "zero"):
            with open(os.path.join(folder, name), "w") as file:
                libc_call("mount", os.fsencode("/dev/" + name), os.fsencode(file.name), None, MS_BIND, None)
        libc_call("mount", os.fsencode(folder), b"/dev", None, MS_MOVE, None)
    finally:
        if not os.listdir(folder):
            os.rmdir(folder)
    if os.path.exists("/dev/shm") or not os.path.exists("/dev/null"):
        raise RuntimeError("/dev holds %s" % os.listdir("/dev"))


@question(
    "Can a Lock, a Queue, a Pool and an executor be made without /dev/shm?",
    why="AWS Lambda and some sandboxes have no /dev/shm, where semaphores are files. Here the process gets a /dev of "
    "its own without it.",
    do="Use Process with Pipe, or threads; or mount a small tmpfs at /dev/shm.",
    source=SYNCHRONIZE,
    methods=(),
    asked=(
        "OSError: [Errno 38] Function not implemented multiprocessing Queue AWS Lambda",
        "FileNotFoundError: [Errno 2] No such file or directory SemLock",
        "OSError: [Errno 13] Permission denied sem_open",
        "Pool on AWS Lambda",
    ),
)
def locks_without_dev_shm():
    import multiprocessing

    without_dev_shm()
    calls = {
        "Lock": multiprocessing.Lock,
        "Queue": multiprocessing.Queue,
        "Pool": lambda: multiprocessing.Pool(1).terminate(),
        "executor": executor,
    }
    told = {name: refusal(call) for name, call in calls.items()}
    details = "; ".join("%s: %s" % (name, answer.detail or "made") for name, answer in told.items())
    outcomes = {answer.outcome for answer in told.values()}
    if len(outcomes) > 1:
        raise RuntimeError(details)
    return no(details) if outcomes == {"no"} else yes()


@question(
    "Can a Process send through a Pipe without /dev/shm?",
    why="AWS Lambda and some sandboxes have no /dev/shm. Processes and pipes need none.",
    do="Give each Process one end of a Pipe, instead of a Queue that all share.",
    source=SYNCHRONIZE,
    asked=("multiprocessing on AWS Lambda with Pipe", "multiprocessing without /dev/shm"),
)
def process_without_dev_shm(ctx):
    without_dev_shm()
    return sends(ctx)


@question(
    "Can 1000 multiprocessing.Locks exist at a time?",
    why="Each is a semaphore of the operating system, which has limits. They are made in the fork context here, on "
    "Windows in that of spawn.",
    do="Use few locks, each for a group of objects.",
    source=SYNCHRONIZE,
    methods=(),
    asked=("OSError: [Errno 24] Too many open files Lock", "OSError: [Errno 28] No space left on device SemLock"),
)
def many_locks():
    import multiprocessing

    locks = []
    ctx = multiprocessing.get_context("spawn" if os.name == "nt" else "fork")
    try:
        for _ in range(1000):
            locks.append(ctx.Lock())
    except OSError as error:
        return no("%s after %d" % (describe(error), len(locks)))
    return yes()


@question(
    "What is the largest initial value of a multiprocessing.Semaphore?",
    why="It also limits the maxsize of a Queue, which is a semaphore inside.",
    do="Use no larger number; a Queue without maxsize takes the largest.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Semaphore",
    methods=(),
    asked=("SEM_VALUE_MAX", "Queue maxsize 32767 macOS", "OSError: [Errno 22] Invalid argument Queue(maxsize)"),
)
def semaphore_maximum():
    import multiprocessing.synchronize

    ctx = multiprocessing.get_context("spawn" if os.name == "nt" else "fork")
    largest = multiprocessing.synchronize.SEM_VALUE_MAX
    ctx.Semaphore(largest)
    for refused in (largest + 1,):
        try:
            ctx.Semaphore(refused)
        except (OSError, OverflowError, ValueError):
            return value(largest)
    raise RuntimeError("more than the largest was accepted")


@question(
    "Does an extra release() of a multiprocessing.BoundedSemaphore raise ValueError?",
    why="It reveals a mistake that an ordinary Semaphore hides.",
    do="Acquire it by a with statement, so that every acquire() has its release().",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.BoundedSemaphore",
    documented={'sys_platform != "darwin"': "yes", "*": "no"},
    methods=(),
    asked=("ValueError: semaphore or lock released too many times",),
)
def bounded_release():
    import multiprocessing

    semaphore = multiprocessing.BoundedSemaphore(1)
    try:
        semaphore.release()
    except ValueError as error:
        return yes(describe(error))
    return no("it was accepted")


@question(
    "Does the semaphore of a Lock keep its name in /dev/shm?",
    why="Spawned children open a Lock by its name, which exists as long as the Lock; under fork it is removed at once.",
    do="The name is random: between two programs use a file lock, or a Manager with an address.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/synchronize.py",
    documented={
        'fork; sys_platform == "linux"': "no",
        'spawn; sys_platform == "linux"': "yes",
        'forkserver; sys_platform == "linux"': "yes",
    },
    asked=("share a lock between two independent python programs", "named lock multiprocessing"),
    wanted="either",
)
def name_of_lock(ctx):
    if os.name == "nt" or not os.path.isdir("/dev/shm"):
        return unavailable("semaphores are not files here")
    lock = ctx.Lock()
    name = (lock._semlock.name or "none").lstrip("/")
    for start in ("/dev/shm/sem.", "/dev/shm/"):  # glibc, musl
        if os.path.exists(start + name):
            return yes("its file is %smp-…" % start)
    return no("it has no file: the name was removed at once")


if __name__ == "__main__":
    main()
