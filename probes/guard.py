"""What must a main script look like, and how must it be started, for its children to work?"""

from _probe import main, need_executor, no, question, run_child, value, yes
from _scripts import BROKEN, failure, launch, verdict

GUARD_DOC = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
EXECUTOR_DOC = "https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor"
FREEZE_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.freeze_support"
BOOTSTRAPPING = (
    "RuntimeError: An attempt has been made to start a new process before the current process has finished "
    "its bootstrapping phase.",
    "you have forgotten to use the proper idiom in the main module",
)


@question(
    "Does a script without a main guard work when it starts a Process?",
    why="Under spawn and forkserver the child imports the script again, which would start a process again, and so on.",
    do="Put everything that starts processes under if __name__ == '__main__': in the main script.",
    source=GUARD_DOC,
    documented={"fork": "yes", "*": "no"},
    asked=BOOTSTRAPPING
    + ("Do I need if __name__ == '__main__' for multiprocessing?", "ConnectionResetError in Process.start()"),
)
def unguarded_script(ctx):
    return verdict(launch(ctx, "guard_unguarded.py"))


@question(
    "Does a script with a main guard work when it starts a Process?",
    why="It is the form that the documentation requires.",
    do="Write your main script like this.",
    source=GUARD_DOC,
    documented={"*": "yes"},
    asked=("How do I write a script that uses multiprocessing?",),
)
def guarded_script(ctx):
    return verdict(launch(ctx, "guard_guarded.py"))


@question(
    "Does a Pool work in a script without a main guard?",
    why="Its workers die on import and are replaced without end: the program hangs and prints tracebacks.",
    do="Create the Pool under if __name__ == '__main__':.",
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
    if "bootstrapping phase" in script.stderr and said == ["blocked"]:
        return no("start() waits for ever; the child ended with RuntimeError")
    if "bootstrapping phase" in script.stderr and said and said[0].startswith("raised "):
        raised = said[0].split()[1]
        if raised in BROKEN:
            return no("the parent gets a connection error; the child ended with RuntimeError", raised=raised)
        return no("the parent gets %s; the child ended with RuntimeError" % raised, raised=raised)
    raise RuntimeError("status %r, output %r: %s" % (script.status, script.stdout, script.stderr[-500:]))


@question(
    "Does a ProcessPoolExecutor work in a script without a main guard?",
    why="The error names the pool, not the missing guard.",
    do="Use the executor under if __name__ == '__main__':.",
    source=GUARD_DOC,
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
    why="Its server is a process too, and fails the same way. On Windows the program then hangs: it waits for the "
    "address of a server that has ended.",
    do="Create the Manager under if __name__ == '__main__':.",
    source=GUARD_DOC,
    documented={"fork": "yes", "*": "no"},
    asked=BOOTSTRAPPING + ("EOFError in multiprocessing.Manager()",),
)
def unguarded_manager(ctx):
    return _unguarded(ctx, "guard_manager.py")


@question(
    "Can a module start a Process with a target of its own while it is imported?",
    why="The child must import the module to find its target, and then starts a process while it is itself starting.",
    do="Start processes only in functions, and call them under the main guard.",
    source=GUARD_DOC,
    documented={"fork": "yes"},
    asked=BOOTSTRAPPING,
)
def start_at_import(ctx):
    return verdict(launch(ctx, "guard_import.py"))


def _at_import(ctx, kind):
    """Answer whether a module gets the result of a task of its own while it is imported."""
    script, _ = launch(ctx, "guard_import_tasks.py", kind)
    said = script.stdout.splitlines()
    if said[1:] != ["then 7"] or script.status != 0:
        raise RuntimeError("status %r, output %r: %s" % (script.status, script.stdout, script.stderr[-500:]))
    if said[0] not in ("answer 7", "blocked"):
        raise RuntimeError("it printed %r" % said[0])
    return yes() if said[0] == "answer 7" else no("the thread that sends tasks waits until the module is imported")


@question(
    "Can a module run a function of its own in a Pool while it is imported?",
    why="A thread of the Pool pickles each task. For a function of the module it waits until the import is over, and "
    "the import waits for the task, under fork as well.",
    do="Start pools only in functions, and call them under the main guard.",
    source=GUARD_DOC,
    asked=("Pool at module level hangs when imported", "multiprocessing pool import deadlock"),
)
def pool_at_import(ctx):
    return _at_import(ctx, "pool")


@question(
    "Can a module run a function of its own in a ProcessPoolExecutor while it is imported?",
    why="A thread of the executor pickles each task. For a function of the module it waits until the import is over, "
    "and the import waits for the task, under fork as well.",
    do="Use executors only in functions, and call them under the main guard.",
    source=EXECUTOR_DOC,
    asked=("ProcessPoolExecutor at module level hangs when imported", "executor import deadlock"),
)
def executor_at_import(ctx):
    need_executor(ctx)
    return _at_import(ctx, "executor")


@question(
    "Can the target be a function defined under the main guard?",
    why="The child imports the script under another name, so what is under the guard does not exist there.",
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


def again(ctx):
    """What guard_again.py noted: identity and arguments of each run of its module level; the children's identities."""
    script, lines = launch(ctx, "guard_again.py", "one", "two")
    if script.status != 0 or script.stdout.split() != ["exit", "0"] * 3:
        raise RuntimeError("status %r, output %r: %s" % (script.status, script.stdout, script.stderr[-500:]))
    words = [line.split() for line in lines]
    return [word[1:] for word in words if word[0] == "run"], [word[1] for word in words if word[0] == "child"]


@question(
    "How many times does the module level of the main script run again for three children?",
    why="Each run costs the start-up of the script, with all its imports and side effects.",
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
    "Which processes share a value made at the module level of the main script?",
    why="A random ID, a timestamp or a temporary file made there may differ in each process.",
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
    "Does the main script see sys.argv when it runs again for a child?",
    why="Scripts that read their arguments at module level fail or use defaults if it is empty.",
    do="Parse arguments under the guard and pass the result; or avoid Python 3.13.8 to 3.13.11 and 3.14.1 to 3.14.2.",
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
    "Can a program that is not frozen start a process after freeze_support()?",
    why="Programs that may become an executable one day call it.",
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
