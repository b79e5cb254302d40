"""A script without a main guard that starts a process at module level."""

import multiprocessing
import os


def work(path):
    with open(path, "a") as file:
        file.write("child\n")


ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
process = ctx.Process(target=work, args=(os.environ["CANIFORK_REPORT"],))
process.start()
process.join()
print("exit", process.exitcode)
