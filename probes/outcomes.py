"""What becomes of exceptions, chunks, timeouts and interrupts of tasks?"""

import functools
import os
import signal
import threading

from _places import place
from _probe import (
    LIMIT,
    Unavailable,
    last_error,
    main,
    no,
    printed,
    question,
    wait_until,
    yes,
)
from _tasks import broken, double, executor, note, pid, wait_for

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
POOL_SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/pool.py"
SOURCE = "https://github.com/python/cpython/blob/main/Lib/concurrent/futures/process.py"


# --- exceptions


def fail_with_cause():
    """Fail with an exception that has a cause, an attribute and, where there are such, a note."""
    try:
        {}["missing"]
    except KeyError as error:
        failure = ValueError("no value")
        failure.status = 503
        if hasattr(failure, "add_note"):
            failure.add_note("a note")
        raise failure from error


def raised_by(get):
    """The exception of fail_with_cause(), as get(timeout) raises it."""
    try:
        get(LIMIT)
    except ValueError as error:
        return error
    raise RuntimeError("nothing was raised")


def cause_of(error):
    """Answer whether the cause of an exception is the KeyError that it had in the worker."""
    if isinstance(error.__cause__, KeyError):
        return yes()
    if "KeyError: 'missing'" not in str(error.__cause__):
        raise RuntimeError("the cause is %r" % (error.__cause__,))
    return no("it is a %s, whose text shows the KeyError" % type(error.__cause__).__name__)


KEEPS = "Read str(error.__cause__), put what the program needs into args, or catch the cause in the task and return it."
LOST = (
    "pickle does not keep the cause of an exception; what comes instead is the worker's traceback, as text. Code that "
    "looks for the cause, as retries and error trackers do, does not find it."
)


@question(
    "Has an exception that get() raises for a Pool task the __cause__ that it had in the worker (raise … from …)?",
    why=LOST,
    do=KEEPS,
    source=POOL_SOURCE,
    asked=("multiprocessing exception loses __cause__", "exception chaining lost in pool worker"),
)
def cause_in_pool(ctx):
    with ctx.Pool(1) as pool:
        return cause_of(raised_by(pool.apply_async(fail_with_cause).get))


@question(
    "Has an exception that result() raises for a ProcessPoolExecutor task the __cause__ that it had in the worker?",
    why=LOST,
    do=KEEPS,
    source=SOURCE,
    asked=(
        "ProcessPoolExecutor exception loses __cause__",
        "concurrent.futures.process._RemoteTraceback instead of the original cause",
    ),
)
def cause_in_executor(ctx):
    with executor(ctx) as pool:
        return cause_of(raised_by(pool.submit(fail_with_cause).result))


@question(
    "Do exceptions of Pool and ProcessPoolExecutor tasks keep an attribute and a note (add_note) that they have?",
    why="Exceptions are pickled with their args and their attributes; notes are an attribute too. An __init__ "
    "that does not take those args breaks it: failures.pool_custom_exception.",
    do="Nothing if yes.",
    source="https://docs.python.org/3/library/pickle.html#object.__reduce__",
    asked=("exception attributes lost in multiprocessing", "add_note multiprocessing exception"),
)
def attributes_of_exception(ctx):
    with ctx.Pool(1) as pool:
        errors = [raised_by(pool.apply_async(fail_with_cause).get)]
    with executor(ctx) as pool:
        errors.append(raised_by(pool.submit(fail_with_cause).result))
    notes = ["a note"] if hasattr(ValueError, "add_note") else []
    kept = [getattr(error, "status", 0) == 503 and getattr(error, "__notes__", []) == notes for error in errors]
    return yes() if all(kept) else no("kept: Pool %s, executor %s" % tuple(kept))


def fail_at(number, bad):
    """Fail for one of the numbers."""
    if number == bad:
        raise ValueError("number %d" % number)
    return double(number)


@question(
    "Does the end of an executor's with block, or join() of a Pool, raise if a task failed and nobody asks for its "
    "result?",
    why="An exception is kept for whoever asks: get(), result(), or a loop over what map() returns. Without that, a "
    "program ends as if all had gone well, and prints nothing.",
    do="Ask for each result: list(executor.map(…)), future.result(), or error_callback= of apply_async().",
    source=FUTURES + "Executor.map",
    asked=(
        "ProcessPoolExecutor fails silently",
        "executor.map exception is never raised",
        "apply_async fails silently without get()",
    ),
)
def unread_failure(ctx):
    with ctx.Pool(1) as pool:
        result = pool.apply_async(fail_at, (1, 1))
        pool.close()
        pool.join()
    if not result.ready() or result.successful():
        raise RuntimeError("the pool's task did not fail")
    with executor(ctx) as pool:
        future = pool.submit(fail_at, 1, 1)
        pool.map(functools.partial(fail_at, bad=1), range(2))
    if future.exception() is None:
        raise RuntimeError("the executor's task did not fail")
    if "ValueError" in printed():
        raise RuntimeError("it is printed")
    return no("nothing is raised or printed")


# --- chunks


@question(
    "Can next() get further results of executor.map() after one of them has raised?",
    why="map() is a generator: it ends with its first exception, and cancels what is queued. The results of the other "
    "tasks cannot be got any more. (imap() of a Pool goes on, with its default chunksize=1: that is tested too.)",
    do="Use submit() and as_completed(), or imap() of a Pool, or catch exceptions in the task and return them.",
    source="https://github.com/python/cpython/issues/108518",
    asked=(
        "executor.map continue after exception",
        "concurrent.futures Executor.map cancels other futures when one raises an exception",
        "how to get the other results of executor.map when one fails",
    ),
)
def map_after_failure(ctx):
    fail = functools.partial(fail_at, bad=1)
    with ctx.Pool(1) as pool:
        if after_failure(pool.imap(fail, range(3))) != 4:
            raise RuntimeError("imap() of a Pool ends, too")
    with executor(ctx) as pool:
        result = after_failure(pool.map(fail, range(3)))
    if result == 4:
        return yes()
    if result is not None:
        raise RuntimeError("the next result is %r" % (result,))
    return no("it ends with StopIteration")


def after_failure(results):
    """The third of three results, of which the second raises; None if there is none."""
    if next(results) != 0:
        raise RuntimeError("the first result is wrong")
    try:
        next(results)
    except ValueError:
        return next(results, None)
    raise RuntimeError("nothing was raised")


@question(
    "Does executor.map(f, items, chunksize=3) give the results of the two items before a failed one in its chunk?",
    why="A chunk is one task: its exception takes the place of all its results, also of those that were ready. Tested "
    "with one chunk of three, of which the last fails; imap(chunksize=3) of a Pool does the same.",
    do="Catch exceptions in the function and return them, or use chunksize=1.",
    source=SOURCE,
    asked=(
        "executor.map chunksize exception loses results",
        "ProcessPoolExecutor map chunk partially failed",
        "pool.imap chunksize exception loses the results of the chunk",
    ),
)
def results_before_failure(ctx):
    fail = functools.partial(fail_at, bad=2)
    with ctx.Pool(1) as pool:
        of_pool = before_failure(pool.imap(fail, range(3), chunksize=3))
    with executor(ctx) as pool:
        of_executor = before_failure(pool.map(fail, range(3), chunksize=3))
    if of_pool != of_executor:
        raise RuntimeError("Pool: %r, executor: %r" % (of_pool, of_executor))
    if of_executor == [0, 2]:
        return yes()
    return no("the first next() raises") if of_executor == [] else no("they are %r" % (of_executor,))


def before_failure(results):
    """The results that come before the exception."""
    got = []
    try:
        for result in results:
            got.append(result)
    except ValueError:
        return got
    raise RuntimeError("nothing was raised")


@question(
    "Does each item of Pool.map(f, items, chunksize=4) get a new process with maxtasksperchild=1?",
    why="A task in the sense of maxtasksperchild is a chunk, not an item. Without chunksize=, map() makes about four "
    "chunks a worker: memory that leaks in each call is given back late. max_tasks_per_child of an executor counts "
    "chunks too, those of map(chunksize=…); there, chunksize is 1 if not given.",
    do="Pass chunksize=1 too.",
    source="https://github.com/python/cpython/issues/68663",
    asked=(
        "maxtasksperchild ignored by pool.map",
        "maxtasksperchild=1 but processes are reused",
        "maxtasksperchild chunksize",
    ),
)
def items_of_chunk(ctx):
    with ctx.Pool(1, maxtasksperchild=1) as pool:
        workers = pool.map(pid, range(8), chunksize=4)
    count = len(set(workers))
    if count == 8:
        return yes()
    if count != 2 or len(set(workers[:4])) != 1:
        raise RuntimeError("%d processes for 8 items" % count)
    return no("each chunk does")


# --- what a worker cannot unpickle


class Unreadable:
    """An argument that can be pickled, but not unpickled."""

    def __reduce__(self):
        return (int, ("no number",))


@question(
    "Does get() raise if a Pool's worker cannot unpickle the argument of a task?",
    why="The worker ends with the exception, which it prints, before it knows of a task. The pool starts another "
    "worker, and the result never comes: an object whose class asks for more in __init__ or __setstate__, or whose "
    "module is missing in the worker, makes map() wait for ever.",
    do="Write pickle.dumps(argument) to a file and load it in a fresh interpreter; use ProcessPoolExecutor, or "
    "get(timeout).",
    source=POOL_SOURCE,
    asked=(
        "pool.map hangs, AttributeError in worker task = get()",
        "multiprocessing Pool hangs unpickling argument",
        "ModuleNotFoundError in worker, pool.map never returns",
    ),
)
def argument_in_pool(ctx):
    with ctx.Pool(1) as pool:
        first = pool.apply_async(pid).get(LIMIT)
        result = pool.apply_async(str, (Unreadable(),))
        second = pool.apply_async(pid).get(LIMIT)
        ready = result.ready()
    if "invalid literal for int()" not in printed() and not ready:
        raise RuntimeError("the worker printed %r" % last_error(printed()))
    if ready:
        if result.successful():
            raise RuntimeError("the argument can be unpickled")
        return yes()
    if second == first:
        raise RuntimeError("the worker has not ended")
    return no("a new worker did the next task; this one is lost")


@question(
    "Does result() raise if a ProcessPoolExecutor's worker cannot unpickle the argument of a task?",
    why="The worker ends with the exception, which it prints; the executor sees no more than that a worker has died.",
    do="Read what the worker has printed: its last line is the cause.",
    source=SOURCE,
    asked=(
        "BrokenProcessPool because of unpickling error",
        "BrokenProcessPool: A process in the process pool was terminated abruptly AttributeError Can't get attribute",
    ),
)
def argument_in_executor(ctx):
    with executor(ctx) as pool:
        future = pool.submit(str, Unreadable())
        error = future.exception(LIMIT)
    if error is None:
        raise RuntimeError("it returned %r" % (future.result(),))
    return yes(type(error).__name__)


@question(
    "Can a ProcessPoolExecutor run a function that was defined after its first task?",
    why="A worker that runs already looks for the function in its own copy of the module, does not find it, and ends: "
    "the executor is broken. Typical in notebooks and at the prompt, where code goes on to be written.",
    do="Define all functions first, in an importable module. Under fork, a new executor also has those defined so far.",
    source=FUTURES + "ProcessPoolExecutor",
    asked=(
        "AttributeError: Can't get attribute on <module '__main__'> ProcessPoolExecutor",
        "BrokenProcessPool in Jupyter after defining a function",
    ),
)
def late_function_in_executor(ctx):
    with executor(ctx) as pool:
        pool.submit(pid).result(LIMIT)  # the worker runs

        def late():
            return "late"

        late.__qualname__ = "late"
        globals()["late"] = late
        try:
            if pool.submit(late).result(LIMIT) != "late":
                raise RuntimeError("it returned something else")
        except broken() as error:
            if not wait_until(lambda: last_error(printed()).startswith("AttributeError"), LIMIT):
                raise RuntimeError("printed: %s" % last_error(printed())) from error
            return no(type(error).__name__)
    return yes()


# --- timeouts and interrupts


@question(
    "Does a ProcessPoolExecutor task go on after asyncio.wait_for() has given it up with TimeoutError?",
    why="wait_for() cancels the future of loop.run_in_executor(). A task that runs in a worker cannot be cancelled: it "
    "keeps the worker, and the end of the executor waits for it.",
    do="Let the task limit its own time; or terminate_workers() of Python 3.14; or run it in a Process and kill that.",
    source="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor",
    asked=(
        "asyncio.wait_for run_in_executor ProcessPoolExecutor does not stop the process",
        "cancelling a future returned by run_in_executor",
        "job timeout asyncio process still running",
    ),
    wanted="no",
)
def after_wait_for(ctx):
    import asyncio

    path, begun = place("go-on"), place("begun")
    told = place("told")
    pool = executor(ctx)

    async def give_up():
        future = asyncio.get_running_loop().run_in_executor(pool, tell_end, path, begun, told)
        while not os.path.exists(begun):
            await asyncio.sleep(0.01)  # between two looks; the question's deadline ends it
        try:
            await asyncio.wait_for(future, 0.05)
        except asyncio.TimeoutError:
            return
        raise RuntimeError("the task has ended")

    asyncio.run(give_up())
    note(path, "")
    pool.shutdown()
    return yes() if os.path.exists(told) else no("it has ended")


def tell_end(path, begun, told):
    """A task that goes on until a file exists, and then makes another one."""
    note(told, wait_for(path, begun))


def asleep():
    """Whether the main thread sleeps, where that can be seen; qemu-user shows no process, but each thread, as it is."""
    try:
        with open("/proc/%d/task/%d/stat" % (os.getpid(), os.getpid()), "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"R", b"D")
    except (OSError, IndexError):
        return True


class Interrupts:
    """SIGINT for this process, again and again while its main thread is asleep in the block."""

    def __init__(self):
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.wait(0.05):
            if asleep():
                os.kill(os.getpid(), signal.SIGINT)

    def __enter__(self):
        self.before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.thread.start()

    def __exit__(self, *error):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.over.set()
        self.thread.join()
        signal.signal(signal.SIGINT, self.before)


def interrupted(wait, *args):
    """Whether KeyboardInterrupt ends a call in the main thread that would wait for LIMIT seconds or ever."""
    try:
        with Interrupts():
            wait(*args)
    except KeyboardInterrupt:
        return True
    return False


@question(
    "Does SIGINT (Ctrl+C) interrupt a program that waits in join(), Queue.get(), Event.wait(), Lock.acquire(), "
    "AsyncResult.get() and result()?",
    why="The main thread gets KeyboardInterrupt at once. What a program then does at its end may still wait: the with "
    "block of an executor for its tasks, join() of a Pool, the end of the program for children that are not daemonic. "
    "Each call has a timeout here.",
    do="Catch KeyboardInterrupt, tell the workers to end, and only then leave the with block.",
    source="https://docs.python.org/3/library/signal.html#execution-of-python-signal-handlers",
    asked=(
        "Ctrl+C does not stop multiprocessing Pool",
        "KeyboardInterrupt ignored in pool.map",
        "cannot interrupt process.join() with Ctrl+C",
    ),
)
def interrupted_waits(ctx):
    if os.name == "nt" or not hasattr(os, "kill"):
        raise Unavailable("a process cannot send SIGINT to itself there")
    path, begun = place("go-on"), place("begun")
    lock = ctx.Lock()
    lock.acquire()
    process = ctx.Process(target=wait_for, args=(path, begun))
    process.start()
    with ctx.Pool(1) as pool:
        result = pool.apply_async(wait_for, (path,))
        tasks = executor(ctx)
        future = tasks.submit(wait_for, path)
        waits = (
            (process.join, LIMIT),
            (ctx.Queue().get, True, LIMIT),
            (ctx.Event().wait, LIMIT),
            (lock.acquire, True, LIMIT),
            (result.get, LIMIT),
            (future.result, LIMIT),
        )
        ended = [interrupted(*wait) for wait in waits]
        note(path, "")
        if result.get(LIMIT) != "waited" or future.result(LIMIT) != "waited":
            raise RuntimeError("the tasks return something else")
        tasks.shutdown()
    process.join()
    if not any(ended):
        raise RuntimeError("nothing is interrupted")
    return yes() if all(ended) else no("of the six, in this order: %r" % (ended,))


if __name__ == "__main__":
    main()
