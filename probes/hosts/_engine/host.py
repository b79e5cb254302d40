"""Programs that run other people's code: can that code start processes? The questions that are asked of every host."""

import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROBES = os.path.dirname(os.path.dirname(HERE))
if PROBES not in sys.path:
    sys.path += [PROBES, os.path.join(PROBES, "packages", "_engine")]  # last: they may hide nothing that a host imports

from _probe import LIMIT, last_error, main, question, scratch, stable, value  # noqa: E402
from _recipe import load  # noqa: E402

MANUAL = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
BUILD = 150  # seconds: some hosts make a program first


class Host:
    """What a recipe gets: the user's code, a way to start programs, and to wait until the code was run."""

    def __init__(self, result):
        with open(os.path.join(HERE, "_job.py")) as file:
            self.code = file.read()
        self.result = result
        self.printed = open(scratch("scratch-printed"), "w+b")

    def write(self, name, text):
        """Write a file into the current folder, which is private."""
        with open(name, "w") as file:
            file.write(text)

    def start(self, *words, **options):
        """Start `python words…` and return its Popen."""
        return subprocess.Popen((sys.executable,) + words, stdout=self.printed, stderr=self.printed, **options)

    def wait(self, process=None):
        """Wait until the code was run, or the process has ended, or for LIMIT seconds; then end the process."""
        end = time.monotonic() + LIMIT + BUILD * (process is None)
        while not os.path.exists(self.result) and time.monotonic() < end:
            if process is not None and process.poll() is not None:
                break
            time.sleep(0.02)  # between two looks
        if process is not None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def said(self):
        """What its programs printed."""
        self.printed.seek(0)
        return self.printed.read().decode("utf-8", "backslashreplace")


def ask(name, method):
    """The answer for what job() did in the host."""
    os.chdir(scratch())
    result = scratch("scratch-result")
    os.environ["CANIFORK_JOB"] = json.dumps([name, method, result])
    host = Host(result)
    recipe = load()
    recipe.run(host)
    printed = host.said()
    if not os.path.exists(result):
        print(printed)
        raise RuntimeError("the host has not run the code, or it did not come to its end in %g s" % LIMIT)
    with open(result) as file:
        word, detail = json.load(file)
    if word in ("crashes", "raises", "hangs"):
        detail = "; ".join(filter(None, [detail, stable(last_error(printed))]))
    return value(word, stable(detail))


@question(
    "Can code that the host runs start a process?",
    why="The child has to find the function: under spawn and forkserver by the name of its module, which a host may "
    "have made up, or by starting the program again.",
    do="Put the function into a module of its own that can be imported, or use the method that works.",
    source=MANUAL,
    deadline=240,
)
def process(ctx):
    return ask("process", ctx.get_start_method())


@question(
    "Can code that the host runs use a ProcessPoolExecutor?",
    why="Its workers find functions in the same way; if one ends too early, the pool is broken, or waits.",
    do="Put the function into a module of its own that can be imported, or use the method that works.",
    source=MANUAL,
    deadline=240,
)
def pool(ctx):
    return ask("pool", ctx.get_start_method())


@question(
    "Which start method does code get that names none?",
    why="A host may set another one than Python's own.",
    do="Say get_context() with the method that you need.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_start_method",
    methods=(),
    wanted="either",
    deadline=240,
)
def default_method():
    return ask("default_method", None)


@question(
    "Is a thread there that the code started when it was imported?",
    why="A host that imports the code and then forks workers leaves the threads behind: clients, loggers, monitors.",
    do="If it is gone, start threads in the host's hook for new workers, or when they are needed.",
    source="https://docs.python.org/3/library/os.html#os.fork",
    methods=(),
    wanted="either",
    deadline=240,
)
def imported_thread():
    return ask("imported_thread", None)


if __name__ == "__main__":
    main()
