"""SQLAlchemy on PostgreSQL: an engine with a pool of psycopg's connections to a real server in another process."""

import uuid

from _postgresql import serve as serve_postgresql

NAME = "sqlalchemy-psycopg"
IMPORTS = ("sqlalchemy", "psycopg")
REQUIRES = ("sqlalchemy>=2.0", "psycopg>=3.1", "psycopg-binary>=3.1")
STANCE = "unsafe"
SAYS = "Pooled connections must not be shared with a forked process: call engine.dispose(close=False) in the child."
ADDRESS = "https://docs.sqlalchemy.org/en/20/core/pooling.html#using-connection-pools-with-multiprocessing-or-os-fork"
THREADS = (
    (
        "sharing a session across processing.Process subclass instances breaks with postgresql",
        "https://bitbucket.org/zzzeek/sqlalchemy_old/issues/1156/sharing-a-session-across-processingprocess",
    ),
)


def serve(ready):
    serve_postgresql(ready)


def make(address):
    import sqlalchemy

    return sqlalchemy.create_engine("postgresql+psycopg://postgres@/postgres?connect_timeout=2&host=" + address)


def use(engine):
    import sqlalchemy

    word = str(uuid.uuid4())
    with engine.begin() as connection:
        return connection.execute(sqlalchemy.text("select cast(:word as text)"), {"word": word}).scalar() == word


def close(engine):
    engine.dispose()
