"""What can a ProcessPoolExecutor run, and what does it do when something fails?"""

import os

from _probe import (
    describe,
    main,
    need_executor,
    no,
    printed,
    question,
    run_script,
    scratch,
    unavailable,
    value,
    wait_until,
    yes,
)

EXECUTOR = "https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor"
REFERENCE = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
PICKLE = "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled"
SOURCE = "https://github.com/python/cpython/blob/main/Lib/concurrent/futures/process.py"
LIMIT = 20  # seconds for what must come
BROKEN = (
    "concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly while the "
    "future was running or pending.",
)

setting = "initial"


def executor(ctx, workers=1, **options):
    """An executor whose workers start with this method."""
    from concurrent.futures import ProcessPoolExecutor

    need_executor(ctx)
    return ProcessPoolExecutor(workers, mp_context=ctx, **options)


def refusals():
    """What pickle raises, by type and by version."""
    import pickle

    return TypeError, AttributeError, pickle.PicklingError


def broken():
    """What an executor raises that has lost a worker."""
    from concurrent.futures.process import BrokenProcessPool

    return BrokenProcessPool


def pid():
    """A task that says which process runs it."""
    return os.getpid()


def wait_for(path, begun=None):
    """A task that runs until a file exists."""
    if begun:
        open(begun, "w").close()
    if not wait_until(lambda: os.path.exists(path), LIMIT):
        raise RuntimeError("no file")
    return "waited"


def wait_and_die(path):
    """A task that ends its worker."""
    wait_for(path)
    os._exit(3)


@question(
    "Can a lambda be submitted to a ProcessPoolExecutor?",
    why="Tasks are pickled under every start method, fork included: they travel through a queue to workers that run "
    "already.",
    do="Submit a function at module level; use ThreadPoolExecutor where processes are not needed.",
    source=EXECUTOR,
    documented={"*": "no"},
    asked=(
        "PicklingError: Can't pickle <function <lambda>>: attribute lookup <lambda> on __main__ failed",
        "ProcessPoolExecutor with a lambda",
    ),
)
def lambda_task(ctx):
    with executor(ctx) as pool:
        future = pool.submit(lambda: "done")
        try:
            result = future.result(LIMIT)
        except refusals() as error:
            return no(describe(error))
    if result != "done":
        raise RuntimeError("the result is %r" % (result,))
    return yes()


def read_setting():
    """A task that says what the worker's global is."""
    return setting


@question(
    "Can the initializer of a ProcessPoolExecutor be a lambda?",
    why="The initializer is an argument of the worker process and no task, so the start method decides. "
    "submit() raises then, not the constructor.",
    do="Use a function at module level; give it values with initargs.",
    source=EXECUTOR,
    documented={"fork": "yes"},
    asked=("Can't pickle local object '<lambda>'", "PicklingError in ProcessPoolExecutor.submit()"),
)
def lambda_initializer(ctx):
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
    "Does the future raise when an argument of a task cannot be pickled?",
    why="submit() returns, since a thread pickles the task later: the error is seen only by who asks the future.",
    do="Call result() on every future.",
    source=EXECUTOR,
    documented={"*": "yes"},
    asked=("TypeError: cannot pickle '_thread.lock' object", "ProcessPoolExecutor submit does nothing and no error"),
)
def unpicklable_argument(ctx):
    import threading

    with executor(ctx) as pool:
        try:
            pool.submit(take, threading.Lock()).result(LIMIT)
        except refusals() as error:
            return yes(describe(error))
    raise RuntimeError("a lock was taken")


def make_lock():
    """A task whose result cannot be pickled."""
    import threading

    return threading.Lock()


@question(
    "Does the future raise when the result of a task cannot be pickled?",
    why="The caller should hear of it instead of waiting, and the executor should stay usable.",
    do="Return plain data from tasks.",
    source=EXECUTOR,
    documented={"*": "yes"},
    asked=("TypeError: cannot pickle '_thread.lock' object", "result of a process pool task cannot be pickled"),
)
def unpicklable_result(ctx):
    with executor(ctx) as pool:
        try:
            pool.submit(make_lock).result(LIMIT)
        except refusals() as error:
            if pool.submit(take, 1).result(LIMIT) != "taken":
                raise RuntimeError("the executor does not go on") from error
            return yes(describe(error))
    raise RuntimeError("a lock came back")


def look_up():
    """A task that fails."""
    return {}["missing"]


@question(
    "Does result() raise the exception of a task, with the worker's traceback?",
    why="It tells where in the worker it happened; join() of a plain Process tells nothing.",
    do="Call result() on every future, or add a callback that does.",
    source=REFERENCE + "Future.result",
    documented={"*": "yes"},
    asked=("concurrent.futures.process._RemoteTraceback",),
)
def task_exception(ctx):
    with executor(ctx) as pool:
        try:
            pool.submit(look_up).result(LIMIT)
        except KeyError as error:
            if "in look_up" not in str(error.__cause__):
                return no("KeyError without the worker's traceback")
            return yes("KeyError, and _RemoteTraceback as its __cause__")
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
    "Does result() raise a task's exception whose __init__ takes more arguments than it hands to Exception.__init__?",
    why="The executor cannot rebuild the exception and gives up: all other tasks fail too, and the real reason is "
    "hidden.",
    do="Hand all arguments on to super().__init__(), or define __reduce__().",
    source=SOURCE,
    asked=("BrokenProcessPool: A result has failed to un-serialize", "custom exception breaks the process pool"),
)
def custom_exception(ctx):
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
    "Does result() raise when a worker dies?",
    why="A worker that crashes or is killed for lack of memory takes its task with it: waiting for it would be for "
    "ever, as with multiprocessing.Pool.",
    do="Catch BrokenProcessPool, make a new executor, and submit again what was not done.",
    source=REFERENCE + "process.BrokenProcessPool",
    documented={"*": "yes"},
    asked=BROKEN + ("process pool worker killed by the out-of-memory killer",),
)
def worker_dies(ctx):
    with executor(ctx) as pool:
        try:
            pool.submit(os._exit, 3).result(LIMIT)
        except broken():
            return yes("BrokenProcessPool")
    raise RuntimeError("no exception")


@question(
    "Can tasks be submitted after a worker has died?",
    why="One crash makes the whole executor useless; a server that keeps one for ever then fails every request.",
    do="Make a new executor after BrokenProcessPool.",
    source=SOURCE,
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
    "Can BrokenProcessPool tell the exit code of the worker that died?",
    why="Exit code -9 means killed, often for lack of memory, and -11 a crash: without it there is nothing to go by.",
    do="From Python 3.15, look at the exception's __cause__. Under fork and spawn it can be missing all the same, when "
    "the executor is faster than the system.",
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
    "Does each future of a broken executor get an exception of its own?",
    why="Raising one shared exception again and again makes its traceback longer each time, also across threads.",
    do="Do not change or compare the exceptions that futures raise.",
    source="https://github.com/python/cpython/issues/101267",
)
def own_exceptions(ctx):
    first, second = break_two(ctx, wait_and_die)
    return no("both raise the same object") if first is second else yes()


def fail_at_start():
    """An initializer that fails."""
    raise ValueError("initializer failed")


@question(
    "Does result() raise when the initializer fails?",
    why="Without it the program would wait for a worker that never comes, as with multiprocessing.Pool.",
    do="Look for the initializer's own traceback in the log: BrokenProcessPool does not name it.",
    source=EXECUTOR,
    documented={"*": "yes"},
    asked=("BrokenProcessPool: A process in the process pool was terminated abruptly", "Exception in initializer:"),
)
def initializer_fails(ctx):
    with executor(ctx, initializer=fail_at_start) as pool:
        try:
            pool.submit(pid).result(LIMIT)
        except broken():
            if "ValueError: initializer failed" not in printed():
                raise
            return yes("BrokenProcessPool")
    raise RuntimeError("no exception")


def run_nested(method):
    """The worker: use an executor inside an executor's task."""
    import multiprocessing

    with executor(multiprocessing.get_context(method)) as pool:
        inner = pool.submit(pid).result(LIMIT)
    return inner != os.getpid()


@question(
    "Can a task of a ProcessPoolExecutor use a ProcessPoolExecutor of its own?",
    why="Its workers are not daemonic, other than those of a Pool, so they may start processes.",
    do="Mind the number of processes: workers times workers.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon",
    asked=("nested ProcessPoolExecutor", "AssertionError: daemonic processes are not allowed to have children"),
)
def nested(ctx):
    with executor(ctx) as pool:
        done = pool.submit(run_nested, ctx.get_start_method()).result(LIMIT)
    if done is not True:
        raise RuntimeError("the inner task ran in its parent")
    return yes()


@question(
    "Does shutdown(cancel_futures=True) cancel the tasks that wait?",
    why="Otherwise a program that wants to end first does all that was ever submitted.",
    do="On Python 3.8, cancel() each future that you keep.",
    source=REFERENCE + "Executor.shutdown",
    documented={'python_version >= "3.9"': "yes", "*": "unavailable"},
    asked=("TypeError: shutdown() got an unexpected keyword argument 'cancel_futures'",),
)
def cancel_futures(ctx):
    path, begun = scratch("go"), scratch("begun")
    pool = executor(ctx)
    futures = [pool.submit(wait_for, path, begun)] + [pool.submit(pid) for _ in range(9)]
    wait_until(lambda: os.path.exists(begun), LIMIT)
    try:
        pool.shutdown(wait=False, cancel_futures=True)
        supported = True
    except TypeError:
        supported = False
    wait_until(lambda: not supported or futures[-1].cancelled())
    open(path, "w").close()
    first = futures[0].result(LIMIT)
    pool.shutdown()
    os.remove(path)
    os.remove(begun)
    if not supported:
        return unavailable("TypeError: shutdown() does not know cancel_futures")
    if first != "waited":
        raise RuntimeError("the running task returned %r" % (first,))
    return yes() if futures[-1].cancelled() else no("the last task was done all the same")


@question(
    "Are tasks done that wait when shutdown(wait=False) is called?",
    why="wait=False says only that the call returns at once, not that tasks are dropped; but Python 3.8 loses them.",
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


def stop(ctx, name):
    """Answer whether a method of the executor ends a running task."""
    path, begun = scratch("never"), scratch("begun")
    with executor(ctx) as pool:
        if not hasattr(pool, name):
            return unavailable("ProcessPoolExecutor has no %s()" % name)
        future = pool.submit(wait_for, path, begun)
        if not wait_until(lambda: os.path.exists(begun), LIMIT):
            raise RuntimeError("the task did not begin")
        getattr(pool, name)()
        os.remove(begun)
        error = future.exception(LIMIT)
    if not isinstance(error, broken()):
        raise RuntimeError("no BrokenProcessPool: %r" % (error,))
    return yes("the future raises BrokenProcessPool")


@question(
    "Can a running task be stopped with terminate_workers()?",
    why="Future.cancel() does nothing for a task that runs, and shutdown() waits for it.",
    do="Before Python 3.14, use a Process of your own and its terminate().",
    source=REFERENCE + "ProcessPoolExecutor.terminate_workers",
    documented={'python_version >= "3.14"': "yes", "*": "unavailable"},
    asked=("How do I kill a running ProcessPoolExecutor task?", "stop a process pool task after a timeout"),
)
def terminate_workers(ctx):
    return stop(ctx, "terminate_workers")


@question(
    "How many workers has ProcessPoolExecutor(max_workers=3) started after one task?",
    why="Under fork all are started with the first task, before the executor's thread runs; otherwise one is "
    "started when a task waits and no worker is idle.",
    do="Choose max_workers by memory too: under fork, unused workers exist as well.",
    source=SOURCE,
    asked=("ProcessPoolExecutor starts all workers at once", "ProcessPoolExecutor on demand worker spawning"),
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
    "Does map() take all items of its iterable at once?",
    why="A generator of millions of items ends up in memory, and an endless one hangs the program.",
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
    "Can map() be told to read only a few items ahead, with buffersize?",
    why="It makes map() usable with long and endless iterables.",
    do="Before Python 3.14, submit() in batches, or use Pool.imap() with small items.",
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
    "Are all tasks done when max_tasks_per_child=2 and one worker has six tasks?",
    why="In many versions no new worker is started for tasks that were waiting already: they wait for ever.",
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
    "Can an asyncio program run functions in processes with loop.run_in_executor()?",
    why="It keeps the event loop free of long computations.",
    do="Make the executor once and pass it on; call only functions at module level.",
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
