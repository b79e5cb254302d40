"""What do the fork server and the other helper processes do?"""

import os

from _probe import do_nothing, main, no, processes, question, run_child, unavailable, value, wait_until, yes
from _tasks import parent_pid, report

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/forkserver.py"
NEWS = "https://docs.python.org/%s/whatsnew/changelog.html#python-%s-final"
SERVER = ("forkserver",)


def hold(connection):
    """Say hello, then stay until told to end."""
    connection.send(os.getppid())
    connection.recv()


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
    "Which child processes does a program have while one Process runs?",
    why="Process managers, containers and tests that count processes also see the helpers of multiprocessing.",
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
    "Which helper processes remain after a program's only child was joined?",
    why="They stay until the program ends: a test or a process manager that waits for all children to be gone waits "
    "in vain.",
    do="Do not wait for all child processes to disappear; wait for your own with join().",
    source=METHODS_DOC,
    documented={'spawn; sys_platform != "win32"': "tracker", "forkserver": "forkserver, tracker"},
    asked=(
        "After all multiprocessing children have been joined, does the main process still have living "
        "helper children (fork server, resource tracker) under each method?",
        "Does the fork server keep running after join()?",
        "semaphore tracker process stays alive",
        "resource tracker does not shut down",
    ),
)
def left_over(ctx):
    report(ctx, do_nothing)
    return value(kinds())


@question(
    "Do two children come from the same fork server?",
    why="Children then share what the server had loaded and set when it was started.",
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
    why="Otherwise each nested level costs one more server.",
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
    except (FileNotFoundError, ProcessLookupError):  # it may end between open() and read()
        return None


@question(
    "Does the fork server have a single thread while the program has several?",
    why="It makes forking safer: no thread of the program can hold a lock in the server. The program has three more "
    "threads here, and the server preloads nothing that starts one.",
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
    why="The kernel kills processes when memory is short, and nothing watches the server.",
    do="Nothing if yes; children of the old server keep running, but their exit codes are lost.",
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
    seen = run_child(ctx, parent_pid)
    if lost_server(seen):
        return no("the next start() raised")
    if not seen.ok or seen.returned in (first, os.getpid()):
        raise RuntimeError("no fork server made the second child: %s" % seen.why_not())
    return yes()


def lost_server(seen):
    """Whether start() failed since there was no fork server, or since it ended meanwhile."""
    return seen.stage == "start" and isinstance(seen.exception, (ConnectionError, EOFError, FileNotFoundError))


@question(
    "Does the fork server survive SIGINT (Ctrl+C)?",
    why="Ctrl+C goes to all processes of the terminal's foreground group, the helpers included. Here the signal is "
    "sent to the server alone; it has survived if it then makes another child.",
    do="Nothing if yes; handle KeyboardInterrupt in the program.",
    source="https://github.com/python/cpython/issues/74371",
    methods=SERVER,
    asked=(
        "Does the fork server survive a SIGINT sent to the process group?",
        "Ctrl+C kills the fork server",
        "ConnectionRefusedError after KeyboardInterrupt with forkserver",
    ),
)
def interrupt(ctx):
    import signal

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a program that ignores it has a server that does
    first = report(ctx, parent_pid)
    os.kill(first, signal.SIGINT)
    seen = run_child(ctx, parent_pid)
    if lost_server(seen):
        return no("it ended, and the next start() raised")
    if not seen.ok or seen.returned == os.getpid():
        raise RuntimeError("no fork server made the second child: %s" % seen.why_not())
    return yes() if first == seen.returned else no("another server had to be started")


def start_server():
    """Start one child; the pid of the fork server."""
    import multiprocessing

    ctx = multiprocessing.get_context("forkserver")
    return while_running(ctx, lambda process: processes()[process.pid][0])


@question(
    "Does the fork server end with the process that started it?",
    why="A server that stays would keep memory, ports and output files in use.",
    do="Nothing if yes; it ends when the last process that can use it has ended.",
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
    return no("it goes on when the program has ended")


@question(
    "Does the fork server challenge clients of its socket?",
    why="Before 3.14, anyone who can open its socket can run code as this user; only file permissions protect it.",
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
