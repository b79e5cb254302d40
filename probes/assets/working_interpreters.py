"""A script whose functions are tasks of an InterpreterPoolExecutor."""

import sys


def twice(given):
    """What a task of this module calls."""
    return 2 * given


def double(given):
    """A task that needs its module."""
    return twice(given)


def told(function, *args):
    """Print what a task returns."""
    from concurrent.futures import InterpreterPoolExecutor

    with InterpreterPoolExecutor(1) as pool:
        print(pool.submit(function, *args).result())


case = sys.argv[1]
if case == "unguarded":
    told(double, 2)

if __name__ == "__main__":
    if case == "guarded":
        told(double, 2)
    elif case == "lambda":
        told(lambda: twice(2))
