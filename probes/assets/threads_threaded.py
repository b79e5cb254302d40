"""A script that starts a process while another of its threads lives, and says what start() did."""

import multiprocessing
import os
import threading


def work(path):
    with open(path, "a") as file:
        file.write("child\n")


if __name__ == "__main__":
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    process = ctx.Process(target=work, args=(os.environ["CANIFORK_REPORT"],))
    try:
        process.start()
        print("started")
        process.join()
    except Warning as warning:
        print("raised", type(warning).__name__)
        if hasattr(os, "waitpid"):
            try:
                os.waitpid(-1, 0)  # the child that start() disowned
            except ChildProcessError:
                pass
    stop.set()
    thread.join()
