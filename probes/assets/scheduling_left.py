"""Futures that nobody may ever end: the program says what became of them, and ends by force."""

import multiprocessing
import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

LIMIT = 20
SCALE = float(os.environ.get("CANIFORK_TIME_SCALE") or 1)
STALLED = 2.5 * SCALE  # seconds without progress: no worker is left then that could help, or only idle ones after four


def wait_for(path):
    """The first task: it lasts until a file exists."""
    end = time.monotonic() + LIMIT
    while not os.path.exists(path) and time.monotonic() < end:
        time.sleep(0.01)  # between two looks


def die_at(path):
    """A task whose worker ends as in a crash."""
    open(path + ".begun", "w").close()
    wait_for(path)
    os._exit(7)


def dropped(ctx, path):
    """The futures of an executor that is kept nowhere."""
    try:
        pool = ProcessPoolExecutor(1, mp_context=ctx, max_tasks_per_child=1)
    except (TypeError, ValueError) as error:
        tell("unavailable %s: %s" % (type(error).__name__, error))
    return [pool.submit(wait_for, path)] + [pool.submit(abs, -number) for number in range(3)]


def death(ctx, path):
    """The futures of an executor that was shut down, and then loses a worker."""
    pool = ProcessPoolExecutor(2, mp_context=ctx)
    futures = [pool.submit(die_at, path) for _ in range(6)]
    wait_for(path + ".begun")
    pool.shutdown(wait=False)
    return futures


def tell(word):
    sys.stdout.write(word + "\n")
    sys.stdout.flush()
    for process in multiprocessing.active_children():
        process.kill()
    folder = multiprocessing.current_process()._config.get("tempdir")  # of the fork server's socket
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def settle(futures):
    """Wait until all futures are done, or until none has ended for long: less long if no process is left to help."""
    done, since, looks = -1, time.monotonic(), 0
    while done < len(futures):
        before, done = done, sum(future.done() for future in futures)
        if done > before:
            since, looks = time.monotonic(), 0
        elif time.monotonic() - since > STALLED:  # not before: looking at children reaps them, as the executor does
            looks += 1
            if looks == 4 or not multiprocessing.active_children():
                return False
            since = time.monotonic()
        time.sleep(0.01)  # between two looks
    return True


def run():
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    kind, path = sys.argv[1:]
    futures = {"dropped": dropped, "death": death}[kind](ctx, path)
    import gc

    gc.collect()
    open(path, "w").close()
    if not settle(futures):
        tell("left")
    failed = futures[-1].exception()
    if failed is None:
        tell("done")
    tell("raised %s" % type(failed).__name__ if isinstance(failed, BrokenProcessPool) else repr(failed))


if __name__ == "__main__":
    run()
