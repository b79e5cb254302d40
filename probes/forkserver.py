"""What do the fork server and the other helper processes do?"""

import os
import sys

from _probe import (
    asset,
    main,
    method_of,
    no,
    origin,
    printed,
    processes,
    question,
    run_child,
    scratch,
    unavailable,
    value,
    wait_until,
    yes,
)

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
PRELOAD_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_forkserver_preload"
SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/forkserver.py"
NEWS = "https://docs.python.org/%s/whatsnew/changelog.html#python-%s-final"
SERVER = ("forkserver",)


def hold(connection):
    """Say hello, then stay until told to end."""
    connection.send(os.getppid())
    connection.recv()


def parent_pid():
    """The pid of this process's parent."""
    return os.getppid()


def report(ctx, function, *args):
    """What function(*args) returns in a child."""
    seen = run_child(ctx, function, *args)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    return seen.returned


def kinds(child=None):
    """The kinds of this process's children, as a text; once none of them is on its way to another program."""
    wait_until(lambda: "another" not in kinds_now(child))
    return kinds_now(child)


def kinds_now(child):
    """The kinds as they are seen now."""
    found = []
    for pid, (parent, command) in processes().items():
        if parent != os.getpid():
            continue
        if "resource_tracker" in command:
            found.append("tracker")
        elif "multiprocessing.forkserver" in command:
            found.append("forkserver")
        elif "--multiprocessing-fork" in command:
            found.append("spawn child")
        elif pid == child:
            found.append("forked child")
        else:
            found.append("another")
    return ", ".join(sorted(found)) or "none"


def while_running(ctx, look):
    """look(process) while one child runs; then let the child end."""
    here, there = ctx.Pipe()
    process = ctx.Process(target=hold, args=(there,))
    process.start()
    try:
        here.recv()
        return look(process)
    finally:
        here.send("end")
        process.join()
        here.close()
        there.close()


@question(
    "Which processes does a program have as children while one Process runs?",
    why="Process managers, containers and tests that count processes see the helpers of multiprocessing too.",
    do="Ignore processes with multiprocessing.forkserver or multiprocessing.resource_tracker in their command line.",
    source=METHODS_DOC,
    documented={
        "fork": "forked child",
        'spawn; sys_platform != "win32"': "spawn child, tracker",
        "forkserver": "forkserver, tracker",
    },
    asked=("What is the resource_tracker process?", "Why are there extra python processes with multiprocessing?"),
)
def helpers(ctx):
    return value(while_running(ctx, lambda process: kinds(process.pid)))


@question(
    "Which helper processes are left after all children have been joined?",
    why="They stay until the program ends, and hold its standard output open.",
    do="Do not wait for all children to vanish; wait for your own with join().",
    source=METHODS_DOC,
    asked=("Does the fork server keep running after join()?", "semaphore tracker process stays alive"),
)
def left_over(ctx):
    report(ctx, folder)
    return value(kinds())


@question(
    "Does one fork server start all children of a program?",
    why="All children then share what the server had loaded and set when it was started.",
    do="Load what all children need with set_forkserver_preload(), before the first start.",
    source=METHODS_DOC,
    documented={"*": "yes"},
    methods=SERVER,
    asked=("How many fork servers are there?",),
)
def one_server(ctx):
    first, second = report(ctx, parent_pid), report(ctx, parent_pid)
    if first == os.getpid() or second == os.getpid():
        return no("the program itself is the parent of the children")
    return yes() if first == second else no("two children have different parents")


@question(
    "Does a child's own child come from the same fork server?",
    why="Nested processes can cost one more server each.",
    do="Start all processes from the main program where you can.",
    source=SOURCE,
    methods=SERVER,
    wanted="either",
)
def nested_server(ctx):
    outer, inner, child = report(ctx, nested)
    if inner in (child, os.getpid()):
        raise RuntimeError("the grandchild was not made by a fork server")
    return yes() if outer == inner else no("the child started a server of its own")


def nested():
    """The parents of this process and of a child of its own, and this process."""
    import multiprocessing

    ctx = multiprocessing.get_context("forkserver")
    here, there = ctx.Pipe()
    process = ctx.Process(target=hold, args=(there,))
    process.start()
    inner = here.recv()
    here.send("end")
    process.join()
    return [os.getppid(), inner, os.getpid()]


def threads_of(pid):
    """How many threads a process has."""
    try:
        with open("/proc/%d/status" % pid) as file:
            return [int(line.split()[1]) for line in file if line.startswith("Threads:")][0]
    except FileNotFoundError:
        return None


@question(
    "Has the fork server a single thread while the program has several?",
    why="It is what makes forking safe: a lock cannot be held by a thread that the child does not have.",
    do="Do not preload modules that start threads when they are imported.",
    source=METHODS_DOC,
    documented={"*": "yes"},
    methods=SERVER,
    asked=("Is forkserver safe with threads?",),
)
def single_thread(ctx):
    import threading

    alone = threads_of(os.getpid())  # 1, but an emulator may have one of its own
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        server = report(ctx, parent_pid)
        mine, its = threads_of(os.getpid()), threads_of(server)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if its is None:
        return unavailable("no /proc/PID/status here")
    if mine < alone + 3:
        raise RuntimeError("this process shows %r threads" % mine)
    return yes(threads=its) if its == alone else no("it has %d threads" % its)


@question(
    "Is a fork server that was killed replaced at the next start?",
    why="The kernel kills a process when memory is short, and the server is one that nobody watches.",
    do="Nothing if yes; children of the old server go on, but their exit code is lost.",
    source="https://github.com/python/cpython/issues/75489",
    documented={"*": "yes"},
    methods=SERVER,
    asked=("fork server killed by the OOM killer",),
)
def replaced(ctx):
    import signal

    first = report(ctx, parent_pid)
    os.kill(first, signal.SIGKILL)
    if not wait_until(lambda: first not in processes()):
        raise RuntimeError("the server did not die")
    second = report(ctx, parent_pid)
    if second in (first, os.getpid()):
        raise RuntimeError("no fork server made the second child")
    return yes()


@question(
    "Does the fork server survive an interrupt (SIGINT, Ctrl+C)?",
    why="Ctrl+C goes to every process of the terminal, also to the helpers.",
    do="Nothing if yes; handle KeyboardInterrupt in the program.",
    source="https://github.com/python/cpython/issues/74371",
    methods=SERVER,
    asked=("Ctrl+C kills the fork server", "ConnectionRefusedError after KeyboardInterrupt with forkserver"),
)
def interrupt(ctx):
    import signal

    first = report(ctx, parent_pid)
    os.kill(first, signal.SIGINT)
    second = report(ctx, parent_pid)
    if second == os.getpid():
        raise RuntimeError("no fork server made the second child")
    return yes() if first == second else no("another server had to be started")


def start_server():
    """Start one child; the pid of the fork server."""
    import multiprocessing

    ctx = multiprocessing.get_context("forkserver")
    return while_running(ctx, lambda process: processes()[process.pid][0])


@question(
    "Does the fork server end when the program ends?",
    why="A server that stays would keep memory, ports and output files in use.",
    do="Nothing if yes; it ends when the last process that could ask it is gone.",
    source=SOURCE,
    methods=SERVER,
    asked=("orphaned forkserver process",),
)
def ends_with_program(ctx):
    import multiprocessing
    import signal

    server = report(multiprocessing.get_context("spawn"), start_server)
    if wait_until(lambda: server not in processes()):
        return yes()
    os.kill(server, signal.SIGKILL)
    return no("it was still there after 10 seconds")


def loaded(name):
    """Whether a module is loaded already."""
    return name in sys.modules


@question(
    "Is a module named in set_forkserver_preload() loaded in the children from the start?",
    why="What the server has imported costs the children nothing.",
    do="Call set_forkserver_preload([...]) before the first start, and keep '__main__' in the list.",
    source=PRELOAD_DOC,
    documented={"*": "yes"},
    methods=SERVER,
    asked=("set_forkserver_preload has no effect",),
)
def preload(ctx):
    import multiprocessing

    if report(multiprocessing.get_context("spawn"), loaded, "colorsys"):
        raise RuntimeError("the module is loaded without a preload too")
    ctx.set_forkserver_preload(["colorsys"])
    return yes() if report(ctx, loaded, "colorsys") else no("the module was not loaded in the child")


def imported_in():
    """The process in which the asset module was imported."""
    import forkserver_preloaded

    return [forkserver_preloaded.PID, os.getpid(), os.getppid()]


@question(
    "Can a module be preloaded that is found only through the program's sys.path, as one next to the script?",
    why="Where this fails nothing is said: each child imports the module again.",
    do="Use Python 3.13.1 or later, or install the module, or put its folder into PYTHONPATH.",
    source=NEWS % ("3.13", "3-13-1"),
    documented={'python_full_version >= "3.13.1"': "yes"},
    methods=SERVER,
    asked=("set_forkserver_preload does not work for my own module",),
)
def preload_own(ctx):
    sys.path.insert(0, os.path.dirname(asset("")))
    os.chdir(scratch())  # the server looks in its working folder too
    ctx.set_forkserver_preload(["forkserver_preloaded"])
    where, child, server = report(ctx, imported_in)
    if where not in (child, server):
        raise RuntimeError("imported in neither the child nor the server")
    return yes() if where == server else no("the child imported it again")


@question(
    "Does a process start when set_forkserver_preload() names a module that does not exist?",
    why="A typing error in the list is silent, and the hoped-for speed is missing.",
    do="Check the names in the program itself with importlib.util.find_spec(); from 3.15 use on_error='fail'.",
    source=PRELOAD_DOC,
    documented={"*": "yes"},
    methods=SERVER,
    asked=("set_forkserver_preload ImportError",),
)
def preload_missing(ctx):
    ctx.set_forkserver_preload(["no_module_of_this_name"])
    seen = run_child(ctx, origin)
    if seen.ok and method_of(seen.returned) == "forkserver":
        return yes()
    if seen.stage == "start" and isinstance(seen.exception, (ConnectionError, EOFError)) and _names_the_module():
        return no("start() raises, since the server ended", raised=seen.error)
    raise RuntimeError(seen.why_not())


def _names_the_module():
    """Whether the missing module is named in what the fork server has printed."""
    return wait_until(lambda: "no_module_of_this_name" in printed())


@question(
    "Can a failed preload be made an error with set_forkserver_preload(…, on_error='fail')?",
    why="Otherwise nobody learns that a module could not be preloaded.",
    do="With Python 3.14 and older, import the modules once in the program itself.",
    source=PRELOAD_DOC,
    documented={'python_version >= "3.15"': "yes"},
    methods=SERVER,
    asked=("TypeError: set_forkserver_preload() got an unexpected keyword argument 'on_error'",),
)
def preload_on_error(ctx):
    names = ["no_module_of_this_name"]
    try:
        ctx.set_forkserver_preload(names, on_error="fail")
    except TypeError as error:
        if "on_error" not in str(error):
            raise
        return no("TypeError: unexpected keyword argument 'on_error'")
    seen = run_child(ctx, parent_pid)
    if seen.stage == "start" and isinstance(seen.exception, (ConnectionError, EOFError)) and _names_the_module():
        return yes("start() raises, since the server ended", raised=seen.error)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    return no("the process started all the same")


def environment():
    """A variable that the parent set, or ''."""
    return os.environ.get("CANIFORK_LATE", "")


def mask():
    """This process's umask."""
    before = os.umask(0)
    os.umask(before)
    return before


def folder():
    """The working folder."""
    return os.path.realpath(os.getcwd())


def path_has(name):
    """Whether sys.path has this entry."""
    return name in sys.path


LATE = "The fork server keeps what it had when the first process was started, and gives that to all children."


@question(
    "Does a child see a change of os.environ made after the first process was started?",
    why=LATE,
    do="Set environment variables before the first start, or pass them as arguments and set them in the child.",
    source=SOURCE,
    asked=("os.environ change not visible in child process", "CUDA_VISIBLE_DEVICES ignored in forkserver worker"),
)
def late_environment(ctx):
    report(ctx, folder)
    os.environ["CANIFORK_LATE"] = "set"
    seen = report(ctx, environment)
    return yes() if seen == "set" else no("the child saw %r" % seen)


@question(
    "Does a child have an os.umask() that was set after the first process was started?",
    why=LATE,
    do="Set it before the first start, or in the child.",
    source=SOURCE,
    asked=("umask in child process",),
)
def late_umask(ctx):
    if os.name == "nt":
        return unavailable("Windows has no such mask")
    before = report(ctx, mask)
    os.umask(0o026 if before == 0o027 else 0o027)
    seen, mine = report(ctx, mask), mask()
    if seen not in (mine, before):
        raise RuntimeError("the child has the mask %o" % seen)
    return yes() if seen == mine else no("the child has the mask of before")


@question(
    "Does a child follow an os.chdir() made after the first process was started?",
    why="The working folder is sent to each child by itself, unlike the environment.",
    do="Nothing if yes.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/spawn.py",
    asked=("os.chdir() and multiprocessing",),
)
def late_folder(ctx):
    report(ctx, folder)
    top = scratch("elsewhere")
    before = os.getcwd()
    os.mkdir(top)
    os.chdir(top)
    try:
        seen = report(ctx, folder)
        return yes() if seen == folder() else no("the child was in another folder")
    finally:
        os.chdir(before)
        os.rmdir(top)


@question(
    "Does a child see an entry added to sys.path after the first process was started?",
    why="Plugins are found that way; sys.path is sent to each child by itself, unlike the environment.",
    do="Nothing if yes.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/spawn.py",
    asked=("ModuleNotFoundError in child process after sys.path.append()",),
)
def late_path(ctx):
    report(ctx, folder)
    sys.path.append(scratch("plugins"))
    return yes() if report(ctx, path_has, scratch("plugins")) else no("sys.path has no such entry in the child")


@question(
    "Does the fork server ask for a proof of identity before it starts a process?",
    why="Before 3.14 whoever can open its socket can run code as this user; only file permissions protect it.",
    do="Keep the temporary folder private, or use Python 3.14 or later.",
    source="https://docs.python.org/3/whatsnew/3.14.html#multiprocessing",
    documented={'python_version >= "3.14"': "yes"},
    methods=SERVER,
    asked=("Is the forkserver control socket secure?",),
)
def authentication(ctx):
    import socket
    from multiprocessing.forkserver import _forkserver

    report(ctx, parent_pid)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(_forkserver._forkserver_address)
        has_key = hasattr(_forkserver, "_forkserver_authkey")  # then it will send something, be it late
        client.settimeout(10 if has_key else 1)
        try:
            data = client.recv(4096)
        except socket.timeout:
            if has_key:
                raise RuntimeError("it has a key and sent nothing")
            return no("it sent nothing within a second")
        # a proof that the challenge comes from multiprocessing and is no error text
        return yes() if b"#CHALLENGE#" in data else no("it sent something else", data=repr(data))


@question(
    "Where does the fork server listen?",
    why="It needs a writable temporary folder, and other users must not reach it.",
    do="Keep TMPDIR short, writable and private.",
    source=NEWS % ("3.11", "3-11-0"),
    methods=SERVER,
    asked=("forkserver socket abstract namespace", "CVE-2022-42919"),
)
def socket_place(ctx):
    import stat
    from multiprocessing.forkserver import _forkserver

    report(ctx, parent_pid)
    address = _forkserver._forkserver_address
    if os.fsencode(address)[:1] == b"\0":
        return value("an abstract socket")
    return value("a file with mode %o" % stat.S_IMODE(os.stat(address).st_mode))


if __name__ == "__main__":
    main()
