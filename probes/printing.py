"""Where does it go what a child prints, and does it arrive?"""

import os
import sys

from _probe import main, no, question, run_script, scratch, yes
from _tasks import LIMIT, inherited

BUFFERED = "Text that goes into a file or a pipe waits in a buffer, which belongs to the process that has printed it."
STDOUT = "https://docs.python.org/3/library/sys.html#sys.stdout"
TERMINATE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.terminate"


def printed_by(ctx, case):
    """What a program has printed into files, whose child prints something and ends in a way of its own."""
    env = {"CANIFORK_METHOD": ctx.get_start_method(), "PYTHONUNBUFFERED": ""}
    script = run_script("printing_child.py", case, env=env, timeout=LIMIT)
    if script.timed_out or script.status != 0:
        raise RuntimeError("status %r: %s" % (script.status, script.stderr[-500:]))
    return script


def arrived(ctx, case, where="stdout"):
    """Answer whether the text of the child has arrived."""
    script = printed_by(ctx, case)
    text = getattr(script, where)
    if "parent" not in script.stdout or text.replace("parent", "").strip() not in ("", "child"):
        raise RuntimeError("stdout %r, stderr %r" % (script.stdout, script.stderr))
    return yes() if "child" in text else no("it is lost")


@question(
    "Does a child's unflushed output reach a file when the child ends normally?",
    why=BUFFERED + " multiprocessing flushes at the end of a child.",
    do="Nothing if yes. To see lines while the child runs, flush: print(…, flush=True). To keep those of several "
    "children whole, hold a Lock around print().",
    source=STDOUT,
    asked=(
        "print in multiprocessing child not shown when redirected to a file",
        "child process output missing in log file",
    ),
)
def at_the_end(ctx):
    return arrived(ctx, "end")


@question(
    "Does a child's unflushed output reach a file when the child calls os._exit()?",
    why=BUFFERED + " os._exit() flushes nothing.",
    do="Call sys.stdout.flush() first, or use sys.exit().",
    source="https://docs.python.org/3/library/os.html#os._exit",
    documented={"*": "no"},
    asked=("os._exit loses print output",),
)
def before_os_exit(ctx):
    return arrived(ctx, "os_exit")


@question(
    "Does a child's unflushed output reach a file when terminate() ends the child?",
    why=BUFFERED + " The last lines before the end are the ones that would explain it.",
    do="Use print(…, flush=True) in children, or PYTHONUNBUFFERED=1.",
    source=TERMINATE,
    asked=("output lost when process is terminated", "print buffer lost Process.terminate"),
)
def before_terminate(ctx):
    return arrived(ctx, "terminated")


@question(
    "Does a line on sys.stderr, written without flush(), reach a file when terminate() ends the child?",
    why="Since Python 3.9 sys.stderr is flushed after each line, wherever it goes.",
    do="Write what must not be lost to sys.stderr, or use logging: a StreamHandler flushes after each record.",
    source="https://docs.python.org/3/library/sys.html#sys.stderr",
    documented={'python_version >= "3.9"': "yes", "*": "no"},
    asked=("stderr of a killed child process is empty", "is stderr buffered in a child process"),
)
def errors_before_terminate(ctx):
    return arrived(ctx, "terminated_error", "stderr")


@question(
    "Is a traceback printed when an exception ends a child?",
    why="It is all that shows the cause: the program only gets an exit code.",
    do="Keep what your programs write to stderr; send exceptions through a Pipe if the program needs them.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/process.py",
    asked=("where does the traceback of a multiprocessing.Process go", "exception in child process not shown"),
)
def traceback(ctx):
    script = printed_by(ctx, "error")
    if "parent" not in script.stdout:
        raise RuntimeError("it printed %r" % script.stdout)
    lines = script.stderr.splitlines()
    if any(line.startswith("Traceback") for line in lines) and "ValueError: child" in lines:
        return yes("to the standard error output")
    if "ValueError" in script.stderr:
        raise RuntimeError("stderr %r" % script.stderr)
    return no("nothing of it")


@question(
    "Does a child print to the file to which os.dup2() redirected descriptor 1 before the first start()?",
    why="Unlike replacing sys.stdout, this redirects the descriptor, which C libraries and subprocesses print to as "
    "well. Only print() is tested.",
    do="Nothing if yes.",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    documented={"fork": "yes"},
    asked=("redirect output of child processes to a file", "os.dup2 stdout multiprocessing"),
)
def redirected(ctx):
    return redirected_into(ctx, "redirected")


@question(
    "Does a child print to a file to which descriptor 1 was redirected after the first start()?",
    why="The fork server keeps the outputs that it had when it was started, at the first start() under this method, "
    "and all its children have those.",
    do="Redirect before the first start, or in the child.",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    documented={"fork": "yes"},
    asked=("pytest capfd does not capture forkserver children", "redirect stdout after the first Process forkserver"),
)
def redirected_late(ctx):
    return redirected_into(ctx, "redirected_late")


def redirected_into(ctx, case):
    """Answer whether the text of the child is in the file."""
    path = scratch("redirected")
    os.environ["CANIFORK_REPORT"] = path
    script = printed_by(ctx, case)
    with open(path) as file:
        text = file.read()
    os.remove(path)
    if (text + script.stdout).replace("parent", "").strip() != "child":
        raise RuntimeError("file %r, stdout %r" % (text, script.stdout))
    return yes() if "child" in text else no("it prints where the program printed before")


def encoding():
    """The encoding in which this process prints."""
    return sys.stdout.encoding


@question(
    "Does a child's sys.stdout have the encoding that the parent set by reconfigure()?",
    why="A new interpreter takes its encoding from the environment, so that print() can raise "
    "UnicodeEncodeError in the child only.",
    do="Set PYTHONIOENCODING or PYTHONUTF8=1 before the program starts, or call reconfigure() in the child.",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    documented={"fork": "yes"},
    asked=("UnicodeEncodeError in multiprocessing child only", "sys.stdout.reconfigure child process"),
)
def encoding_kept(ctx):
    sys.stdout.reconfigure(encoding="koi8-r")
    try:
        return inherited(ctx, "koi8-r", encoding)
    finally:
        sys.stdout.reconfigure(encoding="utf-8")


if __name__ == "__main__":
    main()
