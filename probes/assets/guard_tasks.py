"""A module that gives a task to a pool or an executor while it is imported, and notes whether it gets the result."""

import multiprocessing
import os
import sys
import threading
import time


def seven():
    return 7


def waits_for_import():
    """Whether another thread of this process waits until a module has been imported."""
    return any(
        in_import_lock(frame) for ident, frame in sys._current_frames().items() if ident != threading.get_ident()
    )


def in_import_lock(frame):
    while frame is not None:
        if frame.f_code.co_name in ("acquire", "_lock_unlock_module") and "importlib" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


def submit():
    """The task: whether it is done, its result, and how to end the workers."""
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    if sys.argv[1] == "pool":
        pool = ctx.Pool(1)
        result = pool.apply_async(seven)
        return result.ready, result.get, pool.terminate
    from concurrent.futures import ProcessPoolExecutor

    executor = ProcessPoolExecutor(1, mp_context=ctx)
    future = executor.submit(seven)
    return future.done, future.result, executor.shutdown


if multiprocessing.parent_process() is None:  # a child that imports this must not start others in its turn
    done, result, end = submit()
    looks = 0
    while not done() and looks < 20:  # all looks of a second: a thread that goes on does not stay in a lock
        time.sleep(0.05)  # between two looks
        looks = looks + 1 if waits_for_import() else 0
    print("answer %d" % result() if done() else "blocked")
