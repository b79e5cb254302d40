"""Which Python objects can be passed to a child as a Process argument?"""

import os
import threading

from _probe import REFUSALS, can_use, main, no, question, raise_if_unavailable, run_child, yes

PICKLABLE = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
PICKLE = "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled"
STATE = "https://docs.python.org/3/library/pickle.html#handling-stateful-objects"
# Arguments must be picklable except under fork; what is not in pickle's list is not.
UNLISTED = {"fork": "yes", "*": "no"}


def echo(*things):
    """The child compares what it got with a text that it got as well."""
    return repr(things[:-1]) == things[-1]


@question(
    "Can numbers, strings, bytes, None, tuples, lists, sets and dicts be Process arguments?",
    why="This is the control question: where it fails, no other answer on this page means anything. One to three "
    "small values of each type are passed.",
    do="Prefer such plain data, within the limits of size that other questions name.",
    documented={"*": "yes"},
    source=PICKLE,
    asked=("What can be passed to a child process?",),
)
def plain_data(ctx):
    things = (1, 2.5, 3j, "text", b"bytes", bytearray(b"array"), None, True, (1, (2,)), [1, [2]], {3}, {"k": {"l": 4}})
    return can_use(ctx, echo, *(things + (repr(things),)))


class Point:
    """A class at module level of the main script."""

    def __init__(self, x):
        self.x = x


def point_works(point):
    """The child knows the object as an instance of its own class."""
    return isinstance(point, Point) and point.x == 7


@question(
    "Can an instance of a class defined in the main script be passed as a Process argument?",
    why="The child looks the class up by name, and imports the script again to find it.",
    do="Define classes at module level, not under if __name__ == '__main__':.",
    documented={"*": "yes"},
    source=PICKLE,
    asked=("AttributeError: Can't get attribute 'Point' on <module '__main__'", "instance of class in __main__"),
)
def class_instance(ctx):
    return can_use(ctx, point_works, Point(7))


def get_x(thing):
    """The child reads an attribute."""
    return thing.x == 7


@question(
    "Can an instance of a class defined in a function be passed as a Process argument?",
    why="pickle finds a class by its name in a module, and a class made in a function has none there. Tested with a "
    "plain class; kinds.local_named_tuple asks of a namedtuple.",
    do="Move the class to module level, or pass a dictionary.",
    documented=UNLISTED,
    source=PICKLABLE,
    asked=(
        "Can an instance of a function-local class / namedtuple / dataclass be passed as a Process "
        "argument under each method?",
        "AttributeError: Can't pickle local object",
        "_pickle.PicklingError: Can't pickle local object",
        "Can an instance of a function-local class, namedtuple or dataclass be passed as a Process argument?",
    ),
)
def local_class_instance(ctx):
    class Local:
        x = 7

    return can_use(ctx, get_x, Local())


class Guarded(Point):
    """An object that has a lock."""

    def __init__(self, x):
        Point.__init__(self, x)
        self.lock = threading.Lock()


class Careful(Guarded):
    """An object that leaves its lock at home."""

    def __getstate__(self):
        return {"x": self.x}

    def __setstate__(self, state):
        Guarded.__init__(self, state["x"])


def use_locked(thing):
    """The child takes the lock in the object."""
    with thing.lock:
        return thing.x == 7


@question(
    "Can an object with a threading.Lock in an attribute be passed as a Process argument?",
    why="One attribute that cannot be pickled is enough, however deep it is. Python 3.14 and later add notes to the "
    "exception that name it; before, nothing says which.",
    do="Leave it out in __getstate__ and make a new one in __setstate__, or make the whole object in the child.",
    documented=UNLISTED,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_thread.lock' object", "find which attribute cannot be pickled"),
)
def instance_with_lock(ctx):
    return can_use(ctx, use_locked, Guarded(7))


@question(
    "Can an object be passed whose __getstate__ drops its lock and __setstate__ makes a new one?",
    why="It is the standard fix for a class of your own. Each process then has its own lock; under fork neither "
    "method is called.",
    do="Use it for caches, clients and loggers whose lock protects only their own process.",
    documented={"*": "yes"},
    source=STATE,
    asked=("how to make a class with a lock picklable", "__getstate__ lock multiprocessing"),
)
def instance_with_getstate(ctx):
    return can_use(ctx, use_locked, Careful(7))


class PickyError(Exception):
    """An exception of two arguments that tells its base class of one: a classic."""

    def __init__(self, code, reason):
        Exception.__init__(self, "%s: %s" % (code, reason))
        self.code = code


def has_code(error):
    """The child reads the exception's attribute."""
    return error.code == 4


@question(
    "Can an exception be passed whose __init__ takes more arguments than Exception.__init__ got?",
    why="It can be pickled but not unpickled: start() succeeds and the child dies with a traceback. In a pool "
    "such an exception can break the handling of results.",
    do="Pass all arguments to super().__init__(), or define __reduce__.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=(
        "TypeError: __init__() missing 1 required positional argument",
        "exception fails to unpickle in multiprocessing",
    ),
)
def exception_with_init(ctx):
    return can_use(ctx, has_code, PickyError(4, "reason"), failures=("TypeError",))


def module_works(module):
    """The child calls a function of the module."""
    return module.basename("a/b") == "b"


@question(
    "Can a module (os.path) be passed as a Process argument?",
    why="An object that keeps a module in an attribute (self.np = numpy) meets the same refusal.",
    do="Import it in the child, or pass its name and use importlib.import_module().",
    documented=UNLISTED,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle 'module' object", "TypeError: can't pickle module objects"),
)
def module(ctx):
    return can_use(ctx, module_works, os.path)


def two_more(things):
    """The child takes the rest of an iterator."""
    return list(things) == [2, 3]


def count_to_three():
    """A generator."""
    for number in (1, 2, 3):
        yield number


@question(
    "Can a generator be passed as a Process argument?",
    why="It is a suspended function, which pickle cannot store. A forked child continues a copy of it, the "
    "parent the original.",
    do="Pass a list, or what the child needs to make its own generator.",
    documented=UNLISTED,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle 'generator' object", "TypeError: can't pickle generator objects"),
)
def generator(ctx):
    numbers = count_to_three()
    next(numbers)
    return can_use(ctx, two_more, numbers)


@question(
    "Can a half-consumed list iterator be passed as a Process argument?",
    why="A list's iterator can be pickled, unlike a generator: the child continues where the parent stood.",
    do="Pass the list itself unless you mean the position.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=("pickle list_iterator",),
)
def list_iterator(ctx):
    numbers = iter([1, 2, 3])
    next(numbers)
    return can_use(ctx, two_more, numbers)


def weak_reference_alive(reference):
    """The child follows the reference."""
    return reference().x == 7


@question(
    "Can a weak reference be passed as a Process argument?",
    why="Caches, signal frameworks and started Process objects hold weak references.",
    do="Pass the object itself, or its key, and make the reference in the child.",
    documented=UNLISTED,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle 'weakref' object", "TypeError: cannot pickle 'weakref.ReferenceType' object"),
)
def weak_reference(ctx):
    import weakref

    target = Point(7)
    return can_use(ctx, weak_reference_alive, weakref.ref(target))


def view_works(view):
    """The child reads through the view."""
    return bytes(view[1:3]) == b"yt"


@question(
    "Can a memoryview be passed as a Process argument?",
    why="A view refers to memory of its process, which another process does not have.",
    do="Pass bytes(view), or put the data into SharedMemory and make the view in the child.",
    documented=UNLISTED,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle 'memoryview' object", "TypeError: cannot pickle memoryview objects"),
)
def memory_view(ctx):
    return can_use(ctx, view_works, memoryview(b"bytes"))


def has_key(keys):
    """The child looks into keys or a mapping."""
    return "key" in keys


@question(
    "Can dict.keys() be passed as a Process argument while multiprocessing.managers is not imported?",
    why="The view is tied to its dict, and plain pickle refuses it. Once multiprocessing.managers is imported, "
    "it is sent as a list.",
    do="Pass list(d) or d.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=("TypeError: cannot pickle 'dict_keys' object",),
)
def dict_keys(ctx):
    return can_use(ctx, has_key, {"key": 1}.keys())


@question(
    "Can a types.MappingProxyType (read-only mapping) be passed as a Process argument?",
    why="Frozen settings and the __dict__ of a class are of this type.",
    do="Pass dict(mapping).",
    documented=UNLISTED,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle 'mappingproxy' object",),
)
def mapping_proxy(ctx):
    from types import MappingProxyType

    return can_use(ctx, has_key, MappingProxyType({"key": 1}))


def is_there(thing):
    """The child has it, whatever it is."""
    return thing is not None


def local_function():
    """A function that no module has by name."""

    def inner():
        return None

    return inner


@question(
    "Do 12 sample arguments pass, or fail with the same type of exception, under forkserver as under spawn?",
    why="Both pickle the arguments of a process. Sampled: int, bytes, an instance of a class of the script, a "
    "function, a lambda, a nested function, a generator, threading.Lock, an open file, a module, and a Lock and a "
    "Queue of the method's own context.",
    do="Test what you pass under both if it is not in the sample: forkserver, for one, cannot send 300 "
    "connections (sharing.many_connections).",
    methods=("forkserver",),
    documented={"*": "yes"},
    source=PICKLABLE,
    asked=("Is forkserver as strict as spawn about pickling?", "difference between spawn and forkserver arguments"),
)
def forkserver_like_spawn(ctx):
    import multiprocessing

    things = {
        "int": 1,
        "bytes": b"x",
        "class instance": Point(7),
        "function": get_x,
        "lambda": lambda: None,
        "nested function": local_function(),
        "generator": (x for x in ()),
        "threading.Lock": threading.Lock(),
        "open file": open(os.devnull),  # noqa: SIM115 - closed below
        "module": os,
        "multiprocessing.Lock": "lock",
        "multiprocessing.Queue": "queue",
    }
    found = {}
    try:
        for method, context in (("forkserver", ctx), ("spawn", multiprocessing.get_context("spawn"))):
            own = {"lock": context.Lock, "queue": context.Queue}
            for name, thing in things.items():
                kept = own[thing]() if isinstance(thing, str) else thing
                seen = run_child(context, is_there, kept)
                if not seen.ok and seen.error.partition(":")[0] not in REFUSALS:
                    raise_if_unavailable(ctx, seen)
                    raise RuntimeError("unexpected: %s under %s: %s" % (name, method, seen.why_not()))
                found.setdefault(name, []).append("passes" if seen.ok else seen.error.partition(":")[0])
    finally:
        things["open file"].close()
    differ = sorted(name for name, (one, other) in found.items() if one != other)
    if differ:
        return no("differs for: " + ", ".join(differ), kinds=found)
    return yes("%d kinds of object" % len(found), kinds=found)


if __name__ == "__main__":
    main()
