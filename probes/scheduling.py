"""When do tasks, their iterators and their executors begin and end, if something else ends before them?"""

import os
import threading

from _calls import Call, place_at_end
from _places import place
from _probe import (
    LIMIT,
    Unavailable,
    describe,
    main,
    need_executor,
    no,
    question,
    raise_unexpected,
    run_child,
    run_script,
    wait_until,
    yes,
)
from _tasks import double, executor, note, wait_for

FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
MANY = 2000 if os.name == "nt" else 20000  # calls of submit(): more than a pipe has room for the wake-up of each

# --- a result that keeps the executor's thread busy

arriving, let_go = threading.Event(), threading.Event()


def arrive():
    """Unpickle a result in the parent: in the executor's thread, which is busy until it is let go."""
    arriving.set()
    let_go.wait(LIMIT)
    return "arrived"


class Late:
    """A result whose unpickling takes as long as the parent wants."""

    def __reduce__(self):
        return (arrive, ())


def occupied(ctx):
    """An executor with one worker, whose thread in this process is busy with a result."""
    pool = executor(ctx)
    pool.submit(Late)
    if not arriving.wait(LIMIT):
        raise RuntimeError("the result does not come")
    return pool


def wakeup(pool):
    """The pipe by which other threads wake an executor's thread, by its name now and in Python 3.8."""
    names = ("_executor_manager_thread_wakeup", "_queue_management_thread_wakeup")
    return next(getattr(pool, name) for name in names if hasattr(pool, name))


@question(
    "Can 20,000 tasks (Windows: 2,000) be submitted to a ProcessPoolExecutor while its thread is busy with a result?",
    why="submit() wakes that thread through a pipe. In some releases it writes one message for each task, holding a "
    "lock that the thread needs before it can read them: when the pipe is full, both wait for ever.",
    do="Use Python 3.11.6, 3.12.1 or later; before that, submit fewer and larger tasks, as with map(chunksize=…).",
    source="https://github.com/python/cpython/issues/105829",
    asked=(
        "ProcessPoolExecutor deadlocks when submitting many tasks",
        "ProcessPoolExecutor hangs on large number of tasks",
        "executor.map hangs on large load without chunksize",
        "submit() hangs in _ThreadWakeup.wakeup",
    ),
    deadline=60,
)
def submitted_while_busy(ctx):
    pool = occupied(ctx)
    futures = []
    call = Call(lambda: [futures.append(pool.submit(double, 1)) for _ in range(MANY)])
    stalls(call, futures, LIMIT / 20)
    let_go.set()
    stuck = stalls(call, futures, LIMIT / 8)
    if stuck:
        make_room(wakeup(pool), call)
    call.result()
    for future in futures:
        future.cancel()
    if pool.submit(double, 2).result(LIMIT) != 4:  # so that not only cancelled tasks are left: another question's trap
        raise RuntimeError("the executor does not work any more")
    pool.shutdown()
    return no("submit() waits for ever") if stuck else yes()


def make_room(waker, call):
    """Read the messages of a full pipe in the place of the executor's thread, until a call has ended."""
    waker.clear = int  # two readers would wait for each other's message
    while not call.ended.wait(0.01):
        while waker._reader.poll():
            waker._reader.recv_bytes()
    del waker.clear


def stalls(call, done, seconds):
    """Whether a call stops doing things: it has not ended, and the list of what is done grows no more for seconds."""
    before = -1
    while before < len(done) and not call.ended.is_set():
        before = len(done)
        call.ended.wait(seconds)
    return not call.ended.is_set()


@question(
    "Does ProcessPoolExecutor.shutdown() end if the only task left was cancelled before the executor's thread took it?",
    why="Where only cancelled tasks are left, the executor's thread drops them and may then wait for results that "
    "nobody will send. Asked while that thread is busy with a result; otherwise it is a race.",
    do="Use Python 3.10.13, 3.11.7 or later (3.11.2 waits too); before that, submit one more task after the cancelled "
    "one.",
    source="https://github.com/python/cpython/issues/94440",
    asked=(
        "ProcessPoolExecutor shutdown hangs after future.cancel()",
        "shutdown(wait=True) hangs with cancelled tasks",
    ),
)
def cancelled_before_shutdown(ctx):
    pool = occupied(ctx)
    workers = list(pool._processes)
    if not pool.submit(double, 1).cancel():
        raise RuntimeError("the task cannot be cancelled")
    waker = wakeup(pool)
    wake, woken = waker.wakeup, threading.Event()
    waker.wakeup = lambda: (wake(), woken.set())
    call = Call(pool.shutdown)
    if not woken.wait(LIMIT):  # the thread must find its message beside the result, not later
        raise RuntimeError("shutdown() does not wake the executor's thread")
    let_go.set()
    ends = call.ends(*workers) or call.ended.wait(LIMIT / 4)  # the executor's thread is none of the workers
    if not ends:
        waker.wakeup()
    call.result()
    return yes() if ends else no("it waits for ever")


# --- executors that lose what they need


def told_by(ctx, kind):
    """The word by which a script of scheduling_left.py says what became of its tasks."""
    need_executor(ctx)
    env = {"CANIFORK_METHOD": ctx.get_start_method()}
    script = run_script("scheduling_left.py", kind, place("go-on"), env=env, timeout=2 * LIMIT)
    if script.timed_out or script.status != 0:
        raise RuntimeError("status %r: %s" % (script.status, script.stderr[-300:]))
    word = script.stdout.strip()
    if word.startswith("unavailable "):
        raise Unavailable(word.partition(" ")[2])
    return word


@question(
    "Are queued tasks of a ProcessPoolExecutor(max_tasks_per_child=1) run if the program keeps only their futures?",
    why="A worker that has done its share is replaced through the executor object. When that was collected as garbage, "
    "nobody starts the next worker: the futures never end, and neither does the program, or they fail.",
    do="Keep the executor in a variable until the results are there, best in a with block.",
    source="https://github.com/python/cpython/issues/152967",
    asked=(
        "futures never complete, executor garbage collected with max_tasks_per_child",
        "max_tasks_per_child hangs when the executor goes out of scope",
    ),
    deadline=60,
)
def dropped_with_task_limit(ctx):
    word = told_by(ctx, "dropped")
    if word == "done":
        return yes()
    if word not in ("left", "raised BrokenProcessPool"):
        raise RuntimeError("it told %r" % word)
    return no("they never end" if word == "left" else "they " + word)


@question(
    "Do the futures of a ProcessPoolExecutor fail if a worker dies after shutdown(wait=False)?",
    why="shutdown(wait=False) lets tasks go on, and forgets the workers. A thread that then starts to replace a dead "
    "one can fail itself, and nobody tells the futures.",
    do="Use shutdown(wait=True), or a with block; or Python 3.9 or later.",
    source="https://github.com/python/cpython/issues/132969",
    asked=(
        "ProcessPoolExecutor hangs after shutdown(wait=False) and worker crash",
        "'NoneType' object has no attribute in executor manager thread after shutdown(wait=False)",
    ),
    deadline=60,
)
def death_after_shutdown(ctx):
    word = told_by(ctx, "death")
    if word.startswith("raised "):
        return yes(word.partition(" ")[2])
    if word != "left":
        raise RuntimeError("it told %r" % word)
    return no("they never end")


# --- with blocks


@question(
    "Does the end of a ProcessPoolExecutor's with block wait for a task whose result(timeout) raised TimeoutError?",
    why="The timeout is one of waiting, not of the task. Leaving the with block calls shutdown(wait=True), which waits "
    "for the task without a limit.",
    do="Call terminate_workers() or kill_workers() (Python 3.14) before leaving; before that, kill the processes of "
    "multiprocessing.active_children(), or run the task in a Process with join(timeout) and kill().",
    source=FUTURES + "Executor.shutdown",
    documented={"*": "yes"},
    asked=(
        "ProcessPoolExecutor timeout does not stop the task",
        "with ProcessPoolExecutor blocks after TimeoutError",
        "executor.map timeout, program waits until the task ends",
    ),
    wanted="either",
)
def timeout_before_end(ctx):
    from concurrent.futures import TimeoutError as Late

    path, begun = place("go-on"), place("begun")
    pool = executor(ctx)
    future = pool.submit(wait_for, path, begun)
    if not wait_until(lambda: os.path.exists(begun), LIMIT):
        raise RuntimeError("the task does not begin")
    try:
        future.result(0.05)
        raise RuntimeError("the task has ended")
    except Late:
        pass
    call = Call(lambda: pool.__exit__(None, None, None))
    waits = not call.ends()
    note(path, "")
    call.result()
    if future.result(LIMIT) != "waited":
        raise RuntimeError("the task did something else")
    return yes() if waits else no("it ends while the task runs")


@question(
    "Does next() on pool.imap(…) end if the Pool's with block has ended before the task?",
    why="The end of the with block terminates the pool and forgets its tasks. imap() returns at once: a loop over its "
    "results that stands outside the block waits for ever.",
    do="Put the loop into the with block.",
    source=POOL + "Pool.imap",
    asked=(
        "pool.imap outside with block hangs",
        "for loop over imap_unordered never ends after with Pool()",
        "IndexError: pop from an empty deque imap",
    ),
)
def iterator_after_with(ctx):
    path, begun = place("go-on"), place("begun")
    with ctx.Pool(1) as pool:
        results = pool.imap(Begin(begun), [path])
        if not wait_until(lambda: os.path.exists(begun), LIMIT):
            raise RuntimeError("the task does not begin")
    call = Call(lambda: next(results))
    if not call.ends():
        results._set(0, (True, None))
        call.result()
        return no("it waits for ever")
    if call.raised is None:
        raise RuntimeError("it returned %r" % (call.returned,))
    return yes(describe(call.raised))


class Begin:
    """A task of imap(), which has one argument: it says that it has begun, and waits."""

    def __init__(self, begun):
        self.begun = begun

    def __call__(self, path):
        return wait_for(path, self.begun)


@question(
    "Does Pool.map_async() read a whole generator before it returns (5 items, the only worker is busy)?",
    why="map() and map_async() make a list of what has no length, since they divide it into chunks: a long generator "
    "is in memory before the first task runs. map() waits for all results; map_async() returns an object whose get() "
    "does.",
    do="Use imap(), which yields results in order, or imap_unordered(), which yields them as they come, with a "
    "chunksize; they read ahead too, but hand tasks out meanwhile.",
    source=POOL + "Pool.map",
    asked=(
        "multiprocessing.Pool.map consumes the whole generator",
        "Pool.map not lazy memory",
        "pool.map iterator memory explosion",
    ),
    wanted="no",
)
def map_reads_all(ctx):
    taken = []
    path, begun = place("go-on"), place("begun")
    with ctx.Pool(1) as pool:
        busy = pool.apply_async(wait_for, (path, begun))
        if not wait_until(lambda: os.path.exists(begun), LIMIT):
            raise RuntimeError("the task does not begin")
        results = pool.map_async(double, (taken.append(number) or number for number in range(5)))
        read = len(taken)
        note(path, "")
        if busy.get(LIMIT) != "waited" or results.get(LIMIT) != [0, 2, 4, 6, 8]:
            raise RuntimeError("the tasks returned something else")
    return yes() if read == 5 else no("it has read %d of 5" % read)


# --- before and after the tasks

VARIABLE = "CANIFORK_SET_BY_INITIALIZER"
there_at_import = VARIABLE in os.environ  # when this file is imported: in a worker, again


def set_variable():
    """The initializer of a worker."""
    os.environ[VARIABLE] = "1"


def looked():
    """What a worker had when it imported the main script, and now."""
    return [there_at_import, VARIABLE in os.environ]


@question(
    "Is an environment variable that a Pool's initializer sets there when a worker imports the main script again?",
    why="The initializer is a function of a module: a worker imports the script first, with all that it imports. "
    "Libraries that read OMP_NUM_THREADS or CUDA_VISIBLE_DEVICES when they are imported do not see what an initializer "
    "sets; under fork they were imported in the parent.",
    do="Set the variable above the imports of the script. With spawn and forkserver, it can also be set in the parent "
    "before the pool is made and before anything has started a fork server.",
    source=POOL + "Pool",
    asked=(
        "OMP_NUM_THREADS in Pool initializer has no effect",
        "set CUDA_VISIBLE_DEVICES in initializer of a worker",
        "Do you know of any way to set environment variables before the main module is imported in a child?",
    ),
)
def variable_of_initializer(ctx):
    with ctx.Pool(1, initializer=set_variable) as pool:
        at_import, now = pool.apply_async(looked).get(LIMIT)
    if not now:
        raise RuntimeError("the initializer did not set it")
    return yes() if at_import else no("it is set later")


def submit_late(path):
    """In a child, after its target's end: submit to a thread pool, and tell how that went."""
    from concurrent.futures import ThreadPoolExecutor

    seen = [None]

    def settled():
        seen.append(place_at_end())
        return seen[-1] is not None and len(seen) > 20 and len(set(seen[-20:])) == 1

    if not wait_until(settled, LIMIT):
        raise RuntimeError("the main thread does not end")
    try:
        ThreadPoolExecutor(1).submit(int).result(LIMIT)
        note(path, "ran")
    except RuntimeError as error:
        note(path, describe(error))


def leave_thread(path):
    """The target: it leaves a thread behind, which is not daemonic."""
    from concurrent.futures import thread

    if thread.ThreadPoolExecutor(1).submit(int).result(LIMIT) != 0:
        raise RuntimeError("a thread pool does not work")
    threading.Thread(target=submit_late, args=(path,), daemon=False).start()
    return True


@question(
    "Can a non-daemon thread of a child use a ThreadPoolExecutor after the child's target has returned?",
    why="A child waits for such threads, but, from Python 3.9 on, first tells all thread pools of the process that it "
    "ends. A scheduler or server that runs on in a thread can then start nothing more.",
    do="Join the thread in the target: let the target return when the work is done.",
    source="https://github.com/python/cpython/issues/148280",
    asked=(
        "RuntimeError: cannot schedule new futures after interpreter shutdown",
        "RuntimeError: can't register atexit after shutdown",
        "BackgroundScheduler in multiprocessing.Process",
        "apscheduler cannot schedule new futures after interpreter shutdown",
    ),
)
def thread_pool_after_target(ctx):
    path = place("told")
    seen = run_child(ctx, leave_thread, path)
    if not (seen.ok and seen.returned is True):
        raise_unexpected(ctx, seen)
    with open(path) as file:
        told = file.read()
    if told == "ran":
        return yes()
    if not told.startswith("RuntimeError"):
        raise RuntimeError("the thread told %r" % told)
    return no(told)


@question(
    "Does the environment variable PYTHON_CPU_COUNT set the number of workers of Pool()?",
    why="In a container, the number of processors that Python sees is the machine's, not the limit of the container "
    "(cgroup): Pool() then starts far too many workers.",
    do="Pass the number of workers; or, from Python 3.13 on, set PYTHON_CPU_COUNT or use python -X cpu_count=….",
    source="https://docs.python.org/3/using/cmdline.html#envvar-PYTHON_CPU_COUNT",
    documented={'python_version >= "3.13"': "yes"},
    methods=(),
    asked=(
        "os.cpu_count() in Docker container ignores cpu limit",
        "multiprocessing.cpu_count() ignores cgroup limits",
        "limit Pool workers in Kubernetes",
        "-X cpu_count multiprocessing",
    ),
)
def processor_variable():
    wanted = 3 if os.cpu_count() != 3 else 2
    code = "import multiprocessing as m; p = m.Pool(); print(p._processes); p.terminate()"
    script = run_script(None, flags=["-c", code], env={"PYTHON_CPU_COUNT": str(wanted)}, timeout=LIMIT)
    if script.status != 0 or not script.stdout.strip().isdigit():
        raise RuntimeError("status %r: %s" % (script.status, script.stderr[-300:]))
    return yes() if int(script.stdout) == wanted else no("there are as many as processors")


if __name__ == "__main__":
    main()
