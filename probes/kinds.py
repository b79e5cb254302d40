"""Which further kinds of objects of the standard library can be passed to a child?"""

import functools
import os

from _probe import (
    LIMIT,
    Unavailable,
    can_use,
    describe,
    judged,
    main,
    no,
    question,
    run_child,
    scratch,
    unavailable,
    yes,
)
from _tasks import report

REDUCTION = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/reduction.py"
SPAWN_DOC = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
COPIED = {"fork": "yes"}


def watching(ctx, function, poller):
    """Like can_use(), but it is a no if the child gets one that does not watch what the parent registered."""
    seen = run_child(ctx, function, poller)
    if seen.ok and seen.returned is False:
        return no("it arrives, and watches nothing")
    return judged(ctx, seen)


def tells(poller):
    """Whether a poller knows that the parent's pipe can be read."""
    return [event for _, event in poller.poll(0)] == [1]  # EPOLLIN


@question(
    "Can a select.epoll be passed as a Process argument, and watch what the parent registered?",
    why="Servers with an event loop of their own keep one in an attribute. It is an object of the kernel, which knows "
    "the parent's descriptors.",
    do="Make the poller in the child, and register there what it shall watch.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("TypeError: cannot pickle 'select.epoll' object",),
)
def epoll(ctx):
    import select

    if not hasattr(select, "epoll"):
        return unavailable("there is no select.epoll here")
    reader, writer = os.pipe()
    os.write(writer, b"x")
    try:
        with select.epoll() as poller:
            poller.register(reader, select.EPOLLIN)
            return watching(ctx, tells, poller)
    finally:
        os.close(reader)
        os.close(writer)


def selects(selector):
    """Whether a selector knows that the parent's socket can be read."""
    return [key.data for key, _ in selector.select(0)] == ["mine"]


@question(
    "Can a selectors.DefaultSelector be passed as a Process argument, and watch what the parent registered?",
    why="asyncio, socketserver and many servers keep one in an attribute.",
    do="Make the selector in the child.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("TypeError: cannot pickle 'select.epoll' object", "TypeError: cannot pickle 'select.kqueue' object"),
)
def selector(ctx):
    import selectors
    import socket

    if os.name == "nt":
        return unavailable("there, it has nothing of the kernel: it is a set of numbers, which a child may have too")
    one, other = socket.socketpair()
    other.sendall(b"x")
    try:
        with selectors.DefaultSelector() as chosen:
            chosen.register(one, selectors.EVENT_READ, "mine")
            return watching(ctx, selects, chosen)
    finally:
        one.close()
        other.close()


def listener():
    """A socket that listens on a port of this machine."""
    import socket

    try:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
    except (OSError, AttributeError) as error:
        raise Unavailable(describe(error)) from error
    return listening


def accept(listening):
    """Serve one client."""
    listening.settimeout(LIMIT)
    client, _ = listening.accept()
    client.sendall(b"served")
    client.close()
    return True


@question(
    "Can a child accept connections from a listening socket that was its argument?",
    why="It is how the workers of a server share one port.",
    do="Pass the socket object itself, not its descriptor number.",
    source=REDUCTION,
    asked=("share a listening socket between processes", "prefork server with multiprocessing"),
)
def listening_socket(ctx):
    import socket

    listening = listener()
    received = []

    def connect():
        with socket.create_connection(listening.getsockname(), LIMIT) as client:
            received.append(client.recv(16))

    try:
        answer = judged(ctx, run_child(ctx, accept, listening, meanwhile=connect))
    finally:
        listening.close()
    if received != [b"served"]:
        raise RuntimeError("the client got %r" % received)
    return answer


def named_socket_class():
    """A subclass of socket, in this module; made on demand, since socket is slow to import."""
    import socket

    class NamedSocket(socket.socket):
        """A socket with something added."""

        name = "mine"

    NamedSocket.__qualname__ = "NamedSocket"
    globals()["NamedSocket"] = NamedSocket
    return NamedSocket


def __getattr__(name):
    """Classes that are made on demand: pickle looks for them here."""
    if name == "NamedSocket":
        return named_socket_class()
    raise AttributeError(name)


def is_named(connection):
    """Whether the object is still of its own class."""
    return connection.name == "mine"


@question(
    "Does a subclass of socket.socket stay one when it is passed as a Process argument?",
    why="multiprocessing sends a socket's descriptor and makes a plain socket.socket of it; for a subclass it has no "
    "such rule. Tested with a socket that is not connected.",
    do="Pass the plain socket, and wrap it again in the child.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("TypeError: cannot pickle 'SSLSocket' object", "pickle a subclass of socket"),
)
def socket_subclass(ctx):
    try:
        connection = named_socket_class()()
    except (OSError, AttributeError) as error:
        raise Unavailable(describe(error)) from error
    with connection:
        return can_use(ctx, is_named, connection)


def logs(logger):
    """Whether a logger logs."""
    records = []
    logger.addFilter(lambda record: records.append(record.getMessage()) or False)
    logger.error("a record")
    return records == ["a record"]


@question(
    "Can a logging.Logger made by Logger(name), not getLogger(), be passed as a Process argument?",
    why="Loggers are pickled by name: one that getLogger() does not know cannot be.",
    do="Use logging.getLogger(name), or pass the name.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("_pickle.PicklingError: logger cannot be pickled", "TypeError: can't pickle _thread.RLock objects logger"),
)
def unregistered_logger(ctx):
    import logging

    return can_use(ctx, logs, logging.Logger("of nobody"))


def reads(wrapped):
    """Whether a passed descriptor leads to the file."""
    descriptor = wrapped.detach()
    try:
        return os.read(descriptor, 16) == b"a text"
    finally:
        os.close(descriptor)


@question(
    "Can a file descriptor be passed as a Process argument in multiprocessing.reduction.DupFd()?",
    why="A bare number means nothing in a child that was not forked. DupFd() hands the descriptor itself over: a "
    "thread of the parent sends it to whoever calls detach().",
    do="Nothing if yes; it is not documented. A socket or a Connection can be passed as it is.",
    source=REDUCTION,
    asked=("pass a file descriptor to a spawned process", "multiprocessing.reduction.DupFd"),
)
def dup_fd(ctx):
    from multiprocessing import reduction

    if not hasattr(reduction, "DupFd"):
        return unavailable("there is no such function")
    path = scratch("text")
    with open(path, "wb") as file:
        file.write(b"a text")
    try:
        with open(path, "rb") as file:
            wrapped = reduction.DupFd(file.fileno())
        return can_use(ctx, reads, wrapped)  # the file is closed: the child can have it in no other way
    finally:
        os.remove(path)


def compresses(thing):
    """Whether a compressor works."""
    import zlib

    return zlib.decompress(thing.compress(b"a text") + thing.flush()) == b"a text"


@question(
    "Can an unused zlib.compressobj() be passed as a Process argument?",
    why="Objects of C libraries, such as compressors and hashes, keep their state where pickle cannot see it.",
    do="Make it in the child.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("TypeError: cannot pickle 'zlib.Compress' object",),
)
def compressor(ctx):
    from _modules import needed

    return can_use(ctx, compresses, needed("zlib").compressobj())


def write_to(process):
    """Send a program a line."""
    process.stdin.write(b"line\n")
    process.stdin.flush()
    return True


@question(
    "Can a subprocess.Popen of a running program be passed as a Process argument, and its stdin be written to?",
    why="It has locks and pipes. Even in a forked child, only the parent can wait for the program.",
    do="Talk to the program in the process that started it, and pass what it said.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("TypeError: cannot pickle '_thread.lock' object Popen", "cannot pickle '_io.BufferedWriter' object"),
)
def running_program(ctx):
    import subprocess
    import sys

    try:
        program = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.exit(40 + len(input()))"], stdin=subprocess.PIPE
        )
    except (OSError, ImportError, AttributeError) as error:
        raise Unavailable(describe(error)) from error
    try:
        answer = can_use(ctx, write_to, program)
        if answer.outcome == "yes" and program.wait(LIMIT) != 44:
            raise RuntimeError("the program ended with %r" % program.returncode)
    finally:
        program.kill()
        program.communicate()
    return answer


def has_text(file):
    """Whether a temporary file has its text."""
    file.seek(0)
    return file.read() == b"a text"


@question(
    "Can a tempfile.NamedTemporaryFile be passed as a Process argument?",
    why="It is an open file with a name that is removed when it is closed.",
    do="Pass its name, and keep it open in the parent; for Windows make it with delete=False.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("cannot pickle '_io.BufferedRandom' object", "NamedTemporaryFile multiprocessing"),
)
def temporary_file(ctx):
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(b"a text")
        file.flush()
        return can_use(ctx, has_text, file)


async def seven():
    """A coroutine function."""
    return 7


def run_coroutine(coroutine):
    """What a coroutine returns."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value == 7


@question(
    "Can a coroutine that has not begun be passed as a Process argument?",
    why="It is a suspended frame, like a generator. Calling an async function gives one. A task of a pool or an "
    "executor cannot have one under any method.",
    do="Pass the async function and its arguments, and call asyncio.run() in the child.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=(
        "TypeError: cannot pickle 'coroutine' object",
        "run a coroutine in another process",
        "cannot pickle a coroutine, ProcessPoolExecutor",
    ),
)
def coroutine(ctx):
    call = seven()
    try:
        return can_use(ctx, run_coroutine, call)
    finally:
        call.close()


def at_two(stream):
    """Whether a stream has its position."""
    return stream.read() == "xt"


@question(
    "Can an io.StringIO be passed as a Process argument and keep its position?",
    why="Streams in memory have no descriptor; they can be copied with what they hold.",
    do="Nothing if yes. The parent does not see what the child writes.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("pickle StringIO",),
)
def text_stream(ctx):
    import io

    stream = io.StringIO("text")
    stream.seek(2)
    return can_use(ctx, at_two, stream)


def knows_noon(zone):
    """Whether a time zone works."""
    import datetime

    return datetime.datetime(2020, 1, 1, 12, tzinfo=zone).utcoffset() == datetime.timedelta(0)


@question(
    "Can a zoneinfo.ZoneInfo be passed as a Process argument?",
    why="It is pickled by its key, and the child loads the zone from its own data. Tested with UTC.",
    do="Nothing if yes.",
    source="https://docs.python.org/3/library/zoneinfo.html#pickle-serialization",
    documented={'python_version >= "3.9"': "yes"},
    asked=("pickle datetime with ZoneInfo",),
)
def time_zone(ctx):
    from _modules import needed

    try:
        zone = needed("zoneinfo").ZoneInfo("UTC")
    except LookupError as error:
        raise Unavailable("there is no data of time zones") from error
    return can_use(ctx, knows_noon, zone)


def second_group(match):
    """Whether a match has its groups."""
    return match.group(2) == "b"


@question(
    "Can a re.Match be passed as a Process argument?",
    why="A compiled expression can, but what it has found cannot.",
    do="Pass match.groups() or match.groupdict().",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("TypeError: cannot pickle 're.Match' object",),
)
def expression_match(ctx):
    import re

    return can_use(ctx, second_group, re.match("(a)(b)", "ab"))


def knows_frame(thing):
    """Whether a traceback tells where it came from."""
    return thing.tb_frame.f_code.co_name == "traceback_object"


@question(
    "Can a traceback object be passed as a Process argument?",
    why="It refers to the frames of its own process.",
    do="Pass traceback.format_exc(), or a traceback.TracebackException.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("TypeError: cannot pickle 'traceback' object", "TypeError: cannot pickle 'frame' object"),
)
def traceback_object(ctx):
    try:
        raise ValueError("to have a traceback")
    except ValueError as error:
        return can_use(ctx, knows_frame, error.__traceback__)


def local_point():
    """A named tuple whose class is defined in a function."""
    from collections import namedtuple

    return namedtuple("Point", "x y")(1, 2)


def adds_up(point):
    """Whether a point has its coordinates."""
    return point.x + point.y == 3


@question(
    "Can a namedtuple be passed as a Process argument whose class was made in a function?",
    why="Its class says that it is at the top of the module, where pickle does not find it.",
    do="Make the class at the top level of a module.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=(
        "PicklingError: Can't pickle <class '__main__.Point'>: attribute lookup Point on __main__ failed",
        "pickle namedtuple defined in function",
    ),
)
def local_named_tuple(ctx):
    return can_use(ctx, adds_up, local_point())


@question(
    "Can a weakref.WeakValueDictionary be passed as a Process argument?",
    why="It holds weak references, which cannot be pickled; caches and registries use it.",
    do="Pass dict(weak) with the objects themselves.",
    source=SPAWN_DOC,
    documented=COPIED,
    asked=("cannot pickle 'weakref' object WeakValueDictionary", "Can't pickle local object 'WeakValueDictionary"),
)
def weak_dictionary(ctx):
    import weakref

    kept = Lazy()
    return can_use(ctx, has_entry, weakref.WeakValueDictionary(key=kept))


def has_entry(mapping):
    """Whether the entry is there."""
    return isinstance(mapping["key"], Lazy)


class Lazy:
    """A class with a cached property."""

    @functools.cached_property
    def process_id(self):
        """Where it was read first."""
        return os.getpid()


def read_again(lazy):
    """The property as this process sees it."""
    return lazy.process_id


@question(
    "Has an argument of a child the value of a functools.cached_property that the parent has read?",
    why="The value is kept in the object's __dict__, which is copied or pickled; the child does not compute it again.",
    do="Nothing if yes. What may not be taken to another process, such as a connection, must not be cached so.",
    source="https://docs.python.org/3/library/functools.html#functools.cached_property",
    asked=("cached_property and pickle", "cached_property multiprocessing"),
    wanted="either",
)
def cached_property_read(ctx):
    lazy = Lazy()
    mine = lazy.process_id
    its = report(ctx, read_again, lazy)
    if its == mine:
        return yes()
    return no("the child computes it again")


if __name__ == "__main__":
    main()
