"""What does the fork server load, and what of the program does it keep, from before the first start?"""

import os
import sys

from _probe import (
    asset,
    do_nothing,
    main,
    method_of,
    no,
    origin,
    printed,
    question,
    run_child,
    scratch,
    unavailable,
    wait_until,
    yes,
)
from _tasks import mask, parent_pid, report

PRELOAD_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_forkserver_preload"
SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/forkserver.py"
NEWS = "https://docs.python.org/%s/whatsnew/changelog.html#python-%s-final"
SERVER = ("forkserver",)
LATE = "The fork server starts with the first process of this method: its children have what it was started with."


def loaded(name):
    """Whether a module is loaded already."""
    return name in sys.modules


@question(
    "Is a module named in set_forkserver_preload() already loaded in the children?",
    why="What the server has imported, the children need not import.",
    do="Call set_forkserver_preload([...]) before the first start, and keep '__main__' in the list.",
    source=PRELOAD_DOC,
    documented={"*": "yes"},
    methods=SERVER,
    asked=(
        "After preloading X, is a module that X imports only inside a function already present in the "
        "child's sys.modules?",
        "set_forkserver_preload has no effect",
    ),
)
def module(ctx):
    import multiprocessing

    if report(multiprocessing.get_context("spawn"), loaded, "colorsys"):
        raise RuntimeError("the module is loaded without a preload too")
    ctx.set_forkserver_preload(["colorsys"])
    return yes() if report(ctx, loaded, "colorsys") else no("the module was not loaded in the child")


def both_loaded():
    """Whether the module is loaded that was preloaded, and the one that it imports inside a function."""
    return [loaded("preload_lazy"), loaded("colorsys")]


@question(
    "Does preloading a module also load what it imports only inside a function?",
    why="Preloading imports a module and calls nothing: what a library imports late, each child imports for itself.",
    do="Name the late module in set_forkserver_preload() too, or preload a module of your own that calls the function.",
    source=PRELOAD_DOC,
    methods=SERVER,
    asked=(
        "After preloading X, is a module that X imports only inside a function already present in the child's "
        "sys.modules?",
        "lazy imports and set_forkserver_preload",
    ),
    wanted="either",
)
def late_module(ctx):
    sys.path.insert(0, os.path.dirname(asset("")))
    os.environ["PYTHONPATH"] = sys.path[0]  # where servers look that have not the program's sys.path
    ctx.set_forkserver_preload(["preload_lazy"])
    seen = report(ctx, both_loaded)
    if not seen[0]:
        raise RuntimeError("the module was not preloaded")
    return yes() if seen[1] else no("it is not loaded")


def imported_in():
    """The process in which the asset module was imported."""
    import preload_own

    return [preload_own.PID, os.getpid(), os.getppid()]


@question(
    "Can a module be preloaded that only the program's own sys.path finds?",
    why="The program has added the module's folder to sys.path, as that of the script is. If it fails, nothing is "
    "reported: each child imports the module again.",
    do="Use Python 3.12.8, 3.13.1 or later; or install the module, or put its folder into PYTHONPATH.",
    source=NEWS % ("3.13", "3-13-1"),
    documented={
        'python_full_version >= "3.13.1"': "yes",
        'python_version == "3.12" and python_full_version >= "3.12.8"': "yes",
    },
    methods=SERVER,
    asked=("set_forkserver_preload does not work for my own module",),
)
def own_module(ctx):
    sys.path.insert(0, os.path.dirname(asset("")))
    os.chdir(scratch())  # the server looks in its working folder too
    ctx.set_forkserver_preload(["preload_own"])
    where, child, server = report(ctx, imported_in)
    if where not in (child, server):
        raise RuntimeError("imported in neither the child nor the server")
    return yes() if where == server else no("the child imported it again")


@question(
    "Does a process start when set_forkserver_preload() names a module that does not exist?",
    why="A misspelt name in the list goes unnoticed; only the hoped-for speed is missing.",
    do="Check the names in the program with importlib.util.find_spec(); from 3.15 on use on_error='fail'.",
    source=PRELOAD_DOC,
    documented={"*": "yes"},
    methods=SERVER,
    asked=("set_forkserver_preload ImportError",),
)
def missing_module(ctx):
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
    "Does set_forkserver_preload(…, on_error='fail') make a failed preload an error?",
    why="Otherwise nothing says that a module could not be preloaded.",
    do="With Python 3.14 and older, import the modules once in the program.",
    source=PRELOAD_DOC,
    documented={'python_version >= "3.15"': "yes"},
    methods=SERVER,
    asked=("TypeError: set_forkserver_preload() got an unexpected keyword argument 'on_error'",),
)
def on_error(ctx):
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


def folder():
    """The working folder."""
    return os.path.realpath(os.getcwd())


def path_has(name):
    """Whether sys.path has this entry."""
    return name in sys.path


@question(
    "Is text that a preloaded module prints to a file, without flush, written only once?",
    why="The server forks with the text still in its buffer, so that a log has it again for each child.",
    do="Use Python 3.13.6 or later, or let the module print with flush=True, or set PYTHONUNBUFFERED.",
    source="https://github.com/python/cpython/issues/135335",
    documented={'python_full_version >= "3.13.6" and implementation_name == "cpython"': "yes"},
    methods=SERVER,
    asked=("duplicate output with forkserver", "print() of an imported module appears several times in the log file"),
)
def output(ctx):
    from multiprocessing import forkserver

    folder, path = os.path.dirname(asset("")), scratch("stdout.txt")
    sys.path.insert(0, folder)
    os.environ["PYTHONPATH"] = folder  # by one of the two every version finds the module
    os.environ.pop("PYTHONUNBUFFERED", None)
    ctx.set_forkserver_preload(["preload_prints"])
    sys.stdout.flush()
    mine = os.dup(1)
    with open(path, "wb") as file:
        os.dup2(file.fileno(), 1)
    try:
        seen = [report(ctx, loaded, "preload_prints") for _ in range(2)]
    finally:
        os.dup2(mine, 1)
    if not all(seen):
        raise RuntimeError("the module was not loaded in the child")
    forkserver._forkserver._stop()  # at its end it prints what it has kept
    with open(path, encoding="utf-8") as file:
        times = file.read().count("printed by a preloaded module")
    os.remove(path)
    if not times:
        raise RuntimeError("nothing was printed")
    return yes() if times == 1 else no("each child printed it again", times=times)


@question(
    "Does a child see a change of os.environ made after the first start()?",
    why=LATE,
    do="Set environment variables before the first start, or pass them as arguments and set them in the child.",
    source=SOURCE,
    asked=("os.environ change not visible in child process", "CUDA_VISIBLE_DEVICES ignored in forkserver worker"),
)
def late_environment(ctx):
    report(ctx, do_nothing)
    os.environ["CANIFORK_LATE"] = "set"
    seen = report(ctx, environment)
    return yes() if seen == "set" else no("the child saw %r" % seen)


@question(
    "Does a child have a umask that was set after the first start()?",
    why=LATE,
    do="Set it before the first start, or in the child.",
    source="https://man7.org/linux/man-pages/man2/umask.2.html",
    documented={"fork": "yes", 'spawn; sys_platform == "linux"': "yes"},
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
    "Does a child start in the folder of an os.chdir() made after the first start()?",
    why="The working folder is sent to each child separately, unlike the environment.",
    do="Nothing if yes.",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    documented={"fork": "yes"},
    asked=("os.chdir() and multiprocessing",),
)
def late_folder(ctx):
    report(ctx, do_nothing)
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
    "Does a child see an entry added to sys.path after the first start()?",
    why="Plugins are found that way. sys.path is sent to each child separately, unlike the environment.",
    do="Nothing if yes.",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    documented={"fork": "yes"},
    asked=("ModuleNotFoundError in child process after sys.path.append()",),
)
def late_path(ctx):
    report(ctx, do_nothing)
    sys.path.append(scratch("plugins"))
    return yes() if report(ctx, path_has, scratch("plugins")) else no("sys.path has no such entry in the child")


if __name__ == "__main__":
    main()
