"""A script that starts a process under a main guard, as it should be."""

import multiprocessing
import os


def work(path):
    with open(path, "a") as file:
        file.write("child\n")


if __name__ == "__main__":
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    process = ctx.Process(target=work, args=(os.environ["CANIFORK_REPORT"],))
    process.start()
    process.join()
    print("exit", process.exitcode)
