"""Can processes be started from programs that have forked, closed, edited or lost something before?"""

import os
import sys

from _os_fork import forked
from _places import place
from _probe import (
    LIMIT,
    Unavailable,
    can_use,
    describe,
    last_error,
    main,
    no,
    printed,
    processes,
    question,
    raise_unexpected,
    run_child,
    run_script,
    unavailable,
    wait_until,
    yes,
)
from _scripts import errors, launch
from _tasks import double, executor, note, put_item

MULTIPROCESSING = "https://docs.python.org/3/library/multiprocessing.html"
REFERENCE = MULTIPROCESSING + "#multiprocessing."
METHODS_DOC = MULTIPROCESSING + "#contexts-and-start-methods"
FORK = "https://docs.python.org/3/library/os.html#os.fork"
SERVER = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/forkserver.py"
PICKLE = "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled"
SHORT = LIMIT / 20  # seconds after which what is due at once is taken not to come


# --- after a fork of one's own


def of_parent(told):
    """The answer from what the child told of something that its parent had made."""
    if told == "4":
        return yes()
    if told.split(":")[0] not in ("raised TimeoutError", "raised BrokenProcessPool", "raised KeyError"):
        raise RuntimeError(told)
    return no("no result comes: the threads that hand out tasks are in the parent")


THREADS = (
    "The threads that hand out tasks and fetch results run in the process that made it. Servers that load a program "
    "and then fork their workers (gunicorn --preload, uWSGI without lazy-apps) give each a copy without them."
)
ON_DEMAND = (
    "Make it in each worker: on demand, or in a hook after the fork (post_fork of gunicorn, os.register_at_fork())."
)


@question(
    "Can a child of os.fork() run a task in a Pool that its parent has made?",
    why=THREADS,
    do=ON_DEMAND
    + " Where the parent has used forkserver, make it there with get_context('spawn'): a forked child cannot use the "
    "server.",
    source=FORK,
    asked=(
        "multiprocessing.Pool hangs under uWSGI or gunicorn",
        "global Pool created at import hangs in web worker",
        "lazy-apps uwsgi multiprocessing",
    ),
)
def pool_of_parent(ctx):
    with ctx.Pool(1) as pool:
        if pool.apply_async(double, (1,)).get(LIMIT) != 2:
            raise RuntimeError("another result came")
        return of_parent(forked(lambda: str(pool.apply_async(double, (2,)).get(SHORT))))


@question(
    "Can a child of os.fork() run a task in a ProcessPoolExecutor that its parent has used?",
    why=THREADS,
    do=ON_DEMAND
    + " Where the parent has used forkserver, make it there with get_context('spawn'): a forked child cannot use the "
    "server.",
    source=FORK,
    asked=(
        "ProcessPoolExecutor as class attribute hangs after fork",
        "tornado fork_processes ProcessPoolExecutor KeyError",
        "submit never finishes in a gunicorn worker",
    ),
)
def executor_of_parent(ctx):
    with executor(ctx) as pool:
        if pool.submit(double, 1).result(LIMIT) != 2:
            raise RuntimeError("another result came")
        return of_parent(forked(lambda: str(pool.submit(double, 2).result(SHORT))))


@question(
    "Does an item that a child of os.fork() puts into a Queue reach its parent, if that has put items too?",
    why="put() hands items to a thread, which is only in the parent. multiprocessing starts another in its own "
    "children, but does not know of those of os.fork().",
    do="Use Process, or make the Queue and fork before anything is put.",
    source=REFERENCE + "Queue",
    asked=("multiprocessing.Queue after os.fork", "Queue feeder thread in forked child"),
)
def queue_of_parent(ctx):
    queue = ctx.Queue()
    queue.put("first")
    if queue.get(timeout=LIMIT) != "first":
        raise RuntimeError("another item came")

    def put():
        put_item(queue)
        queue.close()
        queue.join_thread()
        return "put"

    import queue as standard

    told = forked(put)
    if told != "put":
        raise RuntimeError(told)
    try:
        return yes() if queue.get(timeout=SHORT) == "item" else no("another item came")
    except standard.Empty:
        return no("the item does not come")


def started_by_daemon(ctx, word):
    """Answer whether a daemon, which a script has become, starts a process."""
    if not hasattr(os, "fork"):
        raise Unavailable("there is no os.fork()")
    script, lines = launch(ctx, "beginnings_daemon.py", word, place(), timeout=LIMIT)
    if script.timed_out:
        raise RuntimeError("it does not end: %s" % script.stderr[-300:])
    if lines == ["begun", "child"]:
        return yes()
    if lines[:1] != ["begun"]:
        raise RuntimeError("status %r: %s" % (script.status, script.stderr[-300:]))
    found = errors("\n".join(lines[1:])) or errors(script.stderr)
    if not found:
        raise RuntimeError("lines %r, status %r" % (lines, script.status))
    return no(found[-1])


BECOME = "A daemon forks twice, and goes on as a grandchild of the process that was started."


@question(
    "Can a program that has started a process start another one after it has made itself a daemon (two forks)?",
    why=BECOME + " It still has the fork server and the resource tracker of before, which are not its children.",
    do="Become a daemon first, before anything of multiprocessing is used.",
    source=SERVER,
    asked=(
        "ChildProcessError: [Errno 10] No child processes forkserver",
        "multiprocessing after python-daemon",
        "daemonize double fork then multiprocessing",
    ),
)
def as_daemon(ctx):
    return started_by_daemon(ctx, "fork")


@question(
    "Can a daemon that has closed all descriptors but 0 to 2 start a process, if one was started before?",
    why=BECOME + " Daemons close all files that they have inherited, those of multiprocessing's helpers among them.",
    do="Become a daemon first, before anything of multiprocessing is used.",
    source=SERVER,
    asked=(
        "OSError: [Errno 9] Bad file descriptor multiprocessing daemon",
        "DaemonContext closes file descriptors multiprocessing",
        "os.closerange multiprocessing",
    ),
)
def as_closed_daemon(ctx):
    return started_by_daemon(ctx, "close")


called = []


def was_called():
    """Whether the callback has run in this process."""
    return os.getpid() in called


class Registered:
    """Something with a callback."""


@question(
    "Does a callback that the parent gave to multiprocessing.util.register_after_fork() run in a child?",
    why="Libraries use it to set themselves up again in children, as pytest-cov has done. It has no documentation.",
    do="Use os.register_at_fork() for forks, and an initializer or the target for the other methods.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/util.py",
    asked=("register_after_fork not called with spawn", "pytest-cov multiprocessing register_after_fork"),
    wanted="either",
)
def after_fork_callback(ctx):
    from multiprocessing.util import register_after_fork

    thing = Registered()
    register_after_fork(thing, lambda thing: called.append(os.getpid()))
    seen = run_child(ctx, was_called)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    return yes() if seen.returned else no("the child does not know of it")


# --- a program that has lost something


@question(
    "Can a process be started if sys.executable was None when multiprocessing was imported?",
    why="sys.executable can be None where Python is embedded in another program. Here it is set to None before the "
    "import.",
    do="Set sys.executable to the path of a python before multiprocessing is imported: on Windows set_executable() "
    "comes too late.",
    source=REFERENCE + "set_executable",
    asked=(
        "AttributeError: 'NoneType' object has no attribute 'lower' import multiprocessing",
        "multiprocessing in embedded Python",
        "sys.executable is None",
        "multiprocessing starts the host application again",
    ),
)
def no_executable(ctx):
    folder = place("made")
    code = (
        "import os, sys; sys.executable = None; import multiprocessing as m\n"
        "p = m.get_context(%r).Process(target=os.mkdir, args=(%r,)); p.start(); p.join()"
    ) % (ctx.get_start_method(), folder)
    script = run_script(None, "-c", code, timeout=LIMIT)
    if os.path.isdir(folder):
        return yes()
    if not script.error or script.timed_out:
        raise RuntimeError("status %r: %s" % (script.status, script.stderr[-300:]))
    return no(script.error)


@question(
    "Can a process be started if the file of __main__ is a notebook (.ipynb)?",
    why="The child runs the file of __main__ again, as Python. Some notebook servers set __file__ to the notebook, "
    "whose JSON is no Python as soon as it holds true, false or null.",
    do="Put the target into a module and delete __main__.__file__ in the notebook ('del __file__'), or use fork.",
    source="https://github.com/jupyterlab/jupyterlab/issues/13970",
    asked=(
        "NameError: name 'null' is not defined multiprocessing Jupyter",
        "NameError: name 'true' is not defined spawn notebook",
        "multiprocessing runs the .ipynb file",
    ),
)
def notebook_as_main(ctx):
    module = sys.modules["__main__"]
    notebook, folder = place("notebook.ipynb"), place("made")
    note(notebook, '{"cells": [{"execution_count": null}], "nbformat": 4}\n')
    file, spec = module.__file__, module.__spec__
    module.__file__, module.__spec__ = notebook, None
    try:
        process = ctx.Process(target=os.mkdir, args=(folder,))
        process.start()
        process.join()
    except (OSError, EOFError):  # a fork server that runs the file for its children has ended
        wait_until(lambda: errors(printed()), LIMIT / 4)
    finally:
        module.__file__, module.__spec__ = file, spec
    if os.path.isdir(folder):
        return yes()
    found = errors(printed())
    if not found:
        raise RuntimeError("neither the target nor an error")
    return no(found[0])


def start_and_exit(method, folder):
    """The program: start a process and end at once, without joining it."""
    import multiprocessing
    import tempfile

    tempfile.tempdir = os.path.dirname(folder)  # it removes nothing at its end
    multiprocessing.get_context(method).Process(target=os.mkdir, args=(folder,)).start()
    os._exit(0)


@question(
    "Does a process run its target if its parent calls os._exit() right after start()?",
    why="A forked child has what it is to do; for another child it waits in a pipe. On Windows it must copy the handle "
    "of that pipe from the parent, which it cannot when the parent has ended.",
    do="Join children before the program ends.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/spawn.py",
    asked=(
        "OSError: [WinError 6] The handle is invalid spawn_main",
        "PermissionError: [WinError 5] Access is denied reduction.duplicate",
        "OSError: [WinError 87] The parameter is incorrect multiprocessing",
    ),
)
def parent_gone(ctx):
    folder = place("made")
    process = ctx.Process(target=start_and_exit, args=(ctx.get_start_method(), folder))
    process.start()
    process.join()
    if process.exitcode != 0:
        raise RuntimeError("exit code %r: %s" % (process.exitcode, printed()[-300:]))
    wait_until(lambda: os.path.isdir(folder) or last_error(printed()), LIMIT)
    if os.path.isdir(folder):
        return yes()
    error = last_error(printed())
    if not error:
        raise RuntimeError("neither the target nor an error")
    return no(error.partition(":")[0])


@question(
    "Does a start() that fails to pickle an argument leave a child that prints EOFError?",
    why="On Windows the child is started first, and finds nothing to read. Its error hides the one that matters, which "
    "is higher up in the output.",
    do="Look for the first error of the output, in the parent: it names what cannot be pickled.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/popen_spawn_win32.py",
    asked=(
        "EOFError: Ran out of input",
        "EOFError: Ran out of input num_workers DataLoader Windows",
        "_pickle.UnpicklingError: pickle data was truncated",
    ),
    wanted="no",
)
def child_of_failed_start(ctx):
    if ctx.get_start_method() == "fork":
        return unavailable("nothing is pickled")
    seen = run_child(ctx, lambda: True)
    if seen.stage != "start":
        raise_unexpected(ctx, seen)
    if os.name == "nt":  # only there may the child come after the error
        wait_until(lambda: "EOFError" in printed(), LIMIT / 4)
    return yes() if "EOFError" in printed() else no("nothing is printed: pickling comes before the child")


@question(
    "Is a resource tracker that was killed replaced when it is needed again?",
    why="Programs that kill all their processes, or the out-of-memory killer, may hit it. What it knew is lost: "
    "nobody removes those semaphores and blocks any more. Asked here by ensure_running(), which every new lock and "
    "block calls.",
    do="Nothing if yes; the warning 'process died unexpectedly, relaunching' tells of it.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/resource_tracker.py",
    methods=(),
    asked=(
        "UserWarning: resource_tracker: process died unexpectedly, relaunching. Some resources might leak",
        "resource tracker killed",
    ),
)
def tracker_replaced():
    import signal

    if os.name == "nt":
        raise Unavailable("there is no resource tracker")
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()
    first = resource_tracker._resource_tracker._pid
    if first not in processes():
        raise RuntimeError("it does not run")
    os.kill(first, signal.SIGKILL)
    if not wait_until(lambda: first not in processes()):
        raise RuntimeError("it does not end")
    resource_tracker.ensure_running()
    second = resource_tracker._resource_tracker._pid
    return yes() if second != first and second in processes() else no("there is none")


# --- modules that have changed


def written(name, code):
    """Write a module into a folder of its own, and import it; give back the module and the folder."""
    import importlib

    folder = place("modules")
    os.makedirs(folder, exist_ok=True)
    note(os.path.join(folder, name + ".py"), code)
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    return importlib.import_module(name), folder


TELL = "def tell(path):\n    with open(path, 'w') as file:\n        file.write(%r)\n"


def told_by(ctx, function):
    """What function(path) writes in a child, and the error that the child prints."""
    path = place("told")
    process = ctx.Process(target=function, args=(path,))
    process.start()
    process.join()
    if not os.path.exists(path):
        return None, last_error(printed()) or "exit code %r" % process.exitcode
    with open(path) as file:
        return file.read(), ""


@question(
    "Does a child run the new text of a module if its file was edited after the parent imported it?",
    why="A child that imports a module reads the file as it is then. A program that runs for days, or a deployment "
    "under its feet, mixes two versions of its code.",
    do="Restart programs after an upgrade; import what children need before, with fork or set_forkserver_preload().",
    source=METHODS_DOC,
    asked=(
        "code changed while workers run multiprocessing",
        "upgrade of a package breaks running spawn workers",
        "child process uses edited source file",
    ),
    wanted="either",
)
def edited_module(ctx):
    module, folder = written("edited_module", TELL % "old")
    note(os.path.join(folder, "edited_module.py"), TELL % "the new text")
    told, error = told_by(ctx, module.tell)
    if told == "the new text":
        return yes()
    if told != "old":
        raise RuntimeError(error)
    return no("it runs the text that the parent imported")


@question(
    "Can a function be a target if its module's folder was in sys.path only during the import?",
    why="A spawned child has the sys.path of the moment of start(), and must import the module by its name.",
    do="Leave the folder in sys.path as long as children are started.",
    source=METHODS_DOC,
    asked=(
        "ModuleNotFoundError in spawned worker, sys.path changed temporarily",
        "plugin loader removes sys.path entry, multiprocessing fails",
    ),
)
def removed_path(ctx):
    module, folder = written("removed_path", TELL % "told")
    sys.path.remove(folder)
    told, error = told_by(ctx, module.tell)
    if told == "told":
        return yes()
    if not error.startswith("ModuleNotFoundError"):
        raise RuntimeError(error)
    return no("ModuleNotFoundError")


def has_value(member):
    """Whether a member of an enumeration arrived."""
    return member.value == 1


@question(
    "Can a member of an Enum that a helper function of another module made be passed as a Process argument?",
    why="Enum('Color', 'RED GREEN') notes the module of whoever called it. That is the helper's, where pickle finds no "
    "Color.",
    do="Pass module=__name__ through the helper: Enum(name, members, module=module).",
    source="https://docs.python.org/3/library/enum.html#pickling",
    asked=(
        "PicklingError: Can't pickle <enum 'Color'>: attribute lookup failed",
        "enum created dynamically cannot be pickled multiprocessing",
        "create_enum module=__name__ pickle",
    ),
)
def enum_of_helper(ctx):
    helper, _ = written("enum_of_helper", "import enum\n\ndef make(name):\n    return enum.Enum(name, 'RED GREEN')\n")
    return can_use(ctx, has_value, helper.make("Color").RED)


def outer():
    """Make a function known to the module only now."""
    global made_late

    def made_late(path):
        note(path, "told")

    return made_late


@question(
    "Can a function that is defined in another one, and declared global there, be a target?",
    why="It is a common way round 'Can't pickle local object'. pickle finds it by its name; so must the child, whose "
    "module has it only if the outer function has run there too.",
    do="Define it at module level.",
    source=PICKLE,
    asked=(
        "global keyword nested function multiprocessing pickle",
        "Can't get attribute on module __main__ nested global function",
    ),
)
def global_nested(ctx):
    function = outer()
    function.__qualname__ = function.__name__  # what 'global' makes it; older Pythons too
    told, error = told_by(ctx, function)
    if told == "told":
        return yes()
    if not error.startswith("AttributeError"):
        raise RuntimeError(error)
    return no("AttributeError: the child's module has no such function")


STRUCTURE = (
    "import ctypes\n\nclass Point(ctypes.Structure):\n    _fields_ = [('x', ctypes.c_int), ('y', ctypes.c_int)]\n"
)


def move(points):
    """Change a field of a structure in shared memory."""
    points[1].y += 1
    return points[1].y == 5


@question(
    "Does the parent see what a child changes in an Array of a ctypes.Structure?",
    why="It shares records instead of single numbers, without pickling.",
    do="Nothing if yes; define the Structure at module level.",
    source=REFERENCE + "sharedctypes.Array",
    asked=(
        "ctypes.Structure multiprocessing.Array",
        "share a struct between processes",
        "Value of a Structure not updated",
    ),
)
def structure(ctx):
    try:
        import ctypes
    except ImportError as error:
        raise Unavailable(describe(error)) from error
    del ctypes
    module, _ = written("structure_of_points", STRUCTURE)
    points = ctx.Array(module.Point, [(1, 2), (3, 4)])
    answer = can_use(ctx, move, points)
    if answer.outcome != "yes":
        return answer
    return yes() if points[1].y == 5 else no("the parent sees no change")


# --- what comes back


def seven():
    """A target that returns something."""
    return 7


@question(
    "Is what the target returns the exit code of a Process?",
    why="A Process keeps nothing of what its target returns.",
    do="Use an executor, whose futures hold results; or put the result into a Queue or Pipe; sys.exit(7) sets the exit "
    "code.",
    source=REFERENCE + "Process.exitcode",
    documented={"*": "no"},
    asked=("get the return value of multiprocessing.Process", "process return value exitcode"),
    wanted="either",
)
def return_value(ctx):
    process = ctx.Process(target=seven)
    process.start()
    process.join()
    if process.exitcode == 7:
        return yes()
    if process.exitcode != 0:
        raise RuntimeError("exit code %r" % process.exitcode)
    return no("it is 0")


if __name__ == "__main__":
    main()
