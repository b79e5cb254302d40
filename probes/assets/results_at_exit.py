"""A program that submits a task to an executor in an atexit callback."""

import atexit
import sys
from concurrent.futures import ProcessPoolExecutor


def submit(pool):
    """Say what came of it."""
    try:
        print("result %r" % pool.submit(int).result())
    except RuntimeError as error:
        print("RuntimeError: %s" % error)
    sys.stdout.flush()


if __name__ == "__main__":
    pool = ProcessPoolExecutor(1)
    pool.submit(int).result()
    atexit.register(submit, pool)
