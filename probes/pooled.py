"""What do the workers of a Pool or a ProcessPoolExecutor see of their program?"""

import os
import threading

from _probe import main, need_executor, no, question, scratch, value, yes
from _tasks import LIMIT, double, executor, put_item

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
CONTEXT = "https://docs.python.org/3/library/contextvars.html"


def told(words):
    """Answer from what a task sees: yes if it is what the parent has, no if it is what was there before."""
    saw, has, before = words
    if saw == has:
        return yes()
    if saw != before:
        raise RuntimeError("the worker has %r" % (saw,))
    return no("the worker has what was there before")


def variable():
    """A variable of the environment."""
    return os.environ.get("CANIFORK_POOLED", "")


@question(
    "Does a Pool's worker see a change of os.environ made after the Pool?",
    why="Workers get the environment of the moment when they are started. The first ones are started when the Pool is "
    "made, as here; one that replaces another, as with maxtasksperchild, can see the change.",
    do="Set the environment before you make the Pool, or pass the values to the initializer.",
    source=METHODS_DOC,
    asked=("os.environ in Pool workers", "environment variable not updated in pool worker"),
    wanted="either",
)
def late_environment(ctx):
    with ctx.Pool(1) as pool:
        os.environ["CANIFORK_POOLED"] = "late"
        return told((pool.apply_async(variable).get(LIMIT), "late", ""))


@question(
    "Does an executor's worker see a change of os.environ made after the executor, before the first submit()?",
    why="An executor starts its workers at the first submit() or later. No other process was started before here: a "
    "fork server that runs already has the environment of its own start.",
    do="Set the environment before the first process of any kind is started.",
    source=METHODS_DOC,
    asked=("os.environ in ProcessPoolExecutor workers",),
)
def executor_environment(ctx):
    with executor(ctx) as pool:
        os.environ["CANIFORK_POOLED"] = "late"
        return told((pool.submit(variable).result(LIMIT), "late", ""))


def working_folder():
    """Where relative paths lead."""
    return os.path.realpath(os.getcwd())


@question(
    "Is a Pool's worker in the folder to which the parent changed after the Pool was made?",
    why="Each process has a working folder of its own.",
    do="Pass absolute paths to tasks.",
    source=METHODS_DOC,
    asked=("os.chdir in pool workers", "FileNotFoundError in pool worker with a relative path"),
    wanted="either",
)
def late_folder(ctx):
    before = os.path.realpath(os.getcwd())
    with ctx.Pool(1) as pool:
        folder = scratch("elsewhere")
        os.mkdir(folder)
        os.chdir(folder)
        try:
            return told((pool.apply_async(working_folder).get(LIMIT), os.path.realpath(folder), before))
        finally:
            os.chdir(before)
            os.rmdir(folder)


def context_variable():
    """The variable of this module; made on demand, since contextvars costs an import."""
    import contextvars

    if not hasattr(context_variable, "made"):
        context_variable.made = contextvars.ContextVar("pooled", default="unset")
    return context_variable.made


def context_value():
    """The value that a task sees."""
    return context_variable().get()


@question(
    "Does a task of a ProcessPoolExecutor worker that runs already see submit()'s contextvars value?",
    why="Request IDs, locales and tracing of web frameworks live in context variables. Threads of asyncio.to_thread() "
    "get a copy of the context, processes do not.",
    do="Pass the values as arguments.",
    source=CONTEXT,
    asked=(
        "Does a ProcessPoolExecutor task see the contextvars value that submit() had?",
        "contextvars ProcessPoolExecutor",
        "ContextVar lost in run_in_executor with a process pool",
    ),
)
def context_of_submit(ctx):
    with executor(ctx) as pool:
        first = pool.submit(context_value).result(LIMIT)
        context_variable().set("of submit")
        saw = pool.submit(context_value).result(LIMIT)
    return told((saw, "of submit", first))


@question(
    "Do Pool workers have the contextvars value of the code that made the Pool?",
    why="A forked worker has a copy of the thread that started it; others begin with an empty context. Here it is one "
    "of the first workers: one that replaces another is forked by a thread of the Pool, and can begin without it.",
    do="Pass the value to the initializer, and set it there.",
    source=CONTEXT,
    asked=("contextvars multiprocessing.Pool",),
)
def context_of_pool(ctx):
    context_variable().set("of the parent")
    with ctx.Pool(1) as pool:
        return told((pool.apply_async(context_value).get(LIMIT), "of the parent", "unset"))


given = []


def give(thing):
    """An initializer: keep what tasks use."""
    given.append(thing)


def given_number():
    """What the initializer was given, doubled."""
    return double(given[0])


@question(
    "Can tasks use a global that the initializer of a Pool or an executor has set?",
    why="It is the way to give each worker once what is slow to make, or cannot be sent with a task: a connection, a "
    "client, a model, large data.",
    do="Pass initializer= and initargs=, and keep what they bring in a module global. For a number of its own (a GPU, "
    "a port), let each worker take the next from a Value in initargs, under its get_lock().",
    source=POOL + "Pool",
    documented={"*": "yes"},
    asked=("share a large object with pool workers", "initializer global variable multiprocessing"),
)
def set_by_initializer(ctx):
    need_executor(ctx)
    with ctx.Pool(1, give, (4,)) as pool:
        done = [pool.apply_async(given_number).get(LIMIT)]
    with executor(ctx, initializer=give, initargs=(4,)) as pool:
        done.append(pool.submit(given_number).result(LIMIT))
    if done != [8, 8]:
        raise RuntimeError("the results are %r" % done)
    return yes()


def put_given():
    """Put an item into the queue that the initializer was given."""
    return put_item(given[0])


@question(
    "Can a multiprocessing.Queue be passed to ProcessPoolExecutor workers through initargs?",
    why="Queues and locks can only be passed while a process is being started, which is when initargs are.",
    do="Pass it through initargs, and keep it in a module global.",
    source=FUTURES + "ProcessPoolExecutor",
    asked=("multiprocessing Queue with ProcessPoolExecutor", "progress bar with ProcessPoolExecutor"),
)
def queue_in_initargs(ctx):
    queue = ctx.Queue()
    with executor(ctx, initializer=give, initargs=(queue,)) as pool:
        if pool.submit(put_given).result(LIMIT) is not True or queue.get(timeout=LIMIT) != "item":
            raise RuntimeError("the item did not come")
    return yes()


def random_number():
    """A number of the module's generator, and whose it is."""
    import random

    return [random.random(), os.getpid()]


def meet(barrier):
    """An initializer: keep the barrier at which both workers wait, so that each does one task."""
    give(barrier)


def number_of_each(_):
    """A number of this worker, once the other one has a task too."""
    given[0].wait(LIMIT)
    return random_number()


@question(
    "Do two Pool workers draw the same number from random.random()?",
    why="Forked workers are copies of the program, with the state of all its generators; Python seeds that of the "
    "module random anew after a fork, NumPy and others do not.",
    do="Give each worker a generator of its own, made in the initializer.",
    source="https://docs.python.org/3/library/random.html",
    asked=("same random numbers in all processes", "numpy random in multiprocessing gives the same numbers"),
    wanted="no",
)
def random_numbers(ctx):
    import random

    random.random()  # it is seeded
    barrier = ctx.Barrier(2)
    with ctx.Pool(2, meet, (barrier,)) as pool:
        (first, one), (second, other) = pool.map_async(number_of_each, range(2), chunksize=1).get(LIMIT)
    if one == other:
        raise RuntimeError("one worker did both tasks")
    return yes() if first == second else no("they differ")


@question(
    "Can four threads each get the result of one task from the same Pool?",
    why="Servers call one Pool from many threads. Tested with four threads and one worker.",
    do="Make the Pool before the threads: a fork beside running threads is risky.",
    source=POOL + "Pool",
    asked=(
        "Can several threads of a program use one Pool?",
        "Is multiprocessing.Pool thread-safe?",
        "use one Pool from several threads",
    ),
)
def several_threads(ctx):
    results = []
    with ctx.Pool(1) as pool:

        def use(number):
            results.append(pool.apply_async(double, (number,)).get(LIMIT))

        threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if sorted(results) != [0, 2, 4, 6]:
        raise RuntimeError("the results are %r" % results)
    return yes()


def read_line():
    """What input() reads, or how it fails."""
    try:
        return input()
    except (EOFError, OSError, ValueError, RuntimeError) as error:
        return type(error).__name__


@question(
    "What does input() raise in a Pool task?",
    why="multiprocessing gives its children an empty standard input.",
    do="Read what tasks need in the parent, and pass it.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/process.py",
    asked=("EOFError: EOF when reading a line in a pool worker", "input() in multiprocessing"),
    wanted="either",
)
def input_in_task(ctx):
    with ctx.Pool(1) as pool:
        seen = pool.apply_async(read_line).get(LIMIT)
    if not seen.endswith("Error"):
        raise RuntimeError("it read %r" % seen)
    return value(seen)


if __name__ == "__main__":
    main()
