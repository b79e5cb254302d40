"""A program that starts one process, and prints how long that took: its helper processes are started with it."""

import multiprocessing
import os
from time import perf_counter


def do_nothing():
    """The target."""


if __name__ == "__main__":
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    before = perf_counter()
    process = ctx.Process(target=do_nothing)
    process.start()
    process.join()
    print(perf_counter() - before, process.exitcode)
