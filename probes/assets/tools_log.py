"""A guarded script that opens its log at its top level, for writing."""

import multiprocessing
import os
import sys

log = open(sys.argv[1], "w")


def tell():
    with open(os.environ["CANIFORK_REPORT"], "a") as file:
        file.write("child\n")


if __name__ == "__main__":
    log.write("first\n")
    log.flush()
    child = multiprocessing.get_context(os.environ["CANIFORK_METHOD"]).Process(target=tell)
    child.start()
    child.join()
    sys.exit(child.exitcode)
