"""What can be a task, an initializer, an argument and a result in a pool or an executor?"""

from _probe import describe, main, no, question, yes
from _tasks import LIMIT, executor, make_lock, pid, refusals

MODULE = "https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.pool"
SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/pool.py"
setting = "initial"
EXECUTOR = "https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor"


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
    "Can a lambda be a Pool task?",
    why="Tasks are pickled under every start method, fork included: they are sent to workers that run already.",
    do="Use a function at module level. For more arguments, bind the fixed ones with functools.partial, or pass "
    "tuples to starmap().",
    source="https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled",
    documented={"*": "no"},
    asked=(
        "PicklingError: Can't pickle <function <lambda>>: attribute lookup <lambda> on __main__ failed",
        "pool.map with a lambda",
    ),
)
def lambda_in_pool(ctx):
    with ctx.Pool(1) as pool:
        return refused(pool.map_async(lambda number: 2 * number, [1]).get, LIMIT)


@question(
    "Can a function defined in another function be a Pool task?",
    why="Only the name of a function is sent, and a worker cannot look up a local one.",
    do="Move the function to module level, and pass what it uses as arguments.",
    source="https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled",
    documented={"*": "no"},
    asked=(
        "AttributeError: Can't pickle local object",
        "AttributeError: Can't get local object",
        "pool.map with a nested function",
    ),
)
def local_in_pool(ctx):
    def local(number):
        return 2 * number

    with ctx.Pool(1) as pool:
        return refused(pool.map_async(local, [1]).get, LIMIT)


@question(
    "Can the initializer of a Pool be a lambda?",
    why="The initializer is an argument of the worker process, not a task, so that the start method decides.",
    do="Use a function at module level; give it values with initargs.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=("AttributeError: Can't pickle local object '<lambda>'", "Pool initializer lambda"),
)
def pool_initializer(ctx):
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
    "Do Pool workers see a global that the parent changed after it made the pool?",
    why="Workers are started with the pool: a later change stays in the parent under every start method.",
    do="Set globals before you make the pool (fork); better pass values with the tasks or with initargs.",
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
    if seen not in ("initial", "changed"):
        raise RuntimeError("the worker has %r" % (seen,))
    return yes() if seen == "changed" else no("the worker has %r" % (seen,))


class Owner:
    """An object that keeps a pool, and a method that is to run in it."""

    def __init__(self, pool):
        self.pool = pool

    def double(self, number):
        return 2 * number


@question(
    "Can self.pool.map() run a method of self?",
    why="To send the method, pickle sends its object, and with it the pool, which cannot be pickled.",
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


@question(
    "Does get() raise when a Pool task returns a threading.Lock, which cannot be pickled?",
    why="The worker can send only what can be pickled; the caller should learn of it instead of waiting.",
    do="Return plain data from tasks.",
    source=SOURCE,
    asked=("multiprocessing.pool.MaybeEncodingError: Error sending result", "MaybeEncodingError"),
)
def pool_result(ctx):
    from multiprocessing.pool import MaybeEncodingError

    with ctx.Pool(1) as pool:
        try:
            pool.apply_async(make_lock).get(LIMIT)
        except MaybeEncodingError:
            return yes("MaybeEncodingError")
    raise RuntimeError("a lock came back")


@question(
    "Can a lambda be a ProcessPoolExecutor task?",
    why="Tasks are pickled under every start method, fork included: they are sent to workers that run already.",
    do="Submit a function at module level; use ThreadPoolExecutor where processes are not needed.",
    source=EXECUTOR,
    documented={"*": "no"},
    asked=(
        "PicklingError: Can't pickle <function <lambda>>: attribute lookup <lambda> on __main__ failed",
        "ProcessPoolExecutor with a lambda",
    ),
)
def lambda_in_executor(ctx):
    with executor(ctx) as pool:
        future = pool.submit(lambda: "done")
        try:
            result = future.result(LIMIT)
        except refusals() as error:
            return no(describe(error))
    if result != "done":
        raise RuntimeError("the result is %r" % (result,))
    return yes()


@question(
    "Can the initializer of a ProcessPoolExecutor be a lambda?",
    why="The initializer is an argument of the worker process, not a task, so that the start method decides. "
    "submit() raises then, not the constructor.",
    do="Use a function at module level; give it values with initargs.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=("Can't pickle local object '<lambda>'", "PicklingError in ProcessPoolExecutor.submit()"),
)
def executor_initializer(ctx):
    pool = executor(ctx, initializer=lambda: globals().update(setting="initialised"))
    try:
        seen = pool.submit(read_setting).result(LIMIT)
    except refusals() as error:
        return no(describe(error))
    pool.shutdown()
    if seen != "initialised":
        raise RuntimeError("the worker has %r" % (seen,))
    return yes()


def take(thing):
    """A task with an argument."""
    return "taken"


@question(
    "Does result() raise when a task's argument is a threading.Lock, which cannot be pickled?",
    why="submit() returns, because a thread pickles the task later: only who asks the future sees the error.",
    do="Call result() on every future.",
    source=EXECUTOR,
    asked=(
        "Does ProcessPoolExecutor.submit() of an unpicklable callable/argument surface as an exception "
        "on the future (and not hang the shutdown)?",
        "TypeError: cannot pickle '_thread.lock' object",
        "ProcessPoolExecutor submit does nothing and no error",
    ),
)
def executor_argument(ctx):
    import threading

    with executor(ctx) as pool:
        try:
            pool.submit(take, threading.Lock()).result(LIMIT)
        except refusals() as error:
            return yes(describe(error))
    raise RuntimeError("a lock was taken")


@question(
    "Does result() raise when a task returns a threading.Lock, which cannot be pickled?",
    why="The caller should learn of it instead of waiting, and the executor should stay usable.",
    do="Return plain data from tasks.",
    source=EXECUTOR,
    asked=("TypeError: cannot pickle '_thread.lock' object", "result of a process pool task cannot be pickled"),
)
def executor_result(ctx):
    with executor(ctx) as pool:
        try:
            pool.submit(make_lock).result(LIMIT)
        except refusals() as error:
            if pool.submit(take, 1).result(LIMIT) != "taken":
                raise RuntimeError("the executor does not go on") from error
            return yes(describe(error))
    raise RuntimeError("a lock came back")


def kind(thing):
    """A task that says what kind of object has arrived."""
    return type(thing).__name__


def fork_only():
    """Objects that a forked Process takes as arguments, though pickle does not: by kind."""
    import threading

    def nested():
        """A function that is defined in a function."""

    class Local:
        """A class that is defined in a function."""

    with open(__file__) as file:
        return {
            "lambda": lambda: None,
            "nested function": nested,
            "instance of a nested class": Local(),
            "generator": (number for number in range(3)),
            "file": file,
            "threading.Lock": make_lock(),
            "Thread": threading.Thread(),
            "memoryview": memoryview(b"bytes"),
            "keys of a dictionary": {}.keys(),
        }


def taken(run):
    """Answer whether tasks get objects that pickle refuses; run(function, argument) gives a task's result."""
    arrived = []
    for name, thing in fork_only().items():
        try:
            if run(kind, thing) != kind(thing):
                raise RuntimeError("a %s arrives as something else" % name)
            arrived.append(name)
        except refusals():
            pass
    if not arrived:
        return no("none of the 9")
    return yes() if len(arrived) == 9 else no("only: " + ", ".join(arrived))


NINE = (
    "The start method decides for a Process only. A task is sent to a worker that runs already, and is pickled under "
    "fork too. Tried: a lambda, a nested function, an instance of a nested class, a generator, a file, a "
    "threading.Lock, a Thread, a memoryview and the keys of a dictionary."
)
INSTEAD = "Pass what pickle takes, or hand the object to the workers under fork: as a global, or in initargs of a Pool."


@question(
    "Can a Pool task have an argument that only a forked Process can have (9 kinds tried)?",
    why=NINE + " The file is a closed one.",
    do=INSTEAD,
    source="https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled",
    asked=(
        "why does Process work under fork and Pool.map cannot pickle",
        "pool.map cannot pickle a file or a generator on Linux",
    ),
)
def fork_only_in_pool(ctx):
    with ctx.Pool(1) as pool:
        return taken(lambda function, argument: pool.apply_async(function, (argument,)).get(LIMIT))


@question(
    "Can a ProcessPoolExecutor task have an argument that only a forked Process can have (9 kinds tried)?",
    why=NINE + " The file is a closed one.",
    do="Pass what pickle takes; under fork, workers can also have the object as a global or from initargs.",
    source=EXECUTOR,
    asked=(
        "ProcessPoolExecutor cannot pickle although fork is used",
        "executor.submit cannot pickle a file or a generator on Linux",
    ),
)
def fork_only_in_executor(ctx):
    with executor(ctx) as pool:
        return taken(lambda function, argument: pool.submit(function, argument).result(LIMIT))


if __name__ == "__main__":
    main()
