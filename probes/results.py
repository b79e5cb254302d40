"""What comes back from a pool or an executor: when, in which order, in which thread?"""

import multiprocessing
import os
import threading

from _probe import asset, main, need_executor, no, question, run_script, scratch, wait_until, yes
from _tasks import LIMIT, note, wait_for

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."


def called_back(subscribe):
    """Answer whether a callback runs in the main thread; subscribe(callback) sees to it that it is called."""
    called, threads = threading.Event(), []

    def callback(_):
        threads.append(threading.current_thread())
        called.set()

    subscribe(callback)
    if not called.wait(LIMIT):
        raise RuntimeError("it was not called")
    return yes() if threads == [threading.main_thread()] else no("in another thread of the program")


@question(
    "Do Pool.apply_async() callbacks run in the main thread of the program?",
    why="They run in the thread that receives results: code that needs the main thread (signals, GUIs) fails "
    "there, and a slow callback delays all results.",
    do="Let the callback put into a queue.Queue, and read that in the main thread.",
    source=POOL + "Pool.apply_async",
    documented={"*": "no"},
    methods=(),
    asked=("in which thread does the Pool callback run", "apply_async callback blocks other results"),
    wanted="either",
)
def pool_callback():
    with multiprocessing.Pool(1) as pool:
        return called_back(lambda callback: pool.apply_async(int, callback=callback))


@question(
    "Does an add_done_callback() callback run in the main thread if the task still runs when it is added?",
    why="It runs in a thread of the ProcessPoolExecutor, not in the worker. If the future is done already, the "
    "callback runs at once in the calling thread.",
    do="Let the callback put into a queue.Queue, or use concurrent.futures.as_completed() in the main thread.",
    source=FUTURES + "Future.add_done_callback",
    methods=(),
    asked=("add_done_callback ProcessPoolExecutor which process", "does the callback run in the parent or the child"),
    wanted="either",
)
def future_callback():
    from concurrent.futures import ProcessPoolExecutor

    need_executor(multiprocessing.get_context())
    ready = scratch("ready")
    with ProcessPoolExecutor(1) as pool:
        future = pool.submit(wait_for, ready)  # a callback that is added to a future that is done runs at once

        def subscribe(callback):
            future.add_done_callback(callback)
            if future.done():
                raise RuntimeError("the task has ended already")
            note(ready, "")

        answer = called_back(subscribe)
        if future.result(LIMIT) != "waited":
            raise RuntimeError("the task returned %r" % (future.result(),))
    os.remove(ready)
    return answer


def held_back(number, path):
    """The first task waits for a file, which is made when the second one's result has arrived."""
    if number == 0:
        wait_for(path)
    return number


def held_back_of(pair):
    """The same, with one argument."""
    return held_back(*pair)


@question(
    "Does Pool.starmap_async() keep argument order when the second task finishes first?",
    why="Results can be zipped with the arguments. map() and starmap() collect results in the same way.",
    do="Nothing if yes. Use imap_unordered() to get each result as soon as it is ready.",
    source=POOL + "Pool.map",
    documented={"*": "yes"},
    methods=(),
    asked=("Does Pool.map preserve order?", "order of results multiprocessing pool"),
)
def map_order():
    path = scratch("second")
    with multiprocessing.Pool(2) as pool:
        result = pool.starmap_async(held_back, [(0, path), (1, path)], chunksize=1)
        if not wait_until(lambda: None not in result._value[1:], LIMIT):
            raise RuntimeError("the second result does not come")
        note(path, "")
        results = result.get(LIMIT)
    os.remove(path)
    if sorted(results) != [0, 1]:
        raise RuntimeError("the results are %r" % results)
    return yes() if results == [0, 1] else no("the result that was there first comes first")


@question(
    "Does Pool.imap_unordered() yield the result of the task that finishes first, first?",
    why="One slow task does not delay the results of the others.",
    do="Return the argument with the result, to know what a result belongs to. Count the results to know how many "
    "tasks are left.",
    source=POOL + "Pool.imap_unordered",
    methods=(),
    asked=("imap_unordered order of results", "get results as they complete multiprocessing"),
)
def unordered():
    path = scratch("second")
    with multiprocessing.Pool(2) as pool:
        results = pool.imap_unordered(held_back_of, [(0, path), (1, path)])
        try:
            first = results.next(LIMIT / 4)
        except multiprocessing.TimeoutError:
            first = None
        note(path, "")
        rest = list(results)
    os.remove(path)
    if [first] + rest not in ([1, 0], [None, 0, 1]):
        raise RuntimeError("the results are %r" % ([first] + rest))
    return yes() if first == 1 else no("the first task's result is waited for")


@question(
    "Does Pool.join() raise if the pool was not closed?",
    why="A pool that may still get tasks has no end to wait for.",
    do="Call pool.close() before pool.join().",
    source=POOL + "Pool.join",
    documented={"*": "yes"},
    methods=(),
    asked=("ValueError: Pool is still running",),
)
def join_without_close():
    with multiprocessing.Pool(1) as pool:
        try:
            pool.join()
        except ValueError as error:
            return yes(str(error))
        return no("it returns")


@question(
    "Does Pool.terminate() end a running task?",
    why="A task that runs cannot be cancelled by itself: terminate() ends the whole pool, and the task with it.",
    do="Expect no clean-up in the task: a signal ends it. For a softer end, let tasks check an Event.",
    source=POOL + "Pool.terminate",
    documented={"*": "yes"},
    methods=(),
    asked=("stop a running task in a multiprocessing pool", "Pool.terminate does not kill workers"),
)
def terminate_running():
    begun, never = scratch("begun"), scratch("never")
    pool = multiprocessing.Pool(1)
    (worker,) = multiprocessing.active_children()
    pool.apply_async(wait_for, (never, begun))
    if not wait_until(lambda: os.path.exists(begun), LIMIT):
        raise RuntimeError("the task has not begun")
    pool.terminate()
    worker.join(LIMIT)
    os.remove(begun)
    if worker.exitcode is None:
        worker.kill()
        return no("the worker goes on")
    if worker.exitcode == 0:
        raise RuntimeError("the worker ended by itself")
    return yes()


@question(
    "Can a function typed at the interactive prompt be a ProcessPoolExecutor task?",
    why="The worker gets the function's name and cannot import it: it dies, and the executor is broken. The prompt "
    "reads from a pipe here, without the coloured shell of Python 3.13.",
    do="Put the function into a module and import it at the prompt.",
    source=FUTURES + "ProcessPoolExecutor",
    documented={"spawn": "no", "forkserver": "no"},
    asked=(
        "Does ProcessPoolExecutor work when the submitted function is defined in the REPL, or does it end as "
        "BrokenProcessPool/hang?",
        "BrokenProcessPool in the interactive interpreter",
        "ProcessPoolExecutor in Jupyter notebook",
    ),
)
def typed_task(ctx):
    need_executor(ctx)
    with open(asset("results_prompt.py")) as file:
        typed = file.read().replace("\n\n\n", "\n\n")
    # The coloured prompt of 3.13 is for terminals, and where curses is missing its failure is printed.
    env = {"PYTHON_BASIC_REPL": "1", "CANIFORK_METHOD": ctx.get_start_method()}
    script = run_script(None, flags=["-i", "-q"], stdin=typed + "\n", cwd=scratch(), env=env, timeout=LIMIT)
    if script.timed_out:
        raise RuntimeError("it did not end: %s" % script.stderr[-500:])
    told = [line.rpartition(">>> ")[2].rpartition("... ")[2] for line in script.stdout.splitlines()]
    said = [line for line in told if line.startswith(("result ", "raised "))]
    if said == ["result 42"]:
        return yes()
    if said != ["raised BrokenProcessPool"]:
        raise RuntimeError("it printed %r: %s" % (told, script.stderr[-500:]))
    return no("BrokenProcessPool")


@question(
    "Can an atexit callback submit a task to a ProcessPoolExecutor?",
    why="Since Python 3.9 executors are shut down before atexit callbacks run.",
    do="Submit the last task before the main script ends. After shutdown(), which the end of a with block calls, an "
    "executor takes no tasks either: make a new one.",
    source="https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.submit",
    methods=(),
    asked=("RuntimeError: cannot schedule new futures after interpreter shutdown", "submit after interpreter shutdown"),
)
def submit_at_exit():
    need_executor(multiprocessing.get_context())
    script = run_script("results_at_exit.py", timeout=LIMIT)
    lines = script.stdout.splitlines()
    if lines == ["result 0"]:
        return yes()
    if len(lines) != 1 or not lines[0].startswith("RuntimeError: ") or script.timed_out:
        raise RuntimeError("it printed %r: %s" % (lines, script.error))
    return no(lines[0])


if __name__ == "__main__":
    main()
