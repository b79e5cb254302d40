"""What goes through a Pipe, and how do connections end and prove who they are?"""

import os
import sys
import threading

from _probe import LIMIT, describe, main, no, question, run_child, unavailable, value, wait_until, yes

CONNECTION = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection"
AUTHENTICATION = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing-auth-keys"
PIPE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Pipe"
SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/connection.py"
BIG = 1000000  # bytes: more than the buffer of a pipe on any platform
ENDLESS = 64 * 2**20  # bytes: no pipe of an operating system holds as much, Emscripten's holds all that there is


def pipe(duplex=False):
    """Both ends of a Pipe of the default context."""
    import multiprocessing

    return multiprocessing.Pipe(duplex)


def send_big(connection):
    """The child sends more than a pipe holds."""
    connection.send(b"x" * BIG)
    return True


@question(
    "Can a child send 1 MB through a Pipe while the parent receives?",
    why="send() blocks when the pipe's buffer is full, until the other side reads.",
    do="Receive before you join the child.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection.send",
    documented={"*": "yes"},
    asked=("large data through multiprocessing.Pipe", "Pipe hangs with big objects"),
)
def big_message(ctx):
    reader, writer = ctx.Pipe(duplex=False)
    got = []
    seen = run_child(ctx, send_big, writer, meanwhile=lambda: got.append(len(reader.recv())), timeout=LIMIT)
    reader.close()
    writer.close()
    if not seen.ok or got != [BIG]:
        raise RuntimeError("%s, got %r" % (seen.why_not(), got))
    return yes()


@question(
    "How many bytes does a Pipe take (os.write) before a write would block?",
    why="send() of more than that waits until the other side reads: two processes that both send first wait for ever. "
    "A child that sends more, or puts it into a Queue, does not end until somebody reads.",
    do="Read from the pipe or queue before you join its writer, and never let both sides send large items at once.",
    source=PIPE,
    methods=(),
    unit="bytes",
    measured=True,
    asked=(
        "Does p.join() before q.get() hang when the child put an item bigger than the pipe buffer, and what is the "
        "size threshold per OS?",
        "multiprocessing pipe buffer size",
        "pipe capacity 65536",
    ),
)
def capacity():
    reader, writer = pipe()
    if not hasattr(os, "set_blocking") or os.name == "nt":
        return unavailable("a pipe cannot be filled without waiting here")
    os.set_blocking(writer.fileno(), False)
    written = 0
    try:
        while written < ENDLESS:
            written += os.write(writer.fileno(), b"x" * 512)
        return unavailable("it never waits: the pipe took %d MiB that nobody read" % (written >> 20))
    except BlockingIOError:
        return value(written)
    finally:
        reader.close()
        writer.close()


@question(
    "Does send_bytes() accept 2 GiB + 1 byte (only the header is read)?",
    why="The length once had to fit into four bytes; it now takes eight when it must.",
    do="Send large data in pieces, or share it: SharedMemory, or a file.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection.send_bytes",
    methods=(),
    asked=(
        "struct.error: 'i' format requires -2147483648 <= number <= 2147483647",
        "OverflowError: cannot serialize a bytes object larger than 4 GiB",
        "What is the largest bytes object that can be passed as a Pool result/argument and through Queue/Pipe "
        "(2 GiB, 4 GiB limits)?",
        "MaybeEncodingError: Error sending result",
    ),
)
def two_gibibytes():
    import mmap
    import struct

    if os.name == "nt" or sys.maxsize < 2**32:
        return unavailable("not measured here: messages have no header, or addresses 32 bits")
    if sys.implementation.name != "cpython":
        return unavailable("not measured here: this Python would copy what it sends, which takes 2 GiB")
    size = 2**31 + 1
    reader, writer = pipe()
    data = mmap.mmap(-1, size)  # no page of it is touched but those that the pipe takes
    view = memoryview(data)
    raised = []

    def send():
        try:
            writer.send_bytes(view)
        except Exception as error:
            raised.append(describe(error))  # not the error: its traceback would hold the data

    thread = threading.Thread(target=send)
    thread.start()
    try:
        if not wait_until(lambda: raised or reader.poll(), LIMIT):
            raise RuntimeError("nothing came")
        if raised:
            return no(raised[0])
        first = struct.unpack("!i", os.read(reader.fileno(), 4))[0]
        announced = struct.unpack("!Q", os.read(reader.fileno(), 8))[0] if first == -1 else first
    finally:
        reader.close()  # ends the writer, which has sent one buffer
        thread.join()
        view.release()
        data.close()
        writer.close()
    if announced != size or not raised[0].startswith("BrokenPipeError"):
        raise RuntimeError("announced %r, %r" % (announced, raised))
    return yes("its header announces 2 GiB + 1 byte, in eight bytes; the rest was not sent")


@question(
    "Does recv() raise EOFError when the other end of a Pipe is closed?",
    why="It tells a reader that nothing more will come, but only when no process holds the other end open.",
    do="Close the writing end in every process that does not write.",
    source=CONNECTION + ".recv",
    documented={"*": "yes"},
    methods=(),
    asked=("EOFError in conn.recv()", "how to detect that a multiprocessing.Pipe is closed"),
)
def end_of_file():
    reader, writer = pipe()
    writer.send("last")
    writer.close()
    if reader.recv() != "last":
        raise RuntimeError("the message was lost")
    try:
        reader.recv()
    except EOFError as error:
        return yes(describe(error))
    except BlockingIOError as error:  # Emscripten's pipes know no end
        return no(describe(error))
    finally:
        reader.close()
    return no("it returned")


@question(
    "Does send() raise OSError when the reading end of a Pipe has been closed?",
    why="A worker whose parent is gone should notice it and end.",
    do="Catch OSError around send(), and end.",
    source=CONNECTION + ".send",
    methods=(),
    asked=("BrokenPipeError: [Errno 32] Broken pipe in conn.send()",),
)
def broken_pipe():
    reader, writer = pipe()
    reader.close()
    try:
        writer.send("message")
    except OSError as error:
        return yes("%s" % type(error).__name__, raised=describe(error))
    finally:
        writer.close()
    return no("it returned")


@question(
    "Does multiprocessing.connection.wait() find the one of three Pipes that has data?",
    why="A parent with many children waits for whichever sends first.",
    do="Use it for connections and for process.sentinel alike; on Windows, for at most 63 before Python 3.13.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.wait",
    documented={"*": "yes"},
    methods=(),
    asked=("select on multiprocessing pipes", "wait for multiple processes"),
)
def wait_for_several():
    from multiprocessing.connection import wait

    pipes = [pipe() for _ in range(3)]
    pipes[1][1].send("news")
    ready = wait([reader for reader, _ in pipes], LIMIT)
    told = ready == [pipes[1][0]] and ready[0].recv() == "news"
    for ends in pipes:
        for end in ends:
            end.close()
    return yes() if told else no("%d connections are ready" % len(ready))


@question(
    "Can multiprocessing.connection.wait() wait for 100 connections?",
    why="Windows waits for at most 64 objects in one call, and Python keeps one of them for Ctrl+C.",
    do="Where the answer is no, wait for them in groups.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.wait",
    methods=(),
    asked=("ValueError: need at most 63 handles, got a sequence of length",),
)
def wait_for_many():
    from multiprocessing.connection import wait

    pipes = [pipe() for _ in range(100)]
    try:
        pipes[77][1].send("news")
        ready = wait([reader for reader, _ in pipes], LIMIT)
        if [connection.recv() for connection in ready] != ["news"]:
            raise RuntimeError("%d connections are ready" % len(ready))
    except ValueError as error:
        return no(describe(error))
    finally:
        for ends in pipes:
            for end in ends:
                end.close()
    return yes()


@question(
    "Can connection.wait() wait for a Pipe and a Process.sentinel together?",
    why="A parent that waits only for a result may wait forever if the child dies first.",
    do="Call wait([connection, process.sentinel]), and check which of the two is ready.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.sentinel",
    documented={"*": "yes"},
    asked=("parent hangs when child process dies before sending the result", "Process.sentinel"),
)
def wait_for_end(ctx):
    from multiprocessing.connection import wait

    reader, writer = ctx.Pipe(duplex=False)
    process = ctx.Process(target=os._exit, args=(3,))
    process.start()
    ready = wait([reader, process.sentinel], LIMIT)
    process.join()
    reader.close()
    writer.close()
    if process.exitcode != 3:
        raise RuntimeError("exit code %r" % process.exitcode)
    return yes() if ready == [process.sentinel] else no("%d things are ready" % len(ready))


class Door:
    """A Listener of this process, and a thread that lets one client in."""

    def __init__(self, authkey):
        from multiprocessing.connection import Listener

        try:
            self.listener = Listener(authkey=authkey)
        except (OSError, ImportError) as error:
            from _probe import Unavailable

            raise Unavailable(describe(error)) from error
        self.came, self.failed = [], []
        self.thread = threading.Thread(target=self.open)

    def open(self):
        try:
            self.came.append(self.listener.accept())
        except Exception as error:
            self.failed.append(error)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.thread.join()
        self.listener.close()
        for connection in self.came:
            connection.close()


@question(
    "Which hash does a Listener with an authkey use to challenge a client?",
    why="MD5 is not available in FIPS mode, and an old client must understand a new server's challenge.",
    do="Nothing: by their source, newer Pythons still accept clients that know only MD5.",
    source="https://docs.python.org/3.12/whatsnew/changelog.html#python-3-12-0-beta-1",
    documented={'python_version < "3.12"': "md5"},
    methods=(),
    asked=(
        "multiprocessing.context.AuthenticationError: digest sent was rejected",
        "ValueError: [digital envelope routines] unsupported hash type md5 FIPS",
        "multiprocessing manager between different Python versions",
    ),
)
def challenge_hash():
    from multiprocessing.connection import Client

    with Door(b"key") as door:
        client = Client(door.listener.address)  # without a key: it reads the question as a message
        message = client.recv_bytes()
        client.close()
    text = message.decode("latin-1")
    if not text.startswith("#CHALLENGE#"):
        raise RuntimeError(repr(text[:20]))
    text = text[len("#CHALLENGE#") :]
    if text.startswith("{"):
        return value(text[1 : text.index("}")], "%d random bytes" % (len(text) - text.index("}") - 1))
    return value("md5", "%d random bytes; the hash is not named" % len(text))


@question(
    "Does a Listener with the empty authkey b'' challenge its clients?",
    why="Where it does not, a client with that key waits forever for a challenge that never comes.",
    do="Use a key that is not empty.",
    source="https://docs.python.org/3.13/whatsnew/changelog.html#python-3-13-0-alpha-5",
    documented={'python_version >= "3.13"': "yes"},
    methods=(),
    asked=("multiprocessing.connection hangs with an empty authkey",),
)
def empty_key():
    from multiprocessing.connection import Client

    with Door(b"") as door:
        client = Client(door.listener.address)
        try:
            if not wait_until(lambda: door.came or client.poll(), LIMIT):
                raise RuntimeError("neither let in nor asked")
            asked = not door.came and client.recv_bytes().startswith(b"#CHALLENGE#")
        finally:
            client.close()
    return yes() if asked else no("it lets everybody in without a question")


@question(
    "Is a Client with a different authkey rejected with AuthenticationError?",
    why="The key is all that keeps strangers from sending pickles, which can run any code.",
    do="Give both sides the same key, and keep it secret.",
    source=AUTHENTICATION,
    documented={"*": "yes"},
    methods=(),
    asked=("AuthenticationError: digest received was wrong",),
)
def wrong_key():
    from multiprocessing import AuthenticationError
    from multiprocessing.connection import Client

    with Door(b"one key") as door:
        try:
            Client(door.listener.address, authkey=b"another").close()
        except AuthenticationError as error:
            return yes(describe(error))
    return no("it was let in")


@question(
    "Can a Connection be iterated over?",
    why="It works as a context manager, which closes it, but it is not iterable: a loop needs recv() and EOFError.",
    do="Call recv() in a loop, until it raises EOFError.",
    source=CONNECTION,
    methods=(),
    asked=("TypeError: 'Connection' object is not iterable",),
    wanted="either",
)
def iteration():
    reader, writer = pipe()
    with reader, writer:
        try:
            iter(reader)
        except TypeError:
            return no("it can be used with a with statement, and cannot be iterated over")
    return yes()


def keep_open(connection, go):
    """The child waits, then ends; it never closes the connection itself."""
    return go.recv()


@question(
    "Is a connection closed in the parent after it was passed to a child?",
    why="Both processes then hold an open end: the parent must close its own, or the reader never sees the end.",
    do="Close the end in the parent after start().",
    source=PIPE,
    documented={"*": "no"},
    asked=("close unused end of multiprocessing.Pipe", "recv never raises EOFError"),
    wanted="either",
)
def closed_by_passing(ctx):
    reader, writer = ctx.Pipe(duplex=False)
    go, said = ctx.Pipe(duplex=False)
    seen = run_child(ctx, keep_open, writer, go, meanwhile=lambda: said.send("go"), timeout=LIMIT)
    closed = writer.closed
    for end in (reader, writer, go, said):
        end.close()
    if not seen.ok or seen.returned != "go":
        raise RuntimeError(seen.why_not())
    return yes() if closed else no("it is still open in the parent")


if __name__ == "__main__":
    main()
