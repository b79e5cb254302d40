"""A program that ends while a daemonic child and another one run; the other one tells which of them ends first."""

import multiprocessing
import os
import sys
import time

SCALE = float(os.environ.get("CANIFORK_TIME_SCALE") or 1)
A_WHILE = 2.5 * SCALE  # seconds in which the daemonic child ends, if it is ended before the other one


def hold(connection, path):
    """The daemonic child: alone to have this end of a pipe, until it is ended or the other child has told."""
    connection.send("here")
    end = time.monotonic() + 60
    while not os.path.exists(path) and time.monotonic() < end:
        time.sleep(0.01)  # between two looks


def watch(connection, path):
    """The other child: whether that pipe comes to its end."""
    try:
        ended = connection.poll(A_WHILE) and connection.recv() and False
    except (EOFError, OSError):
        ended = True
    with open(path, "w") as file:
        file.write("ended" if ended else "runs")


def run():
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    reader, writer = ctx.Pipe(duplex=False)
    ctx.Process(target=hold, args=(writer, sys.argv[1]), daemon=True).start()
    writer.close()
    if reader.recv() != "here":
        raise SystemExit("something else came")
    ctx.Process(target=watch, args=(reader, sys.argv[1])).start()


if __name__ == "__main__":
    run()
