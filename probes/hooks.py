"""Which hooks and handlers of a program are in force in its children?"""

import sys
import threading

from _modules import needed
from _probe import Unavailable, describe, main, no, question, raise_unexpected, run_child, yes
from _tasks import report

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
COPIED = "A forked child is a copy of its parent; any other child begins with what Python begins with."
IN_CHILD = (
    "Set it in the child: in the target, in the initializer of a Pool, or at the top level of an imported module."
)
FORK = {"fork": "yes"}


def kept(ctx, look):
    """yes if look() is true in a child, as it is here; no if it is false."""
    if look() is not True:
        raise RuntimeError("it is not in force here")
    return yes() if report(ctx, look) is True else no("it is not in force in the child")


class Finder:
    """An import hook that knows one module."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "only_by_hook":
            return None
        import importlib.machinery

        return importlib.machinery.ModuleSpec(name, Finder)

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        module.made = True


def hooked_import():
    """Whether the module can be imported that only the hook knows."""
    try:
        import only_by_hook
    except ImportError:
        return False
    return only_by_hook.made


@question(
    "Is an import hook of the parent (sys.meta_path) active in a child?",
    why="Editable installs, plug-in systems, encryption and pytest's assert rewriting are import hooks.",
    do="Install the hook in a module that the child imports too, or in a .pth file.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("sys.meta_path in child process", "ModuleNotFoundError in multiprocessing child with import hook"),
)
def import_hook(ctx):
    sys.meta_path.insert(0, Finder)
    return kept(ctx, hooked_import)


def hook(*args):
    """A hook that notes its calls."""
    calls.append(1)  # and not its arguments: frames would live on


calls = []


def seen_by_hook(function, *args):
    """Whether our hook is called while a function runs."""
    del calls[:]
    function(*args)
    return bool(calls)


def exception_seen():
    """Whether sys.excepthook is our hook: it is called as the interpreter does."""
    return seen_by_hook(sys.excepthook, ValueError, ValueError("for the hook"), None)


@question(
    "Does a child have the sys.excepthook that the parent has set?",
    why="A forked child is a copy of its parent; any other child starts with Python's defaults. Even so, "
    "multiprocessing prints the exception that ends a target itself and does not call the hook; here the target calls "
    "it.",
    do="Catch exceptions in the target and report them there.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("sys.excepthook multiprocessing", "sentry does not report exceptions of child processes"),
)
def exception_hook(ctx):
    sys.excepthook = hook
    return kept(ctx, exception_seen)


def fail():
    """Raise what nobody catches."""
    raise ValueError("for the hook")


def failing_thread():
    """Run a thread that ends with an exception."""
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def thread_failure_seen():
    """Whether our hook is called for an exception that ends a thread."""
    return seen_by_hook(failing_thread)


@question(
    "Is the threading.excepthook that the parent has set called for an exception that ends a thread of a child?",
    why=COPIED,
    do=IN_CHILD,
    source=METHODS_DOC,
    documented=FORK,
    asked=("threading.excepthook in child process",),
)
def thread_hook(ctx):
    threading.excepthook = hook
    return kept(ctx, thread_failure_seen)


def call_profiled():
    """Whether our hook is told of a call."""
    return seen_by_hook(lambda: None)


@question(
    "Is a function that the parent has set with sys.setprofile() told of a call in a child?",
    why="A profile of the program shows nothing of what its children do.",
    do="Run the profiler inside the target, and write one file for each process.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("sys.setprofile multiprocessing",),
)
def profile_function(ctx):
    sys.setprofile(hook)
    try:
        return kept(ctx, call_profiled)
    finally:
        sys.setprofile(None)


profiler = None


def profiled():
    """Whether the program's profiler notices a call that is made here."""
    if profiler is None:
        return False
    call = eval("lambda: None")  # its code is new: no other process has called it
    call()
    profiler.disable()  # PyPy's gives its numbers only then
    noticed = any(entry.code is call.__code__ for entry in profiler.getstats())
    profiler.enable()
    return noticed


@question(
    "Is a cProfile.Profile that the parent has enabled active in a child?",
    why="Where it is not, a profile of the program does not show what its children do; where it is, the child's part "
    "is in a copy that ends with the child.",
    do="Run the profiler inside the target, and write one file for each process.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("cProfile multiprocessing", "profile child processes"),
)
def profiler_enabled(ctx):
    global profiler
    profiler = needed("cProfile").Profile()
    profiler.enable()
    try:
        return kept(ctx, profiled)
    finally:
        profiler.disable()


def call_monitored():
    """Whether our hook is told that a function starts."""
    return seen_by_hook(eval("lambda: None"))  # its code is new: no event of it was ever switched off


@question(
    "Is a sys.monitoring tool of the parent told of a function that starts in a child?",
    why="From Python 3.12 on, coverage can measure with it. The event is PY_START.",
    do="Enable your tool's support for multiprocessing.",
    source=METHODS_DOC,
    documented=FORK,
    asked=(
        "Is a trace function / sys.settrace / sys.monitoring tool set in the parent active in the child?",
        "coverage sysmon multiprocessing",
    ),
)
def monitoring_tool(ctx):
    if not hasattr(sys, "monitoring"):
        raise Unavailable("there is no sys.monitoring")
    sys.monitoring.use_tool_id(1, "canifork")
    start = sys.monitoring.events.PY_START
    sys.monitoring.register_callback(1, start, hook)
    sys.monitoring.set_events(1, start)
    return kept(ctx, call_monitored)


def memory_traced():
    """Whether tracemalloc knows where a new object was made."""
    import tracemalloc

    return tracemalloc.get_object_traceback(bytearray(100000)) is not None


@question(
    "Does tracemalloc trace in a child after tracemalloc.start() in the parent?",
    why="A memory leak in a worker cannot be seen from the parent. The child asks where a new object was made.",
    do="Start it in the child, or set PYTHONTRACEMALLOC before the program starts: children inherit it.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("tracemalloc multiprocessing",),
)
def memory_tracing(ctx):
    try:
        import tracemalloc

        tracemalloc.start()
    except (ImportError, AttributeError, NotImplementedError) as error:
        raise Unavailable(describe(error)) from error
    return kept(ctx, memory_traced)


def abort():
    """Crash, without a core file."""
    import os

    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass  # only a core file more
    os.abort()


@question(
    "Does faulthandler print the stack of a child that calls os.abort(), after faulthandler.enable() in the parent?",
    why="Without it, a child that crashes leaves nothing but an exit code.",
    do="Set PYTHONFAULTHANDLER=1 before the program starts, which children inherit, or call enable() in the target.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("faulthandler in child process", "segmentation fault in multiprocessing child without traceback"),
)
def fault_handling(ctx):
    import faulthandler
    import os

    for name in ("PYTHONFAULTHANDLER", "PYTHONDEVMODE"):
        os.environ.pop(name, None)
    if sys.flags.dev_mode:
        raise Unavailable("development mode switches it on everywhere")
    faulthandler.enable()
    seen = run_child(ctx, abort)
    if seen.stage != "child" or seen.exitcode == 1:
        raise_unexpected(ctx, seen)
    if "Fatal Python error" not in seen.stderr:  # who runs a child may say something of its end, as qemu does
        return no("no stack on stderr; exit code %r" % seen.exitcode)
    if "in abort" not in seen.stderr:
        raise RuntimeError(seen.stderr[-300:])
    return yes()


def default_timeout():
    """Whether a new socket has the parent's timeout."""
    import socket

    with socket.socket() as made:
        return made.gettimeout() == 12.5


@question(
    "Does a socket that is made in a child have the timeout that socket.setdefaulttimeout() set in the parent?",
    why="A child without the timeout may wait forever for a server.",
    do=IN_CHILD,
    source=METHODS_DOC,
    documented=FORK,
    asked=("socket default timeout in child process",),
)
def socket_timeout(ctx):
    import socket

    socket.setdefaulttimeout(12.5)
    return kept(ctx, default_timeout)


class Unhelpful:
    """An object that cannot be pickled, but for a reducer."""

    def __reduce__(self):
        raise TypeError("cannot be pickled")


def reduce_unhelpful(thing):
    """A reducer for it."""
    return (int, (7,))


def same(thing):
    """Whether the object arrived as what the reducer makes of it."""
    return thing == 7 or type(thing).__name__


@question(
    "Is a reducer registered with ForkingPickler.register() used for Process arguments?",
    why="It makes objects of other people's classes picklable.",
    do="Call multiprocessing.reduction.ForkingPickler.register(Class, reducer) before start().",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/reduction.py",
    methods=("spawn", "forkserver"),
    asked=("ForkingPickler.register", "custom reducer multiprocessing"),
)
def registered_reducer(ctx):
    import multiprocessing.reduction

    multiprocessing.reduction.ForkingPickler.register(Unhelpful, reduce_unhelpful)
    return reduced(ctx)


def reduced(ctx):
    """Answer whether the reducer is used for an argument."""
    seen = run_child(ctx, same, Unhelpful())
    if seen.ok and seen.returned is True:
        return yes()
    if seen.stage == "start" and isinstance(seen.exception, TypeError):
        return no(seen.error)
    raise RuntimeError("%r %s" % (seen.returned, seen.why_not()))


@question(
    "Is a reducer registered with copyreg.pickle() used for Process arguments?",
    why="It makes objects of other people's classes picklable, for every pickle of the program.",
    do="Call copyreg.pickle(Class, reducer) before start().",
    source="https://docs.python.org/3/library/copyreg.html#copyreg.pickle",
    documented={"*": "yes"},
    methods=("spawn", "forkserver"),
    asked=("copyreg multiprocessing", "copyreg.pickle Process argument"),
)
def copyreg_reducer(ctx):
    import copyreg

    copyreg.pickle(Unhelpful, reduce_unhelpful)
    return reduced(ctx)


def audited():
    """Whether an audit hook notices an event that is ours."""
    del events[:]
    sys.audit("canifork.event")
    return events == ["canifork.event"]


events = []


def audit(event, arguments):
    """An audit hook."""
    if event == "canifork.event":
        events.append(event)


@question(
    "Is an audit hook of the parent (sys.addaudithook) active in a child?",
    why="Code can escape a hook that watches or forbids its actions by starting a process.",
    do="Add the hook in sitecustomize, or in the child.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("sys.addaudithook child process",),
)
def audit_hook(ctx):
    if not hasattr(sys, "addaudithook"):
        raise Unavailable("there is no sys.addaudithook()")
    sys.addaudithook(audit)
    if not audited():
        raise Unavailable("audit events are not raised here")
    return kept(ctx, audited)


def codec_known():
    """Whether the program's codec is known."""
    import codecs

    try:
        return codecs.lookup("canifork-codec").name == "ascii"
    except LookupError:
        return False


@question(
    "Does a child know a codec that the parent has registered with codecs.register()?",
    why="Registries of the standard library are in memory, and start empty in a new interpreter.",
    do="Register it in a module that the child imports as well.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("LookupError: unknown encoding in child process",),
)
def registered_codec(ctx):
    import codecs

    ascii_codec = codecs.lookup("ascii")
    codecs.register(lambda name: ascii_codec if name in ("canifork-codec", "canifork_codec") else None)
    return kept(ctx, codec_known)


if __name__ == "__main__":
    main()
