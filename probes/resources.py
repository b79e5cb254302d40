"""Can sockets, descriptors and maps of memory be passed to a child as arguments?"""

import os

from _modules import needed
from _probe import LIMIT, Unavailable, can_use, describe, judged, main, no, question, run_child, yes

METHODS = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
# The start methods say that a forked child has all that its parent has; pickle lists what it can pickle.
RESOURCE = {"fork": "yes", "*": "no"}


def sends(sock):
    """The child can write to the socket."""
    sock.sendall(b"child")
    return True


@question(
    "Can a child send through a connected socket passed as a Process argument?",
    why="A server that accepts in the parent and answers in a child needs it. multiprocessing duplicates the socket "
    "for the child, although plain pickle refuses it. Tested with one end of socket.socketpair().",
    do="Pass it, and close the parent's copy after start(). In a pool task or a Queue it works only while the "
    "sender lives.",
    documented={"fork": "yes"},
    source=METHODS,
    asked=("TypeError: cannot pickle 'socket' object",),
)
def socket(ctx):
    from socket import socketpair

    ours, theirs = socketpair()
    with ours, theirs:
        ours.settimeout(10)
        seen = can_use(ctx, sends, theirs)
        if seen.outcome == "yes":
            received = ours.recv(5)
            assert received == b"child", received
        return seen


def reads_descriptor(number):
    """The child can read from the descriptor of this number; or says that there is no such descriptor."""
    import errno

    try:
        return os.read(number, 5) == b"bytes"
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        return describe(error)


@question(
    "Can a child use an inheritable file descriptor of the parent by its number?",
    why="The number always arrives, but only a forked child has the same descriptors: elsewhere it means "
    "nothing, or another file.",
    do="Pass a path, a socket or a multiprocessing connection, which bring their descriptor along.",
    documented=RESOURCE,
    source=METHODS,
    asked=(
        "Is a raw file descriptor (int) that is open in the parent usable in the child under each start method?",
        "OSError: [Errno 9] Bad file descriptor",
        "file handle closed or invalid in the child process",
    ),
)
def file_descriptor(ctx):
    reader, writer = os.pipe()
    os.write(writer, b"bytes")
    # A high number cannot belong to a file that the child opened itself.
    copies = [os.dup(reader) for _ in range(100)]
    try:
        os.set_inheritable(copies[-1], True)
        seen = run_child(ctx, reads_descriptor, copies[-1])
        if seen.ok and isinstance(seen.returned, str):
            return no(seen.returned)
        return judged(ctx, seen, ())
    finally:
        for number in [reader, writer] + copies:
            os.close(number)


def answers_query(connection):
    """The child can ask the database."""
    return connection.execute("SELECT 40 + 2").fetchone() == (42,)


@question(
    "Can a child query a ':memory:' sqlite3 connection passed as a Process argument?",
    why="SQLite forbids using a connection across fork(): with a database file it can corrupt the database.",
    do="Open a separate connection in each process.",
    source="https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_connection_across_a_fork_",
    asked=("TypeError: cannot pickle 'sqlite3.Connection' object",),
)
def sqlite_connection(ctx):
    from contextlib import closing

    with closing(needed("sqlite3").connect(":memory:")) as connection:
        return can_use(ctx, answers_query, connection)


def write_to_map(memory):
    """The child writes to the memory."""
    memory[:5] = b"child"
    return True


@question(
    "Does the parent see what a child writes to an mmap.mmap(-1, size) passed as an argument?",
    why="An anonymous map has no name by which another process could find it: only a forked child shares it.",
    do="Use multiprocessing.shared_memory.SharedMemory, or multiprocessing.Array.",
    source="https://docs.python.org/3/library/mmap.html#mmap.mmap",
    documented={"fork": "yes"},
    asked=("TypeError: cannot pickle 'mmap.mmap' object", "share an anonymous mmap between processes"),
)
def anonymous_map(ctx):
    import mmap

    memory = mmap.mmap(-1, 16)
    answer = can_use(ctx, write_to_map, memory)
    if answer.outcome == "yes" and memory[:5] not in (b"child", bytes(5)):
        raise RuntimeError("the parent sees %r" % memory[:5])
    if answer.outcome == "yes" and memory[:5] != b"child":
        return no("the parent does not see what the child wrote")
    return answer


CERTIFICATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "assets", "resources_tls.pem")


def tls_pair():
    """Both ends of a TLS connection within this process, the client's first."""
    from socket import socketpair

    ssl = needed("ssl")
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(CERTIFICATE)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    ends = [
        context.wrap_socket(plain, server_side=context is server, do_handshake_on_connect=False)
        for context, plain in zip((client, server), socketpair())
    ]
    for end in ends:
        end.settimeout(0)
    greeting = list(ends)
    while greeting:  # they answer one another in turn
        for end in list(greeting):
            try:
                end.do_handshake()
                greeting.remove(end)
            except ssl.SSLWantReadError:
                pass
            except RuntimeError as error:  # Pyodide
                raise Unavailable(describe(error)) from error
    for end in ends:
        end.settimeout(LIMIT)
    return ends


@question(
    "Can a child and then its parent send through one TLS connection?",
    why="Each record is protected with its number, and each process counts for itself. The peer rejects the first "
    "record of the second process and ends the connection. Database, HTTP and message queue clients that were "
    "connected before a fork can break like that, often much later.",
    do="Connect in the child: in the worker's initializer, in os.register_at_fork(after_in_child=…), with "
    "SQLAlchemy's engine.dispose(close=False). Under spawn and forkserver a connection cannot be passed at all.",
    source="https://www.rfc-editor.org/rfc/rfc8446#section-5.3",
    asked=(
        "Do two forked children that use one inherited TLS socket/SSLContext connection corrupt it?",
        "ssl.SSLError: [SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] decryption failed or bad record mac",
        "psycopg2.OperationalError: SSL error: decryption failed or bad record mac",
        "SSL SYSCALL error: EOF detected after fork",
        "TypeError: cannot pickle 'SSLSocket' object",
        "TypeError: cannot pickle 'SSLContext' object",
        "requests session in multiprocessing workers",
    ),
)
def tls_connection(ctx):
    client, server = tls_pair()
    with client, server:
        sent = can_use(ctx, sends, client)
        if sent.outcome != "yes":
            return sent
        if server.recv(5) != b"child":
            raise RuntimeError("the child's record did not arrive")
        client.sendall(b"parent")
        try:
            received = server.recv(6)
        except needed("ssl").SSLError as error:
            return no("the child's record arrives, the parent's next one is refused: %s" % (error.reason or error))
    if received != b"parent":
        raise RuntimeError("received %r" % received)
    return yes()


if __name__ == "__main__":
    main()
