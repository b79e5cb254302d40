"""Can a process be started while threads run, and who warns?"""

import os
import sys
import threading

from _probe import (
    main,
    no,
    passing,
    question,
    raise_unexpected,
    run_child,
    run_script,
    scratch,
    stable,
    unavailable,
    yes,
)
from _tasks import Waiting, double, report

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
FORK_DOC = "https://docs.python.org/3/library/os.html#os.fork"
FORKPTY_DOC = "https://docs.python.org/3/library/os.html#os.forkpty"
WARNING = (
    "DeprecationWarning: This process (pid=…) is multi-threaded, use of fork() may lead to deadlocks in the child.",
)
THREADS = "A forked child has only the thread that called fork(), but all the locks that other threads held."


asked, answered = threading.Lock(), threading.Lock()


def answer_when_asked():
    """The thread: it lets go of one lock when it gets the other."""
    asked.acquire()
    answered.release()


def answers():
    """Whether the thread answers, in the process that calls this."""
    import _thread

    try:
        asked.release()
    except (RuntimeError, _thread.error):
        return False  # nobody has taken it: this module was imported anew, and has no such thread
    return answered.acquire(timeout=0.3)


@question(
    "Can a process be started while another, idle thread runs?",
    why=THREADS,
    do="It works as long as the child needs no lock that was held; with spawn and forkserver there is no such danger.",
    source=METHODS_DOC,
    asked=("fork with threads", "Is it safe to use multiprocessing with threads?"),
)
def running(ctx):
    with Waiting() as other:
        seen = run_child(ctx, double, 21)
        if not other.thread.is_alive():
            raise RuntimeError("the other thread has ended")
    if seen.ok and seen.returned == 42:
        return yes()
    if isinstance(seen.exception, RuntimeError):  # as Python refuses what threads make unsafe
        return no(seen.error)
    return raise_unexpected(ctx, seen)


@question(
    "Do the parent's other threads run in the child?",
    why="Objects that rely on a thread of their own (queues, loggers, connection pools) stop working in a forked "
    "child. Tested with one thread that waits for a lock: the child releases it, and gives the thread 0.3 seconds to "
    "answer.",
    do="Start the threads that a child needs in the child.",
    source=FORK_DOC,
    documented={"*": "no"},
    asked=("threads after fork", "background thread missing in child process"),
    wanted="either",
)
def go_on(ctx):
    asked.acquire()
    answered.acquire()
    thread = threading.Thread(target=answer_when_asked)
    thread.start()
    told = report(ctx, answers)
    if not answers():
        raise RuntimeError("the thread does not even answer here")
    thread.join()
    return yes() if told else no("no thread of the child answers")


@question(
    "Can a process be started from another thread than the main one?",
    why="Servers and GUIs start their processes from worker threads. The answer is yes only if the target runs in "
    "the main thread of the child.",
    do="It works; under fork that thread becomes the main thread of the child.",
    source=METHODS_DOC,
    asked=("start multiprocessing.Process from a thread",),
)
def from_thread(ctx):
    from _calls import Call

    seen = Call(lambda: run_child(ctx, run_in, os.getpid())).result()
    if seen.ok and seen.returned is True:
        return yes()
    if isinstance(seen.exception, RuntimeError):  # as Python refuses what threads make unsafe
        return no(seen.error)
    return raise_unexpected(ctx, seen)


def run_in(parent):
    """Whether this is another process, whose main thread runs this."""
    return os.getpid() != parent and threading.current_thread() is threading.main_thread()


def warnings_of(act):
    """The texts of the DeprecationWarnings about threads that act() gives."""
    import re
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        act()
    found = [
        row for row in caught if issubclass(row.category, DeprecationWarning) and "multi-threaded" in str(row.message)
    ]
    return [re.sub(r"pid=\d+", "pid=N", stable(str(row.message))) for row in found]


def warned(texts):
    """The answer for a list of warnings."""
    return yes("DeprecationWarning: " + texts[0]) if texts else no("no such warning")


@question(
    "Does start() warn if another thread runs?",
    why="The danger is old; Python warns of it since 3.12.",
    do="Use spawn or forkserver, or start the processes before the threads.",
    source=FORK_DOC,
    documented={'fork; python_version >= "3.12"': "yes", "*": "no"},
    asked=WARNING,
    wanted="no",
)
def warning(ctx):
    with Waiting():
        return warned(warnings_of(lambda: report(ctx, double, 21)))


def _forked(fork):
    """Fork, end the child at once, and wait for it."""

    def act():
        answer = fork()
        pid = answer[0] if isinstance(answer, tuple) else answer
        if pid == 0:
            os._exit(0)
        if isinstance(answer, tuple):
            os.close(answer[1])
        os.waitpid(pid, 0)

    return act


def _warned_by(name):
    fork = getattr(os, name, None)
    if fork is None:
        return unavailable("no os.%s here" % name)
    try:
        with Waiting():
            return warned(warnings_of(_forked(fork)))
    except (OSError, RuntimeError) as error:
        if passing(error) or (isinstance(error, RuntimeError) and sys.platform not in ("emscripten", "wasi")):
            raise  # in WebAssembly, RuntimeError says that there are no threads
        return unavailable(stable("%s: %s" % (type(error).__name__, error)))


@question(
    "Does os.fork() warn if another thread runs?",
    why="Code that forks by itself is in the same danger as multiprocessing.",
    do="Use subprocess or a spawn context; fork before you start threads.",
    source=FORK_DOC,
    documented={'sys_platform == "win32"': "unavailable", 'python_version >= "3.12"': "yes", "*": "no"},
    methods=(),
    asked=WARNING,
    wanted="no",
)
def os_fork_warning():
    return _warned_by("fork")


@question(
    "Does os.forkpty() warn if another thread runs?",
    why="pty.fork() and pty.spawn() use it, and so do programs that control a terminal.",
    do="Call it before you start threads, or run the program with subprocess and a pty from os.openpty().",
    source=FORKPTY_DOC,
    documented={'sys_platform == "win32"': "unavailable", 'python_version >= "3.12"': "yes", "*": "no"},
    methods=(),
    asked=(
        "Do pty.fork()/os.forkpty() in a multi-threaded process emit the same DeprecationWarning as os.fork()?",
        "DeprecationWarning: This process is multi-threaded, use of forkpty() may lead to deadlocks in the child.",
    ),
    wanted="no",
)
def forkpty_warning():
    return _warned_by("forkpty")


@question(
    "Does a second Pool warn about threads because of those of the first?",
    why="A Pool has three threads in the parent: what is forked later is forked from a multi-threaded process.",
    do="Use spawn or forkserver, or one Pool for everything.",
    source=FORK_DOC,
    documented={'fork; python_version >= "3.12"': "yes", "*": "no"},
    asked=WARNING,
    wanted="no",
)
def second_pool_warning(ctx):
    with ctx.Pool(1) as first:
        if first.apply(double, (21,)) != 42:
            raise RuntimeError("the first pool does not work")

        def act():
            with ctx.Pool(1) as second:
                second.apply(double, (21,))

        return warned(warnings_of(act))


def _script(ctx, *flags):
    path = scratch("report")
    changes = {"CANIFORK_METHOD": ctx.get_start_method(), "CANIFORK_REPORT": path}
    open(path, "w").close()
    script = run_script("threads_threaded.py", flags=list(flags), env=changes)
    with open(path) as file:
        lines = file.read().split()
    os.remove(path)
    if script.status != 0 or lines != ["child"]:
        raise RuntimeError("status %r, report %r: %s" % (script.status, lines, script.stderr[-500:]))
    return script


@question(
    "Is the warning about threads shown if a script is run without options?",
    why="DeprecationWarnings are hidden unless the main script itself causes them, so that few people see this one.",
    do="Run the program with -X dev or -W always, but not with -W error, which hid this warning before Python 3.15.",
    source="https://docs.python.org/3/library/warnings.html#default-warning-filter",
    asked=WARNING,
    wanted="either",
)
def warning_shown(ctx):
    script = _script(ctx)
    return yes() if "multi-threaded" in script.stderr else no("nothing is shown")


@question(
    "Does start() raise if another thread runs and -W error::DeprecationWarning is given?",
    why="Before Python 3.15 the warning is lost under -W error. Where start() raises, the child runs nevertheless.",
    do="Look for the warning with -W always. Where start() raises, use spawn or forkserver, or exempt the warning.",
    source=FORK_DOC,
    asked=("DeprecationWarning raised in Process.start() under pytest -W error",),
    wanted="no",
)
def warning_as_error(ctx):
    said = _script(ctx, "-W", "error::DeprecationWarning").stdout.split()
    if said == ["started"]:
        return no("the process starts as usual")
    if said == ["raised", "DeprecationWarning"]:
        return yes("DeprecationWarning, but the child runs")
    raise RuntimeError("it said %r" % said)


if __name__ == "__main__":
    main()
