"""What must a main script look like, and how must it be started, for its children to work?"""

import os

from _probe import asset, main, need_executor, no, question, run_child, run_script, scratch, stable, value, yes

GUARD_DOC = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
NOTE_DOC = "https://docs.python.org/3/library/multiprocessing.html#using-a-pool-of-workers"
EXECUTOR_DOC = "https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor"
FREEZE_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.freeze_support"
SPAWN_SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/spawn.py"

BOOTSTRAPPING = (
    "RuntimeError: An attempt has been made to start a new process before the current process has finished "
    "its bootstrapping phase.",
    "you have forgotten to use the proper idiom in the main module",
)
NOT_FOUND = ("AttributeError", "FileNotFoundError")  # the child finds neither target nor script
BROKEN = ("EOFError", "ConnectionResetError", "BrokenPipeError", "ConnectionRefusedError", "ConnectionAbortedError")


def launch(ctx, name, *args, **options):
    """Run a script that starts its children with this method; give back the script and the lines of its report."""
    report = scratch("report")
    changes = dict(options.pop("env", {}), CANIFORK_METHOD=ctx.get_start_method(), CANIFORK_REPORT=report)
    open(report, "w").close()
    script = run_script(name, *args, env=changes, **options)
    with open(report) as file:
        lines = file.read().splitlines()
    os.remove(report)
    return script, lines


def errors(text):
    """'SomeError: message' of each traceback in a text, in the order of printing."""
    found = []
    for line in text.splitlines():
        name = line.partition(":")[0].rpartition(".")[2]
        if line[:1].isalpha() and name.isidentifier() and name.endswith("Error"):
            found.append(stable(name + line.partition(":")[1] + line.partition(":")[2]))
    return found


def failure(script):
    """How it failed: the detail of a `no`. Raises if that cannot be told."""
    if "bootstrapping phase" in script.stderr:
        cause = "RuntimeError (bootstrapping phase)"
    else:
        causes = [error for error in errors(script.stderr) if not error.startswith(BROKEN)]
        if not causes or not (causes[0].startswith(NOT_FOUND) or "<stdin>" in causes[0]):
            raise RuntimeError("status %r without a known error: %s" % (script.status, script.stderr[-500:]))
        cause = causes[0]
    if "exit 1" in script.stdout.splitlines():
        return "%s in the child; start() raised nothing" % cause
    if script.status == 1 and any(error.startswith(BROKEN) for error in errors(script.stderr)):
        return "start() raised in the parent, since the fork server ended with %s" % cause
    raise RuntimeError("status %r, output %r" % (script.status, script.stdout))


def verdict(launched):
    """yes if the child wrote its line and all ended well, else no with the cause."""
    script, lines = launched
    if lines == ["child"] and script.stdout.split() == ["exit", "0"] and script.status == 0:
        return yes()
    return no(failure(script), status=script.status, errors=errors(script.stderr)[:6])


@question(
    "Does a script without a main guard work when it starts a process?",
    why="Under spawn and forkserver the child imports the script again, and would start a process again, and so on.",
    do="Put all that starts processes under if __name__ == '__main__': in the main script.",
    source=GUARD_DOC,
    documented={"fork": "yes", "*": "no"},
    asked=BOOTSTRAPPING
    + ("Do I need if __name__ == '__main__' for multiprocessing?", "ConnectionResetError in Process.start()"),
)
def unguarded_script(ctx):
    return verdict(launch(ctx, "guard_unguarded.py"))


@question(
    "Does a script with a main guard work when it starts a process?",
    why="It is the form that the documentation asks for; if it fails, nothing else can work.",
    do="Write your main script like this.",
    source=GUARD_DOC,
    documented={"*": "yes"},
    asked=("How do I write a script that uses multiprocessing?",),
)
def guarded_script(ctx):
    return verdict(launch(ctx, "guard_guarded.py"))


@question(
    "Does a Pool work in a script without a main guard?",
    why="Its workers die on import and are replaced without end: the program hangs while tracebacks fill the disk.",
    do="Make the Pool under if __name__ == '__main__':.",
    source=GUARD_DOC,
    documented={"fork": "yes", "*": "no"},
    asked=BOOTSTRAPPING + ("multiprocessing Pool hangs and prints tracebacks for ever",),
)
def unguarded_pool(ctx):
    script, lines = launch(ctx, "guard_pool.py")
    said = script.stdout.split("\n")[0]
    if said == "answer 7" and script.status == 0 and lines == ["__main__"]:
        return yes()
    if said == "replaced" and "bootstrapping phase" in script.stderr:
        return no("workers end with RuntimeError (bootstrapping phase) and are replaced without end", runs=len(lines))
    return no(failure(script), status=script.status)


def _unguarded(ctx, name):
    script, _ = launch(ctx, name)
    said = script.stdout.splitlines()[-1:]
    if said == ["answer 7"] and script.status == 0:
        return yes()
    if "bootstrapping phase" in script.stderr and said and said[0].startswith("raised "):
        raised = said[0].split()[1]
        if raised in BROKEN:
            return no("the parent gets a connection error; the child ended with RuntimeError", raised=raised)
        return no("the parent gets %s; the child ended with RuntimeError" % raised, raised=raised)
    raise RuntimeError("status %r, output %r: %s" % (script.status, script.stdout, script.stderr[-500:]))


@question(
    "Does a ProcessPoolExecutor work in a script without a main guard?",
    why="The error names the pool and not the missing guard.",
    do="Use the executor under if __name__ == '__main__':.",
    source=EXECUTOR_DOC,
    documented={"fork": "yes", "*": "no"},
    asked=BOOTSTRAPPING
    + (
        "concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly while "
        "the future was running or pending.",
    ),
)
def unguarded_executor(ctx):
    need_executor(ctx)
    return _unguarded(ctx, "guard_executor.py")


@question(
    "Does a Manager work in a script without a main guard?",
    why="Its server is a process too, and fails like any other.",
    do="Make the Manager under if __name__ == '__main__':.",
    source=GUARD_DOC,
    documented={"fork": "yes", "*": "no"},
    asked=BOOTSTRAPPING + ("EOFError in multiprocessing.Manager()",),
)
def unguarded_manager(ctx):
    return _unguarded(ctx, "guard_manager.py")


@question(
    "Can a module start a process while it is imported?",
    why="The child must import the module to find its target, and then starts a process while it is itself starting.",
    do="Start processes in functions only, and call them under the main guard.",
    source=GUARD_DOC,
    documented={"fork": "yes"},
    asked=BOOTSTRAPPING,
)
def start_at_import(ctx):
    return verdict(launch(ctx, "guard_import.py"))


@question(
    "Can the target be a function defined under the main guard?",
    why="The child imports the script under another name, so that what stands under the guard does not exist there.",
    do="Define targets at module level, above the guard.",
    source=GUARD_DOC,
    documented={"fork": "yes"},
    asked=(
        "AttributeError: Can't get attribute 'f' on <module '__mp_main__'",
        "AttributeError: module '__mp_main__' has no attribute 'f'",
    ),
)
def target_under_guard(ctx):
    return verdict(launch(ctx, "guard_target_inside.py"))


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
    "Can a child be started from code given with python -c?",
    why="The child has no file from which it could import the target.",
    do="Write the code to a file, or take the target from a module that can be imported.",
    source=NOTE_DOC,
    asked=("AttributeError: Can't get attribute 'work' on <module '__main__' (built-in)>", "python -c multiprocessing"),
)
def dash_c(ctx):
    return verdict(launch(ctx, code(), flags=["-c"]))


@question(
    "Can a child be started from a script that is read from standard input?",
    why="The main module then claims to be a file named <stdin>, which the child cannot open.",
    do="Write the script to a file first.",
    source=NOTE_DOC,
    asked=("FileNotFoundError: [Errno 2] No such file or directory: '<stdin>'",),
)
def from_stdin(ctx):
    return verdict(launch(ctx, None, stdin=code(), cwd=scratch()))


@question(
    "Can a child be started from the interactive prompt?",
    why="Functions typed at the prompt have no file that a child could import.",
    do="Put the target into a module, import it at the prompt, and start from there.",
    source=NOTE_DOC,
    documented={"spawn": "no", "forkserver": "no"},
    asked=("AttributeError: Can't get attribute 'f' on <module '__main__' (built-in)>", "multiprocessing in the REPL"),
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
    "Can a child be started from a module run with python -m module?",
    why="The child finds the target by the module's name.",
    do="Nothing special, but for packages see the question about python -m package.",
    source=SPAWN_SOURCE,
    asked=("python -m multiprocessing script",),
)
def dash_m(ctx):
    return placed(ctx, ("runme.py",), "runme", flags=["-m"])


@question(
    "Can a target stand in the __main__.py of a package run with python -m package?",
    why="A child never runs a __main__.py again, so that it does not find what is defined there.",
    do="Define targets in another module of the package and import them in __main__.py.",
    source=SPAWN_SOURCE,
    asked=("AttributeError: Can't get attribute 'work' on <module '__main__' (built-in)>", "python -m package spawn"),
)
def dash_m_package(ctx):
    return placed(ctx, ("box", "__main__.py"), "box", flags=["-m"])


@question(
    "Can a target stand in the __main__.py of a folder run with python folder?",
    why="A child never runs a __main__.py again, so that it does not find what is defined there.",
    do="Define targets in another module of the folder and import them in __main__.py.",
    source=SPAWN_SOURCE,
    asked=("AttributeError: Can't get attribute 'work' on <module '__main__' (built-in)>",),
)
def folder(ctx):
    return placed(ctx, ("box", "__main__.py"), os.path.join(scratch("place"), "box"))


@question(
    "Can a target stand in the __main__.py of a zip application?",
    why="Programs packed with zipapp, shiv or pex start that way.",
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
    "Can a child be started from a script that runpy.run_path() runs?",
    why="Debuggers, profilers and notebooks run the user's script that way.",
    do="Start the script itself if its children fail.",
    source=SPAWN_SOURCE,
    asked=("multiprocessing under a debugger or profiler",),
)
def run_path(ctx):
    return verdict(launch(ctx, "guard_runpy.py"))


@question(
    "Can a child be started from a script whose name has a hyphen or a space?",
    why="Such a name cannot be imported, but the child runs the file by its path.",
    do="Nothing: the name of the main script is free. Modules that hold targets must be importable.",
    source=SPAWN_SOURCE,
)
def odd_name(ctx):
    return placed(ctx, ("my-first script.py",), os.path.join(scratch("place"), "my-first script.py"))


@question(
    "Can a child be started from a script without the suffix .py?",
    why="Installed commands on Unix have none.",
    do="Nothing: the child runs the file by its path.",
    source=SPAWN_SOURCE,
)
def no_suffix(ctx):
    return placed(ctx, ("command",), os.path.join(scratch("place"), "command"))


@question(
    "Can a child be started by a script that was started by relative path and then changed its folder?",
    why="The child must find the script again from another working folder.",
    do="Nothing if yes: multiprocessing remembers the folder in which it was imported.",
    source=SPAWN_SOURCE,
    asked=("os.chdir() before Process.start(): FileNotFoundError",),
)
def relative_path(ctx):
    return _changed(ctx, "os.chdir(os.sep)", "script.py")


@question(
    "Can a child be started by a script that has been deleted since?",
    why="Updates and temporary scripts remove the file while the program still runs.",
    do="Keep the file until the last child has started, or start all processes first.",
    source=SPAWN_SOURCE,
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


def again(ctx):
    """What guard_again.py noted: identity and arguments of each run of its module level; the children's identities."""
    script, lines = launch(ctx, "guard_again.py", "one", "two")
    if script.status != 0 or script.stdout.split() != ["exit", "0"] * 3:
        raise RuntimeError("status %r, output %r: %s" % (script.status, script.stdout, script.stderr[-500:]))
    words = [line.split() for line in lines]
    return [word[1:] for word in words if word[0] == "run"], [word[1] for word in words if word[0] == "child"]


@question(
    "How often does the module level of the main script run again for three children?",
    why="Each time costs the start-up of the script, with all its imports and side effects.",
    do="Keep the module level of the main script small; put slow imports and set-up under the guard or into functions.",
    source=GUARD_DOC,
    documented={"fork": 0},
    asked=("Why does my script run several times with multiprocessing?", "__mp_main__"),
    unit="times",
)
def main_again(ctx):
    runs, _ = again(ctx)
    return value(len(runs) - 1)


@question(
    "Do the parent and its children share a value made at the module level of the main script?",
    why="A random identity, a timestamp or a temporary file made there may differ in each process.",
    do="Make such values under the guard and pass them as arguments.",
    source=GUARD_DOC,
    asked=("uuid4 differs in child processes", "global random value differs in multiprocessing children"),
)
def main_values(ctx):
    runs, children = again(ctx)
    if set(children) == {runs[0][0]}:
        return value("all share it")
    if len(set(children)) == 1:
        return value("the children share one of their own")
    if len(set(children)) == len(children) and runs[0][0] not in children:
        return value("each has its own")
    raise RuntimeError("parent %s, children %s" % (runs[0][0], children))


@question(
    "Does the module level of the main script see sys.argv when it runs again for a child?",
    why="Scripts that read their arguments at module level fail or take defaults if it is empty.",
    do="Parse arguments under the guard and pass the result; or leave Python 3.13.8 to 3.13.11 and 3.14.1 to 3.14.2.",
    source="https://docs.python.org/3.14/whatsnew/changelog.html#python-3-14-3-final",
    documented={
        'forkserver; python_version == "3.13" and python_full_version >= "3.13.12"': "yes",
        'forkserver; python_version == "3.13" and python_full_version >= "3.13.8"': "no",
        'forkserver; python_full_version >= "3.14.3"': "yes",
        'forkserver; python_full_version >= "3.14.1"': "no",
    },
    methods=("spawn", "forkserver"),
    asked=("sys.argv is empty in forkserver child", "IndexError: list index out of range sys.argv multiprocessing"),
)
def main_argv(ctx):
    runs, _ = again(ctx)
    seen = [run[1:] for run in runs[1:]]
    if not seen:
        raise RuntimeError("the module level did not run again")
    if all(args == ["one", "two"] for args in seen):
        return yes()
    if any(seen):
        raise RuntimeError("it sees %r" % seen)
    return no("sys.argv[1:] is empty")


def twice(number):
    """Something that shows that the argument arrived."""
    return 2 * number


@question(
    "Is freeze_support() harmless in a program that is not frozen?",
    why="It is copied into every program that might become an executable one day.",
    do="Leave it in; it matters only for frozen executables.",
    source=FREEZE_DOC,
    documented={"*": "yes"},
    asked=("Do I need multiprocessing.freeze_support()?",),
)
def freeze_support(ctx):
    ctx.freeze_support()
    seen = run_child(ctx, twice, 21)
    if seen.ok and seen.returned == 42:
        return yes()
    raise RuntimeError(seen.why_not())


if __name__ == "__main__":
    main()
