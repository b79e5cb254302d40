"""A program whose only executor worker ends after two tasks, while more tasks wait."""

import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def rests(thread):
    """Whether the executor's own thread waits or has ended, and so is not about to start a worker."""
    frame = sys._current_frames().get(thread.ident) if thread else None
    if frame is None:
        return True
    while frame is not None and frame.f_code.co_name != "wait_result_broken_or_wakeup":
        frame = frame.f_back
    return frame is not None


def main():
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    try:
        pool = ProcessPoolExecutor(1, mp_context=ctx, max_tasks_per_child=2)
    except (TypeError, ValueError) as error:
        print("%s: %s" % (type(error).__name__, error))
        return
    futures = [pool.submit(abs, number) for number in range(6)]
    alone = 0
    while not all(future.done() for future in futures) and alone < 1:
        time.sleep(0.05)  # between two looks
        # No worker, and nobody who starts one, in all looks of a second.
        nobody = not multiprocessing.active_children() and rests(pool._executor_manager_thread)
        alone = alone + 0.05 if nobody else 0
    print("done %d" % sum(future.done() for future in futures))
    sys.stdout.flush()
    while not all(future.done() for future in futures):
        if not multiprocessing.active_children():
            pool._spawn_process()  # the missing worker: without it this program would not end
        time.sleep(0.05)  # between two looks
    pool.shutdown()


if __name__ == "__main__":
    main()
