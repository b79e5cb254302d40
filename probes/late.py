"""Do children see what the parent changes after it has started its first process?"""

import os
import sys

from _probe import Unavailable, describe, main, no, question, raise_unexpected, run_child, scratch, unavailable, yes
from _tasks import report

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
LATE = (
    "The fork server keeps what the process had when it was started, which is at the first start() under this "
    "method; its children are copies of it."
)
FIRST = "Make the change before the first process is started, or in the child."


def nothing():
    """The child that starts the fork server."""
    return True


def late(ctx, change, look, *args):
    """Answer whether a child has what change() returns, which is made after a first child was started.

    look(*args): what a child has; it must differ before and after the change.
    """
    before = look(*args)
    report(ctx, nothing)
    after = change()
    if before == after:
        raise RuntimeError("nothing has changed: %r" % (before,))
    seen = run_child(ctx, look, *args)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    if seen.returned == after:
        return yes()
    if seen.returned != before:
        raise RuntimeError("the child has %r, neither %r nor %r" % (seen.returned, before, after))
    return no("the child has what was there before")


def affinity():
    """On which processors this process may run."""
    return sorted(os.sched_getaffinity(0))


@question(
    "Does a child have a CPU affinity that the parent set after the first start()?",
    why=LATE,
    do="Call os.sched_setaffinity() in the child too.",
    source="https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html",
    documented={"fork": "yes", 'spawn; sys_platform == "linux"': "yes"},
    asked=("sched_setaffinity has no effect on forkserver children", "CPU pinning of multiprocessing workers"),
)
def late_affinity(ctx):
    if not hasattr(os, "sched_setaffinity"):
        raise Unavailable("there is no os.sched_setaffinity() here")
    allowed = affinity()
    if len(allowed) < 2:
        return unavailable("there is only one processor")

    def change():
        os.sched_setaffinity(0, allowed[:1])
        return allowed[:1]

    return late(ctx, change, affinity)


def niceness():
    """This process's priority."""
    return os.nice(0)


@question(
    "Does a child have a nice value that the parent set after the first start()?",
    why=LATE,
    do="Call os.nice() in the child too.",
    source="https://man7.org/linux/man-pages/man2/getpriority.2.html",
    documented={"fork": "yes", 'spawn; sys_platform == "linux"': "yes"},
    asked=("os.nice multiprocessing forkserver",),
)
def late_nice(ctx):
    if not hasattr(os, "nice"):
        raise Unavailable("there is no os.nice() here")
    if os.nice(0) > 17:
        return unavailable("the priority is the lowest already")
    return late(ctx, lambda: os.nice(2), niceness)


def limit():
    """How many bytes a core file may have."""
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE)[0]


@question(
    "Does a child have an RLIMIT_CORE that the parent set after the first start()?",
    why=LATE + " The limits of memory and open files are not tested.",
    do="Call resource.setrlimit() in the child too.",
    source="https://man7.org/linux/man-pages/man2/getrlimit.2.html",
    documented={"fork": "yes", 'spawn; sys_platform == "linux"': "yes"},
    asked=("resource.setrlimit in multiprocessing children", "ulimit in forkserver child"),
)
def late_limit(ctx):
    try:
        import resource
    except ImportError as error:
        raise Unavailable(describe(error)) from error
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    chosen = 4096 if hard == resource.RLIM_INFINITY or hard >= 4096 else hard
    if limit() == chosen:
        chosen = 0
    if limit() == chosen:
        return unavailable("no core files are allowed")

    def change():
        resource.setrlimit(resource.RLIMIT_CORE, (chosen, hard))
        return chosen

    return late(ctx, change, limit)


def blocked():
    """Whether SIGUSR1 is blocked."""
    import signal

    return signal.SIGUSR1 in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@question(
    "Is a signal (SIGUSR1) that the parent blocked after the first start() blocked in a child?",
    why=LATE,
    do=FIRST,
    source="https://man7.org/linux/man-pages/man2/sigprocmask.2.html",
    documented={"fork": "yes", 'spawn; sys_platform == "linux"': "yes"},
    asked=("pthread_sigmask multiprocessing forkserver",),
)
def late_signal_mask(ctx):
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        return unavailable("no signal masks here")

    def change():
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        return True

    return late(ctx, change, blocked)


def send_group(connection):
    """Tell the process group."""
    connection.send(os.getpgrp())


def regroup(method):
    """In a child, which unlike the probe itself leads no session: its group at first, then, and its child's."""
    import multiprocessing

    ctx = multiprocessing.get_context(method)
    mine, its = ctx.Pipe()
    groups = [os.getpgrp()]
    for _ in range(2):
        process = ctx.Process(target=send_group, args=(its,))
        process.start()
        process.join()
        groups[1:] = [os.getpgrp(), mine.recv()]
        os.setpgid(0, 0)
    return groups


@question(
    "Is a child in the process group to which the parent changed after the first start()?",
    why=LATE + " Ctrl+C and kill of the group then miss the children.",
    do="Call os.setpgrp() or os.setsid() before the first process is started.",
    source="https://man7.org/linux/man-pages/man2/setpgid.2.html",
    documented={"fork": "yes", 'spawn; sys_platform == "linux"': "yes"},
    asked=("os.setpgrp multiprocessing", "killpg does not kill forkserver children"),
)
def late_group(ctx):
    if not hasattr(os, "setpgid"):
        raise Unavailable("there are no process groups here")
    before, after, seen = report(ctx, regroup, ctx.get_start_method())
    if before == after or seen not in (before, after):
        raise RuntimeError("the groups are %r" % [before, after, seen])
    return yes() if seen == after else no("the child has what was there before")


def folder_with(name):
    """A new folder with one empty file."""
    folder = scratch("folder")
    os.mkdir(folder)
    open(os.path.join(folder, name), "w").close()
    return folder


def imports(name):
    """Whether a module is found that lies in a folder of PYTHONPATH."""
    try:
        __import__(name)
    except ImportError:
        return False
    return True


@question(
    "Does a child find modules in a folder that the parent put into os.environ['PYTHONPATH'] while it ran?",
    why="An interpreter reads PYTHONPATH when it starts. The parent's own sys.path does not change with it, and "
    "children get the parent's. The change is made before the first start() here.",
    do="Add the folder to sys.path, which children get.",
    source="https://docs.python.org/3/using/cmdline.html#envvar-PYTHONPATH",
    asked=("os.environ['PYTHONPATH'] at run time", "ModuleNotFoundError in child although PYTHONPATH is set"),
)
def late_pythonpath(ctx):
    import shutil

    name = "only_by_pythonpath"
    folder = folder_with(name + ".py")
    os.environ["PYTHONPATH"] = folder
    seen = run_child(ctx, imports, name)
    shutil.rmtree(folder)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    return yes() if seen.returned else no("the child does not find its modules")


def arguments():
    """What the program was called with."""
    return sys.argv[1:]


@question(
    "Does a child see a change that the parent made to sys.argv after the first start()?",
    why="A forked child is a copy of its parent; to any other child, the parent sends sys.argv with start().",
    do="Nothing if yes; pass settings as arguments of the target all the same.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("sys.argv in child process",),
)
def late_argv(ctx):
    def change():
        sys.argv[1:] = ["late"]
        return ["late"]

    return late(ctx, change, arguments)


def key():
    """The process's authkey, as a text."""
    import multiprocessing

    return bytes(multiprocessing.current_process().authkey).decode("latin-1")


@question(
    "Does a child have an authkey that the parent set after the first start()?",
    why="A forked child is a copy of its parent; to any other child, the parent sends the key with start().",
    do="Nothing if yes; set it early, so that all processes have the same.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.authkey",
    documented={"*": "yes"},
    asked=("set current_process().authkey",),
)
def late_authkey(ctx):
    import multiprocessing

    def change():
        multiprocessing.current_process().authkey = b"a late key"
        return "a late key"

    return late(ctx, change, key)


def zone():
    """The local time zone's name."""
    import time

    if hasattr(time, "tzset"):
        time.tzset()
    return time.tzname[0]


@question(
    "Does a child that calls time.tzset() have the TZ that the parent set after the first start()?",
    why=LATE + " TZ is a variable of the environment.",
    do="Set TZ and call time.tzset() in the child, or use datetime with a zone of its own.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("time zone in worker processes", "os.environ['TZ'] multiprocessing"),
)
def late_time_zone(ctx):
    import time

    if not hasattr(time, "tzset"):
        return unavailable("there is no time.tzset()")

    def change():
        os.environ["TZ"] = "LATE-3"
        time.tzset()
        return "LATE"

    return late(ctx, change, zone)


def loaded():
    """Whether a module is loaded that nothing else needs."""
    return "this_is_preloaded" in sys.modules


@question(
    "Does set_forkserver_preload() have an effect after the first start()?",
    why="The server imports its modules when it starts, and it starts once.",
    do="Call set_forkserver_preload() at the beginning of the program, under the main guard.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_forkserver_preload",
    documented={"*": "no"},
    methods=("forkserver",),
    asked=("set_forkserver_preload has no effect",),
)
def late_preload(ctx):
    import shutil

    folder = folder_with("this_is_preloaded.py")
    sys.path.insert(0, folder)
    os.environ["PYTHONPATH"] = folder  # by one of the two every version finds the module

    def change():
        ctx.set_forkserver_preload(["this_is_preloaded"])
        return True

    try:
        return late(ctx, change, loaded)
    finally:
        shutil.rmtree(folder)


@question(
    "Does a child have the user ID to which the parent changed (seteuid) after the first start()?",
    why="Servers start as root and then give up their rights. The fork server keeps them: its children are root still, "
    "or it cannot be reached any more, since its socket belongs to root.",
    do="Give up rights before the first process is started.",
    source="https://man7.org/linux/man-pages/man7/credentials.7.html",
    documented={"fork": "yes"},
    methods=("fork", "forkserver"),  # the interpreter itself may be where another user cannot read it
    asked=("multiprocessing after setuid", "drop privileges and forkserver", "PermissionError in Process.start()"),
)
def late_user(ctx):
    if not hasattr(os, "seteuid") or os.geteuid() != 0:
        return unavailable("only root can do so")
    report(ctx, nothing)
    process = ctx.Process(target=tell_user)
    try:
        os.seteuid(NOBODY)
    except OSError as error:
        raise Unavailable(describe(error)) from error
    try:
        process.start()
    except PermissionError as error:
        return no("start() raises %s: the server's socket belongs to root" % type(error).__name__)
    finally:
        os.seteuid(0)
    process.join()
    if process.exitcode not in (AS_ROOT, AS_NOBODY):
        raise RuntimeError("exit code %r" % process.exitcode)
    return yes() if process.exitcode == AS_NOBODY else no("the child is root")


NOBODY = 65534
AS_ROOT, AS_NOBODY = 40, 41  # exit codes: files of the probe's folder are not for other users


def tell_user():
    """The child: its exit code tells who it is."""
    os._exit({0: AS_ROOT, NOBODY: AS_NOBODY}.get(os.geteuid(), 42))


@question(
    "Is a child in the root folder to which the parent changed (chroot) after the first start()?",
    why="Builders of images and packages run steps in another root. The fork server stays outside, and under its "
    "socket's path there is nothing; a spawned child would need an interpreter inside.",
    do="Use the start method fork for what must run in another root, or call os.chroot() in the child.",
    source="https://man7.org/linux/man-pages/man2/chroot.2.html",
    documented={"fork": "yes"},
    asked=("os.chroot multiprocessing Python 3.14", "FileNotFoundError forkserver after chroot"),
)
def late_root(ctx):
    if not hasattr(os, "chroot"):
        raise Unavailable("there is no os.chroot() here")
    import shutil

    report(ctx, nothing)
    folder = folder_with("inside")
    try:
        return started_inside(ctx, folder)
    finally:
        shutil.rmtree(folder)


def started_inside(ctx, folder):
    """Whether a child is in the root folder to which this process changes for its start()."""
    process = ctx.Process(target=tell_root)
    outside = os.open(os.sep, os.O_RDONLY)
    before = os.getcwd()
    try:
        os.chroot(folder)
    except OSError as error:
        raise Unavailable(describe(error)) from error
    failed = None
    try:
        os.chdir(os.sep)
        process.start()
    except OSError as error:
        failed = error
    finally:
        os.fchdir(outside)
        os.chroot(os.curdir)
        os.chdir(before)
        os.close(outside)
    if isinstance(failed, BrokenPipeError):  # a spawned child that is gone already
        return no("the child cannot start there")
    if failed:
        if not isinstance(failed, (FileNotFoundError, ConnectionError)):
            raise failed
        return no("start() raises " + type(failed).__name__)
    process.join()
    if process.exitcode in (1, 127, 255):  # a spawned child that found no interpreter, or not its library
        return no("the child cannot start there")
    if process.exitcode not in (40, 41):
        raise RuntimeError("exit code %r" % process.exitcode)
    return yes() if process.exitcode == 40 else no("it is in the old one")


def tell_root():
    """The child: its exit code tells where it is."""
    os._exit(40 if os.path.exists(os.sep + "inside") else 41)


if __name__ == "__main__":
    main()
