"""Can I fork after importing a package? The ten questions that are asked of every recipe."""

import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROBES = os.path.dirname(os.path.dirname(HERE))
if PROBES not in sys.path:
    sys.path.append(PROBES)  # last: no theme there may hide what a package imports

from _probe import (  # noqa: E402
    main,
    method_of,
    origin,
    question,
    raise_if_unavailable,
    run_child,
    scratch,
    unavailable,
    value,
    wait_until,
)
from _recipe import HANGS, PARENT, WORKS, Server, answer_signals, check, in_child, load, made, serve  # noqa: E402
from _tasks import note  # noqa: E402

MANUAL = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
FORK = ("fork",)
ROUNDS = 30  # uses of an object by the child, while the parent uses its own
MOST = 5  # seconds for which the parent uses it, if the child does not come to an end
CHILDREN = {"fork": 7, "spawn": 1}  # started while another thread uses the package: 21 in three attempts
CONTROL = ("fork", "spawn")  # what fails under spawn as well says nothing of fork

recipe = load()
if recipe is not None:
    answer_signals()


def fresh():
    """The child makes an object of its own and uses it."""
    thing = made(recipe)
    right = recipe.use(thing)
    recipe.close(thing)
    return right


def use(thing):
    """The child uses the object that it was given."""
    return recipe.use(thing)


def drop(thing):
    """The child closes the object that it was given."""
    import gc

    recipe.close(thing)
    del thing
    gc.collect()
    return True


def use_often(thing, begun, done):
    """The child uses the object several times, and says when it begins and when it is done."""
    note(begun, "")
    try:
        return all(recipe.use(thing) is True for _ in range(ROUNDS))
    finally:
        note(done, "")


def fresh_often(begun, done):
    """The child uses an object of its own several times."""
    thing = made(recipe)
    right = use_often(thing, begun, done)
    recipe.close(thing)
    return right


def told(outcome, **observed):
    """The answer for how a child went."""
    if outcome.stacks:
        observed["stacks"] = outcome.stacks
    return value(outcome.word, outcome.detail, **observed)


class Used:
    """An object that the parent has made and used; closed at the end of the block."""

    def __enter__(self):
        self.server = Server(recipe, __file__)
        self.server.__enter__()
        try:
            self.thing = made(recipe)
            check(recipe, self.thing)
        except Exception:
            self.server.__exit__()
            raise
        return self.thing

    def __exit__(self, *error):
        try:
            recipe.close(self.thing)
        except Exception:
            pass  # the answer is known; what a child has broken may not be closed any more
        self.server.__exit__(*error)


@question(
    "Can a child use the package if its parent has not imported it?",
    why="This is what programs should do where nothing else works.",
    do="Import and use the package only in the children, or in a process that starts none.",
    source=MANUAL,
    deadline=90,
)
def first_use(ctx):
    if any(name in sys.modules for name in recipe.IMPORTS):
        raise RuntimeError("the parent has imported it already: a recipe imports its package only inside its functions")
    with Server(recipe, __file__):
        return told(in_child(ctx, fresh))


@question(
    "Can a child make and use its own object after the parent has used the package?",
    why="Threads that the package started in the parent are gone in a forked child; its locks and caches are copied.",
    do="If it fails under fork, start the processes before the package is used, or use spawn or forkserver.",
    source=MANUAL,
    deadline=90,
)
def own_object(ctx):
    with Used():
        return told(in_child(ctx, fresh))


@question(
    "Can a child use an object that the parent has made and used?",
    why="Under fork the child inherits the object; under spawn and forkserver it is an argument and has to be pickled.",
    do="If it fails, make the object in the child.",
    source=MANUAL,
    deadline=90,
)
def parent_object(ctx):
    with Used() as thing:
        return told(in_child(ctx, use, thing, passing=ctx.get_start_method() != "fork"))


@question(
    "Can a forked child close the object that it inherited, and does the parent's still work?",
    why="Closing may end threads that the child does not have, or tell a server that the parent has gone.",
    do="If it fails, do not touch inherited objects in a child, not even to close them.",
    source=MANUAL,
    methods=FORK,
    deadline=90,
)
def let_go(ctx):
    with Used() as thing:
        outcome = in_child(ctx, drop, thing)
        return told(outcome) if outcome.word != WORKS else afterwards(thing)


def afterwards(thing):
    """The answer by whether the parent's object still works."""
    try:
        right = recipe.use(thing)
    except Exception as error:
        return value(PARENT, "%s: %s" % (type(error).__name__, error))
    return value(WORKS) if right is True else value(PARENT, "its next result is wrong")


@question(
    "Can a child use the package if it was started while another thread was using it?",
    why="Whatever lock that thread held stays locked in a forked child.",
    do="If any child fails, fork only while no other thread uses the package, or use spawn or forkserver.",
    source=MANUAL,
    methods=CONTROL,
    deadline=150,
)
def forked_while_busy(ctx):
    import threading

    stop, going, busy = threading.Event(), threading.Event(), threading.Event()

    def work():
        thing = made(recipe)
        while not stop.is_set():
            going.wait()
            recipe.use(thing)
            busy.set()
        recipe.close(thing)

    with Used():
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        outcomes = []
        children = CHILDREN[ctx.get_start_method()]
        for number in range(children):
            busy.clear()
            going.set()
            busy.wait()
            time.sleep(0.003 * (number % 5))  # so that the forks do not all come at the same point of its work
            hung = any(outcome.word == HANGS for outcome in outcomes)
            outcomes.append(in_child(ctx, fresh, meanwhile=going.clear, brief=hung))
        stop.set()
        going.set()
        thread.join()
    failed = [outcome for outcome in outcomes if outcome.word != WORKS]
    observed = {"children": children, "failed": len(failed), "cores": os.cpu_count()}
    if not failed:
        return value(WORKS, **observed)
    first = failed[0]
    return told(first, **observed)


@question(
    "Does the parent's object work while a child uses it too, and afterwards?",
    why="A forked child shares the connections and files of the object: each may get what was meant for the other. "
    "(Under spawn the child uses an object of its own.)",
    do="If it fails, make the object in the child.",
    source=MANUAL,
    methods=CONTROL,
    deadline=90,
)
def shared_use(ctx):
    begun, done, failures = scratch("scratch-begun-%d" % os.getpid()), scratch("scratch-done-%d" % os.getpid()), []

    def meanwhile(thing):
        wait_until(lambda: os.path.exists(begun))
        end = time.monotonic() + MOST
        while not failures and not os.path.exists(done) and time.monotonic() < end:
            failures.extend(answer for answer in [afterwards(thing)] if answer.value != WORKS)

    with Used() as thing:
        work = (use_often, thing) if ctx.get_start_method() == "fork" else (fresh_often,)
        outcome = in_child(ctx, *work + (begun, done), meanwhile=lambda: meanwhile(thing))
        failures.extend(answer for answer in [afterwards(thing)] if answer.value != WORKS)
    return failures[0] if failures else told(outcome)


@question(
    "Can a child use the package if the fork server has preloaded it?",
    why="The server imports the package once and forks: what the import starts is not there in the children.",
    do="If it fails, leave the package out of set_forkserver_preload().",
    source=MANUAL,
    methods=("forkserver",),
    deadline=90,
)
def preloaded(ctx):
    ctx.set_forkserver_preload(list(recipe.IMPORTS))
    with Server(recipe, __file__):
        seen = run_child(ctx, loaded)
        raise_if_unavailable(ctx, seen)
        if not (seen.ok and seen.returned[0] and method_of(seen.returned[1]) == "forkserver"):
            raise RuntimeError("it was not preloaded: %r" % (seen.returned or seen.error,))
        return told(in_child(ctx, fresh))


def loaded():
    """Whether the package is imported when the child begins, and how the child was started."""
    return [all(name in sys.modules for name in recipe.IMPORTS), origin()]


def import_all():
    """Import the recipe's modules."""
    for name in recipe.IMPORTS:
        __import__(name)


def threads():
    """How many threads of the operating system this process has besides the main one."""
    return len(os.listdir("/proc/self/task")) - 1


@question(
    "Does the package leave threads running, and does os.fork() warn of them?",
    why="Since Python 3.12 os.fork() warns if it sees threads. Some packages with threads are safe, others without are "
    "not, so the warning alone decides nothing.",
    do="Look at the other questions: they tell what really fails.",
    source="https://docs.python.org/3/library/os.html#os.fork",
    methods=(),
    wanted="either",
    deadline=90,
)
def thread_count():
    import warnings

    if not os.path.isdir("/proc/self/task"):
        return unavailable("this system does not list threads in /proc")
    import_all()
    imported = threads()
    with Used():
        used = threads()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            pid = os.fork()
            if not pid:
                os._exit(0)
            os.waitpid(pid, 0)
    warned = any("multi-threaded" in str(row.message) for row in caught)
    words = ["threads after import" if imported else "threads after use" if used else "no threads"]
    words.append("fork warns" if warned else "fork does not warn")
    detail = "%d after import, %d after use, with %d CPUs" % (imported, used, os.cpu_count())
    return value(", ".join(words), detail, imported=imported, used=used)


@question(
    "Does the package install fork handlers, in Python or in C?",
    why="os.register_at_fork() and pthread_atfork() are how a package can prepare for a fork; they may hang in it.",
    do="Nothing: it shows that somebody thought of fork, not that it works.",
    source="https://docs.python.org/3/library/os.html#os.register_at_fork",
    methods=(),
    wanted="either",
    deadline=90,
)
def fork_handlers():
    if not hasattr(os, "register_at_fork"):
        return unavailable("there is no os.register_at_fork()")
    real, callers = os.register_at_fork, set()

    def register(**callbacks):
        name = sys._getframe(1).f_globals.get("__name__", "?")
        if name.partition(".")[0] not in stdlib():
            callers.add(name)
        real(**callbacks)

    os.register_at_fork = register
    with Used():
        libraries = referring("__register_atfork")
    kinds = [kind for kind, found in (("Python", callers), ("C", libraries)) if found]
    detail = "; ".join(filter(None, [", ".join(sorted(callers)), ", ".join(libraries)]))
    return value(" and ".join(kinds) or "none", detail)


def stdlib():
    """Names of modules that are not the package's, as far as this Python says; the few that register handlers else."""
    return getattr(
        sys, "stdlib_module_names", {"logging", "random", "threading", "concurrent", "asyncio", "ssl", "_ssl"}
    )


def referring(symbol):
    """The libraries of the environment, loaded here, that refer to a C function; without the hashes in their names."""
    import re

    if not os.path.exists("/proc/self/maps"):
        return []
    with open("/proc/self/maps") as file:
        paths = {line.split(None, 5)[-1].strip() for line in file if sys.prefix in line}
    found = set()
    for path in paths:
        if ".so" in path and os.path.exists(path):
            with open(path, "rb") as file:
                if symbol.encode() in file.read():
                    found.add(re.sub(r"-[0-9a-f]{8}\b", "", os.path.basename(path)).partition(".cpython")[0])
    return sorted(found)


@question(
    "Does importing or using the package fix or set the start method?",
    why="set_start_method() raises RuntimeError once the method is fixed; a method set by a library surprises them.",
    do="If it does, call set_start_method() before you import the package.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_start_method",
    methods=(),
    wanted="either",
    deadline=90,
)
def start_method():
    import_all()
    imported = method()
    with Used():
        used = method()
    if imported:
        return value("fixed by import", "to " + imported)
    return value("fixed by use", "to " + used) if used else value("not touched")


def method():
    """The start method that is fixed by now, or None."""
    import multiprocessing

    return multiprocessing.get_start_method(allow_none=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(recipe, sys.argv[2])
    else:
        main()
