"""Which exit code has a child, and what does the parent learn of its end?"""

import os
import sys

from _probe import Unavailable, describe, main, no, printed, question, scratch, unavailable, value, wait_until, yes
from _tasks import LIMIT, note

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
EXIT_CODE = REFERENCE + "Process.exitcode"  # the manual of 3.8 speaks of signals only
SYS_EXIT = "https://docs.python.org/3/library/sys.html#sys.exit"
kept = []  # the child's open file: it must be open still at the child's end


def act(path, action, *args):
    """The child notes that it runs, and does one thing."""
    with open(path, "w") as file:
        file.write("running")
    action(*args)


def exit_code(ctx, action, *args):
    """The exit code of a child that does one thing."""
    path = scratch("running")
    process = ctx.Process(target=act, args=(path, action) + args)
    process.start()
    process.join()
    os.remove(path)  # it is there, or the target has not run: an error
    return process.exitcode


@question(
    "What is the exit code of a child that calls sys.exit(7)?",
    why="Without a queue or pipe, the exit code is all that a Process reports about its end.",
    do="Check process.exitcode after join(); it is None while the child runs.",
    source=EXIT_CODE,
    documented={'python_version >= "3.9"': 7},
    asked=("How do I get the return code of a multiprocessing process?", "sys.exit() in a child process"),
)
def number(ctx):
    return value(exit_code(ctx, sys.exit, 7))


@question(
    "What is the exit code of a child that calls sys.exit() without an argument?",
    why="Everywhere else this means success; a child of Python 3.8 reports a failure.",
    do="On Python 3.8, call sys.exit(0), or return from the target.",
    source=SYS_EXIT,
    documented={"*": 0},
    asked=("exitcode is 1 after sys.exit()", "sys.exit(None) in a multiprocessing process"),
)
def without_number(ctx):
    code = exit_code(ctx, sys.exit)
    if "Traceback" in printed():
        raise RuntimeError("exit code %r, for another reason" % code)
    return value(code)


@question(
    "What is the exit code of a child that calls sys.exit('some text')?",
    why="The text goes to standard error; the parent sees only a number.",
    do="Send the reason to the parent through a queue or a pipe.",
    source=SYS_EXIT,
    documented={"*": 1},
)
def text(ctx):
    return value(told(exit_code(ctx, sys.exit, "some text"), "some text"))


def told(code, text):
    """The exit code of a child that has printed why it ended; that it has not is an error."""
    if text not in printed():
        raise RuntimeError("exit code %r, and the reason was not printed" % code)
    return code


@question(
    "What is the exit code of a child that calls sys.exit(256)?",
    why="POSIX keeps one byte of the status, so a failure can look like success.",
    do="Use only statuses from 0 to 127.",
    source=SYS_EXIT,
    asked=("exit code modulo 256", "exit code 255 instead of -1"),
)
def number_256(ctx):
    return value(exit_code(ctx, sys.exit, 256))


def fail():
    """Raise what nobody catches."""
    raise ValueError("raised in the child")


@question(
    "What is the exit code of a child that ends with an exception?",
    why="Unless the child sends more, it is all that the parent learns of the failure.",
    do="Treat every exit code other than 0 as a failure after join(): 1 is an exception, a negative number the signal "
    "that ended the child, None a child that has not ended.",
    source=EXIT_CODE,
    documented={'python_version >= "3.9"': 1},
)
def exception(ctx):
    return value(told(exit_code(ctx, fail), "ValueError: raised in the child"))


@question(
    "Does join() raise the exception (a ValueError) that ended the child?",
    why="A program that only joins its children continues as if nothing had happened.",
    do="Check process.exitcode, or use a pool or an executor, which raise the exception in the parent.",
    source=EXIT_CODE,
    asked=(
        "How do I catch an exception of a multiprocessing.Process?",
        "exception in child process not raised",
        "multiprocessing swallows exceptions",
        "child process fails silently",
        "handle or detect errors of child processes in the parent",
    ),
    wanted="either",
)
def join_raises(ctx):
    path = scratch("running")
    process = ctx.Process(target=act, args=(path, fail))
    process.start()
    try:
        process.join()
    except ValueError as error:
        return yes(describe(error))
    finally:
        os.remove(path)
    if "ValueError: raised in the child" not in printed():
        raise RuntimeError("nothing was printed; exit code %r" % process.exitcode)
    return no("join() returned; the child printed the traceback, its exit code is %r" % process.exitcode)


def fail_with_hook(path):
    """Raise what nobody catches, with a hook that notes it."""

    def hook(*what):
        with open(path, "w") as file:
            file.write("called")

    sys.excepthook = hook
    fail()


@question(
    "Is a child's sys.excepthook called for the exception that ends it?",
    why="Crash reporters install that hook, and miss failures in children.",
    do="Catch exceptions in the target and report them there.",
    source="https://docs.python.org/3/library/sys.html#sys.excepthook",
    asked=("sys.excepthook not working with multiprocessing", "crash reports are missing from child processes"),
)
def exception_hook(ctx):
    path = scratch("hook")
    code = exit_code(ctx, fail_with_hook, path)
    if os.path.exists(path):
        os.remove(path)
        return yes()
    if code != 1 or "ValueError: raised in the child" not in printed():
        raise RuntimeError("no hook, no traceback; exit code %r" % code)
    return no("multiprocessing printed the traceback itself")


def hold(connection, path):
    """Stay until ended, and note that the finally block has run."""
    try:
        connection.send("ready")
        # In short waits: a signal that comes just before a long one begins is noticed only when that is over.
        wait_until(connection.poll, LIMIT)
    finally:
        with open(path, "w") as file:
            file.write("finally")


def ended_by(ctx, end):
    """The exit code of a running child that end(process) has ended, and whether its finally block has run."""
    path = scratch("finally")
    here, there = ctx.Pipe()
    process = ctx.Process(target=hold, args=(there, path))
    process.start()
    try:
        if not here.poll(LIMIT):
            raise RuntimeError("the child is not ready")
        end(process)
        process.join(LIMIT)
        ended = process.exitcode
    finally:
        process.kill()
        process.join()
        here.close()
        there.close()
    if ended is None:
        raise RuntimeError("the child did not end")
    ran = os.path.exists(path)
    if ran:
        os.remove(path)
    return ended, ran


@question(
    "What is the exit code of a child after terminate()?",
    why="A negative exit code is the number of the signal that ended the child.",
    do="Compare with -signal.SIGTERM.",
    source=EXIT_CODE,
    documented={'sys_platform != "win32"': -15},
    asked=("exitcode -15", "exit code of a terminated process"),
)
def terminate(ctx):
    return value(ended_by(ctx, lambda process: process.terminate())[0])


@question(
    "What is the exit code of a child after kill()?",
    why="A child that Linux kills for lack of memory ends with the same code.",
    do="Compare with -signal.SIGKILL; on Windows kill() is the same as terminate().",
    source=EXIT_CODE,
    documented={'sys_platform != "win32"': -9},
    asked=(
        "Is Process.exitcode == -SIGKILL after kill() under every method on POSIX?",
        "exitcode -9",
        "child process killed by the out-of-memory killer",
    ),
)
def kill(ctx):
    return value(ended_by(ctx, lambda process: process.kill())[0])


@question(
    "Do finally blocks run in a child that is ended with terminate()?",
    why="Otherwise files stay half written, locks stay held and the child's own children keep running.",
    do="Ask the child to end, for example with an Event, or install a SIGTERM handler in it that raises SystemExit.",
    source=REFERENCE + "Process.terminate",
    documented={"*": "no"},
    asked=("terminate() does not run cleanup", "atexit does not run after terminate()"),
)
def finally_at_terminate(ctx):
    code, ran = ended_by(ctx, lambda process: process.terminate())
    if ran:
        return yes()
    if code != -15:
        raise RuntimeError("ended with %r" % code)
    return no("terminate() ended the child at once")


@question(
    "Do finally blocks run in a child that is ended with interrupt()?",
    why="It ends a child as Ctrl+C does, with a KeyboardInterrupt that the child can handle.",
    do="Use interrupt() on Python 3.14 and later, os.kill(process.pid, signal.SIGINT) before.",
    source=REFERENCE + "Process.interrupt",
    documented={
        'sys_platform != "win32" and python_version >= "3.14"': "yes",
        'python_version < "3.14"': "unavailable",
    },
    asked=("AttributeError: 'Process' object has no attribute 'interrupt'", "stop a child process gracefully"),
)
def finally_at_interrupt(ctx):
    if not hasattr(ctx.Process, "interrupt"):
        return unavailable("Process has no interrupt()")
    import signal

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background may ignore it
    try:
        code, ran = ended_by(ctx, lambda process: process.interrupt())
    except AttributeError as error:
        return unavailable(describe(error))
    if ran and code == 1:
        return yes("KeyboardInterrupt; exit code 1")
    raise RuntimeError("exit code %r, finally block %r" % (code, ran))


@question(
    "What is the exit code of a child that calls sys.exit(7) if SIGCHLD is ignored?",
    why="The system then discards the status of children; servers and container tools set this to avoid zombies.",
    do="Restore signal.SIGCHLD to signal.SIG_DFL before you start processes.",
    source="https://docs.python.org/3/library/signal.html#signal.SIGCHLD",
    documented={'sys_platform == "win32"': "unavailable"},
    asked=("exitcode is None after join()", "signal(SIGCHLD, SIG_IGN) and multiprocessing"),
)
def ignored_sigchld(ctx):
    import signal

    if not hasattr(signal, "SIGCHLD"):
        raise Unavailable("there is no SIGCHLD here")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    return value(str(exit_code(ctx, sys.exit, 7)))  # "None" is an answer too: a value of its own would be none


def write_and_keep(path):
    """Write to a file that nobody closes."""
    kept.append(open(path, "w"))
    kept[0].write("last words")


@question(
    "Does text that a child has written to a file without closing it reach the file?",
    why="A forked child, and so each child of a fork server, ends without the interpreter's usual clean-up: the end of "
    "its logs may be missing. Here a global keeps the file open to the end.",
    do="Open files in a with statement, or call flush() before the target returns.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/popen_fork.py",
    asked=(
        "file is empty after process has finished",
        "output of child process missing without flush",
        "log file is empty, os._exit does not close files",
    ),
)
def unflushed_file(ctx):
    path = scratch("unflushed")
    if exit_code(ctx, write_and_keep, path) != 0:
        raise RuntimeError("the child failed")
    with open(path) as file:
        text = file.read()
    os.remove(path)
    if text not in ("", "last words"):
        raise RuntimeError("the file holds %r" % text)
    return yes() if text else no("the file is empty")


def leave_thread(path):
    """Return while a thread runs, which writes a file when it sees that the process waits for it."""
    import threading

    def work():
        if wait_until(lambda: in_shutdown(sys._current_frames().get(main_thread)), LIMIT):
            note(path, "done")

    main_thread = threading.get_ident()
    threading.Thread(target=work).start()


def in_shutdown(frame):
    """Whether a thread is done with its own work and stands in threading's end of the process."""
    while frame is not None and frame.f_code.co_name != "_shutdown":
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") == "threading"


@question(
    "Does a child wait for its non-daemon threads before it ends?",
    why="Otherwise work that the target hands to a thread would be lost.",
    do="Rely on it only for threads that are not daemonic. Up to Python 3.12, what such a thread puts into a Queue "
    "after the target has returned is lost if the target has put something into it: join the thread in the target.",
    source="https://github.com/python/cpython/pull/3111",
    documented={"*": "yes"},
)
def child_threads(ctx):
    path = scratch("thread")
    code = exit_code(ctx, leave_thread, path)
    if code != 0:
        raise RuntimeError("exit code %r" % code)
    if not os.path.exists(path):
        return no("the child has ended before its thread")
    os.remove(path)
    return yes()


@question(
    "Is the exit code 0 if a child is started by a thread of a ThreadPoolExecutor?",
    why="In some versions a forked child whose target succeeded ends with exit code 1: at its end it tries to join "
    "the pool's threads, and it is one of them.",
    do="Start processes from the main thread, or use forkserver or spawn.",
    source="https://docs.python.org/3.13/whatsnew/changelog.html#python-3-13-1-final",
    documented={'fork; python_full_version >= "3.13.1" and implementation_name == "cpython"': "yes"},
    asked=("exitcode 1 although the target returned", "process succeeds but exitcode is 1"),
)
def thread_pool(ctx):
    from concurrent.futures import ThreadPoolExecutor

    path = scratch("thread-pool")
    with ThreadPoolExecutor(1) as pool:
        code = pool.submit(exit_code, ctx, note, path, "done").result()
    os.remove(path)
    if code == 0:
        return yes()
    if code != 1 or "Traceback" in printed():
        raise RuntimeError("exit code %r" % code)
    return no("the target has done its work, nothing was printed, and the exit code is 1")


if __name__ == "__main__":
    main()
