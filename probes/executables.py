"""Which program runs the children: venvs, other interpreters, frozen applications?"""

import os
import sys

from _probe import (
    LIMIT,
    describe,
    main,
    no,
    processes,
    question,
    run_child,
    run_script,
    scratch,
    stable,
    unavailable,
    value,
    yes,
)
from _tasks import report

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
FREEZE = REFERENCE + "freeze_support"
EXECUTABLE = REFERENCE + "set_executable"
METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"


@question(
    "Does Process.pid equal os.getpid() in the child?",
    why="A launcher in between, like that of a venv on Windows, would receive the signals meant for the child.",
    do="Nothing if yes. subprocess with sys.executable may start such a launcher: there the two differ.",
    source=REFERENCE + "Process.pid",
    documented={"*": "yes"},
    asked=(
        "In a Windows venv, does Process.pid equal os.getpid() in the child (no launcher process in between)?",
        "process.pid differs from os.getpid()",
    ),
)
def same_pid(ctx):
    seen = run_child(ctx, os.getpid)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    return yes() if seen.returned == seen.pid else no("the child has another id")


def family(method, path):
    """What a child and a child of that child say of their interpreter."""
    import json
    import multiprocessing

    process = multiprocessing.get_context(method).Process(target=note_interpreter, args=(path,))
    process.start()
    process.join()
    with open(path) as file:
        told = json.load(file)
    os.remove(path)
    return [interpreter(), told]


def note_interpreter(path):
    """The grandchild writes what it is."""
    import json

    with open(path, "w") as file:
        json.dump(interpreter(), file)


def interpreter():
    """The interpreter that runs here."""
    return [sys.executable, sys.prefix, sys.base_prefix, ".".join(map(str, sys.version_info[:3]))]


@question(
    "Do a child and its child run the program's interpreter, with its sys.prefix?",
    why="A child that runs the base Python instead of the venv's does not find the venv's packages.",
    do="Nothing if yes; else call multiprocessing.set_executable(sys.executable).",
    source=EXECUTABLE,
    asked=(
        "From a Windows venv, can a child spawn a grandchild (nested spawn), and does each run the right interpreter?",
        "multiprocessing in a virtual environment uses the wrong Python",
        "ModuleNotFoundError in child process in virtualenv",
    ),
)
def grandchild_interpreter(ctx):
    told = report(ctx, family, ctx.get_start_method(), scratch("grandchild"))
    mine = interpreter()
    if told == [mine, mine]:
        return yes()
    names = ("sys.executable", "sys.prefix", "sys.base_prefix", "version")
    return no(", ".join(name for i, name in enumerate(names) if told[0][i] != mine[i] or told[1][i] != mine[i]))


def venv_of_this():
    """A virtual environment of this interpreter, made by hand (no pip, no copies): the path of its python."""
    folder = scratch("venv")
    os.makedirs(os.path.join(folder, "bin"))
    python = os.path.join(folder, "bin", "python")
    real = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    try:
        os.symlink(real, python)
    except (OSError, AttributeError, NotImplementedError) as error:
        return unavailable("no symbolic link: %s" % type(error).__name__)
    library = os.path.join(folder, "lib", os.path.basename(os.path.dirname(os.__file__)), "site-packages")
    os.makedirs(library)
    with open(os.path.join(library, "only_there.py"), "w") as file:
        file.write("name = 'only there'\n")
    with open(os.path.join(folder, "pyvenv.cfg"), "w") as file:
        file.write("home = %s\n" % os.path.dirname(real))
    return python


def told_by_venv():
    """The prefix of the child, and whether it finds the module that only the venv has."""
    try:
        import only_there

        found = only_there.name == "only there"
    except ImportError:
        found = False
    return [os.path.basename(sys.prefix), found]


@question(
    "Does a child import the packages of another venv after set_executable(its python)?",
    why="The child gets the parent's sys.path, so it looks for packages where the parent does.",
    do="Start that Python with subprocess and a script of its own.",
    source=EXECUTABLE,
    asked=(
        "After multiprocessing.set_executable(other_python), does the child run with that interpreter and a working "
        "sys.path?",
        "multiprocessing set_executable different virtualenv",
    ),
)
def other_venv(ctx):
    import multiprocessing
    import shutil

    if os.name == "nt":
        return unavailable("a venv cannot be made by hand here")
    made = venv_of_this()
    try:
        if not isinstance(made, str):
            return made
        control = run_script(None, "-c", "import only_there, sys; print(sys.prefix)", timeout=LIMIT)
        if control.status == 0:
            raise RuntimeError("this Python has the module too")
        ctx.set_executable(made)
        multiprocessing.set_executable(made)
        prefix, found = report(ctx, told_by_venv)
    finally:
        shutil.rmtree(scratch("venv"))
    there = "the child runs there" if prefix == "venv" else "the child runs the program's own Python"
    return yes(there) if found else no("%s; it has the parent's sys.path" % there)


@question(
    "Can set_executable() be given a pathlib.Path?",
    why="On Windows, older Pythons need a str and fail later, at the first start.",
    do="Pass str(path) on older Pythons.",
    source=EXECUTABLE,
    documented={'python_version >= "3.11"': "yes"},
    methods=("spawn",),
    asked=("set_executable path-like object",),
)
def path_executable(ctx):
    import pathlib

    ctx.set_executable(pathlib.Path(sys.executable))
    seen = run_child(ctx, os.getpid)
    if seen.ok and seen.returned == seen.pid:
        return yes()
    if seen.exception is None:
        raise RuntimeError(seen.why_not())
    return no(describe(seen.exception))


FROZEN = '''"""The main script of an application that looks frozen: the program knows no options of Python's."""
import os, sys

sys.frozen = True
sys.executable = os.environ["CANIFORK_APP"]
import multiprocessing


def work(path):
    with open(path, "w") as file:
        file.write("worked")


if __name__ == "__main__":
    if sys.argv[1:2] == ["-c"] and "resource_tracker" in sys.argv[2]:
        exec(sys.argv[2])  # what the freezers do for the tracker
        sys.exit()
    if %(support)s:
        multiprocessing.freeze_support()
    if len(sys.argv) > 1:
        with open(os.environ["CANIFORK_AGAIN"], "a") as file:
            file.write("again")
        sys.exit(0)  # here a real application would start all over, and its children again
    process = multiprocessing.get_context(os.environ["CANIFORK_METHOD"]).Process(
        target=work, args=(os.environ["CANIFORK_REPORT"],))
    process.start()
    process.join()
    print("joined", process.exitcode)
'''


def frozen(ctx, support):
    """Run the application; answer whether its child worked."""
    if os.name == "nt":
        return unavailable("an application cannot be made of a script here")
    if getattr(sys, "frozen", False):  # its own hooks would speak, and not what is simulated
        return unavailable("this is a real frozen application: availability.starts has its answer")
    names = {name: scratch(name) for name in ("app", "again", "report", "main.py")}
    with open(names["main.py"], "w") as file:
        file.write(FROZEN % {"support": support})
    with open(names["app"], "w") as file:
        file.write('#!/bin/sh\nexec "%s" "%s" "$@"\n' % (sys.executable, names["main.py"]))
    os.chmod(names["app"], 0o700)
    env = {"CANIFORK_METHOD": ctx.get_start_method(), "CANIFORK_APP": names["app"]}
    env.update(CANIFORK_AGAIN=names["again"], CANIFORK_REPORT=names["report"])
    script = run_script(names["main.py"], env=env, timeout=LIMIT)
    worked, again = os.path.exists(names["report"]), os.path.exists(names["again"])
    for name in names.values():
        if os.path.exists(name):
            os.remove(name)
    if script.timed_out:
        raise RuntimeError("the application did not end")
    if worked and "joined 0" in script.stdout:
        return yes()
    if again and not worked:
        return no("the child began as the application itself, all over again")
    raise RuntimeError("%r %s" % (script.stdout, script.stderr[-300:]))


@question(
    "Can a frozen application (simulated) start a Process with freeze_support()?",
    why="In a frozen application sys.executable is the application: a child that should run Python runs the "
    "application again. The simulation sets sys.frozen; it has no freezer's hooks, such as PyInstaller's, which may "
    "mend this.",
    do="Call multiprocessing.freeze_support() first under the main guard. Where the answer is no, use fork or the "
    "start-up hook of your freezer.",
    source=FREEZE,
    documented={
        'spawn; python_full_version >= "3.14"': "yes",
        'spawn; python_full_version >= "3.13.4" and python_version == "3.13"': "yes",
    },
    asked=(
        "freeze_support() PyInstaller Linux",
        "PyInstaller executable opens again and again with multiprocessing",
        "frozen application fork bomb",
        "Do frozen executables work with multiprocessing?",
    ),
)
def frozen_supported(ctx):
    return frozen(ctx, "True")


@question(
    "Can a frozen application (simulated) start a Process without freeze_support()?",
    why="Each child runs the application again, which starts children again: windows open without end. The "
    "simulation has no freezer's hooks.",
    do="Call multiprocessing.freeze_support() first under the main guard.",
    source=FREEZE,
    documented={"spawn": "no"},
    asked=(
        "multiprocessing exe infinite loop",
        "RuntimeError freeze_support",
        "pyinstaller multiprocessing new window",
    ),
)
def frozen_unsupported(ctx):
    return frozen(ctx, "False")


def own_command_line():
    """The command line of this process, in one piece."""
    if os.name != "nt":
        return processes()[os.getpid()][1]
    import ctypes

    get = ctypes.windll.kernel32.GetCommandLineW
    get.restype = ctypes.c_wchar_p
    return get()


@question(
    "Which command line does a spawned child have, apart from the interpreter and its options?",
    why="It identifies children in a list of processes, and is what a frozen application must understand.",
    do="Look for --multiprocessing-fork; set a name of your own with the package setproctitle.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/spawn.py",
    methods=(),
    asked=("from multiprocessing.spawn import spawn_main", "--multiprocessing-fork in ps"),
)
def command_line():
    import multiprocessing
    import re

    line = report(multiprocessing.get_context("spawn"), own_command_line).replace('"', "")
    begins = re.search(r"-c from multiprocessing|--multiprocessing-fork", line)
    if not begins:
        return value(stable(line))
    told = re.sub(r"\(.*?\)", "(…)", line[begins.start() :])
    return value(re.sub(r" \w+=\d+", "", told))  # the numbers of pipes, in a frozen application


@question(
    "Can a process be started while sys.stdout and sys.stderr are None?",
    why="Programs without a console (pythonw.exe), and frozen ones with a window, have no streams to flush.",
    do="Nothing if yes; else set sys.stdout and sys.stderr to open(os.devnull, 'w') first.",
    source="https://docs.python.org/3/library/sys.html#sys.__stdout__",
    asked=(
        "AttributeError: 'NoneType' object has no attribute 'flush'",
        "pythonw multiprocessing",
        "PyInstaller --noconsole",
    ),
)
def without_streams(ctx):
    saved = sys.stdout, sys.stderr
    process = ctx.Process(target=write_streams, args=(scratch("streams"),))
    sys.stdout = sys.stderr = None
    try:
        process.start()
        process.join()
    finally:
        sys.stdout, sys.stderr = saved
    if process.exitcode != 0:
        raise RuntimeError("exit code %r" % process.exitcode)
    with open(scratch("streams")) as file:
        told = file.read()
    os.remove(scratch("streams"))
    return yes("in the child they are %s" % told)


def write_streams(path):
    """The child notes whether it has streams."""
    with open(path, "w") as file:
        file.write("None" if sys.stdout is None and sys.stderr is None else "there")


if __name__ == "__main__":
    main()
