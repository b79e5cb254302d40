"""What should one know who calls os.fork() oneself?"""

import os
import sys
import threading

from _os_fork import forked
from _probe import describe, main, no, question, run_script, scratch, stable, unavailable, value, yes
from _tasks import LIMIT, Waiting
from _waiting import comes

FORK = "https://docs.python.org/3/library/os.html#os.fork"
COPY = "The child of os.fork() is a copy of the program that goes on at the same line."


def script(code, **options):
    """Run code that forks; its stdout. Unavailable where there is no fork."""
    forked(lambda: "")
    ran = run_script(None, "-c", code, timeout=LIMIT, **options)
    if ran.status != 0 or ran.timed_out:
        raise RuntimeError(ran.stderr[-300:])
    return ran.stdout


def times(text, out):
    """Whether a script has printed a text, and nothing else, once or twice."""
    if out not in (text, 2 * text):
        raise RuntimeError("it printed %r" % out)
    return len(out) // len(text)


@question(
    "Do the parent's atexit callbacks run in a child of os.fork() that ends normally?",
    why=COPY
    + " It has the callbacks too, which remove temporary files and close connections that the parent still uses.",
    do="End the child with os._exit(), or use multiprocessing, which does so.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("atexit runs twice after os.fork", "os._exit or sys.exit after fork"),
)
def atexit_callbacks():
    out = script("import atexit, os; atexit.register(lambda: os.write(1, b'x')); os.fork() and os.wait()")
    return yes("the callback ran twice") if times("x", out) == 2 else no("the callback ran once")


@question(
    "Is text in the buffer of stdout (a file) printed twice after os.fork()?",
    why=COPY + " The buffer is copied too, and both processes flush it.",
    do="Call sys.stdout.flush() before os.fork(); multiprocessing does.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=(
        "Is buffered, unflushed stdout (redirected to a file) duplicated by a child under each method, with Process "
        "and with raw os.fork()?",
        "print output appears twice after fork",
    ),
)
def stdout_buffer():
    code = "import os, sys; sys.stdout.write('x'); os.fork() and os.wait()"
    out = script(code, env={"PYTHONUNBUFFERED": ""})  # unset: it has no buffer then
    return yes() if times("x", out) == 2 else no("it was printed once")


@question(
    "Does a child of os.fork() that ends normally remove its parent's TemporaryDirectory?",
    why="The child has the clean-up callback too, and removes the folder while the parent uses it.",
    do="End the child with os._exit().",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("temporary directory disappears after fork", "FileNotFoundError TemporaryDirectory multiprocessing"),
)
def temporary_directory():
    code = (
        "import os, tempfile; folder = tempfile.TemporaryDirectory(); pid = os.fork(); "
        "pid and (os.wait(), print(os.path.exists(folder.name)))"
    )
    out = script(code).split()
    if out not in (["True"], ["False"]):
        raise RuntimeError("it printed %r" % out)
    return no("it is still there") if out == ["True"] else yes("the folder is gone while the parent runs")


@question(
    "Does random.random() give a child of os.fork() the same number as its parent?",
    why="Before Python 3.7 all forked workers drew the same numbers; NumPy's legacy generator "
    "(numpy.random.rand) still does that.",
    do="Nothing for random; seed NumPy generators differently in each worker.",
    source="https://github.com/python/cpython/blob/main/Lib/random.py",
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("same random numbers in forked processes", "random state after os.fork"),
)
def random_numbers():
    import random

    random.seed(42)
    theirs = forked(lambda: str(random.random()))
    mine = str(random.random())
    return yes() if theirs == mine else no("the child has been given a new seed")


@question(
    "Do uuid.uuid4() and secrets.token_hex() give a child of os.fork() other IDs than its parent?",
    why="IDs that must be unique are often made right after a fork. The first of each after the fork are "
    "compared: both must differ.",
    do="Nothing if yes.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("uuid4 same after fork", "duplicate UUIDs in worker processes"),
)
def unique_ids():
    import secrets
    import uuid

    told = forked(lambda: "%s %s" % (uuid.uuid4(), secrets.token_hex()))
    mine = [str(uuid.uuid4()), secrets.token_hex()]
    theirs = told.split()
    if [len(text) for text in theirs] != [len(text) for text in mine]:
        raise RuntimeError("the child told %r" % stable(told))
    same = [name for name, one, other in zip(("uuid4()", "token_hex()"), mine, theirs) if one == other]
    return yes() if not same else no("%s gives the same in both" % " and ".join(same))


@question(
    "Does multiprocessing know in a child of os.fork() that it is a child?",
    why="multiprocessing.Process sets parent_process() and current_process(), not the fork itself. The answer is yes "
    "only if the one is the parent, and the other is not called MainProcess.",
    do="Compare os.getpid() with a pid noted before the fork.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("parent_process() is None in forked child", "current_process().name MainProcess after os.fork"),
)
def known_as_child():
    import multiprocessing

    def look():
        parent = multiprocessing.parent_process()
        return "%s %s" % (multiprocessing.current_process().name, parent and parent.pid)

    told = forked(look)
    if told.startswith("raised "):
        raise RuntimeError(told)
    if told == "MainProcess None":
        return no("it says it is MainProcess and has no parent")
    name, _, parent = told.partition(" ")
    if name == "MainProcess":
        return no("it says it is MainProcess, but has a parent")
    return yes() if parent == str(os.getpid()) else no("it has another name, but does not know its parent")


@question(
    "If another thread than the main one calls os.fork(), is it the child's main thread?",
    why="Signal handlers and some libraries work only in the main thread.",
    do="Nothing: the forking thread becomes the main thread of the child.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("threading.main_thread() after fork", "signal only works in main thread after fork"),
)
def main_thread():
    told = []

    def look():
        return str(threading.current_thread() is threading.main_thread())

    thread = threading.Thread(target=lambda: told.append(outcome(look)))
    thread.start()
    thread.join()
    if isinstance(told[0], Exception):
        raise told[0]
    return yes() if told[0] == "True" else no("it is not")


def outcome(look, waiting=None):
    """What forked() returns or raises."""
    try:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return forked(look, waiting)
    except Exception as error:
        return error


@question(
    "Can a forked child write to sys.stdout.buffer if another thread was writing to it?",
    why="Each buffered stream has a lock, and the child a copy of it in the state of the fork. Here stdout leads into "
    "a full pipe while the parent forks. sys.stdout.write() and print() end in the same buffer.",
    do="Do not write to a stream in one thread while another forks; or use spawn, which copies no locks.",
    source="https://github.com/python/cpython/issues/50970",
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("print deadlock after fork", "could not acquire lock for BufferedWriter at interpreter shutdown"),
)
def printing():
    reader, writer = os.pipe()
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(writer, 1)
    os.close(writer)
    thread = threading.Thread(target=fill)
    thread.start()
    got = len(os.read(reader, 1))  # the thread is in write(), with the lock of the stream
    try:
        told = outcome(write_elsewhere, comes)
        while got < FILL:
            got += len(os.read(reader, FILL))
        thread.join()
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(reader)
    if isinstance(told, Exception):
        raise told
    if told not in ("wrote", ""):
        raise RuntimeError(told)
    return yes() if told else no("the stream's lock stays taken in the child")


FILL = 300000


def fill():
    """Write more than a pipe holds."""
    sys.stdout.buffer.write(b"x" * FILL)
    sys.stdout.buffer.flush()


def write_elsewhere():
    """In the child: write to the same stream, which leads to the null device now."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.stdout.buffer.write(b"y")
    return "wrote"


@question(
    "Can a ThreadPoolExecutor of the parent run a task in a child of os.fork()?",
    why="In the child the executor has no threads, but believes that it has.",
    do="Make executors after the fork, in the child.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable", "*": "no"},
    methods=(),
    asked=("ThreadPoolExecutor hangs after fork", "executor.submit hangs in forked child"),
)
def thread_pool():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as executor:
        executor.submit(int).result(LIMIT)

        def look():
            future = executor.submit(int)
            if any(thread.is_alive() for thread in executor._threads):
                return str(future.result(LIMIT))
            return "waits"

        told = outcome(look)
    if told not in ("waits", "0"):
        raise told if isinstance(told, Exception) else RuntimeError(told)
    return yes() if told == "0" else no("the task is never run: its thread does not exist in the child")


@question(
    "Is is_alive() of the parent's other threads False in a child of os.fork()?",
    why="Code that asks thread.is_alive() can start a new thread for one that is gone.",
    do="Ask is_alive(), or compare os.getpid() with the pid noted when the thread was started.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("thread.is_alive() after fork",),
)
def dead_threads():
    with Waiting() as waiting:
        told = outcome(lambda: "%s %d" % (waiting.thread.is_alive(), threading.active_count()))
    if isinstance(told, Exception):
        raise told
    return yes("is_alive() is False, active_count() is 1") if told == "False 1" else no(told)


@question(
    "What does Popen.wait() return in a forked child for a running program of its parent?",
    why="Only the parent can wait for the program; the child must not take the result for success.",
    do="Wait where the subprocess was started.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("subprocess returncode 0 in forked process", "Popen.poll in child process"),
)
def popen_of_parent():
    import subprocess

    forked(lambda: "")
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit(7)"], stdin=subprocess.PIPE
    )
    told = forked(lambda: "%r" % process.wait())
    process.communicate()
    if process.returncode != 7:
        raise RuntimeError("it ended with %r" % process.returncode)
    return value(told, "while it still ran; it ended with 7 later")


@question(
    "Does a forked child hold its parent's flock() through the inherited file?",
    why="The lock belongs to the open file, which both have: it is released when one of them unlocks it, or both have "
    "closed it.",
    do="Open the file separately in each process that is to lock it.",
    source="https://docs.python.org/3/library/fcntl.html#fcntl.flock",
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("flock inherited by child process", "file lock not released after fork", "filelock multiprocessing fork"),
)
def file_lock():
    try:
        import fcntl
    except ImportError as error:
        return unavailable(describe(error))
    path = scratch("lock")
    with open(path, "w") as mine:
        fcntl.flock(mine, fcntl.LOCK_EX)
        told = forked(lambda: held_by_child(fcntl, mine, path))
    os.remove(path)
    if told not in ("own True, other False", "own False, other False"):
        raise RuntimeError(stable(told))
    return (
        yes("through its parent's open file it has the lock, through its own it must wait")
        if "own True" in told
        else no(told)
    )


def held_by_child(fcntl, mine, path):
    """Whether the child gets the lock through the inherited file, and through one that it opens itself."""
    got = []
    with open(path, "w") as other:
        for file in (mine, other):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                got.append(True)
            except OSError:
                got.append(False)
    return "own %s, other %s" % tuple(got)


@question(
    "Does a child of os.fork() inherit a pending signal.alarm()?",
    why="A timer that guards the parent would then end the child as well.",
    do="Set a timer in the child if it needs one.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("signal.alarm in child process", "setitimer inherited by fork"),
)
def alarm():
    import signal

    if not hasattr(signal, "alarm"):
        return unavailable("there is no signal.alarm()")
    signal.alarm(100)
    told = forked(lambda: str(signal.alarm(0)))
    mine = signal.alarm(0)
    if mine == 0:
        raise RuntimeError("the parent has no timer")
    return no("the child has no timer") if told == "0" else yes()


@question(
    "After a mere import of tkinter, can a child of os.fork() itself fork?",
    why="Some builds of Python for macOS abort in the second fork. No window is made here. Both "
    "children must end with exit code 0.",
    do="Import GUI modules after the processes are started, or use spawn.",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("Does `import tkinter; os.fork()` then a second os.fork() in the child crash, per Python distribution?",),
)
def tkinter_twice():
    forked(lambda: "")
    code = (
        "import os, sys\n"
        "try:\n    import tkinter\nexcept ImportError as error:\n"
        "    print('%s: %s' % (type(error).__name__, error)); sys.exit()\n"
        "pid = os.fork()\n"
        "if not pid:\n"
        "    pid = os.fork()\n"
        "    pid or os._exit(0)\n"
        "    os.write(1, b'second %d\\n' % os.waitpid(pid, 0)[1])\n"
        "    os._exit(0)\n"
        "print('first', os.waitpid(pid, 0)[1])\n"
    )
    ran = run_script(None, "-c", code, timeout=LIMIT)
    if "Error: " in ran.stdout:
        return unavailable(ran.stdout.strip())
    lines = [line.split() for line in ran.stdout.splitlines()]
    if ran.status != 0 or [name for name, _ in lines] not in (["second", "first"], ["first"]):
        raise RuntimeError("it printed %r: %s" % (ran.stdout, ran.stderr[-300:]))
    failed = ["the %s child ended with %s" % (name, how(int(status))) for name, status in lines if status != "0"]
    if not failed and len(lines) == 1:
        raise RuntimeError("the first child has not said what became of the second one")
    return no(", ".join(failed)) if failed else yes()


def how(status):
    """What os.waitpid() says of the end of a process, in words."""
    return "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit code %d" % os.WEXITSTATUS(status)


if __name__ == "__main__":
    main()
