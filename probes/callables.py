"""What can be the target of a child, or be passed to it as something to call?"""

import functools
import os
import sys
import threading

from _probe import answer, can_use, judged, main, question, run_child, run_process, scratch, yes

PICKLABLE = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
PICKLE = "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled"
LOCAL = (
    "AttributeError: Can't pickle local object",
    "AttributeError: Can't get local object",
    "_pickle.PicklingError: Can't pickle local object",
)
# Arguments must be picklable except under fork; pickle lists only functions that a def at top level made.
BY_NAME_ONLY = {"fork": "yes", "*": "no"}


def as_target(ctx, target, *args):
    """Answer whether a child can run target(report, *args), where the target itself reports True."""
    return judged(ctx, run_process(lambda report: ctx.Process(target=target, args=(report,) + args)))


def call(function, *args):
    """What the child does with a callable that it got as an argument."""
    return function(*args)


@question(
    "Can a lambda be the target of a Process?",
    why="A lambda has no name by which another process could find it, so it works only where the child is a copy.",
    do="Write a def at module level; bind arguments with args= or functools.partial.",
    documented=BY_NAME_ONLY,
    source=PICKLABLE,
    asked=LOCAL + ("Can't pickle <function <lambda>>: attribute lookup <lambda> on __main__ failed",),
)
def lambda_target(ctx):
    return as_target(ctx, lambda report: answer(report))


@question(
    "Can a lambda be passed as a Process argument?",
    why="Callbacks and sort keys are often lambdas, and one deep inside a configuration object is enough to make "
    "start() fail.",
    do="Pass a module-level function, an operator function such as operator.itemgetter, or a partial of either; lists "
    "and dictionaries of such functions pass too.",
    documented=BY_NAME_ONLY,
    source=PICKLABLE,
    asked=LOCAL,
)
def lambda_argument(ctx):
    return can_use(ctx, call, lambda: True)


named_lambda = lambda report: answer(report)  # noqa: E731


@question(
    "Can a lambda that is assigned to a name at module level be the target of a Process?",
    why="A name does not help: the function's own name is still <lambda>, and that is what pickle looks up.",
    do="Use def instead of assigning a lambda.",
    documented=BY_NAME_ONLY,
    source=PICKLABLE,
    asked=(
        "PicklingError: Can't pickle <function <lambda> at 0x...>: attribute lookup <lambda> on __main__ failed",
        "PicklingError: Can't pickle <function <lambda> at 0x...>: it's not found as __main__.<lambda>",
    ),
)
def module_lambda(ctx):
    return as_target(ctx, named_lambda)


@question(
    "Can a function defined inside another function be the target of a Process?",
    why="Nested functions are handy as workers because they see the local variables around them, which another "
    "process cannot.",
    do="Move the function to module level and pass what it needs as arguments.",
    documented=BY_NAME_ONLY,
    source=PICKLABLE,
    asked=LOCAL + ("closure as target",),
)
def nested_function(ctx):
    def inner(report):
        answer(report)

    return as_target(ctx, inner)


class Worker:
    """A class at module level whose methods are targets."""

    def __init__(self, secret):
        self.secret = secret

    def run(self, report):
        """An ordinary method."""
        answer(report, self.secret == "secret")

    @staticmethod
    def run_static(report):
        """A static method."""
        answer(report)

    @classmethod
    def run_class(cls, report):
        """A class method."""
        answer(report, cls is Worker)

    def __call__(self, report):
        self.run(report)


@question(
    "Can a bound method be the target of a Process?",
    why="With target=self.run the whole object is sent: the child works on a copy of self, and its changes stay there.",
    do="Use it if every attribute of the object can be pickled; send results back through a queue or pipe.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=("Can I use target=self.method?", "multiprocessing class method as target"),
)
def bound_method(ctx):
    return as_target(ctx, Worker("secret").run)


class LockedWorker(Worker):
    """A worker that has what cannot be pickled."""

    def __init__(self, secret):
        Worker.__init__(self, secret)
        self.lock = threading.Lock()


@question(
    "Can a method of an object that holds a threading.Lock be the target of a Process?",
    why="target=self.run pickles the whole object, so one attribute that the method never uses makes start() fail.",
    do="Make the target a plain function that gets only what it needs, or leave the lock out in __getstate__.",
    documented=BY_NAME_ONLY,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_thread.lock' object", "TypeError: cannot pickle 'weakref' object"),
)
def bound_method_with_lock(ctx):
    return as_target(ctx, LockedWorker("secret").run)


@question(
    "Can a static method be the target of a Process?",
    why="A static method is not bound to an object, so only its name is sent.",
    do="Use it freely if its class is at module level.",
    documented={"fork": "yes"},
    source=PICKLABLE,
    asked=("staticmethod as multiprocessing target",),
)
def static_method(ctx):
    return as_target(ctx, Worker.run_static)


@question(
    "Can a class method be the target of a Process?",
    why="The class is sent by name, so that the child uses its own import of it. Attributes changed at run time are "
    "another question: semantics.class_attribute_seen.",
    do="Use it freely if the class is at module level; pass changed class attributes as arguments.",
    documented={"fork": "yes"},
    source=PICKLABLE,
    asked=("classmethod as multiprocessing target",),
)
def class_method(ctx):
    return as_target(ctx, Worker.run_class)


@question(
    "Can an object with a __call__ method be the target of a Process?",
    why="It is the clean replacement for a closure: the state that it needs is in attributes that can be pickled.",
    do="Define the class at module level and keep locks, files and lambdas out of its attributes.",
    documented={"*": "yes"},
    source=PICKLE,
    asked=("callable class instance as target",),
)
def callable_instance(ctx):
    return as_target(ctx, Worker("secret"))


def add_and_answer(report, left, right):
    """Target for a partial."""
    answer(report, left + right == 3)


@question(
    "Can a functools.partial of a module-level function be the target of a Process?",
    why="It binds arguments without a lambda.",
    do="Use it where you would write a lambda. What it binds must be picklable too. To pass several arguments, "
    "starmap() takes tuples, executor.map() one iterable for each parameter, apply_async() args= and kwds=.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=("functools.partial multiprocessing", "lambda alternative for Process target"),
)
def partial(ctx):
    return as_target(ctx, functools.partial(add_and_answer, right=2), 1)


@question(
    "Can a functools.partial of a lambda be the target of a Process?",
    why="A partial is only as picklable as what it wraps.",
    do="Wrap a module-level function.",
    documented=BY_NAME_ONLY,
    source=PICKLABLE,
    asked=LOCAL,
)
def partial_of_lambda(ctx):
    return as_target(ctx, functools.partial(lambda report, right: answer(report, right == 2), right=2))


@question(
    "Can a built-in function (os.mkdir) be the target of a Process?",
    why="Built-in functions are pickled by name, like functions of a module.",
    do="Use it directly, without a wrapper.",
    documented={"*": "yes"},
    source=PICKLE,
    asked=("Can print or os.remove be a Process target?",),
)
def builtin_function(ctx):
    path = scratch("made-by-child-%d" % os.getpid())
    seen = run_process(lambda report: ctx.Process(target=os.mkdir, args=(path,)))
    if seen.exitcode == 0 and os.path.isdir(path):
        os.rmdir(path)
        return yes("os.mkdir made a folder")
    return judged(ctx, seen, ())


def plain_decorator(function):
    """A decorator that forgets functools.wraps."""

    def wrapper(*args):
        return function(*args)

    return wrapper


def wrapping_decorator(function):
    """A decorator as it should be."""

    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


@plain_decorator
def decorated(report):
    """Target with a decorator that hides its name."""
    answer(report)


@wrapping_decorator
def wrapped(report):
    """Target with a decorator that keeps its name."""
    answer(report)


@functools.lru_cache(maxsize=None)
def cached(report):
    """Target with a cache."""
    answer(report)


@question(
    "Can a function decorated without functools.wraps be the target of a Process?",
    why="The module's name refers to the wrapper, whose own name is decorator.<locals>.wrapper: pickle cannot find "
    "that.",
    do="Put @functools.wraps(function) on the wrapper inside the decorator.",
    documented=BY_NAME_ONLY,
    source=PICKLABLE,
    asked=LOCAL + ("multiprocessing target with decorator fails",),
)
def decorated_function(ctx):
    return as_target(ctx, decorated)


@question(
    "Can a function decorated with functools.wraps be the target of a Process?",
    why="wraps gives the wrapper the function's name, so the name leads to the wrapper and pickle accepts it.",
    do="Decorate with @. An undecorated function that is wrapped under another name fails: 'it's not the same "
    "object as'.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=("Can a decorated function be a Process target?", "PicklingError: it's not the same object as __main__.f"),
)
def wrapped_function(ctx):
    return as_target(ctx, wrapped)


@question(
    "Can a function with functools.lru_cache be the target of a Process?",
    why="The cached function is sent by name, without its cache; semantics.cache_seen asks for what is in it.",
    do="Use it; expect an empty cache in the child under spawn and forkserver.",
    documented={"fork": "yes"},
    source=PICKLABLE,
    asked=("lru_cache multiprocessing pickle",),
)
def cached_function(ctx):
    return as_target(ctx, cached)


def original(report):
    """Target that is wrapped without @, so that the module's name still leads to this function."""
    answer(report)


@question(
    "Can decorator(f) be the target of a Process if the name f stays undecorated?",
    why="With functools.wraps both have the same name. pickle finds the other object under it and refuses.",
    do="Assign the result to the same name (or decorate with @), or pass f and wrap it in the child.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=("PicklingError: Can't pickle <function f>: it's not the same object as __main__.f",),
)
def shadowed_function(ctx):
    return as_target(ctx, wrapping_decorator(original))


@question(
    "Can a function of a module loaded by path, whose folder is not on sys.path, be passed to a child?",
    why="Plug-in loaders use importlib.util.spec_from_file_location; the child knows the module's name but not where "
    "to find it.",
    do="Put the folder on sys.path and import the module by name, or pass the path and load it in the child.",
    source=PICKLE,  # the module must be importable where the function is unpickled
    documented={"spawn": "no", "forkserver": "no"},
    asked=(
        "Can the target be a function from a module loaded by path (importlib spec_from_file_location), "
        "not importable by name, under each method?",
        "ModuleNotFoundError: No module named 'plugin'",
        "Can the target be a function from a module loaded by path (importlib spec_from_file_location)?",
    ),
)
def function_of_loaded_file(ctx):
    from importlib.util import module_from_spec, spec_from_file_location

    path = scratch("plugin-%d.py" % os.getpid())
    with open(path, "w") as file:
        file.write("def truth():\n    return True\n")
    spec = spec_from_file_location("canifork_plugin", path)
    module = sys.modules["canifork_plugin"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        seen = run_child(ctx, module.truth)
        return judged(ctx, seen, ("ModuleNotFoundError",) if "canifork_plugin" in seen.error else ())
    finally:
        os.remove(path)


if __name__ == "__main__":
    main()
