"""Which settings that a program makes at run time reach a child?"""

import sys
import threading

from _probe import main, no, question, unavailable, value, yes
from _tasks import report

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
LOGGING_DOC = "https://docs.python.org/3/library/multiprocessing.html#logging"
HASH_DOC = "https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED"
RANDOM_SOURCE = "https://github.com/python/cpython/blob/main/Lib/random.py"

COPIED = "A forked child is a copy of its parent; any other child begins with what Python begins with."
IN_CHILD = "Set it in the child: in the target, or in the initializer of a Pool or executor."
FORK = {"fork": "yes"}  # "effectively identical to the parent process"; of the others no document speaks

local = threading.local()


def kept(ctx, wanted, plain, look, *args):
    """yes if look(*args) gives `wanted` in a child, no if it gives `plain`, which it gives in a new interpreter."""
    seen = report(ctx, look, *args)
    if seen == wanted:
        return yes()
    if seen == plain:
        return no("the child has %r" % (plain,))
    raise RuntimeError("the child has %r" % (seen,))


def has_filter():
    """Whether the parent's warnings filter is in force."""
    import warnings

    return any(row[0] == "error" and row[2] is BytesWarning for row in warnings.filters)


@question(
    "Does a child have a warnings filter that the parent set with simplefilter()?",
    why=COPIED,
    do="Use python -W, or PYTHONWARNINGS set before the program starts, which children inherit; or set the filter in "
    "the target.",
    source=METHODS_DOC,
    documented=FORK,
    asked=(
        "Are warnings filters set by the parent (simplefilter, -W option, PYTHONWARNINGS) active in the "
        "child under each method?",
        "warnings.filterwarnings ignore does not work in multiprocessing",
        "warnings shown in worker processes",
    ),
)
def warnings_filter(ctx):
    import warnings

    warnings.simplefilter("error", BytesWarning)
    return kept(ctx, True, False, has_filter)


@question(
    "Does a child have the recursion limit that the parent set?",
    why=COPIED,
    do=IN_CHILD,
    source=METHODS_DOC,
    documented=FORK,
    asked=("sys.setrecursionlimit in child process", "RecursionError only in multiprocessing"),
)
def recursion_limit(ctx):
    plain = sys.getrecursionlimit()
    sys.setrecursionlimit(plain + 777)
    return kept(ctx, plain + 777, plain, sys.getrecursionlimit)


def local_value():
    """What the thread-local of this module holds."""
    return getattr(local, "value", None)


@question(
    "Does a child have the threading.local value of the thread that started it?",
    why="Frameworks keep database sessions and request data there.",
    do="Pass the value as an argument.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("threading.local in child process",),
)
def thread_local(ctx):
    local.value = "set"
    return kept(ctx, "set", None, local_value)


variable = None


def variable_value():
    """What this module's context variable holds."""
    return variable.get() if variable is not None else None


@question(
    "Does a child have the contextvars value of the code that started it?",
    why="Request IDs, tracing spans and locale settings are kept in context variables.",
    do="Pass the value as an argument and set the variable again in the target.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("ContextVar in multiprocessing child", "OpenTelemetry context lost in child process"),
)
def context_variable(ctx):
    import contextvars

    global variable
    variable = contextvars.ContextVar("variable")
    variable.set("set")
    return kept(ctx, "set", None, variable_value)


def call_traced():
    """Whether the trace function is told of a call."""
    del traced[:]
    (lambda: None)()
    return bool(traced)


traced = []


def trace(frame, event, argument):
    """A trace function that notes calls."""
    traced.append(event)


@question(
    "Is the parent's sys.settrace() function told of a call in a child?",
    why="Without one, coverage tools and debuggers see nothing of a child.",
    do="Switch on your tool's support for multiprocessing, such as coverage's concurrency = multiprocessing.",
    source=METHODS_DOC,
    documented=FORK,
    asked=(
        "Is a trace function / sys.settrace / sys.monitoring tool set in the parent active in the child?",
        "coverage does not measure child processes",
        "breakpoints do not work in multiprocessing child",
    ),
    wanted="either",
)
def trace_function(ctx):
    sys.settrace(trace)
    try:
        return kept(ctx, True, False, call_traced)
    finally:
        sys.settrace(None)


def precision():
    """The precision of decimal arithmetic."""
    import decimal

    return decimal.getcontext().prec


@question(
    "Does a child have the decimal precision that the parent set?",
    why="The same calculation gives another result in the child otherwise.",
    do=IN_CHILD,
    source=METHODS_DOC,
    documented=FORK,
    asked=("decimal.getcontext().prec in child process",),
)
def decimal_precision(ctx):
    import decimal

    plain = decimal.getcontext().prec
    decimal.getcontext().prec = 7
    return kept(ctx, 7, plain, precision)


def root_logging():
    """Level of the root logger and how many handlers it has."""
    import logging

    return [logging.getLogger().level, len(logging.getLogger().handlers)]


@question(
    "Does a child have the root logger's level and handler that the parent configured?",
    why="Otherwise messages below WARNING are lost in the child, and the others look different.",
    do="Configure logging in the child too, or send records to the parent with QueueHandler and QueueListener.",
    source=METHODS_DOC,
    documented=FORK,
    asked=(
        "Does a child inherit logging configuration done in the parent under the main guard?",
        "logging does not work in multiprocessing child",
        "log messages missing in worker process",
    ),
)
def logging_configuration(ctx):
    import logging

    logging.basicConfig(level=17)
    return kept(ctx, [17, 1], [logging.WARNING, 0], root_logging)


def package_level():
    """The level of multiprocessing's own logger."""
    import multiprocessing

    return multiprocessing.get_logger().level


@question(
    "Does a child have the level that the parent set on multiprocessing.get_logger()?",
    why="multiprocessing sends the level of its own logger along, unlike those of other loggers.",
    do="Nothing if yes.",
    source=LOGGING_DOC,
    documented={'sys_platform == "win32"': "yes"},
    asked=("multiprocessing.log_to_stderr level in child",),
)
def multiprocessing_logger(ctx):
    import multiprocessing

    multiprocessing.get_logger().setLevel(17)
    return kept(ctx, 17, 0, package_level)


def random_numbers():
    """Some numbers of the module's generator."""
    import random

    return [random.random() for _ in range(3)]


@question(
    "Does random.seed() in the parent determine which random numbers a child draws?",
    why="If not, experiments are not reproducible although the program seeds its generator.",
    do="Pass a seed to each child and call random.seed(seed) there, or pass a random.Random.",
    source=RANDOM_SOURCE,
    asked=("random.seed multiprocessing reproducible", "children produce the same random numbers after fork"),
    wanted="either",
)
def random_seed(ctx):
    import random

    random.seed(42)
    expected = random_numbers()
    random.seed(42)
    first, second = report(ctx, random_numbers), report(ctx, random_numbers)
    if first == expected and second == expected:
        return yes("all children draw the same numbers")
    if expected not in (first, second) and first != second:
        return no("each child draws others")
    raise RuntimeError("expected %r, saw %r and %r" % (expected, first, second))


def numbers_of(generator):
    """Some numbers of a generator."""
    return [generator.random() for _ in range(3)]


@question(
    "Do two children draw the same numbers from a random.Random passed to both?",
    why="Each gets a copy in the same state: samples that should be independent are equal.",
    do="Give each child a generator of its own, seeded differently.",
    source=RANDOM_SOURCE,
    asked=("same random numbers in every process",),
    wanted="either",
)
def random_instance(ctx):
    import random

    generator = random.Random(42)
    first, second = report(ctx, numbers_of, generator), report(ctx, numbers_of, generator)
    if first == second == numbers_of(random.Random(42)):
        return yes()
    if first != second:
        return no("they draw different numbers")
    raise RuntimeError("both draw %r" % first)


def text_hash():
    """The hash of a text here."""
    return hash("canifork")


@question(
    "Which processes agree on the hash() of a str, PYTHONHASHSEED being unset?",
    why="Where they differ, so do the order of sets and all that is computed from hash().",
    do="Set PYTHONHASHSEED before the program starts, or use hashlib.",
    source=HASH_DOC,
    asked=(
        "Is hash('abc') the same in parent and child(ren) under each method (with PYTHONHASHSEED unset)?",
        "hash() differs between processes",
        "set order differs in child process",
    ),
)
def hash_seed(ctx):
    import os

    if os.environ.get("PYTHONHASHSEED", "random") != "random":
        return unavailable("PYTHONHASHSEED is set")
    mine, first, second = text_hash(), report(ctx, text_hash), report(ctx, text_hash)
    if mine == first == second:
        return value("parent and children")
    if first == second:
        return value("the children among themselves")
    if len({mine, first, second}) == 3:
        return value("nobody")
    raise RuntimeError("parent and one child agree")


def interval():
    """The switch interval, in microseconds."""
    return round(sys.getswitchinterval() * 1e6)


@question(
    "Does a child have the thread switch interval that the parent set?",
    why=COPIED,
    do=IN_CHILD,
    source=METHODS_DOC,
    documented=FORK,
    asked=("sys.setswitchinterval in child process",),
)
def switch_interval(ctx):
    plain = interval()
    sys.setswitchinterval(plain * 3e-6)
    return kept(ctx, interval(), plain, interval)


def collector_on():
    """Whether the garbage collector is on."""
    import gc

    return gc.isenabled()


@question(
    "Is the garbage collector off in a child after gc.disable() in the parent?",
    why="Programs switch the collector off, or call gc.freeze(), to keep forked memory shared.",
    do=IN_CHILD,
    source=METHODS_DOC,
    documented=FORK,
    asked=("gc.disable in worker process", "gc.freeze before fork"),
)
def garbage_collector(ctx):
    import gc

    gc.disable()
    return kept(ctx, False, True, collector_on)


def number_format():
    """The current locale for numbers."""
    import locale

    return locale.setlocale(locale.LC_NUMERIC)


@question(
    "Does a child have the LC_NUMERIC locale that the parent set with setlocale()?",
    why="Numbers come out differently in the child otherwise. Only LC_NUMERIC is tested.",
    do="Call setlocale() in the child too.",
    source=METHODS_DOC,
    documented=FORK,
    asked=("locale.setlocale multiprocessing",),
)
def locale_setting(ctx):
    import locale

    plain = locale.setlocale(locale.LC_NUMERIC)
    for name in ("C.UTF-8", "en_US.UTF-8", "C.utf8", "English_United States.1252", "POSIX"):
        try:
            chosen = locale.setlocale(locale.LC_NUMERIC, name)
        except locale.Error:
            continue
        if chosen != plain:
            return kept(ctx, chosen, plain, number_format)
    return unavailable("there is only one locale")


def loop_running():
    """Whether an event loop runs in this thread."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@question(
    "Is an asyncio event loop running in a child that a coroutine started?",
    why="A copy of the loop would share the parent's selector, so that asyncio forgets the loop after a fork.",
    do="Call asyncio.run() in the target, or use loop.run_in_executor() with a ProcessPoolExecutor.",
    source="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop",
    asked=("RuntimeError: no running event loop in child process", "asyncio and multiprocessing fork"),
    wanted="no",
)
def event_loop(ctx):
    import asyncio

    async def start():
        return report(ctx, loop_running)

    return yes() if asyncio.run(start()) else no("get_running_loop() raises RuntimeError in the child")


if __name__ == "__main__":
    main()
