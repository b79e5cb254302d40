"""A script whose target is defined under the main guard, where a child that imports the script does not get it."""

import multiprocessing
import os

if __name__ == "__main__":

    def work(path):
        with open(path, "a") as file:
            file.write("child\n")

    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    process = ctx.Process(target=work, args=(os.environ["CANIFORK_REPORT"],))
    process.start()
    process.join()
    print("exit", process.exitcode)
