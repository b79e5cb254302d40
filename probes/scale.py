"""How many workers, tasks and objects do pools, executors and arguments bear?"""

import os

from _probe import LIMIT, describe, main, no, printed, question, value, yes
from _tasks import double, executor

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
WORKERS = 64
TASKS = 20000
OBJECTS = 200000
PATIENCE = 4 * LIMIT  # seconds for the start of all workers

crowd = None  # in a worker: the Barrier at which all workers meet


def join_crowd(barrier):
    """An initializer: know the others."""
    global crowd
    crowd = barrier


def meet(_):
    """A task that ends once as many tasks run as there are workers; in which process it ran."""
    crowd.wait(PATIENCE)
    return os.getpid()


def all_met(pids):
    """Answer yes if each task had a process of its own."""
    if len(set(pids) - {os.getpid()}) != WORKERS:
        raise RuntimeError("%d tasks ran in %d processes" % (len(pids), len(set(pids))))
    return yes()


@question(
    "Can a Pool(64) run 64 tasks at the same time, and be ended afterwards?",
    why="Pool() makes as many workers as there are processors. On Windows before Python 3.13 its own thread cannot "
    "wait for more than 63 handles and ends with an error: the tasks run, but terminate() and the end of the with "
    "block hang. The tasks meet at a Barrier here, so that all workers must be there.",
    do="Nothing if yes; more workers than processors seldom help. On Windows with Python 3.12 or older, make 61 at "
    "most.",
    source="https://github.com/python/cpython/issues/89240",
    documented={'sys_platform == "win32" and python_version < "3.13"': "no"},
    asked=(
        "multiprocessing.Pool with more than 60 processes",
        "ValueError: need at most 63 handles, got a sequence of length 66",
        "Pool(64) hangs on Windows",
    ),
    deadline=120,
    exclusive=True,
)
def workers_of_pool(ctx):
    with ctx.Pool(WORKERS, initializer=join_crowd, initargs=(ctx.Barrier(WORKERS),)) as pool:
        answer = all_met(pool.map_async(meet, range(WORKERS), chunksize=1).get(PATIENCE))
        return answer if pool._worker_handler.is_alive() else endless(pool)


def endless(pool):
    """The answer for a pool whose own thread has ended early; makes it end all the same."""
    if "ValueError: need at most 63 handles" not in printed():
        raise RuntimeError("the pool's own thread has ended, and nothing says why")
    pool._taskqueue.put(None)  # the thread's last act: without it terminate(), which comes next, waits for ever
    return no("the tasks ran, but the pool's own thread has ended: ValueError: need at most 63 handles")


@question(
    "Do the workers of a ProcessPoolExecutor(64) run 64 tasks at the same time?",
    why="ProcessPoolExecutor() takes as many workers as there are processors, but on Windows 61 at most: it cannot "
    "wait for more than 63 handles at once there. The tasks meet at a Barrier here, so that all workers must be there.",
    do="Nothing if yes; on Windows ask for min(61, os.cpu_count()) workers.",
    source=FUTURES + "ProcessPoolExecutor",
    documented={'sys_platform == "win32"': "no"},
    asked=(
        "ValueError: max_workers must be <= 61",
        "ProcessPoolExecutor with 64 or more workers",
        "ProcessPoolExecutor on a machine with many cores",
    ),
    deadline=120,
    exclusive=True,
)
def workers_of_executor(ctx):
    try:
        pool = executor(ctx, WORKERS, initializer=join_crowd, initargs=(ctx.Barrier(WORKERS),))
    except ValueError as error:
        if "max_workers must be" not in str(error):
            raise
        return no(describe(error))
    with pool:
        futures = [pool.submit(meet, number) for number in range(WORKERS)]
        return all_met([future.result(PATIENCE) for future in futures])


def in_order(results):
    """Answer whether the results of double() of 0, 1, 2, … are all there, each at its place."""
    wrong = sum(result != 2 * number for number, result in enumerate(results))
    if len(results) != TASKS or wrong:
        raise RuntimeError("%d results, %d of them wrong" % (len(results), wrong))
    return yes()


@question(
    "Does a Pool(2) return the right results of 20,000 tasks that were all given to apply_async() at once?",
    why="Tasks wait in the parent's memory until a worker is free. Each task here doubles its number, and all results "
    "are compared.",
    do="Nothing if yes; map() with a large chunksize takes much less time for many short tasks.",
    source=POOL + "Pool.apply_async",
    asked=("Pool hangs with many apply_async calls", "how many tasks can be queued in a multiprocessing.Pool"),
    deadline=60,
)
def tasks_of_pool(ctx):
    import multiprocessing

    with ctx.Pool(2) as pool:
        tasks = [pool.apply_async(double, (number,)) for number in range(TASKS)]
        try:
            return in_order([task.get(LIMIT) for task in tasks])
        except multiprocessing.TimeoutError:
            return no("the results stop coming")


@question(
    "Does a ProcessPoolExecutor(2) return the right results of 20,000 tasks that were all submitted at once?",
    why="Each submit() wakes the executor's own thread through a pipe. In Python 3.9 to 3.11.5 and in 3.12.0 the pipe "
    "can be full while both wait for one lock: the program then hangs. It takes bad luck, which a yes does not "
    "exclude.",
    do="Nothing if yes; in those versions submit some thousands at a time, or use map() with chunksize.",
    source="https://github.com/python/cpython/issues/105829",
    asked=(
        "ProcessPoolExecutor deadlock with many tasks",
        "ProcessPoolExecutor.submit hangs after thousands of tasks",
        "how many futures can be submitted at once",
    ),
    deadline=60,
)
def tasks_of_executor(ctx):
    from concurrent.futures import TimeoutError as Late

    with executor(ctx, 2) as pool:
        tasks = [pool.submit(double, number) for number in range(TASKS)]
        try:
            return in_order([task.result(LIMIT) for task in tasks])
        except Late:
            return no("the results stop coming")


def count(things=()):
    """The target: whether it has got all objects, or none."""
    if len(things) not in (0, OBJECTS):
        raise RuntimeError("%d objects came" % len(things))


def timed(ctx, *args):
    """Seconds from start() to the end of join()."""
    from time import perf_counter

    before = perf_counter()
    process = ctx.Process(target=count, args=args)
    process.start()
    process.join()
    after = perf_counter()
    if process.exitcode != 0:
        raise RuntimeError("the child ended with exit code %r" % process.exitcode)
    return after - before


@question(
    "How much longer does a Process take from start() to the end of join() if 200,000 small tuples are its argument?",
    why="Each object is pickled, sent and made again, which takes longer than sending as many bytes in one piece "
    "(cost.argument_time); a forked child has them already. The time that a child without an argument takes is "
    "subtracted.",
    do="Pass a file name, an array or bytes instead of many objects, or let the child make them.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    asked=(
        "multiprocessing 13 times slower on Python 3.14",
        "pickling a large dictionary for a child process is slow",
        "passing a large list to a Process is slow",
    ),
    exclusive=True,
    unit="seconds",
    measured=True,
)
def small_objects(ctx):
    things = [(number, str(number)) for number in range(OBJECTS)]
    timed(ctx)  # starts the helpers
    pairs = [(timed(ctx), timed(ctx, things)) for _ in range(3)]
    without, having = (sorted(times)[1] for times in zip(*pairs))
    return value(rounded(max(0, having - without)), without=rounded(without), having=rounded(having), n=len(pairs))


def rounded(number):
    """Four significant digits: more would be noise."""
    return float("%.4g" % number)


if __name__ == "__main__":
    main()
