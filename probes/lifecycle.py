"""What may a child start, who waits for it, and what is done before it ends?"""

import os
import sys

from _probe import Unavailable, describe, main, no, question, run_child, run_script, yes
from _scripts import launch
from _tasks import LIMIT

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
GUIDELINES = "https://docs.python.org/3/library/multiprocessing.html#programming-guidelines"


def start_child(method):
    """A child that starts a child; how it was refused, or the exit code of the other."""
    import multiprocessing

    try:
        process = multiprocessing.get_context(method).Process(target=int)
        process.start()
        process.join()
    except AssertionError as error:
        return describe(error)
    return process.exitcode


@question(
    "Can a daemonic process start a process of its own?",
    why="Pool workers are daemonic, so that code which works in a Process fails in a Pool.",
    do="Make the outer process non-daemonic, or use ProcessPoolExecutor: its workers may have children.",
    source=REFERENCE + "Process.daemon",
    documented={"*": "no"},
    asked=("AssertionError: daemonic processes are not allowed to have children",),
    wanted="either",
)
def child_of_daemon(ctx):
    seen = run_child(ctx, start_child, ctx.get_start_method(), kwargs={"daemon": True})
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    if seen.returned == 0:
        return yes()
    if not isinstance(seen.returned, str):
        raise RuntimeError("its exit code is %r" % seen.returned)
    return no(seen.returned)


def at_the_end(ctx, case):
    """The lines that a script printed which ended while its child ran."""
    script = run_script("lifecycle_end.py", case, env={"CANIFORK_METHOD": ctx.get_start_method()}, timeout=LIMIT)
    if script.timed_out:
        raise RuntimeError("the script did not end")
    return script, script.stdout.splitlines()


@question(
    "Is a daemonic child terminated when the program ends normally?",
    why="That is what daemon=True means: the program terminates the child instead of waiting for it.",
    do="Pass daemon=True for helpers that nobody needs once the program is over.",
    source=REFERENCE + "Process.daemon",
    documented={"*": "yes"},
    asked=("What does daemon=True do in multiprocessing?",),
)
def daemon_at_exit(ctx):
    script, lines = at_the_end(ctx, "daemon")
    if lines == ["running True", "child None"]:
        return no("it runs when the program has done all that it does at its end")
    if lines != ["running True", "child -15"]:
        raise RuntimeError("it printed %r: %s" % (lines, script.error))
    return yes("by terminate()")


@question(
    "Does a program wait at its end for children that are not daemonic?",
    why="If such a child never ends, the program does not end either, although its main function has returned. Ctrl+C "
    "does not change that: the program waits again, and a second one interrupts the waiting, with a KeyboardInterrupt "
    "in _exit_function.",
    do="Join your children, and tell them to end first; or make them daemonic. One that is to outlive the program is "
    "better a program of its own: subprocess.Popen([sys.executable, …], start_new_session=True).",
    source=GUIDELINES,
    documented={"*": "yes"},
    asked=("program does not exit after main has finished", "Are processes joined automatically?"),
)
def joined_at_exit(ctx):
    script, lines = at_the_end(ctx, "joined")
    if lines == ["running True", "child None"]:
        return no("it runs when the program has done all that it does at its end")
    if lines != ["running True", "child 0"]:
        raise RuntimeError("it printed %r: %s" % (lines, script.error))
    return yes()


@question(
    "Can an atexit callback start a process whose target is a function of the main script?",
    why="At exit Python 3.12 refuses to fork, and CPython has forgotten the path of the main script, so that a "
    "new interpreter cannot import it.",
    do="Start processes before the main script ends. If it must be in a callback, take the target from an "
    "imported module.",
    source="https://docs.python.org/3/library/atexit.html#atexit.register",
    asked=("RuntimeError: can't fork at interpreter shutdown", "Can't get attribute on module __main__ (built-in)"),
)
def start_at_exit(ctx):
    script, lines = at_the_end(ctx, "start")
    if lines == ["said", "child 0"]:
        return yes()
    if lines and lines[0].startswith("start() raised RuntimeError"):
        return no(lines[0][len("start() raised ") :])
    if lines == ["child 1"] and script.error.startswith("AttributeError"):
        return no("AttributeError in the child: it does not find the function")
    raise RuntimeError("it printed %r: %s" % (lines, script.error))


@question(
    "Can os.waitpid() wait for a child that multiprocessing started?",
    why="An ended child stays a zombie until its parent collects its status. Code that waits for all children "
    "itself takes the status away from Process.",
    do="Use process.join() or multiprocessing.active_children(), which collect the status of ended children; "
    "process.sentinel only tells that a child has ended.",
    source=GUIDELINES,
    asked=("ChildProcessError: [Errno 10] No child processes", "defunct python processes", "zombie process not joined"),
)
def waitpid(ctx):
    process = ctx.Process(target=sys.exit, args=(3,))
    process.start()
    try:
        if os.name == "nt":
            raise Unavailable("a pid cannot be waited for here")
        pid, status = os.waitpid(process.pid, 0)
    except ChildProcessError as error:
        return no(describe(error))
    finally:
        process.join()
    if (pid, status) != (process.pid, 3 << 8):
        raise RuntimeError("status %r" % status)
    return yes()


@question(
    "Can a Process be started again after it has ended?",
    why="A Process object stands for one run of its target.",
    do="Make a new Process each time, or use a pool.",
    source=REFERENCE + "Process.start",
    documented={"*": "no"},
    asked=("AssertionError: cannot start a process twice", "restart a multiprocessing process"),
)
def start_again(ctx):
    process = ctx.Process(target=int)
    process.start()
    process.join()
    try:
        process.start()
    except AssertionError as error:
        return no(describe(error))
    process.join()
    if process.exitcode != 0:
        raise RuntimeError("the second time it ended with %r" % process.exitcode)
    return yes()


def imported(ctx):
    """What the child of lifecycle_import.py saw of the thread, its pid and its parent's, and all lines noted."""
    script, lines = launch(ctx, "lifecycle_import.py", timeout=LIMIT)
    children = [line.split()[1:] for line in lines if line.startswith("child ")]
    if script.status != 0 or script.stdout.split() != ["exit", "0"] or len(children) != 1:
        raise RuntimeError("status %r, output %r: %s" % (script.status, script.stdout, script.stderr[-500:]))
    pid, parent, seen = children[0]
    return seen, pid, parent, lines


@question(
    "Does a child run atexit callbacks that the main script registers at its top level?",
    why="A child that imports the main script registers them again: files are removed, messages sent and "
    "connections closed at the end of each child.",
    do="Register callbacks under if __name__ == '__main__':, or let them compare os.getpid() with the program's pid.",
    source="https://docs.python.org/3/library/atexit.html#atexit.register",
    asked=("atexit function called multiple times with multiprocessing", "module level atexit.register in a child"),
    wanted="no",
)
def callback_of_script(ctx):
    _, pid, _, lines = imported(ctx)
    times = lines.count("callback " + pid)
    if times > 1:
        raise RuntimeError("it ran %d times" % times)
    return yes() if times else no("it does not run")


@question(
    "Does a child have the thread that the main script starts at its top level?",
    why="A forked child has none of its parent's threads. A child that imports the main script starts a thread "
    "of its own. A fork server that has imported it keeps the thread to itself; its children see a dead one.",
    do="Start threads under if __name__ == '__main__':, or in a function that the child calls.",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    asked=("thread started at module level is dead in the child", "background thread in every multiprocessing child"),
    wanted="either",
)
def thread_of_script(ctx):
    seen, pid, parent, lines = imported(ctx)
    if seen == "answers" and "thread " + pid in lines:
        return yes("the child has started its own")
    if seen != "gone" or "thread " + pid in lines:
        raise RuntimeError("it is %s: %r" % (seen, lines))
    where = {"fork": "parent", "forkserver": "fork server"}.get(ctx.get_start_method())
    if where is None or "thread " + parent not in lines:
        raise RuntimeError("nobody started it: %r" % lines)
    return no("it runs in the " + where)


if __name__ == "__main__":
    main()
