"""A program that gets the signal of Ctrl+C while it waits for its only task, as its worker does."""

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor

signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the caller has left; in a worker that imports too


def press(_):
    """The task: Ctrl+C in a terminal sends this to all processes of the program."""
    os.write(1, b"pressed\n")
    os.killpg(0, signal.SIGINT)
    threading.Event().wait(60)


def run():
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    try:
        if sys.argv[1] == "pool":
            with ctx.Pool(1) as pool:
                pool.map(press, [None])
        else:
            with ProcessPoolExecutor(1, mp_context=ctx) as pool:
                pool.submit(press, None).result()
    except KeyboardInterrupt:
        sys.stdout.write("KeyboardInterrupt\n")
        sys.stdout.flush()


if __name__ == "__main__":
    run()
