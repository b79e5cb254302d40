"""What do tasks of one worker or chunk share, and what does the program hear when they fail, last or are stopped?"""

import os

from _calls import Call
from _places import place
from _probe import LIMIT, Unavailable, main, need_executor, no, question, run_script, wait_until, yes
from _tasks import double, executor, note, pid, wait_for

FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
POOL_SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/pool.py"

# --- chunks


class Counter:
    """An object whose method is mapped: it counts its calls."""

    def __init__(self):
        self.calls = 0

    def count(self, _):
        self.calls += 1
        return self.calls


@question(
    "Do two tasks of one chunk of Pool.map(counter.count, …) share a copy of the object counter?",
    why="Function and items of a chunk are pickled together: each chunk gets one copy of the object, and what a call "
    "changes there, the next call of the chunk sees. Results then depend on chunksize, and a random generator in the "
    "object repeats itself from chunk to chunk.",
    do="Let tasks change nothing but their own variables, or pass chunksize=1; seed a generator in each task.",
    source=POOL + "Pool.map",
    asked=(
        "class variable keeps its value from a previous task in multiprocessing map",
        "attribute of self changes between calls in pool.map",
        "pool.map results depend on chunksize",
        "random.Random or RandomState in a partial repeats numbers in pool.map",
    ),
    wanted="no",
)
def object_of_chunk(ctx):
    with ctx.Pool(1) as pool:
        together, apart = (pool.map(Counter().count, range(2), size) for size in (2, 1))
    if apart != [1, 1] or together not in ([1, 2], [1, 1]):
        raise RuntimeError("they returned %r and %r" % (together, apart))
    return yes() if together == [1, 2] else no("each task has its own")


def at_once_or_later(path):
    """The first task of a chunk ends at once; the second says that it has begun, and waits."""
    return wait_for(path, path + ".begun") if path else "at once"


@question(
    "Does imap(chunksize=2) yield the first result of a chunk while its second task runs?",
    why="A worker sends the results of a chunk together: a progress bar stands still, then jumps by a whole chunk, and "
    "one slow task delays the results of those before it.",
    do="Use chunksize=1, which is imap()'s default, where results are wanted as they come: for result in "
    "tqdm(pool.imap_unordered(f, items), total=len(items)).",
    source=POOL + "Pool.imap",
    asked=(
        "progress bar jumps with imap_unordered and chunksize",
        "tqdm multiprocessing imap does not update smoothly",
        "imap results arrive in blocks",
    ),
)
def first_of_chunk(ctx):
    path = place("go-on")
    with ctx.Pool(1) as pool:
        worker = pool._pool[0].pid
        results = pool.imap(at_once_or_later, ["", path], chunksize=2)
        call = Call(lambda: next(results))
        if not wait_until(lambda: os.path.exists(path + ".begun"), LIMIT):
            raise RuntimeError("the second task does not begin")
        early = call.ends(worker)
        note(path, "")
        if [call.result(), next(results)] != ["at once", "waited"]:
            raise RuntimeError("the tasks returned something else")
    return yes() if early else no("it comes with the second")


# --- what stays in a worker

word = "nothing"


def exchange(new):
    """A task that leaves a word in a global variable, and tells what was there."""
    global word
    before, word = word, new
    return before


def told_by_second(run):
    """What the second of two tasks finds in the global variable that the first has set; run(task, argument)."""
    first, second = run(exchange, "first"), run(exchange, "second")
    if first != "nothing" or second not in ("nothing", "first"):
        raise RuntimeError("they found %r and %r" % (first, second))
    return yes() if second == "first" else no("it finds what the module has set")


STAYS = (
    "global variable keeps its value between tasks of a worker process",
    "log handlers added again and again in the same worker, duplicate lines",
)


@question(
    "Does a Pool task find the value that an earlier task of the same worker has set in a global variable?",
    why="A worker runs many tasks in one interpreter. Caches and connections can be kept there; handlers, counters and "
    "changed settings pile up or leak from one task into the next.",
    do="Set in each task what it relies on; add a log handler only if there is none; or use maxtasksperchild=1 with "
    "chunksize=1.",
    source=POOL + "Pool",
    asked=STAYS + ("state of previous task visible in the next task of multiprocessing.Pool",),
    wanted="either",
)
def global_of_pool_task(ctx):
    with ctx.Pool(1) as pool:
        return told_by_second(lambda task, argument: pool.apply_async(task, (argument,)).get(LIMIT))


@question(
    "Does a ProcessPoolExecutor task find the value that an earlier task of the same worker has set in a global "
    "variable?",
    why="A worker runs many tasks in one interpreter. Caches and connections can be kept there; handlers, counters and "
    "changed settings pile up or leak from one task into the next.",
    do="Set in each task what it relies on; or use max_tasks_per_child=1 (Python 3.11, not under fork).",
    source=FUTURES + "ProcessPoolExecutor",
    asked=STAYS + ("ProcessPoolExecutor worker keeps state between tasks",),
    wanted="either",
)
def global_of_executor_task(ctx):
    with executor(ctx) as pool:
        return told_by_second(lambda task, argument: pool.submit(task, argument).result(LIMIT))


# --- what the program is told


@question(
    "Is error_callback called if an argument of apply_async() (a lambda) cannot be pickled?",
    why="The task never reaches a worker. Without error_callback, and without get(), nobody hears of it: there are "
    "just no results.",
    do="Give error_callback always, or keep the results and call get() on each.",
    source=POOL + "Pool.apply_async",
    asked=(
        "apply_async callback is never called and there is no error",
        "error_callback of multiprocessing.Pool not called",
        "apply_async does nothing and raises no exception",
    ),
)
def error_callback(ctx):
    errors = []
    with ctx.Pool(1) as pool:
        result = pool.apply_async(double, (lambda: 1,), error_callback=errors.append)
        result.wait(LIMIT)
        if not result.ready() or result.successful():
            raise RuntimeError("the task ran, or has no end")
    return yes() if len(errors) == 1 else no("it is not called")


TIMEOUTS = (
    "except TimeoutError does not catch it",
    "which TimeoutError is it, builtin, multiprocessing or concurrent.futures",
)


def raised_by(call, path):
    """Whether `except TimeoutError` catches what a call raises that waits too short a time for a task."""
    try:
        call()
    except TimeoutError:
        return yes()
    except Exception as error:
        if type(error).__name__ != "TimeoutError":
            raise
        kind = type(error)
        return no("it is %s.%s" % (kind.__module__, kind.__name__))
    finally:
        note(path, "")
    raise RuntimeError("the task has ended")


@question(
    "Does 'except TimeoutError' catch what AsyncResult.get(timeout) raises?",
    why="multiprocessing has a TimeoutError of its own, which is no relative of Python's.",
    do="Write 'except multiprocessing.TimeoutError'.",
    source=REFERENCE + "TimeoutError",
    asked=TIMEOUTS + ("multiprocessing.context.TimeoutError not caught",),
)
def timeout_of_pool(ctx):
    path = place("go-on")
    with ctx.Pool(1) as pool:
        result = pool.apply_async(wait_for, (path,))
        answer = raised_by(lambda: result.get(0.05), path)
        result.get(LIMIT)  # up to 3.8 at least, terminate() can wait for a worker that it kills while that sends
        return answer


@question(
    "Does 'except TimeoutError' catch what result(timeout) of a ProcessPoolExecutor's future raises?",
    why="Before Python 3.11, concurrent.futures has a TimeoutError of its own, which is no relative of Python's.",
    do="Write 'except concurrent.futures.TimeoutError', which is right everywhere.",
    source=FUTURES + "TimeoutError",
    documented={'python_version >= "3.11"': "yes"},
    asked=TIMEOUTS + ("concurrent.futures._base.TimeoutError not caught",),
)
def timeout_of_executor(ctx):
    path = place("go-on")
    with executor(ctx) as pool:
        future = pool.submit(wait_for, path)
        return raised_by(lambda: future.result(0.05), path)


# --- what is stopped, and what goes on


def ended_by_dropping(workers):
    """Whether processes end that belonged to an object which was dropped just now."""
    import gc

    def ended():
        gc.collect()  # PyPy needs several, the last after the threads of the object have let go of it
        return all(worker.exitcode is not None for worker in workers)

    if wait_until(ended, LIMIT / 4):
        return yes()
    return no("they wait for tasks as before")


@question(
    "Do the workers of an idle Pool end when the program drops it without close()?",
    why="If not, a program that makes a Pool for each request, and forgets it, has ever more processes, threads and "
    "descriptors. Asked after a garbage collection, before which workers run on under PyPy, or where the pool is part "
    "of a reference cycle.",
    do="Use a with block, or call close() and join().",
    source=POOL + "Pool",
    asked=(
        "memory leak, multiprocessing.Pool not closed, number of threads grows",
        "del pool leaves worker processes",
        "multiprocessing Pool garbage collection",
    ),
)
def dropped_pool(ctx):
    import warnings

    warnings.simplefilter("ignore", ResourceWarning)
    pool = ctx.Pool(1)
    pool.apply_async(pid).get(LIMIT)
    workers = list(pool._pool)
    del pool
    return ended_by_dropping(workers)


@question(
    "Do the workers of an idle ProcessPoolExecutor end when the program drops it without shutdown()?",
    why="Where they stay, a program that makes an executor for each request, and forgets it, collects processes, "
    "threads and descriptors until it has too many.",
    do="Use a with block, or call shutdown(): one reference that is left keeps the workers.",
    source=FUTURES + "Executor.shutdown",
    asked=("ProcessPoolExecutor not shut down, processes remain", "executor garbage collected, worker processes"),
)
def dropped_executor(ctx):
    pool = executor(ctx)
    pool.submit(pid).result(LIMIT)
    workers = list(pool._processes.values())
    del pool
    return ended_by_dropping(workers)


def interrupted(ctx, kind):
    """Whether a script of batches_interrupt.py ends in good order after the signal of Ctrl+C to all its processes."""
    if os.name == "nt":
        raise Unavailable("processes cannot be sent SIGINT there")
    script = run_script("batches_interrupt.py", kind, env={"CANIFORK_METHOD": ctx.get_start_method()}, timeout=LIMIT)
    said = script.stdout.split()
    if script.timed_out and "pressed" in said:
        return no("it waits for ever" if said == ["pressed"] else "it does not end after KeyboardInterrupt")
    if script.timed_out or script.status != 0 or said != ["pressed", "KeyboardInterrupt"]:
        raise RuntimeError("status %r, %r: %s" % (script.status, script.stdout, script.stderr[-300:]))
    return yes()


@question(
    "Does Ctrl+C (SIGINT to a program and its worker) end a program that waits in Pool.map() in a with block?",
    why="The worker loses its task by KeyboardInterrupt, so that map() would never have its result; but the program is "
    "interrupted too, and the end of the with block terminates the pool.",
    do="If yes, just catch KeyboardInterrupt around the with block. The worker's traceback is printed unless its "
    "initializer ignores SIGINT.",
    source="https://stackoverflow.com/questions/1408356",
    asked=(
        "How can I handle KeyboardInterrupt with multiprocessing Pools?",
        "Ctrl+C hangs with pool.map",
        "press ^C at any time and cause all of the processes to exit gracefully",
    ),
    deadline=60,
)
def interrupt_in_map(ctx):
    return interrupted(ctx, "pool")


@question(
    "Does Ctrl+C (SIGINT to a program and its worker) end a program that waits in result() in an executor's with "
    "block?",
    why="The end of the with block waits for the task that runs and for all that are queued (none here). It ends, "
    "since the worker is interrupted too; where workers ignore SIGINT, the program would wait for the task.",
    do="Nothing if yes; where many tasks are queued, call shutdown(cancel_futures=True) inside the block (Python 3.9 "
    "or later).",
    source=FUTURES + "Executor.shutdown",
    asked=("ProcessPoolExecutor Ctrl+C does not exit", "KeyboardInterrupt hangs in executor shutdown"),
    deadline=60,
)
def interrupt_in_result(ctx):
    need_executor(ctx)
    return interrupted(ctx, "executor")


if __name__ == "__main__":
    main()
