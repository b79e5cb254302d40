"""Starts one child, and says which interpreter a child would be run by."""

import multiprocessing
import os
import sys


def work(path):
    exe = "/proc/self/exe"
    with open(path, "a") as file:
        file.write("child %s\n" % (os.readlink(exe) if os.path.exists(exe) else ""))


if __name__ == "__main__":
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    if os.environ.get("CANIFORK_EXECUTABLE"):
        multiprocessing.set_executable(os.environ["CANIFORK_EXECUTABLE"])
    print("executable", repr(sys.executable), flush=True)
    process = ctx.Process(target=work, args=(os.environ["CANIFORK_REPORT"],))
    process.start()
    process.join()
    print("exit", process.exitcode, flush=True)
