"""A script without a main guard that makes a Manager at module level."""

import multiprocessing
import os
import sys
import threading
import time


def look_on():
    """Say so and end, where the manager's process has ended and this one waits for its address all the same.

    On Windows it holds a copy of the pipe's other end itself, which the process that has died was to take.
    """
    importer, looks = threading.main_thread().ident, 0
    while looks < 20:  # all looks of a second: who goes on does not stay in recv()
        time.sleep(0.05)  # between two looks
        ended = [process for process in list(multiprocessing.process._children) if process.exitcode is not None]
        looks = looks + 1 if ended and receives(sys._current_frames().get(importer)) else 0
    print("blocked")
    sys.stdout.flush()
    os._exit(0)


def receives(frame):
    """Whether a thread stands in Connection.recv(), called by start()."""
    names = []
    while frame is not None:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return "recv" in names and "start" in names


if __name__ == "__main__" and os.name == "nt":
    threading.Thread(target=look_on, daemon=True).start()
try:
    with multiprocessing.get_context(os.environ["CANIFORK_METHOD"]).Manager() as manager:
        print("answer", manager.list([7])[0])
except Exception as error:
    if __name__ != "__main__":
        raise  # the manager's process must fail as it would without this handler
    print("raised", type(error).__name__)
