"""What do a pool and an executor do when a task, a worker or an initializer fails?"""

import os

from _probe import describe, last_error, main, no, printed, question, scratch, wait_until, yes
from _tasks import LIMIT, Refused, broken, executor, fail_at_start, look_up, pid, refuse, wait_for

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
EXECUTOR = "https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor"
REFERENCE = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
SOURCE = "https://github.com/python/cpython/blob/main/Lib/concurrent/futures/process.py"
BROKEN = (
    "concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly while the "
    "future was running or pending.",
)


@question(
    "Does AsyncResult.get() raise a task's exception with the worker's traceback?",
    why="It shows where in the worker the error happened; join() of a plain Process reports nothing.",
    do="Call get() on every AsyncResult, or use map(): an exception that nobody fetches is lost.",
    source=POOL + "AsyncResult.get",
    asked=(
        "multiprocessing.pool.RemoteTraceback",
        "exceptions in apply_async are swallowed",
        "traceback and line of an exception in a worker",
    ),
)
def pool_task(ctx):
    with ctx.Pool(1) as pool:
        try:
            pool.apply_async(look_up).get(LIMIT)
        except KeyError as error:
            if "in look_up" not in str(error.__cause__):
                return no("KeyError without the worker's traceback")
            return yes("KeyError, and RemoteTraceback as its __cause__")
    raise RuntimeError("no exception")


@question(
    "Does AsyncResult.get() raise a task's exception that cannot be unpickled?",
    why="An exception whose __init__ takes more arguments than it passes to Exception.__init__() cannot be rebuilt. "
    "The pool's own thread fails on it, and no task's result arrives any more: get() waits forever.",
    do="Pass all arguments to super().__init__(), in order; where some are keyword-only, define __reduce__().",
    source="https://github.com/python/cpython/issues/87626",
    asked=(
        "TypeError: __init__() missing 1 required positional argument in _handle_results",
        "pool.map hangs when the worker raises a custom exception",
    ),
)
def pool_custom_exception(ctx):
    pool = ctx.Pool(1)
    try:
        result = pool.apply_async(refuse)
        if not wait_until(lambda: result.ready() or "_handle_results" in printed(), LIMIT):
            raise RuntimeError("nothing came and nothing was printed")
        if result.ready():
            try:
                result.get()
            except Refused:
                return yes()
        wait_until(lambda: last_error(printed()))
        if result.ready() or not last_error(printed()).startswith("TypeError"):
            raise RuntimeError("printed: %s" % last_error(printed()))
        return no("the thread that collects results ended with TypeError; get() would wait for ever")
    finally:
        end_pool(pool)


def end_pool(pool):
    """Terminate a pool whose threads may have died, and the workers that it then leaves."""
    import multiprocessing

    try:
        pool.terminate()
    except AssertionError:  # "Cannot have cache with result_handler not alive"
        pass
    for process in multiprocessing.active_children():
        process.kill()
        process.join()


def outcome(pool, task, *args):
    """The result of a task that ends its worker; None if it is lost: a new worker has done the next one.

    A pool that failed the task would do so before it starts the new worker, or with it at the latest.
    """
    first = pool.apply_async(pid).get(LIMIT)
    result = pool.apply_async(task, args)
    second = pool.apply_async(pid).get(LIMIT)
    if result.ready():
        return result
    if second == first:
        raise RuntimeError("the worker has not ended")
    return None


LOST = "a new worker did the next task; this one is lost, and get() would wait for ever"


@question(
    "Does a Pool fail the task of a worker that dies?",
    why="Otherwise map() and get() wait forever for a worker that has crashed or was killed for lack of memory "
    "(here: os._exit).",
    do="Use concurrent.futures.ProcessPoolExecutor, which raises BrokenProcessPool, or get(timeout=…).",
    source="https://github.com/python/cpython/issues/66587",
    asked=("pool.map hangs when a worker is killed", "Pool hangs after a segmentation fault in a worker"),
)
def pool_worker(ctx):
    with ctx.Pool(1) as pool:
        result = outcome(pool, os._exit, 1)
    if result is None:
        return no(LOST)
    if result.successful():
        raise RuntimeError("get() returned %r" % (result.get(),))
    try:
        result.get()
    except Exception as error:
        return yes(describe(error))


@question(
    "Can a Pool run a function that was defined after the Pool was made?",
    why="A worker that cannot find the function dies while it unpickles the task, and the task is lost: typical in "
    "notebooks and interactive sessions.",
    do="Define all functions first, in an importable module, and create the pool last.",
    source="https://docs.python.org/3/library/multiprocessing.html#using-a-pool-of-workers",
    asked=("AttributeError: Can't get attribute on <module '__main__'>", "pool.map hangs in Jupyter"),
)
def late_function(ctx):
    with ctx.Pool(1) as pool:
        pool.apply_async(pid).get(LIMIT)  # the worker runs

        def late():
            return "late"

        late.__qualname__ = "late"
        globals()["late"] = late
        result = outcome(pool, late)
    if result is not None:
        if result.get() != "late":
            raise RuntimeError("get() returned %r" % (result.get(),))
        return yes()
    if not last_error(printed()).startswith("AttributeError"):
        raise RuntimeError("printed: %s" % last_error(printed()))
    return no(LOST)


@question(
    "Does a Pool raise when its initializer fails?",
    why="The pool replaces the worker, whose initializer fails again, without end: get() never returns and standard "
    "error fills up.",
    do="Catch exceptions in the initializer and let the tasks report them, or use ProcessPoolExecutor.",
    source="https://github.com/python/cpython/issues/87472",
    asked=(
        "What do Pool and ProcessPoolExecutor do when the initializer raises: error, hang or endless respawn?",
        "Pool hangs when initializer raises an exception",
        "workers are restarted endlessly",
    ),
)
def pool_initializer(ctx):
    path = scratch("initializer")
    open(path, "w").close()

    def runs():
        with open(path) as file:
            return len(file.readlines())

    try:
        pool = ctx.Pool(1, initializer=fail_at_start, initargs=(path,))
        try:
            result = pool.apply_async(pid)
            if not wait_until(lambda: result.ready() or runs() >= 3, LIMIT):
                raise RuntimeError("the initializer ran %d times" % runs())
            if not result.ready():
                return no("the pool starts one worker after the other; get() would wait for ever")
            result.get()
        except ValueError as error:
            return yes(describe(error))
        finally:
            pool.terminate()
            pool.join()
    finally:
        os.remove(path)
    raise RuntimeError("the task was done")


def wait_and_die(path):
    """A task that ends its worker."""
    wait_for(path)
    os._exit(3)


@question(
    "Does future.result() raise a task's exception with the worker's traceback?",
    why="It shows where in the worker the error happened; join() of a plain Process reports nothing.",
    do="Call result() on every future, or add a callback that does.",
    source=REFERENCE + "Future.result",
    asked=("concurrent.futures.process._RemoteTraceback",),
)
def executor_task(ctx):
    with executor(ctx) as pool:
        try:
            pool.submit(look_up).result(LIMIT)
        except KeyError as error:
            if "in look_up" not in str(error.__cause__):
                return no("KeyError without the worker's traceback")
            return yes("KeyError, and _RemoteTraceback as its __cause__")
    raise RuntimeError("no exception")


@question(
    "Does future.result() raise a task's exception that cannot be unpickled?",
    why="An exception whose __init__ takes more arguments than it passes to Exception.__init__() cannot be rebuilt. "
    "The executor then breaks: all other tasks fail too, and the real reason is hidden.",
    do="Pass all arguments to super().__init__(), in order; where some are keyword-only, define __reduce__().",
    source=SOURCE,
    asked=("BrokenProcessPool: A result has failed to un-serialize", "custom exception breaks the process pool"),
)
def executor_custom_exception(ctx):
    with executor(ctx) as pool:
        try:
            pool.submit(refuse).result(LIMIT)
        except Refused:
            return yes()
        except broken() as error:
            if "TypeError" not in str(error.__cause__):
                raise
            return no("BrokenProcessPool, caused by TypeError; no task can be submitted any more")
    raise RuntimeError("no exception")


@question(
    "Does future.result() raise when a worker dies?",
    why="A worker that crashes or is killed for lack of memory (here: os._exit) loses its task: waiting for it "
    "would never end, as with multiprocessing.Pool.",
    do="Catch BrokenProcessPool, make a new executor, and submit again what was not done.",
    source=REFERENCE + "process.BrokenProcessPool",
    documented={"*": "yes"},
    asked=(
        "If a ProcessPoolExecutor worker is SIGKILLed mid-task, do the futures fail quickly with "
        "BrokenProcessPool, and is the executor unusable afterwards?",
    )
    + BROKEN
    + ("process pool worker killed by the out-of-memory killer",),
)
def executor_worker(ctx):
    with executor(ctx) as pool:
        try:
            pool.submit(os._exit, 3).result(LIMIT)
        except broken():
            return yes("BrokenProcessPool")
    raise RuntimeError("no exception")


@question(
    "Can an executor run tasks after a worker has died?",
    why="One crash makes the whole executor unusable; a server that keeps it then fails every request. Here a task "
    "calls os._exit().",
    do="Make a new executor after BrokenProcessPool.",
    source="https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor",
    documented={"*": "no"},
    asked=("A child process terminated abruptly, the process pool is not usable anymore",),
)
def submit_after_death(ctx):
    with executor(ctx) as pool:
        try:
            pool.submit(os._exit, 3).result(LIMIT)
        except broken():
            try:
                pool.submit(pid).result(LIMIT)
            except broken() as error:
                return no(describe(error))
            return yes()
    raise RuntimeError("no exception")


def break_two(ctx, task):
    """The exceptions of two futures whose only worker died."""
    path = scratch("go")
    with executor(ctx) as pool:
        futures = [pool.submit(task, path), pool.submit(pid)]
        open(path, "w").close()
        errors = [future.exception(LIMIT) for future in futures]
    os.remove(path)
    if not all(isinstance(error, broken()) for error in errors):
        raise RuntimeError("no BrokenProcessPool: %r" % (errors,))
    return errors


def wait_and_die_watched(path):
    """A task that ends its worker; the executor hears of it only when the exit code is there.

    It waits for the end of a pipe, which a process of ours holds open until the worker is dead.
    """
    wait_for(path)
    worker = os.getpid()
    if hasattr(os, "fork") and os.fork() == 0:
        while os.getppid() == worker:
            pass
        os._exit(0)
    os._exit(3)


@question(
    "Does BrokenProcessPool's cause name the worker's exit code, if that is known in time?",
    why="Exit code -9 means killed, often for lack of memory, and -11 a crash. The executor is delayed here until "
    "the exit code is known.",
    do="From Python 3.15, look at the exception's __cause__. Under fork and spawn the code may still be missing, "
    "when the executor is faster than the system.",
    source="https://docs.python.org/3.15/whatsnew/3.15.html#concurrent-futures",
    documented={'python_version >= "3.15"': "yes"},
    asked=BROKEN,
)
def exit_code_told(ctx):
    text = str(break_two(ctx, wait_and_die_watched)[0].__cause__)
    if "exit code 3" in text:
        return yes("in its __cause__")
    if "code" in text:
        raise RuntimeError("the cause says %r" % text)
    return no("the cause does not say it")


@question(
    "Do two futures of a broken executor raise separate exception objects?",
    why="Raising one shared exception repeatedly makes its traceback longer each time, even across threads.",
    do="Do not change or compare the exceptions that futures raise.",
    source="https://docs.python.org/3.14/whatsnew/changelog.html#python-3-14-7-final",
    documented={'python_full_version >= "3.14.7" and implementation_name == "cpython"': "yes"},
)
def own_exceptions(ctx):
    first, second = break_two(ctx, wait_and_die)
    return no("both raise the same object") if first is second else yes()


@question(
    "Does future.result() raise when the initializer fails?",
    why="Otherwise the program would wait for a worker that never comes, as with multiprocessing.Pool.",
    do="Look for the initializer's own traceback in the log: BrokenProcessPool does not name it.",
    source=EXECUTOR,
    documented={"*": "yes"},
    asked=("BrokenProcessPool: A process in the process pool was terminated abruptly", "Exception in initializer:"),
)
def executor_initializer(ctx):
    with executor(ctx, initializer=fail_at_start) as pool:
        try:
            pool.submit(pid).result(LIMIT)
        except broken():
            if "ValueError: initializer failed" not in printed():
                raise
            return yes("BrokenProcessPool")
    raise RuntimeError("no exception")


if __name__ == "__main__":
    main()
