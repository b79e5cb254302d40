"""A program whose child prints one word, and ends in the way that the command line names."""

import multiprocessing
import os
import sys


def child(case, connection):
    """Print, and end."""
    if case == "error":
        raise ValueError("child")
    (sys.stderr if case == "terminated_error" else sys.stdout).write("child\n")
    if case == "os_exit":
        os._exit(0)
    if case.startswith("terminated"):
        connection.send("printed")
        connection.recv()


def main(case):
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    if case == "redirected_late":
        first = ctx.Process(target=int)
        first.start()
        first.join()
    if case.startswith("redirected"):
        os.dup2(os.open(os.environ["CANIFORK_REPORT"], os.O_WRONLY | os.O_CREAT), 1)
    here, there = ctx.Pipe()
    process = ctx.Process(target=child, args=(case, there))
    process.start()
    if case.startswith("terminated"):
        here.recv()
        process.terminate()
    process.join()
    print("parent")


if __name__ == "__main__":
    main(sys.argv[1])
