"""Which objects of the standard library can be passed to a child as a Process argument?"""

import os

from _probe import can_use, main, no, question, raise_if_unavailable, run_child, yes

PICKLABLE = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
# Arguments must be picklable except under fork; what is not in pickle's list is not.
UNLISTED = {"fork": "yes", "*": "no"}


def next_is_five(counter):
    """The child takes the next number."""
    return next(counter) == 5


@question(
    "Can an itertools.count be passed as a Process argument?",
    why="Objects often keep one to number things. Python 3.14 dropped pickle support for itertools. Only count is "
    "tested.",
    do="Pass the current number and make the counter in the child.",
    # Deprecated in 3.12 and gone in 3.14, says the list of news.
    documented={
        'spawn; python_version >= "3.14"': "no",
        'forkserver; python_version >= "3.14"': "no",
    },
    source="https://docs.python.org/3/whatsnew/3.14.html#itertools",
    asked=("TypeError: cannot pickle 'itertools.count' object",),
)
def itertools_count(ctx):
    from itertools import count

    return can_use(ctx, next_is_five, count(5))


@question(
    "Can os.environ be passed as a Process argument?",
    why="os.environ is not a dict: it holds functions local to the os module, which pickle cannot find by name.",
    do="Pass dict(os.environ), or nothing: a child inherits environment variables (under forkserver, those set "
    "before the first start).",
    documented={"fork": "yes"},
    source=PICKLABLE,
    asked=("AttributeError: Can't pickle local object '_createenviron.<locals>.encode'",),
)
def environment(ctx):
    os.environ["CANIFORK"] = "value"
    return can_use(ctx, environment_works, os.environ)


def environment_works(environ):
    """The child reads a variable."""
    return environ.get("CANIFORK") == "value"


def context_works(context):
    """The child runs a function in the context."""
    return context.run(len, "1234") == 4


@question(
    "Can a contextvars.Context be passed as a Process argument?",
    why="Tracing libraries and web frameworks hand a context to each task, which works with threads. The child runs a "
    "function in it here; whether its values arrive is not tested.",
    do="Pass the values and set them in the child.",
    documented=UNLISTED,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_contextvars.Context' object", "TypeError: cannot pickle 'Context' object"),
)
def context(ctx):
    import contextvars

    return can_use(ctx, context_works, contextvars.copy_context())


def matches(pattern):
    """The child uses the pattern."""
    return pattern.match("aab").group() == "aa"


@question(
    "Can a compiled regular expression be passed as a Process argument?",
    why="The pattern is sent as text and compiled again in the child.",
    do="Pass it; for a large set of patterns, compile them once in the child instead.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=("pickle re.compile pattern",),
)
def compiled_regex(ctx):
    import re

    return can_use(ctx, matches, re.compile("a+"))


def path_works(path):
    """The child uses the path."""
    return path.name == "name" and path.parent.name == "folder"


@question(
    "Can a pathlib.Path be passed as a Process argument?",
    why="A path is the usual thing to pass instead of an open file.",
    do="Pass it; resolve() it first if the child may change its working folder.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=("pickle pathlib.Path",),
)
def path_object(ctx):
    from pathlib import Path

    return can_use(ctx, path_works, Path("folder") / "name")


def queue_works(queue):
    """The child takes what the parent put there."""
    return queue.get(timeout=1) == "item"


@question(
    "Can a queue.Queue be passed as a Process argument?",
    why="The queue for threads is easily mistaken for multiprocessing.Queue. Where it can be passed, it connects "
    "nothing: each process has its own.",
    do="Use multiprocessing.Queue of the same context, or Manager().Queue().",
    documented=UNLISTED,
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_thread.lock' object", "queue.Queue empty in child process"),
)
def thread_queue(ctx):
    from queue import Queue

    queue = Queue()
    queue.put("item")
    return can_use(ctx, queue_works, queue)


def logger_name_found(logger):
    """The child got the logger that it has itself by that name."""
    import logging

    return logger is logging.getLogger("canifork.probe") and logger is not logging.getLogger()


@question(
    "Can a logging.Logger be passed as a Process argument?",
    why="Loggers are attributes of many objects. Pickle stores only the name, so that a logger does not keep "
    "its object from being passed.",
    do="Pass it, or call logging.getLogger(name) in the child; configure logging there as well.",
    documented={"*": "yes"},
    source="https://docs.python.org/3/whatsnew/3.7.html#logging",
    asked=("TypeError: cannot pickle '_thread.RLock' object logger", "pickle logger multiprocessing"),
)
def logger(ctx):
    import logging

    return can_use(ctx, logger_name_found, logging.getLogger("canifork.probe"))


def handlers_of(logger):
    """How many handlers and which level the child sees."""
    return [len(logger.handlers), logger.level]


@question(
    "Does a logger passed as a Process argument keep its handlers and level?",
    why="A child of spawn or forkserver starts with logging unconfigured: messages below WARNING are dropped, "
    "the others go to stderr without a format.",
    do="Configure logging at the start of the target, or send records to the parent with "
    "logging.handlers.QueueHandler.",
    documented={"fork": "yes"},
    source=PICKLABLE,
    asked=("logging does not work in a child process", "log messages of child processes are lost under spawn"),
)
def logger_handlers(ctx):
    import logging

    one = logging.getLogger("canifork.probe")
    one.addHandler(logging.NullHandler())
    one.setLevel(17)
    seen = run_child(ctx, handlers_of, one)
    if not seen.ok or seen.returned not in ([1, 17], [0, 0]):
        raise_if_unavailable(ctx, seen)
        raise RuntimeError("unexpected: %r, %s" % (seen.returned, seen.why_not()))
    return yes() if seen.returned == [1, 17] else no("the child's logger has no handler and no level")


if __name__ == "__main__":
    main()
