"""Which start methods are there, and do they start a process?"""

import os
import sys

from _probe import (
    METHODS,
    describe,
    do_nothing,
    main,
    method_of,
    no,
    origin,
    passing,
    printed,
    question,
    raise_if_unavailable,
    run_child,
    scratch,
    unavailable,
    value,
    yes,
)
from _tasks import double

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
ALL_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_all_start_methods"
CONTEXT_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_context"
EXECUTABLE_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_executable"
NEWS = "https://docs.python.org/%s/whatsnew/changelog.html#python-%s-final"
# The documentation's availability note names these as platforms where the module does not work.
NOWHERE = 'sys_platform == "emscripten" or sys_platform == "wasi" or sys_platform == "android" or sys_platform == "ios"'


@question(
    "Can a process actually be started with this start method?",
    why="A method can be listed and still start nothing, as in WebAssembly; only a child that reports back proves it.",
    do="Where the answer is not yes, choose another method with get_context(), or use threads.",
    source=METHODS_DOC,
    documented={
        NOWHERE: "unavailable",
        'fork; sys_platform == "win32"': "unavailable",
        'forkserver; sys_platform == "win32"': "unavailable",
        "*": "yes",
    },
    asked=(
        "Can I fork?",
        "ValueError: cannot find context for 'fork'",
        "ModuleNotFoundError: No module named '_multiprocessing'",
        "OSError: [Errno 52] Function not implemented",
        "Does multiprocessing work in Pyodide, on Windows, on macOS?",
    ),
)
def starts(ctx):
    seen = run_child(ctx, origin)
    if seen.ok and method_of(seen.returned) == ctx.get_start_method():
        return yes(exitcode=seen.exitcode)
    if seen.stage == "start" and not passing(seen.exception):
        return unavailable(seen.why_not())
    raise RuntimeError("%s; returned %r" % (seen.why_not(), seen.returned))


@question(
    "Does get_all_start_methods() list this start method?",
    why="Programs choose their method from this list, but a listed method may still be unable to start a process.",
    do="Use the list to see what a platform may offer; call get_context(name) and start a child to be sure.",
    source=ALL_DOC,
    documented={
        'fork; sys_platform == "win32"': "unavailable",
        'forkserver; sys_platform == "win32"': "unavailable",
        "*": "yes",
    },
    asked=("What start methods does multiprocessing support on my platform?",),
)
def listed(ctx):
    import multiprocessing

    names = multiprocessing.get_all_start_methods()
    name = ctx.get_start_method()
    return yes(names=names) if name in names else no("the list is %s" % ",".join(names))


@question(
    "Does get_context(name) return a context for this start method?",
    why="A context lets a library choose its method without changing it for the whole program.",
    do="Write ctx = multiprocessing.get_context(name), and use ctx.Process, ctx.Queue and ctx.Lock together.",
    source=CONTEXT_DOC,
    documented={
        'fork; sys_platform == "win32"': "unavailable",
        'forkserver; sys_platform == "win32"': "unavailable",
        "*": "yes",
    },
    asked=("ValueError: cannot find context for 'fork'", "ValueError: forkserver start method not available"),
)
def context(ctx):
    name = ctx.get_start_method()
    wanted = sys.argv[sys.argv.index("--method") + 1] if "--method" in sys.argv else METHODS[0]
    if name != wanted or not callable(ctx.Process):
        return no("get_context(%r) names %r" % (wanted, name))
    return yes(type=type(ctx).__name__)


@question(
    "In which order does get_all_start_methods() list the start methods?",
    why="The first name is the platform's default, and the order changed in Python 3.14.",
    do="Do not index into the list; ask get_start_method(allow_none=True), or name the method that you want.",
    source=ALL_DOC,
    documented={'sys_platform == "win32"': "spawn"},
    methods=(),
    asked=("get_all_start_methods() returns fork, spawn, forkserver",),
)
def list_order():
    import multiprocessing

    return value(",".join(multiprocessing.get_all_start_methods()))


@question(
    "Is the first name in get_all_start_methods() the default start method?",
    why="Code that takes get_all_start_methods()[0] relies on it.",
    do="Ask get_start_method() for the default instead.",
    source=ALL_DOC,
    documented={"*": "yes"},
    methods=(),
    wanted="either",
)
def default_first():
    import multiprocessing

    first = multiprocessing.get_all_start_methods()[0]
    default = multiprocessing.get_start_method()
    return yes(first=first) if first == default else no("the list begins with %s, the default is %s" % (first, default))


def _refused(call, *args):
    """yes if the call raises ValueError."""
    try:
        result = call(*args)
    except ValueError as error:
        return yes(describe(error))
    return no("it returned %s" % type(result).__name__)


@question(
    "Does get_context(name) return the same object twice?",
    why="A context that one module patches is then patched for every module that uses the method.",
    do="Treat a context as shared by the whole program; do not patch it.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/context.py",
    wanted="either",
)
def same_context(ctx):
    import multiprocessing

    again = multiprocessing.get_context(ctx.get_start_method())
    return yes() if again is ctx else no("the second call gave another object")


def start_all(names):
    """Start one grandchild with each method; give back the exit codes, or how a start was refused."""
    import multiprocessing

    return [run_child_here(multiprocessing.get_context(name)) for name in names]


def run_child_here(ctx):
    """The exit code of a child of this process; without run_child, whose output file is the probe's."""
    process = ctx.Process(target=do_nothing)
    try:
        process.start()
    except AssertionError as error:  # what Process says to daemons
        return describe(error)
    process.join()
    return process.exitcode


@question(
    "Can a child started with this method start children with every listed method?",
    why="Libraries start processes from inside workers, with a method of their own choice.",
    do="Nothing if yes. The child must not be daemonic: daemonic processes may not have children.",
    source=METHODS_DOC,
    asked=("Can a subprocess start another subprocess with multiprocessing?",),
)
def grandchildren(ctx):
    import multiprocessing

    names = sorted(multiprocessing.get_all_start_methods())
    seen = run_child(ctx, start_all, names)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    refused = [how for how in seen.returned if isinstance(how, str)]
    if refused:
        return no(refused[0], results=seen.returned)
    if any(seen.returned):
        raise RuntimeError("exit codes of the grandchildren: %s" % seen.returned)
    return yes(worked=names)


@question(
    "Can a program use this method and spawn (for spawn: fork) side by side?",
    why="An application may rely on fork while a library wants spawn. Three children are started in turn: this "
    "method, the other, this method.",
    do="Use one context for each purpose, and never pass a lock or queue of one context to a process of another.",
    source=METHODS_DOC,
    documented={"*": "yes"},
    asked=("Can I use spawn and fork in the same program?",),
)
def side_by_side(ctx):
    import multiprocessing

    if os.name == "nt":
        return unavailable("there is only one start method")
    other = multiprocessing.get_context("spawn" if ctx.get_start_method() != "spawn" else "fork")
    answers = [run_child(context, origin) for context in (ctx, other, ctx)]
    failed = [seen.why_not() for seen in answers if not seen.ok]
    if failed:
        raise RuntimeError(failed[0])
    names = [method_of(seen.returned) for seen in answers]
    wanted = [context.get_start_method() for context in (ctx, other, ctx)]
    return yes(children=names) if names == wanted else no("the children came by %s" % ", ".join(names))


@question(
    "Can a process start if set_executable() names a program that does not exist?",
    why="spawn and forkserver run a new interpreter and must know where it is; an embedded Python may not know.",
    do="Call multiprocessing.set_executable() with the path of a real Python before the first start.",
    source=EXECUTABLE_DOC,
    asked=("embedded Python: multiprocessing starts my application again", "FileNotFoundError in Process.start()"),
    wanted="either",
)
def missing_executable(ctx):
    import multiprocessing

    multiprocessing.set_executable(scratch("no-python-here"))
    seen = run_child(ctx, double, 21)
    if seen.ok and seen.returned == 42:
        return yes()
    multiprocessing.set_executable(sys.executable)
    raise_if_unavailable(ctx, seen)
    raw = {"stage": seen.stage, "error": seen.error, "exitcode": seen.exitcode}
    # Windows says that there is no such file; elsewhere the new process, or the fork server, merely ends
    if seen.stage == "start" and isinstance(seen.exception, (FileNotFoundError, ConnectionError, EOFError)):
        return no("no interpreter could be run", **raw)
    if seen.stage == "child" and seen.exitcode in (255, 127):
        return no("no interpreter could be run", **raw)
    raise RuntimeError(seen.why_not())


@question(
    "Can a process be started when sys.argv holds 300 kB?",
    why="The fork server of some releases fails with command lines of hundreds of kilobytes.",
    do="Update Python (3.13.12 and 3.14.3 were affected), or shorten sys.argv before the first start.",
    source=NEWS % ("3.14", "3-14-4"),
    documented={
        'forkserver; python_full_version == "3.13.12" or python_full_version == "3.14.3"': "no",
        'forkserver; python_full_version >= "3.14.4"': "yes",
        'forkserver; python_version == "3.13" and python_full_version >= "3.13.13"': "yes",
    },
    asked=("BrokenPipeError: [Errno 32] Broken pipe in Process.start() with forkserver",),
)
def long_argv(ctx):
    words, before = ["x" * 1000] * 300, sys.argv[1:]
    sys.argv[1:] = words
    seen = run_child(ctx, arguments_count)
    if seen.ok and seen.returned == 1000 * len(words):
        return yes()
    sys.argv[1:] = before
    raise_if_unavailable(ctx, seen)
    if seen.stage == "start" and isinstance(seen.exception, (ConnectionError, EOFError)):
        return no("start() raised because the connection to the fork server broke", raised=seen.error)
    raise RuntimeError(seen.why_not())


def arguments_count():
    """The number of characters in sys.argv[1:]."""
    return sum(len(word) for word in sys.argv[1:])


@question(
    "Can a process start if the temporary folder's path is over 120 characters long?",
    why="The fork server's Unix socket is a file in the temporary folder, and its path is limited to about 100 "
    "characters.",
    do="Set TMPDIR to a short path such as /tmp, or use Python 3.13.6 or later.",
    source=NEWS % ("3.13", "3-13-6"),
    documented={'forkserver; python_full_version >= "3.13.6"': "yes"},
    asked=("OSError: AF_UNIX path too long", "TMPDIR too long forkserver"),
)
def long_tempdir(ctx):
    seen = in_long_folder(lambda: run_child(ctx, double, 21))
    if seen.ok and seen.returned == 42:
        return yes()
    if seen.stage == "start" and isinstance(seen.exception, OSError) and "AF_UNIX" in seen.error:
        return no(seen.error)
    raise RuntimeError(seen.why_not())


def in_long_folder(call):
    """What call() returns while the temporary folder, here and in new children, has a path of over 120 characters."""
    import shutil
    import tempfile

    top, names = scratch("long"), ("TEMP", "TMP") if os.name == "nt" else ("TMPDIR",)
    saved = {name: os.environ.get(name) for name in names}
    tempfile.tempdir = os.path.join(top, "a" * 60, "b" * 60)
    os.makedirs(tempfile.tempdir)
    os.environ.update(dict.fromkeys(names, tempfile.tempdir))
    try:
        return call()
    finally:
        for name, before in saved.items():
            os.environ.pop(name) if before is None else os.environ.update({name: before})
        tempfile.tempdir = os.path.dirname(top)
        shutil.rmtree(top)


@question(
    "Can a Manager start if the temporary folder's path is over 120 characters long?",
    why="On POSIX a Manager listens on a Unix socket in the temporary folder under every start method, and the path "
    "of a socket is limited to about 100 characters.",
    do="Set TMPDIR to a short path such as /tmp, use Python 3.13.6 or later, or give the manager an address: "
    "SyncManager(('localhost', 0)). The last does not help under forkserver, whose server has such a socket too.",
    source=NEWS % ("3.13", "3-13-6"),  # it names get_temp_dir() and forkserver, not managers
    asked=("OSError: AF_UNIX path too long", "EOFError in multiprocessing.Manager() TMPDIR too long"),
)
def manager_long_tempdir(ctx):
    def use():
        with ctx.Manager() as manager:
            return manager.list([42])[0]

    try:
        item = in_long_folder(use)
    except (EOFError, OSError) as error:  # in the manager's process, or in the fork server's parent
        if "AF_UNIX path too long" not in printed() + describe(error):
            raise
        return no("OSError: AF_UNIX path too long", raised=describe(error))
    if item != 42:
        raise RuntimeError("the manager's list holds %r" % item)
    return yes()


@question(
    "Can a Process be started when tempfile finds no usable folder (simulated)?",
    why="Read-only containers have none, and the fork server needs a socket file there. Only the parent's "
    "tempfile.gettempdir() fails here; sandboxes.process_in_readonly_tmp makes the folders read-only. A Manager needs "
    "one even under fork.",
    do="Mount a small writable /tmp, set TMPDIR to a writable folder, or use spawn.",
    source="https://github.com/python/cpython/issues/155717",
    documented={"forkserver": "no"},
    asked=(
        "FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp', '/usr/tmp', '/']",
    ),
)
def no_tempdir(ctx):
    import tempfile

    def nowhere():
        raise FileNotFoundError(2, "No usable temporary directory found")

    usable = tempfile.gettempdir
    report = usable()

    def gettempdir():
        # The helper writes the child's report there; only multiprocessing is to find nothing.
        caller = sys._getframe(1).f_globals.get("__name__", "")
        return report if caller == "_probe" else nowhere()

    tempfile.gettempdir = gettempdir
    try:
        seen = run_child(ctx, double, 21)
    finally:
        tempfile.gettempdir = usable
    if seen.ok and seen.returned == 42:
        return yes()
    if seen.stage == "start" and isinstance(seen.exception, FileNotFoundError):
        return no("FileNotFoundError: No usable temporary directory found", raised=seen.error)
    raise RuntimeError(seen.why_not())


def without_fd_passing():
    """multiprocessing as it is where sockets cannot carry descriptors (Cygwin, some Unix systems)."""
    import socket

    if "multiprocessing.reduction" in sys.modules or not hasattr(socket, "CMSG_LEN"):
        return None
    del socket.CMSG_LEN
    import multiprocessing.reduction

    return multiprocessing


@question(
    "Is forkserver refused where sockets cannot pass descriptors (simulated)?",
    why="The fork server receives descriptors over a Unix socket, which Cygwin and some Unix systems cannot do. "
    "Simulated by removing socket.CMSG_LEN before multiprocessing looks for it.",
    do="Use spawn there.",
    source=METHODS_DOC,
    documented={'sys_platform != "win32"': "yes"},
    methods=(),
    asked=("ValueError: forkserver start method not available",),
)
def refused_without_fds():
    multiprocessing = without_fd_passing()
    if multiprocessing is None:
        return unavailable("cannot be simulated here")
    return _refused(multiprocessing.get_context, "forkserver")


@question(
    "Is forkserver listed where sockets cannot pass descriptors (simulated)?",
    why="From Python 3.14 on the list may include a method that get_context() rejects. Simulated by removing "
    "socket.CMSG_LEN.",
    do="Call get_context(name) and catch ValueError; do not rely on the list alone.",
    source=ALL_DOC,
    documented={'sys_platform != "win32"': "no"},
    methods=(),
    asked=("get_all_start_methods() lists forkserver but it is not available",),
    wanted="no",
)
def listed_without_fds():
    multiprocessing = without_fd_passing()
    if multiprocessing is None:
        return unavailable("cannot be simulated here")
    names = ",".join(multiprocessing.get_all_start_methods())
    return yes(names) if "forkserver" in names else no(names)


if __name__ == "__main__":
    main()
