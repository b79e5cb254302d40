"""Do children start where real programs run: in a venv, as a console script, under a debugger, as a daemon?"""

import os
import sys

from _probe import (
    Unavailable,
    asset,
    do_nothing,
    judged,
    last_error,
    main,
    no,
    printed,
    question,
    raise_if_unavailable,
    raise_unexpected,
    run_child,
    scratch,
    stable,
    value,
    wait_until,
    yes,
)
from _scripts import launch

SPAWN_SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/spawn.py"
GUIDELINES = "https://docs.python.org/3/library/multiprocessing.html#programming-guidelines"
METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"

GUARDED = "guard_guarded.py"  # a script that starts one child, which notes a line


def text_of(name):
    """The text of an asset."""
    with open(asset(name), encoding="utf-8") as file:
        return file.read()


class Place:
    """A folder with files, which is removed at the end of the block; files: {name: text}."""

    def __init__(self, files):
        self.top = scratch("place")
        self.files = files

    def __enter__(self):
        for name, text in self.files.items():
            path = self.path(name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return self

    def __exit__(self, *error):
        if not wait_until(self.removed):  # on Windows, a child that is about to end may be in it
            raise RuntimeError("the folder cannot be removed")

    def removed(self):
        """Try to remove the folder; whether it is gone."""
        import shutil

        shutil.rmtree(self.top, ignore_errors=True)
        return not os.path.exists(self.top)

    def path(self, name):
        """Where a file is."""
        return os.path.join(self.top, *name.split("/"))


def errors(text):
    """'SomeError: message' of each traceback in a text, in the order of printing."""
    import re

    return [stable(found) for found in re.findall(r"^(?:\w+\.)*(\w+Error\b.*)$", text, re.M)]


BOOTSTRAPPING = "RuntimeError (bootstrapping phase)"


def started(launched, *causes):
    """Answer yes if the child has written its line and all ended well; no if an error was printed that is known here.

    causes: how the first such error may begin.
    """
    script, lines = launched
    if lines == ["child"] and "exit 0" in script.stdout and script.status == 0:
        return yes()
    text = script.stdout + script.stderr
    if "bootstrapping phase" in text and BOOTSTRAPPING in causes:
        return no(BOOTSTRAPPING + " in the child")
    found = [error for error in errors(text) if error.startswith(causes)]
    if lines or not found:
        raise RuntimeError("status %r, report %r, printed %s" % (script.status, lines, text[-700:]))
    return no(found[0])


def make_venv(folder):
    """The interpreter of a new venv."""
    try:
        import venv
    except ImportError as error:
        raise Unavailable("there is no module venv") from error
    venv.EnvBuilder(symlinks=os.name != "nt", with_pip=False).create(folder)
    names = ("Scripts/python.exe",) if os.name == "nt" else ("bin/python", "bin/python3")
    for name in names:
        path = os.path.join(folder, *name.split("/"))
        if os.path.exists(path):
            return path
    raise Unavailable("the venv has no interpreter")


IN_VENV = """
import multiprocessing, os, sys


def work(path):
    import only_here
    with open(path, "a") as file:
        file.write("%s\\n" % ["other prefix", "child"][sys.prefix == sys.argv[1]])


if __name__ == "__main__":
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    process = ctx.Process(target=work, args=(os.environ["CANIFORK_REPORT"],))
    process.start()
    process.join()
    print("exit", process.exitcode)
"""


def need_start(ctx):
    """Raise Unavailable where no child can be started, or no program."""
    seen = run_child(ctx, do_nothing)
    raise_if_unavailable(ctx, seen)
    if not seen.ok:
        raise_unexpected(ctx, seen)


@question(
    "Does a child of a program in a venv have the venv's packages and sys.prefix?",
    why="The venv's interpreter is a link or a launcher; a child that ran the interpreter behind it would not find the "
    "packages.",
    do="Nothing if yes; else start the program by the full path of the venv's interpreter.",
    source=METHODS_DOC,
    asked=("multiprocessing in a virtualenv", "ModuleNotFoundError in a child process of a venv"),
)
def in_venv(ctx):
    need_start(ctx)
    with Place({"script.py": IN_VENV}) as place:
        folder = os.path.realpath(place.path("venv"))
        python = make_venv(folder)
        libraries = [base for base, names, _ in os.walk(folder) if "site-packages" in names]
        if not libraries:
            raise Unavailable("the venv has no site-packages")
        with open(os.path.join(libraries[0], "site-packages", "only_here.py"), "w") as file:
            file.write("")
        mine = sys.executable
        sys.executable = python  # what run_script starts
        try:
            script, lines = launch(ctx, place.path("script.py"), folder)
        finally:
            sys.executable = mine
    if lines == ["other prefix"]:
        return no("sys.prefix is another")
    return started((script, lines), "ModuleNotFoundError")


COMMAND = """
import re
import sys
from program.cli import main
if __name__ == "__main__":
    sys.argv[0] = re.sub(r"(-script\\.pyw|\\.exe)?$", "", sys.argv[0])
    sys.exit(main())
"""
OLD_COMMAND = """
import sys
from program.cli import main
sys.exit(main())
"""
PROGRAM = text_of(GUARDED).replace('if __name__ == "__main__":', "def main():")


def command(ctx, text):
    """The script and report of a command without suffix in bin/, whose package lies elsewhere."""
    if os.name == "nt":
        raise Unavailable("commands are programs there, with the script inside")
    files = {"bin/program": text, "lib/program/__init__.py": "", "lib/program/cli.py": PROGRAM}
    with Place(files) as place:
        return launch(ctx, place.path("bin/program"), env={"PYTHONPATH": place.path("lib")})


@question(
    "Can a console script, as pip writes it, start a child?",
    why="The main module is then a file without suffix in bin/, which a child runs again; the code is in a package.",
    do="Declare commands as entry points: their files have a main guard.",
    source=GUIDELINES,
    asked=("multiprocessing with console_scripts entry point", "entry point and multiprocessing spawn"),
)
def console_script(ctx):
    return started(command(ctx, COMMAND))


@question(
    "Can a command start a child whose file calls sys.exit(main()) without a main guard?",
    why="Each child runs the file again, and so the whole program; such files were written by old setuptools.",
    do="Install the program again with a current pip, or start it with python -m.",
    source=GUIDELINES,
    documented={"fork": "yes"},
    asked=("py.test command is not compatible with multiprocessing start methods", "load_entry_point multiprocessing"),
)
def unguarded_command(ctx):
    return started(command(ctx, OLD_COMMAND), BOOTSTRAPPING)


RUNNER = """
import sys, types
path = sys.argv.pop(1)
with open(path) as file:
    code = compile(file.read(), path, "exec")
"""
IN_DICT = RUNNER + 'exec(code, {"__name__": "__main__", "__file__": path})\n'
IN_MODULE = (
    RUNNER
    + """
module = types.ModuleType("__main__")
del module.__spec__
module.__file__ = path
sys.modules["__main__"] = module
exec(code, module.__dict__)
"""
)
NO_SPEC = "AttributeError: module '__main__' has no attribute '__spec__'"
NOT_FOUND = ("PicklingError: Can't pickle <function work", "AttributeError: module '__main__' has no attribute 'work'")
WITH_SPEC = IN_MODULE.replace("del module.__spec__", "module.__spec__ = None")


def run_by(ctx, runner):
    """The guarded script, run by another one, and its report."""
    with Place({"runner.py": runner, "script.py": text_of(GUARDED)}) as place:
        return launch(ctx, place.path("runner.py"), place.path("script.py"))


@question(
    "Can a script start a child that a runner executes by exec(code, {'__name__': '__main__'})?",
    why="Its functions say that they are in __main__, but the module of that name is the runner, where they are not "
    "found. Some tools run scripts so.",
    do="Put the target into a module that the script imports. Where the runner is a script, it needs a main guard: "
    "the child runs it again.",
    source=SPAWN_SOURCE,
    asked=(
        "_pickle.PicklingError: Can't pickle <function work>: attribute lookup work on __main__ failed",
        "Can't pickle <function work>: it's not found as __main__.work",
    ),
)
def run_in_dict(ctx):
    return started(run_by(ctx, IN_DICT), *NOT_FOUND)


@question(
    "Can a process be started if the module __main__ has no attribute __spec__?",
    why="Runners that replace __main__ by a module of their own forget it, as some IDEs and debuggers did.",
    do="Set sys.modules['__main__'].__spec__ = None at the top of the script.",
    source=SPAWN_SOURCE,
    asked=(
        "AttributeError: module '__main__' has no attribute '__spec__'",
        "multiprocessing in Spyder or pdb: no attribute '__spec__'",
    ),
)
def main_without_spec(ctx):
    return started(run_by(ctx, IN_MODULE), NO_SPEC)


@question(
    "Can a process be started if a runner replaced __main__ and set its __spec__ to None?",
    why="A child then runs the script again by its __file__, as if it had been started directly.",
    do="Write runners like this.",
    source=SPAWN_SOURCE,
    asked=("run a script in its own __main__ module with multiprocessing",),
)
def main_replaced(ctx):
    return started(run_by(ctx, WITH_SPEC))


def under(ctx, *flags, **options):
    """The guarded script, run by python -m TOOL, and its report."""
    with Place({"script.py": text_of(GUARDED)}) as place:
        flags = [flag.replace("SCRIPT", place.path("script.py")) for flag in flags]
        return launch(ctx, None, flags=flags, cwd=place.top, **options)


@question(
    "Can a script start a child under python -m pdb?",
    why="The debugger runs the script in a module __main__ of its own, which lacked __spec__ before Python 3.11.9 and "
    "3.12.3.",
    do="Nothing if yes; else set sys.modules['__main__'].__spec__ = None at the top of the script.",
    source="https://github.com/python/cpython/issues/87115",
    asked=("pdb multiprocessing", "AttributeError: module '__main__' has no attribute '__spec__' pdb"),
)
def under_pdb(ctx):
    # after the script's end pdb would begin again: the second command ends it
    flags = ("-m", "pdb", "-c", "continue", "-c", "quit", "SCRIPT")
    return started(under(ctx, *flags, stdin="quit\n" * 3), NO_SPEC)


@question(
    "Can a script start a child under python -m cProfile?",
    why="The profiler runs the script by exec(); unless it makes that the module __main__, functions of the script are "
    "not found there.",
    do="Put the target into a module, or profile inside of it with cProfile.Profile().",
    source="https://github.com/python/cpython/issues/140729",
    asked=(
        "cProfile multiprocessing PicklingError",
        "Can't pickle <function work>: attribute lookup work on __main__ failed cProfile",
    ),
)
def under_profiler(ctx):
    from _modules import needed

    needed("cProfile")
    return started(under(ctx, "-m", "cProfile", "-o", os.devnull, "SCRIPT"), *NOT_FOUND)


TESTS = (
    text_of(GUARDED).partition("if __name__")[0]
    + """

import unittest


class Test(unittest.TestCase):
    def test_child(self):
        ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
        process = ctx.Process(target=work, args=(os.environ["CANIFORK_REPORT"],))
        process.start()
        process.join()
        print("exit", process.exitcode)
"""
)


@question(
    "Can a test run by python -m unittest start a child with a target in the test's module?",
    why="The main module is unittest; the child imports the test's module by its name.",
    do="Nothing if yes; run the tests from the folder in which they can be imported.",
    source=GUIDELINES,
    asked=("multiprocessing in unit tests", "Can't get attribute in unittest with spawn"),
)
def under_unittest(ctx):
    with Place({"test_child.py": TESTS}) as place:
        return started(launch(ctx, None, "unittest", "test_child", flags=["-m"], stdin="", cwd=place.top))


def changed(old, new):
    """The guarded script with a change."""
    text = text_of(GUARDED)
    if old not in text:
        raise RuntimeError("the script has changed")
    return text.replace(old, new, 1)


START = "    ctx = multiprocessing"


CLOSED = """
import multiprocessing, os, sys


def note(line):
    with open(os.environ["CANIFORK_REPORT"], "a") as file:
        file.write(line + "\\n")


if __name__ == "__main__":
    os.close(0), os.close(1), os.close(2)
    sys.stdin = sys.stdout = sys.stderr = None
    try:
        process = multiprocessing.get_context(os.environ["CANIFORK_METHOD"]).Process(target=note, args=("child",))
        process.start()
        process.join()
    except Exception as error:
        note("start() raises %s" % type(error).__name__)
    else:
        note("exit code %s" % process.exitcode)
"""


@question(
    "Can a program without standard input, output and error (closed) start a child?",
    why="Daemons close descriptors 0, 1 and 2. The pipes of multiprocessing then get these numbers, and whatever "
    "prints writes into them.",
    do="Redirect the three to os.devnull, as python-daemon does, instead of closing them.",
    source="https://docs.python.org/3/library/multiprocessing.html#all-start-methods",
    asked=("multiprocessing in a daemon process", "OSError: [Errno 9] Bad file descriptor in a daemon"),
)
def closed_streams(ctx):
    need_start(ctx)
    if os.name == "nt":
        raise Unavailable("programs have no such descriptors there")
    with Place({"script.py": CLOSED}) as place:
        _, lines = launch(ctx, place.path("script.py"))
    if lines == ["child", "exit code 0"]:
        return yes()
    if len(lines) != 1 or lines == ["exit code 0"]:
        raise RuntimeError("the report is %r" % lines)
    return no("the child does not run its target: " + lines[0])


AT_TOP = changed(
    "import os\n",
    'import os\n\nmultiprocessing.set_start_method(os.environ["CANIFORK_METHOD"])\n',
)


@question(
    "Can a script call set_start_method() at its top level, above the main guard?",
    why="A child that runs the top level again finds the method set: RuntimeError ends it. Where the fork server has "
    "imported the script, its children do not run it again.",
    do="Call set_start_method() under the main guard, once.",
    source=GUIDELINES,
    documented={"fork": "yes"},
    asked=("RuntimeError: context has already been set", "where to call set_start_method"),
)
def method_set_at_top(ctx):
    with Place({"script.py": AT_TOP}) as place:
        return started(launch(ctx, place.path("script.py")), "RuntimeError: context has already been set")


WHO = """
import multiprocessing
import os


def note(line):
    with open(os.environ["CANIFORK_REPORT"], "a") as file:
        file.write(line + "\\n")


def tell():
    pass


if __name__ != "__main__":
    parent = getattr(multiprocessing, "parent_process", lambda: None)()
    note("%s|%s" % (multiprocessing.current_process().name, "none" if parent is None else "known"))

if __name__ == "__main__":
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    process = ctx.Process(target=tell)
    process.start()
    process.join()
    print("exit", process.exitcode)
"""


def who(ctx):
    """What current_process().name and parent_process() are while a child's main script is imported again."""
    with Place({"script.py": WHO}) as place:
        script, lines = launch(ctx, place.path("script.py"))
    if script.status != 0 or script.stdout.split() != ["exit", "0"] or len(lines) != 1:
        raise RuntimeError("status %r, report %r: %s" % (script.status, lines, script.stderr[-300:]))
    return lines[0].split("|")


@question(
    "What is current_process().name while the main script is imported again for a child?",
    why="Scripts ask for it, instead of __name__, to find out whether they are the program or a child.",
    do="Use the main guard: if __name__ == '__main__':. In a frozen application call freeze_support() first under it: "
    "each child is the application, started again.",
    source=SPAWN_SOURCE,
    methods=("spawn", "forkserver"),
    asked=("multiprocessing.current_process().name == 'MainProcess'", "how to detect a child process at import"),
    wanted="either",
)
def name_at_import(ctx):
    return value(who(ctx)[0])


@question(
    "Does parent_process() tell, while the main script is imported again, that this is a child?",
    why="It is None in the program and a process in children, but it is set only after the import.",
    do="Use the main guard: if __name__ == '__main__':.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.parent_process",
    methods=("spawn", "forkserver"),
    asked=("parent_process() is None in child", "detect a child process at module level, spawn"),
)
def parent_at_import(ctx):
    return yes() if who(ctx)[1] == "known" else no("it is None")


@question(
    "Can a process be started when sys.path holds a pathlib.Path?",
    why="sys.path is to hold strings only, but scripts add paths all the same. The fork server gets the parent's "
    "sys.path as Python code, in which such an entry is a name that it does not know.",
    do="Add str(path) to sys.path.",
    source="https://github.com/python/cpython/issues/145898",
    asked=("sys.path.append(Path) multiprocessing", "NameError: name 'PosixPath' is not defined"),
)
def path_object(ctx):
    import pathlib

    sys.path.append(pathlib.Path(scratch("nowhere")))
    seen = run_child(ctx, at_work)
    if seen.stage == "start" and isinstance(seen.exception, (ConnectionError, EOFError)):
        wait_until(lambda: last_error(printed()))
        error = last_error(printed())
        if "Path" not in error:
            raise RuntimeError("the fork server says %r" % error)
        return no("the fork server ends with " + error)
    return judged(ctx, seen, ())


def at_work():
    """The child runs."""
    return True


@question(
    "Can a script that is started by a symbolic link start a child?",
    why="The child runs the main script again by the path that it was started with.",
    do="Nothing if yes.",
    source=SPAWN_SOURCE,
    asked=("multiprocessing with a symlinked script",),
)
def by_link(ctx):
    with Place({"lib/script.py": text_of(GUARDED)}) as place:
        try:
            os.symlink(place.path("lib/script.py"), place.path("command"))
            text_of(place.path("command"))
        except (OSError, NotImplementedError, AttributeError) as error:
            raise Unavailable("no symbolic links: %s" % stable(str(error))) from error
        return started(launch(ctx, place.path("command")))


ONE_FILE = """
import multiprocessing
import os
import module_beside


if __name__ == "__main__":
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    process = ctx.Process(target=module_beside.work, args=(os.environ["CANIFORK_REPORT"],))
    process.start()
    process.join()
    print("exit", process.exitcode)
"""


@question(
    "Does a child find a module beside a script that was started by a relative path and has called os.chdir()?",
    why="sys.path begins with the script's folder; where that was given as a relative path it would lead elsewhere.",
    do="Nothing if yes; else start the script by its full path.",
    source=SPAWN_SOURCE,
    asked=("ModuleNotFoundError in a child after os.chdir()",),
)
def module_beside(ctx):
    text = ONE_FILE.replace(START, "    os.chdir(os.sep)\n" + START)
    module = text_of(GUARDED).partition("if __name__")[0]
    with Place({"script.py": text, "module_beside.py": module}) as place:
        return started(
            launch(ctx, None, flags=["script.py"], cwd=place.top), "ModuleNotFoundError", "FileNotFoundError"
        )


def run_program():
    """Run a program by asyncio, and wait for its end."""
    import asyncio

    async def run():
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "print('said'); raise SystemExit(3)", stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        return [said.decode().strip(), process.returncode]

    return asyncio.run(run())


@question(
    "Can a child run a program with asyncio.create_subprocess_exec()?",
    why="asyncio learns of the end of programs by a thread or by a descriptor of the process, as the Python and the "
    "system have it; a child must set it up anew.",
    do="Nothing if yes; else use subprocess.run() in a thread.",
    source="https://docs.python.org/3/library/asyncio-subprocess.html#subprocess-and-threads",
    asked=(
        "asyncio subprocess in a multiprocessing child",
        "RuntimeError: Cannot add child handler, the child watcher does not have a loop attached",
    ),
)
def asyncio_program(ctx):
    seen = run_child(ctx, run_program)
    if seen.ok and seen.returned == ["said", 3]:
        return yes()
    if seen.stage == "done" and seen.error.startswith(("RuntimeError", "NotImplementedError")):
        return no(seen.error)
    return raise_unexpected(ctx, seen)


if __name__ == "__main__":
    main()
