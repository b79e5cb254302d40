"""psycopg: a client of PostgreSQL; here a connection to a real server in another process."""

import uuid

from _postgresql import serve as serve_postgresql

NAME = "psycopg"
IMPORTS = ("psycopg",)
REQUIRES = ("psycopg>=3.1", "psycopg-binary>=3.1")
STANCE = "unsafe"
SAYS = "libpq: forking with open connections can have any result, since parent and child share the sockets."
ADDRESS = "https://www.postgresql.org/docs/current/libpq-connect.html"
THREADS = (
    (
        "pgsql: Document that forking while having open libpq connections is not advised",
        "https://www.postgresql.org/message-id/20090528200210.AA99A75331E@cvs.postgresql.org",
    ),
)


def serve(ready):
    serve_postgresql(ready)


def make(address):
    import psycopg

    return psycopg.connect("host=%s user=postgres dbname=postgres connect_timeout=2" % address)


def use(connection):
    word = str(uuid.uuid4())
    with connection.transaction():
        return connection.execute("select %s::text", [word]).fetchone() == (word,)


def close(connection):
    connection.close()
