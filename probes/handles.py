"""Can objects of the standard library that hold a handle, a lock or a thread be passed to a child?"""

import sys

from _modules import needed
from _probe import REFUSALS, Unavailable, can_use, main, no, question, raise_unexpected, run_child, scratch, yes
from _tasks import LIMIT

PICKLE = "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled"
HANDLE = "It stands for something that belongs to its process, and pickle refuses it."
FORK = {"fork": "yes"}


def checks_hostname(context):
    """Whether the context arrived as it was set."""
    return context.check_hostname is True


@question(
    "Can an ssl.SSLContext be passed as a Process argument?",
    why=HANDLE + " HTTP and database clients keep one in an attribute.",
    do="Create the context, or the client, in the child.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented=FORK,
    asked=("TypeError: cannot pickle 'SSLContext' object", "requests session multiprocessing"),
)
def ssl_context(ctx):
    ssl = needed("ssl")
    if ssl.SSLContext.__mro__[1] is object:  # Pyodide's has no C in it, and encrypts nothing
        raise Unavailable("ssl is a stand-in")
    return can_use(ctx, checks_hostname, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def digests(hashed):
    """Whether the hash goes on from where it was."""
    hashed.update(b"b")
    return hashed.hexdigest()[:8] == "fb8e20fc"


@question(
    "Can a hash object (hashlib.sha256()) be passed as a Process argument?",
    why=HANDLE + " Only sha256 is tested.",
    do="Pass the data, or the digest.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented=FORK,
    asked=("TypeError: cannot pickle '_hashlib.HASH' object",),
)
def hash_object(ctx):
    import hashlib

    return can_use(ctx, digests, hashlib.sha256(b"a"))


def reads_member(archive):
    """Whether a member of the archive can be read."""
    return archive.read("member") == b"text"


@question(
    "Can a zipfile.ZipFile opened for reading be passed as a Process argument?",
    why="It holds an open file, which pickle refuses. Under fork, parent and child share the file's position and "
    "can read each other's bytes.",
    do="Pass the path, and open the archive in each process.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented=FORK,
    asked=("TypeError: cannot pickle '_io.BufferedReader' object", "zipfile multiprocessing BadZipFile"),
)
def zip_file(ctx):
    import os
    import zipfile

    path = scratch("archive.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("member", "text")
    try:
        with zipfile.ZipFile(path) as archive:
            return can_use(ctx, reads_member, archive)
    finally:
        os.remove(path)


def has_result(future):
    """Whether the future has its result."""
    return future.result(0) == 42


@question(
    "Can a finished concurrent.futures.Future be passed as a Process argument?",
    why="A future belongs to the process that made it: a child can neither wait for it nor set its result.",
    do="Pass the result, or send it later through a Pipe or a Queue.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented=FORK,
    asked=("TypeError: cannot pickle '_thread.RLock' object Future",),
)
def future(ctx):
    from concurrent.futures import Future

    made = Future()
    made.set_result(42)
    return can_use(ctx, has_result, made)


def runs_task(pool):
    """Whether the pool of threads runs a task."""
    return pool.submit(int).result(LIMIT) == 0


@question(
    "Can a ThreadPoolExecutor without running threads be passed as a Process argument?",
    why="It holds queues and locks, which pickle refuses. A forked child has the pool, but none of the threads that "
    "it has started.",
    do="Create the pool of threads in the child.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented=FORK,
    asked=("TypeError: cannot pickle '_queue.SimpleQueue' object", "ThreadPoolExecutor in a class attribute pickle"),
)
def thread_pool(ctx):
    from concurrent.futures import ThreadPoolExecutor

    return can_use(ctx, runs_task, ThreadPoolExecutor(1))


def has_level(handler):
    """Whether the handler of the log arrived as it was set."""
    return handler.level == 7


@question(
    "Can a logging.StreamHandler be passed as a Process argument?",
    why="A handler has a lock. A logger can be passed, since only its name is sent; its handlers stay behind.",
    do="Configure logging in the child, or pass a Queue and add a QueueHandler there.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented=FORK,
    asked=("TypeError: cannot pickle '_thread.RLock' object logging handler", "pickle StreamHandler FileHandler"),
)
def log_handler(ctx):
    import logging

    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(7)
    return can_use(ctx, has_level, handler)


def log_to(queue):
    """Log through a queue, as the child of a program that keeps the log."""
    import logging.handlers

    logger = logging.getLogger("child")
    logger.addHandler(logging.handlers.QueueHandler(queue))
    logger.error("number %d", 42)
    return True


@question(
    "Does a record logged through QueueHandler and a Queue reach the parent?",
    why="It is how several processes write one log file: only the parent writes, in a thread (QueueListener).",
    do="Pass the queue to each child, add a QueueHandler there, and run a QueueListener in the parent.",
    source="https://docs.python.org/3/howto/logging-cookbook.html#logging-to-a-single-file-from-multiple-processes",
    documented={"*": "yes"},
    asked=("logging from multiple processes to one file", "multiprocessing logging QueueHandler QueueListener"),
)
def queue_handler(ctx):
    queue = ctx.Queue()
    seen = run_child(ctx, log_to, queue, meanwhile=lambda: None)
    if not (seen.ok and seen.returned is True):
        raise_unexpected(ctx, seen)
    record = queue.get(timeout=LIMIT)
    if (record.name, record.levelname) != ("child", "ERROR"):
        raise RuntimeError("the record is %r" % record)
    return yes() if record.getMessage() == "number 42" else no("the message is %r" % record.getMessage())


def parses(parser):
    """Whether the parser understands a command line."""
    return parser.parse_args(["--number", "42"]).number == 42


@question(
    "Can an argparse.ArgumentParser be passed as a Process argument?",
    why="An object that keeps its parser cannot be sent where this fails; the Namespace of parsed arguments can.",
    do="Pass the Namespace that parse_args() returns.",
    source=PICKLE,
    asked=("Can't pickle local object 'ArgumentParser.__init__.<locals>.identity'", "pickle ArgumentParser"),
)
def argument_parser(ctx):
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int)
    return can_use(ctx, parses, parser)


def folder_is_there(folder):
    """Whether the temporary folder can be used."""
    import os

    return os.path.isdir(folder.name)


@question(
    "Does a TemporaryDirectory survive a child that got it as an argument?",
    why="The object removes its folder when it is collected, and the child has such an object too.",
    do="Pass the path, folder.name; the object stays with the process that made it.",
    source="https://docs.python.org/3/library/tempfile.html#tempfile.TemporaryDirectory",
    asked=("TemporaryDirectory is deleted by a child process", "multiprocessing deletes temporary directory"),
)
def temporary_directory(ctx):
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as path:
        folder = tempfile.TemporaryDirectory(dir=path)
        seen = can_use(ctx, folder_is_there, folder)
        if seen.outcome != "yes":
            return seen
        there = os.path.isdir(folder.name)
        if there:
            folder.cleanup()
        return yes() if there else no("the child has removed it")


def calls(function):
    """Whether the C function can be called."""
    return function(-42) == 42


@question(
    "Can a C function loaded with ctypes (abs) be passed as a Process argument?",
    why="It holds an address, which means nothing in another process.",
    do="Load the library in the child, at the top level of a module.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented=FORK,
    asked=("ValueError: ctypes objects containing pointers cannot be pickled CDLL", "ctypes CDLL multiprocessing"),
)
def c_function(ctx):
    ctypes = needed("ctypes")
    library = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)
    return can_use(ctx, calls, library.abs, failures=(*REFUSALS, "ValueError"))


if __name__ == "__main__":
    main()
