"""A program that starts a process below its main guard and then, outside of it, serves until a file exists."""

import multiprocessing
import os
import sys
import time

FOLDER, METHOD = sys.argv[1:3]
END = time.monotonic() + 20 * float(os.environ.get("CANIFORK_TIME_SCALE") or 1)


def note(name):
    """Say by a file that this point was reached."""
    open(os.path.join(FOLDER, name), "w").close()


def work():
    """The target."""
    note("worked")


def serve():
    """What is to go on for ever, as app.run() and serve_forever() do."""
    note("serving " + __name__)
    while not os.path.exists(os.path.join(FOLDER, "stop")) and time.monotonic() < END:
        time.sleep(0.01)  # between two looks


if __name__ == "__main__":
    multiprocessing.get_context(METHOD).Process(target=work).start()

serve()
