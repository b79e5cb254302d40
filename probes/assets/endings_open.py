"""A program that never ends its pool or executor, whose only worker has a task running and three waiting."""

import multiprocessing
import os
import sys
import time

LIMIT = 20


def append(path):
    with open(path, "a") as file:
        file.write("run\n")


def main():
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    path = os.environ["CANIFORK_REPORT"]
    if sys.argv[1] == "pool":
        pool = ctx.Pool(1)
        pool.apply_async(time.sleep, (LIMIT,))
        tasks = [pool.apply_async(append, (path,)) for _ in range(3)]
    else:
        from concurrent.futures import ProcessPoolExecutor

        pool = ProcessPoolExecutor(1, mp_context=ctx)
        pool.submit(time.sleep, 0.1)
        tasks = [pool.submit(append, path) for _ in range(3)]
    sys.stdout.write("end\n")
    return pool, tasks


if __name__ == "__main__":
    kept = main()
