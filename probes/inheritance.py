"""What does a child get from its parent without being given it?"""

import os
import sys

from _probe import main, no, question, run_child, scratch, unavailable, value, yes
from _tasks import inherited

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
GUIDE_DOC = "https://docs.python.org/3/library/multiprocessing.html#programming-guidelines"
SPAWN_SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/spawn.py"


# --- files and descriptors


def count_file(device, inode):
    """How many descriptors of this process lead to a file."""
    count = 0
    for number in range(1024):
        try:
            status = os.fstat(number)
        except OSError:
            continue
        count += (status.st_dev, status.st_ino) == (device, inode)
    return count


def _fifty(ctx, inheritable):
    path = scratch("opened")
    numbers = [os.open(path, os.O_RDWR | os.O_CREAT) for _ in range(50)]
    try:
        for number in numbers:
            os.set_inheritable(number, inheritable)
        status = os.fstat(numbers[0])
        if count_file(status.st_dev, status.st_ino) != 50:
            return unavailable("files cannot be told apart by device and inode")
        seen = run_child(ctx, count_file, status.st_dev, status.st_ino)
    finally:
        for number in numbers:
            os.close(number)
        os.remove(path)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    return value(seen.returned)


@question(
    "How many of 50 open files of the parent are open in a child?",
    why="A socket or pipe that stays open in a child never reports its end, and a deleted file keeps its disk space.",
    do="Use spawn or forkserver, or close in the child what it does not need.",
    source=METHODS_DOC,
    documented={"fork": 50, "*": 0},
    asked=("Are file descriptors inherited by multiprocessing children?", "port already in use after fork"),
    unit="descriptors",
)
def open_fds(ctx):
    return _fifty(ctx, False)


@question(
    "How many of 50 open files marked as inheritable are open in a child?",
    why="os.set_inheritable() promises them to new programs, but multiprocessing closes them on the way.",
    do="Pass a descriptor with multiprocessing.reduction.DupFd, or a socket or Connection as an argument.",
    source=METHODS_DOC,
    documented={"fork": 50, "*": 0},
    asked=("os.set_inheritable multiprocessing spawn",),
    unit="descriptors",
)
def inheritable_fds(ctx):
    return _fifty(ctx, True)


opened = None


def read_four():
    """Read on in the file that the parent has opened."""
    return os.read(opened, 4).decode("ascii")


@question(
    "Does reading in a forked child move the parent's position in an open file?",
    why="Parent and child share one open file: what one has read, the other does not see.",
    do="Open the file again in the child.",
    source="https://man7.org/linux/man-pages/man2/fork.2.html",
    documented={"fork": "yes"},
    methods=("fork",),
    asked=("two processes read the same file after fork and miss lines",),
    wanted="no",
)
def shared_offset(ctx):
    global opened
    path = scratch("shared")
    with open(path, "wb") as file:
        file.write(b"onetwo--")
    opened = os.open(path, os.O_RDONLY)
    try:
        seen = run_child(ctx, read_four)
        rest = os.read(opened, 8).decode("ascii")
    finally:
        os.close(opened)
        os.remove(path)
    if not seen.ok or seen.returned != "onet":
        raise RuntimeError(seen.error or "the child read %r" % (seen.returned,))
    return yes() if rest == "wo--" else no("the parent read %r" % rest)


pending = None


def flush_pending():
    """Flush the parent's file, if it is there."""
    if pending is not None:
        pending.flush()
    return pending is not None


@question(
    "Is buffered text of an open file written twice if a child flushes it too?",
    why="A forked child has a copy of the buffer, and writes it too when it flushes.",
    do="Flush your files before you start a process. sys.stdout and sys.stderr are flushed for you.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/popen_fork.py",
    asked=("output appears twice after fork", "log lines duplicated with multiprocessing"),
    wanted="no",
)
def buffer_twice(ctx):
    global pending
    path = scratch("pending")
    pending = open(path, "w")
    pending.write("once ")
    seen = run_child(ctx, flush_pending)
    pending.close()
    with open(path) as file:
        text = file.read()
    os.remove(path)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    if text not in ("once ", "once once "):
        raise RuntimeError("the file holds %r" % text)
    return yes() if text == "once once " else no("it was written once")


def read_stdin():
    """What sys.stdin gives here."""
    return sys.stdin.read()


def read_zero():
    """What descriptor 0 gives here."""
    return os.read(0, 4).decode("ascii", "replace")


def _with_stdin(ctx, look):
    path = scratch("typed")
    with open(path, "w") as file:
        file.write("typed")
    number = os.open(path, os.O_RDONLY)
    saved = os.dup(0)
    os.dup2(number, 0)
    try:
        return run_child(ctx, look)
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(number)
        os.remove(path)


@question(
    "Can a child read the program's input through sys.stdin?",
    why="Every child gets an empty sys.stdin, so that it does not consume the parent's input.",
    do="Read in the parent and send the text, or open descriptor 0 in the child with open(0, closefd=False).",
    source=GUIDE_DOC,
    documented={"*": "no"},
    asked=(
        "Can a child read from the inherited stdin (input() or sys.stdin.read()) under each method?",
        "EOFError: EOF when reading a line",
        "input() in a multiprocessing child",
        "pdb in a child process",
    ),
)
def stdin(ctx):
    seen = _with_stdin(ctx, read_stdin)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    if seen.returned not in ("typed", ""):
        raise RuntimeError("sys.stdin gives %r" % seen.returned)
    return yes() if seen.returned else no("sys.stdin is at its end")


@question(
    "Can a child read the program's input from file descriptor 0?",
    why="Only sys.stdin is replaced; the descriptor below it may still be the parent's.",
    do="Use open(0, closefd=False) in a child that must read, and do not read in the parent meanwhile.",
    source=GUIDE_DOC,
    asked=("read stdin in a multiprocessing child",),
)
def descriptor_zero(ctx):
    if os.name == "nt":
        return unavailable("descriptors of the C library are not handed on on Windows")
    seen = _with_stdin(ctx, read_zero)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    if seen.returned not in ("type", ""):
        raise RuntimeError("it gives %r" % seen.returned)
    return yes() if seen.returned else no("it is at its end")


def stdout_type():
    """The type of sys.stdout."""
    return type(sys.stdout).__name__


@question(
    "Does a child have the object that the parent has assigned to sys.stdout?",
    why="Captured output (pytest, notebooks, redirect_stdout) is lost in a forked child's copy, and bypassed by other "
    "children. Tested with an io.StringIO: the child looks at the type of its sys.stdout.",
    do="Send text back through a queue, or redirect the descriptor with os.dup2() before the first start.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("print in a child process does not appear in Jupyter", "redirect_stdout and multiprocessing"),
)
def replaced_stdout(ctx):
    import io

    before, sys.stdout = sys.stdout, io.StringIO()
    try:
        return inherited(ctx, "StringIO", stdout_type)
    finally:
        sys.stdout = before


# --- what multiprocessing sends along


def variable():
    """A variable that the parent set."""
    return os.environ.get("CANIFORK_VARIABLE", "")


@question(
    "Does a child see a change to os.environ made before the first start()?",
    why="Settings such as OMP_NUM_THREADS are often made at the top of a program.",
    do="Set variables before the first start; the fork server does not see later changes.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("os.environ in child process", "environment variable not visible in multiprocessing child"),
)
def environment(ctx):
    os.environ["CANIFORK_VARIABLE"] = "set"
    return inherited(ctx, "set", variable)


def working_folder():
    """The working folder."""
    return os.path.realpath(os.getcwd())


@question(
    "Does a child start in the folder to which the parent changed before the first start()?",
    why="Relative file names depend on it.",
    do="Nothing if yes.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("os.chdir() and multiprocessing",),
)
def folder(ctx):
    before = os.getcwd()
    top = scratch("folder")
    os.mkdir(top)
    os.chdir(top)
    try:
        return inherited(ctx, working_folder(), working_folder)
    finally:
        os.chdir(before)
        os.rmdir(top)


@question(
    "Can a process be started when the working folder has been deleted?",
    why="Build and test programs may remove their folders while the program still runs.",
    do="Change to a folder that exists before you start a process.",
    source=SPAWN_SOURCE,
    asked=("FileNotFoundError: [Errno 2] No such file or directory in os.getcwd() in Process.start()",),
)
def deleted_folder(ctx):
    before = os.getcwd()
    top = scratch("gone")
    os.mkdir(top)
    os.chdir(top)
    try:
        try:
            os.rmdir(top)
        except OSError:
            return unavailable("the working folder cannot be deleted here")
        seen = run_child(ctx, variable)
    finally:
        os.chdir(before)
        if os.path.exists(top):
            os.rmdir(top)
    if seen.ok:
        return yes()
    if seen.stage == "start" and isinstance(seen.exception, FileNotFoundError):
        return no(seen.error)
    raise RuntimeError(seen.why_not())


def arguments():
    """sys.argv without the program's name."""
    return sys.argv[1:]


@question(
    "Does a child see the parent's changed sys.argv?",
    why="Programs that parse their arguments in each process rely on it. The change is made before the first start().",
    do="Nothing if yes.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("sys.argv in child process",),
)
def argv(ctx):
    sys.argv[1:] = ["changed", "too"]
    return inherited(ctx, ["changed", "too"], arguments)


def on_path(name):
    """Whether sys.path has an entry."""
    return name in sys.path


@question(
    "Does a child see an entry that the parent added to sys.path?",
    why="Without it the child could not import what the parent can. The entry is added before the first start().",
    do="Nothing if yes.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("ModuleNotFoundError in child process",),
)
def path(ctx):
    sys.path.append(scratch("added"))
    return inherited(ctx, True, on_path, scratch("added"))


def key():
    """The authentication key as text."""
    import multiprocessing

    return bytes(multiprocessing.current_process().authkey).hex()


@question(
    "Does a child have the authkey that its parent set before the first start()?",
    why="Listeners, clients and managers of one program must share it.",
    do="Nothing if yes; programs that are started separately must be given the key.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.authkey",
    documented={"*": "yes"},
    asked=("multiprocessing.context.AuthenticationError: digest sent was rejected",),
)
def authkey(ctx):
    import multiprocessing

    multiprocessing.current_process().authkey = b"changed"
    seen = run_child(ctx, key)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    return yes() if seen.returned == b"changed".hex() else no("the child has another key")


def parents():
    """The parent's pid, as the system and as multiprocessing say."""
    import multiprocessing

    return [os.getppid(), multiprocessing.parent_process().pid]


@question(
    "Is os.getppid() in a child the pid of the process that called start()?",
    why="Otherwise children that watch os.getppid() watch the fork server, and never see the program end.",
    do="Use multiprocessing.parent_process().pid, or wait for parent_process().sentinel.",
    source=METHODS_DOC,
    documented={'forkserver; sys_platform != "win32"': "no", "*": "yes"},
    asked=(
        "Is os.getppid() in the child equal to the main process's PID, and equal to "
        "multiprocessing.parent_process().pid?",
        "os.getppid() in a forkserver child",
    ),
)
def parent_pid(ctx):
    seen = run_child(ctx, parents)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    if seen.returned[1] != os.getpid():
        raise RuntimeError("parent_process().pid is not this process")
    return yes() if seen.returned[0] == os.getpid() else no("it is another process; parent_process().pid is right")


if __name__ == "__main__":
    main()
