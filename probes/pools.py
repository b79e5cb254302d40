"""What can a multiprocessing.Pool run, and what does it do when something fails?"""

import os

from _probe import (
    Unavailable,
    describe,
    last_error,
    main,
    no,
    printed,
    question,
    run_script,
    scratch,
    stable,
    unavailable,
    wait_until,
    yes,
)

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
MODULE = "https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.pool"
SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/pool.py"
LIMIT = 20  # seconds for what must come

setting = "initial"


def double(number):
    """A task."""
    return 2 * number


def pid(_=None):
    """A task that says which process runs it."""
    return os.getpid()


def refused(function, *args):
    """Answer no if the call raises what pickle raises, else yes with a result that must be right."""
    import pickle

    try:
        result = function(*args)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        return no(describe(error))
    if result != [2]:
        raise RuntimeError("the result is %r" % (result,))
    return yes()


@question(
    "Can a lambda be a task of a pool?",
    why="Tasks are pickled under every start method, fork included: they travel through a queue to workers that run "
    "already.",
    do="Use a function at module level, with functools.partial for extra arguments.",
    source="https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled",
    asked=(
        "PicklingError: Can't pickle <function <lambda>>: attribute lookup <lambda> on __main__ failed",
        "pool.map with a lambda",
    ),
)
def lambda_task(ctx):
    with ctx.Pool(1) as pool:
        return refused(pool.map_async(lambda number: 2 * number, [1]).get, LIMIT)


@question(
    "Can a function defined inside another function be a task of a pool?",
    why="Only the name of a function is sent, and a worker cannot look a local one up.",
    do="Move the function to module level, and pass what it uses as arguments.",
    source="https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled",
    asked=(
        "AttributeError: Can't pickle local object",
        "AttributeError: Can't get local object",
        "pool.map with a nested function",
    ),
)
def local_task(ctx):
    def local(number):
        return 2 * number

    with ctx.Pool(1) as pool:
        return refused(pool.map_async(local, [1]).get, LIMIT)


@question(
    "Can the initializer of a pool be a lambda?",
    why="The initializer is an argument of the worker process and no task, so the start method decides.",
    do="Use a function at module level; give it values with initargs.",
    source=MODULE,
    documented={"fork": "yes"},
    asked=("AttributeError: Can't pickle local object '<lambda>'", "Pool initializer lambda"),
)
def lambda_initializer(ctx):
    import pickle

    try:
        pool = ctx.Pool(1, initializer=lambda: globals().update(setting="initialised"))
    except (AttributeError, pickle.PicklingError) as error:
        return no(describe(error))
    with pool:
        seen = pool.apply_async(read_setting).get(LIMIT)
    if seen != "initialised":
        raise RuntimeError("the worker has %r" % (seen,))
    return yes()


def read_setting():
    """A task that says what the worker's global is."""
    return setting


@question(
    "Do the workers of a pool see a global that is changed after the pool was made?",
    why="Workers are started with the pool: a later change stays in the parent under every start method.",
    do="Set globals before you make the pool (fork), or better pass values with the tasks or with initargs.",
    source=MODULE,
    asked=("pool workers see the old value of a global variable",),
    wanted="either",
)
def late_global(ctx):
    global setting
    with ctx.Pool(1) as pool:
        pool.apply_async(pid).get(LIMIT)  # the worker runs
        setting = "changed"
        seen = pool.apply_async(read_setting).get(LIMIT)
    return yes() if seen == "changed" else no("the worker has %r" % (seen,))


class Owner:
    """An object that keeps a pool, and a method that is to run in it."""

    def __init__(self, pool):
        self.pool = pool

    def double(self, number):
        return 2 * number


@question(
    "Can self.pool.map() run a method of self?",
    why="To send the method is to send its object, and with it the pool, which cannot be pickled.",
    do="Leave the pool out in __getstate__, use a function at module level, or keep the pool elsewhere.",
    source=SOURCE,
    asked=("NotImplementedError: pool objects cannot be passed between processes or pickled", "pool.map(self.method)"),
)
def method_of_owner(ctx):
    with ctx.Pool(1) as pool:
        try:
            result = pool.map_async(Owner(pool).double, [1]).get(LIMIT)
        except NotImplementedError as error:
            return no(describe(error))
    if result != [2]:
        raise RuntimeError("the result is %r" % (result,))
    return yes()


def make_lock():
    """A task whose result cannot be pickled."""
    import threading

    return threading.Lock()


@question(
    "Does a pool raise when the result of a task cannot be pickled?",
    why="The worker can only send what pickle takes; the caller should hear of it instead of waiting.",
    do="Return plain data from tasks.",
    source=SOURCE,
    asked=("multiprocessing.pool.MaybeEncodingError: Error sending result", "MaybeEncodingError"),
)
def unpicklable_result(ctx):
    from multiprocessing.pool import MaybeEncodingError

    with ctx.Pool(1) as pool:
        try:
            pool.apply_async(make_lock).get(LIMIT)
        except MaybeEncodingError:
            return yes("MaybeEncodingError")
    raise RuntimeError("a lock came back")


def look_up():
    """A task that fails."""
    return {}["missing"]


@question(
    "Does get() raise the exception of a task, with the worker's traceback?",
    why="It tells where in the worker it happened; join() of a plain Process tells nothing.",
    do="Call get() on every AsyncResult, or use map(): an exception that nobody fetches is lost.",
    source=POOL + "AsyncResult.get",
    documented={"*": "yes"},
    asked=("multiprocessing.pool.RemoteTraceback", "exceptions in apply_async are swallowed"),
)
def task_exception(ctx):
    with ctx.Pool(1) as pool:
        try:
            pool.apply_async(look_up).get(LIMIT)
        except KeyError as error:
            if "in look_up" not in str(error.__cause__):
                return no("KeyError without the worker's traceback")
            return yes("KeyError, and RemoteTraceback as its __cause__")
    raise RuntimeError("no exception")


class Refused(Exception):
    """It takes more arguments than it hands to Exception, so that pickle cannot make it again."""

    def __init__(self, reason, status):
        super().__init__(reason)
        self.status = status


def refuse():
    """A task that fails with it."""
    raise Refused("not today", 503)


@question(
    "Does get() raise a task's exception whose __init__ takes more arguments than it hands to Exception.__init__?",
    why="The pool's own thread fails when it rebuilds the exception, and then no result of any task arrives any more: "
    "get() waits for ever.",
    do="Hand all arguments on to super().__init__(), or define __reduce__().",
    source="https://github.com/python/cpython/issues/87626",
    asked=(
        "TypeError: __init__() missing 1 required positional argument in _handle_results",
        "pool.map hangs when the worker raises a custom exception",
    ),
)
def custom_exception(ctx):
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


def lost(pool, task, *args):
    """Answer whether a task that ends its worker fails, or is lost: the next one is done by a new worker."""
    first = pool.apply_async(pid).get(LIMIT)
    result = pool.apply_async(task, args)
    second = pool.apply_async(pid).get(LIMIT)
    if second == first:
        raise RuntimeError("the worker has not ended")
    if not result.ready():
        return no("a new worker did the next task; this one is lost, and get() would wait for ever")
    try:
        return yes("get() returned %r" % (result.get(),))
    except Exception as error:
        return yes(describe(error))


@question(
    "Does a pool notice that a worker has died, and fail its task?",
    why="A worker that crashes or is killed for lack of memory makes map() and get() wait for ever.",
    do="Use concurrent.futures.ProcessPoolExecutor, which raises BrokenProcessPool, or get(timeout=…).",
    source="https://github.com/python/cpython/issues/66587",
    asked=("pool.map hangs when a worker is killed", "Pool hangs after a segmentation fault in a worker"),
)
def worker_dies(ctx):
    with ctx.Pool(1) as pool:
        return lost(pool, os._exit, 1)


@question(
    "Can a pool run a function that is defined after the pool was made?",
    why="The worker cannot find the function, dies while it unpickles the task, and the task is lost: "
    "typical in notebooks and interactive sessions.",
    do="Define all functions first, in an importable module, and make the pool last.",
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
        answer = lost(pool, late)
    if answer.outcome == "no" and not last_error(printed()).startswith("AttributeError"):
        raise RuntimeError("printed: %s" % last_error(printed()))
    return answer


def fail_at_start(path):
    """An initializer that notes its run, and fails."""
    with open(path, "a") as file:
        file.write("run\n")
    raise ValueError("initializer failed")


@question(
    "Does a pool raise when its initializer fails?",
    why="The pool replaces the worker, whose initializer fails again, without end: get() never returns and standard "
    "error fills up.",
    do="Catch exceptions in the initializer and let the tasks report them, or use ProcessPoolExecutor.",
    source="https://github.com/python/cpython/issues/87472",
    asked=("Pool hangs when initializer raises an exception", "workers are restarted endlessly"),
)
def initializer_fails(ctx):
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


@question(
    "Does maxtasksperchild=1 give each task a process of its own?",
    why="It frees what tasks leak, at the price of one process start per task.",
    do="Pass chunksize=1 too: one chunk of map() counts as one task.",
    source=POOL + "Pool",
    documented={"*": "yes"},
    asked=("maxtasksperchild does not restart workers", "a new process for each task in a pool"),
)
def one_task_each(ctx):
    with ctx.Pool(1, maxtasksperchild=1) as pool:
        pids = pool.map_async(pid, range(2), chunksize=1).get(LIMIT)
    return yes() if len(set(pids)) == 2 else no("two tasks ran in one process")


def start_pool(method):
    """A task that makes a pool; how it was refused, or the result."""
    import multiprocessing

    try:
        with multiprocessing.get_context(method).Pool(1) as pool:
            return pool.map_async(double, [1]).get(LIMIT)
    except AssertionError as error:
        return describe(error)


@question(
    "Can a task of a pool make a pool of its own?",
    why="Pool workers are daemonic, so that none is left over; daemonic processes may not have children.",
    do="Use ProcessPoolExecutor outside: its workers may start processes. Or flatten the work into one pool.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon",
    documented={"*": "no"},
    asked=("AssertionError: daemonic processes are not allowed to have children", "nested multiprocessing pools"),
)
def nested_pool(ctx):
    with ctx.Pool(1) as pool:
        seen = pool.apply_async(start_pool, (ctx.get_start_method(),)).get(LIMIT)
    if seen == [2]:
        return yes()
    return no(seen)


def wait_for_file(path, begun):
    """A task that runs until a file exists."""
    open(begun, "w").close()
    wait_until(lambda: os.path.exists(path), LIMIT)
    open(path + ".done", "w").close()


@question(
    "Does the end of a with block wait for the tasks of its pool?",
    why="Leaving the block calls terminate() and not close(): tasks that run or wait are thrown away.",
    do="Fetch all results inside the block, or call pool.close() and pool.join() before it ends.",
    source=MODULE,
    documented={"*": "no"},
    asked=("apply_async tasks do not run", "with Pool() ends before the tasks are done"),
)
def end_of_with(ctx):
    import multiprocessing

    path, begun = scratch("go"), scratch("begun")
    with ctx.Pool(1) as pool:
        result = pool.apply_async(wait_for_file, (path, begun))
        if not wait_until(lambda: os.path.exists(begun), LIMIT):
            raise RuntimeError("the task did not begin")
    os.remove(begun)
    if result.ready() or not wait_until(lambda: not multiprocessing.active_children()):
        raise RuntimeError("ready: %r, workers: %r" % (result.ready(), multiprocessing.active_children()))
    return no("the worker was ended while the task ran")


@question(
    "Can a pool be used after its with block?",
    why="The block ends the pool for good.",
    do="Use the pool inside the block; keep it open and close it yourself if it must live longer.",
    source=MODULE,
    documented={"*": "no"},
    methods=(),
    asked=("ValueError: Pool not running",),
)
def after_with():
    import multiprocessing

    with multiprocessing.Pool(1) as pool:
        pass
    try:
        pool.apply_async(pid)
    except ValueError as error:
        return no(describe(error))
    return yes()


@question(
    "Does imap() take an item from its iterable only when a worker is free for it?",
    why="A thread of the pool reads ahead as far as the pipe to the workers holds, so a generator of millions of "
    "items is not read one by one.",
    do="Bound the tasks yourself, with a semaphore in the generator; executors have map(buffersize=…) since 3.14.",
    source=POOL + "Pool.imap",
    asked=("Is Pool.imap lazy?", "imap reads the whole generator into memory"),
    wanted="either",
)
def imap_lazy(ctx):
    path = scratch("go")
    taken = []

    def items():
        for number in range(50):
            taken.append(number)
            yield path

    with ctx.Pool(1) as pool:
        results = pool.imap(wait_for_go, items())
        wait_until(lambda: len(taken) == 50)
        ahead = len(taken)
        open(path, "w").close()
        results.next(timeout=LIMIT)
    os.remove(path)
    return yes() if ahead <= 2 else no("all 50 items were taken before the first task was done", taken=ahead)


def wait_for_go(path):
    """A task that runs until a file exists."""
    if not wait_until(lambda: os.path.exists(path), LIMIT):
        raise RuntimeError("no file")


@question(
    "Does a Pool warn that is dropped without close()?",
    why="The garbage collector then ends the pool, in whatever thread it runs; if that is one of the pool's own, the "
    "program can hang.",
    do="Use a with block, or close() and join(). Run with python -X dev to see the warning.",
    source=MODULE,
    asked=("ResourceWarning: unclosed running multiprocessing pool",),
)
def dropped(ctx):
    import gc
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Without a task: the thread that hands out a result may hold the last reference, and then hang.
        pool = ctx.Pool(1)
        del pool
        gc.collect()
    texts = [stable(str(item.message)) for item in caught if item.category is ResourceWarning]
    if any("pool" in text for text in texts):
        return yes("ResourceWarning")
    return no("no ResourceWarning", warnings=texts)


@question(
    "Does a script end that has left a Pool open?",
    why="Workers wait for tasks for ever, so somebody must end them.",
    do="Close the pool with a with block all the same: the documentation does not promise that the program ends.",
    source=MODULE,
    asked=("script hangs at exit with an open multiprocessing pool",),
)
def left_open(ctx):
    script = run_script("pools_open.py", env={"CANIFORK_METHOD": ctx.get_start_method()}, timeout=LIMIT)
    if script.stdout.split() != ["3"]:
        raise RuntimeError("it printed %r: %s" % (script.stdout, script.error))
    if script.timed_out:
        return no("it did not end")
    return yes() if script.status == 0 else no("it ended with status %r: %s" % (script.status, script.error))


@question(
    "Does Pool() start only as many workers as the program may use processors?",
    why="In a container or under taskset, a pool as large as the whole machine is slow and takes much memory.",
    do="Before Python 3.13, pass len(os.sched_getaffinity(0)).",
    source=POOL + "Pool",
    documented={'python_version >= "3.13"': "yes", "*": "no"},
    methods=(),
    asked=("Pool uses all cores despite taskset", "How many processes does Pool() start?"),
)
def affinity_respected():
    import multiprocessing

    if not hasattr(os, "sched_setaffinity"):
        raise Unavailable("there is no os.sched_setaffinity() here")
    allowed = os.sched_getaffinity(0)
    if os.cpu_count() < 2:
        return unavailable("there is only one processor")
    os.sched_setaffinity(0, {min(allowed)})
    with multiprocessing.Pool() as pool:
        pool.apply_async(pid).get(LIMIT)
        count = len(multiprocessing.active_children())
    if count == 1:
        return yes()
    if count != os.cpu_count():
        raise RuntimeError("%d workers on %d processors" % (count, os.cpu_count()))
    return no("as many as the machine has, although only one may be used")


if __name__ == "__main__":
    main()
