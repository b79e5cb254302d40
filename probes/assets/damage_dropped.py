"""Breaks an executor, forgets it, and says whether the executor's thread ends: 'ended', or 'stuck' in itself.

The thread may be the last to know the executor: through its exception, whose traceback leads to our frame. We let
go of it first, by holding the thread back until we have.
"""

import multiprocessing
import os
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

dropped = threading.Event()
threads = []


def run():
    executor = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(os.environ["CANIFORK_METHOD"]))
    queue = executor._call_queue
    join = queue.join_thread
    queue.join_thread = lambda: dropped.wait(20) and join()
    try:
        submitted(executor).result()
    except BrokenProcessPool as error:
        print(type(error).__name__, flush=True)


def submitted(executor):
    """The future, which run() must not keep: it and its exception would keep each other."""
    future = executor.submit(os._exit, 1)
    threads.extend(thread for thread in threading.enumerate() if type(thread).__name__ != "_MainThread")
    return future


def functions(thread):
    """The names of the functions that a thread is in."""
    frame, names = sys._current_frames().get(thread.ident), []
    while frame is not None:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return names


def fate():
    """'ended', or 'stuck' when a thread of the executor waits for a lock that it holds itself."""
    looks = 0
    for _ in range(1500):
        alive = [thread for thread in threads if thread.is_alive()]
        if not alive:
            return "ended"
        names = [name for thread in alive for name in functions(thread)]
        looks = looks + 1 if "weakref_cb" in names and "terminate_broken" in names else 0
        if looks == 30:
            return "stuck"
        time.sleep(0.01)  # between two looks
    return "neither"


if __name__ == "__main__":
    run()
    dropped.set()
    told = fate()
    print(told, flush=True)
    if told != "ended":
        os._exit(0)
