"""A guarded script that notes each time its module level runs, and an identity made there."""

import multiprocessing
import os
import sys
import uuid

IDENTITY = uuid.uuid4().hex


def note(line):
    with open(os.environ["CANIFORK_REPORT"], "a") as file:
        file.write(line + "\n")


def tell():
    note("child %s" % IDENTITY)


note("run %s %s" % (IDENTITY, " ".join(sys.argv[1:])))

if __name__ == "__main__":
    context = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    for _ in range(3):
        child = context.Process(target=tell)
        child.start()
        child.join()
        print("exit", child.exitcode)
