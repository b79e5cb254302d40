"""What else can a ProcessPoolExecutor do: shut down, stop, and replace its workers?"""

import os

from _probe import main, no, printed, question, run_script, scratch, unavailable, value, wait_until, yes
from _tasks import LIMIT, broken, executor, pid, wait_for

REFERENCE = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."


def run_nested(method):
    """The worker: use an executor inside an executor's task."""
    import multiprocessing

    with executor(multiprocessing.get_context(method)) as pool:
        inner = pool.submit(pid).result(LIMIT)
    return inner != os.getpid()


@question(
    "Can a task of a ProcessPoolExecutor use a ProcessPoolExecutor of its own?",
    why="Its workers, unlike those of a Pool, are not daemonic, so they may start processes.",
    do="Watch the number of processes: workers times workers.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon",
    asked=("nested ProcessPoolExecutor", "AssertionError: daemonic processes are not allowed to have children"),
)
def nested(ctx):
    with executor(ctx) as pool:
        done = pool.submit(run_nested, ctx.get_start_method()).result(LIMIT)
    if done is not True:
        raise RuntimeError("the inner task ran in its parent")
    return yes()


def run_number(number, path):
    """A queued task: it notes that it ran."""
    with open(path, "a") as file:
        file.write("%d\n" % number)
    return number


@question(
    "Does shutdown(wait=False, cancel_futures=True) keep the last of nine queued tasks from running?",
    why="Otherwise a program that wants to end must first finish everything that it has submitted. The first "
    "few queued tasks may still run: working.run_after_cancel counts them. Here each task that runs notes it in a "
    "file: one that is cancelled must not have run.",
    do="On Python 3.8, call cancel() on each future that you keep.",
    source=REFERENCE + "Executor.shutdown",
    documented={'python_version >= "3.9"': "yes", "*": "unavailable"},
    asked=("TypeError: shutdown() got an unexpected keyword argument 'cancel_futures'",),
)
def cancel_futures(ctx):
    import multiprocessing

    path, begun, ran = scratch("go"), scratch("begun"), scratch("ran")
    open(ran, "w").close()
    pool = executor(ctx)
    running = pool.submit(wait_for, path, begun)
    queued = [pool.submit(run_number, number, ran) for number in range(9)]
    wait_until(lambda: os.path.exists(begun), LIMIT)
    try:
        pool.shutdown(wait=False, cancel_futures=True)
        refused = ""
    except TypeError as error:
        if "cancel_futures" not in str(error):
            raise
        refused = "TypeError: shutdown() does not know cancel_futures"
    if not refused:
        wait_until(queued[-1].cancelled)
    open(path, "w").close()
    if running.result(LIMIT) != "waited":
        raise RuntimeError("the running task returned %r" % (running.result(),))
    done = [number for number, future in enumerate(queued) if not future.cancelled() and future.result(LIMIT) == number]
    if refused:
        pool.shutdown()
    for worker in multiprocessing.active_children():  # after wait=False, a second shutdown() would not wait for them
        worker.join(LIMIT)
    with open(ran) as file:
        numbers = sorted(int(line) for line in file)
    for name in (path, begun, ran):
        os.remove(name)
    if refused:
        return unavailable(refused)
    if numbers != done:
        raise RuntimeError("%r ran, and %r are done" % (numbers, done))
    return no("the last task was done all the same") if 8 in numbers else yes()


@question(
    "Are queued tasks still run after shutdown(wait=False)?",
    why="wait=False only makes the call return at once and drops no tasks; but Python 3.8 loses them.",
    do="On Python 3.8, shut down with wait=True. Pass cancel_futures=True to drop tasks.",
    source=REFERENCE + "Executor.shutdown",
    documented={"*": "yes"},
    asked=("shutdown(wait=False) still waits", "ProcessPoolExecutor hangs after shutdown(wait=False)"),
)
def shutdown_at_once(ctx):
    import multiprocessing

    path, begun = scratch("go"), scratch("begun")
    pool = executor(ctx)
    futures = [pool.submit(wait_for, path, begun)] + [pool.submit(pid) for _ in range(3)]
    wait_until(lambda: os.path.exists(begun), LIMIT)
    pool.shutdown(wait=False)
    open(path, "w").close()
    wait_until(lambda: all(future.done() for future in futures) or "Exception in thread" in printed(), LIMIT)
    os.remove(path)
    os.remove(begun)
    if all(future.done() for future in futures):
        [future.result() for future in futures]
        return yes()
    if "Exception in thread" not in printed():
        raise RuntimeError("neither results nor an error")
    for process in multiprocessing.active_children():  # nobody else would end them
        process.kill()
        process.join()
    return no("the executor's own thread fails on its closed pipe; result() would wait for ever")


@question(
    "Can ProcessPoolExecutor.terminate_workers() stop a running task?",
    why="Future.cancel() has no effect on a running task, and shutdown() waits for it.",
    do="Before Python 3.14, run the task in a Process that you start yourself, and terminate() that. A "
    "multiprocessing.Pool has terminate() in every version, which ends all workers at once.",
    source=REFERENCE + "ProcessPoolExecutor.terminate_workers",
    documented={'python_version >= "3.14"': "yes", "*": "unavailable"},
    asked=("How do I kill a running ProcessPoolExecutor task?", "stop a process pool task after a timeout"),
)
def terminate_workers(ctx):
    import multiprocessing

    path, begun = scratch("never"), scratch("begun")
    with executor(ctx) as pool:
        if not hasattr(pool, "terminate_workers"):
            return unavailable("ProcessPoolExecutor has no terminate_workers()")
        future = pool.submit(wait_for, path, begun)
        if not wait_until(lambda: os.path.exists(begun), LIMIT):
            raise RuntimeError("the task did not begin")
        (worker,) = multiprocessing.active_children()
        pool.terminate_workers()
        os.remove(begun)
        error = future.exception(LIMIT)
    if not isinstance(error, broken()):
        raise RuntimeError("no BrokenProcessPool: %r" % (error,))
    if not worker.exitcode:
        raise RuntimeError("the worker's exit code is %r" % worker.exitcode)
    return yes("the future raises BrokenProcessPool")


@question(
    "How many workers does ProcessPoolExecutor(max_workers=3) have after one task?",
    why="Under fork all are started with the first task, before the executor's thread runs, and with Python 3.8 "
    "under every method; otherwise one is started when a task waits and no worker is idle.",
    do="Take memory into account when you choose max_workers: under fork, unused workers exist as well.",
    source="https://docs.python.org/3/whatsnew/3.9.html#concurrent-futures",
    documented={'spawn; python_version >= "3.9"': 1, 'forkserver; python_version >= "3.9"': 1},
    asked=(
        "How many worker processes does ProcessPoolExecutor(max_workers=8) start after one submit() "
        "under each start method?",
        "ProcessPoolExecutor starts all workers at once",
        "ProcessPoolExecutor on demand worker spawning",
    ),
)
def started_workers(ctx):
    import multiprocessing

    with executor(ctx, 3) as pool:
        pool.submit(pid).result(LIMIT)
        count = len(multiprocessing.active_children())
    return value(count)


def take_items(ctx, **options):
    """How many of 20 items map() has taken from an iterator before anybody asks for a result."""
    taken = []

    def items():
        for number in range(20):
            taken.append(number)
            yield number

    with executor(ctx) as pool:
        results = pool.map(abs, items(), **options)
        count = len(taken)
        if list(results) != list(range(20)):
            raise RuntimeError("wrong results")
    return count


@question(
    "Does ProcessPoolExecutor.map() read its whole iterable at once?",
    why="A generator of millions of items (here: 20) ends up in memory, and an endless one hangs the program.",
    do="From Python 3.14, pass buffersize=…; before, submit() in batches.",
    source=REFERENCE + "Executor.map",
    documented={"*": "yes"},
    asked=("ProcessPoolExecutor.map is not lazy", "executor.map memory usage with a generator"),
    wanted="no",
)
def map_eager(ctx):
    count = take_items(ctx)
    return yes() if count == 20 else no("only %d of 20 items" % count)


@question(
    "Does ProcessPoolExecutor.map(buffersize=2) read only two items ahead?",
    why="It makes map() usable with long and endless iterables.",
    do="Before Python 3.14, submit() in batches, or use Pool.imap(), which reads ahead only as much as a pipe holds.",
    source=REFERENCE + "Executor.map",
    documented={'python_version >= "3.14"': "yes", "*": "unavailable"},
    asked=("TypeError: map() got an unexpected keyword argument 'buffersize'",),
)
def map_buffersize(ctx):
    try:
        count = take_items(ctx, buffersize=2)
    except TypeError as error:
        if "buffersize" not in str(error):
            raise
        return unavailable("map() does not know buffersize")
    return yes() if count == 2 else no("%d of 20 items were taken" % count)


@question(
    "Does ProcessPoolExecutor(1, max_tasks_per_child=2) finish six queued tasks?",
    why="In many versions no new worker is started for tasks that were queued already: they wait forever.",
    do="Use Python 3.13.15, 3.14.7 or later; else multiprocessing.Pool(maxtasksperchild=2), or submit one by one.",
    source="https://github.com/python/cpython/issues/115634",
    documented={'python_version < "3.11"': "unavailable", "fork": "unavailable", "*": "yes"},
    asked=("ProcessPoolExecutor hangs with max_tasks_per_child", "max_tasks_per_child deadlock"),
)
def workers_replaced(ctx):
    method = ctx.get_start_method()
    script = run_script("executor_replaced.py", env={"CANIFORK_METHOD": method}, timeout=LIMIT)
    out = script.stdout.strip()
    if out.startswith(("TypeError", "ValueError")):
        return unavailable(out)
    if out == "done 6":
        return yes()
    if out != "done 2":
        raise RuntimeError("it printed %r: %s" % (out, script.error))
    return no("after two tasks there is no worker any more, and four tasks wait")


@question(
    "Can loop.run_in_executor() run a function in a ProcessPoolExecutor?",
    why="It keeps long computations out of the event loop.",
    do="Create the executor once and reuse it; call only module-level functions.",
    source="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor",
    documented={"*": "yes"},
    asked=("asyncio with ProcessPoolExecutor", "run_in_executor process pool hangs"),
)
def from_event_loop(ctx):
    import asyncio

    async def program():
        with executor(ctx) as pool:
            return await asyncio.get_running_loop().run_in_executor(pool, pid)

    if asyncio.run(program()) == os.getpid():
        raise RuntimeError("the task ran in this process")
    return yes()


if __name__ == "__main__":
    main()
