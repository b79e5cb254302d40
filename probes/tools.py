"""Do mocks, types, decorators, logging and event loops of the standard library work across processes?"""

import os
import sys
import typing

from _modules import needed
from _os_fork import forked
from _places import place
from _probe import LIMIT, Unavailable, can_use, describe, main, no, question, run_child, yes
from _scripts import launch
from _tasks import inherited

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
PICKLE_DOC = "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled"
CONFIG_DOC = "https://docs.python.org/3/library/logging.config.html#configuring-queuehandler-and-queuelistener"


# --- objects of tests and types


def calls(thing):
    """Call it in the child."""
    return thing() == 7


@question(
    "Can a unittest.mock.Mock be passed as a Process argument?",
    why="Each mock has a class of its own, which pickle cannot find. Tests that pass mocks to a Process work under "
    "fork only; as an argument of a Pool task, which is always pickled, a mock works under no method.",
    do="Pass a small class of the test's module instead of a mock, or let the worker make the mock.",
    source="https://github.com/python/cpython/issues/100090",
    asked=(
        "Can't pickle <class 'unittest.mock.MagicMock'>: it's not the same object as unittest.mock.MagicMock",
        "PicklingError: args[0] from __newobj__ args has the wrong class",
        "Cannot pickle Mock/MagicMock objects, or use them with multiprocessing",
    ),
)
def mock_object(ctx):
    mock = needed("unittest.mock").mock
    return can_use(ctx, calls, mock.Mock(return_value=7))


UserId = typing.NewType("UserId", int)


def is_new_type(kind):
    """Whether a type is this module's."""
    return kind("7") == "7" and getattr(kind, "__supertype__", None) is int


@question(
    "Can a typing.NewType be passed as a Process argument?",
    why="Settings and schemas that name types are passed to workers. Before Python 3.10, even a NewType made at the "
    "top level of a module, as here, was a nested function. Aliases as typing.List[int] can be passed by all Pythons.",
    do="Pass the name of the type, or use Python 3.10 or later.",
    source="https://docs.python.org/3/library/typing.html#typing.NewType",
    asked=(
        "Can't pickle <function NewType.<locals>.new_type>",
        "Can't pickle local object 'NewType.<locals>.new_type'",
        "pickle NewType multiprocessing",
    ),
)
def new_type(ctx):
    if not run_child(ctx, is_alias, typing.List[int]).returned:
        raise RuntimeError("typing.List[int] cannot be passed")
    return can_use(ctx, is_new_type, UserId)


def is_alias(alias):
    """Whether an alias is the same in the child."""
    return alias == typing.List[int]


def extended(cls):
    """A decorator that replaces a class by a subclass, as validators and registries do."""

    class Extended(cls):
        extra = True

    return Extended


@extended
class Decorated:
    """Its name is that of the subclass, which does not know it."""

    number = 7


def is_decorated(thing):
    """Whether an instance has both classes' attributes."""
    return thing.number == 7 and thing.extra


@question(
    "Can an instance be passed as a Process argument if a decorator has replaced its class by a subclass of its own?",
    why="pickle looks for the class under the name that it has, 'decorator.<locals>.Subclass', and finds nothing. "
    "Decorators that give the original class back, as dataclass without slots does, do no harm.",
    do="Let the decorator copy __module__, __qualname__ and __name__ to the new class, or change the class in place.",
    source=PICKLE_DOC,
    asked=(
        "Can't pickle local object 'decorator.<locals>.Wrapper' class decorator",
        "class decorator breaks pickle multiprocessing",
    ),
)
def decorated_class(ctx):
    return can_use(ctx, is_decorated, Decorated())


# --- logging


def configured(queue):
    """Answer whether a logging configuration takes a queue, and a record arrives there."""
    import logging
    import logging.config
    import re

    config = {
        "version": 1,
        "handlers": {"queue": {"class": "logging.handlers.QueueHandler", "queue": queue}},
        "loggers": {"canifork": {"handlers": ["queue"], "level": "INFO", "propagate": False}},
    }
    try:
        logging.config.dictConfig(config)
    except ValueError as error:
        refused = describe(error.__cause__ or error)
        if not re.search("(?i)queue", refused):
            raise
        return no(refused.partition(" <")[0])
    logging.getLogger("canifork").warning("seven")
    record = queue.get(timeout=LIMIT)
    if record.getMessage() != "seven":
        raise RuntimeError("another record came")
    return yes()


CONFIGURED = (
    "Workers send their log records to one process through a queue, which the configuration names. Some releases of "
    "Python 3.12 take for a queue only what is a queue.Queue."
)
BY_HAND = "Add the handler by hand, logger.addHandler(QueueHandler(queue)), or use the newest release of the series."


@question(
    "Does logging.config.dictConfig() accept a multiprocessing.Queue for a QueueHandler?",
    why=CONFIGURED + " Early ones also demand a key 'handlers'.",
    do=BY_HAND,
    source=CONFIG_DOC,
    documented={"*": "yes"},
    asked=(
        "ValueError: Unable to configure handler 'queue'",
        "ValueError: No handlers specified for a QueueHandler",
        "TypeError: Invalid queue specifier",
    ),
)
def queue_in_configuration(ctx):
    queue = ctx.Queue()
    try:
        return configured(queue)
    finally:
        queue.close()
        queue.join_thread()


@question(
    "Does logging.config.dictConfig() accept the Queue of a Manager for a QueueHandler?",
    why=CONFIGURED + " Early ones also demand a key 'handlers'. Such a queue can be passed to Pool tasks too.",
    do=BY_HAND,
    source=CONFIG_DOC,
    documented={"*": "yes"},
    asked=(
        "Python 3.12 breaks logging QueueHandler with Manager().Queue()",
        "TypeError: Invalid queue specifier <AutoProxy[Queue] object>",
    ),
)
def manager_queue_in_configuration(ctx):
    needed("socket")
    with ctx.Manager() as manager:
        return configured(manager.Queue())


@question(
    "Is a log that the main script opens with mode 'w' at its top level emptied when a child starts?",
    why="A child that is not forked imports the main script, and all that it imports, again: FileHandler(mode='w') or "
    "open(…, 'w') outside of the main guard cuts off what the parent has written; a name made of the time is another "
    "in each child.",
    do="Open the file under the main guard, or with mode 'a'; pass a name that is made at run time to the children.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    asked=(
        "log file truncated by worker processes",
        "FileHandler mode='w' multiprocessing log is empty",
        "log lines lost when worker starts, spawn",
    ),
    wanted="no",
)
def log_opened_again(ctx):
    path = place("log")
    script, lines = launch(ctx, "tools_log.py", path)
    if script.status != 0 or lines != ["child"]:
        raise RuntimeError("status %r, lines %r: %s" % (script.status, lines, script.stderr[-300:]))
    with open(path) as file:
        text = file.read()
    if text == "first\n":
        return no("it is as it was")
    if text:
        raise RuntimeError("it contains %r" % text)
    return yes()


# --- event loops


def policy():
    """The name of the event loop policy's class."""
    import asyncio
    import warnings

    warnings.simplefilter("ignore", DeprecationWarning)  # since Python 3.14
    return type(asyncio.get_event_loop_policy()).__name__


@question(
    "Does a child have the asyncio event loop policy that the parent has set, as uvloop.install() does?",
    why="A forked child is a copy; any other child makes loops of the default kind, unless the policy is set again "
    "when the main script is imported.",
    do="Set the policy in the target, or use asyncio.Runner(loop_factory=…) there, from Python 3.11 on.",
    source=METHODS_DOC,
    documented={"fork": "yes"},
    asked=("uvloop policy is not set in the child process", "set_event_loop_policy multiprocessing spawn"),
)
def loop_policy(ctx):
    import asyncio
    import warnings

    warnings.simplefilter("ignore", DeprecationWarning)
    if not hasattr(asyncio, "set_event_loop_policy"):
        raise Unavailable("there are no policies any more")

    class Own(asyncio.DefaultEventLoopPolicy):
        pass

    asyncio.set_event_loop_policy(Own())
    return inherited(ctx, "Own", policy)


# --- the parent's code in a child


@question(
    "Does a child of os.fork() that calls sys.exit() run the finally and with blocks of its parent?",
    why="The child is a copy in the middle of the parent's functions. sys.exit() raises SystemExit, which leaves them "
    "one by one: files are removed, locks released, transactions rolled back, and a test runner reports twice.",
    do="End the child with os._exit(), or use multiprocessing: its children do not return into the parent's functions.",
    source="https://docs.python.org/3/library/os.html#os._exit",
    methods=(),
    asked=(
        "os.fork child sys.exit runs pytest twice",
        "SystemExit in forked child caught by test runner",
        "finally block executed twice after os.fork",
    ),
    wanted="no",
)
def finally_of_parent():
    forked(str)  # Unavailable where there is none
    parent = os.getpid()
    reader, writer = os.pipe()
    try:
        if os.fork() == 0:
            sys.exit(0)
    finally:
        if os.getpid() != parent:
            os.write(writer, b"finally")
            os._exit(0)
    os.wait()
    os.close(writer)
    with open(reader, "rb") as file:
        return yes() if file.read() == b"finally" else no("it ends before them")


def leave():
    """The target of a child that ends with SystemExit."""
    sys.exit(0)


@question(
    "Does a child that calls sys.exit() run the finally block of the try in which its parent called start()?",
    why="Under fork a child begins in the middle of the parent's functions, but Process catches what the target "
    "raises, and ends the child without going back.",
    do="Nothing if no; with os.fork() itself they are run.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/popen_fork.py",
    asked=("finally runs in child process", "with block exits twice multiprocessing fork"),
    wanted="no",
)
def finally_around_start(ctx):
    path = place("finally")
    parent = os.getpid()
    process = ctx.Process(target=leave)
    try:
        process.start()
    finally:
        if os.getpid() != parent:
            open(path, "w").close()
            os._exit(0)
    process.join()
    if process.exitcode != 0:
        raise RuntimeError("exit code %r" % process.exitcode)
    return yes() if os.path.exists(path) else no("it does not")


if __name__ == "__main__":
    main()
