"""How long does a multiprocessing.Pool live, and how many workers and tasks does it take?"""

import os

from _probe import (
    Unavailable,
    describe,
    main,
    no,
    question,
    run_script,
    scratch,
    stable,
    unavailable,
    value,
    wait_until,
    yes,
)
from _tasks import LIMIT, double, pid, wait_for

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
MODULE = "https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.pool"


@question(
    "With maxtasksperchild=1 and chunksize=1, does each Pool task get a new process?",
    why="It frees what tasks leak, at the price of one process start for each task, and no more processes than "
    "workers run at a time. Tested with two tasks.",
    do="Pass chunksize=1 too: a chunk of map() counts as one task.",
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
    "Can a Pool task make a Pool of its own?",
    why="Pool workers are daemonic, so that none is left behind; daemonic processes may not have children.",
    do="Use ProcessPoolExecutor for the outer pool: its workers may start processes. Or flatten the work into one "
    "pool.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon",
    documented={"*": "no"},
    asked=(
        "Can a Pool worker (daemonic process) start its own Process or Pool?",
        "AssertionError: daemonic processes are not allowed to have children",
        "nested multiprocessing pools",
    ),
)
def nested_pool(ctx):
    with ctx.Pool(1) as pool:
        seen = pool.apply_async(start_pool, (ctx.get_start_method(),)).get(LIMIT)
    if seen == [2]:
        return yes()
    if not isinstance(seen, str):
        raise RuntimeError("the result is %r" % (seen,))
    return no(seen)


@question(
    "Does leaving a Pool's with block wait for a running task?",
    why="Leaving the block calls terminate(), not close(): running and waiting tasks are discarded.",
    do="Fetch all results inside the block, or call pool.close() and pool.join() before it ends.",
    source=MODULE,
    documented={"*": "no"},
    asked=("apply_async tasks do not run", "with Pool() ends before the tasks are done"),
)
def end_of_with(ctx):
    import multiprocessing

    path, begun = scratch("go"), scratch("begun")
    with ctx.Pool(1) as pool:
        result = pool.apply_async(wait_for, (path, begun))
        if not wait_until(lambda: os.path.exists(begun), LIMIT):
            raise RuntimeError("the task did not begin")
    os.remove(begun)
    if result.ready():
        return yes()
    if not wait_until(lambda: not multiprocessing.active_children()):
        raise RuntimeError("workers: %r" % multiprocessing.active_children())
    return no("the worker was ended while the task ran")


@question(
    "Can a Pool be used after its with block?",
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
        result = pool.apply_async(pid)
    except ValueError as error:
        return no(describe(error))
    if result.get(LIMIT) == os.getpid():
        raise RuntimeError("the task ran in this process")
    return yes()


@question(
    "Does Pool.imap() wait for a free worker before it takes the next item?",
    why="A thread of the pool reads ahead as far as tasks fit into a pipe, as these 50 small ones do: a "
    "generator of millions of items is not read one by one.",
    do="Limit the tasks yourself, with a semaphore in the generator; executors have map(buffersize=…) since 3.14.",
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
        results = pool.imap(wait_for, items())
        wait_until(lambda: len(taken) == 50)
        ahead = len(taken)
        open(path, "w").close()
        for _ in range(50):  # a pool that is ended while its worker sends results may wait for ever
            results.next(timeout=LIMIT)
    os.remove(path)
    if ahead <= 2:
        return yes()
    if ahead != 50:
        raise RuntimeError("%d items were taken" % ahead)
    return no("all 50 items were taken before the first task was done")


@question(
    "Does dropping an idle Pool without close() give a ResourceWarning?",
    why="The garbage collector then ends the pool, in whichever thread it runs. If that is a thread of the pool, the "
    "program can hang. At the end of a program it can find the pool's pipe closed: Exception ignored in Pool.__del__, "
    "Bad file descriptor.",
    do="Use a with statement, or close() and join(). Run with python -X dev to see the warning.",
    source="https://docs.python.org/3.8/whatsnew/changelog.html#python-3-8-0-alpha-1",
    documented={"*": "yes"},
    asked=("ResourceWarning: unclosed running multiprocessing pool",),
)
def dropped(ctx):
    import gc
    import warnings
    import weakref

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Without a task: the thread that hands out a result may hold the last reference, and then hang.
        pool = ctx.Pool(1)
        left = weakref.ref(pool)
        del pool
        # The warning holds the pool again.
        if not wait_until(lambda: (gc.collect(), caught or left() is None)[1]):
            raise RuntimeError("the pool is not collected")
    texts = [stable(str(item.message)) for item in caught if item.category is ResourceWarning]
    if any("pool" in text for text in texts):
        return yes("ResourceWarning")
    return no("no ResourceWarning", warnings=texts)


@question(
    "Does a script end that leaves an idle Pool open?",
    why="Workers wait for tasks until somebody ends them.",
    do="Use a with statement all the same: the documentation does not promise that the program ends.",
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
    "Does Pool() start only as many workers as the CPU affinity allows?",
    why="Under taskset or in a cpuset, a pool as large as the whole machine is slow and takes much memory. (A "
    "container's CPU quota is no affinity.)",
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


@question(
    "Which function does Pool() ask for the number of its workers?",
    why="os.cpu_count() counts all CPUs of the machine, os.process_cpu_count() only those that the process may use. "
    "Here each says another number, and the workers are counted.",
    do="Say how many workers you want. On Linux len(os.sched_getaffinity(0)) is the number of CPUs that may be used.",
    source=POOL + "Pool",
    documented={'python_version >= "3.13"': "os.process_cpu_count", "*": "os.cpu_count"},
    methods=(),
    asked=("Pool starts too many processes in a container", "PYTHON_CPU_COUNT"),
)
def processor_count():
    import multiprocessing

    numbers = {1: "os.process_cpu_count", 2: "os.cpu_count"}
    os.cpu_count = lambda: 2
    if hasattr(os, "process_cpu_count"):
        os.process_cpu_count = lambda: 1
    with multiprocessing.Pool():
        count = len(multiprocessing.active_children())
    return value(numbers[count], "as many workers as it says")


if __name__ == "__main__":
    main()
