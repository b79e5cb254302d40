"""How do the workers of a Pool or a ProcessPoolExecutor live, and what becomes of their tasks?"""

import os
import sys
import threading

from _probe import (
    describe,
    last_error,
    main,
    no,
    printed,
    question,
    scratch,
    unavailable,
    value,
    wait_until,
    yes,
)
from _tasks import LIMIT, broken, double, executor, note, pid, refusals, wait_for

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool"
RESULT = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.AsyncResult"
FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
POOL_SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/pool.py"

setting = "initial"
LOCK = threading.Lock()


def contents_of(file):
    """A task that is given an open file, and reads it."""
    with file:
        return file.read()


@question(
    "Can an open file be an argument of a Pool task?",
    why="Tasks are sent to workers that run already, so that they are pickled under fork too, unlike the "
    "arguments of a Process.",
    do="Pass the file's name and open it in the task.",
    source="https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled",
    documented={"*": "no"},
    asked=(
        "Do Pool.map / executor.submit arguments have to be picklable even under fork (unlike Process args)?",
        "TypeError: cannot pickle '_io.TextIOWrapper' object",
    ),
)
def file_in_task(ctx):
    path = scratch("contents")
    note(path, "text")
    with ctx.Pool(1) as pool:
        try:
            with open(path) as file:
                read = pool.apply_async(contents_of, (file,)).get(LIMIT)
        except refusals() as error:
            return no(describe(error))
        finally:
            os.remove(path)
    if read != "text":
        raise RuntimeError("the task has read %r" % read)
    return yes()


@question(
    "Does apply_async() itself raise when an argument (a lambda) cannot be pickled?",
    why="The error is kept in the result; a program that never calls get() does not see it.",
    do="Call get() on every result, or pass an error_callback.",
    source=RESULT + ".get",
    asked=(
        "Does Pool.apply_async report an error (or silently drop) when its argument is not picklable (e.g. "
        "type('B',...) bound to another name)?",
        "apply_async does nothing",
        "apply_async silently fails",
    ),
)
def unseen_refusal(ctx):
    with ctx.Pool(1) as pool:
        try:
            result = pool.apply_async(double, (lambda: None,))
        except refusals() as error:
            return yes(describe(error))
        try:
            result.get(LIMIT)
        except refusals() as error:
            return no("apply_async() returned; get() raised %s" % type(error).__name__)
    raise RuntimeError("get() raised nothing")


class Counted:
    """An object that counts in the parent how often it is pickled."""

    count = 0

    def __reduce__(self):
        type(self).count += 1
        return (int, (21,))


@question(
    "How many times is an object pickled if it is an argument of three Pool tasks?",
    why="A large array is copied to the workers once for each task, which can take longer than the task.",
    do="Pass it once, with initializer and initargs, or put it into SharedMemory.",
    source="https://docs.python.org/3/library/multiprocessing.html#programming-guidelines",
    asked=(
        "Is a 100 MB global array available in forked workers without pickling, while the same array as a Pool task "
        "argument is pickled each time?",
        "pool.map slow with large arguments",
        "multiprocessing slower than serial",
        "pool.map slower than a for loop",
    ),
)
def pickled_arguments(ctx):
    thing = Counted()
    with ctx.Pool(1) as pool:
        results = [pool.apply_async(double, (thing,)) for _ in range(3)]
        if [result.get(LIMIT) for result in results] != [42] * 3:
            raise RuntimeError("wrong results")
    return value(Counted.count)


def read_setting(_=None):
    """A task that says what the worker's global is."""
    return setting


@question(
    "Do Pool workers see a global that the parent set before it made the pool?",
    why="Under fork the workers start with everything that the parent has, however large, and nothing is sent.",
    do="Pass the data with initializer and initargs: that works under every start method.",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    documented={"fork": "yes", "*": "no"},
    asked=(
        "Is a 100 MB global array available in forked workers without pickling, while the same array as "
        "a Pool task argument is pickled each time?",
        "global variable in multiprocessing Pool",
        "share a large read-only array with pool workers",
        "NameError in Pool",
    ),
)
def early_global(ctx):
    global setting
    setting = "set by the parent"
    with ctx.Pool(1) as pool:
        seen = pool.apply_async(read_setting).get(LIMIT)
    if seen not in (setting, "initial"):
        raise RuntimeError(repr(seen))
    return yes() if seen == setting else no("the workers have %r" % seen)


def take_lock(_=None):
    """A task that needs this module's lock; whether it gets it."""
    taken = LOCK.acquire(timeout=0.3)
    if taken:
        LOCK.release()
    return taken


@question(
    "Can a replacement worker (maxtasksperchild) take a lock that the parent holds while the worker is started?",
    why="Replacements are started whenever needed, by a thread of the pool: under fork they copy whatever the parent "
    "is doing just then. The lock here is one of the script; those of libraries are copied alike.",
    do="Use spawn or forkserver with maxtasksperchild.",
    source="https://docs.python.org/3/library/os.html#os.fork",
    documented={"fork": "no"},
    asked=(
        "Can a forked Pool worker replacement (maxtasksperchild) inherit a C-library/numpy lock held by the main "
        "thread and hang?",
        "Pool with maxtasksperchild hangs",
    ),
)
def replaced_under_lock(ctx):
    with ctx.Pool(1, maxtasksperchild=1) as pool:
        with LOCK:
            first = pool.apply_async(pid).get(LIMIT)
            second = pool.apply_async(take_pid_and_lock).get(LIMIT)
        if second[0] == first:
            raise RuntimeError("the worker was not replaced")
    return yes() if second[1] else no("the replacement has a copy of the lock that stays taken")


def take_pid_and_lock():
    """A task that says who it is, and whether it can take this module's lock."""
    return [os.getpid(), take_lock()]


SLOW_MODULE = """
import os, time
if os.getpid() == {parent}:  # in the program it takes until a worker has been replaced
    open({path!r} + ".importing", "w").close()
    end = time.monotonic() + 20
    while not os.path.exists({path!r}) and time.monotonic() < end:
        time.sleep(0.01)  # between two looks

class Result:
    pass
"""


def make_result(replaced):
    """A task whose result is of a class that the program has not imported yet; notes the second worker's attempt."""
    from multiprocessing.util import Finalize

    if os.path.exists(replaced + ".first"):
        threading.Thread(target=end_if_locked_out, args=(threading.main_thread().ident,), daemon=True).start()
        note(replaced, "a second worker runs")
        import workers_slow_module
    else:
        note(replaced + ".first", "")
        # it ends, and is replaced, once the program is importing
        Finalize(None, wait_for, args=(replaced + ".importing",), exitpriority=100)
        import workers_slow_module
    return workers_slow_module.Result()


def end_if_locked_out(thread):
    """End this process when its main thread is seen waiting for an import lock, twenty times in a row."""
    import time

    looks = 0
    while looks < 20:
        frame, names = sys._current_frames().get(thread), []
        while frame is not None:
            if "importlib" in frame.f_code.co_filename:
                names.append(frame.f_code.co_name)
            frame = frame.f_back
        looks = looks + 1 if "acquire" in names else 0
        time.sleep(0.02)  # between two looks
    os._exit(9)


@question(
    "Can a task in a replacement worker import a module that the parent is importing to unpickle a result?",
    why="The import lock is held by the thread that reads results, while another thread forks the replacement, "
    "which gets a copy of the lock that nobody releases.",
    do="Import the modules of all results in the parent first, or use spawn.",
    source="https://docs.python.org/3/library/os.html#os.fork",
    documented={"fork": "no"},
    methods=("fork",),
    asked=(
        "Can Pool(maxtasksperchild=1) hang under fork when result unpickling triggers an import in the parent?",
        "Pool hangs with maxtasksperchild=1",
    ),
)
def replaced_during_import(ctx):
    folder, path = scratch("modules"), scratch("replaced")
    os.mkdir(folder)
    module = os.path.join(folder, "workers_slow_module.py")
    with open(module, "w") as file:
        file.write(SLOW_MODULE.format(parent=os.getpid(), path=path))
    sys.path.insert(0, folder)
    pool = ctx.Pool(1, maxtasksperchild=1)
    try:
        results = [pool.apply_async(make_result, (path,)) for _ in range(2)]
        results[0].get(LIMIT)
        workers = list(pool._pool)
        if not wait_until(lambda: results[1].ready() or 9 in [w.exitcode for w in workers + list(pool._pool)], LIMIT):
            raise RuntimeError("neither a result nor a waiting worker")
        if not results[1].ready():
            return no("it waits for a copy of the module's import lock")
        made = [result.get(0) for result in results]
        if [type(one).__module__ for one in made] != ["workers_slow_module"] * 2:
            raise RuntimeError("the results are %r" % made)
        return yes()
    finally:
        pool.terminate()
        pool.join()
        sys.path.remove(folder)
        for name in (module, path, path + ".first", path + ".importing"):
            if os.path.exists(name):
                os.remove(name)
        os.rmdir(folder)


def leave(code):
    """A task that ends its worker as a script would end."""
    sys.exit(code)


@question(
    "Does get() raise when a Pool task calls sys.exit()?",
    why="SystemExit is not an Exception: it ends the worker, and the result never comes. get() is given 0.3 s more "
    "after the worker has ended.",
    do="Raise an ordinary exception in tasks, and use get(timeout).",
    source=POOL_SOURCE,
    asked=("pool.map hangs when worker calls sys.exit", "SystemExit in multiprocessing pool"),
)
def exit_in_pool(ctx):
    import multiprocessing

    pool = ctx.Pool(1)
    try:
        worker = pool._pool[0]
        result = pool.apply_async(leave, (3,))
        if not wait_until(lambda: result.ready() or worker.exitcode is not None, LIMIT):
            raise RuntimeError("neither a result nor an end")
        try:
            result.get(0.3)
        except SystemExit as error:
            return yes(describe(error))
        except multiprocessing.TimeoutError:
            return no("the worker ended with exit code %r, and no result came" % worker.exitcode)
    finally:
        pool.terminate()
        pool.join()
    raise RuntimeError("get() returned")


@question(
    "What does result() raise when a ProcessPoolExecutor task calls sys.exit(3)?",
    why="The executor sends SystemExit back like another exception, and it then ends the program that asks for the "
    "result.",
    do="Catch SystemExit around result(), or in the task.",
    source=FUTURES + "Future.result",
    documented={"*": "SystemExit"},
    asked=("SystemExit raised by future.result()",),
)
def exit_in_executor(ctx):
    with executor(ctx) as pool:
        try:
            pool.submit(leave, 3).result(LIMIT)
        except SystemExit as error:
            return value("SystemExit", "with code %r" % error.code)
        except broken() as error:
            return value(type(error).__name__)
    raise RuntimeError("it returned")


@question(
    "Can cancel() stop a running ProcessPoolExecutor task?",
    why="Only tasks that wait in the parent can be cancelled; a few more than there are workers have been sent "
    "already. The others run to their end: here the task returns its result after cancel().",
    do="Let tasks check an Event, or use terminate_workers() (Python 3.14).",
    source=FUTURES + "Future.cancel",
    documented={"*": "no"},
    asked=(
        "future.cancel() returns False",
        "cancel running ProcessPoolExecutor task",
        "cancel an asyncio future of run_in_executor",
    ),
)
def cancel_running(ctx):
    begun, path, done = scratch("begun"), scratch("go"), scratch("done")
    with executor(ctx) as pool:
        future = pool.submit(wait_for_and_note, path, begun, done)
        try:
            if not wait_until(lambda: os.path.exists(begun), LIMIT):
                raise RuntimeError("it does not run")
            cancelled = future.cancel()
        finally:
            note(path, "")
    went_on = os.path.exists(done)  # the executor has waited for its worker
    for name in filter(os.path.exists, (begun, path, done)):
        os.remove(name)
    if cancelled:
        return no("cancel() returned True, but the task went on") if went_on else yes()
    if future.result(0) != "waited":
        raise RuntimeError("the task returned %r" % (future.result(0),))
    return no("cancel() returned False")


@question(
    "Does a Pool task go on after get(timeout) raised TimeoutError?",
    why="The timeout only ends the waiting. The worker stays busy, and the pool waits for it or kills it at its end. "
    "Tested with get(0); the task is let go on afterwards.",
    do="Let tasks check a deadline themselves; or run each task in a separate Process, and terminate() that.",
    source=RESULT + ".get",
    asked=("multiprocessing.context.TimeoutError pool task timeout", "kill pool task after timeout"),
)
def timeout_of_get(ctx):
    import multiprocessing

    begun, path, done = scratch("begun"), scratch("go"), scratch("done")
    with ctx.Pool(1) as pool:
        result = pool.apply_async(wait_for_and_note, (path, begun, done))
        try:
            if not wait_until(lambda: os.path.exists(begun), LIMIT):
                raise RuntimeError("it does not run")
            (worker,) = multiprocessing.active_children()
            result.get(0)
            raise RuntimeError("it has ended already")
        except multiprocessing.TimeoutError:
            pass
        finally:
            note(path, "")
        wait_until(lambda: os.path.exists(done) or not worker.is_alive(), LIMIT)
        went_on = os.path.exists(done)
        alive = worker.is_alive()
        if alive:
            result.wait(LIMIT)  # a pool that is ended while the worker sends its result may wait for ever
    for name in (begun, path, done):
        if os.path.exists(name):
            os.remove(name)
    if went_on:
        return yes("TimeoutError, and the task was done later")
    if alive:
        raise RuntimeError("it did not end")
    return no("the worker has ended, and the task with it")


def wait_for_and_note(path, begun, done):
    """A task that runs until a file exists, and then makes another one."""
    waited = wait_for(path, begun)
    note(done, "")
    return waited


def fail(*_):
    """A callback that fails."""
    raise ValueError("callback failed")


@question(
    "Do further results arrive after an apply_async() callback raised an exception?",
    why="Callbacks run in the thread that reads all results; an exception ends that thread, and get() waits for ever.",
    do="Catch everything inside a callback.",
    source=POOL + ".apply_async",
    asked=("apply_async callback exception hangs the pool", "pool callback not called"),
)
def failing_callback(ctx):
    import multiprocessing

    threading.excepthook = lambda args: None
    pool = ctx.Pool(1)
    reader = pool._result_handler
    try:
        pool.apply_async(double, (1,), callback=fail)
        second = pool.apply_async(double, (2,))
        if not wait_until(lambda: second.ready() or not reader.is_alive(), LIMIT):
            raise RuntimeError("neither a result nor an end")
        try:
            return yes() if second.get(0) == 4 else no("another result")
        except multiprocessing.TimeoutError:
            return no("the thread that reads results has ended")
    finally:
        abandon(pool)


def abandon(pool):
    """End a pool that has lost its reading thread, and which cannot end in order."""
    from multiprocessing.pool import TERMINATE

    pool._terminate.cancel()  # it would wait for the thread
    pool._worker_handler._state = TERMINATE  # no more workers
    for worker in list(pool._pool):
        worker.terminate()
    pool._worker_handler.join()
    for worker in list(pool._pool):  # there may be one more
        worker.terminate()
        worker.join()


def own_name():
    """A task that says how its process is called, and whether it is daemonic."""
    import multiprocessing

    process = multiprocessing.current_process()
    return [process.name, process.daemon]


@question(
    "Are Pool workers daemonic processes?",
    why="Daemonic processes may not have children, and are terminated with the program.",
    do="Use ProcessPoolExecutor, whose workers are not daemonic.",
    source=POOL,
    asked=("AssertionError: daemonic processes are not allowed to have children in Pool",),
)
def daemonic_pool(ctx):
    with ctx.Pool(1) as pool:
        name, daemon = pool.apply_async(own_name).get(LIMIT)
    return yes("the first is called %s" % name) if daemon else no("the first is called %s" % name)


@question(
    "Are ProcessPoolExecutor workers daemonic processes?",
    why="Workers that are not daemonic may have children, and the program waits for them at its end.",
    do="Shut the executor down before the program ends.",
    source=FUTURES + "ProcessPoolExecutor",
    asked=("nested ProcessPoolExecutor", "ProcessPoolExecutor workers daemon"),
)
def daemonic_executor(ctx):
    with executor(ctx) as pool:
        daemon = pool.submit(own_name).result(LIMIT)[1]
    return yes() if daemon else no("they are not")


@question(
    "Does a ProcessPoolExecutor run a task if it gets the name of a start method, mp_context='spawn'?",
    why="It expects a context object; the error comes late and does not name the parameter.",
    do="Pass mp_context=multiprocessing.get_context('spawn').",
    source=FUTURES + "ProcessPoolExecutor",
    documented={"*": "no"},
    methods=(),
    asked=("AttributeError: 'str' object has no attribute 'Queue'", "AttributeError: 'str' object has no attribute"),
)
def context_by_name():
    from concurrent.futures import ProcessPoolExecutor

    try:
        with ProcessPoolExecutor(1, mp_context="spawn") as pool:
            where = pool.submit(pid).result(LIMIT)
    except AttributeError as error:
        if "'str' object" not in str(error):
            raise
        return no(describe(error))
    except NotImplementedError as error:
        return unavailable(describe(error))
    if where == os.getpid():
        raise RuntimeError("the task ran in this process")
    return yes()


@question(
    "What limit does ProcessPoolExecutor() set on max_workers (61, 62 and 1000 tried)?",
    why="Windows waits for at most 64 objects in one call. Python keeps one of them for Ctrl+C, the executor two "
    "for itself, which leaves 61 workers. The workers themselves are not started here.",
    do="Ask for min(61, …) workers on Windows.",
    source=FUTURES + "ProcessPoolExecutor",
    documented={'sys_platform == "win32"': "61", "*": "no limit seen"},
    methods=(),
    asked=(
        "ValueError: max_workers must be <= 61",
        "What is the largest max_workers ProcessPoolExecutor accepts on Windows, and is the default clamped?",
    ),
)
def most_workers():
    from concurrent.futures import ProcessPoolExecutor

    for number in (61, 62, 1000):
        try:
            ProcessPoolExecutor(number).shutdown()
        except ValueError as error:
            return value("61", describe(error)) if number == 62 else no("%d: %s" % (number, describe(error)))
        except (ImportError, NotImplementedError, OSError) as error:
            return unavailable(describe(error))
    return value("no limit seen", "1000 are accepted")


@question(
    "Does get() raise KeyboardInterrupt when SIGINT interrupts a Pool task?",
    why="Ctrl+C sends the signal to the workers too. KeyboardInterrupt is not an Exception: it ends the worker, "
    "and the result never comes.",
    do="Ignore SIGINT in the initializer, and terminate() the pool when the program gets KeyboardInterrupt.",
    source=POOL_SOURCE,
    asked=("KeyboardInterrupt with multiprocessing Pool hangs", "Ctrl+C does not stop pool.map"),
)
def interrupt_in_pool(ctx):
    import multiprocessing

    if os.name == "nt":
        return unavailable("a single process cannot be interrupted there")
    pool = ctx.Pool(1)
    try:
        worker = pool._pool[0]
        result = pool.apply_async(interrupt_self)
        if not wait_until(lambda: result.ready() or worker.exitcode is not None, LIMIT):
            raise RuntimeError("neither a result nor an end")
        try:
            result.get(0.3)
        except KeyboardInterrupt:
            return yes()
        except multiprocessing.TimeoutError:
            if last_error(printed()) != "KeyboardInterrupt":
                raise RuntimeError("it ended with %r" % worker.exitcode)
            return no("the worker ended by KeyboardInterrupt, and no result came")
    finally:
        pool.terminate()
        pool.join()
    raise RuntimeError("get() returned")


def interrupt_self():
    """A task that gets the signal of Ctrl+C."""
    import signal

    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(LIMIT)


if __name__ == "__main__":
    main()
