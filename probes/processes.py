"""What is a process called, what is left of it, and what does it leave to others?"""

import os
import sys

from _probe import (
    Unavailable,
    do_nothing,
    main,
    no,
    processes,
    question,
    raise_unexpected,
    run_child,
    scratch,
    value,
    wait_until,
    yes,
)
from _scripts import launch
from _tasks import LIMIT, note, pid, report, wait_for

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
GUIDELINES = "https://docs.python.org/3/library/multiprocessing.html#programming-guidelines"


def own_name():
    """The name that the child knows itself by."""
    import multiprocessing

    return multiprocessing.current_process().name


@question(
    "What is the default name of the first process that a program starts?",
    why="The name is in log records (processName) and error messages; code that looks for 'Process-1' finds "
    "another name under each start method.",
    do="Pass name=… to Process.",
    source=REFERENCE + "Process.name",
    documented={"*": "Process-1"},
    asked=("SpawnProcess-1 ForkProcess-1 ForkServerProcess-1", "default name of a multiprocessing process"),
    wanted="either",
)
def default_name(ctx):
    return value(report(ctx, own_name))


def siblings():
    """The names of the processes that this one calls its children."""
    import multiprocessing

    return [process.name for process in multiprocessing.active_children()]


@question(
    "Does multiprocessing.active_children() in a child list the child's siblings?",
    why="A process knows, and can wait for, only its own children.",
    do="Let the parent watch them, or pass their pids.",
    source=REFERENCE + "active_children",
    documented={"*": "no"},
    asked=("active_children() in a child process", "list sibling processes"),
    wanted="either",
)
def sibling_listed(ctx):
    end = scratch("end")
    sibling = ctx.Process(target=wait_for, args=(end,), name="sibling")
    sibling.start()
    try:
        listed = report(ctx, siblings)
    finally:
        note(end, "")
        sibling.join()
        os.remove(end)
    if listed not in ([], ["sibling"]):
        raise RuntimeError("it lists %r" % listed)
    return yes() if listed else no("it lists none")


def exists(number):
    """Whether there is a process of this number, be it a zombie."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def ended(ctx):
    """A process that has ended and that nobody has joined; and whether it is a zombie of this program."""
    if not hasattr(os, "waitid"):
        raise Unavailable("os has no waitid()")
    process = ctx.Process(target=do_nothing)
    process.start()
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it looks, and leaves it as it is
    except ChildProcessError:
        return process, False
    return process, exists(process.pid)


@question(
    "Is an ended child a zombie until it is joined?",
    why="A long-running program that starts children and never joins them fills the process table ('defunct'). "
    "Under forkserver the children are the fork server's, which waits for each of them.",
    do="Call join() or is_alive() of each child, or from time to time active_children(), which reaps all that have "
    "ended and returns those that run.",
    source=GUIDELINES,
    documented={'sys_platform != "win32"': "yes"},
    asked=("defunct python processes multiprocessing", "zombie processes if not joined"),
    wanted="no",
)
def zombie(ctx):
    process, left = ended(ctx)
    if not left and not wait_until(lambda: not exists(process.pid)):
        raise RuntimeError("it is no child of ours, and still there")
    process.join()
    return yes() if left else no("it was gone before it was joined")


@question(
    "Does the next start() reap a child that has ended (a zombie)?",
    why="A program that starts children one after another then has at most one zombie.",
    do="Nothing if yes; call multiprocessing.active_children() to reap the last one.",
    source=GUIDELINES,
    documented={"*": "yes"},
    methods=("fork", "spawn"),
    asked=("Are zombie processes joined automatically?", "active_children joins finished processes"),
)
def cleared_at_next_start(ctx):
    process, left = ended(ctx)
    if not left:
        raise RuntimeError("there is no zombie")
    ctx.Process(target=do_nothing).start()
    return no("it is still there") if exists(process.pid) else yes()


def wait_and_note(gate, path):
    """Go on when told to, and say so."""
    wait_for(gate)
    note(path, str(os.getpid()))


@question(
    "Does a child go on if the program keeps no reference to its Process object?",
    why="multiprocessing itself keeps a reference to every running child, so that the object is not collected.",
    do="Keep the object if you want to join the child or read its exit code.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/process.py",
    asked=(
        "Does a child keep running when the parent drops its Process object?",
        "Process object garbage collected while running",
        "del process multiprocessing",
    ),
)
def dropped(ctx):
    import gc
    import multiprocessing

    gate, path = scratch("gate"), scratch("noted")
    ctx.Process(target=wait_and_note, args=(gate, path)).start()
    gc.collect()
    note(gate, "")
    said = wait_until(lambda: os.path.exists(path), LIMIT)
    left = multiprocessing.active_children()
    for process in left:
        process.join()
    os.remove(gate)
    if said:
        os.remove(path)
    return yes() if said else no("it has ended")


def stand_by(folder):
    """The grandchild: it says that it is there, and, when its parent has been ended, that it goes on."""
    note(os.path.join(folder, "here"), str(os.getpid()))
    wait_for(os.path.join(folder, "ended"))
    note(os.path.join(folder, "alive"), "")


def employ(method, folder):
    """The child that will be ended by terminate(): it has a daemonic child of its own."""
    import multiprocessing
    import tempfile

    tempfile.tempdir = folder  # who is ended so cannot remove what multiprocessing keeps there
    process = multiprocessing.get_context(method).Process(target=stand_by, args=(folder,), daemon=True)
    process.start()
    process.join()


@question(
    "Is a daemonic child ended when terminate() ends its parent?",
    why="SIGTERM ends the parent at once: nothing runs that would end or join its children. kill, systemd, "
    "Docker and Kubernetes send SIGTERM too.",
    do="Install a handler that exits, signal.signal(SIGTERM, lambda *_: sys.exit()), or signal the whole "
    "process group.",
    source=REFERENCE + "Process.terminate",
    documented={"*": "no"},
    asked=(
        "Does terminate() of a child also end its own children (grandchildren)?",
        "multiprocessing child alive after SIGTERM on parent",
        "docker stop leaves child processes",
    ),
)
def terminated_parent(ctx):
    import shutil
    import tempfile

    folder = tempfile.mkdtemp()
    here, alive = os.path.join(folder, "here"), os.path.join(folder, "alive")
    process = ctx.Process(target=employ, args=(ctx.get_start_method(), folder))
    process.start()
    try:
        if not wait_until(lambda: os.path.exists(here), LIMIT):
            raise RuntimeError("there is no grandchild")
        process.terminate()
        process.join()
        with open(here) as file:
            number = int(file.read())
        note(os.path.join(folder, "ended"), "")
        gone = (lambda: False) if os.name == "nt" else lambda: number not in processes()
        wait_until(lambda: os.path.exists(alive) or gone(), LIMIT)
        goes_on = os.path.exists(alive)
        if not goes_on and not gone():
            raise RuntimeError("the grandchild says nothing")
        if os.name != "nt":
            wait_until(gone)
    finally:
        process.kill()
        process.join()
        shutil.rmtree(folder, ignore_errors=True)
    return no("it goes on") if goes_on else yes()


@question(
    "Is a TemporaryDirectory of the parent removed when a child ends?",
    why="A forked child has the object too, but multiprocessing ends the child with os._exit(), which removes nothing.",
    do="Nothing if no. If you call os.fork() yourself, end the child with os._exit().",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    asked=("TemporaryDirectory deleted by child process", "weakref.finalize atexit in forked child"),
    wanted="no",
)
def temporary_directory(ctx):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        if report(ctx, os.path.isdir, folder) is not True:
            raise RuntimeError("the child does not see it")
        return no("it is still there") if os.path.isdir(folder) else yes()


class Noisy:
    """An object that notes in a file when it is deleted."""

    def __init__(self, path):
        self.path = path

    def __del__(self):
        with open(self.path, "a") as file:
            file.write("%d\n" % os.getpid())


@question(
    "Is __del__() of an object of the parent called when a forked child ends?",
    why="The child has a copy of every object and ends without destroying them; only what it drops itself is deleted.",
    do="Do not rely on __del__ in children; close things in the target.",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    methods=("fork",),
    asked=("destructor not called in forked child", "__del__ multiprocessing fork"),
    wanted="either",
)
def deleted_at_end(ctx):
    path = scratch("deleted")
    noisy = Noisy(path)
    seen = run_child(ctx, pid)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    del noisy
    import gc

    gc.collect()
    with open(path) as file:
        numbers = [int(line) for line in file]
    os.remove(path)
    if set(numbers) - {os.getpid(), seen.returned} or os.getpid() not in numbers:
        raise RuntimeError("it was called in %r" % numbers)
    return yes() if seen.returned in numbers else no("the child has ended without it")


def open_descriptors():
    """How many file descriptors are open here."""
    count = 0
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        count += 1
    return count


@question(
    "How many file descriptors does a Process hold after join(), before close()?",
    why="They stay open until the object is closed or garbage collected: a program that keeps all its Process "
    "objects runs out of descriptors.",
    do="Call process.close() after join(), or drop the object.",
    source=REFERENCE + "Process.close",
    asked=("OSError: [Errno 24] Too many open files multiprocessing", "multiprocessing leaks file descriptors"),
    unit="descriptors",
    wanted="either",
)
def descriptors(ctx):
    if os.name == "nt":
        raise Unavailable("processes have handles here, not descriptors")
    first = ctx.Process(target=do_nothing)  # what serves all processes is opened with the first
    first.start()
    first.join()
    first.close()
    before = open_descriptors()
    process = ctx.Process(target=do_nothing)
    process.start()
    process.join()
    kept = open_descriptors() - before
    process.close()
    left = open_descriptors() - before
    if left:
        raise RuntimeError("%d are open after close()" % left)
    return value(kept)


@question(
    "Does sitecustomize run again in each child?",
    why="sitecustomize, usercustomize and .pth files start what every interpreter should run: coverage, tracing "
    "agents, import hooks. A forked child has what its parent, or the fork server, got from them.",
    do="If the answer is no, start such tools again in the target, or with os.register_at_fork().",
    source="https://docs.python.org/3/library/site.html",
    asked=("coverage in multiprocessing children .pth", "sitecustomize not executed in child process"),
    wanted="either",
)
def site_again(ctx):
    import shutil
    import tempfile

    folder = tempfile.mkdtemp()
    noted = os.path.join(folder, "noted")
    try:
        with open(os.path.join(folder, "sitecustomize.py"), "w") as file:
            file.write("import os\nopen(%r, 'a').write('%%d\\n' %% os.getpid())\n" % noted)
        script, lines = launch(ctx, "processes_site.py", env={"PYTHONPATH": folder})
        with open(noted) as file:
            ran = file.read().split()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if script.status != 0 or len(lines) != 2 or lines[0] not in ran:
        raise RuntimeError("%r, %r: %s" % (lines, ran, script.error))
    return yes() if lines[1] in ran else no("the child has what another process has from it")


def debug():
    """Stop in the debugger, and go on; the name of the exception where it finds no input."""
    sys.stdout = sys.stderr  # where the debugger writes, which is no answer
    try:
        breakpoint()  # noqa: T100  it is what the question is about
        went_on = True
    except BaseException as error:  # BdbQuit, and SystemExit from 3.14 on
        return type(error).__name__
    return went_on


@question(
    "Does breakpoint() in a child read commands from the parent's standard input?",
    why="multiprocessing gives children an empty standard input: the debugger reaches its end at once.",
    do="Open the terminal in the child before the breakpoint, sys.stdin = open('/dev/tty'), or call the target "
    "without a process while debugging.",
    source="https://docs.python.org/3/library/multiprocessing.html#all-start-methods",
    asked=("bdb.BdbQuit in multiprocessing", "pdb in a child process", "breakpoint() multiprocessing EOFError"),
)
def debugger(ctx):
    reader, writer = os.pipe()
    os.write(writer, b"continue\ncontinue\n")
    os.close(writer)
    os.dup2(reader, 0)
    sys.stdin = open(0, closefd=False)
    seen = run_child(ctx, debug)
    if seen.ok and seen.returned in ("BdbQuit", "SystemExit"):
        return no("%s: it finds the end of its input" % seen.returned)
    if not (seen.ok and seen.returned is True):
        raise_unexpected(ctx, seen)
    return yes()


if __name__ == "__main__":
    main()
