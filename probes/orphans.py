"""What becomes of processes whose parent is killed?"""

import os

from _probe import describe, main, no, processes, question, unavailable, wait_until, yes
from _tasks import LIMIT, note

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."


def outlive(folder, watch):
    """The grandchild: say hello, and when the parent has been killed, that it goes on."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    note(os.path.join(folder, "hello"), str(os.getpid()))
    try:
        if not wait_until(lambda: os.path.exists(os.path.join(folder, "killed")), LIMIT):
            raise RuntimeError("the parent was not killed")
        if watch:
            parent.join(1)
        note(os.path.join(folder, "alive"), str(parent.is_alive()))
    except BaseException as error:  # who is killed with the parent says nothing; any other end is told
        note(os.path.join(folder, "failed"), describe(error))
        raise


def stay(method, folder, daemon, watch, siblings):
    """The child that will be killed: it starts the grandchild."""
    import multiprocessing
    import tempfile

    tempfile.tempdir = folder  # who is killed cannot remove what multiprocessing keeps there
    ctx = multiprocessing.get_context(method)
    process = ctx.Process(target=outlive, args=(folder, watch), daemon=daemon)
    process.start()
    others = [ctx.Process(target=accompany, args=(folder,)) for _ in range(siblings)]
    for other in others:
        other.start()
    note(os.path.join(folder, "started"), " ".join(str(other.pid) for other in others))
    process.join()


def accompany(folder):
    """A sibling that lives until the grandchild has said its last."""
    wait_until(lambda: not os.path.exists(folder) or os.path.exists(os.path.join(folder, "alive")), LIMIT)


def kill_parent(ctx, daemon=False, watch=False, siblings=0):
    """Kill a process that has a child; what the child then says of its parent, or 'gone' if it has ended too."""
    import shutil
    import tempfile

    folder = tempfile.mkdtemp()
    texts = {}

    def said(name):
        try:
            with open(os.path.join(folder, name)) as file:
                texts[name] = file.read()
        except (FileNotFoundError, PermissionError):  # Windows lets nobody open a file that is being put in place
            return False
        return True

    process = ctx.Process(target=stay, args=(ctx.get_start_method(), folder, daemon, watch, siblings))
    process.start()
    try:
        if not wait_until(lambda: said("started") and said("hello"), LIMIT):
            raise RuntimeError("there is no grandchild")
        pids = {int(pid) for pid in (texts["hello"] + " " + texts["started"]).split()}
        process.kill()
        process.join()
        note(os.path.join(folder, "killed"), "")
        ended = os.name != "nt" and (lambda: int(texts["hello"]) not in processes())
        wait_until(lambda: said("alive") or (ended and ended() and not said("alive")), LIMIT)
        if "alive" not in texts:
            if ended and ended() and not said("failed"):
                return "gone"
            raise RuntimeError("the grandchild says %r" % texts.get("failed", ""))
        if ended:
            wait_until(lambda: not pids & set(processes()))
        return texts["alive"]
    finally:
        process.kill()
        process.join()
        shutil.rmtree(folder, ignore_errors=True)


@question(
    "Does a child keep running after its parent was killed with kill()?",
    why="Only a parent that ends normally joins or terminates its children; a killed one can do neither.",
    do="Let long-running children watch multiprocessing.parent_process(), or run everything in a container or "
    "process group that is ended as a whole.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/util.py",
    asked=(
        "orphaned multiprocessing processes",
        "child processes keep running after parent is killed",
        "zombie workers",
    ),
    wanted="either",
)
def child(ctx):
    return no("it ended too") if kill_parent(ctx) == "gone" else yes()


@question(
    "Does a daemonic child keep running after its parent was killed with kill()?",
    why="daemon=True only says what the parent does at a normal exit; a killed parent does nothing.",
    do="Let a thread of the child watch multiprocessing.parent_process() and end the child when the parent has ended.",
    source=REFERENCE + "Process.daemon",
    asked=("daemon process not killed when parent dies", "daemon=True but the process survives kill -9"),
    wanted="either",
)
def daemonic_child(ctx):
    return no("it ended too") if kill_parent(ctx, daemon=True) == "gone" else yes()


def judge_watch(said):
    """The answer from what the orphan says of its parent."""
    if said not in ("True", "False"):
        raise RuntimeError(said)
    return yes() if said == "False" else no("parent_process().is_alive() is True one second after the parent's end")


@question(
    "Does a child learn within 1 s from parent_process() that its parent was killed?",
    why="It is the portable way for a child to notice that it has become an orphan.",
    do="Wait for multiprocessing.parent_process().sentinel along with your other work, or call its join() in a thread.",
    source=REFERENCE + "parent_process",
    asked=("How can a child process know that its parent has died?",),
)
def parent_end(ctx):
    return judge_watch(kill_parent(ctx, watch=True))


@question(
    "Does parent_process() tell within 1 s that the parent was killed, if a younger sibling runs?",
    why="The child waits for the parent's end of a pipe to close, and a sibling forked later has a copy of that end.",
    do="Under fork, compare os.getppid() with parent_process().pid from time to time.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/popen_fork.py",
    asked=("parent_process().is_alive() returns True after the parent has died",),
)
def parent_end_with_sibling(ctx):
    return judge_watch(kill_parent(ctx, watch=True, siblings=1))


def use_after(method, folder):
    """The process that will be killed: it has a manager and stays."""
    import multiprocessing
    import tempfile

    # Who is killed cannot remove what multiprocessing keeps there.
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    manager = multiprocessing.get_context(method).Manager()
    note(os.path.join(folder, "manager"), "%d\n%s" % (manager._process.pid, manager.address))
    wait_until(lambda: False, LIMIT)


def serves(address):
    """Whether a manager answers at this address."""
    from multiprocessing.managers import BaseManager

    try:
        BaseManager(address=address).connect()
    except (ConnectionError, FileNotFoundError, EOFError):
        return False
    return True


@question(
    "Does a Manager's process end within 1 s after the process that made it was killed?",
    why="A manager serves whoever connects and does not watch its creator, so that it can be left behind for good.",
    do="End managers with shutdown() or a with statement; run programs that may be killed in a container or "
    "process group that is ended as a whole.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Manager",
    asked=("leftover manager process after kill", "multiprocessing manager orphan process"),
)
def manager(ctx):
    import shutil
    import signal
    import tempfile

    if os.name == "nt":
        return unavailable("no list of processes here")
    processes()
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "manager")
    process = ctx.Process(target=use_after, args=(ctx.get_start_method(), folder))
    process.start()
    try:
        if not wait_until(lambda: os.path.exists(path), LIMIT):
            raise RuntimeError("there is no manager")
        with open(path) as file:
            pid, address = file.read().split("\n")
        process.kill()
        process.join()
        ended = wait_until(lambda: int(pid) not in processes(), 1)
        answers = serves(address)
        if not ended:
            os.kill(int(pid), signal.SIGKILL)
            wait_until(lambda: int(pid) not in processes())
    finally:
        process.kill()
        process.join()
        shutil.rmtree(folder, ignore_errors=True)
    if ended == answers:
        raise RuntimeError("ended: %r, answers: %r" % (ended, answers))
    return yes() if ended else no("it answers its clients as before")


if __name__ == "__main__":
    main()
