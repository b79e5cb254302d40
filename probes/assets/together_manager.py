"""A program that ends, without join(), while a child uses its manager; the child tells how long it can."""

import multiprocessing
import os
import sys
import time
from multiprocessing.managers import RemoteError

SCALE = float(os.environ.get("CANIFORK_TIME_SCALE") or 1)
A_WHILE = 2.5 * SCALE  # seconds in which a manager ends that does not wait for the child


def work(shared, path):
    """The child: it calls the manager until that fails, or a while after the program's end has begun."""
    shared["begun"] = True
    told, since = "", None
    while not told:
        try:
            shared.get("begun")
        except (OSError, EOFError, RemoteError):  # the manager, its connection, or its dict, which goes first
            told = "gone"
        if since is None and os.path.exists(path + ".end"):
            since = time.monotonic()
        if since is not None and time.monotonic() - since > A_WHILE:
            told = told or "there"
        time.sleep(0.01)  # between two looks
    with open(path, "w") as file:
        file.write(told)


def run():
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    manager = ctx.Manager()
    shared = manager.dict()
    ctx.Process(target=work, args=(shared, sys.argv[1])).start()
    end = time.monotonic() + 20 * SCALE
    while "begun" not in shared.keys() and time.monotonic() < end:
        time.sleep(0.01)  # between two looks
    open(sys.argv[1] + ".end", "w").close()
    kept.append(manager)


kept = []  # so that the manager lives until the program ends

if __name__ == "__main__":
    run()
