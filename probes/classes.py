"""Which classes, methods and functions does a child find again?"""

import os
import sys

from _probe import (
    REFUSALS,
    Unavailable,
    answer,
    asset,
    can_use,
    judged,
    main,
    no,
    question,
    raise_unexpected,
    run_child,
    run_process,
    yes,
)

PICKLE = "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled"
NEW_IN_3_15 = "https://docs.python.org/3.15/whatsnew/3.15.html#pickle"
PROCESS = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process"
MODULE_LEVEL = "Move it to the top level of a module, under a name of its own."
LOOKED_UP = "A new interpreter gets names, and looks functions and classes up by them."


class Keeper:
    """A class with a private method, a nested class and a private one."""

    def __note(self, report):
        answer(report)

    def private(self):
        """The private method, bound to this object."""
        return self.__note

    class Inner:
        """A class inside a class."""

        def answer(self):
            return 42

    class __Hidden(Inner):
        """A private class inside a class."""

    @classmethod
    def hidden(cls):
        """An instance of the private class."""
        return cls.__Hidden()


def answers(thing):
    """Whether the object that arrived can be used."""
    return thing.answer() == 42


@question(
    "Can a private method, self.__work, be the target of a Process?",
    why="Python stores it under the mangled name _Class__work, but multiprocessing sends a method by its unmangled "
    "name: start() succeeds, and the child fails.",
    do="Use at most one leading underscore for methods that other processes call.",
    source=NEW_IN_3_15,
    documented={'python_version >= "3.15"': "yes"},
    asked=(
        "AttributeError: object has no attribute '__work'",
        "name mangling multiprocessing double underscore method",
        "BrokenProcessPool with a method whose name begins with two underscores",
    ),
)
def private_method(ctx):
    target = Keeper().private()
    return judged(ctx, run_process(lambda report: ctx.Process(target=target, args=(report,))))


@question(
    "Can an instance of a class inside another class be passed as a Process argument?",
    why="pickle finds the class by its qualified name, Outer.Inner.",
    do="Nothing if yes.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=("pickle nested class", "Can an instance of an inner class be passed to a child?"),
)
def nested_class(ctx):
    return can_use(ctx, answers, Keeper.Inner())


@question(
    "Can an instance of a private nested class be passed as a Process argument?",
    why="The qualified name of class __Inner is Outer.__Inner, but it is stored as Outer._Outer__Inner.",
    do="Use at most one leading underscore.",
    source=NEW_IN_3_15,
    documented={'python_version >= "3.15"': "yes"},
    asked=("PicklingError: attribute lookup Outer.__Inner on __main__ failed", "Cannot pickle private inner classes"),
)
def private_nested_class(ctx):
    return can_use(ctx, answers, Keeper.hidden())


class Base:
    """A class with a method that the other overrides."""

    def work(self, report):
        answer(report, "Base")


class Derived(Base):
    """It overrides the method, and gives out the overridden one."""

    def work(self, report):
        answer(report, "Derived")

    def inherited(self):
        """The method of the base class, bound to this object."""
        return super().work


@question(
    "Does Process(target=super().work) run the method of the base class?",
    why="A bound method is sent as an object and a name, so the child finds the overriding method. No error is "
    "raised: the wrong method runs.",
    do="Give the base method a second name, or call it from a method of the subclass.",
    source=PROCESS,
    documented={"fork": "yes"},
    asked=("the wrong method runs in the child process", "pickle of a bound method calls the overriding method"),
)
def super_method(ctx):
    target = Derived().inherited()
    seen = run_process(lambda report: ctx.Process(target=target, args=(report,)))
    if not seen.ok or seen.returned not in ("Base", "Derived"):
        raise_unexpected(ctx, seen)
    return yes() if seen.returned == "Base" else no("the method of the subclass ran")


def frozen():
    """The module with frozen dataclasses; children find it too, since they have sys.path."""
    sys.path.insert(0, os.path.dirname(asset("")))
    import classes_frozen

    return classes_frozen


@question(
    "Can a frozen dataclass with hand-written __slots__ be passed as a Process argument?",
    why="pickle sets the slots one by one in the child, which a frozen class does not allow.",
    do="Use @dataclass(frozen=True, slots=True), or write __getstate__ and __setstate__ with object.__setattr__().",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=("dataclasses.FrozenInstanceError: cannot assign to field", "pickle frozen dataclass with __slots__"),
)
def frozen_with_slots(ctx):
    return can_use(ctx, answers, frozen().ByHand(42), failures=(*REFUSALS, "FrozenInstanceError"))


@question(
    "Can an instance of @dataclass(frozen=True, slots=True) be passed as a Process argument?",
    why="It is the usual way to write an immutable value; the decorator adds what pickle needs.",
    do="Nothing if yes.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=("pickle dataclass slots=True frozen=True",),
)
def frozen_by_decorator(ctx):
    classes = frozen()
    if not hasattr(classes, "ByDecorator"):
        raise Unavailable("dataclass() has no parameter slots")
    return can_use(ctx, answers, classes.ByDecorator(42), failures=(*REFUSALS, "FrozenInstanceError"))


@question(
    "Can an object be passed as a Process argument after its module was reloaded?",
    why="The class's name then refers to the new class, and pickle refuses an object of the old one. Autoreload in "
    "notebooks, and decorators that replace a class, can have the same effect.",
    do="Create the object again after importlib.reload(), and do not replace a class under its own name.",
    source=PICKLE,
    documented={"spawn": "no", "forkserver": "no"},
    asked=("PicklingError: Can't pickle <class>: it's not the same object as", "autoreload multiprocessing pickle"),
)
def reloaded_module(ctx):
    classes = frozen()
    import importlib

    thing = classes.ByHand(42)
    importlib.reload(classes)
    return can_use(ctx, answers, thing)


def gives(mapping):
    """Whether a key that is missing gets its default."""
    return mapping["missing"] == 42


@question(
    "Can a defaultdict with a lambda be passed as a Process argument?",
    why=LOOKED_UP + " The default factory goes along, and a lambda has no name.",
    do="Use a module-level function or a class as default factory: defaultdict(list), or functools.partial(int, 42).",
    source=PICKLE,
    documented={"spawn": "no", "forkserver": "no"},
    asked=("Can't pickle defaultdict lambda", "nested defaultdict multiprocessing"),
)
def lambda_as_default(ctx):
    from collections import defaultdict

    return can_use(ctx, gives, defaultdict(lambda: 42))


class Proxy:
    """It hands on whatever it does not have to the object inside."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)


@question(
    "Can an object whose __getattr__ hands every name to an inner object be passed as a Process argument?",
    why="In the child, pickle creates the object without __init__ and asks it for __setstate__: the inner object to "
    "which __getattr__ delegates is not there yet, and __getattr__ recurses without end.",
    do="In __getattr__, raise AttributeError for names that begin with an underscore and for the inner object's own "
    "name.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes"},
    asked=(
        "RecursionError: maximum recursion depth exceeded in __getattr__ unpickle",
        "wrapper class __getattr__ pickle",
    ),
)
def delegating_object(ctx):
    seen = run_child(ctx, answers, Proxy(Keeper.Inner()))
    if seen.stage == "child" and seen.exitcode == 1 and seen.error.startswith("RecursionError"):
        return no("RecursionError in the child")
    return judged(ctx, seen)


async def coroutine(report):
    """A target that nobody awaits."""
    answer(report)


def generator(report):
    """A target that nobody iterates over."""
    answer(report)
    yield


def runs(ctx, target):
    """Answer whether the body of a target runs in the child."""
    seen = run_process(lambda report: ctx.Process(target=target, args=(report,)))
    if seen.stage == "child" and seen.exitcode == 0:
        return no("exit code 0, and nothing was done")
    if not (seen.ok and seen.returned is True):
        raise_unexpected(ctx, seen)
    return yes()


@question(
    "Does Process run the body of an async function?",
    why="Calling it makes a coroutine that nobody awaits: the child ends with exit code 0 and has done nothing.",
    do="Pass a plain function that calls asyncio.run().",
    source=PROCESS,
    asked=("RuntimeWarning: coroutine was never awaited multiprocessing", "async def as target of a Process"),
)
def async_function(ctx):
    return runs(ctx, coroutine)


@question(
    "Does Process run the body of a generator function?",
    why="Calling it makes a generator that nobody iterates over: the child ends with exit code 0 and has done "
    "nothing. One yield in the function is enough.",
    do="Pass a plain function that iterates, and send results through a Queue or a Pipe.",
    source=PROCESS,
    asked=("Process target with yield does nothing", "generator function as multiprocessing target"),
)
def generator_function(ctx):
    return runs(ctx, generator)


def has(error):
    """What an exception has kept: its traceback, its cause."""
    return [error.__traceback__ is not None, error.__cause__ is not None]


@question(
    "Does an exception passed as a Process argument keep its traceback and its cause?",
    why="pickle keeps the arguments and attributes of an exception; its traceback and its cause are neither.",
    do="Pass traceback.format_exception() as text. Pools and executors add the worker's traceback as text themselves.",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    documented={"fork": "yes"},
    asked=(
        "exception loses traceback between processes",
        "__cause__ is lost pickle exception",
        "TypeError: cannot pickle 'traceback' object",
    ),
)
def exception_traceback(ctx):
    try:
        try:
            raise KeyError("cause")
        except KeyError as error:
            raise ValueError("effect") from error
    except ValueError as error:
        seen = run_child(ctx, has, error)
    if not seen.ok or seen.returned not in ([True, True], [False, False]):
        raise_unexpected(ctx, seen)
    return yes() if seen.returned[0] else no("it has neither in the child")


if __name__ == "__main__":
    main()
