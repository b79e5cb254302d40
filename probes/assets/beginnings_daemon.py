"""A program that starts a process, makes itself a daemon, and starts another one."""

import os
import sys


def write(path, line):
    """Add a line to the report."""
    with open(path, "a") as file:
        file.write(line + "\n")


if __name__ == "__main__":
    import multiprocessing
    import tempfile

    tempfile.tempdir = sys.argv[2]  # what a daemon leaves behind is removed by who asks

    report = os.environ["CANIFORK_REPORT"]
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])

    first = ctx.Process(target=write, args=(report, "begun"))
    first.start()
    first.join()
    reader, writer = os.pipe()  # whose end shows the starter that the daemon has ended
    os.set_inheritable(writer, False)
    if os.fork():
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    if sys.argv[1] == "close":
        os.dup2(writer, 0)  # one of the standard descriptors shows the daemon's end
        os.closerange(3, 256)
    try:
        second = ctx.Process(target=write, args=(report, "child"))
        second.start()
        second.join()
    except Exception as error:
        write(report, "%s: %s" % (type(error).__name__, error))
    os._exit(0)
