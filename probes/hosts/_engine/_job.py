"""The user's code that a host runs: job() does what CANIFORK_JOB says, and writes how it went. Text of all hosts."""

import json
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor

PATIENCE = 15  # seconds after which a child hangs that has nothing to do

thread = threading.Thread(target=threading.Event().wait, daemon=True)
thread.start()


def double(number):
    """What the child computes."""
    return 2 * number


def send(pipe, number):
    """What the child does."""
    pipe.send(double(number))
    pipe.close()


def process(method):
    """Start one process."""
    context = multiprocessing.get_context(method)
    here, there = context.Pipe(False)
    child = context.Process(target=send, args=(there, 21))
    child.start()
    there.close()
    if not here.poll(PATIENCE):
        child.kill()
        return "hangs", ""
    try:
        got = here.recv()
    except EOFError:
        child.join()
        return "crashes", "exit code %r" % child.exitcode
    child.join()
    return ("works", "") if got == 42 else ("wrong result", repr(got))


def pool(method):
    """Use an executor of processes."""
    executor = ProcessPoolExecutor(1, multiprocessing.get_context(method))
    future = executor.submit(double, 21)
    try:
        got = future.result(PATIENCE)
    except TimeoutError:
        for child in executor._processes.values():
            child.kill()
        return "hangs", ""
    executor.shutdown()
    return ("works", "") if got == 42 else ("wrong result", repr(got))


def default_method(_):
    """Which start method a program gets that names none."""
    return multiprocessing.get_start_method(), ""


def imported_thread(_):
    """Whether the thread that this module has started runs in this process."""
    return ("it runs", "") if len(os.listdir("/proc/self/task")) > 1 and thread.is_alive() else ("it is gone", "")


def job():
    """Do one thing, and say how it went."""
    name, method, path = json.loads(os.environ["CANIFORK_JOB"])
    try:
        told = globals()[name](method)
    except Exception as error:
        told = ("raises", "%s: %s" % (type(error).__name__, error))
    with open(path + ".part", "w") as file:
        json.dump(told, file)
    os.replace(path + ".part", path)
