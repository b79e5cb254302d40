"""psycopg: a client of PostgreSQL; here a connection to a real server in another process."""

import uuid

from _postgresql import serve as serve_postgresql

NAME = "psycopg"
IMPORTS = ("psycopg",)
REQUIRES = ("psycopg>=3.1", "psycopg-binary>=3.1")
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://www.psycopg.org/psycopg3/docs/basic/usage.html"


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
