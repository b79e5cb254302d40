"""What does a child know of its parent's objects: are they the same, copies, or missing?"""

import functools
import os
import sys

from _probe import LIMIT, answer, judged, main, no, question, run_child, run_process, scratch, value, wait_until, yes

METHODS = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
GLOBALS = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
PICKLE = "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled"
# A forked child is said to be identical to its parent, a spawned one to be a fresh interpreter, and both others
# to inherit no more than what is needed to run the target.
INHERITED = {"fork": "yes", "spawn": "no", "forkserver": "no"}

setting = "initial"
numbers = [1]
SENTINEL = object()


class Settings:
    """A class whose attribute the parent changes at run time."""

    debug = False


@functools.lru_cache(maxsize=None)
def double(number):
    """A function with a cache."""
    return 2 * number


def same_or_not(ctx, function, *args):
    """Answer yes or no by what function(*args) returns in the child: [bool, text of what was seen]."""
    seen = run_child(ctx, function, *args)
    if not seen.ok:
        return judged(ctx, seen, ())
    true, text = seen.returned
    return yes(text) if true else no(text)


def set_in_main(name, new):
    """Change a global of this module, as code under the guard would."""
    globals()[name] = new


def see_setting():
    """The child reports the global."""
    return [setting == "changed", "the child's value is %r" % (setting,)]


@question(
    "Does a child see a module global that the parent changed before start()?",
    why="Options parsed under the guard and kept in a global have their defaults again in a child that imports "
    "the module anew.",
    do="Pass what the child needs as arguments, or set it in a pool's initializer.",
    documented=INHERITED,
    source=GLOBALS,
    asked=(
        "global variable is None in child process",
        "multiprocessing global variable not updated on Windows",
        "global variables not shared between processes spawn",
        "initialized in the main process only, missing in the child",
    ),
)
def parent_global_seen(ctx):
    set_in_main("setting", "changed")
    return same_or_not(ctx, see_setting)


def change_setting():
    """The child changes its global."""
    set_in_main("setting", "changed by child")
    return setting


@question(
    "Does the parent see a module global that a child changed?",
    why="No start method shares variables: from start() on, parent and child have separate memory.",
    do="Return results through a Queue, a Pipe or a pool; share state with Value, Array, SharedMemory or a Manager.",
    source="https://docs.python.org/3/library/multiprocessing.html#sharing-state-between-processes",
    asked=("global variable not updated by multiprocessing", "counter stays 0 after processes have finished"),
    wanted="either",
)
def child_global_seen(ctx):
    seen = run_child(ctx, change_setting)
    if not (seen.ok and seen.returned == "changed by child"):
        return judged(ctx, seen, ())
    if setting == "changed by child":
        return yes()
    return no("the child's value was %r, the parent's is %r" % (seen.returned, setting))


def is_global(argument):
    """The child compares the argument with its own global."""
    if argument is numbers:
        return [True, "argument is module.numbers"]
    return [False, "a copy, equal to the child's own list: %r" % (argument == numbers,)]


@question(
    "Is a module's list passed as an argument the same object as the child's global of that name?",
    why="Code that changes the argument and reads the global (or the other way round) works under fork only.",
    do="Use one way to reach the object in the child: the argument.",
    documented={"fork": "yes"},
    source=METHODS,
    asked=("Are multiprocessing arguments copied?", "are arguments passed by reference to a process"),
)
def argument_identity(ctx):
    return same_or_not(ctx, is_global, numbers)


def is_sentinel(thing):
    """The child compares the argument with its own sentinel."""
    return [thing is SENTINEL, "arg is SENTINEL" if thing is SENTINEL else "another object()"]


@question(
    "Does a sentinel made with object() keep its identity as an argument?",
    why="'if arg is MISSING' and 'while item is not DONE' silently fail on a copy.",
    do="Use an Enum member, a class or None as the sentinel, or compare a string with ==.",
    documented={"fork": "yes"},
    source=METHODS,
    asked=(
        "Does a module-level sentinel passed as an argument keep identity (`arg is mod.SENTINEL`) in the"
        " child? And None/Enum members/classes?",
        "sentinel object is not the same in child process",
        "Does a module-level sentinel keep its identity in the child?",
    ),
)
def sentinel_identity(ctx):
    return same_or_not(ctx, is_sentinel, SENTINEL)


def are_singletons(*things):
    """The child compares with what it has itself."""
    own = [None, True, Ellipsis, NotImplemented, int, Settings, len, double]
    others = [getattr(mine, "__name__", repr(mine)) for thing, mine in zip(things, own) if thing is not mine]
    if len(things) != len(own):
        raise RuntimeError("got %d arguments" % len(things))
    return [not others, "not the same: " + ", ".join(others) if others else "all the same"]


@question(
    "Do None, True, Ellipsis, classes and functions keep their identity as arguments?",
    why="They are not copied but found again in the child, so that 'is' and isinstance() work as before. "
    "Sampled: these, NotImplemented, int and len.",
    do="Use these for flags and sentinels.",
    documented={"fork": "yes"},
    source=METHODS,
    asked=("Can I compare arguments with is in the child?", "isinstance fails in child process"),
)
def singleton_identity(ctx):
    return same_or_not(ctx, are_singletons, None, True, Ellipsis, NotImplemented, int, Settings, len, double)


def is_member(member):
    """The child compares with the member of its own import of http."""
    from http import HTTPStatus

    return [member is HTTPStatus.OK, "arg is HTTPStatus.OK" if member is HTTPStatus.OK else "another member"]


@question(
    "Is an Enum member (http.HTTPStatus.OK), passed as an argument, the child's own http.HTTPStatus.OK?",
    why="Members are compared with 'is'; unpickling gives the member of the child's class.",
    do="Use enums for modes and sentinels.",
    documented={"*": "yes"},
    source="https://docs.python.org/3/howto/enum.html#pickling",
    asked=("enum comparison fails in multiprocessing",),
)
def enum_identity(ctx):
    from http import HTTPStatus

    return same_or_not(ctx, is_member, HTTPStatus.OK)


def are_one(left, right, box):
    """The child compares its arguments with one another."""
    one = left is right and box[0] is left
    return [one, "one list" if one else "several lists"]


@question(
    "Is a list that is passed twice still one list in the child?",
    why="All arguments of a process are pickled together, so that references among them survive; between two "
    "pool tasks they do not.",
    do="Pass objects that refer to one another together.",
    source=METHODS,
    documented={"fork": "yes"},
    asked=("shared references between arguments multiprocessing",),
)
def same_object_twice(ctx):
    shared = [1]
    return same_or_not(ctx, are_one, shared, shared, [shared])


def last_number(things):
    """The child reports the end of its list."""
    return [things[-1] == 2, "the child's list is %r" % (things,)]


@question(
    "Does a child see a change made to an argument between Process() and start()?",
    why="Arguments are copied when the process is started, not when the Process object is made.",
    do="Make the list complete before start(), or pass a copy if it goes on changing.",
    source=METHODS,
    documented={"fork": "yes"},
    asked=("when are Process arguments pickled",),
)
def change_before_start(ctx):
    things = [1]

    def make(report):
        process = ctx.Process(target=report_last, args=(report, things))
        things.append(2)
        return process

    seen = run_process(make)
    if not seen.ok:
        return judged(ctx, seen, ())
    return yes(seen.returned[1]) if seen.returned[0] else no(seen.returned[1])


def report_last(report, things):
    """Target of change_before_start()."""
    answer(report, last_number(things))


def last_after_signal(things, path):
    """The child waits until the parent has changed the list, then reports the end of its own."""
    if not wait_until(lambda: os.path.exists(path), LIMIT):
        raise RuntimeError("the parent gave no sign")
    return last_number(things)


@question(
    "Does a child see a change that the parent made to an argument after start()?",
    why="From start() on, parent and child have separate copies under every start method.",
    do="Send later data through a Queue or Pipe.",
    source="https://docs.python.org/3/library/multiprocessing.html#exchanging-objects-between-processes",
    asked=(
        "child process does not see updated list",
        "change a variable while a process runs",
        "update an argument of a running process",
    ),
    wanted="either",
)
def change_after_start(ctx):
    things = [1]
    path = scratch("changed-%d" % os.getpid())

    def change():
        things.append(2)
        with open(path, "w"):
            pass

    try:
        seen = run_child(ctx, last_after_signal, things, path, meanwhile=change)
    finally:
        if os.path.exists(path):
            os.remove(path)
    if not seen.ok:
        return judged(ctx, seen, ())
    return yes(seen.returned[1]) if seen.returned[0] else no(seen.returned[1])


def has_colorsys():
    """The child looks for the module without importing it."""
    loaded = "colorsys" in sys.modules
    return [loaded, "colorsys is %s sys.modules of the child" % ("in" if loaded else "not in")]


@question(
    "Is a module that the parent imported in a function already imported in the child?",
    why="Importing takes time: a forked child has everything in memory, the others import what they need, in "
    "each child again.",
    do="For forkserver, name slow modules in set_forkserver_preload() before the first start.",
    documented=INHERITED,
    source=METHODS,
    asked=("does the child process import modules again", "spawn imports everything again slow"),
)
def parent_import_seen(ctx):
    import colorsys

    assert colorsys
    return same_or_not(ctx, has_colorsys)


def call_patched():
    """The child calls the function that the parent replaced."""
    import colorsys

    result = colorsys.rgb_to_yiq(0, 0, 0)
    return [result == "patched", "the child calls the %s function" % ("patched" if result == "patched" else "original")]


@question(
    "Is a function that the parent monkeypatched patched in the child?",
    why="Mocks in tests and run-time patches (gevent, tracing) silently vanish from children that import anew.",
    do="Apply the patch in the child: at module level, in the target, or in a pool's initializer.",
    documented=INHERITED,
    source=METHODS,
    asked=("unittest.mock.patch does not work with multiprocessing", "monkeypatch not applied in child process"),
)
def monkeypatch_seen(ctx):
    import colorsys

    colorsys.rgb_to_yiq = lambda *channels: "patched"
    return same_or_not(ctx, call_patched)


def see_class_attribute(instance):
    """The child reads the attribute through an instance that the parent made."""
    return [instance.debug is True, "Settings.debug is %r in the child" % (instance.debug,)]


@question(
    "Does a child see, through an instance, a class attribute that the parent changed?",
    why="An instance is sent with its own attributes; its class is looked up by name and has the values of a "
    "fresh import.",
    do="Set the value on the instance, or pass it.",
    documented={"spawn": "no", "forkserver": "no"},
    source=PICKLE,
    asked=(
        "class variable not updated in child process",
        "class attributes are reset in multiprocessing",
        "class passed as argument has old values, spawn",
    ),
)
def class_attribute_seen(ctx):
    Settings.debug = True
    return same_or_not(ctx, see_class_attribute, Settings())


def cache_hits():
    """The child asks the cached function again, and reports whether it was remembered."""
    double(21)
    hits = double.cache_info().hits
    return [hits == 1, "the child's cache had %d hit" % hits]


@question(
    "Does a child start with what the parent put into a functools.lru_cache?",
    why="What is not in the child's cache is computed there again. Tested with one entry.",
    do="Warm up in each child (pool initializer), or let the fork server preload a module that does.",
    documented=INHERITED,
    source=METHODS,
    asked=("lru_cache shared between processes", "is the cache copied to child processes"),
)
def cache_seen(ctx):
    double(21)
    return same_or_not(ctx, cache_hits)


def see_name():
    """The child reports what its main script is called there."""
    return [__name__, sys.modules["__main__"].__name__]


@question(
    "What is __name__ of the main script in a child?",
    why="It decides whether code under the guard runs again, and which module the script's classes name in "
    "pickles and logs.",
    do='Compare with "__main__" only for the guard. In the child sys.modules has the script under both names.',
    source=GLOBALS,
    asked=("__mp_main__", "__name__ is __mp_main__ in child process"),
)
def main_module_name(ctx):
    seen = run_child(ctx, see_name)
    if not (seen.ok and seen.returned):
        return judged(ctx, seen, ())
    return value(seen.returned[0], "sys.modules['__main__'].__name__ is %r" % (seen.returned[1],))


def see_state():
    """The child looks for what the parent has changed in its interpreter, item by item."""
    import builtins
    import warnings

    return {
        "recursion limit": sys.getrecursionlimit() == 1234,
        "builtin": hasattr(builtins, "canifork"),
        "warning filter": any(row[0] == "error" and row[2] is BytesWarning for row in warnings.filters),
        "imported module": "colorsys" in sys.modules,
        "global": setting == "changed",
    }


@question(
    "Does a child start with its parent's run-time changes (5 sampled: all or none)?",
    why="Most differences between the start methods follow from this one: a forked child is a copy of its "
    "parent, the others are new interpreters. Sampled: recursion limit, a name in builtins, a warnings filter, an "
    "imported module, a global of the script.",
    do="Write children that need only their arguments and imports. What is not sampled may differ: sys.path and the "
    "working folder are sent along.",
    documented=INHERITED,
    source=METHODS,
    asked=("difference between fork and spawn", "what does a spawned process inherit"),
)
def interpreter_copied(ctx):
    import builtins
    import colorsys
    import warnings

    assert colorsys
    sys.setrecursionlimit(1234)
    builtins.canifork = True
    warnings.filterwarnings("error", category=BytesWarning)
    set_in_main("setting", "changed")
    seen = run_child(ctx, see_state)
    if not seen.ok:
        return judged(ctx, seen, ())
    items = ", ".join(name for name in sorted(seen.returned))
    inherited = list(seen.returned.values())
    if all(inherited):
        return yes("all of: " + items, **seen.returned)
    if not any(inherited):
        return no("none of: " + items, **seen.returned)
    raise RuntimeError("some of it: %r" % (seen.returned,))


if __name__ == "__main__":
    main()
