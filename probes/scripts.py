"""How may a program be started, and where may its main script be, for its children to work?"""

import os

from _probe import asset, main, question, scratch
from _scripts import launch, verdict

NOTE_DOC = "https://docs.python.org/3/library/multiprocessing.html#using-a-pool-of-workers"
SPAWN_SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/spawn.py"


def code():
    """The text of the guarded script."""
    with open(asset("guard_guarded.py")) as file:
        return file.read()


def place(*names):
    """Write the guarded script below the temporary folder; give back the folder at the top and the path."""
    top = scratch("place")
    path = os.path.join(top, *names)
    os.makedirs(os.path.dirname(path))
    with open(path, "w") as file:
        file.write(code())
    return top, path


def placed(ctx, names, *args, **options):
    """The verdict on a script at this place; args and cwd as for launch, {} stands for its path."""
    import shutil

    top, path = place(*names)
    try:
        return verdict(launch(ctx, *[arg.format(path) if arg else arg for arg in args], cwd=top, **options))
    finally:
        shutil.rmtree(top)


@question(
    "Can code given with python -c start a child with a target defined in it?",
    why="The child has no file from which it could import the target.",
    do="Write the code to a file, or take the target from a module that can be imported.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=("AttributeError: Can't get attribute 'work' on <module '__main__' (built-in)>", "python -c multiprocessing"),
)
def dash_c(ctx):
    return verdict(launch(ctx, code(), flags=["-c"]))


@question(
    "Can a script read from standard input start a child with a target defined in it?",
    why="The main module claims to be a file named <stdin>, which the child cannot open.",
    do="Write the script to a file first.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=("FileNotFoundError: [Errno 2] No such file or directory: '<stdin>'",),
)
def from_stdin(ctx):
    return verdict(launch(ctx, None, stdin=code(), cwd=scratch()))


@question(
    "Can a function typed at the interactive prompt be the target of a child?",
    why="Functions typed at the prompt are in no file that a child could import. The prompt reads from a pipe here, "
    "without the coloured shell of Python 3.13.",
    do="Put the target into a module, and import it at the prompt.",
    source=NOTE_DOC,
    documented={"spawn": "no", "forkserver": "no"},
    asked=(
        "Does ProcessPoolExecutor work when the submitted function is defined in the REPL, or does it "
        "end as BrokenProcessPool/hang?",
        "AttributeError: Can't get attribute 'f' on <module '__main__' (built-in)>",
        "multiprocessing in the REPL",
    ),
)
def interactive(ctx):
    import re

    _, _, lines = code().partition('"""\n')  # the prompt would print the docstring
    typed = lines.replace("\n\n\n", "\n\n") + "\n"
    # The coloured prompt of 3.13 is for terminals, and where curses is missing its failure is printed.
    basic = {"PYTHON_BASIC_REPL": "1"}
    script, report = launch(ctx, None, flags=["-i", "-q"], stdin=typed, cwd=scratch(), env=basic)
    script.stdout = re.sub(r"^((>>>>?|\.\.\.\.?) )+", "", script.stdout, flags=re.M)
    script.stderr = re.sub(r"^((>>>>?|\.\.\.\.?) )+", "", script.stderr, flags=re.M)
    return verdict((script, report))


@question(
    "Can a module run by python -m start a child with a target defined in it?",
    why="The child finds the target by the module's name.",
    do="Nothing special; for packages see the question about python -m package.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=("python -m multiprocessing script",),
)
def dash_m(ctx):
    return placed(ctx, ("runme.py",), "runme", flags=["-m"])


@question(
    "Can __main__.py of a package, run by python -m, start a child with its own function?",
    why="A child never runs a __main__.py again, so that it does not find what is defined there.",
    do="Define targets in another module of the package and import them in __main__.py.",
    source=SPAWN_SOURCE,
    asked=(
        "Does `python -m pkg` with relative imports in pkg/__main__.py work in spawn/forkserver "
        "children, directly and through a runpy wrapper?",
        "AttributeError: Can't get attribute 'work' on <module '__main__' (built-in)>",
        "python -m package spawn",
    ),
)
def dash_m_package(ctx):
    return placed(ctx, ("box", "__main__.py"), "box", flags=["-m"])


@question(
    "Can __main__.py of a folder, run by python folder, start a child with its own function?",
    why="A child never runs a __main__.py again, so that it does not find what is defined there.",
    do="Define targets in another module of the folder and import them in __main__.py.",
    source=SPAWN_SOURCE,
    asked=("AttributeError: Can't get attribute 'work' on <module '__main__' (built-in)>",),
)
def folder(ctx):
    return placed(ctx, ("box", "__main__.py"), os.path.join(scratch("place"), "box"))


@question(
    "Can __main__.py of a zip application start a child with its own function?",
    why="Programs packed with zipapp start that way. shiv and pex add start-up code of their own, which is not tested.",
    do="Define targets in another module of the archive and import them in __main__.py.",
    source=SPAWN_SOURCE,
    asked=("multiprocessing in a zipapp", "AttributeError: Can't get attribute 'work' on <module '__main__'"),
)
def zip_application(ctx):
    import zipfile

    path = scratch("app.pyz")
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(asset("guard_guarded.py"), "__main__.py")
    try:
        return verdict(launch(ctx, path))
    finally:
        os.remove(path)


@question(
    "Can a script run by runpy.run_path(…, run_name='__main__') start a child?",
    why="It is how one program runs another script in its own process, with its own module __main__ replaced "
    "meanwhile. Debuggers and notebooks have their own ways.",
    do="Run the script directly if its children fail.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=(
        "Can a spawned child send back an instance of a class defined in the main script when that script was "
        "run through runpy/`-m`?",
        "multiprocessing in a script run by runpy.run_path",
    ),
)
def run_path(ctx):
    return verdict(launch(ctx, "scripts_runpy.py"))


@question(
    "Can a script named 'my-first script.py' (hyphen, space) start a child?",
    why="Such a name cannot be imported, but the child runs the file by its path.",
    do="Nothing if yes. Other modules that define targets must have names that can be imported.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
)
def odd_name(ctx):
    return placed(ctx, ("my-first script.py",), os.path.join(scratch("place"), "my-first script.py"))


@question(
    "Can a script without the suffix .py start a child?",
    why="Installed commands on Unix have no suffix.",
    do="Nothing if yes: the child runs the file by its path.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
)
def no_suffix(ctx):
    return placed(ctx, ("command",), os.path.join(scratch("place"), "command"))


@question(
    "Can a script started by a relative path start a child after os.chdir()?",
    why="The child must find the script again from another working folder.",
    do="Nothing if yes: from Python 3.9 on, __file__ of the main module is absolute; on 3.8, multiprocessing remembers "
    "the working folder of the time when it was imported.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=("os.chdir() before Process.start(): FileNotFoundError",),
)
def relative_path(ctx):
    return _changed(ctx, "os.chdir(os.sep)", "script.py")


@question(
    "Can a script start a child after its file was deleted?",
    why="Updates remove the files of running programs, and so do tools that run temporary scripts.",
    do="Keep the file until the last child has started, or start all processes first.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=("FileNotFoundError: [Errno 2] No such file or directory: script.py in a spawned child",),
)
def deleted_script(ctx):
    return _changed(ctx, "os.remove(__file__)", os.path.join(scratch("place"), "script.py"))


def _changed(ctx, statement, name):
    """The verdict on the guarded script, with a statement run before the process is made."""
    import shutil

    top, path = place("script.py")
    before = "    ctx = multiprocessing"
    with open(path, "w") as file:
        file.write(code().replace(before, "    %s\n%s" % (statement, before)))
    try:
        return verdict(_launch_here(ctx, name, top))
    finally:
        shutil.rmtree(top)


def _launch_here(ctx, name, folder_name):
    if os.path.isabs(name):
        return launch(ctx, name, cwd=folder_name)
    return launch(ctx, None, flags=[name], cwd=folder_name)  # run_script would look for the path in assets/


if __name__ == "__main__":
    main()
