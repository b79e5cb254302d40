"""What may a task of a Pool or an executor do, and what becomes of its arguments and results?"""

import os
import sys

from _places import place
from _probe import (
    LIMIT,
    Unavailable,
    describe,
    main,
    need_executor,
    no,
    question,
    run_script,
    scratch,
    value,
    wait_until,
    yes,
)
from _tasks import double, executor, note, wait_for

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
POOL_SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/pool.py"
DAEMON = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon"
INTERPRETERS = FUTURES + "InterpreterPoolExecutor"
ATEXIT = "https://docs.python.org/3/library/atexit.html"
SHORT = LIMIT / 20  # seconds after which what is due at once is taken not to come


def noted(folder):
    """The names of the files that tasks have made."""
    return sorted(name for name in os.listdir(folder) if "." not in name)


def new_folder(name):
    """A folder for what tasks note."""
    path = place(name)
    os.mkdir(path)
    return path


# --- what tasks raise


def stop_at_one(number):
    """Raise StopIteration for one of the numbers."""
    if number == 1:
        raise StopIteration
    return double(number)


def all_results(iterate):
    """Answer whether an iterator over three results raises for the second, instead of ending before it."""
    try:
        results = list(iterate())
    except (RuntimeError, StopIteration) as error:
        return yes(describe(error))
    if results != [0]:
        raise RuntimeError("the results are %r" % (results,))
    return no("it ended without an error after 1 of 3 results")


@question(
    "Does list(pool.imap(…)) raise when a task raises StopIteration?",
    why="The iterator raises what the task raised. StopIteration is how iterators end: the loop stops early, without "
    "the other results.",
    do="Catch StopIteration in the task; next(iterator, default) does not raise it.",
    source=POOL_SOURCE,
    asked=("imap returns fewer results", "Pool.imap silently stops early", "StopIteration in a worker process"),
)
def stop_iteration_in_imap(ctx):
    with ctx.Pool(1) as pool:
        answer = all_results(lambda: pool.imap(stop_at_one, range(3)))
        pool.close()
        pool.join()  # terminate() can wait for ever for a worker that it kills while that sends the third result
        return answer


class Cancelled(BaseException):
    """What asyncio.CancelledError is: no Exception."""


def cancel(path):
    """Note the run, and raise what is no Exception."""
    note(path, "")
    raise Cancelled("cancelled")


CANCELLED = (
    "Tasks that use asyncio or sys.exit() can let exceptions out that do not derive from Exception: "
    "asyncio.CancelledError, KeyboardInterrupt, SystemExit."
)


def raised_by(get, path):
    """Answer whether get(timeout) raises what the task raised, once the task has run."""
    import concurrent.futures
    import multiprocessing

    if not wait_until(lambda: os.path.exists(path), LIMIT):
        raise RuntimeError("the task does not run")
    try:
        get(SHORT)
    except Cancelled:
        return yes()
    except (multiprocessing.TimeoutError, concurrent.futures.TimeoutError):
        return no("it waits")
    raise RuntimeError("it returned")


@question(
    "Does get() raise when a Pool task raises a BaseException, as asyncio.CancelledError is?",
    why=CANCELLED + " A Pool's worker dies by them; the pool starts another, and the result never comes.",
    do="Catch BaseException in the task and return it or raise an Exception; or use ProcessPoolExecutor.",
    source=POOL_SOURCE,
    asked=(
        "Pool hangs after asyncio.CancelledError in a worker",
        "pool.map hangs when task raises BaseException",
        "KeyboardInterrupt in pool worker lost result",
    ),
)
def base_exception_in_pool(ctx):
    path = place("ran")
    with ctx.Pool(1) as pool:
        return raised_by(pool.apply_async(cancel, (path,)).get, path)


def fail_first(number, folder):
    """The first task fails at once; the others note that they ran."""
    if number == 0:
        raise ValueError("the first one")
    note(os.path.join(folder, str(number)), "")


@question(
    "Does Pool.starmap() with chunksize=1 go on with the other tasks when one has failed?",
    why="The exception comes when all chunks have run. Tested with one worker and four tasks, of which the first "
    "fails. In a larger chunk those after the failed one are not run: working.others_in_chunk.",
    do="Take results one by one with imap(), or with imap_unordered() if the first good one is enough, and call "
    "terminate() (or leave the with block) when you have seen enough.",
    source=POOL + "Pool.map",
    asked=(
        "stop pool.map when one task fails",
        "multiprocessing map early termination on exception",
        "pool.map continues after exception",
    ),
    wanted="either",
)
def others_in_pool_map(ctx):
    folder = new_folder("others")
    with ctx.Pool(1) as pool:
        try:
            pool.starmap(fail_first, [(number, folder) for number in range(4)], chunksize=1)
        except ValueError:
            ran = noted(folder)
        else:
            raise RuntimeError("nothing was raised")
    if ran == ["1", "2", "3"]:
        return yes("all have run before the exception comes")
    return no("%d of 3 have run" % len(ran))


@question(
    "Does a Pool worker run the tasks that follow a failed one in the same chunk of starmap()?",
    why="Without chunksize=, map() and starmap() send tasks in chunks, about four for each worker, and the first "
    "exception ends its chunk: the tasks behind it never run. Tested with one worker and eight tasks, which make "
    "chunks of two; the first fails.",
    do="Pass chunksize=1, or catch exceptions in the task and return them.",
    source=POOL_SOURCE,
    asked=(
        "pool.map skips tasks after an exception",
        "some tasks of pool.map never run",
        "multiprocessing chunksize exception remaining tasks in chunk",
    ),
    wanted="either",
)
def others_in_chunk(ctx):
    folder = new_folder("chunk")
    with ctx.Pool(1) as pool:
        try:
            pool.starmap(fail_first, [(number, folder) for number in range(8)])
        except ValueError:
            ran = noted(folder)
        else:
            raise RuntimeError("nothing was raised")
    if ran[-6:] != ["2", "3", "4", "5", "6", "7"]:
        raise RuntimeError("of the other chunks have run %r" % (ran,))
    return yes() if ran[0] == "1" else no("the other of its chunk has not run, those of three more chunks have")


def fail_first_or_wait(number, folder, path):
    """The first task fails at once; the others wait, and note that they ran."""
    if number:
        wait_for(path)
    fail_first(number, folder)


@question(
    "Are queued tasks of executor.map() cancelled when one of its results raises?",
    why="The iterator of map() cancels what is still queued. A task that runs, and the one or two that the workers "
    "have been sent, go on.",
    do="Nothing if yes: results of the others are lost all the same; use submit() and as_completed() to keep them.",
    source="https://github.com/python/cpython/blob/main/Lib/concurrent/futures/_base.py",
    asked=("executor.map exception cancels other tasks", "ProcessPoolExecutor stop remaining tasks on failure"),
)
def others_in_executor_map(ctx):
    from functools import partial

    folder, path = new_folder("others"), place("go-on")
    with executor(ctx) as pool:
        try:
            list(pool.map(partial(fail_first_or_wait, folder=folder, path=path), range(8)))
        except ValueError:
            note(path, "")
        else:
            raise RuntimeError("nothing was raised")
    ran = noted(folder)
    if len(ran) == 7:
        return no("all of them run")
    if len(ran) > 3:
        raise RuntimeError("%d of 7 have run" % len(ran))
    return yes()


def numbered(number, folder):
    """Note that a task ran."""
    note(os.path.join(folder, str(number)), "")


@question(
    "With one worker and 9 tasks submitted while another runs, how many still run after shutdown(cancel_futures=True)?",
    why="An executor sends tasks to its workers ahead of time: these cannot be cancelled any more, and begin even "
    "after Ctrl+C. It can be one fewer if all tasks are submitted before the worker has taken the first.",
    do="Let tasks look at an Event when they begin; or end the workers: terminate_workers() of Python 3.14.",
    source="https://github.com/python/cpython/issues/125886",
    asked=(
        "new tasks start after KeyboardInterrupt",
        "cancel_futures=True still runs tasks",
        "future.cancel() returns False for queued task",
    ),
    unit="tasks",
    wanted="either",
)
def run_after_cancel(ctx):
    if sys.version_info < (3, 9):
        raise Unavailable("shutdown() has no parameter cancel_futures")
    folder, path, begun = new_folder("numbered"), place("go-on"), place("begun")
    pool = executor(ctx)
    try:
        pool.submit(wait_for, path, begun)
        if not wait_until(lambda: os.path.exists(begun), LIMIT):
            raise RuntimeError("the first task does not begin")
        futures = [pool.submit(numbered, number, folder) for number in range(9)]
        if not wait_until(lambda: pool._call_queue.full(), LIMIT):  # as many as are sent ahead
            raise RuntimeError("the executor sends less ahead than it has room for")
        pool.shutdown(wait=False, cancel_futures=True)
        if not wait_until(lambda: futures[-1].cancelled(), LIMIT):
            raise RuntimeError("nothing is cancelled")
    finally:
        note(path, "")
    for future in futures:
        if not future.cancelled():
            future.result(LIMIT)
    return value(len(noted(folder)))


@question(
    "Does Pool.imap() go on with its tasks while nobody takes their results?",
    why="Results wait in the parent's memory until they are taken: a slow consumer of large ones runs out of memory. "
    "Tested with 20 short tasks.",
    do="Let a Semaphore that the consumer releases hold back the generator of the arguments; or hand out few tasks "
    "at a time.",
    source=POOL + "Pool.imap",
    asked=(
        "imap results pile up in memory",
        "Pool.imap memory grows, consumer too slow",
        "backpressure imap_unordered",
    ),
    wanted="either",
)
def untaken_results(ctx):
    folder = new_folder("untaken")
    with ctx.Pool(1) as pool:
        iterator = pool.imap(Numbered(folder), range(20))
        next(iterator)
        ran = wait_until(lambda: len(noted(folder)) == 20, LIMIT / 4)
    return yes() if ran else no("%d of 20 tasks have run" % len(noted(folder)))


class Numbered:
    """A task that notes its number."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, number):
        numbered(number, self.folder)


# --- what stays in memory


class Told:
    """An object that notes its end in the process of a worker."""

    def __init__(self, path):
        self.path = path

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.sent = True

    def __del__(self):
        if getattr(self, "sent", False):
            note(self.path, "")


def use(thing):
    """A task with an argument."""
    return thing.sent


def let_go(apply, path):
    """Answer whether an idle worker has let go of the argument of the task that it ran."""
    if sys.implementation.name != "cpython":
        raise Unavailable("here, objects end when the garbage collector runs")
    if apply(use, Told(path)) is not True:
        raise RuntimeError("the argument was not sent")
    if wait_until(lambda: os.path.exists(path), SHORT):
        return no("it is freed when the task ends")
    apply(double, 1)
    if not wait_until(lambda: os.path.exists(path), LIMIT):
        raise RuntimeError("it is kept even when another task comes")
    return yes("until the next task comes")


@question(
    "Does an idle Pool worker keep the argument of its last task in memory?",
    why="Workers that hold on to large arguments between tasks need their memory twice.",
    do="Nothing if no. What the tasks themselves leave behind goes with the worker only: Pool(maxtasksperchild=…) "
    "replaces workers, chunksize=1 makes each item a task.",
    source=POOL_SOURCE,
    asked=("pool worker memory not released between tasks", "multiprocessing worker keeps last result in memory"),
    wanted="no",
)
def argument_kept_by_pool(ctx):
    with ctx.Pool(1) as pool:
        return let_go(lambda function, thing: pool.apply_async(function, (thing,)).get(LIMIT), place("freed"))


@question(
    "Does an idle ProcessPoolExecutor worker keep the argument of its last task in memory?",
    why="Workers that hold on to large arguments between tasks need their memory twice.",
    do="Nothing if no. What the tasks themselves leave behind goes with the worker only: max_tasks_per_child=… "
    "replaces workers (Python 3.11; not under fork).",
    source="https://github.com/python/cpython/blob/main/Lib/concurrent/futures/process.py",
    asked=("ProcessPoolExecutor memory leak", "worker process does not free memory after task"),
    wanted="no",
)
def argument_kept_by_executor(ctx):
    with executor(ctx) as pool:
        return let_go(lambda function, thing: pool.submit(function, thing).result(LIMIT), place("freed"))


# --- what a task may start


def set_daemon_flag(folder):
    """Try to make this process one that may have children."""
    import multiprocessing

    try:
        multiprocessing.current_process().daemon = False
    except AssertionError as error:
        return describe(error)
    return start_child(folder)


def start_child(folder):
    """Start a process of the same start method, and tell whether it did its work."""
    import multiprocessing
    import tempfile

    tempfile.tempdir = folder  # a worker that is terminated cannot remove what multiprocessing keeps there
    path = os.path.join(folder, "made")
    try:
        process = multiprocessing.get_context().Process(target=os.mkdir, args=(path,))
        process.start()
    except AssertionError as error:
        return describe(error)
    process.join()
    return "made" if os.path.isdir(path) else "exit code %r" % process.exitcode


def told_by_task(ctx, right, function, *args):
    """Answer whether a Pool task returned what is right; no with an AssertionError that it returned as a text."""
    with ctx.Pool(1) as pool:
        told = pool.apply_async(function, args).get(LIMIT)
    if told == right:
        return yes()
    if not str(told).startswith("AssertionError"):
        raise RuntimeError("the task told %r" % (told,))
    return no(told)


@question(
    "Can a Pool task start a process after it has set current_process().daemon to False?",
    why="Pool workers are daemonic, and daemonic processes may have no children. The flag can be changed in the worker "
    "itself; but a worker that is then terminated leaves its children behind.",
    do="Use ProcessPoolExecutor, whose workers are not daemonic, or threads in the task.",
    source=DAEMON,
    asked=(
        "NoDaemonProcess nested Pool",
        "non-daemonic multiprocessing pool",
        "daemonic processes are not allowed to have children, reset daemon flag",
        "celery task current_process().daemon = False",
    ),
    wanted="either",
)
def daemon_flag(ctx):
    return told_by_task(ctx, "made", set_daemon_flag, place())


def run_program():
    """Run a program."""
    import subprocess

    return subprocess.call([sys.executable, "-c", "import sys; sys.exit(7)"])


@question(
    "Can a Pool task run a program with subprocess?",
    why="Only processes of multiprocessing are refused to daemonic workers.",
    do="Nothing if yes. A worker that is terminated leaves its program running.",
    source="https://docs.python.org/3/library/subprocess.html",
    asked=("subprocess in multiprocessing Pool", "daemonic process subprocess.run allowed", "celery task subprocess"),
)
def program(ctx):
    return told_by_task(ctx, 7, run_program)


def use_processes():
    """Use an executor of processes, of the same start method, for another task."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    try:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context()) as pool:
            return pool.submit(double, 2).result()
    except AssertionError as error:
        return describe(error)


@question(
    "Can a Pool task use a ProcessPoolExecutor?",
    why="Pool workers are daemonic, and daemonic processes may have no children, whoever starts them.",
    do="Use ProcessPoolExecutor on the outside too.",
    source=DAEMON,
    documented={"*": "no"},
    asked=(
        "AssertionError: daemonic processes are not allowed to have children ProcessPoolExecutor",
        "ProcessPoolExecutor inside celery or airflow task",
    ),
)
def executor_in_task(ctx):
    need_executor(ctx)
    return told_by_task(ctx, 4, use_processes)


def interrupted_by_alarm():
    """Wait longer than an alarm is set to."""
    import signal

    class Late(Exception):
        pass

    def ring(number, frame):
        raise Late

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        return wait_for(scratch("never"))
    except Late:
        return "late"


@question(
    "Can a Pool task limit its own time with signal.setitimer() or alarm()?",
    why="Handlers run in the main thread of a process, which is where workers run their tasks. It costs no process "
    "per task, but cannot interrupt code in C.",
    do="Nothing if yes; on Windows, run each task in a Process of its own and terminate that.",
    source="https://docs.python.org/3/library/signal.html#signal.setitimer",
    asked=("timeout per task in multiprocessing pool", "signal.alarm in worker process", "SIGALRM multiprocessing"),
)
def alarm(ctx):
    import signal

    if not hasattr(signal, "setitimer"):
        raise Unavailable("there is no signal.setitimer()")
    return told_by_task(ctx, "late", interrupted_by_alarm)


# --- the end of a worker


def register(path):
    """Register a callback for the end of this process."""
    import atexit

    atexit.register(note, path, "")
    return os.getpid()


CALLBACK = "Coverage, profilers and tracing agents write what they have collected when a process ends."
VERSIONS = " Before Python 3.13, forked children did not run callbacks at all."


@question(
    "Does an atexit callback that a Pool task registered run after Pool.close() and Pool.join()?",
    why=CALLBACK + VERSIONS,
    do="If no, use multiprocessing.util.Finalize(None, function, exitpriority=0) in the task or initializer.",
    source=ATEXIT,
    asked=(
        "atexit in multiprocessing pool worker",
        "coverage of pool workers missing",
        "pool.close() and join() coverage",
    ),
)
def callback_at_close(ctx):
    path = place("callback")
    pool = ctx.Pool(1)
    pool.apply_async(register, (path,)).get(LIMIT)
    pool.close()
    pool.join()
    return yes() if os.path.exists(path) else no("the worker has ended without it")


def register_and_wait(path, begun, never):
    """Register a callback, and be busy."""
    register(path)
    return wait_for(never, begun)


@question(
    "Does an atexit callback of a Pool task run if the Pool's with block ends while the task runs?",
    why=CALLBACK + " The with block ends in terminate(), which kills busy workers by a signal; whether an idle one has "
    "ended by itself before is a matter of luck.",
    do="Call pool.close() and pool.join() at the end of the with block. Before Python 3.13, workers of fork and "
    "forkserver run no atexit callbacks even then: use multiprocessing.util.Finalize(None, function, exitpriority=0).",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.terminate",
    documented={"*": "no"},  # exit handlers are not executed
    asked=(
        "coverage lost with multiprocessing.Pool context manager",
        "pytest-cov with Pool close join terminate",
        "atexit not called in pool worker",
    ),
)
def callback_at_terminate(ctx):
    path, begun = place("callback"), place("begun")
    with ctx.Pool(1) as pool:
        pool.apply_async(register_and_wait, (path, begun, scratch("never")))
        if not wait_until(lambda: os.path.exists(begun), LIMIT):
            raise RuntimeError("the task does not begin")
    pool.join()
    return yes() if os.path.exists(path) else no("the worker has ended without it")


@question(
    "Does an atexit callback that a ProcessPoolExecutor task registered run when the executor's with block ends?",
    why=CALLBACK + VERSIONS,
    do="If no, use multiprocessing.util.Finalize(None, function, exitpriority=0) in the task or initializer.",
    source=ATEXIT,
    asked=("atexit in ProcessPoolExecutor worker", "cleanup at the end of an executor's worker process"),
)
def callback_of_executor(ctx):
    path = place("callback")
    with executor(ctx) as pool:
        pool.submit(register, path).result(LIMIT)
    return yes() if os.path.exists(path) else no("the worker has ended without it")


# --- subinterpreters


def ask_interpreters(case):
    """What a script that uses an InterpreterPoolExecutor says of one case."""
    try:
        from concurrent.futures import InterpreterPoolExecutor
    except ImportError as error:
        raise Unavailable("there is no InterpreterPoolExecutor") from error
    del InterpreterPoolExecutor
    script = run_script("working_interpreters.py", case, timeout=LIMIT)
    if script.status == 0 and script.stdout.split() == ["4"]:
        return yes()
    refusal = script.error.partition(":")[0]
    if (
        script.timed_out
        or script.status != 1
        or refusal not in ("NotShareableError", "PicklingError", "AttributeError")
    ):
        raise RuntimeError("status %r: %s" % (script.status, script.stderr[-300:]))
    return no(refusal)


NEW = " InterpreterPoolExecutor came with Python 3.14; each of its threads has an interpreter of its own."


@question(
    "Can InterpreterPoolExecutor run a function of a script with a main guard, that calls another function of it?",
    why="The other interpreter runs the script again, as spawn does, to have the functions." + NEW,
    do="Nothing if yes; otherwise put the functions into a module of their own.",
    source=INTERPRETERS,
    methods=(),
    asked=(
        "AttributeError: module '__main__' has no attribute InterpreterPoolExecutor",
        "InterpreterPoolExecutor function defined in __main__",
    ),
)
def interpreter_function():
    return ask_interpreters("guarded")


@question(
    "Can InterpreterPoolExecutor run a function of a script without a main guard, that calls another function of it?",
    why="Without a guard, running the script again would start an executor again. A function that uses nothing of its "
    "module works all the same, since it is sent whole." + NEW,
    do="Write if __name__ == '__main__': around what starts the executor.",
    source="https://github.com/python/cpython/issues/136659",
    methods=(),
    asked=(
        "InterpreterPoolExecutor if __name__ == '__main__'",
        "NotShareableError: object could not be unpickled",
        "InterpreterPoolExecutor does not work as replacement of ThreadPoolExecutor",
    ),
)
def interpreter_unguarded():
    return ask_interpreters("unguarded")


@question(
    "Can InterpreterPoolExecutor run a lambda that calls a function of its module?",
    why="Functions that use their module are found by name there, and a lambda has none. A lambda that uses only its "
    "arguments and built-in functions is sent whole." + NEW,
    do="Use a function of a module.",
    source="https://github.com/python/cpython/issues/125865",
    methods=(),
    asked=(
        "InterpreterPoolExecutor lambda",
        "NotShareableError: does not support cross-interpreter data",
        "concurrent.interpreters function not shareable",
    ),
)
def interpreter_lambda():
    return ask_interpreters("lambda")


if __name__ == "__main__":
    main()
