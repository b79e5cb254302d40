"""A program with one child; both say who they are."""

import multiprocessing
import os


def say(path):
    """Add a line with this process's number."""
    with open(path, "a") as file:
        file.write("%d\n" % os.getpid())


if __name__ == "__main__":
    say(os.environ["CANIFORK_REPORT"])
    process = multiprocessing.get_context(os.environ["CANIFORK_METHOD"]).Process(
        target=say, args=(os.environ["CANIFORK_REPORT"],)
    )
    process.start()
    process.join()
